package conn

import (
	"fmt"
	"io"

	"github.com/parley-go/parley/runtime/wire"
)

// window is how many octets of a body the reader is ahead of who reads it, where that one cannot read from the transport itself.
const window = 8 * wire.ChunkSize

// A body is the octets of a long body that is not read into memory as a whole: those that have come and were not read. It is a
// wire.Content for who reads it.
//
// While nobody else needs the connection, who reads the body borrows the reader, and what comes is not handed from one goroutine to
// another; if nothing is read the server waits. Else the reading goroutine reads, and what has come waits in memory, or beyond
// Options.UnreadLimit in the store.
type body struct {
	of   *Begun
	size int64

	drained bool // it was counted; only who reads the connection

	// Guarded by conn.mu.
	chunks  []wire.Chunk
	held    int64 // octets of chunks
	off     int64 // where more octets are in the store,
	stored  int64 // and how many
	given   int64
	dropped bool
}

// fill reads some of its octets; false ends the reading.
func (c *Conn) fill(b *body) bool {
	c.mu.Lock()
	for b.held >= window && !b.unwanted() && !c.borrowed && b.of.k != nil && c.alone(b.of.k) {
		c.changed.Wait(&c.mu)
	}
	k, coming := b.of.k, c.reader.Coming()
	if k != nil && k.abandoned && !b.drained {
		b.drained = true
		if c.drop(k, coming.Left()) {
			c.mu.Unlock()
			return false
		}
	}
	c.mu.Unlock()
	chunk, err := coming.Chunk()
	if coming.Left() == 0 {
		c.filling = nil
	}
	if err != nil {
		return c.readFailed(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b.take(chunk)
	return true
}

func (b *body) unwanted() bool { return b.dropped || b.of.unwanted() }

// take keeps what has come. It is called by the reader with mu held, and gives it up meanwhile.
func (b *body) take(chunk wire.Chunk) {
	c, k := b.of.conn, b.of.k
	n := int64(len(chunk.Octets))
	for !b.unwanted() && (b.stored > 0 || c.tooMuch(k, n)) {
		stored := b.stored
		c.mu.Unlock()
		off, err := c.store.write(c.opts.Spill, n, func(w io.Writer) error {
			_, err := w.Write(chunk.Octets)
			return err
		})
		c.mu.Lock()
		switch {
		case err == nil && b.unwanted():
			c.store.release(n)
		case err == nil:
			if b.stored == 0 {
				b.off = off
			}
			b.stored += n
			c.arrived.Broadcast()
			chunk.Free()
			return
		case stored == 0 && c.failMost(err) != nil:
			continue // there may be room in memory now, or nobody wants the body any more
		case k != nil:
			c.abandon(k, unread(err))
		default:
			b.of.release()
		}
	}
	if b.unwanted() {
		chunk.Free()
		return
	}
	if last := len(b.chunks) - 1; last < 0 || !b.chunks[last].Add(&chunk) {
		b.chunks = append(b.chunks, chunk)
	}
	b.hold(n)
	c.arrived.Broadcast()
}

// hold counts octets in memory. The caller holds mu.
func (b *body) hold(n int64) {
	b.held += n
	b.of.conn.unread += n
	if k := b.of.k; k != nil {
		k.held += n
	}
}

// drop says that nobody wants the rest. The caller holds mu.
func (b *body) drop() {
	if b.dropped {
		return
	}
	b.dropped = true
	for i := range b.chunks {
		b.chunks[i].Free()
	}
	b.chunks = nil
	b.hold(-b.held)
	b.of.conn.store.release(b.stored)
	b.stored = 0
	b.of.conn.roomMade()
	b.of.conn.arrived.Broadcast()
}

// Next gives what has come and was not given (wire.Content).
func (b *body) Next() (wire.Chunk, error) {
	c := b.of.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case b.of.unwanted() && b.of.k != nil && b.of.k.abandoned:
			return wire.Chunk{}, b.of.k.err
		case b.unwanted():
			return wire.Chunk{}, errPassed
		case len(b.chunks) > 0:
			chunk := b.chunks[0]
			b.chunks = b.chunks[1:]
			n := int64(len(chunk.Octets))
			b.given += n
			b.hold(-n)
			if b.held < window && b.held+n >= window {
				c.changed.Broadcast()
			}
			return chunk, nil
		case b.stored > 0:
			return b.readStored()
		case b.given == b.size:
			return wire.Chunk{}, io.EOF
		case b.of.k != nil && b.of.k.ended:
			return wire.Chunk{}, b.of.k.err
		}
		if !c.borrow(b.of.k) {
			c.arrived.Wait(&c.mu)
		}
	}
}

// readStored reads from the store. The caller holds mu, which is given up meanwhile.
func (b *body) readStored() (wire.Chunk, error) {
	c := b.of.conn
	chunk := wire.NewChunk()
	n := min(b.stored, wire.ChunkSize)
	chunk.Octets = chunk.Octets[:n]
	r := c.store.reader(b.off, n)
	c.mu.Unlock()
	_, err := io.ReadFull(r, chunk.Octets)
	c.mu.Lock()
	if b.unwanted() {
		err = errPassed
	}
	if err != nil {
		chunk.Free()
		return chunk, fmt.Errorf("read what was spilled: %w", notEOF(err))
	}
	b.off += n
	b.stored -= n
	b.given += n
	c.store.release(n)
	return chunk, nil
}
