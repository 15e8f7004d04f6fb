package client_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// TestLiteralsOnTheWire: the octets of a literal go out when the server has said so, or has said that it need not, and never after a refusal:
// they would be read as commands.
func TestLiteralsOnTheWire(t *testing.T) {
	const smuggled = "x\r\nA1 DELETE victim\r\n"
	search := func(ctx context.Context, box *client.Mailbox, text string) error {
		_, err := box.Search(ctx, imap.SearchSubject(text))
		return err
	}
	long := strings.Repeat("x", 5000)
	tests := []struct {
		name string
		caps []string
		text string
		play func(*script)
		ok   bool
	}{
		{"refused with NO", nil, smuggled, func(s *script) {
			s.send(s.want("UID SEARCH SUBJECT {21}") + " NO too long")
		}, false},
		{"refused with BAD", nil, smuggled, func(s *script) {
			s.send(s.want("UID SEARCH SUBJECT {21}") + " BAD no literals here")
		}, false},
		{"accepted", nil, smuggled, func(s *script) {
			tag := s.want("UID SEARCH SUBJECT {21}")
			s.send("+ go on")
			s.wantLine("x")
			s.wantLine("A1 DELETE victim")
			s.wantLine("")
			s.send(tag + " OK done")
		}, true},
		{"LITERAL+", []string{"LITERAL+"}, long, func(s *script) {
			tag := s.want("UID SEARCH SUBJECT {5000+}")
			s.wantLine(long)
			s.send(tag + " OK done")
		}, true},
		{"LITERAL-, too long for it", []string{"LITERAL-"}, long, func(s *script) {
			tag := s.want("UID SEARCH SUBJECT {5000}")
			s.send("+ go on")
			s.wantLine(long)
			s.send(tag + " OK done")
		}, true},
		{"LITERAL-, short", []string{"LITERAL-"}, "x\r\ny", func(s *script) {
			tag := s.want("UID SEARCH SUBJECT {4+}")
			s.wantLine("x")
			s.wantLine("y")
			s.send(tag + " OK done")
		}, true},
		{"the look of a literal", nil, "{10}", func(s *script) { s.ok(`UID SEARCH SUBJECT "{10}"`) }, true},
		{"the look of a literal that does not wait", nil, "{10+}", func(s *script) { s.ok(`UID SEARCH SUBJECT "{10+}"`) }, true},
		{"TAB and controls", nil, "a\t\x0bb", func(s *script) { s.ok("UID SEARCH SUBJECT \"a\t\x0bb\"") }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inTime(t, func(s *script) {
				s.selected("INBOX", 1)
				test.play(s)
				s.ok("NOOP")
				s.end()
			}, inClear, func(t *testing.T, c *client.Client) {
				box, err := c.Select(t.Context(), "INBOX")
				require.NoError(t, err)
				err = search(t.Context(), box, test.text)
				assert.Equal(t, test.ok, err == nil, "%v", err)
				require.NoError(t, c.Noop(t.Context()))
				require.NoError(t, c.Close())
			}, test.caps...)
		})
	}
	t.Run("OK before the octets", func(t *testing.T) {
		inTime(t, func(s *script) {
			s.send(s.want("APPEND x () {5}") + " OK thanks")
			s.end()
		}, inClear, func(t *testing.T, c *client.Client) {
			_, err := c.Append(t.Context(), "x", imap.Message(imap.SourceString("hello")))
			assert.ErrorContains(t, err, "before it was complete")
			assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
		})
	})
}

// TestHostileIdle does what no server may in IDLE. The loop over the events ends with its context or the connection, and commands go on.
func TestHostileIdle(t *testing.T) {
	tests := []struct {
		name string
		play func(*script)
		fine bool // a command in the loop is answered
	}{
		{"OK without continuation", func(s *script) {
			s.send(s.want("IDLE") + " OK done")
			s.ok("NOOP")
		}, true},
		{"NO", func(s *script) { s.send(s.want("IDLE") + " NO no"); s.ok("NOOP") }, true},
		{"BAD", func(s *script) { s.send(s.want("IDLE") + " BAD no"); s.ok("NOOP") }, true},
		{"two continuations", func(s *script) {
			tag := s.want("IDLE")
			s.send("+ idling", "+ still idling")
			s.wantLine("DONE")
			s.send(tag + " OK done")
			s.ok("NOOP")
		}, true},
		{"OK before DONE", func(s *script) {
			tag := s.want("IDLE")
			s.send("+ idling", tag+" OK that was it")
			for range 2 {
				if line := s.line(); line == "DONE" {
					continue // it may have been on its way
				} else if tag, rest, _ := cut(line); rest == "NOOP" {
					s.send(tag + " OK done")
					return
				} else if rest == "IDLE" {
					s.send("+ idling")
					s.wantLine("DONE")
					s.send(tag + " OK done")
					s.ok("NOOP")
					return
				}
			}
		}, true},
		{"NO after DONE", func(s *script) {
			tag := s.want("IDLE")
			s.send("+ idling")
			s.wantLine("DONE")
			s.send(tag + " NO why")
			s.ok("NOOP")
		}, true},
		{"a flood, then an answer", func(s *script) {
			tag := s.want("IDLE")
			s.send("+ idling")
			for range 5000 {
				s.send("* 1 EXISTS")
			}
			s.wantLine("DONE")
			s.send(tag + " OK done")
			s.ok("NOOP")
		}, true},
		{"silence", func(s *script) { s.want("IDLE") }, false},
		{"DONE unanswered", func(s *script) {
			s.want("IDLE")
			s.send("+ idling")
			s.wantLine("DONE")
		}, false},
		{"data instead of an answer to DONE", func(s *script) {
			s.want("IDLE")
			s.send("+ idling")
			s.wantLine("DONE")
			for range 100 {
				s.send("* 1 EXISTS", "+ again")
			}
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inTime(t, func(s *script) {
				test.play(s)
				s.silence()
			}, inClear, func(t *testing.T, c *client.Client) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				idle := make(chan error)
				go func() {
					var last error
					for _, last = range c.Idle(ctx) {
					}
					idle <- last
				}()
				time.Sleep(time.Second)
				short, end := context.WithTimeout(ctx, time.Minute)
				defer end()
				err := c.Noop(short)
				if test.fine {
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, context.DeadlineExceeded)
				}
				assert.NoError(t, c.Close())
				assert.ErrorIs(t, <-idle, imap.ErrClosed)
			}, "IDLE")
		})
	}
}

// TestCloseFromElsewhere closes a connection in the middle of everything, from another goroutine: every call ends.
func TestCloseFromElsewhere(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, c *client.Client, reached func()) error{
		"a command": func(ctx context.Context, c *client.Client, reached func()) error {
			reached()
			return c.Noop(ctx)
		},
		"rows that nobody reads": func(ctx context.Context, c *client.Client, reached func()) (last error) {
			for _, err := range c.List(ctx, "", "*") {
				if last = err; err == nil {
					reached()
					<-c.Done()
				}
			}
			return last
		},
		"rows that were left": func(ctx context.Context, c *client.Client, reached func()) error {
			for range c.List(ctx, "", "*") {
				break
			}
			reached()
			return c.Noop(ctx)
		},
		"rows that were never read": func(ctx context.Context, c *client.Client, reached func()) error {
			rows := client.StartRows(ctx, c, imap.List{Patterns: []string{"*"}})
			reached()
			<-c.Done()
			_, err := rows.Result()
			return err
		},
		"a literal that is sent": func(ctx context.Context, c *client.Client, reached func()) error {
			reached()
			_, err := c.Append(ctx, "x", imap.Message(imap.SourceString(strings.Repeat("x", 1<<20))))
			return err
		},
		"events": func(ctx context.Context, c *client.Client, reached func()) (last error) {
			reached()
			for _, last = range c.Idle(ctx) {
			}
			return last
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(s *script) {
				s.line()
				for range 5000 {
					if !s.octets("* LIST () \"/\" x\r\n") {
						return
					}
				}
				s.silence()
			}, inClear, func(t *testing.T, c *client.Client) {
				reached, once := make(chan struct{}), false
				go func() {
					<-reached
					time.Sleep(time.Second)
					assert.NoError(t, c.Close())
				}()
				err := wait(t.Context(), c, func() {
					if !once {
						close(reached)
					}
					once = true
				})
				assert.ErrorIs(t, err, imap.ErrClosed)
				<-c.Done()
			}, "IDLE")
		})
	}
}
