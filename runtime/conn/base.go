package conn

import (
	"io"
	"net"
	"os"
)

// A Base is a network connection on which a Conn waits while it idles. What TLS needs on a stack while it reads is more than all the rest
// of a connection that only waits, so the Conn waits below it: who makes a TLS connection that is given to New puts it on a Base.
type Base struct {
	net.Conn

	// Only who reads.
	first [5]byte // octets that await has read and Read has not given: as many as begin a record of TLS
	n     int8    // of them
	dry   bool    // Read fails with os.ErrDeadlineExceeded where it would have to wait; TLS goes on after that
}

// NewBase gives a network connection as one to put TLS on.
func NewBase(nc net.Conn) *Base { return &Base{Conn: nc} }

// onBase gives the Base below the TLS of a transport, or puts a transport that has nothing below it on one. The Base is nil if there is none.
func onBase(transport io.ReadWriteCloser) (*Base, io.ReadWriteCloser) {
	switch t := transport.(type) {
	case interface{ NetConn() net.Conn }:
		base, _ := t.NetConn().(*Base)
		return base, transport
	case net.Conn:
		base := NewBase(t)
		return base, base
	}
	return nil, transport
}

func (b *Base) Read(p []byte) (int, error) {
	switch {
	case b.n > 0:
		n := copy(p, b.first[:b.n])
		b.n = int8(copy(b.first[:], b.first[n:b.n]))
		return n, nil
	case b.dry:
		return 0, os.ErrDeadlineExceeded
	}
	return b.Conn.Read(p)
}

// await waits until there is something to read. An error is that of the next Read as well.
func (b *Base) await() {
	n, _ := b.Conn.Read(b.first[:])
	b.n = int8(n)
}
