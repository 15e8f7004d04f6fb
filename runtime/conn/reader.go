package conn

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/parley-go/parley/runtime/wire"
)

// The reader pauses at this much unread data of one call: more than it hands over at once, so that it does not wait for each run to be
// taken.
const (
	pauseRows   = 4 * runRows
	pauseOctets = 1 << 20
)

// An input is what reading needs while anything comes.
type input struct {
	reader   *wire.Reader
	noted    noted // what it reads
	run      rowRun
	answers  answers
	incoming *Begun // the row that is coming, if it has a body that is not read as a whole
	filling  *body  // whose octets come next
	idles    bool   // an IDLE is in flight, and accepted
}

// read is the reading goroutine: from the greeting to the end of the connection.
func (c *Conn) read() {
	for {
		c.lend()
		if !c.readStep() {
			return
		}
		if c.idles && c.dry() {
			c.rest()
			go c.wake() // the stack of this goroutine has grown with what was decoded, and goes with it
			return
		}
	}
}

// dry tells whether all that has come was read.
func (c *Conn) dry() bool {
	if !c.reader.Empty() || c.base == nil {
		return c.reader.Empty()
	}
	c.base.dry = true
	err := c.reader.Fill() // TLS may have more
	c.base.dry = false
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// wake reads on after a rest. Until something comes it needs hardly any stack.
func (c *Conn) wake() {
	if c.base != nil {
		c.stalls.reading.Store(c.stalls.clock())
		c.base.await()
		c.stalls.reading.Store(0)
	}
	c.reads(c.transport)
	c.idles = true
	c.read()
}

// readStep reads a response, a part of one, or some octets of a body; false ends the reading. It runs on the reading goroutine, or on who
// has borrowed the reader.
func (c *Conn) readStep() bool {
	if c.filling != nil {
		return c.fill(c.filling)
	}
	f, err := c.reader.Next()
	switch {
	case err != nil:
		return c.readFailed(err)
	case f == nil:
		return true // c.large has set c.filling
	}
	return c.handle(f)
}

// readFailed ends the connection, unless the Read was interrupted, or not begun.
func (c *Conn) readFailed(err error) bool {
	if errors.Is(err, errPause) || errors.Is(err, os.ErrDeadlineExceeded) && c.wasInterrupted() {
		return true
	}
	c.settle()
	c.streamEnded(err)
	return false
}

// handle deals with one response; false ends the reading.
func (c *Conn) handle(f *wire.Frame) bool {
	if c.progress != nil {
		c.came()
	}
	dialog := Dialog(c.dialog.Load())
	tag, r, err := c.opts.Codec.Decode(f, dialog)
	begun := c.incoming
	c.incoming = nil
	if begun == nil && err == nil && (c.goesOn(f, tag, r) || c.gathers(f, tag, r)) {
		return true
	}
	c.recall()
	c.traceFrame(f, dialog)
	switch {
	case begun != nil && (begun.k != nil || err != nil || len(tag) > 0):
		c.complete(begun, r, f.Len(), err)
		if err != nil {
			c.deviation("response cannot be read: "+err.Error(), line(f))
		}
	case string(tag) == "+" || err != nil && bytes.HasPrefix(f.Text(), []byte("+")):
		c.settle()
		c.proceed(f, r, err)
	case err != nil && len(tag) == 0:
		c.deviation("response cannot be read: "+err.Error(), line(f))
	case len(tag) == 0:
		if len(c.answers.list) > 0 {
			c.settle()
		}
		c.untagged(f, r, begun)
	default:
		c.settle()
		c.tagged(f, tag, r, err)
	}
	return !c.over.Load()
}

// streamEnded ends the connection when no more can be read.
func (c *Conn) streamEnded(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.barrier; k != nil && c.farewell != nil {
		// Many servers close at once after the BYE that LOGOUT asks for, without a tagged answer.
		c.finishes(k, *c.farewell)
		c.loggedOut(k, *c.farewell)
		return
	}
	_ = c.endLocked(&Error{cause: lost("read", err)})
}

// line gives the first line of a frame, for messages.
func line(f *wire.Frame) string { return firstLine(f.Text()) }

func firstLine(text []byte) string {
	text, _, _ = bytes.Cut(text, []byte("\n"))
	return string(hideURLs(bytes.TrimSuffix(text[:min(len(text), traceLine)], []byte("\r"))))
}

// traceFrame traces a response. In a SASL dialog challenges are as secret as responses.
func (c *Conn) traceFrame(f *wire.Frame, dialog Dialog) {
	if dialog == DialogSASL && bytes.HasPrefix(f.Text(), []byte("+")) {
		c.trace.add(false, []byte("+ "+secretMark))
		return
	}
	c.trace.add(false, f.Text())
}

// learn takes over what a response says about capabilities; the caller holds mu, or is New. What is enabled counts only as the answer of a
// command, k: how names are read depends on it, and nobody but the client decides that (RFC 5161 section 3.2).
func (c *Conn) learn(r Response, k *Call) {
	caps, ok := c.opts.Codec.Capabilities(r)
	if ok {
		c.caps = newCaps(caps, c.opts.Codec)
		c.capsCame = c.barrier != nil
		c.noIdle = false
	}
	var enabled []string
	on := false
	if k != nil {
		enabled, on = c.opts.Codec.Enabled(r)
	}
	if on {
		c.enabled = newCaps(append(slices.Collect(c.enabled.All()), enabled...), nil)
	}
	if ok || on {
		c.setMode()
	}
}

// untagged deals with data. begun has its long bodies, if they are not simply in memory.
func (c *Conn) untagged(f *wire.Frame, r Response, begun *Begun) {
	var cond *Condition
	if s, ok := r.(StatusResponse); ok {
		said := s.Condition()
		cond = &said
	}
	facts := r.Facts()
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	k, index := c.claimant(r, facts, cond)
	if k != nil {
		c.firstData(k)
	}
	rows := k != nil && k.returns[index].Many && !k.returns[index].Collect && k.wants.rows
	if rows {
		c.lonely(k, index)
	}
	if rows && cond == nil && !r.Kind().Event {
		row, held := c.storable(k, r, f, begun)
		c.mu.Unlock()
		c.row(k, row, f.Len(), held)
		return
	}
	c.learn(r, k)
	if r.Kind().Removes {
		c.numbersMoved()
	}
	collects := false
	if k != nil && !rows {
		k.took(f.Len())
		collects = k.result != nil && c.collects(k, f.Len())
	}
	c.mu.Unlock()
	c.settle()
	if c.opts.Observe != nil {
		c.opts.Observe(r, k)
	}
	if collects {
		k.result.Collect(r)
	}
	if rows {
		c.row(k, r, f.Len(), rowOctets(f))
	}
	if news, bye := k == nil || r.Kind().Event, cond != nil && cond.Type == ConditionBYE; news || bye {
		c.mu.Lock()
		defer c.mu.Unlock()
		if news {
			c.publish(r, f.Len())
		}
		if bye {
			c.bye(*cond)
		}
	}
}

// collects tells whether data is still collected for a call: not if it was cancelled, unless its answer still takes effect, and not if
// there is no end of it: then the connection has ended. The caller holds mu, which is given up then.
func (c *Conn) collects(k *Call, octets int64) bool {
	if k.abandoned && !k.spec.barrier() {
		return false
	}
	if k.gathered += octets + perResponse; k.gathered <= c.opts.Limits.Result {
		return true
	}
	_ = c.endLocked(&Error{cause: fmt.Errorf("%s: %w: %w", k.spec.Name, ErrProtocol, &wire.LimitError{What: "result", Limit: c.opts.Limits.Result})})
	return false
}

// perResponse is what a response that is kept costs besides its octets, as Limits.Result has it.
const perResponse = 128

// drop counts what comes for a call that was cancelled; it gives true, and the connection has ended, if that is too much. The caller holds
// mu.
func (c *Conn) drop(k *Call, octets int64) bool {
	if !k.abandoned {
		return false
	}
	if k.drained += octets; k.drained <= c.opts.DrainLimit {
		return false
	}
	_ = c.endLocked(&Error{cause: fmt.Errorf("%s was cancelled and its data does not end: %w", k.spec.Name, ErrClosed)})
	return true
}

// alone tells whether nothing but the consumer of the rows of k needs the connection. The caller holds mu. It does not ask whether the
// writer is still at work: k is all that is in flight, so what the writer may not have seen the end of is k, which the server has read to
// answer it.
func (c *Conn) alone(k *Call) bool {
	return c.err == nil && !c.mute && c.flying.n == 1 && c.queue.n == 0 && k.phase == phaseSent && len(c.subs) == 0 &&
		!k.awaited && !k.abandoned && !k.stopped
}

// bye deals with the server's leave; the caller holds mu. It is what LOGOUT asks for; else the connection has ended.
func (c *Conn) bye(cond Condition) {
	if k := c.barrier; k != nil && k.spec.Next == StateLogout && k.phase == phaseSent {
		c.farewell = &cond
		return
	}
	_ = c.endLocked(&Error{Condition: cond, cause: ErrConnectionLost})
}
