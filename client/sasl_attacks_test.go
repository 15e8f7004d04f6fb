package client_test

import (
	"context"
	"crypto/tls"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// A server that lets somebody in without the proof that it knows the password is not the one it says it is.
func TestServerWithoutProof(t *testing.T) {
	first := func(s *script) (tag string) {
		tag = s.want("AUTHENTICATE SCRAM-SHA-256")
		s.send("+ ")
		_, nonce, _ := strings.Cut(s.unbase64(), "r=")
		s.send("+ " + b64("r="+nonce+"x,s="+b64("salt")+",i=4096"))
		s.line()
		return tag
	}
	for name, play := range map[string]func(*script){
		"OK at once": func(s *script) { s.send(s.want("AUTHENTICATE SCRAM-SHA-256") + " OK in") },
		"OK behind the first message": func(s *script) {
			tag := s.want("AUTHENTICATE SCRAM-SHA-256")
			s.send("+ ")
			s.line()
			s.send(tag + " OK in")
		},
		"OK in the place of the proof": func(s *script) { s.send(first(s) + " OK in") },
		"an error, and OK": func(s *script) {
			tag := first(s)
			s.send("+ " + b64("e=other-error"))
			s.wantLine("")
			s.send(tag + " OK in")
		},
		"a wrong proof, and OK": func(s *script) {
			tag := first(s)
			s.send("+ " + b64("v="+b64("it is me")))
			s.wantLine("*")
			s.send(tag + " OK in")
		},
		"challenge and OK in one": func(s *script) {
			tag := first(s)
			s.send("+ "+b64("v="+b64("it is me")), tag+" OK in")
			s.hangUp()
		},
	} {
		t.Run(name, func(t *testing.T) {
			nc := secured(t, tls.VersionTLS13, func(s *script) {
				s.send(rev1("AUTH=SCRAM-SHA-256", "AUTH=PLAIN"))
				play(s)
				s.end()
			})
			_, err := client.New(t.Context(), nc, client.Options{Auth: password})
			require.ErrorIs(t, err, imap.ErrProtocol)
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, imap.RecourseNone, e.Recourse())
			assert.NotEmpty(t, e.Trace)
			assert.NotErrorIs(t, err, io.EOF)
		})
	}
}

// Others that are let in before they have said who they are.
func TestServerInAHurry(t *testing.T) {
	for name, auth := range map[string]client.Auth{
		"PLAIN": password.Only(client.MechPlain), "LOGIN": password.Only(client.MechLogin), "CRAM-MD5": password.Only(client.MechCramMD5),
	} {
		t.Run(name, func(t *testing.T) {
			nc := secured(t, tls.VersionTLS13, func(s *script) {
				s.send(rev1("AUTH=" + name))
				s.send(s.want("AUTHENTICATE "+name) + " OK in")
				s.end()
			})
			_, err := client.New(t.Context(), nc, client.Options{Auth: auth})
			assert.ErrorIs(t, err, imap.ErrProtocol)
		})
	}
}

// The server's complaint about a token is answered, and stands in the error.
func TestTokenRefused(t *testing.T) {
	const complaint = `{"status":"invalid_token","scope":"mail","openid-configuration":"https://example.org/.well-known/openid-configuration"}`
	for name, answer := range map[string]string{"OAUTHBEARER": "AQ==", "XOAUTH2": ""} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			nc := secured(t, tls.VersionTLS13, func(s *script) {
				s.send(rev1("AUTH="+name, "SASL-IR"))
				line := s.line()
				tag, rest, _ := strings.Cut(line, " ")
				assert.True(t, strings.HasPrefix(rest, "AUTHENTICATE "+name+" "))
				s.send("+ " + b64(complaint))
				s.wantLine(answer)
				s.send(tag + " NO [AUTHENTICATIONFAILED] refused")
				s.end()
			})
			_, err := client.New(t.Context(), nc, client.Options{Auth: client.Token("ada", func(context.Context) (string, error) {
				asked++
				return "s3cr3t", nil
			})})
			var refused *client.OAuthError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, &client.OAuthError{Status: "invalid_token", Scope: "mail",
				OpenIDConfiguration: "https://example.org/.well-known/openid-configuration", JSON: complaint}, refused)
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, imap.RecourseLogin, e.Recourse())
			assert.ErrorIs(t, err, imap.ErrAuthenticationFailed)
			assert.EqualError(t, e, "imap: AUTHENTICATE: the server does not take the token: invalid_token (scope mail): NO [AUTHENTICATIONFAILED] refused")
			assert.Equal(t, 1, asked)
		})
	}
	t.Run("not JSON, with an escape", func(t *testing.T) {
		nc := secured(t, tls.VersionTLS13, func(s *script) {
			s.send(rev1("AUTH=XOAUTH2"))
			tag := s.want("AUTHENTICATE XOAUTH2")
			s.send("+ ")
			s.line()
			s.send("+ " + b64("\x1b[2Jno"))
			s.wantLine("")
			s.send("+ " + b64("and again"))
			s.wantLine("*")
			s.send(tag + " BAD cancelled")
			s.end()
		})
		_, err := client.New(t.Context(), nc, client.Options{Auth: client.Token("ada", func(context.Context) (string, error) { return "s3cr3t", nil })})
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "\x1b")
		assert.ErrorContains(t, err, "more than one challenge")
	})
}

// With every mechanism: a challenge that cannot be decoded, and challenges without end, are cancelled, and the session lives. What the
// client says is no more than its mechanism has to say.
func TestEveryMechanismCancels(t *testing.T) {
	token := func(context.Context) (string, error) { return "s3cr3t", nil }
	mechanisms := map[string]client.Auth{
		"SCRAM-SHA-256-PLUS": password, "SCRAM-SHA-1": password, "PLAIN": password, "LOGIN": password.Only(client.MechLogin),
		"CRAM-MD5": password.Only(client.MechCramMD5), "OAUTHBEARER": client.Token("ada", token), "XOAUTH2": client.Token("ada", token),
		"EXTERNAL": client.External(), "ANONYMOUS": client.Anonymous("x"),
	}
	for name, auth := range mechanisms {
		for _, challenge := range []string{"go ahead", "\x00", b64("ask\x00again")} {
			t.Run(name+" "+challenge, func(t *testing.T) {
				nc := secured(t, tls.VersionTLS13, func(s *script) {
					s.send(rev1("AUTH=" + name))
					tag := s.want("AUTHENTICATE " + name)
					rounds := 0
					for s.send("+ " + challenge); s.line() != "*"; s.send("+ " + challenge) {
						rounds++
					}
					assert.LessOrEqual(t, rounds, 2)
					s.send(tag + " BAD cancelled")
					s.ok("NOOP")
					s.end()
				})
				c, err := client.New(t.Context(), nc, client.Options{})
				require.NoError(t, err)
				err = c.Authenticate(t.Context(), auth)
				var e *imap.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, imap.RecourseNone, e.Recourse())
				assert.NotContains(t, err.Error(), "\x00")
				assert.NoError(t, c.Noop(t.Context()), "the session lives")
				assert.NoError(t, c.Close())
			})
		}
	}
}
