package client_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// TestBehavioursAtLogin plays servers with ways of their own at the login.
func TestBehavioursAtLogin(t *testing.T) {
	const ok = " OK [CAPABILITY IMAP4rev1] logged in"
	tests := []struct {
		name string
		cap  string
		auth client.Auth
		play func(*script)
		want func(*testing.T, error) // nil: it works
	}{
		{"the prompts of QQ end in NUL", "AUTH=LOGIN", client.Password("ada", "secret").Only(client.MechLogin), func(s *script) {
			tag := s.want("AUTHENTICATE LOGIN")
			s.send("+ " + b64("User Name\x00"))
			s.wantLine(b64("ada"))
			s.send("+ " + b64("Password\x00"))
			s.wantLine(b64("secret"))
			s.send(tag + ok)
		}, nil},
		{"Exchange wants LOGIN for shared mailboxes", "AUTH=PLAIN", client.Password(`DOMAIN\ada/shared`, "secret").Only(client.MechLoginCommand), func(s *script) {
			s.send(s.want(`LOGIN "DOMAIN\\ada/shared" "secret"`) + ok)
		}, nil},
		{"Exchange knows the user and not its mailbox", "AUTH=PLAIN", client.Password("ada", "secret"), func(s *script) {
			tag := s.want("AUTHENTICATE PLAIN")
			s.send("+ ")
			s.wantLine("AGFkYQBzZWNyZXQ=")
			s.send(tag + " BAD User is authenticated but not connected.")
		}, func(t *testing.T, err error) {
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, imap.RecourseReconnect, e.Recourse())
		}},
		{"Office 365 names a time to wait", "AUTH=PLAIN", client.Password("ada", "secret"), func(s *script) {
			tag := s.want("AUTHENTICATE PLAIN")
			s.send("+ ")
			s.wantLine("AGFkYQBzZWNyZXQ=")
			s.send(tag+" BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", "* BYE Connection closed")
		}, func(t *testing.T, err error) {
			require.ErrorIs(t, err, imap.ErrThrottled)
			var e *imap.Error
			require.True(t, errors.As(err, &e))
			assert.Equal(t, 92415*time.Millisecond, e.RetryAfter())
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := client.New(t.Context(), pipe(t, func(s *script) {
				s.send(rev1(tt.cap))
				tt.play(s)
				s.end()
			}), client.Options{InsecureNoTLS: true, InsecureAuth: true, Auth: tt.auth})
			if tt.want != nil {
				tt.want(t, err)
				return
			}
			require.NoError(t, err)
			require.NoError(t, c.Close())
		})
	}
}

// TestFirstPrompts: what servers send before a mechanism's first words should be an empty challenge.
func TestFirstPrompts(t *testing.T) {
	for name, prompt := range map[string]string{"as it should be": "+ ", "no blank (public-inbox)": "+", "text": "+ go ahead"} {
		t.Run(name, func(t *testing.T) {
			nc := pipe(t, func(s *script) {
				s.send(rev1("AUTH=PLAIN"))
				tag := s.want("AUTHENTICATE PLAIN")
				s.send(prompt)
				s.wantLine("AGFkYQBzZWNyZXQ=")
				s.send(tag + " OK [CAPABILITY IMAP4rev1] logged in")
				s.end()
			})
			c, err := client.New(t.Context(), nc, client.Options{InsecureNoTLS: true, InsecureAuth: true, Auth: client.Password("ada", "secret")})
			require.NoError(t, err)
			require.NoError(t, c.Close())
		})
	}
}
