package conn

import "github.com/parley-go/parley/runtime/wire"

// runRows is how many rows are given to their call at once, although more of them have arrived: to wake its consumer costs as much as
// twenty rows.
const runRows = 1024

// A rowRun is row after row for one call, which is what a large FETCH or LIST is answered with. They reach the call together: when
// something else comes, when the stream must be waited for, or after runRows. While the call is the only one that can have asked, its
// rows are taken without a lock. It belongs to the reader.
type rowRun struct {
	k      *Call // nil: there was no row yet
	n      int   // of rows that came
	rows   []Response
	octets int64   // of them, as they came
	held   int64   // in memory until they are read
	stored *stored // the last row, if it is one

	crowded bool     // so much is unread that the next row may have to be stored
	alone   bool     // as of claims no other call could have asked
	claims  uint32   // Conn.claimed at that time
	index   int      // of the Return that the rows are
	lines   [][]byte // the last frames that are not traced yet: the ith is at i % Options.TraceLines
	frames  int      // that are not traced yet
}

// rowOctets is what a row in memory counts for.
func rowOctets(f *wire.Frame) int64 { return f.Len() + perResponse }

// row adds a row of so many octets to the run of its call, and what it holds of memory until it is read. It is nil if what stands for the
// row before stands for it, too.
func (c *Conn) row(k *Call, r Response, octets, held int64) {
	u := &c.run
	if u.k != k {
		c.settle()
		u.k = k
	}
	if r != nil {
		if s, ok := r.(*stored); !ok || s != u.stored {
			u.stored = nil
		}
		u.rows = append(u.rows, r)
	}
	u.n++
	u.held += held
	if u.octets += octets; u.n >= runRows || u.octets >= pauseOctets {
		c.settle()
	}
}

// lonely notes whether only the call of the run can have asked for what comes, and only it is told, as long as no command begins or
// ends. The caller holds mu.
func (c *Conn) lonely(k *Call, index int) {
	u, kind := &c.run, k.returns[index].Kind
	u.alone, u.claims, u.index = c.claims.n == 1 && kind != nil && !kind.Event && !c.trace.watched(), c.claimed.Load(), index
	for i := range k.returns {
		if ret := &k.returns[i]; ret.Tag || i != index && ret.Kind == kind {
			u.alone = false
		}
	}
}

// goesOn adds a response to the run if it can be nothing but its next row.
func (c *Conn) goesOn(f *wire.Frame, tag []byte, r Response) bool {
	u := &c.run
	if len(tag) > 0 || u.k == nil || !u.alone || u.crowded || len(c.answers.list) > 0 || u.claims != c.claimed.Load() {
		return false
	}
	ret := &u.k.returns[u.index]
	if r.Kind() != ret.Kind {
		return false
	}
	facts := r.Facts()
	if !u.k.goesBeyond(ret, &facts) {
		if c.match(u.k, ret, &facts) == certainlyNot {
			return false
		}
		u.k.had(u.index, &facts)
	}
	c.remember(f.Text())
	c.row(u.k, r, f.Len(), rowOctets(f))
	return true
}

// settle gives the rows of the run to their call, makes the answers behind them take effect, and gives what the trace has not been told of
// yet to the trace. It is called before anything else takes effect, and before the octets of the last frames go.
func (c *Conn) settle() {
	c.recall()
	c.settleRows()
	c.settleAnswers()
}

func (c *Conn) settleRows() {
	u := &c.run
	if u.n > 0 {
		c.mu.Lock()
		u.rows = c.deliver(u.k, u.rows, u.n, u.octets, u.held)
		u.crowded = c.unread+2*pauseOctets > c.opts.UnreadLimit
		c.mu.Unlock()
		u.n, u.octets, u.held = 0, 0, 0
	}
	if u.claims != c.claimed.Load() {
		u.k, u.stored = nil, nil // it may have ended
		if cap(u.rows) > smallCrowd {
			u.rows = nil
		}
	}
}

// remember keeps a frame of the run for the trace, which nobody watches.
func (c *Conn) remember(text []byte) {
	u := &c.run
	if len(u.lines) < c.opts.TraceLines {
		u.lines = append(u.lines, text)
	} else if c.opts.TraceLines > 0 {
		u.lines[u.frames%len(u.lines)] = text
	}
	u.frames++
}

// recall traces the frames that are remembered.
func (c *Conn) recall() {
	u := &c.run
	for i := max(0, u.frames-len(u.lines)); i < u.frames; i++ {
		c.trace.add(false, u.lines[i%len(u.lines)])
	}
	clear(u.lines)
	u.lines, u.frames = u.lines[:0], 0
}

// deliver gives what stands for n rows to their call, and lets the server wait if the call is not read; it gives back an empty list for the
// next rows. The caller holds mu. The reader
// may pause only while nobody but this consumer needs it. All that could need it wakes it: commands, subscribers, Wait, Stop, cancellation, Close.
func (c *Conn) deliver(k *Call, rows []Response, n int, octets, held int64) []Response {
	k.took(octets)
	if k.abandoned || k.stopped {
		c.drop(k, octets)
		return emptied(rows)
	}
	if len(k.rows) == 0 && len(rows) > smallCrowd {
		k.rows, rows = rows, k.rows
	} else {
		k.rows = append(k.rows, rows...)
	}
	k.octets += held
	c.unread += held
	if c.ending(k) {
		return emptied(rows) // it is told of its end in a moment, and of the rows with it
	}
	if (n >= lendRows || octets >= lendOctets) && k.borrows && c.alone(k) {
		c.borrower.Store(k)
	}
	wake(k.wake)
	for (len(k.rows) >= pauseRows || k.octets >= pauseOctets) && c.alone(k) && !c.borrowed {
		c.changed.Wait(&c.mu)
	}
	return emptied(rows)
}

func emptied(rows []Response) []Response {
	clear(rows)
	return rows[:0]
}
