package conn

import (
	"bufio"
	"crypto/tls"
	"net"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A holding is a network connection that sends what is written in one piece when it is told to.
type holding struct {
	net.Conn
	hold bool
	held []byte
}

func (h *holding) Write(p []byte) (int, error) {
	if !h.hold {
		return h.Conn.Write(p)
	}
	h.held = append(h.held, p...)
	return len(p), nil
}

func (h *holding) release(to int) error {
	h.hold = false
	_, err := h.Conn.Write(h.held[:to])
	h.held = h.held[to:]
	return err
}

// TestRestBelowTLS: a connection waits below TLS while it idles, but not as long as TLS holds something that has come already.
func TestRestBelowTLS(t *testing.T) {
	cert, pool := certificate(t)
	play(t, inClear, Options{Idle: idle, Noop: noop, CommandTimeout: time.Minute}, func(s *server) {
		s.send(s.command("STARTTLS") + " OK begin")
		below := &holding{Conn: s.conn}
		secure := tls.Server(below, &tls.Config{Certificates: []tls.Certificate{cert}})
		s.conn, s.r, s.w = secure, bufio.NewReader(secure), secure
		s.send("* CAPABILITY IMAP4rev1", s.command("NOOP")+" OK done")
		s.send(s.command(`LOGIN ada "x"`) + " OK [CAPABILITY IMAP4rev1 IDLE] in")
		s.command("IDLE")
		s.send("+ idling")
		s.silent() // the connection rests
		below.hold = true
		s.send("* 1 EXISTS")
		s.send("* 2 EXISTS")
		s.send("* 3 EXISTS")
		all := len(below.held)
		assert.NoError(s.t, below.release(all-3)) // two records, and most of a third
		s.silent()
		assert.NoError(s.t, below.release(3))
		s.silent()
		s.want("DONE")
		s.deaf()
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		_, err := c.Start(ctx, starttls, CallOptions{Upgrade: overTLS(&tls.Config{RootCAs: pool, ServerName: "mail.example"})}).Wait(ctx)
		require.NoError(t, err)
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		_, err = c.Start(ctx, login("x"), CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		sub := c.Subscribe(0)
		defer c.HoldIdle()()
		for _, want := range []string{"1 EXISTS", "2 EXISTS", "3 EXISTS"} {
			r, _, err := sub.Next(ctx)
			require.NoError(t, err)
			assert.Equal(t, want, r.(*data).text)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Nil(t, c.input, "at rest nothing is there to read with")
		start := time.Now()
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrConnectionLost, "a server that does not answer DONE")
		assert.Equal(t, time.Minute, time.Since(start).Round(time.Second))
	})
}

// TestRestWithoutBase: a transport that cannot be waited on below TLS, as it was not put on a Base, is read while the connection idles.
func TestRestWithoutBase(t *testing.T) {
	base, transport := onBase(tls.Client(nil, &tls.Config{}))
	assert.Nil(t, base)
	assert.IsType(t, &tls.Conn{}, transport)
	near, far := net.Pipe()
	defer func() { _, _ = near.Close(), far.Close() }()
	below := NewBase(near)
	base, transport = onBase(tls.Client(below, &tls.Config{}))
	assert.Same(t, below, base)
	assert.IsType(t, &tls.Conn{}, transport)
	base, transport = onBase(near)
	assert.Same(t, base, transport)
	base, transport = onBase(stream{})
	assert.NotNil(t, base)
	assert.Same(t, base, transport)
}

// TestSizes: one field more, and the allocator takes the next size for each of thousands of connections: 1,024 octets and 352.
func TestSizes(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) < 8 {
		t.Skip("all is smaller")
	}
	assert.LessOrEqual(t, int(unsafe.Sizeof(Conn{})), 888)
	assert.LessOrEqual(t, int(unsafe.Sizeof(Call{})), 320)
}
