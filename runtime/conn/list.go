package conn

import (
	"iter"
	"sync"
)

// A gate is a sync.Cond that is there only while somebody waits, which hardly ever anybody does. Its methods are called with the lock held.
type gate struct{ cond *sync.Cond }

// Wait waits for Broadcast.
func (g *gate) Wait(lock sync.Locker) {
	if g.cond == nil {
		g.cond = sync.NewCond(lock)
	}
	g.cond.Wait()
}

// Broadcast lets go all who wait.
func (g *gate) Broadcast() {
	if g.cond != nil {
		g.cond.Broadcast()
	}
}

// A link is the place of a call in a list.
type link struct{ prev, next *Call }

// callList is a list through the links of its calls: from the oldest on, with nothing allocated. A call is in two at most: the queue or those
// in flight, and the claims among these.
type callList struct {
	ofClaims   bool
	n          int32
	head, tail *Call
}

func (l *callList) at(k *Call) *link {
	if l.ofClaims {
		return &k.amongClaims
	}
	return &k.link
}

func (l *callList) push(k *Call) {
	*l.at(k) = link{prev: l.tail}
	if l.tail != nil {
		l.at(l.tail).next = k
	} else {
		l.head = k
	}
	l.tail = k
	l.n++
}

// pushFront puts a call before all others.
func (l *callList) pushFront(k *Call) {
	*l.at(k) = link{next: l.head}
	if l.head != nil {
		l.at(l.head).prev = k
	} else {
		l.tail = k
	}
	l.head = k
	l.n++
}

// remove takes out a call that is in the list.
func (l *callList) remove(k *Call) {
	at := *l.at(k)
	if at.prev != nil {
		l.at(at.prev).next = at.next
	} else {
		l.head = at.next
	}
	if at.next != nil {
		l.at(at.next).prev = at.prev
	} else {
		l.tail = at.prev
	}
	*l.at(k) = link{}
	l.n--
}

// all gives the calls, oldest first. The one given may be removed meanwhile.
func (l *callList) all() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		for k := l.head; k != nil; {
			next := l.at(k).next
			if !yield(k) {
				return
			}
			k = next
		}
	}
}

// A tagTable finds calls by their tags. These are numbers that follow one another, so nearly every call has a slot of its own, however long
// some of them last.
type tagTable struct {
	slots []*Call // as many as a power of two
	n     int
}

func (t *tagTable) slot(tag uint32) **Call { return &t.slots[tag&uint32(len(t.slots)-1)] }

// find gives the call with a tag; nil if there is none.
func (t *tagTable) find(tag uint32) *Call {
	if t == nil || t.n == 0 {
		return nil
	}
	k := *t.slot(tag)
	for k != nil && k.tag != tag {
		k = k.sameSlot
	}
	return k
}

func (t *tagTable) add(k *Call) {
	if t.n == len(t.slots) {
		old := t.slots
		t.slots = make([]*Call, max(8, 2*len(old)))
		for _, k := range old {
			for k != nil {
				next := k.sameSlot
				t.put(k)
				k = next
			}
		}
	}
	t.put(k)
	t.n++
}

func (t *tagTable) put(k *Call) {
	at := t.slot(k.tag)
	k.sameSlot, *at = *at, k
}

// remove takes out a call if it is there.
func (t *tagTable) remove(k *Call) {
	if t == nil || t.n == 0 {
		return
	}
	for at := t.slot(k.tag); *at != nil; at = &(*at).sameSlot {
		if *at == k {
			*at, k.sameSlot = k.sameSlot, nil
			t.n--
			return
		}
	}
}

// dropTables gives up the tables of what is in flight if they have nothing in them and have room for more than so many calls. The caller
// holds mu.
func (c *Conn) dropTables(room int) {
	if c.byTag != nil && c.byTag.n == 0 && len(c.byTag.slots) > room {
		c.byTag = nil
	}
	if s := c.spans; s != nil && len(s.several)+len(s.single) == 0 && cap(s.several)+cap(s.single) > room {
		c.spans = nil
	}
}
