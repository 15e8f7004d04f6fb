package conn

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// An Upgrade makes a TLS connection of a plain one and returns when the handshake is done.
// The context is that of the STARTTLS command.
type Upgrade func(context.Context, net.Conn) (net.Conn, error)

// upgrade switches what lies below the protocol, at the octet after the tagged OK. It is called by the reader with mu held and gives it up
// meanwhile. The command is a barrier, so nothing else is in flight, and nothing is admitted before it has landed. An error is why the
// connection must end.
func (c *Conn) upgrade(k *Call) error {
	// The OK may overtake the return of the Write that sent the command: wait until nobody writes.
	for c.writing && c.err == nil {
		c.changed.Wait(&c.mu)
	}
	if c.err != nil {
		return c.err
	}
	c.mu.Unlock()
	next, err := c.layer(k)
	c.mu.Lock()
	if err != nil {
		return err
	}
	if c.err != nil {
		_ = next.Close()
		return c.err
	}
	c.transport = next
	c.switched = k.spec.Switch
	if c.switched == SwitchTLS {
		// Nothing learnt before TLS holds after it (RFC 3501 section 6.2.1): a man in the middle may have said it.
		c.forget()
		c.enabled = Caps{}
		c.setMode()
		for _, s := range c.subs {
			s.clear()
			s.lost = 0
		}
	}
	return nil
}

// layer puts TLS or DEFLATE on the transport and makes the reader read from it.
func (c *Conn) layer(k *Call) (io.ReadWriteCloser, error) {
	rest := c.reader.Buffered()
	if k.spec.Switch == SwitchDeflate {
		z := &deflated{
			ReadCloser: flate.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), c.transport)),
			deflater:   deflater{w: c.transport},
			below:      c.transport,
		}
		c.base = nil // flate keeps the error of a Read for ever
		c.reads(z)
		return z, nil
	}
	if len(rest) > 0 {
		// Sent in clear, but it would be read as if it had come inside TLS (CVE-2020-15953 and others).
		return nil, violation("%d octets follow the answer to %s in clear", len(rest), k.spec.Name)
	}
	if k.login == nil || k.login.Upgrade == nil {
		return nil, fmt.Errorf("%s: nothing to make TLS with: %w", k.spec.Name, ErrClosed)
	}
	plain, ok := c.transport.(net.Conn)
	if !ok {
		plain = stream{c.transport}
	}
	secure, err := k.login.Upgrade(k.ctx, plain)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.spec.Name, lost("TLS handshake", err))
	}
	c.reads(secure)
	return secure, nil
}

// deflated is a transport under RFC 4978.
type deflated struct {
	io.ReadCloser // inflates
	deflater
	below io.Closer
}

func (d *deflated) Close() error { return d.below.Close() }

// stream makes a net.Conn of a transport that is none, such as the pipes of a process: without deadlines.
type stream struct{ io.ReadWriteCloser }

type streamAddr struct{}

func (streamAddr) Network() string { return "stream" }
func (streamAddr) String() string  { return "stream" }

func (stream) LocalAddr() net.Addr              { return streamAddr{} }
func (stream) RemoteAddr() net.Addr             { return streamAddr{} }
func (stream) SetDeadline(time.Time) error      { return nil }
func (stream) SetReadDeadline(time.Time) error  { return nil }
func (stream) SetWriteDeadline(time.Time) error { return nil }
