package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	idleBuffer   = 512       // what a Reader waits on when nothing is buffered
	busyBuffer   = 64 << 10  // taken from a pool while data comes; smaller ones cost CPU (PERFORMANCE.md)
	keepBuffer   = 256 << 10 // a buffer that grew for one long frame is kept up to this
	inline       = 4 << 10   // longer literals lie out of line, in a slice of their own
	atOnce       = 8 << 20   // of a literal is allocated before any of it has come
	keepLiterals = 1024      // entries of the list of longer literals that are kept for the next frame
	maxJoins     = 16        // line ends inside one frame that should not be there
)

var busyBuffers = sync.Pool{New: func() any { b := make([]byte, busyBuffer); return &b }}

// A Reader cuts the octets of a connection into frames. It decodes nothing: lines and literals are found by their ends. It is for
// one goroutine.
type Reader struct {
	src       io.Reader
	limits    Limits
	onWait    func()
	onLiteral func(size int64, nonSync bool) error

	buf    []byte // buf[start:end] is read and not consumed
	start  int    // where the current frame begins
	end    int
	pooled *[]byte // what buf was taken from the pool as
	small  []byte
	more   bool // the last read filled the buffer: more is probably there

	frame    Frame
	literals int64 // octets of the literals of the current frame
	short    int   // of these, octets that lie in the text
	err      error
}

// NewReader gives a Reader of src.
func NewReader(src io.Reader, l Limits) *Reader {
	return &Reader{src: src, limits: l.WithDefaults()}
}

// OnLiteral sets what a server does when a line ends in {n} or {n+}, before the octets of the literal are read: it answers "+ ". An
// error of f ends the reading; Next gives it.
func (r *Reader) OnLiteral(f func(size int64, nonSync bool) error) { r.onLiteral = f }

// OnWait sets what is called before the stream is read, which may take any time: all frames that have come so far have been given. Until
// then their text stays as it is.
func (r *Reader) OnWait(f func()) { r.onWait = f }

// Buffered gives a copy of the octets that were read past the last frame.
func (r *Reader) Buffered() []byte { return append([]byte(nil), r.buf[r.start:r.end]...) }

// Reset goes on with another stream: what TLS or DEFLATE makes of the old one. What is buffered is dropped.
func (r *Reader) Reset(src io.Reader) {
	r.src, r.err = src, nil
	r.start, r.end, r.more = 0, 0, false
	r.frame = Frame{}
}

// Next reads one frame. It is valid until the following Next. A data response that is cut by a line end inside a quoted string, or
// after a literal inside parentheses, is joined with the line that follows, for which it waits. Before the first octet of a frame the end of the stream is io.EOF,
// inside it io.ErrUnexpectedEOF; errors of the stream come wrapped, and a limit that was met is a *LimitError. After an error the
// stream cannot be read further, and Next gives the same error again.
func (r *Reader) Next() (*Frame, error) {
	if r.err != nil {
		return nil, r.err
	}
	if err := r.next(); err != nil {
		if errors.Is(err, io.EOF) && r.end > r.start {
			err = io.ErrUnexpectedEOF
		}
		r.err = fmt.Errorf("read frame: %w", err)
		return nil, r.err
	}
	return &r.frame, nil
}

func (r *Reader) next() error {
	clear(r.frame.big) // they belong to what was decoded
	if cap(r.frame.big) > keepLiterals {
		r.frame.big = nil
	}
	r.frame.big, r.frame.size = r.frame.big[:0], 0
	r.literals, r.short = 0, 0
	line, joins := 0, 0 // line: where the current line begins, from start
	for {
		n, err := r.line(line)
		if err != nil {
			return err
		}
		b := r.buf[r.start : r.start+n]
		size, nonSync, ok, err := trailingLiteral(b, line)
		if err != nil {
			return err
		}
		if ok {
			if line, err = r.literal(n, size, nonSync); err != nil {
				return err
			}
			continue
		}
		if joins < maxJoins && brokenLine(b, line, joins > 0) && n-line <= r.limits.Line && r.continues(n) {
			joins++
			line = n
			continue
		}
		r.frame.text = r.buf[r.start : r.start+n] // looking ahead may have moved it
		r.start += n
		return nil
	}
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

// literal reads a literal whose line ends at n, and gives where the text goes on.
func (r *Reader) literal(n int, size int64, nonSync bool) (int, error) {
	if size > r.limits.Literal-r.literals {
		return 0, &LimitError{What: "literal", Limit: r.limits.Literal}
	}
	r.literals += size
	if r.onLiteral != nil {
		if err := r.onLiteral(size, nonSync); err != nil {
			return 0, err
		}
	}
	if size <= inline {
		for int64(r.end-r.start) < int64(n)+size {
			if err := r.fill(); err != nil {
				return 0, err
			}
		}
		r.short += int(size)
		return n + int(size), nil
	}
	data, err := r.long(n, size)
	if err != nil {
		return 0, err
	}
	r.frame.big = append(r.frame.big, literal{at: n, data: data})
	r.frame.size += size
	return n, nil
}

// long reads a literal into a slice of its own. Up to atOnce it is allocated at once; of a longer one an eighth must have come before
// all of it is allocated, and so on below: a peer that announces much and sends little costs little.
func (r *Reader) long(n int, size int64) ([]byte, error) {
	data := make([]byte, min(size, atOnce))
	have := r.take(data, n)
	for {
		r.wait()
		m, err := io.ReadFull(r.src, data[have:])
		have += m
		if err != nil {
			return nil, endInside(err)
		}
		if int64(have) == size {
			return data, nil
		}
		next := size
		for next/8 >= 2*int64(have) {
			next /= 8
		}
		grown := make([]byte, next)
		have = copy(grown, data)
		have += r.take(grown[have:], n)
		data = grown
	}
}

// take moves buffered octets, from n after the start on, to data, and gives how many.
func (r *Reader) take(data []byte, n int) int {
	at := r.start + n
	m := copy(data, r.buf[at:r.end])
	r.end = at + copy(r.buf[at:], r.buf[at+m:r.end])
	return m
}

func endInside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fill reads more behind what is buffered. With nothing buffered it gives the large buffer back and waits on a small one, unless the
// last read says that more is there already.
func (r *Reader) fill() error {
	r.wait()
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

func (r *Reader) wait() {
	if r.onWait != nil {
		r.onWait()
	}
}

// park swaps the empty buffer for the small one.
func (r *Reader) park() {
	if r.small == nil {
		r.small = make([]byte, idleBuffer)
	}
	r.release()
	r.buf = r.small
}

func (r *Reader) release() {
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
	r.release()
	r.buf = buf
}

// shrink goes over to a pooled buffer, which holds what is buffered.
func (r *Reader) shrink() {
	pooled := busyBuffers.Get().(*[]byte)
	copy(*pooled, r.buf[:r.end])
	r.release()
	r.buf, r.pooled = *pooled, pooled
}
