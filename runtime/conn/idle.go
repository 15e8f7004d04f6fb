package conn

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// HoldIdle makes the connection idle while it has nothing else to do, so that the server can tell what is new: by IDLE, which yields
// to any command and is begun again IdleDelay after the last one, or where IDLE is not to be had by a Noop every PollInterval. It
// lasts until all who hold it have called release, which may be called more than once.
func (c *Conn) HoldIdle() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++
	c.rearm()
	released := false
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if released {
			return
		}
		released = true
		c.held--
		c.rearm()
		c.kick() // an IDLE that nobody holds ends
	}
}

// idling tells whether the server has accepted an IDLE that has not ended. The caller holds mu.
func (c *Conn) idling() bool {
	return c.part.k != nil && c.part.k.spec.Dialog == DialogIdle && c.part.open
}

// rest gives back what makes commands fast and what an idle connection, of which there may be thousands, does not need. It is called by
// the reader.
func (c *Conn) rest() {
	c.settle()
	c.reader.Release()
	c.input = nil
	c.opts.Codec.Rest()
	c.spares.Store(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trace.rest()
	c.watches.dropSpare()
	if len(c.watches.by) == 0 {
		c.watches.by = nil
	}
	c.dropTables(0)
	c.changed, c.arrived = gate{}, gate{}
	c.restWriter()
}

// restWriter is rest for what is the writer's; while it is at work, that calls it at its end. The caller holds mu.
func (c *Conn) restWriter() {
	if c.box == nil || c.writing || !c.idling() {
		return
	}
	p := &c.part
	p.pieces = slices.Clone(p.pieces)
	for i := range p.pieces {
		p.pieces[i].Octets = bytes.Clone(p.pieces[i].Octets)
	}
	c.box = nil
	c.disarm()
}

// idleEnds tells whether an IDLE is to go on to its DONE. The caller holds mu.
func (c *Conn) idleEnds(k *Call) bool {
	return c.queue.n > 0 || k.abandoned || k.wants.internal && (c.idleOver || c.held == 0)
}

// rearm sets the timer for what comes next if nothing else happens. It is called with mu held whenever that may have changed.
func (c *Conn) rearm() {
	quiet := c.flying.n == 0 && c.queue.n == 0
	switch {
	case c.err != nil || c.held == 0:
		c.timer.Stop()
	case c.idling():
		c.timer.Reset(time.Duration(c.due - c.stalls.clock()))
	case quiet && c.canIdle():
		c.wait(c.opts.IdleDelay)
	case quiet && c.opts.Noop != nil:
		c.wait(jitter(c.opts.PollInterval))
	default:
		c.timer.Stop()
	}
}

// jitter leaves out up to a tenth of an interval.
func jitter(d time.Duration) time.Duration { return d - rand.N(d/10+1) }

func (c *Conn) wait(d time.Duration) {
	c.due = c.stalls.clock() + int64(d)
	c.timer.Reset(d)
}

// canIdle tells whether the server takes IDLE now. The caller holds mu.
func (c *Conn) canIdle() bool {
	return c.opts.Idle != nil && !c.noIdle && c.judge(c.opts.Idle.Spec()) == nil
}

// tick runs when the timer does.
func (c *Conn) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil || c.held == 0 || c.stalls.clock() < c.due:
	case c.idling():
		c.idleOver = true
		c.kick()
	case c.flying.n == 0 && c.queue.n == 0:
		c.idle()
	}
}

// idle begins to wait for news. The caller holds mu.
func (c *Conn) idle() {
	cmd := c.opts.Noop
	if c.canIdle() {
		cmd = c.opts.Idle
	}
	if cmd == nil || cmd.Spec().In&c.state == 0 || c.opts.Idle != nil && c.opts.Idle.Spec().In&c.state == 0 {
		return
	}
	c.enqueue(c.newCall(context.Background(), cmd, CallOptions{internal: true}))
}

// ownAnswered deals with the answer to an IDLE of the connection's own; the caller holds mu.
func (c *Conn) ownAnswered(k *Call, cond Condition) {
	if k.spec.Dialog != DialogIdle {
		return
	}
	if cond.Type != ConditionOK || !k.opened {
		c.noIdle = true // until the state or the capabilities change; Noop takes its place
	}
}
