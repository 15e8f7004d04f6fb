package conn

import "sync/atomic"

// An intake is where calls wait to be queued, the last one first. Who starts a command takes no lock for that as a rule: when the answers to
// many have come, many start the next at once, and the reader and the writer need the lock. The one that finds the intake empty sees to it
// that it is emptied: by the writer, if that lets others run, as it takes all in when it goes on.
type intake struct {
	last atomic.Pointer[Call]
	n    atomic.Int32 // how many there are, but for those that come or go right now
}

// intakeDepth is how many calls the writer lets come together at the most. It is relieved then: a scheduler that has hundreds to run lets it
// run after all of them, and the server has nothing to do meanwhile.
const intakeDepth = 256

// submit hands in a call to be queued.
func (c *Conn) submit(k *Call) {
	before := c.intake.last.Load()
	for k.prev = before; !c.intake.last.CompareAndSwap(before, k); k.prev = before {
		before = c.intake.last.Load()
	}
	if deep := c.intake.n.Add(1) == intakeDepth; deep || before == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case !c.yielding:
			c.takeIn()
			c.kick()
		case deep:
			c.yielding = false
			go c.relieve()
		}
	}
}

// takeIn moves all calls from the intake to the queue. The caller holds mu.
func (c *Conn) takeIn() {
	last := c.intake.last.Load()
	if last == nil {
		return
	}
	last = c.intake.last.Swap(nil)
	var first *Call
	n := int32(0)
	for k := last; k != nil; n++ {
		before := k.prev
		k.link = link{next: first}
		first, k = k, before
	}
	c.intake.n.Add(-n)
	for k := first; k != nil; {
		next := k.next
		c.enter(k)
		k = next
	}
	c.changed.Broadcast()
}
