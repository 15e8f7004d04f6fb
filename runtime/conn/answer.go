package conn

import (
	"fmt"
	"runtime"

	"github.com/parley-go/parley/runtime/wire"
)

// answersAtOnce is how many tagged answers take effect together at the most. The reader then lets those run that it woke: else the server has
// nothing to do until all that has come is read, and then the client has nothing to do for a round trip.
const answersAtOnce = 128

// An answer is a tagged response that has come.
type answer struct {
	text   []byte // its first line
	tag    []byte
	status StatusResponse
	cond   Condition
	k      *Call // nil: it answers none
}

// answers are those that have come and not taken effect. With many commands in flight many are answered at once. They take effect
// together, under one lock: else those that are told contend for it with the reader when they start the next command.
type answers struct {
	list []answer
	due  []chan struct{} // where calls are told of their end when the reader has let go of mu
}

// gathers keeps a tagged answer until settle, if it can: more has come, and nothing of it is read in another way after this answer.
func (c *Conn) gathers(f *wire.Frame, tag []byte, r Response) bool {
	if len(tag) == 0 || tag[0] == '+' || c.reader.Empty() || c.barred.Load() || c.trace.watched() {
		return false
	}
	a := answer{text: f.Text(), tag: tag}
	if a.status, _ = r.(StatusResponse); a.status == nil {
		return false
	}
	if a.cond = a.status.Condition(); !a.cond.ends() {
		return false
	}
	c.remember(a.text)
	all := &c.answers
	if all.list = append(all.list, a); len(all.list) == answersAtOnce {
		c.settle()
		runtime.Gosched()
	}
	return true
}

// ending tells whether the answer to a call was gathered. The caller holds mu.
func (c *Conn) ending(k *Call) bool {
	for i := range c.answers.list {
		if n, ok := parse(c.tags(), c.answers.list[i].tag); ok && n == k.tag {
			return true
		}
	}
	return false
}

// settleAnswers makes what was gathered take effect.
func (c *Conn) settleAnswers() {
	all := &c.answers
	if len(all.list) == 0 {
		return
	}
	c.mu.Lock()
	for i := range all.list {
		a := &all.list[i]
		a.k = c.addressee(a.tag, a.text)
		if a.k != nil && a.k.spec.barrier() {
			_ = c.endLocked(&Error{cause: neverSent(a.text)}) // when this came it had not been written
		}
		if c.err != nil || a.k != nil && !c.answerToPart(a.k, a.cond) {
			break
		}
		if a.k != nil {
			c.byTag.remove(a.k) // another answer is one too many
			c.learn(a.status, nil)
		}
	}
	ended := c.err != nil
	c.mu.Unlock()
	for i := range all.list {
		if a := &all.list[i]; !ended && a.k != nil && a.k.result != nil {
			a.k.result.Complete(a.cond)
		}
	}
	c.mu.Lock()
	c.settling = true
	for i := range all.list {
		if a := &all.list[i]; c.err == nil && a.k != nil {
			c.concludes(a.k, a.cond)
		}
	}
	c.settling = false
	c.landed()
	c.mu.Unlock()
	for _, waiter := range all.due {
		waiter <- struct{}{}
	}
	clear(all.due)
	clear(all.list)
	all.due, all.list = all.due[:0], all.list[:0]
}

// addressee gives the call that a tag belongs to; nil if there is none, which is told or ends the connection. The caller holds mu, which
// is given up meanwhile.
func (c *Conn) addressee(tag, text []byte) *Call {
	n, ok := parse(c.tags(), tag)
	k := c.byTag.find(n)
	if c.barrier != nil && c.barrier.tag == n {
		k = c.barrier
	}
	switch {
	case !ok || n > c.issued || k != nil && k.phase < phaseBegun:
		_ = c.endLocked(&Error{cause: neverSent(text)})
		return nil
	case k == nil:
		c.mu.Unlock()
		c.deviation("answer to a command that was answered before", firstLine(text))
		c.mu.Lock()
	}
	return k
}

func neverSent(text []byte) error {
	return violation("answer with a tag that was never sent: %s", wire.QuoteText(firstLine(text)))
}

// tagged deals with a tagged answer that takes effect at once.
func (c *Conn) tagged(f *wire.Frame, tag []byte, r Response, err error) {
	c.idles = false
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.addressee(tag, f.Text())
	if k == nil {
		return
	}
	defer c.landed()
	status, ok := r.(StatusResponse)
	var cond Condition
	if ok {
		cond = status.Condition()
	}
	if !cond.ends() {
		// The command has ended, but how cannot be read. After a barrier nothing is certain any more.
		e := &Error{Trace: c.trace.last(), cause: violation("answer cannot be read: %s", wire.QuoteText(line(f))), unknown: true}
		if err != nil {
			e.cause = fmt.Errorf("%w: %w", e.cause, err)
		}
		if k.spec.barrier() || c.part.k == k {
			_ = c.endLocked(e)
			return
		}
		c.land(k)
		c.finish(k, cond, e.of(k))
		return
	}
	if !c.answerToPart(k, cond) {
		return
	}
	if k.spec.Dialog == DialogSASL {
		if err := c.verdict(k, cond.Type == ConditionOK); err != nil {
			_ = c.endLocked(&Error{cause: err})
		}
		if c.err != nil {
			return
		}
	}
	c.answer(k, status, cond)
}

// answer makes a tagged answer take effect and ends the command; the caller holds mu.
func (c *Conn) answer(k *Call, status StatusResponse, cond Condition) {
	spec := k.spec
	before := c.state
	switch {
	case cond.Type == ConditionOK && spec.Next != 0:
		c.state = spec.Next
	case cond.Type == ConditionNO && spec.Else != 0:
		c.state = spec.Else
	}
	if c.state != before {
		c.noIdle = false
	}
	if spec.Switch != SwitchTLS {
		c.learn(status, nil)
	}
	if cond.Type == ConditionOK && spec.identifies() && !c.capsCame {
		c.forget() // another user changes what the server can do (RFC 3501 section 6.2.2)
	}
	c.capsCame = false
	if cond.Type == ConditionOK && spec.Switch != SwitchNone {
		if err := c.upgrade(k); err != nil {
			_ = c.endLocked(&Error{cause: err})
			return
		}
	}
	c.finishes(k, cond)
	if c.err != nil {
		return
	}
	if cond.Type == ConditionOK && spec.Next == StateLogout {
		c.loggedOut(k, cond)
		return
	}
	c.concludes(k, cond)
}

// finishes tells the answer to who started the command. The caller holds mu, which is given up meanwhile.
func (c *Conn) finishes(k *Call, cond Condition) {
	if k.result != nil {
		c.mu.Unlock()
		defer c.mu.Lock()
		k.result.Complete(cond)
	}
}

// concludes ends a command with its tagged answer, unless its octets are still being written: then the writer ends it. The caller holds
// mu.
func (c *Conn) concludes(k *Call, cond Condition) {
	if c.part.k == k {
		early := cond
		c.part.early = &early
		return
	}
	c.conclude(k, cond)
}

// conclude ends a command that was written; the caller holds mu.
func (c *Conn) conclude(k *Call, cond Condition) {
	if k.wants.internal {
		c.ownAnswered(k, cond)
	}
	if cond.Type != ConditionOK && c.again(k, cond) {
		return
	}
	var err error
	switch {
	case cond.Type != ConditionOK:
		e := &Error{Condition: cond, Command: k.spec.Name, Trace: c.trace.last(), login: k.spec.logsIn()}
		if k.spec.Dialog == DialogSASL {
			e.cause, e.login = c.sasl.failed, e.login && !c.sasl.cancelled
		}
		err = e
	case k.moved:
		err = &Error{Command: k.spec.Name, Trace: c.trace.last(), cause: ErrNumbersMoved, unknown: true}
	}
	c.land(k)
	c.finish(k, cond, err)
}

// loggedOut ends the connection after LOGOUT; the caller holds mu.
func (c *Conn) loggedOut(k *Call, cond Condition) {
	c.state = StateLogout
	c.land(k)
	c.finish(k, cond, nil)
	_ = c.endLocked(&Error{cause: fmt.Errorf("logged out: %w", ErrClosed)})
}

// forget drops the capabilities; the caller holds mu.
func (c *Conn) forget() {
	c.caps = Caps{}
	c.setMode()
}
