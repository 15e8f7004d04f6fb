package wire

import (
	"bytes"
	"io"
	"strings"
)

// A Source is what APPEND sends: octets in memory, or a reader and the number of octets it will give. The zero value is none.
type Source struct {
	reader io.Reader
	size   int64
	bytes  []byte
	text   string
	set    bool
}

// SourceBytes gives the Source of these octets. They must not change until the command is done.
func SourceBytes(b []byte) Source { return Source{bytes: b, size: int64(len(b)), set: true} }

// SourceString gives the Source of the octets of s. Once the server has been told of them they are sent, even if the command is cancelled:
// only so can the connection go on.
func SourceString(s string) Source { return Source{text: s, size: int64(len(s)), set: true} }

// SourceReader gives the Source of exactly size octets of r. It is read once, while the command is written, and not after the command
// is done. One that ends early, runs long or fails closes the connection: the server waits for the octets that were announced. Without
// a reader there is no Source.
func SourceReader(r io.Reader, size int64) Source {
	return Source{reader: r, size: size, set: r != nil}
}

// Size gives the number of octets.
func (s Source) Size() int64 { return s.size }

// IsZero tells that there is no source; one of no octets is not zero.
func (s Source) IsZero() bool { return !s.set }

// InMemory tells that the octets are in memory: Reader may be called again, and always gives Size octets.
func (s Source) InMemory() bool { return s.set && s.reader == nil }

// Fixed tells that nobody can take the octets back or change them, because they are those of a string: they may be sent when the command
// has been cancelled.
func (s Source) Fixed() bool { return s.InMemory() && s.bytes == nil }

// Reader gives what is to be sent.
func (s Source) Reader() io.Reader {
	switch {
	case s.reader != nil:
		return s.reader
	case s.bytes != nil:
		return bytes.NewReader(s.bytes)
	}
	return strings.NewReader(s.text)
}

// hasNUL tells that the octets in memory have a NUL, which a literal must not.
func (s Source) hasNUL() bool {
	return bytes.IndexByte(s.bytes, 0) >= 0 || strings.IndexByte(s.text, 0) >= 0
}
