package conn

import "context"

// A watch finds out when the context of calls ends. All calls whose contexts end together share one, and the last one is kept for those
// that come: thousands of commands mostly have the same context, and context.AfterFunc costs more than a command.
type watch struct {
	ended  <-chan struct{}
	stop   func() bool
	calls  int  // that it is for
	shared bool // there was more than one
}

// watches are those of a connection, by the channel that tells of the end.
type watches struct {
	by    map[<-chan struct{}]*watch
	spare *watch          // for no call right now
	last  <-chan struct{} // what the last call had that has ended
	hot   *watch          // that of the last call
}

// watch begins to look after the context of a call. The caller holds mu.
func (c *Conn) watch(k *Call) {
	ended, all := k.ctx.Done(), &c.watches
	if ended == nil {
		return
	}
	w := all.hot
	if w == nil || w.ended != ended {
		w = all.by[ended]
	}
	if w == nil {
		w = &watch{ended: ended, shared: ended == all.last}
		w.stop = context.AfterFunc(k.ctx, func() { c.cancelAll(ended) })
		if all.by == nil {
			all.by = map[<-chan struct{}]*watch{}
		}
		all.by[ended] = w
	} else {
		w.shared = true
	}
	w.calls++
	k.watch, all.hot = w, w
}

// unwatch says that a call has ended. The caller holds mu.
func (c *Conn) unwatch(k *Call) {
	w, all := k.watch, &c.watches
	if w == nil {
		return
	}
	k.watch = nil
	all.last = w.ended
	switch w.calls--; {
	case w.calls > 0 || w == all.spare:
	case !w.shared || c.err != nil:
		all.drop(w)
	default:
		all.dropSpare()
		all.spare = w
	}
}

func (s *watches) drop(w *watch) {
	w.stop()
	delete(s.by, w.ended)
	if s.hot == w {
		s.hot = nil
	}
}

func (s *watches) dropSpare() {
	if w := s.spare; w != nil && w.calls == 0 {
		s.drop(w)
	}
	s.spare = nil
}

// cancelAll cancels the calls of a context that has ended. Start takes no more of them.
func (c *Conn) cancelAll(ended <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var calls []*Call
	for _, l := range []*callList{&c.queue, &c.flying} {
		for k := range l.all() {
			if k.watch != nil && k.watch.ended == ended {
				calls = append(calls, k)
			}
		}
	}
	for _, k := range calls {
		c.cancelLocked(k) // may give up mu for a moment
	}
	if w := c.watches.by[ended]; w != nil {
		if w == c.watches.spare {
			c.watches.spare = nil
		}
		c.watches.drop(w)
	}
}
