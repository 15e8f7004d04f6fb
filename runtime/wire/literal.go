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

// Read gives octets of the literal, never what follows it. If the stream ends the error is io.ErrUnexpectedEOF.
func (l *Literal) Read(p []byte) (int, error) {
	r := l.r
	p = p[:min(int64(len(p)), l.left)]
	if r.end > r.start+l.at {
		n := r.take(p, l.at)
		l.left -= int64(n)
		return n, nil
	}
	r.wait()
	for range 100 {
		n, err := r.src.Read(p)
		l.left -= int64(n)
		if n > 0 || len(p) == 0 {
			return n, nil // an error comes again
		}
		if err != nil {
			return 0, endInside(err)
		}
	}
	return 0, io.ErrNoProgress
}

// Chunk gives some of the octets, as many as one read of the stream gives.
func (l *Literal) Chunk() (Chunk, error) {
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

// lendFrom is how many buffered octets are not worth copying.
const lendFrom = 8 << 10

// lend gives the buffer away, if all that it holds behind the text of the frame is of the literal, and much.
func (r *Reader) lend(l *Literal) (c Chunk) {
	text := r.buf[r.start : r.start+l.at]
	n := r.end - r.start - l.at
	if r.pooled == nil || int64(n) > l.left || n < lendFrom || len(text) > lendFrom {
		return c
	}
	r.wait()
	c = Chunk{r.buf[r.start+l.at : r.end], r.pooled}
	l.left -= int64(n)
	r.pooled = busyBuffers.Get().(*[]byte)
	r.buf = *r.pooled
	r.start, r.end = 0, copy(r.buf, text)
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

// Free gives the buffer back. The octets must not be used any more.
func (c *Chunk) Free() {
	if c.pooled != nil {
		busyBuffers.Put(c.pooled)
	}
	*c = Chunk{}
}

// A gathering is octets that are read into a slice of their own. Up to atOnce it is allocated at once; of a longer one an eighth must have
// come before all of it is allocated, and so on below: a peer that announces much and sends little costs little.
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
		for next/8 >= 2*int64(g.have) {
			next /= 8
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
