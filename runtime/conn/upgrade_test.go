package conn

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// certificate makes a certificate for mail.example, and the pool that trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mail.example"}, NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// overTLS is the Upgrade of a client.
func overTLS(config *tls.Config) Upgrade {
	return func(ctx context.Context, plain net.Conn) (net.Conn, error) {
		secure := tls.Client(plain, config)
		return secure, secure.HandshakeContext(ctx)
	}
}

// startTLS answers STARTTLS and goes on inside TLS.
func (s *server) startTLS(cert tls.Certificate) {
	s.send("* 1 EXISTS", s.command("STARTTLS")+" OK [CAPABILITY EVIL] begin")
	secure := tls.Server(s.conn, &tls.Config{Certificates: []tls.Certificate{cert}})
	s.conn, s.r, s.w = secure, bufio.NewReader(secure), secure
}

const inClear = "* OK [CAPABILITY STARTTLS LITERAL+ X] hi"

var starttls = command{spec: specStarttls}

func TestSTARTTLS(t *testing.T) {
	cert, pool := certificate(t)
	play(t, inClear, Options{}, func(s *server) {
		s.startTLS(cert)
		s.send("* CAPABILITY IMAP4rev1 STARTTLS", s.command("CAPABILITY")+" OK")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		sub := c.Subscribe(0)
		var state tls.ConnectionState
		start := c.Start(ctx, starttls, CallOptions{Upgrade: func(ctx context.Context, plain net.Conn) (net.Conn, error) {
			secure, err := overTLS(&tls.Config{ServerName: "mail.example", RootCAs: pool})(ctx, plain)
			if err == nil {
				state = secure.(*tls.Conn).ConnectionState()
			}
			return secure, err
		}, Result: result{complete: func(Condition) { assert.True(t, state.HandshakeComplete) }}})
		caps := c.Start(ctx, command{spec: specCapability}, CallOptions{Check: func(*Call) error {
			assert.False(t, c.Capabilities().Known(), "capabilities from before TLS are dropped, and so is the code in the OK")
			return nil
		}})
		_, err := start.Wait(ctx)
		require.NoError(t, err)
		_, err = caps.Wait(ctx)
		require.NoError(t, err)
		assert.False(t, c.mode.LiteralPlus)
		_, err = c.Start(ctx, starttls, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrState, "not twice")
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, _, err = sub.Next(short)
		require.ErrorIs(t, err, context.DeadlineExceeded, "data from before TLS is dropped")
	})
}

func TestSTARTTLSInjection(t *testing.T) {
	for _, injected := range []string{"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "T2 OK in\r\n", "\r\n", "*"} {
		t.Run(injected, func(t *testing.T) {
			play(t, inClear, Options{TagPrefix: "T"}, func(s *server) {
				_, _ = io.WriteString(s.w, s.command("STARTTLS")+" OK begin\r\n"+injected)
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				k := c.Start(ctx, starttls, CallOptions{Upgrade: func(context.Context, net.Conn) (net.Conn, error) {
					t.Error("the handshake must not begin")
					return nil, errors.New("no")
				}})
				_, err := c.Start(ctx, login("hunter2"), CallOptions{}).Wait(ctx)
				require.ErrorIs(t, err, ErrProtocol)
				_, err = k.Wait(ctx)
				require.ErrorContains(t, err, "octets follow the answer to STARTTLS in clear")
				<-c.Done()
			})
		})
	}
}

func TestSTARTTLSRefused(t *testing.T) {
	for _, answer := range []string{"NO not now", "BAD what"} {
		t.Run(answer, func(t *testing.T) {
			play(t, inClear, Options{}, func(s *server) {
				s.send(s.command("STARTTLS") + " " + answer)
				s.answer("NOOP")
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				_, err := c.Start(ctx, starttls, CallOptions{}).Wait(ctx)
				require.ErrorContains(t, err, answer)
				_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
				require.NoError(t, err)
				assert.True(t, c.Capabilities().Has("X"))
			})
		})
	}
}

func TestSTARTTLSHandshakeFails(t *testing.T) {
	t.Run("certificate", func(t *testing.T) {
		cert, _ := certificate(t)
		play(t, inClear, Options{}, func(s *server) {
			s.startTLS(cert)
			_ = s.conn.(*tls.Conn).Handshake()
			_ = s.conn.Close()
			s.r.Reset(strings.NewReader(""))
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), starttls, CallOptions{Upgrade: overTLS(&tls.Config{ServerName: "mail.example"})}).Wait(t.Context())
			var unknown x509.UnknownAuthorityError
			require.ErrorAs(t, err, &unknown)
			require.ErrorIs(t, err, ErrConnectionLost)
			<-c.Done()
		})
	})
	t.Run("Close meanwhile", func(t *testing.T) {
		play(t, inClear, Options{}, func(s *server) {
			s.send(s.command("STARTTLS") + " OK begin")
			_, _ = io.Copy(io.Discard, s.r)
		}, func(t *testing.T, c *Conn) {
			k := c.Start(t.Context(), starttls, CallOptions{Upgrade: overTLS(&tls.Config{ServerName: "mail.example"})})
			time.Sleep(time.Minute)
			require.NoError(t, c.Close())
			_, err := k.Wait(t.Context())
			require.ErrorIs(t, err, ErrClosed)
		})
	})
	t.Run("context meanwhile", func(t *testing.T) {
		play(t, inClear, Options{}, func(s *server) {
			s.send(s.command("STARTTLS") + " OK begin")
			_, _ = io.Copy(io.Discard, s.r)
		}, func(t *testing.T, c *Conn) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := c.Start(ctx, starttls, CallOptions{Upgrade: overTLS(&tls.Config{ServerName: "mail.example"})}).Wait(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			<-c.Done()
		})
	})
}

// flusher is a compressing writer that sends all it has with each write.
type flusher struct{ *flate.Writer }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		err = f.Flush()
	}
	return n, err
}

func newFlusher(w io.Writer, level int) flusher {
	z, err := flate.NewWriter(w, level)
	if err != nil {
		panic(err)
	}
	return flusher{z}
}

// compress answers COMPRESS with the first compressed octets in the same segment, and goes on compressed.
func (s *server) compress(first string) {
	var segment bytes.Buffer
	segment.WriteString(s.command("COMPRESS") + " OK active\r\n")
	z := newFlusher(&segment, flate.BestCompression)
	_, _ = io.WriteString(z, first)
	if _, err := s.w.Write(segment.Bytes()); err != nil {
		s.fail("write: %v", err)
	}
	z2 := flusher{z.Writer}
	s.w = redirect{z2, &segment, s.w}
	s.r = bufio.NewReader(flate.NewReader(s.r))
}

// redirect passes on what a compressor writes into a buffer.
type redirect struct {
	z   flusher
	buf *bytes.Buffer
	to  io.Writer
}

func (r redirect) Write(p []byte) (int, error) {
	r.buf.Reset()
	if _, err := r.z.Write(p); err != nil {
		return 0, err
	}
	if _, err := r.to.Write(r.buf.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

func TestCOMPRESS(t *testing.T) {
	body := strings.Repeat("0123456789", 20_000)
	run(t, Options{}, func(s *server) {
		s.compress("* 7 EXISTS\r\n")
		s.answer("NOOP")
		tag := s.command("UID FETCH 1:*")
		for range 1000 {
			s.send("* 1 FETCH (UID 1 FLAGS ())")
		}
		s.send(tag + " OK")
		tag = s.command("APPEND box {200000}")
		s.send("+ go")
		if got := s.octets(len(body)); got != body {
			s.fail("the literal arrived damaged")
		}
		s.want("")
		s.send(tag + " OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		sub := c.Subscribe(0)
		z := c.Start(ctx, command{spec: specCompress}, CallOptions{})
		after := c.Start(ctx, noop, CallOptions{})
		_, err := z.Wait(ctx)
		require.NoError(t, err)
		r, _, err := sub.Next(ctx)
		require.NoError(t, err)
		assert.Equal(t, "7 EXISTS", r.(*data).text, "octets that came with the OK are inflated")
		_, err = after.Wait(ctx)
		require.NoError(t, err)
		got, err := rows(ctx, c.Start(ctx, fetch(all, 0), CallOptions{Rows: true}))
		require.NoError(t, err)
		assert.Len(t, got, 1000)
		_, err = c.Start(ctx, appendTo("box", source(body)), CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		assert.True(t, c.Capabilities().Known(), "compression changes nothing else")
		_, err = c.Start(ctx, command{spec: specCompress}, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrState, "not twice")
	})
}

func TestCOMPRESSThenLost(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.compress("")
		s.command("NOOP")
		_ = s.conn.Close()
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		c.Start(ctx, command{spec: specCompress}, CallOptions{})
		_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrConnectionLost)
		require.NotErrorIs(t, err, io.EOF)
	})
}

// TestCOMPRESSBroken: octets that are no DEFLATE end the connection; nothing of them is taken for a response.
func TestCOMPRESSBroken(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.send(s.command("COMPRESS")+" OK active", "* 99 EXISTS", "* BYE")
		_, _ = io.Copy(io.Discard, s.r)
	}, func(t *testing.T, c *Conn) {
		sub := c.Subscribe(0)
		c.Start(t.Context(), command{spec: specCompress}, CallOptions{})
		_, _, err := sub.Next(t.Context())
		var corrupt flate.CorruptInputError
		require.ErrorAs(t, err, &corrupt)
		require.ErrorIs(t, err, ErrConnectionLost)
	})
}

// TestSTARTTLSAfterCOMPRESS: TLS comes first or not at all (RFC 4978 section 3).
func TestSTARTTLSAfterCOMPRESS(t *testing.T) {
	play(t, inClear, Options{}, func(s *server) {
		s.compress("")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		c.Start(ctx, command{spec: specCompress}, CallOptions{})
		_, err := c.Start(ctx, starttls, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrState)
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
	})
}

func TestDeflater(t *testing.T) {
	var wired bytes.Buffer
	d := deflater{w: &wired}
	r := flate.NewReader(&wired)
	for _, n := range []int{1, 2, 100, smallBuffer, storedMax - 1, storedMax, storedMax + 1, 3*storedMax + 5} {
		text := bytes.Repeat([]byte("abcdefg"), n/7+1)[:n]
		m, err := d.Write(text)
		require.NoError(t, err)
		assert.Equal(t, n, m)
		got := make([]byte, n)
		_, err = io.ReadFull(r, got)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(text, got), "%d octets", n)
		assert.LessOrEqual(t, wired.Len(), 5, "all but the empty block at the end has been read")
	}
	_, err := (&deflater{w: broken{}}).Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestUpgradeOfAStream: a transport without deadlines and addresses, such as the pipes of a process, takes TLS as well.
func TestUpgradeOfAStream(t *testing.T) {
	near, far := net.Pipe()
	var conn net.Conn = stream{near}
	assert.Equal(t, "stream", conn.LocalAddr().Network()+"", conn.RemoteAddr().String())
	require.NoError(t, conn.SetDeadline(time.Now()))
	require.NoError(t, conn.SetReadDeadline(time.Now()))
	require.NoError(t, conn.SetWriteDeadline(time.Now()))
	cert, pool := certificate(t)
	go func() {
		secure := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{cert}})
		_, _ = io.Copy(secure, secure)
		_ = secure.Close()
	}()
	secure, err := overTLS(&tls.Config{ServerName: "mail.example", RootCAs: pool})(t.Context(), conn)
	require.NoError(t, err)
	_, err = io.WriteString(secure, "hello")
	require.NoError(t, err)
	got := make([]byte, 5)
	_, err = io.ReadFull(secure, got)
	require.NoError(t, err)
	assert.Equal(t, "hello", string(got))
	require.NoError(t, secure.Close())
}

func TestModes(t *testing.T) {
	caps := func(names ...string) Caps { return newCaps(names, codec{}) }
	for _, tt := range []struct {
		name          string
		caps, enabled Caps
		want          wire.Mode
		rev2          bool
	}{
		{"nothing", Caps{}, Caps{}, wire.Mode{}, false},
		{"literals", caps("IMAP4rev1", "literal+", "BINARY"), Caps{}, wire.Mode{LiteralPlus: true, Literal8: true}, false},
		{"small literals", caps("IMAP4rev1", "LITERAL-"), Caps{}, wire.Mode{LiteralMinus: true}, false},
		{"both revisions", caps("IMAP4rev1", "IMAP4rev2"), Caps{}, wire.Mode{LiteralMinus: true}, false},
		{"revision 2 enabled", caps("IMAP4rev1", "IMAP4rev2"), caps("IMAP4rev2"), wire.Mode{LiteralMinus: true, UTF8: true}, true},
		{"revision 2 alone", caps("IMAP4rev2"), Caps{}, wire.Mode{LiteralMinus: true, UTF8: true}, true},
		{"UTF-8 enabled", caps("IMAP4rev1"), caps("UTF8=ACCEPT"), wire.Mode{UTF8: true}, false},
	} {
		mode := encoding(tt.caps, tt.enabled)
		assert.Equal(t, tt.rev2, mode.InForce("imap4REV2"), tt.name)
		mode.Has, mode.InForce = nil, nil // functions are not compared
		assert.Equal(t, tt.want, mode, tt.name)
	}
}
