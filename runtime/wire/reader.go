package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

const (
	idleBuffer   = 256       // what a Reader waits on when nothing is buffered
	busyBuffer   = 64 << 10  // taken from a pool while data comes; smaller ones cost CPU (PERFORMANCE.md)
	keepBuffer   = 256 << 10 // a buffer that grew for one long frame is kept up to this
	inline       = 4 << 10   // longer literals lie out of line, in a slice of their own
	atOnce       = 8 << 20   // of a literal is allocated before any of it has come
	keepLiterals = 1024      // entries of the list of longer literals that are kept for the next frame
	maxJoins     = 16        // line ends inside one frame that should not be there
	askFree      = 16 << 20  // octets of text are shown to OnLarge in any case,
	askShare     = 4         // and so many times what has come of the frame
)

var busyBuffers = sync.Pool{New: func() any { b := make([]byte, busyBuffer); return &b }}

// A Reader cuts the octets of a connection into frames. It decodes nothing: lines and literals are found by their ends. It is for
// one goroutine.
type Reader struct {
	src       io.Reader
	limits    Limits
	onWait    func() error
	onLiteral func(size int64, nonSync bool) error
	onLarge   func(begun *Frame, body *Body, fits bool) bool

	buf    []byte // buf[start:end] is read and not consumed
	start  int    // where the current frame begins
	end    int
	pooled *[]byte // what buf was taken from the pool as
	small  []byte
	more   bool // the last read filled the buffer: more is probably there

	frame    Frame
	within   bool // frame has begun
	lastLine int  // where the last line of it begins, from start
	joins    int  // lines of it that should not be there
	coming   Literal
	gathered gathering // of coming, if it is read into memory
	begun    Frame     // frame so far, for onLarge
	asked    int64     // octets of text that were shown to onLarge for this frame
	literals int64     // octets of the literals of the current frame that are in memory
	short    int       // of these, octets that lie in the text
	err      error
}

// NewReader gives a Reader of src.
func NewReader(src io.Reader, l Limits) *Reader {
	return &Reader{src: src, limits: l.WithDefaults()}
}

// OnLiteral sets what a server does when a line ends in {n} or {n+}, before the octets of the literal are read: it answers "+ ". An
// error of f ends the reading; Next gives it.
func (r *Reader) OnLiteral(f func(size int64, nonSync bool) error) { r.onLiteral = f }

// OnLarge sets who says what becomes of literals that are too long to lie in the text. f is called where such a literal begins, with
// the frame so far as if it ended after this literal and one closing parenthesis, valid until f returns, and the Body that
// stands for the literal in it. If f gives true, the octets are read from Coming; else into memory, if it fits: Limits.Literal
// binds no others, and is an error for one that does not.
func (r *Reader) OnLarge(f func(begun *Frame, body *Body, fits bool) bool) { r.onLarge = f }

// OnWait sets what is called before the stream is read, which may take any time: all frames that have come so far have been given. Until
// then their text stays as it is. If f gives an error the stream is not read, and Next gives the error; one that matches
// os.ErrDeadlineExceeded ends nothing.
func (r *Reader) OnWait(f func() error) { r.onWait = f }

// Empty tells whether nothing was read past the last frame.
func (r *Reader) Empty() bool { return r.start == r.end }

// Buffered gives a copy of the octets that were read past the last frame.
func (r *Reader) Buffered() []byte { return append([]byte(nil), r.buf[r.start:r.end]...) }

// Reset goes on with another stream: what TLS or DEFLATE makes of the old one. What is buffered is dropped.
func (r *Reader) Reset(src io.Reader) {
	r.src, r.err = src, nil
	r.start, r.end, r.more, r.within = 0, 0, false, false
	r.frame = Frame{}
}

// Next reads one frame. It is valid until the following Next. A data response that is cut by a line end inside a quoted string, or
// after a literal inside parentheses, is joined with the line that follows, for which it waits. Where a literal begins that OnLarge takes,
// Next gives no frame and no error: the octets are read from Coming, then Next goes on with the frame.
//
// Before the first octet of a frame the end of the stream is io.EOF, inside it io.ErrUnexpectedEOF; errors of the stream come wrapped, and a
// limit that was met is a *LimitError. After an error the stream cannot be read further, and Next gives the same error again; only after
// os.ErrDeadlineExceeded it goes on.
func (r *Reader) Next() (*Frame, error) {
	if r.err != nil {
		return nil, r.err
	}
	whole, err := r.next()
	if err != nil {
		if errors.Is(err, io.EOF) && r.end > r.start {
			err = io.ErrUnexpectedEOF
		}
		err = fmt.Errorf("read frame: %w", err)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			r.err = err
		}
		return nil, err
	}
	if !whole {
		return nil, nil
	}
	return &r.frame, nil
}

// Fill reads what the stream gives next, and cuts nothing. An error of the stream is given again by Next.
func (r *Reader) Fill() error { return r.fill() }

// Coming gives the literal at which Next has stopped.
func (r *Reader) Coming() *Literal { return &r.coming }

// next goes on with the frame to its end, or to a literal that is read from Coming: then it is not whole.
func (r *Reader) next() (whole bool, err error) {
	if !r.within {
		r.begin()
	}
	if err := r.gather(); err != nil {
		return false, err
	}
	for {
		n, err := r.line(r.lastLine)
		if err != nil {
			return false, err
		}
		b := r.buf[r.start : r.start+n]
		size, nonSync, ok, err := trailingLiteral(b, r.lastLine)
		if err != nil {
			return false, err
		}
		if ok {
			apart, err := r.literal(n, size, nonSync)
			if err != nil || apart {
				return false, err
			}
			continue
		}
		if r.joins < maxJoins && brokenLine(b, r.lastLine, r.joins > 0) && n-r.lastLine <= r.limits.Line && r.continues(n) {
			r.joins++
			r.lastLine = n
			continue
		}
		r.frame.text = r.buf[r.start : r.start+n] // looking ahead may have moved it
		r.start += n
		r.within = false
		return true, nil
	}
}

// begin makes everything ready for a frame.
func (r *Reader) begin() {
	clear(r.frame.big) // they belong to what was decoded
	if cap(r.frame.big) > keepLiterals {
		r.frame.big = nil
	}
	r.frame.big, r.frame.size = r.frame.big[:0], 0
	r.literals, r.short, r.asked = 0, 0, 0
	r.lastLine, r.joins, r.within = 0, 0, true
}

// line reads to the line end and gives its offset from start, beginning the search at from.
func (r *Reader) line(from int) (int, error) {
	for {
		if i := bytes.IndexByte(r.buf[r.start+from:r.end], '\n'); i >= 0 {
			n := from + i + 1
			if n-r.short > r.limits.Response {
				return 0, &LimitError{What: "response", Limit: int64(r.limits.Response)}
			}
			return n, nil
		}
		from = r.end - r.start
		if from-r.short > r.limits.Response {
			return 0, &LimitError{What: "response", Limit: int64(r.limits.Response)}
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
}

// literal reads a literal whose line ends at n; not if it is to be read from Coming, apart.
func (r *Reader) literal(n int, size int64, nonSync bool) (apart bool, err error) {
	var body *Body
	fits := size <= r.limits.Literal-r.literals
	if size > inline {
		body = &Body{size: size, at: n}
		apart = r.takes(n, body, fits)
	}
	if !apart && !fits {
		return false, &LimitError{What: "literal", Limit: r.limits.Literal}
	}
	if r.onLiteral != nil {
		if err := r.onLiteral(size, nonSync); err != nil {
			return false, err
		}
	}
	if body == nil {
		for int64(r.end-r.start) < int64(n)+size {
			if err := r.fill(); err != nil {
				return false, err
			}
		}
		r.short += int(size)
		r.literals += size
		r.lastLine = n + int(size)
		return false, nil
	}
	r.coming = Literal{r, n, size}
	r.frame.big = append(r.frame.big, literal{n, body})
	r.frame.size += size
	r.lastLine = n
	if apart {
		return true, nil
	}
	r.literals += size
	r.gathered = gathering{size: size}
	return false, r.gather()
}

// gather reads the last literal into memory, or goes on with that.
func (r *Reader) gather() error {
	if r.gathered.size == 0 {
		return nil
	}
	data, err := r.gathered.from(&r.coming)
	if err != nil {
		return err
	}
	r.frame.big[len(r.frame.big)-1].body.data = data
	r.gathered = gathering{}
	return nil
}

// takes asks whether a literal is to be read from Coming.
func (r *Reader) takes(n int, body *Body, fits bool) bool {
	// Each time the text so far is decoded: a frame of a million literals would take for ever.
	if r.asked += int64(n); r.onLarge == nil || r.asked > askFree+askShare*(int64(n)+r.frame.size) {
		return false
	}
	r.begun.text = append(append(r.begun.text[:0], r.buf[r.start:r.start+n]...), ")\r\n"...)
	r.begun.big = append(append(r.begun.big[:0], r.frame.big...), literal{n, body})
	r.begun.size = r.frame.size + body.size
	defer func() {
		clear(r.begun.big)
		if cap(r.begun.text) > busyBuffer {
			r.begun = Frame{}
		}
	}()
	return r.onLarge(&r.begun, body, fits)
}

// take moves buffered octets, from n after the start on, to data, and gives how many. What is before or what is behind them closes up.
func (r *Reader) take(data []byte, n int) int {
	at := r.start + n
	m := copy(data, r.buf[at:r.end])
	if behind := r.buf[at+m : r.end]; len(behind) <= n {
		r.end = at + copy(r.buf[at:], behind)
	} else {
		copy(r.buf[r.start+m:], r.buf[r.start:at])
		r.start += m
	}
	return m
}

// fill reads more behind what is buffered. With nothing buffered it gives the large buffer back and waits on a small one, unless the
// last read says that more is there already.
func (r *Reader) fill() error {
	if err := r.wait(); err != nil {
		return err
	}
	if r.start > 0 {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
	if len(r.buf) > keepBuffer && r.end <= busyBuffer {
		r.shrink()
	}
	switch {
	case r.end == 0 && !r.more:
		r.park()
	case r.end == len(r.buf), len(r.buf) < busyBuffer:
		r.grow()
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if n > 0 {
			r.more = r.end == len(r.buf)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

func (r *Reader) wait() error {
	if r.onWait == nil {
		return nil
	}
	return r.onWait()
}

// park swaps the empty buffer for the small one.
func (r *Reader) park() {
	if r.small == nil {
		r.small = make([]byte, idleBuffer)
	}
	r.Release()
	r.buf = r.small
}

// Release gives back the buffer, in which nothing must be that is still wanted, and with it the text of the last frame.
func (r *Reader) Release() {
	if r.pooled != nil {
		busyBuffers.Put(r.pooled)
		r.pooled = nil
	}
	r.buf = nil
	r.frame.text = nil
}

// grow makes room: the small buffer becomes a pooled one, that one doubles.
func (r *Reader) grow() {
	if len(r.buf) < busyBuffer {
		r.shrink()
		return
	}
	buf := make([]byte, 2*len(r.buf))
	copy(buf, r.buf[:r.end])
	r.Release()
	r.buf = buf
}

// shrink goes over to a pooled buffer, which holds what is buffered.
func (r *Reader) shrink() {
	pooled := busyBuffers.Get().(*[]byte)
	copy(*pooled, r.buf[:r.end])
	r.Release()
	r.buf, r.pooled = *pooled, pooled
}
