package conn

import "sync/atomic"

// An intake is where calls wait to be queued, the last one first. Who starts a command takes no lock for that as a rule: when the answers to
// many have come, many start the next at once, and the reader and the writer need the lock. The one that finds the intake empty sees to it
// that it is emptied: by the writer, if that lets others run, as it takes all in when it goes on.
type intake struct{ last atomic.Pointer[Call] }

// intakeDepth is how many calls the writer lets come together at the most. It is relieved then: a scheduler that has hundreds to run lets it
// run after all of them, and the server has nothing to do meanwhile.
const intakeDepth = 256

// depth tells how many calls there are.
func (i *intake) depth() int32 {
	if last := i.last.Load(); last != nil {
		return last.depth
	}
	return 0
}

// submit hands in a call to be queued.
func (c *Conn) submit(k *Call) {
	depth := int32(0)
	for handed := false; !handed; {
		before := c.intake.last.Load()
		depth = 1
		if before != nil {
			depth += before.depth
		}
		k.prev, k.depth = before, depth
		handed = c.intake.last.CompareAndSwap(before, k)
	}
	if depth == 1 || depth == intakeDepth {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case !c.yielding:
			c.takeIn()
			c.kick()
		case depth == intakeDepth:
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
	for k := last; k != nil; {
		before := k.prev
		k.link = link{next: first}
		first, k = k, before
	}
	for k := first; k != nil; {
		next := k.next
		c.enter(k)
		k = next
	}
	c.changed.Broadcast()
}
