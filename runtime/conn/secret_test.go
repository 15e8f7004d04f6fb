package conn

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// mechanism answers challenges with a function.
type mechanism func(challenge string) (string, error)

func (m mechanism) Next(challenge []byte) ([]byte, error) {
	s, err := m(string(challenge))
	return []byte(s), err
}

func (mechanism) Done(bool) error { return nil }

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

var authenticate = command{spec: specAuth, write: word("TEST")}

func TestSASL(t *testing.T) {
	var lines collected
	play(t, "* OK hi", Options{Trace: lines.add}, func(s *server) {
		tag := s.command("AUTHENTICATE TEST")
		s.send("+")
		s.want(b64("ada"))
		s.send("+ " + b64("nonce"))
		s.want(b64("hunter2 of nonce"))
		s.send("+ " + strings.TrimRight(b64("a"), "=")) // without padding
		s.want("")
		s.send(tag + " OK [CAPABILITY IMAP4rev1] in")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		var seen []string
		m := mechanism(func(challenge string) (string, error) {
			seen = append(seen, challenge)
			return []string{"ada", "hunter2 of nonce", ""}[len(seen)-1], nil
		})
		k := c.Start(ctx, authenticate, CallOptions{SASL: m})
		_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		_, err = k.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, []string{"", "nonce", "a"}, seen)
		assert.Equal(t, StateAuthenticated, c.State())
		assert.Equal(t, []string{
			"S: * OK hi", "C: TAG AUTHENTICATE TEST", "S: + ***", "C: ***", "S: + ***", "C: ***", "S: + ***", "C: ***",
			"S: TAG OK [CAPABILITY IMAP4rev1] in", "C: TAG NOOP", "S: TAG OK done",
		}, lines.text())
	})
}

func TestSASLCancelled(t *testing.T) {
	fails := errors.New("server signature is wrong")
	for _, tt := range []struct {
		name string
		send string
		m    SASL
		text string
	}{
		{"challenge that is not base64", "+ go away", mechanism(func(string) (string, error) { return "", nil }),
			"imap: AUTHENTICATE: read challenge: illegal base64 data at input byte 2: BAD cancelled"},
		{"mechanism gives up", "+ ", mechanism(func(string) (string, error) { return "", fails }),
			"imap: AUTHENTICATE: answer challenge: server signature is wrong: BAD cancelled"},
		{"mechanism at its end", "+ ", mechanism(func(string) (string, error) { return "", io.EOF }),
			"imap: AUTHENTICATE: unexpected EOF: BAD cancelled"},
		{"no mechanism", "+ ", nil, "imap: AUTHENTICATE: challenge without a mechanism to answer it: BAD cancelled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, "* OK hi", Options{}, func(s *server) {
				tag := s.command("AUTHENTICATE TEST")
				s.send(tt.send)
				s.want("*")
				s.send(tag + " BAD cancelled")
				s.answer("NOOP")
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				_, err := c.Start(ctx, authenticate, CallOptions{SASL: tt.m}).Wait(ctx)
				require.EqualError(t, err, tt.text)
				require.NotErrorIs(t, err, io.EOF)
				_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
				require.NoError(t, err, "the session lives")
				assert.Equal(t, StateNotAuthenticated, c.State())
			})
		})
	}
	t.Run("by the context", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			tag := s.command("AUTHENTICATE TEST")
			s.send("+ ")
			s.want("*")
			s.send(tag + " BAD cancelled")
			s.answer("NOOP")
		}, func(t *testing.T, c *Conn) {
			ctx, cancel := context.WithCancel(t.Context())
			_, err := c.Start(ctx, authenticate, CallOptions{SASL: mechanism(func(string) (string, error) {
				cancel()
				return "secret", nil
			})}).Wait(ctx)
			require.ErrorIs(t, err, context.Canceled)
			_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
		})
	})
	t.Run("but the server says OK", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			tag := s.command("AUTHENTICATE TEST")
			s.send("+ ")
			s.want("*")
			s.send(tag + " OK in")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), authenticate, CallOptions{SASL: mechanism(func(string) (string, error) { return "", fails })}).Wait(t.Context())
			require.ErrorIs(t, err, ErrProtocol)
			<-c.Done()
		})
	})
	t.Run("and asked again", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			s.command("AUTHENTICATE TEST")
			s.send("+ ")
			s.want("*")
			s.send("+ ")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), authenticate, CallOptions{}).Wait(t.Context())
			require.ErrorIs(t, err, ErrProtocol)
		})
	})
	t.Run("refused while the response was being made", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			tag := s.command("AUTHENTICATE TEST")
			s.send("+ ")
			s.send(tag + " NO too slow")
			s.answer("NOOP") // not the response: it would be read as a command
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), authenticate, CallOptions{SASL: mechanism(func(string) (string, error) {
				time.Sleep(time.Hour)
				return "secret", nil
			})}).Wait(t.Context())
			require.EqualError(t, err, "imap: AUTHENTICATE: NO too slow")
			_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
		})
	})
	t.Run("let in while the response was being made", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			tag := s.command("AUTHENTICATE TEST")
			s.send("+ ")
			s.send(tag + " OK in")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), authenticate, CallOptions{SASL: mechanism(func(string) (string, error) {
				time.Sleep(time.Hour)
				return "secret", nil
			})}).Wait(t.Context())
			require.ErrorIs(t, err, ErrProtocol)
			time.Sleep(time.Hour)
		})
	})
	t.Run("challenges without end", func(t *testing.T) {
		play(t, "* OK hi", Options{}, func(s *server) {
			tag := s.command("AUTHENTICATE TEST")
			for range maxChallenges {
				s.send("+ ")
				s.want("")
			}
			s.send("+ ")
			s.want("*")
			s.send(tag + " BAD cancelled")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), authenticate, CallOptions{SASL: mechanism(func(string) (string, error) { return "", nil })}).Wait(t.Context())
			require.ErrorContains(t, err, "more than 64 challenges")
		})
	})
}

// TestNoSecretIsShown: passwords go over the wire in each form that an argument takes, and appear nowhere else.
func TestNoSecretIsShown(t *testing.T) {
	for _, password := range []string{"hunter2", `hun"ter2`, "hunter2\xff", "hunter2\r\n"} {
		t.Run(fmt.Sprintf("%q", password), func(t *testing.T) {
			var lines collected
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			play(t, "* OK [CAPABILITY LITERAL+] hi", Options{Trace: lines.add, Logger: logger}, func(s *server) {
				tag, first, _ := strings.Cut(s.line(), " ")
				if strings.HasSuffix(first, "+}") {
					s.octets(len(password))
					s.want("")
				}
				s.send(tag + " NO wrong")
			}, func(t *testing.T, c *Conn) {
				_, err := c.Start(t.Context(), login(password), CallOptions{}).Wait(t.Context())
				var e *Error
				require.ErrorAs(t, err, &e)
				all := strings.Join(append(append(lines.text(), e.Trace...), e.Error(), log.String(), fmt.Sprintf("%+v", e)), "\n")
				assert.NotContains(t, all, "hun")
				assert.Contains(t, all, "LOGIN ada ***")
				assert.Contains(t, e.Trace[1], "LOGIN ada ***")
			})
		})
	}
	t.Run("behind a synchronizing literal", func(t *testing.T) {
		var lines collected
		play(t, "* OK [CAPABILITY X] hi", Options{Trace: lines.add}, func(s *server) {
			tag := s.command("LOGIN ada {9}")
			s.send("+")
			s.octets(9)
			s.want("")
			s.send(tag + " NO wrong")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), login("hunter2\r\n"), CallOptions{}).Wait(t.Context())
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.NotContains(t, strings.Join(append(lines.text(), e.Trace...), "\n"), "hunter2")
		})
	})
}

// TestURLsThatLetInAreNotShown: their tokens are credentials (RFC 5092 section 11).
func TestURLsThatLetInAreNotShown(t *testing.T) {
	const url = `"imap://joe@example.com/INBOX/;uid=20;%s=submit+fred:internal:91354a473744909de610943775f92038"`
	var lines collected
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	play(t, "* PREAUTH hi", Options{Trace: lines.add, Logger: logger}, func(s *server) {
		tag := s.command("NOOP")
		s.send("* GENURLAUTH "+fmt.Sprintf(url, "urlauth"), "* LIST (("+fmt.Sprintf(url, "URLAUTH"), "* OK a;b c:d", tag+" NO")
	}, func(t *testing.T, c *Conn) {
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		var e *Error
		require.ErrorAs(t, err, &e)
		all := strings.Join(append(append(lines.text(), e.Trace...), log.String(), fmt.Sprintf("%+v", e)), "\n")
		assert.NotContains(t, all, "91354a47")
		assert.Contains(t, lines.text(), `S: * GENURLAUTH "imap://joe@example.com/INBOX/;uid=20;urlauth=submit+fred:internal:***"`)
		assert.Contains(t, lines.text(), "S: * OK a;b c:d")
	})
}

func TestTraceIsCut(t *testing.T) {
	var lines collected
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	play(t, "* PREAUTH hi", Options{Trace: lines.add, Logger: logger}, func(s *server) {
		tag := s.command("NOOP")
		s.send("* XFOO "+strings.Repeat("x", 1<<20), tag+" OK")
	}, func(t *testing.T, c *Conn) {
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
		assert.Contains(t, lines.text(), "S: * XFOO "+strings.Repeat("x", traceShown-len("* XFOO "))+" ...")
		assert.Less(t, log.Len(), 2*traceShown)
	})
}

func TestTraceRing(t *testing.T) {
	tr := tracer{opts: &Options{TraceLines: 3, Logger: slog.New(slog.DiscardHandler)}}
	assert.Empty(t, tr.last())
	for i := range 5 {
		tr.add(i%2 == 0, []byte(fmt.Sprintf("line %d\r\n", i)))
	}
	assert.Equal(t, []string{"C: line 2", "S: line 3", "C: line 4"}, tr.last())
	tr.add(false, []byte("\x1b[2J"+strings.Repeat("x", 1000)))
	assert.Equal(t, `S: \x1b[2J`+strings.Repeat("x", traceLine-4), tr.last()[2])

	tr = tracer{opts: &Options{TraceLines: 100, Logger: slog.New(slog.DiscardHandler)}}
	for i := range 1000 {
		tr.add(false, []byte(fmt.Sprintf("%03d %s", i, strings.Repeat("x", i%200))))
		last := tr.last()
		assert.Equal(t, fmt.Sprintf("S: %03d %s", i, strings.Repeat("x", i%200)), last[len(last)-1])
		assert.LessOrEqual(t, len(strings.Join(last, "")), traceOctets+3*len(last))
	}
}

func TestTraceOfASource(t *testing.T) {
	var lines collected
	play(t, "* PREAUTH [CAPABILITY LITERAL+] hi", Options{Trace: lines.add}, func(s *server) {
		tag := s.command("APPEND box {5+}")
		s.want("hello")
		s.send(tag + " OK")
	}, func(t *testing.T, c *Conn) {
		_, err := c.Start(t.Context(), appendTo("box", wire.SourceString("hello")), CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
		assert.Contains(t, lines.text(), "C: <5 octets>")
		assert.NotContains(t, lines.text(), "C: ", "the end of the command")
	})
}
