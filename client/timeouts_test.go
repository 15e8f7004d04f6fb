package client_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// Whatever the server does not do, Dial ends when its time is over: that of the step, or of the whole.
func TestDialTimeouts(t *testing.T) {
	stall := func(s *script) {
		_ = s.nc.SetReadDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, s.r)
	}
	greeting := func(s *script, _ *tls.Config) { stall(s) }
	capability := func(s *script, _ *tls.Config) {
		s.send("* OK hello")
		s.want("CAPABILITY")
		stall(s)
	}
	starttls := func(s *script, _ *tls.Config) {
		s.send(rev1("STARTTLS"))
		s.want("STARTTLS")
		stall(s)
	}
	handshake := func(s *script, _ *tls.Config) {
		s.send(rev1("STARTTLS"))
		s.ok("STARTTLS")
		stall(s)
	}
	login := func(s *script, server *tls.Config) {
		s.send(rev1("STARTTLS"))
		s.startTLS(server)
		s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1")
		s.want(`LOGIN ada "x"`)
		stall(s)
	}
	tests := []struct {
		name, url string
		play      func(s *script, server *tls.Config)
		timeouts  client.Timeouts
		want      time.Duration
		is        error
		text      string
	}{
		{"greeting", "imap", greeting, client.Timeouts{}, 30 * time.Second, context.DeadlineExceeded, "none within 30s"},
		{"greeting, set", "imap", greeting, client.Timeouts{Greeting: 5 * time.Second}, 5 * time.Second, context.DeadlineExceeded, "none within 5s"},
		{"greeting, as long as it takes", "imap", greeting, client.Timeouts{Greeting: -1}, time.Minute, context.DeadlineExceeded, "within 1m0s"},
		{"greeting, whole", "imap", greeting, client.Timeouts{Dial: 5 * time.Second}, 5 * time.Second, context.DeadlineExceeded, "within 5s"},
		{"capability", "imap", capability, client.Timeouts{}, time.Minute, context.DeadlineExceeded, "connecting and logging in not done within 1m0s"},
		{"capability, command", "imap", capability, client.Timeouts{Dial: -1}, 5 * time.Minute, os.ErrDeadlineExceeded, "said nothing for 5m0s"},
		{"STARTTLS", "imap", starttls, client.Timeouts{}, time.Minute, context.DeadlineExceeded, "STARTTLS"},
		{"STARTTLS, command", "imap", starttls, client.Timeouts{Command: time.Second}, time.Second, os.ErrDeadlineExceeded, "STARTTLS: read: connection lost"},
		{"handshake", "imap", handshake, client.Timeouts{Dial: time.Hour}, 30 * time.Second, context.DeadlineExceeded, "TLS handshake not done within 30s"},
		{"handshake, set", "imap", handshake, client.Timeouts{Handshake: time.Second}, time.Second, context.DeadlineExceeded, "within 1s"},
		{"handshake, whole", "imap", handshake, client.Timeouts{Handshake: -1}, time.Minute, context.DeadlineExceeded, "within 1m0s"},
		{"handshake at once", "imaps", greeting, client.Timeouts{}, 30 * time.Second, context.DeadlineExceeded, "TLS handshake not done within 30s"},
		{"login", "imap", login, client.Timeouts{}, time.Minute, context.DeadlineExceeded, "LOGIN"},
		{"login, command", "imap", login, client.Timeouts{Command: time.Second}, time.Second, os.ErrDeadlineExceeded, "LOGIN: read: connection lost"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, ours := configs(t, "127.0.0.1") // here, for the clock of the bubble
				to := dialFunc(func(context.Context, string, string) (net.Conn, error) {
					return pipe(t, func(s *script) { test.play(s, server) }), nil
				})
				began := time.Now()
				_, err := client.Dial(t.Context(), test.url+"://127.0.0.1",
					client.Options{Dialer: to, TLS: ours, Auth: client.Password("ada", "x"), Timeouts: test.timeouts})
				assert.ErrorIs(t, err, test.is)
				assert.ErrorContains(t, err, test.text)
				assert.Equal(t, test.want, time.Since(began))
			})
		})
	}
}

// Connecting itself takes as long as the whole may.
func TestDialTimeoutWhileConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := dialFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		})
		began := time.Now()
		_, err := client.Dial(t.Context(), "imaps://mail.example.org", client.Options{Dialer: to})
		assert.ErrorContains(t, err, "dial: connecting and logging in not done within 1m0s")
		assert.Equal(t, time.Minute, time.Since(began))
	})
}

// A server behind a real socket stops reading while a message is sent to it.
func TestWriteTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	served, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(served)
		nc, err := l.Accept()
		if !assert.NoError(t, err) {
			return
		}
		defer nc.Close()
		_, _ = io.WriteString(nc, preauth("LITERAL+")+"\r\n")
		<-over
	}()
	nc, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	o := inClear
	o.Timeouts.Write = 100 * time.Millisecond
	c, err := client.New(t.Context(), nc, o)
	require.NoError(t, err)
	_, err = c.Append(t.Context(), "INBOX", imap.Message(imap.SourceString(strings.Repeat("x", 64<<20))))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.ErrorIs(t, err, imap.ErrConnectionLost)
	assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
	assert.ErrorIs(t, c.Err(), imap.ErrConnectionLost)
	close(over)
	<-served
	assert.NoError(t, c.Close())
}
