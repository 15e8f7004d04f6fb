package client_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// insecure are options for scripts that take passwords without TLS.
var insecure = client.Options{InsecureNoTLS: true, InsecureAuth: true}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestPassword(t *testing.T) {
	tests := []struct {
		name string
		play func(*script)
	}{
		{"PLAIN where offered", func(s *script) {
			s.send(rev1("AUTH=PLAIN"))
			tag := s.want("AUTHENTICATE PLAIN")
			s.send("+ ")
			s.wantLine(b64("\x00ada\x00s3cr3t"))
			s.send(tag + " OK [CAPABILITY IMAP4rev1 X] in")
		}},
		{"PLAIN with an initial response", func(s *script) {
			s.send(rev1("AUTH=PLAIN", "SASL-IR"))
			s.send(s.want("AUTHENTICATE PLAIN "+b64("\x00ada\x00s3cr3t")) + " OK [CAPABILITY IMAP4rev1 X] in")
		}},
		{"LOGIN else", func(s *script) {
			s.send(rev1("AUTH=LOGIN"))
			s.send(s.want(`LOGIN ada "s3cr3t"`) + " OK [CAPABILITY IMAP4rev1 X] in")
		}},
		{"capabilities asked for", func(s *script) {
			s.send(rev1())
			s.send(s.want(`LOGIN ada "s3cr3t"`) + " OK in")
			s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 X")
		}},
		{"capabilities in untagged data", func(s *script) {
			s.send(rev1())
			s.ok(`LOGIN ada "s3cr3t"`, "* CAPABILITY IMAP4rev1 X")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var trace record
			o := insecure
			o.Auth, o.Trace = client.Password("ada", "s3cr3t"), &trace
			c, err := client.New(t.Context(), pipe(t, func(s *script) {
				test.play(s)
				s.end()
			}), o)
			require.NoError(t, err)
			assert.Equal(t, conn.StateAuthenticated, c.State())
			assert.True(t, c.Caps().Has("X"))
			require.NoError(t, c.Close())
			assert.NotEmpty(t, trace.String())
			assertNoSecret(t, trace.String())
		})
	}
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	assert.NotContains(t, text, "s3cr3t")
	assert.NotContains(t, text, b64("\x00ada\x00s3cr3t"))
}

func TestLoginRefusedLocally(t *testing.T) {
	notAsked := client.Token("ada", func(context.Context) (string, error) {
		t.Error("the token was asked for")
		return "s3cr3t", nil
	})
	tests := []struct {
		name     string
		greeting string
		o        client.Options
		auth     client.Auth
		want     error
	}{
		{"in clear, LOGIN", rev1(), inClear, client.Password("ada", "x"), client.ErrInsecureAuth},
		{"in clear, PLAIN", rev1("AUTH=PLAIN"), inClear, client.Password("ada", "x"), client.ErrInsecureAuth},
		{"in clear, SASL", rev1("AUTH=PLAIN"), inClear, client.SASL(client.Plain("", "ada", "x")), client.ErrInsecureAuth},
		{"in clear, CRAM-MD5", rev1("AUTH=CRAM-MD5"), inClear, client.Password("ada", "x").Only(client.MechCramMD5), client.ErrInsecureAuth},
		{"in clear, SCRAM", rev1("AUTH=SCRAM-SHA-256"), inClear, client.Password("ada", "x"), client.ErrInsecureAuth},
		{"in clear, a token that is not even asked for", rev1("AUTH=OAUTHBEARER"), inClear, notAsked, client.ErrInsecureAuth},
		{"a token for nothing", rev1("AUTH=PLAIN"), insecure, notAsked, client.ErrNotOffered},
		{"LOGINDISABLED", rev1("LOGINDISABLED"), insecure, client.Password("ada", "x"), client.ErrLoginDisabled},
		{"LOGINDISABLED, PLAIN", rev1("LOGINDISABLED", "AUTH=PLAIN"), insecure, client.Password("ada", "x"), client.ErrLoginDisabled},
		{"LOGINDISABLED, SASL in clear", rev1("LOGINDISABLED", "AUTH=PLAIN"), insecure, client.SASL(client.Plain("", "ada", "x")), client.ErrLoginDisabled},
		{"not offered", rev1("AUTH=SCRAM-SHA-1"), insecure, client.SASL(client.Plain("", "ada", "x")), client.ErrNotOffered},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			greet := func(s *script) {
				s.send(test.greeting)
				s.end() // nothing was sent
			}
			o := test.o
			o.Auth = test.auth
			_, err := client.New(t.Context(), pipe(t, greet), o)
			assert.ErrorIs(t, err, test.want)

			c, err := client.New(t.Context(), pipe(t, greet), test.o)
			require.NoError(t, err)
			assert.ErrorIs(t, c.Authenticate(t.Context(), test.auth), test.want)
			assert.NoError(t, c.Close())
		})
	}
}

func TestLoginCommandRefusedInClear(t *testing.T) {
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(rev1())
		s.end()
	}), inClear)
	require.NoError(t, err)
	assert.ErrorIs(t, c.Login(t.Context(), "ada", "x"), client.ErrInsecureAuth)
	_, err = client.Do(t.Context(), c, imap.Login{User: "ada", Password: "x"})
	assert.ErrorIs(t, err, client.ErrInsecureAuth)
	assert.NoError(t, c.Close())
}

func TestCommandsWithMethodsOfTheirOwn(t *testing.T) {
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(rev1("STARTTLS", "IDLE"))
		s.send(s.want(`LOGIN ada "x"`) + " OK [CAPABILITY IMAP4rev1 IDLE] in")
		s.end()
	}), insecure)
	require.NoError(t, err)
	_, err = client.Do(t.Context(), c, imap.Authenticate{Mechanism: "PLAIN"})
	assert.ErrorIs(t, err, client.ErrOwnMethod)
	_, err = client.Do(t.Context(), c, imap.Starttls{})
	assert.ErrorIs(t, err, client.ErrOwnMethod)
	require.NoError(t, c.Login(t.Context(), "ada", "x"))
	_, err = client.Do(t.Context(), c, imap.Idle{})
	assert.ErrorIs(t, err, client.ErrOwnMethod)
	assert.NoError(t, c.Close())
}

func TestWrongPassword(t *testing.T) {
	var trace record
	o := insecure
	o.Auth, o.Trace = client.Password("ada", "s3cr3t"), &trace
	_, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(rev1())
		s.send(s.want(`LOGIN ada "s3cr3t"`) + " NO [AUTHENTICATIONFAILED] go \x1b[31maway")
		s.end()
	}), o)
	var e *imap.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, conn.ConditionNO, e.Type)
	assert.Equal(t, "AUTHENTICATIONFAILED", e.Code.Keyword())
	assert.NotContains(t, err.Error(), "\x1b")
	assertNoSecret(t, fmt.Sprintf("%+v %#v %v", err, e, e.Trace))
	assertNoSecret(t, trace.String())
}

// A mech is a mechanism made of functions.
type mech struct {
	name string
	ir   []byte
	next func([]byte) ([]byte, error)
}

func (m mech) Start() (string, []byte, error)        { return m.name, m.ir, nil }
func (m mech) Next(challenge []byte) ([]byte, error) { return m.next(challenge) }

func TestSASL(t *testing.T) {
	t.Run("the server speaks first", func(t *testing.T) {
		o := insecure
		o.Auth = client.SASL(mech{name: "X-ECHO", next: func(c []byte) ([]byte, error) { return append([]byte("re:"), c...), nil }})
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(rev1("AUTH=X-ECHO"))
			tag := s.want("AUTHENTICATE X-ECHO")
			for _, challenge := range []string{"one", "two"} {
				s.send("+ " + b64(challenge))
				s.wantLine(b64("re:" + challenge))
			}
			s.send(tag + " OK [CAPABILITY IMAP4rev1] in")
			s.end()
		}), o)
		require.NoError(t, err)
		assert.NoError(t, c.Close())
	})
	t.Run("cancelled by the mechanism", func(t *testing.T) {
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(rev1("AUTH=X-PICKY"))
			tag := s.want("AUTHENTICATE X-PICKY")
			s.send("+ " + b64("who are you"))
			s.wantLine("*")
			s.send(tag + " BAD cancelled")
			s.ok("NOOP")
			s.end()
		}), insecure)
		require.NoError(t, err)
		picky := errors.New("not to my liking")
		err = c.Authenticate(t.Context(), client.SASL(mech{name: "X-PICKY", next: func([]byte) ([]byte, error) { return nil, picky }}))
		assert.ErrorIs(t, err, picky)
		assert.Equal(t, conn.StateNotAuthenticated, c.State())
		assert.NoError(t, c.Noop(t.Context()))
		assert.NoError(t, c.Close())
	})
	t.Run("a challenge that is not base64", func(t *testing.T) {
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(rev1("AUTH=PLAIN"))
			tag := s.want("AUTHENTICATE PLAIN")
			s.send("+ not base64!")
			s.wantLine("*")
			s.send(tag + " BAD cancelled")
			s.ok("NOOP")
			s.end()
		}), insecure)
		require.NoError(t, err)
		assert.Error(t, c.Authenticate(t.Context(), client.Password("ada", "x")))
		assert.NoError(t, c.Noop(t.Context()))
		assert.NoError(t, c.Close())
	})
	t.Run("NUL in a password", func(t *testing.T) {
		o := insecure
		o.Auth = client.Password("ada", "a\x00b")
		_, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(rev1("AUTH=PLAIN"))
			s.end()
		}), o)
		assert.ErrorContains(t, err, "NUL")
	})
}

// CR and LF in a user's name or password stay in their argument.
func TestLoginIsInjectionSafe(t *testing.T) {
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(rev1())
		tag := s.want("LOGIN {13}")
		s.send("+ more")
		s.wantLine("a")
		s.wantLine("X1 LOGOUT\r {3}") // the literal ends within the line
		s.send("+ more")
		s.wantLine("b")
		s.wantLine("")
		s.send(tag + " OK [CAPABILITY IMAP4rev1] in")
		s.end()
	}), insecure)
	require.NoError(t, err)
	assert.NoError(t, c.Login(context.Background(), "a\r\nX1 LOGOUT\r", "b\r\n"))
	assert.NoError(t, c.Close())
}
