package conn

import "sync"

// spares are what calls have left for later ones. With a thousand commands in flight it is what they allocate that costs, and the more the
// garbage collector runs, the more often it looks through the stacks of all who wait.
type spares struct {
	tokens  sync.Pool // channels, see token
	calls   sync.Pool // without a claim
	claimed sync.Pool // calls with one
}

// leave gives the spares to add to.
func (c *Conn) leave() *spares {
	s := c.spares.Load()
	if s == nil {
		if s = new(spares); !c.spares.CompareAndSwap(nil, s) {
			return c.leave()
		}
	}
	return s
}

// token gives an empty channel of capacity 1.
func (c *Conn) token() chan struct{} {
	if s := c.spares.Load(); s != nil {
		if ch, ok := s.tokens.Get().(chan struct{}); ok {
			return ch
		}
	}
	return make(chan struct{}, 1)
}

// spareToken takes back an empty channel that token gave.
func (c *Conn) spareToken(ch chan struct{}) { c.leave().tokens.Put(ch) }

// emptyCall gives an empty call, with what else it needs in the same piece of memory. If it was freed, it has its waiter.
func (c *Conn) emptyCall(claims, rows bool) *Call {
	if s := c.spares.Load(); s != nil && !rows {
		from := &s.calls
		if claims {
			from = &s.claimed
		}
		if k, ok := from.Get().(*Call); ok {
			return k
		}
	}
	return allocate(claims, rows)
}

// allocate gives an empty call, with what else it needs in the same piece of memory.
func allocate(claims, rows bool) *Call {
	switch {
	case rows:
		k := new(struct {
			Call
			claim
			rowQueue
		})
		k.Call.rowQueue = &k.rowQueue
		if claims {
			k.Call.claim = &k.claim
		}
		return &k.Call
	case claims:
		k := new(struct {
			Call
			claim
		})
		k.Call.claim = &k.claim
		return &k.Call
	}
	return new(Call)
}

// free gives up a call that the tagged answer has ended: nothing else of the connection has it then, and the caller is the one that it has
// told so. The last to use it is release; with progress, which few want, the writer may come after that.
func (k *Call) free() {
	if k.rowQueue != nil || k.told != nil {
		return
	}
	s := k.conn.leave()
	to, claimed := &s.calls, k.claim
	if claimed != nil {
		to, *claimed = &s.claimed, claim{}
	}
	*k = Call{waiter: k.waiter, claim: claimed}
	to.Put(k)
}
