package conn

import (
	"context"
	"errors"
	"io"
	"sort"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/runtime/wire"
)

// This file is how the users of the model read rows and bodies, and how long that may take. Some answers are so long that who reads them
// borrows the reader (lend.go), or that the reader pauses; meanwhile others need the connection, the call is given up, the connection is
// closed, or the server says nothing.

// soon is how long may take what need not wait for the server: the codec is slow now and then.
const soon = time.Millisecond

func (w *world) now() int64 { return int64(time.Since(w.born)) + 1 }

// op gives the command with a label.
func (w *world) op(label int) *op {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started[label-1]
}

// giveUp ends the context of a call, or its rows.
func (o *op) giveUp(rows bool) {
	o.quit.Store(true)
	if rows {
		o.stopped.CompareAndSwap(0, o.w.now())
		o.call.Stop()
	} else {
		o.cancelled.CompareAndSwap(0, o.w.now())
		o.cancel()
	}
}

// close closes the connection in the midst of everything.
func (w *world) close() {
	w.closed.Store(w.now())
	assert.NoError(w.t, w.c.Close())
}

// rows reads the rows of a command: perhaps not all of them, perhaps with other commands between.
func (u *user) rows(o *op) {
	restless := 40
	if u.long && u.random.IntN(4) > 0 {
		restless = 1500
	}
	if u.long && u.random.IntN(3) == 0 {
		rows := u.random.IntN(2) == 0
		defer time.AfterFunc(time.Duration(u.random.IntN(8000))*time.Microsecond, func() { o.giveUp(rows) }).Stop()
	}
	if u.long && u.random.IntN(3) == 0 {
		u.dawdle()
	}
	for {
		r, err := u.nextRow(o)
		if r == nil || err != nil {
			return
		}
		assert.NotEqual(u.t, kindVanished, r.Kind(), "it is for the result of %q, and no row", o.text)
		u.give(r, o)
		switch row := r.(type) {
		case *Begun:
			u.begun(o, row)
		case *data:
			for _, b := range row.bodies {
				u.body(o, b, b.Size())
			}
		}
		switch u.random.IntN(restless) {
		case 0:
			o.giveUp(true)
			return
		case 1:
			o.giveUp(false)
		case 2:
			between := u.next(false)
			u.begin(between)
			u.end(between)
		case 3:
			if u.long {
				u.dawdle()
			}
		case 4:
			if u.long {
				s := u.c.Subscribe(0)
				time.Sleep(time.Duration(u.random.IntN(100)) * time.Microsecond)
				s.Close()
			}
		}
	}
}

// dawdle leaves what comes unread, as a rule for longer than the server is silent.
func (u *user) dawdle() { time.Sleep(time.Duration(u.random.IntN(8)) * soon) }

// nextRow waits for a row: as a rule with a context that cannot end, as client does, for only then the reader can be borrowed.
func (u *user) nextRow(o *op) (Response, error) {
	for {
		ctx, limit, since := context.Background(), int64(0), u.now()
		cancel := func() {}
		switch n := u.random.IntN(40); {
		case n == 0:
			limit = since + int64(soon)/4
			ctx, cancel = context.WithTimeout(ctx, soon/4)
		case n < 4:
			ctx = u.t.Context()
		}
		r, err := o.call.Next(ctx)
		cancel()
		u.prompt(o, since, true)
		if n, ok := serial(r); ok {
			u.waited(modelWait{serial: n, since: since})
		}
		if limit == 0 || !errors.Is(err, context.DeadlineExceeded) || o.ctx.Err() != nil {
			return r, err
		}
		assert.Less(u.t, time.Duration(u.now()-limit), soon, "a wait for %q went on after its end", o.text)
	}
}

// prompt checks that a wait since then for a row, or for the end of a call, was over with the call.
func (u *user) prompt(o *op, since int64, row bool) {
	check := func(end int64, why string) {
		if late := time.Duration(u.now() - max(since, end)); end > 0 && late >= soon {
			assert.Fail(u.t, "too late", "%q was waited for until %v after %s", o.text, late, why)
		}
	}
	check(o.cancelled.Load(), "the end of its context")
	check(u.closed.Load(), "Close")
	if row {
		check(o.stopped.Load(), "Stop")
	}
}

// A modelWait is a wait for a row or for a tagged answer.
type modelWait struct {
	serial, label int // label is 0 for a row
	since, until  int64
}

// waited notes a wait that was long.
func (w *world) waited(x modelWait) {
	if x.until = w.now(); time.Duration(x.until-x.since) > soon {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waits = append(w.waits, x)
	}
}

// checkWaits: who waits for what has come has it soon, whatever is to come behind it.
func (w *world) checkWaits() {
	s := w.server
	for _, x := range w.waits {
		n := x.serial
		if x.label > 0 {
			n = s.commands[x.label].to
		}
		end := s.log[n].end
		i := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].octets >= end })
		if i < len(s.marks) {
			assert.Less(w.t, time.Duration(x.until-max(x.since, s.marks[i].at)), soon, "%q had come, and was waited for", s.log[n].line)
		}
	}
}

// silence is a server that says nothing for a while, perhaps within a row. Who waits for it with a borrowed reader is often interrupted.
func (s *modelServer) silence() {
	s.flush(s.random.IntN(32 << 10))
	time.Sleep(soon / 2) // until all has been read
	c := s.w.c
	c.mu.Lock()
	var o *op
	if k := c.borrower.Load(); c.borrowed && k != nil {
		o = k.cmd.(*op)
		s.lent++
	}
	c.mu.Unlock()
	switch n := s.random.IntN(8); {
	case o == nil:
	case n < 2:
		o.giveUp(n == 0)
	case n == 2 && s.w.closes:
		s.w.close()
	}
	time.Sleep(time.Duration(1+s.random.IntN(4)) * soon)
}

// watch looks after a client that makes the server wait, which it may only for rows that are wanted, while nothing else needs the
// connection.
func (s *modelServer) watch() (stop func()) {
	done := make(chan struct{})
	go func() {
		for needed := 0; needed < 2; {
			select {
			case <-done:
				return
			case <-time.After(soon):
			}
			if needed++; s.mayWait() {
				needed = 0
			}
		}
		assert.Fail(s.w.t, "the client does not read")
	}()
	return func() { close(done) }
}

func (s *modelServer) mayWait() bool {
	c := s.w.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return true
	}
	if c.flying.n != 1 || c.queue.n > 0 || len(c.subs) > 0 {
		return false
	}
	o, ok := c.flying.head.cmd.(*op)
	return ok && !o.quit.Load()
}

// begun reads the long bodies of a row as they come: all, some or nothing of them.
func (u *user) begun(o *op, row *Begun) {
	n, _ := serial(row)
	if u.random.IntN(4) == 0 {
		return
	}
	var last *wire.Body
	for {
		if u.random.IntN(8) == 0 {
			u.dawdle()
		}
		since := u.now()
		b, err := row.Next()
		u.prompt(o, since, true)
		if last != nil {
			_, err := last.Read(make([]byte, 1))
			assert.Error(u.t, err, "%q: a body that was passed over", o.text)
		}
		last = nil
		switch {
		case err != nil:
			assert.True(u.t, o.quit.Load() || u.closed.Load() > 0, "%q: a row that has begun: %v", o.text, err)
			return
		case b == nil:
			u.mu.Lock()
			u.whole[n] = row.Facts().Items
			u.mu.Unlock()
			return
		case u.random.IntN(3) > 0:
			u.body(o, b, b.Size())
		case u.random.IntN(2) == 0:
			u.body(o, b, u.random.Int64N(b.Size()))
			if u.random.IntN(2) == 0 {
				return
			}
		default:
			last = b
		}
	}
}

// body reads so many octets of a body, which say what they are.
func (u *user) body(o *op, b io.Reader, size int64) {
	octets := make([]byte, size)
	half, err := io.ReadFull(b, octets[:size/2])
	if err == nil && size > window && u.random.IntN(2) == 0 {
		u.dawdle()
	}
	since := u.now()
	n, err := io.ReadFull(b, octets[half:])
	n += half
	u.prompt(o, since, true)
	if err != nil {
		assert.True(u.t, o.quit.Load() || u.closed.Load() > 0, "%q: a body: %v", o.text, err)
	}
	assert.True(u.t, isModelBody(octets[:n]), "%q: other octets than were sent: %.80q", o.text, octets)
}
