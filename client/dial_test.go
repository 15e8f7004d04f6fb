package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

func TestDialImplicitTLS(t *testing.T) {
	server, ours := configs(t, "127.0.0.1")
	addr := listen(t, func(s *script) {
		s.upgrade(server)
		s.send("* OK hello")
		s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE")
		s.end()
	})
	c, err := client.Dial(t.Context(), "imaps://"+addr, client.Options{TLS: ours})
	require.NoError(t, err)
	defer c.Close()
	state, ok := c.TLS()
	assert.True(t, ok)
	assert.True(t, state.HandshakeComplete)
	assert.GreaterOrEqual(t, state.Version, uint16(tls.VersionTLS12))
	assert.True(t, c.Caps().Has("idle"))
	assert.Equal(t, conn.StateNotAuthenticated, c.State())
	assert.Equal(t, "hello", c.Greeting().Text)
	assert.NoError(t, c.Close())
	assert.NoError(t, c.Close())
	assert.ErrorIs(t, c.Noop(t.Context()), imap.ErrClosed)
}

func TestDialRefusesBadTLS(t *testing.T) {
	tests := []struct {
		name    string
		cert    string
		server  func(*tls.Config)
		ours    func(*tls.Config)
		wantErr any
	}{
		{name: "another name", cert: "mail.example.org", wantErr: new(x509.HostnameError)},
		{name: "unknown authority", cert: "127.0.0.1", ours: func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, wantErr: new(x509.UnknownAuthorityError)},
		{name: "TLS 1.1, whatever is configured", cert: "127.0.0.1",
			server: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }, ours: func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, ours := configs(t, test.cert)
			if test.server != nil {
				test.server(server)
			}
			if test.ours != nil {
				test.ours(ours)
			}
			addr := listen(t, func(s *script) {
				assert.Error(t, tls.Server(s.nc, server).HandshakeContext(t.Context()))
			})
			_, err := client.Dial(t.Context(), "imaps://"+addr, client.Options{TLS: ours})
			require.ErrorContains(t, err, "TLS handshake")
			if test.wantErr != nil {
				assert.ErrorAs(t, err, test.wantErr)
			}
		})
	}
}

func TestDialStartTLS(t *testing.T) {
	server, ours := configs(t, "127.0.0.1")
	addr := listen(t, func(s *script) {
		s.send(rev1("STARTTLS", "LOGINDISABLED"))
		tag := s.want("STARTTLS")
		s.send("* 9 EXISTS", "* OK [ALERT] call 555", tag+" OK [CAPABILITY IMAP4rev1 AUTH=PLAIN X-FORGED] go")
		s.upgrade(server)
		s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 SASL-IR")
		s.want(`LOGIN ada "secret"`)
	})
	_, err := client.Dial(t.Context(), "imap://"+addr, client.Options{TLS: ours, Auth: client.Password("ada", "secret")})
	assert.ErrorIs(t, err, imap.ErrConnectionLost) // the script ends there
}

// The context of Dial ends with Dial.
func TestDialContextDoesNotGovernTheConnection(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	nc := pipe(t, func(s *script) {
		s.send(preauth())
		s.ok("NOOP")
		s.end()
	})
	c, err := client.New(ctx, nc, inClear)
	require.NoError(t, err)
	cancel()
	assert.NoError(t, c.Noop(t.Context()))
	assert.NoError(t, c.Close())
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func (f dialFunc) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return f(ctx, network, address)
}

func TestDialAddress(t *testing.T) {
	tests := []struct{ url, addr string }{
		{"imap://mail.example.org", "mail.example.org:143"},
		{"imaps://mail.example.org", "mail.example.org:993"},
		{"imaps://mail.example.org/", "mail.example.org:993"},
		{"imaps://mail.example.org:1993", "mail.example.org:1993"},
		{"imap://[2001:db8::1]", "[2001:db8::1]:143"},
		{"imaps://[2001:db8::1]:4993", "[2001:db8::1]:4993"},
		{"imap://", "localhost:143"},
		{"imaps://ada:pass@mail.example.org", "mail.example.org:993"},
	}
	for _, test := range tests {
		t.Run(test.url, func(t *testing.T) {
			var network, addr string
			_, err := client.Dial(t.Context(), test.url, client.Options{Dialer: dialFunc(func(_ context.Context, n, a string) (net.Conn, error) {
				network, addr = n, a
				return nil, assert.AnError
			})})
			assert.ErrorIs(t, err, assert.AnError)
			assert.Equal(t, "tcp", network)
			assert.Equal(t, test.addr, addr)
		})
	}
}

func TestDialRefusesAddress(t *testing.T) {
	for _, url := range []string{
		"", "mail.example.org", "mail.example.org:143", "http://mail.example.org", "imap://mail.example.org/INBOX", "imap://mail.example.org?x",
		"imap:mail.example.org", "imap://ada:s3cr3t@host:port", "imap://ada:s3cr3t/x@host", "imap://ada@mail.example.org", "imap://a b",
	} {
		t.Run(url, func(t *testing.T) {
			_, err := client.Dial(t.Context(), url, client.Options{Dialer: dialFunc(func(context.Context, string, string) (net.Conn, error) {
				t.Error("dialled")
				return nil, assert.AnError
			})})
			require.ErrorContains(t, err, "address")
			assert.NotContains(t, err.Error(), "s3cr3t")
		})
	}
}

func TestDialUserInURL(t *testing.T) {
	server, ours := configs(t, "127.0.0.1")
	addr := listen(t, func(s *script) {
		s.upgrade(server)
		s.send(rev1())
		tag := s.want(`LOGIN ada "pa ss"`)
		s.send(tag + " OK [CAPABILITY IMAP4rev1 X] in")
		s.end()
	})
	c, err := client.Dial(t.Context(), "imaps://ada:pa%20ss@"+addr, client.Options{TLS: ours})
	require.NoError(t, err)
	assert.True(t, c.Caps().Has("X"))
	assert.NoError(t, c.Close())
}

func TestGreeting(t *testing.T) {
	for _, test := range []struct{ name, greeting, want string }{
		{"bye", "* BYE too many of you", "too many of you"},
		{"garbage", "220 smtp.example.org ESMTP", "220"},
	} {
		t.Run(test.name, func(t *testing.T) {
			nc := pipe(t, func(s *script) {
				s.send(test.greeting)
				s.end()
			})
			_, err := client.New(t.Context(), nc, inClear)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestNewOverTLS(t *testing.T) {
	server, ours := configs(t, "mail.example.org")
	ours.ServerName = "mail.example.org"
	t.Run("begun by the caller", func(t *testing.T) {
		nc := pipe(t, func(s *script) {
			s.upgrade(server)
			s.send(preauth())
			s.end()
		})
		c, err := client.New(t.Context(), tls.Client(nc, ours), client.Options{})
		require.NoError(t, err)
		_, ok := c.TLS()
		assert.True(t, ok)
		assert.Equal(t, conn.StateAuthenticated, c.State())
		assert.NoError(t, c.Close())
	})
	t.Run("STARTTLS", func(t *testing.T) {
		nc := pipe(t, func(s *script) {
			s.send(rev1("STARTTLS"))
			s.startTLS(server)
			s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1")
			s.end()
		})
		c, err := client.New(t.Context(), nc, client.Options{TLS: ours})
		require.NoError(t, err)
		assert.ErrorContains(t, c.StartTLS(t.Context(), ours), "already")
		assert.NoError(t, c.Close())
	})
	t.Run("no name to check", func(t *testing.T) {
		nc := pipe(t, func(s *script) {
			s.send(rev1("STARTTLS"))
			s.ok("STARTTLS")
			s.end()
		})
		_, err := client.New(t.Context(), nc, client.Options{})
		assert.ErrorIs(t, err, client.ErrTLSRequired)
		assert.ErrorContains(t, err, "ServerName")
	})
}
