package conn

import (
	"errors"
	"fmt"

	"github.com/parley-go/parley/runtime/wire"
)

// blocked tells whether a command must wait for something in flight: RFC 3501 and 9051 section 5.5 forbid what would be ambiguous.
// The caller holds mu.
func (c *Conn) blocked(k *Call) bool {
	switch {
	case c.flying.n == 0:
		return false
	case c.barrier != nil, k.spec.barrier():
		return true
	case k.byNumber && c.expunging > 0, k.mayExpunge && c.numbered > 0:
		return true
	}
	return k.compared() && c.spans.disturb(k)
}

// compared tells whether there is anything about a command but its numbers that could make it ambiguous beside another.
func (k *Call) compared() bool {
	return k.claim != nil
}

// ambiguous tells whether a command would disturb one that was sent before: one writes flags that the other reads or writes, the later
// one changes what "$" is to the earlier, or both could claim the same data with nothing to tell them apart.
func ambiguous(a, b *Call) bool {
	apart := disjoint(a, b)
	ordered := a.scope.Saves && b.scope.UsesSaved && !a.replaced // by the server (RFC 5182 section 2.3)
	if a.scope.UsesSaved && b.scope.Saves && !ordered {
		return true
	}
	if !apart && !ordered && (a.writes && (b.reads || b.writes) || a.reads && b.writes) {
		return true
	}
	for i := range a.returns {
		x := &a.returns[i]
		for j := range b.returns {
			if y := &b.returns[j]; a.asks(x) && b.asks(y) && sameData(a, b, x, y, apart) {
				return true
			}
		}
	}
	return false
}

func sameData(a, b *Call, x, y *Return, apart bool) bool {
	switch {
	case x.Kind == nil || x.Kind != y.Kind: // a code comes with the tagged answer
		return false
	case x.Tag && y.Tag:
		return false
	case x.Key && y.Key && !sameKey(a.scope.Key, b.scope.Key):
		return false
	case x.Set && y.Set && (apart || a.scope.Items != 0 && b.scope.Items != 0 && a.scope.Items&b.scope.Items == 0):
		return false
	}
	return true
}

// judge tells why a command cannot be sent at all, nil if it can. It is asked when the command is admitted: what is in flight before
// it may change state and capabilities. The caller holds mu.
func (c *Conn) judge(s *Spec) error {
	if s.In&c.state == 0 {
		return fmt.Errorf("%w: the connection is %s, the command is for %s", ErrState, c.state, s.In)
	}
	if s.Switch != SwitchNone && s.Switch <= c.switched {
		return fmt.Errorf("%w: TLS comes before compression, and each at most once", ErrState)
	}
	if len(s.Needs)+len(s.Unless) > 0 && !c.caps.Known() {
		return fmt.Errorf("%w: they are not known yet, CAPABILITY asks for them", ErrCapability)
	}
	for _, name := range s.Needs {
		if !c.caps.Has(name) {
			return fmt.Errorf("%w: %s is not advertised", ErrCapability, name)
		}
	}
	for _, name := range s.Unless {
		if c.caps.Has(name) {
			return fmt.Errorf("%w: %s is advertised", ErrCapability, name)
		}
	}
	return nil
}

// fly puts an admitted command in flight; the caller holds mu.
func (c *Conn) fly(k *Call) {
	k.phase = phaseAdmitted
	c.issued++
	k.tag = c.issued
	if k.scope.Saves || k.scope.UsesSaved {
		c.noteSaved(k)
	}
	c.flying.push(k)
	if k.compared() {
		c.claims.push(k)
		c.claimed.Add(1)
		if c.spans == nil {
			c.spans = &spans{about: map[uint32]int32{}}
		}
		c.spans.add(k)
	}
	if k.spec.barrier() {
		c.barrier, c.capsCame = k, false
		c.barred.Store(true)
	} else {
		if c.byTag == nil {
			c.byTag = new(tagTable)
		}
		c.byTag.add(k)
	}
	if k.byNumber {
		c.numbered++
	}
	if k.mayExpunge {
		c.expunging++
	}
	if k.spec.Dialog == DialogSASL {
		c.dialog.Store(uint32(DialogSASL))
		c.sasl = new(dialogue)
	}
}

// noteSaved tells those in flight that save "$" of a command about it behind them. The caller holds mu.
func (c *Conn) noteSaved(k *Call) {
	for s := c.claims.head; s != nil; s = s.amongClaims.next {
		if s.scope.Saves {
			s.followed, s.replaced = true, s.replaced || !k.scope.UsesSaved
		}
	}
	k.followed, k.replaced = k.scope.Saves && k.scope.UsesSaved, false
}

// land takes a command out of flight. The caller holds mu, and calls landed.
func (c *Conn) land(k *Call) {
	c.byTag.remove(k)
	c.flying.remove(k)
	if k.compared() {
		c.claims.remove(k)
		c.claimed.Add(1)
		c.spans.remove(k)
	}
	if c.borrower.Load() == k {
		c.borrower.Store(nil)
	}
	if c.barrier == k {
		c.barrier = nil
		c.barred.Store(false)
		c.sasl = nil
		c.dialog.Store(uint32(DialogNone))
	}
	if k.byNumber {
		c.numbered--
	}
	if k.mayExpunge {
		c.expunging--
	}
	if c.flying.n == 0 {
		c.dropTables(smallCrowd)
		if !c.writing && c.box != nil {
			c.box.trim()
		}
	}
}

// landed lets go on what may have waited for commands that are not in flight any more. The caller holds mu.
func (c *Conn) landed() {
	c.stuck = false
	c.rearm()
	c.kick()
}

// again puts a command that was refused before all others that wait, if it is Persistent and wants that. One that saves its result does
// not go again if a command about "$" was sent behind it, or if it is one: to those "$" is empty after the refusal (RFC 5182 section 2.1), and
// what a later one saves counts. The caller holds mu.
func (c *Conn) again(k *Call, cond Condition) bool {
	p, ok := k.cmd.(Persistent)
	if !ok || k.ended || !p.Again(cond) || k.claim != nil && k.followed {
		return false
	}
	c.land(k)
	k.phase = phaseQueued
	if k.claim != nil {
		k.singles, k.answered = 0, answered{}
	}
	c.queue.pushFront(k)
	return true
}

// admit moves commands from the queue to the wire: all that may go now, in one write. It is called by the writer with mu held; it
// gives false, mu still held, if there was nothing to write, else true, without mu.
func (c *Conn) admit() bool {
	for c.err == nil && c.part.k == nil && len(c.box.out) < batchOctets {
		k := c.queue.head
		if k == nil {
			break
		}
		if k.wants.internal && (c.queue.n > 1 || c.held == 0) {
			c.queue.remove(k) // something to do came in time, or nobody waits for news any more
			continue
		}
		if c.stuck = c.blocked(k); c.stuck {
			break
		}
		c.queue.remove(k)
		if err := c.judge(k.spec); err != nil {
			c.finish(k, Condition{}, &Error{Command: k.spec.Name, cause: err})
			continue
		}
		c.fly(k)
		mode := c.mode
		c.mu.Unlock()
		pieces, err := c.encode(k, mode)
		c.mu.Lock()
		if err != nil || k.ended {
			c.land(k)
			c.landed()
			c.finish(k, Condition{}, &Error{Command: k.spec.Name, cause: err})
			continue
		}
		c.begin(k, pieces)
	}
	if len(c.box.out) == 0 || c.err != nil {
		return false
	}
	c.flush()
	return true
}

// encode writes a command into the encoder. It is called by the writer, without mu.
func (c *Conn) encode(k *Call, mode wire.Mode) ([]wire.Piece, error) {
	if k.check != nil {
		if err := k.check(k); err != nil {
			return nil, err
		}
	}
	e := &c.box.encoder
	e.Begin(mode)
	c.tags().append(e, k.tag)
	e.SP()
	err := k.cmd.AppendIMAP(e)
	if e.CRLF(); err == nil {
		err = e.Err()
	}
	if err != nil {
		return nil, unsendable(err)
	}
	c.box.pieces = c.box.pieces[:0]
	for p := range e.Pieces() {
		c.box.pieces = append(c.box.pieces, p)
	}
	return c.box.pieces, nil
}

// unsendable gives the error of a command that could not be encoded.
func unsendable(err error) error {
	var argument *wire.ArgumentError
	if errors.As(err, &argument) && argument.Capability != "" {
		return fmt.Errorf("%w: %w", ErrCapability, err)
	}
	return err
}
