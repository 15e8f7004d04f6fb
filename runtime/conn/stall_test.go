package conn

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// hang says nothing more and reads nothing more, until the client has closed the connection.
func (s *server) hang() {
	_, _ = s.r.Discard(s.r.Buffered())
	_, _ = io.Copy(io.Discard, neverRead{s.conn})
}

// neverRead waits for the end of a pipe by writing nothing to it.
type neverRead struct{ net.Conn }

func (n neverRead) Read([]byte) (int, error) {
	for {
		if _, err := n.Write(nil); err != nil {
			return 0, io.EOF
		}
		time.Sleep(time.Second)
	}
}

// deaf reads all that comes and says nothing, until the client has closed the connection.
func (s *server) deaf() { _, _ = io.Copy(io.Discard, s.r) }

// TestStalls: a server that is gone without a word, or a source that gives nothing, is found out in time, and every call told so.
func TestStalls(t *testing.T) {
	big := func() wire.Source { return source(strings.Repeat("x", 1<<20)) }
	for _, tt := range []struct {
		name   string
		script func(*server)
		cmd    command
		after  time.Duration
		text   string
	}{
		{"no answer", func(s *server) { s.command("NOOP"); s.deaf() }, noop, 5 * time.Minute,
			"imap: NOOP: read: connection lost: the server has said nothing for 5m0s: i/o timeout (outcome unknown)"},
		{"an answer that stops", func(s *server) {
			s.command("NOOP")
			time.Sleep(3 * time.Minute)
			_, _ = io.WriteString(s.w, "* 1 FETCH (BODY[] {100000}\r\nhello")
			s.deaf()
		}, noop, 8 * time.Minute, "the server has said nothing for 5m0s"},
		{"no plus", func(s *server) { s.command("APPEND box {1048576}"); s.deaf() }, appendTo("box", big()), 5 * time.Minute,
			"imap: APPEND: read: connection lost: the server has said nothing for 5m0s: i/o timeout (outcome unknown)"},
		{"a literal not taken", func(s *server) { s.command("APPEND box {1048576}"); s.send("+"); s.octets(100000); s.hang() }, appendTo("box", big()),
			time.Minute, "imap: APPEND: write: connection lost: the server has taken nothing for 1m0s: i/o timeout (outcome unknown)"},
		{"a command not taken", (*server).hang, noop, time.Minute, "imap: NOOP: write: connection lost: the server has taken nothing for 1m0s"},
		{"no plus for IDLE", func(s *server) { s.command("IDLE"); s.deaf() }, idle, 5 * time.Minute, "imap: IDLE: read: connection lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{}, tt.script, func(t *testing.T, c *Conn) {
				ctx, start := t.Context(), time.Now()
				sub := c.Subscribe(0)
				k := c.Start(ctx, tt.cmd, CallOptions{})
				last := c.Start(ctx, command{spec: specSelect}, CallOptions{}) // never sent
				_, err := k.Wait(ctx)
				assert.InDelta(t, tt.after, time.Since(start), float64(2*time.Second))
				require.ErrorContains(t, err, tt.text)
				require.ErrorIs(t, err, ErrConnectionLost)
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.ErrorIs(t, err, ErrOutcomeUnknown)
				var timeout net.Error
				require.ErrorAs(t, err, &timeout)
				assert.True(t, timeout.Timeout())
				_, err = last.Wait(ctx)
				require.ErrorIs(t, err, ErrConnectionLost)
				require.NotErrorIs(t, err, ErrOutcomeUnknown)
				_, _, err = sub.Next(ctx)
				require.ErrorIs(t, err, ErrConnectionLost)
			})
		})
	}
}

// endless is a source whose Read returns when it is told to.
type endless struct{ free chan struct{} }

func (e endless) Read([]byte) (int, error) { <-e.free; return 0, io.EOF }

func TestSourceThatStalls(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.command("APPEND box {5}")
		s.send("+ go")
		s.deaf()
	}, func(t *testing.T, c *Conn) {
		start, src := time.Now(), endless{make(chan struct{})}
		defer close(src.free)
		k := c.Start(t.Context(), appendTo("box", wire.SourceReader(src, 5)), CallOptions{})
		<-c.Done()
		assert.Equal(t, time.Minute, time.Since(start))
		_, err := k.Wait(t.Context())
		require.EqualError(t, err, "imap: APPEND: source of a literal of APPEND has given nothing for 1m0s: i/o timeout (outcome unknown)")
		require.ErrorIs(t, err, ErrSource)
		require.NotErrorIs(t, err, ErrConnectionLost)
	})
}

// TestAnAbandonedCommandIsAwaited: nobody waits for the command any more, but the connection is of no use to others.
func TestAnAbandonedCommandIsAwaited(t *testing.T) {
	run(t, Options{}, func(s *server) { s.command("NOOP"); s.deaf() }, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		<-c.Done()
		assert.Equal(t, 5*time.Minute, time.Since(start))
	})
}

// slow is a source of one octet a while.
type slow struct {
	r   io.Reader
	gap time.Duration
}

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(s.gap)
	return s.r.Read(p[:1])
}

// thinker is a SASL mechanism that thinks for a while.
type thinker time.Duration

func (m thinker) Next([]byte) ([]byte, error) {
	time.Sleep(time.Duration(m))
	return []byte("x"), nil
}

func (thinker) Done(bool) error { return nil }

// TestSlowIsNotStalled: whatever goes on, however slowly, may go on.
func TestSlowIsNotStalled(t *testing.T) {
	for _, tt := range []struct {
		name   string
		o      Options
		script func(*server)
		test   func(*testing.T, context.Context, *Conn)
	}{
		{"an answer octet by octet", Options{}, func(s *server) {
			tag := s.command("NOOP")
			for _, octet := range "* 1 FETCH (BODY[] {5000}\r\n" + strings.Repeat("x", 50) {
				time.Sleep(4 * time.Minute)
				_, _ = s.w.Write([]byte{byte(octet)})
			}
			s.send(strings.Repeat("x", 4950)+")", tag+" OK")
		}, func(t *testing.T, ctx context.Context, c *Conn) {
			_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
		}},
		{"rows that are read late", Options{}, func(s *server) {
			sendRows(s, s.command("UID FETCH 1:*"), manyRows)
		}, func(t *testing.T, ctx context.Context, c *Conn) {
			k := c.Start(ctx, fetch(all, 0), CallOptions{Rows: true})
			_, err := k.Next(ctx)
			require.NoError(t, err)
			time.Sleep(24 * time.Hour)
			_, err = rows(ctx, k)
			require.NoError(t, err)
		}},
		{"a literal taken octet by octet", Options{}, func(s *server) {
			tag := s.command("APPEND box {30}")
			s.send("+ go")
			for range 30 {
				time.Sleep(50 * time.Second)
				_, _ = s.conn.Read(make([]byte, 1))
			}
			s.want("")
			s.send(tag + " OK")
		}, func(t *testing.T, ctx context.Context, c *Conn) {
			octets := slow{strings.NewReader(strings.Repeat("x", 30)), 0}
			_, err := c.Start(ctx, appendTo("box", wire.SourceReader(octets, 30)), CallOptions{}).Wait(ctx)
			require.NoError(t, err)
		}},
		{"a source of an octet a while", Options{}, func(s *server) {
			tag := s.command("APPEND box {30}")
			s.send("+ go")
			s.octets(30)
			s.want("")
			s.send(tag + " OK")
		}, func(t *testing.T, ctx context.Context, c *Conn) {
			octets := slow{strings.NewReader(strings.Repeat("x", 30)), 50 * time.Second}
			_, err := c.Start(ctx, appendTo("box", wire.SourceReader(octets, 30)), CallOptions{}).Wait(ctx)
			require.NoError(t, err)
		}},
		{"an IDLE without news", Options{}, func(s *server) {
			tag := s.command("IDLE")
			s.send("+ idling")
			s.want("DONE")
			s.send(tag + " OK")
			s.answer("NOOP")
		}, func(t *testing.T, ctx context.Context, c *Conn) {
			c.Start(ctx, idle, CallOptions{})
			time.Sleep(24 * time.Hour)
			_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
		}},
		{"nothing in flight", Options{}, func(s *server) { s.answer("NOOP"); s.answer("NOOP") }, func(t *testing.T, ctx context.Context, c *Conn) {
			for range 2 {
				_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
				require.NoError(t, err)
				time.Sleep(24 * time.Hour)
			}
		}},
		{"no limits", Options{CommandTimeout: -1, WriteTimeout: -1}, func(s *server) {
			time.Sleep(24 * time.Hour)
			tag := s.command("NOOP")
			time.Sleep(24 * time.Hour)
			s.send(tag + " OK")
		}, func(t *testing.T, ctx context.Context, c *Conn) {
			_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, tt.o, tt.script, func(t *testing.T, c *Conn) { tt.test(t, t.Context(), c) })
		})
	}
	t.Run("a SASL mechanism", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			tag := s.command("AUTHENTICATE")
			s.send("+ ")
			s.want("eA==")
			s.send(tag + " OK")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), command{spec: specAuth}, CallOptions{SASL: thinker(time.Hour)}).Wait(t.Context())
			require.NoError(t, err)
		})
	})
	t.Run("a handshake", func(t *testing.T) {
		play(t, inClear, Options{}, func(s *server) {
			s.send(s.command("STARTTLS") + " OK begin")
			s.answer("NOOP")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), starttls, CallOptions{Upgrade: func(_ context.Context, nc net.Conn) (net.Conn, error) {
				time.Sleep(time.Hour) // the limit of a handshake is that of who makes it
				return nc, nil
			}}).Wait(t.Context())
			require.NoError(t, err)
			_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
		})
	})
}

// TestRenewalFindsOut: a server that went while the connection was idle is found out when IDLE is renewed.
func TestRenewalFindsOut(t *testing.T) {
	run(t, idling, func(s *server) {
		s.command("IDLE")
		s.send("+ idling")
		s.deaf()
	}, func(t *testing.T, c *Conn) {
		start := time.Now()
		defer c.HoldIdle()()
		<-c.Done()
		assert.LessOrEqual(t, time.Since(start), 14*time.Minute+time.Second)
		require.ErrorContains(t, c.Err(), "the server has said nothing for 5m0s")
	})
}

// TestTransportWithoutDeadlines: the pipes of a process, for example.
func TestTransportWithoutDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer func() { _ = far.Close() }()
		go func() { _, _ = io.WriteString(far, "* PREAUTH hi\r\n") }()
		c, err := New(t.Context(), struct{ io.ReadWriteCloser }{near}, Options{Codec: codec{}, WriteTimeout: time.Second})
		require.NoError(t, err)
		_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
}

// stubborn is TLS over a transport without deadlines: its Close waits for a last record to get through.
type stubborn struct {
	net.Conn
	last chan struct{}
}

func (s stubborn) NetConn() net.Conn { return unstuck(s) }
func (s stubborn) Close() error      { <-s.last; return nil }

type unstuck struct {
	net.Conn
	last chan struct{}
}

func (u unstuck) Close() error { defer close(u.last); return u.Conn.Close() }

func TestCloseAlwaysReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer func() { _ = far.Close() }()
		go func() { _, _ = io.WriteString(far, "* PREAUTH hi\r\n") }()
		c, err := New(t.Context(), stubborn{near, make(chan struct{})}, Options{Codec: codec{}})
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, c.Close())
		assert.Equal(t, lastWords, time.Since(start))
	})
}

// TestPeerThatStopsReading is what TestStalls shows, with the buffers of real sockets between.
func TestPeerThatStopsReading(t *testing.T) {
	gone := make(chan struct{})
	c := loopback(t, func(nc net.Conn) {
		_, _ = io.WriteString(nc, "* PREAUTH [CAPABILITY LITERAL+] hi\r\n")
		<-gone
	}, Options{WriteTimeout: 100 * time.Millisecond})
	defer close(gone)
	other := c.Start(t.Context(), noop, CallOptions{})
	_, err := c.Start(t.Context(), appendTo("box", source(strings.Repeat("x", 64<<20))), CallOptions{}).Wait(t.Context())
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.ErrorContains(t, err, "imap: APPEND: write: connection lost: the server has taken nothing for 100ms")
	_, err = other.Wait(t.Context())
	require.ErrorIs(t, err, ErrConnectionLost)
}
