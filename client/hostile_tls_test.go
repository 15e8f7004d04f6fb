package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// TestStartTLSAttacks: whoever sits between client and server before TLS begins gets no password, and nothing that he says is believed.
// Every case ends without a client; base: nostarttls.secvuln.info.
func TestStartTLSAttacks(t *testing.T) {
	server, ours := configs(t, "127.0.0.1")
	inject := func(octets string) func(*script) {
		return func(s *script) {
			s.send(rev1("STARTTLS"))
			tag := s.want("STARTTLS")
			s.sendRaw(tag + " OK begin\r\n" + strings.ReplaceAll(octets, "%next", next(tag)))
			s.hangUp()
		}
	}
	tests := []struct {
		name string
		play func(*script)
		want error
	}{
		{"untagged data behind the OK", inject("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"), conn.ErrProtocol},
		{"answer behind the OK, its tag guessed", inject("%next OK [CAPABILITY IMAP4rev1] in\r\n"), conn.ErrProtocol},
		{"many answers behind the OK", inject(strings.Repeat("A1 OK\r\nA2 OK\r\n", 100)), conn.ErrProtocol},
		{"line end behind the OK", inject("\r\n"), conn.ErrProtocol},
		{"one octet behind the OK", inject("*"), conn.ErrProtocol},
		{"TLS record behind the OK", inject("\x15\x03\x01\x00\x02\x01\x00"), conn.ErrProtocol},
		{"answered before it was sent", func(s *script) {
			s.send(rev1("STARTTLS"), "T1 OK begin", "T2 OK begin", "A1 OK", "a1 OK")
			s.hangUp()
		}, conn.ErrProtocol},
		{"answered twice, the handshake never done", func(s *script) {
			s.send(rev1("STARTTLS"))
			tag := s.want("STARTTLS")
			s.send(tag+" OK begin", tag+" OK begin")
			s.hangUp()
		}, conn.ErrProtocol},
		{"PREAUTH", func(s *script) { s.send(preauth("STARTTLS")); s.end() }, nil},
		{"PREAUTH without capabilities", func(s *script) { s.send("* PREAUTH hi"); s.end() }, nil},
		{"PREAUTH later", func(s *script) {
			s.send(rev1("STARTTLS"), "* PREAUTH you are in")
			s.startTLS(server)
			s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGINDISABLED")
			s.end()
		}, client.ErrLoginDisabled},
		{"not offered", func(s *script) { s.send(rev1("AUTH=PLAIN")); s.end() }, client.ErrNotOffered},
		{"refused with NO", func(s *script) { s.send(rev1("STARTTLS")); s.send(s.want("STARTTLS") + " NO not today"); s.end() }, nil},
		{"refused with BAD", func(s *script) { s.send(rev1("STARTTLS")); s.send(s.want("STARTTLS") + " BAD what"); s.end() }, nil},
		{"BYE instead", func(s *script) { s.send(rev1("STARTTLS")); s.want("STARTTLS"); s.send("* BYE no"); s.hangUp() }, imap.ErrConnectionLost},
		{"capabilities refused", func(s *script) { s.send("* OK hello"); s.send(s.want("CAPABILITY") + " BAD what"); s.end() }, nil},
		{"no capabilities in the answer", func(s *script) { s.send("* OK hello"); s.ok("CAPABILITY"); s.end() }, nil},
		{"garbage for a greeting, then a session", func(s *script) { s.send("220 smtp.example.org", rev1("STARTTLS")); s.hangUp() }, conn.ErrProtocol},
		{"BAD for a greeting", func(s *script) { s.send("* BAD go away", rev1("STARTTLS")); s.hangUp() }, conn.ErrProtocol},
		{"data for a greeting", func(s *script) { s.send("* CAPABILITY IMAP4rev1", rev1("STARTTLS")); s.hangUp() }, conn.ErrProtocol},
		{"tagged greeting", func(s *script) { s.send("A1 OK hello", rev1("STARTTLS")); s.hangUp() }, conn.ErrProtocol},
		{"handshake that is none", func(s *script) {
			s.send(rev1("STARTTLS"))
			tag := s.want("STARTTLS")
			s.send(tag + " OK begin")
			_, _ = s.r.ReadByte()
			s.octets("* OK never mind, go on in clear\r\n")
			s.hangUp()
		}, imap.ErrConnectionLost},
		{"cut before the handshake", func(s *script) { s.send(rev1("STARTTLS")); s.ok("STARTTLS") }, imap.ErrConnectionLost},
		{"certificate of another", func(s *script) {
			s.send(rev1("STARTTLS"))
			s.ok("STARTTLS")
			other, _ := configs(s.t, "mail.example.org")
			assert.Error(s.t, tls.Server(s.nc, other).HandshakeContext(s.t.Context()))
		}, nil},
		{"TLS 1.1", func(s *script) {
			s.send(rev1("STARTTLS"))
			s.ok("STARTTLS")
			old := server.Clone()
			old.MaxVersion = tls.VersionTLS11
			assert.Error(s.t, tls.Server(s.nc, old).HandshakeContext(s.t.Context()))
		}, nil},
		{"mechanisms from before TLS", func(s *script) {
			s.send(rev1("STARTTLS", "AUTH=PLAIN"))
			tag := s.want("STARTTLS")
			s.send(tag + " OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] begin")
			s.upgrade(server)
			s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGINDISABLED")
			s.end()
		}, client.ErrLoginDisabled},
		{"STARTTLS offered again inside", func(s *script) {
			s.send(rev1("STARTTLS"))
			s.startTLS(server)
			s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED")
			s.end()
		}, client.ErrLoginDisabled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var trace record
			_, err := client.Dial(t.Context(), "imap://"+listen(t, test.play),
				client.Options{TLS: ours, Auth: client.Password("ada", "s3cr3t"), Trace: &trace})
			require.Error(t, err)
			if test.want != nil {
				assert.ErrorIs(t, err, test.want)
			} else {
				assert.ErrorIs(t, err, client.ErrTLSRequired)
			}
			assert.NotErrorIs(t, err, io.EOF)
			assert.NotContains(t, err.Error(), "s3cr3t")
			assert.NotContains(t, trace.String(), "LOGIN ada")
			assert.NotContains(t, trace.String(), "C: AUTHENTICATE")
		})
	}
}

// TestNothingFromBeforeTLS: what was said in clear is not in the state of the client, nor among its events.
func TestNothingFromBeforeTLS(t *testing.T) {
	server, ours := configs(t, "mail.example.org")
	ours.ServerName = "mail.example.org"
	nc := pipe(t, func(s *script) {
		s.send(rev1("STARTTLS", "FORGED"), "* 23 EXISTS", "* OK [ALERT] call 555", `* LIST () "/" forged`, "* ENABLED UTF8=ACCEPT", "* OK [UIDVALIDITY 7] x")
		tag := s.want("STARTTLS")
		s.send("* CAPABILITY IMAP4rev1 FORGED", "* 24 EXISTS", tag+" OK [CAPABILITY IMAP4rev1 FORGED] begin")
		s.upgrade(server)
		s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE")
		s.end()
	})
	c, err := client.New(t.Context(), nc, client.Options{TLS: ours})
	require.NoError(t, err)
	assert.False(t, c.Caps().Has("FORGED"))
	assert.Nil(t, c.Mailbox())
	assert.NoError(t, c.Close())
}

// TestPlaintextIsRefusedLocally: LOGINDISABLED, and a connection in clear, keep passwords from being sent (RFC 3501 section 6.2.3).
func TestPlaintextIsRefusedLocally(t *testing.T) {
	ctx := t.Context()
	for name, login := range map[string]func(*client.Client) error{
		"LOGIN": func(c *client.Client) error { return c.Login(ctx, "ada", "s3cr3t") },
		"PLAIN": func(c *client.Client) error {
			return c.Authenticate(ctx, client.SASL(client.Plain("", "ada", "s3cr3t")))
		},
		"Password": func(c *client.Client) error { return c.Authenticate(ctx, client.Password("ada", "s3cr3t")) },
		"Do LOGIN": func(c *client.Client) error {
			_, err := client.Do(ctx, c, imap.Login{User: "ada", Password: "s3cr3t"})
			return err
		},
		"Raw LOGIN": func(c *client.Client) error {
			_, err := c.Raw(ctx, "LOGIN", client.RawString("ada"), client.RawSecret("s3cr3t"))
			return err
		},
	} {
		for _, insecure := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				o := client.Options{InsecureNoTLS: true, InsecureAuth: insecure}
				caps := []string{"AUTH=PLAIN"}
				if insecure {
					caps = append(caps, "LOGINDISABLED")
				}
				c, err := client.New(t.Context(), pipe(t, func(s *script) {
					s.send(rev1(caps...))
					s.end()
				}), o)
				require.NoError(t, err)
				assert.Error(t, login(c))
				assert.NoError(t, c.Close())
			})
		}
	}
}

// TestTruncation: a connection that is cut without the farewell of TLS ends a body with io.ErrUnexpectedEOF, never with success.
func TestTruncation(t *testing.T) {
	server, ours := configs(t, "127.0.0.1")
	for name, octets := range map[string]string{
		"in a literal":       "* 1 FETCH (UID 1 BODY[] {1000000}\r\nhello",
		"in a short literal": "* 1 FETCH (UID 1 BODY[] {100}\r\nhello",
		"behind a literal":   "* 1 FETCH (UID 1 BODY[] {5}\r\nhello",
		"between rows":       "* 1 FETCH (UID 1)\r\n",
		"in a line":          "* 1 FETCH (UID",
	} {
		for _, polite := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				addr := listen(t, func(s *script) {
					below := s.nc
					s.upgrade(server)
					s.send(preauth())
					s.selected("INBOX", 3)
					s.want("UID FETCH 1:3 BODY.PEEK[]")
					s.sendRaw(octets)
					if polite {
						_ = s.nc.Close()
					} else {
						_ = below.Close()
					}
				})
				c, err := client.Dial(t.Context(), "imaps://"+addr, client.Options{TLS: ours})
				require.NoError(t, err)
				box, err := c.Select(t.Context(), "INBOX")
				require.NoError(t, err)
				for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 3), imap.FetchBodySection{Peek: true}) {
					if err == nil {
						assert.Empty(t, m.BodySection, "a cut body was given for a whole one")
						continue
					}
					assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
					assert.ErrorIs(t, err, imap.ErrConnectionLost)
					assert.NotErrorIs(t, err, io.EOF)
				}
				assert.Error(t, c.Err())
				_ = c.Close()
			})
		}
	}
}

// TestCompressAttacks: what follows the OK to COMPRESS in clear is taken for compressed octets, which it is not.
func TestCompressAttacks(t *testing.T) {
	for name, injected := range map[string]string{
		"answers":       "A1 OK\r\nA2 OK\r\n",
		"data":          "* 23 EXISTS\r\n",
		"nothing":       "\x00",
		"reserved type": "\xff\xff\xff\xff",
		"zlib header":   "\x78\x9c\xcb\x48",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := client.New(t.Context(), pipe(t, func(s *script) {
					s.send(preauth("COMPRESS=DEFLATE", "STARTTLS"))
					tag := s.want("COMPRESS DEFLATE")
					s.octets(tag + " OK active\r\n" + injected)
					s.hangUp()
				}), inClear)
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err = c.Compress(ctx)
				if err == nil {
					err = c.Noop(ctx)
				}
				require.Error(t, err)
				assert.True(t, errors.Is(err, imap.ErrConnectionLost) || errors.Is(err, context.DeadlineExceeded), "%v", err)
				assert.NoError(t, c.Close())
			})
		})
	}
	t.Run("STARTTLS after COMPRESS", func(t *testing.T) {
		_, ours := configs(t, "mail.example.org")
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(rev1("COMPRESS=DEFLATE", "STARTTLS"))
			s.ok("COMPRESS DEFLATE")
			s.deflate()
			s.hangUp()
		}), inClear)
		require.NoError(t, err)
		require.NoError(t, c.Compress(t.Context()))
		assert.ErrorIs(t, c.StartTLS(t.Context(), ours), conn.ErrState)
		assert.NoError(t, c.Close())
	})
}
