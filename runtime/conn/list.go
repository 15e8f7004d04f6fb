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

// A call is in two lists at most: the queue or those in flight, and of the latter those that others must be compared with.
const (
	listMain = iota
	listClaims
)

type link struct{ prev, next *Call }

// callList is a list through the links of its calls: from the oldest on, with nothing allocated.
type callList struct {
	id, n      int32
	head, tail *Call
}

func (l *callList) push(k *Call) {
	k.links[l.id] = link{prev: l.tail}
	if l.tail != nil {
		l.tail.links[l.id].next = k
	} else {
		l.head = k
	}
	l.tail = k
	l.n++
}

// pushFront puts a call before all others.
func (l *callList) pushFront(k *Call) {
	k.links[l.id] = link{next: l.head}
	if l.head != nil {
		l.head.links[l.id].prev = k
	} else {
		l.tail = k
	}
	l.head = k
	l.n++
}

// remove takes out a call that is in the list.
func (l *callList) remove(k *Call) {
	at := k.links[l.id]
	if at.prev != nil {
		at.prev.links[l.id].next = at.next
	} else {
		l.head = at.next
	}
	if at.next != nil {
		at.next.links[l.id].prev = at.prev
	} else {
		l.tail = at.prev
	}
	k.links[l.id] = link{}
	l.n--
}

// all gives the calls, oldest first. The one given may be removed meanwhile.
func (l *callList) all() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		for k := l.head; k != nil; {
			next := k.links[l.id].next
			if !yield(k) {
				return
			}
			k = next
		}
	}
}
