package conn

import (
	"context"
	"fmt"
	"time"
)

// CallOptions say what becomes of the answers to one command. The zero value keeps nothing but the tagged answer.
type CallOptions struct {
	// Rows queues the data of Return.Many for Next.
	Rows bool
	// Collect takes the other data that answers the command; without Rows, all of it. It runs on the reader.
	Collect func(Response)
	// Check runs when the command is admitted to the wire, before an octet of it is written, and nothing that could
	// change the mailbox is admitted before the command. Its error fails the command. It runs on the writer.
	Check func() error
	// Finish is told the tagged answer, before anything after it is read. It runs on the reader, also when the command was
	// cancelled meanwhile: a SELECT that nobody waits for still selects.
	Finish func(Condition)
	// SASL answers the challenges of DialogSASL.
	SASL SASL
	// Upgrade makes the TLS connection of SwitchTLS; it returns when the handshake is done. It runs on the reader.
	Upgrade Upgrade

	internal bool // an IDLE or NOOP of the connection's own
}

// phase is how far a command has come.
type phase uint8

const (
	phaseQueued   phase = iota // nothing of it is written, and nothing will be if it is cancelled now
	phaseAdmitted              // it has a tag and is being encoded
	phaseBegun                 // a part is with the transport, or about to be; the server may refuse it
	phaseSent                  // all is
)

// A Call is a command that was started. Its methods may be called from any goroutine, Next from one at a time.
type Call struct {
	conn    *Conn
	cmd     Command
	spec    *Spec
	returns []Return // of the spec those that this value of the command asks for, and those of extensions
	scope   Scope
	opts    CallOptions
	ctx     context.Context
	done    chan struct{}

	// Set once, by Start.
	byNumber   bool
	mayExpunge bool
	bounds     bounds // of scope.Set, to tell most sets apart at a glance

	// Guarded by conn.mu.
	phase     phase
	tag       uint32
	links     [2]link
	unhook    func() bool // from context.AfterFunc
	ended     bool        // cond and err are final
	released  bool        // done is closed; later than ended only while the source is being read
	cond      Condition
	err       error
	answer    *Condition // the tagged answer that came before the command was written to its end
	abandoned bool       // cancelled after the write: what still comes is dropped
	stopped   bool       // no more rows are wanted
	awaited   bool       // somebody waits for the end and perhaps not for rows
	opened    bool       // the server has answered an IDLE with "+"
	callbacks []func()
	rows      []Response
	octets    int64 // of rows, as they came
	drained   int64 // octets of rows that were dropped
	wake      chan struct{}
	answered  answered
	saslErr   error

	// Only Next.
	batch []Response
	at    int
}

// Command gives what was started.
func (k *Call) Command() Command { return k.cmd }

// Done is closed when the command has ended.
func (k *Call) Done() <-chan struct{} {
	k.await()
	return k.done
}

// Wait waits for the end of the command. The error is a *Error if the server said NO or BAD, if the connection ended, if the
// command could not be sent or if the context of Start ended. If ctx ends first, only this wait ends, with the error of ctx.
func (k *Call) Wait(ctx context.Context) (Condition, error) {
	select {
	case <-k.done:
		return k.cond, k.err
	default:
	}
	k.await()
	select {
	case <-k.done:
		return k.cond, k.err
	case <-ctx.Done():
		if err := k.overdue(ctx); err != nil {
			return Condition{}, err
		}
		<-k.done
		return k.cond, k.err
	}
}

// overdue deals with the end of the context of a wait. If that of the command has ended too, it is the command that ended
// (nil): its error says whether the command was sent.
func (k *Call) overdue(ctx context.Context) error {
	if k.ctx.Err() == nil {
		return fmt.Errorf("wait for %s: %w", k.spec.Name, cancelled(ctx))
	}
	k.conn.cancel(k)
	return nil
}

// OnDone runs f on a goroutine of its own when the command has ended.
func (k *Call) OnDone(f func()) {
	c := k.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	k.awaited = true
	c.changed.Broadcast()
	select {
	case <-k.done:
		go f()
	default:
		k.callbacks = append(k.callbacks, f)
	}
}

// await says that the end of the command is waited for, so that the reader must not pause for its rows.
func (k *Call) await() {
	if !k.opts.Rows {
		return
	}
	k.conn.mu.Lock()
	k.awaited = true
	k.conn.changed.Broadcast()
	k.conn.mu.Unlock()
}

// Next gives the next row of a call with CallOptions.Rows. After the last one it gives nil and the error of the command, nil if it
// was answered with OK. If ctx ends first, it gives the error of ctx.
func (k *Call) Next(ctx context.Context) (Response, error) {
	for {
		if k.at < len(k.batch) {
			r := k.batch[k.at]
			k.batch[k.at] = nil
			k.at++
			return r, nil
		}
		more, err := k.take()
		if !more || err != nil {
			return nil, err
		}
		if k.at < len(k.batch) {
			continue
		}
		select {
		case <-k.wake:
		case <-k.done:
		case <-ctx.Done():
			if err := k.overdue(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// take moves all rows that are there to the consumer, under one lock for all of them. more is false after the last row.
func (k *Call) take() (more bool, err error) {
	c := k.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(k.rows) > 0 {
		k.batch, k.rows, k.at = k.rows, k.batch[:0], 0
		k.octets = 0
		c.changed.Broadcast()
		return true, nil
	}
	k.batch, k.at = k.batch[:0], 0
	if k.stopped {
		return false, nil
	}
	return !k.ended, k.err
}

// Stop says that no more rows are wanted; those that still come are dropped. The command goes on to its end.
func (k *Call) Stop() {
	c := k.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	k.stopped = true
	k.rows, k.octets = nil, 0
	c.changed.Broadcast()
	wake(k.wake)
}

// wake leaves a token in a channel of capacity 1. A nil channel has nobody to wake.
func wake(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// newCall makes a call that is not queued yet.
func (c *Conn) newCall(ctx context.Context, cmd Command, o CallOptions) *Call {
	k := &Call{conn: c, cmd: cmd, spec: cmd.Spec(), scope: cmd.Scope(), opts: o, ctx: ctx, done: make(chan struct{})}
	k.returns = c.returns(k.spec, &k.scope)
	k.byNumber = k.scope.ByNumber
	k.mayExpunge = !k.spec.KeepsNumbers || k.scope.UID || !k.byNumber
	k.bounds = boundsOf(k.scope.Set)
	if o.Rows {
		k.wake = make(chan struct{}, 1)
	}
	return k
}

// Start queues a command and returns at once; it never waits for the network. The command is sent as soon as it is its turn and
// nothing in flight forbids it (see the package comment).
//
// ctx governs the command until it has ended. If it ends before the command is admitted to the wire, nothing is sent. After that the
// call ends at once with an error that matches both that of ctx and ErrOutcomeUnknown; the connection lives on and drops the
// answers. Only a literal from a Source that was sent in part cannot be taken back: then the connection closes.
func (c *Conn) Start(ctx context.Context, cmd Command, o CallOptions) *Call {
	o.internal = false
	k := c.newCall(ctx, cmd, o)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		c.finish(k, Condition{}, c.err.of(k))
	case ctx.Err() != nil:
		c.finish(k, Condition{}, &Error{Command: k.spec.Name, cause: cancelled(ctx)})
	default:
		if ctx.Done() != nil {
			k.unhook = context.AfterFunc(ctx, func() { c.cancel(k) })
		}
		c.enqueue(k)
	}
	return k
}

// enqueue puts a call at the end of the queue. The caller holds mu.
func (c *Conn) enqueue(k *Call) {
	c.queue.push(k)
	c.changed.Broadcast()
	c.kick()
}

// finish ends a call once; the caller holds mu. The call may stay in flight until its answer comes.
func (c *Conn) finish(k *Call, cond Condition, err error) {
	if k.ended {
		return
	}
	k.ended, k.cond, k.err = true, cond, err
	if k.unhook != nil {
		k.unhook()
	}
	if c.reading == k {
		// Its source is being read: the writer releases the call when the Read returns.
		time.AfterFunc(sourceGrace, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.release(k)
		})
		return
	}
	c.release(k)
}

// release lets go all who wait for a call that has ended. The caller holds mu.
func (c *Conn) release(k *Call) {
	if k.released {
		return
	}
	k.released = true
	close(k.done)
	for _, f := range k.callbacks {
		go f()
	}
	k.callbacks = nil
	c.changed.Broadcast()
}

// cancel ends a call whose context has ended.
func (c *Conn) cancel(k *Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k.ended {
		return
	}
	if k.phase == phaseQueued {
		c.queue.remove(k)
		c.finish(k, Condition{}, &Error{Command: k.spec.Name, cause: cancelled(k.ctx)})
		c.stuck = false // it may have been what the queue waited for
		c.kick()
		return
	}
	k.abandoned = true
	k.rows, k.octets = nil, 0
	c.finish(k, Condition{}, &Error{Command: k.spec.Name, Trace: c.trace.last(), cause: cancelled(k.ctx), unknown: k.phase >= phaseBegun})
	if c.part.k == k && c.part.inSource {
		c.endLocked(&Error{cause: fmt.Errorf("%s was cancelled within its literal: %w", k.spec.Name, ErrClosed)})
		return
	}
	c.kick()
}
