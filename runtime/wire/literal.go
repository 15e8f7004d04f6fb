package wire

import (
	"errors"
	"io"
)

// A Literal is what has not been read of a long literal that is coming. It is for who reads the frames.
type Literal struct {
	r    *Reader
	at   int // where it stands in the frame
	left int64
}

// Left gives the number of octets that have not been read.
func (l *Literal) Left() int64 { return l.left }

// worth is how many octets are worth more than a copy of them: a read of the stream for them alone, or a buffer.
const worth = 8 << 10

// Read gives octets of the literal, never what follows it. If the stream ends the error is io.ErrUnexpectedEOF.
func (l *Literal) Read(p []byte) (int, error) {
	r := l.r
	p = p[:min(int64(len(p)), l.left)]
	if len(p) == 0 {
		return 0, nil
	}
	if len(p) < worth {
		if err := l.fill(); err != nil {
			return 0, err
		}
	}
	if r.end > r.start+l.at {
		n := r.take(p, l.at)
		l.left -= int64(n)
		return n, nil
	}
	if err := r.wait(); err != nil {
		return 0, err
	}
	for range 100 {
		n, err := r.src.Read(p)
		if l.left -= int64(n); n > 0 {
			return n, nil // an error comes again
		}
		if err != nil {
			return 0, endInside(err)
		}
	}
	return 0, io.ErrNoProgress
}

// fill makes the buffer hold octets of the literal, and what follows it if that has come as well; not if the text of the frame, which
// stays in front of them, is long.
func (l *Literal) fill() error {
	if r := l.r; l.left > 0 && r.end == r.start+l.at && l.at < worth && len(r.buf) <= busyBuffer {
		return endInside(r.fill())
	}
	return nil
}

// Chunk gives some of the octets, as many as one read of the stream gives.
func (l *Literal) Chunk() (Chunk, error) {
	if err := l.fill(); err != nil {
		return Chunk{}, err
	}
	if c := l.r.lend(l); c.pooled != nil {
		return c, nil
	}
	pooled := busyBuffers.Get().(*[]byte)
	n, err := l.Read(*pooled)
	if err != nil {
		busyBuffers.Put(pooled)
		return Chunk{}, err
	}
	return Chunk{(*pooled)[:n], pooled}, nil
}

// lend gives the buffer away, if it holds more of the literal than must be copied to the next one.
func (r *Reader) lend(l *Literal) (c Chunk) {
	text, octets := r.buf[r.start:r.start+l.at], r.buf[r.start+l.at:r.end]
	n := int(min(int64(len(octets)), l.left))
	behind := octets[n:]
	if r.pooled == nil || n < worth || len(text)+len(behind) > n {
		return c
	}
	if r.wait() != nil {
		return c
	}
	c = Chunk{octets[:n], r.pooled}
	l.left -= int64(n)
	r.pooled = busyBuffers.Get().(*[]byte)
	r.buf = *r.pooled
	r.start, r.end = 0, copy(r.buf, text)
	r.end += copy(r.buf[r.end:], behind)
	return c
}

// ChunkSize is the most octets of a Chunk.
const ChunkSize = busyBuffer

// A Chunk is some octets of a body, in a buffer that is used again.
type Chunk struct {
	Octets []byte
	pooled *[]byte
}

// NewChunk gives a Chunk of ChunkSize octets, to be filled.
func NewChunk() Chunk {
	pooled := busyBuffers.Get().(*[]byte)
	return Chunk{*pooled, pooled}
}

// Add moves the octets of another chunk behind those of c, and frees it, if they have room in the buffer.
func (c *Chunk) Add(more *Chunk) bool {
	if len(c.Octets)+len(more.Octets) > cap(c.Octets) {
		return false
	}
	c.Octets = append(c.Octets, more.Octets...)
	more.Free()
	return true
}

// Free gives the buffer back. The octets must not be used any more.
func (c *Chunk) Free() {
	if c.pooled != nil {
		busyBuffers.Put(c.pooled)
	}
	*c = Chunk{}
}

// A gathering is octets that are read into a slice of their own. Up to atOnce it is allocated at once; of a longer one a sixteenth must
// have come before all of it is allocated, and so on below: a peer that announces much and sends little costs little.
type gathering struct {
	size int64
	data []byte
	have int
}

// from reads all of them. After an error it goes on where it was.
func (g *gathering) from(r io.Reader) ([]byte, error) {
	if g.data == nil {
		g.data = make([]byte, min(g.size, atOnce))
	}
	for {
		n, err := io.ReadFull(r, g.data[g.have:])
		g.have += n
		if err != nil {
			return nil, endInside(err)
		}
		if int64(g.have) == g.size {
			return g.data, nil
		}
		next := g.size
		for next/16 >= 2*int64(g.have) {
			next /= 16
		}
		grown := make([]byte, next)
		copy(grown, g.data)
		g.data = grown
	}
}

func readAll(r io.Reader, size int64) ([]byte, error) {
	g := gathering{size: size}
	return g.from(r)
}

func endInside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
