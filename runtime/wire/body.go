package wire

import "io"

// A Body is the octets of a message, or of a part of one. A nil *Body is NIL. Its octets belong to the caller. They are in memory,
// unless the Body comes from a client.Message of FetchParts: then reading it waits for them, and takes them away. It is for one goroutine.
type Body struct {
	size    int64
	at      int    // where it stood in the response
	found   bool   // a decoder has met it where a body belongs
	apart   bool   // its octets are read apart from the frame
	data    []byte // unless there is a content
	read    int    // of data
	content Content
	chunk   Chunk  // the last one of content
	rest    []byte // of chunk
	given   int64  // octets of the chunks
}

// A Content gives the octets of a Body that are not in memory.
type Content interface {
	// Next gives octets, which are not given again; after the last of them the error is io.EOF.
	Next() (Chunk, error)
}

// NewBody gives the Body of these octets, which it keeps.
func NewBody(b []byte) *Body { return &Body{data: b, size: int64(len(b))} }

// Stream makes the octets be those of a content. It is called before anybody reads them.
func (b *Body) Stream(c Content) { b.content, b.apart = c, true }

// Found tells whether a Decoder has met it where the grammar has a body.
func (b *Body) Found() bool { return b.found }

// Size gives the number of octets, read or not; 0 for NIL.
func (b *Body) Size() int64 {
	if b == nil {
		return 0
	}
	return b.size
}

// Offset tells where the octets stood in the text of the response: of two bodies the one with the lower offset came first. It is 0
// for a Body that comes from no response, or that was so short (up to 4 KiB) that its octets lay in the text themselves.
func (b *Body) Offset() int {
	if b == nil {
		return 0
	}
	return b.at
}

// Bytes gives all octets, read or not; nil for NIL. Of a streamed body it gives those that were not read, once they have come; if that fails
// it gives nil, and Read the error.
func (b *Body) Bytes() []byte {
	if b == nil {
		return nil
	}
	_ = b.Load() // Read gives the error
	return b.data
}

// String gives what Bytes gives.
func (b *Body) String() string { return string(b.Bytes()) }

// Load waits for the octets of a streamed body that were not read, and keeps them in memory.
func (b *Body) Load() error {
	if b == nil || b.content == nil {
		return nil
	}
	data, err := readAll(b, b.size-b.given+int64(len(b.rest)))
	if err != nil {
		return err
	}
	b.chunk.Free()
	b.data, b.content = data, nil
	return nil
}

// Read gives the octets that have not been read; after the last of them the error is io.EOF. If not all of a streamed body can be had,
// because the connection was lost for example, the error says why, and is never io.EOF.
func (b *Body) Read(p []byte) (int, error) {
	if b == nil {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if b.content != nil {
		if err := b.more(); err != nil {
			return 0, err
		}
		n := copy(p, b.rest)
		b.rest = b.rest[n:]
		return n, nil
	}
	if b.read == len(b.data) {
		return 0, io.EOF
	}
	n := copy(p, b.data[b.read:])
	b.read += n
	return n, nil
}

// WriteTo writes the octets that have not been read, without copying them. The error is that of w, or that of Read.
func (b *Body) WriteTo(w io.Writer) (written int64, err error) {
	for b != nil && err == nil {
		if b.content != nil {
			if err = b.more(); err == io.EOF {
				return written, nil
			}
		} else if b.read == len(b.data) {
			break
		}
		if err == nil {
			var n int
			n, err = b.writeRest(w)
			written += int64(n)
		}
	}
	return written, err
}

func (b *Body) writeRest(w io.Writer) (n int, err error) {
	if b.content == nil {
		n, err = w.Write(b.data[b.read:])
		b.read += n
	} else {
		n, err = w.Write(b.rest)
		b.rest = b.rest[n:]
	}
	if err == nil && (b.content == nil && b.read < len(b.data) || len(b.rest) > 0) {
		err = io.ErrShortWrite
	}
	return n, err
}

// more makes rest hold something.
func (b *Body) more() error {
	for len(b.rest) == 0 {
		b.chunk.Free()
		c, err := b.content.Next()
		if err != nil {
			return err
		}
		b.chunk, b.rest = c, c.Octets
		b.given += int64(len(c.Octets))
	}
	return nil
}
