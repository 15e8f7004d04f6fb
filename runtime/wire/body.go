package wire

import "io"

// A Body is the octets of a message, or of a part of one. A nil *Body is NIL. Its octets belong to the caller. It is for one
// goroutine: reading moves on.
type Body struct {
	data []byte
	read int
}

// NewBody gives the Body of these octets, which it keeps.
func NewBody(b []byte) *Body { return &Body{data: b} }

// Size gives the number of octets, read or not; 0 for NIL.
func (b *Body) Size() int64 {
	if b == nil {
		return 0
	}
	return int64(len(b.data))
}

// Bytes gives all octets, read or not; nil for NIL.
func (b *Body) Bytes() []byte {
	if b == nil {
		return nil
	}
	return b.data
}

// String gives all octets, read or not; empty for NIL.
func (b *Body) String() string { return string(b.Bytes()) }

// Read gives the octets that have not been read; after the last of them the error is io.EOF.
func (b *Body) Read(p []byte) (int, error) {
	if b == nil || b.read == len(b.data) {
		return 0, io.EOF
	}
	n := copy(p, b.data[b.read:])
	b.read += n
	return n, nil
}

// WriteTo writes the octets that have not been read.
func (b *Body) WriteTo(w io.Writer) (int64, error) {
	if b == nil || b.read == len(b.data) {
		return 0, nil
	}
	n, err := w.Write(b.data[b.read:])
	b.read += n
	if err == nil && b.read < len(b.data) {
		err = io.ErrShortWrite
	}
	return int64(n), err
}
