package client_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
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

// next gives the tag that the client will use after the one given.
func next(tag string) string {
	digits := strings.TrimLeft(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return strings.TrimSuffix(tag, digits) + itoa(n+1)
}

// TestTags answers commands that it was not asked, twice, or with nonsense.
func TestTags(t *testing.T) {
	tests := []struct {
		name   string
		answer func(s *script, tag string)
		want   error // of the NOOP and of the connection; nil: both go on
		warns  string
	}{
		{"never issued", func(s *script, _ string) { s.send("X99 OK done") }, conn.ErrProtocol, ""},
		{"of a command to come", func(s *script, tag string) { s.send(next(tag) + " OK done") }, conn.ErrProtocol, ""},
		{"number out of range", func(s *script, tag string) { s.send(tag + "99999999999 OK done") }, conn.ErrProtocol, ""},
		{"number 0", func(s *script, tag string) { s.send(strings.TrimRight(tag, "0123456789") + "0 OK done") }, conn.ErrProtocol, ""},
		{"answered twice", func(s *script, tag string) { s.send(tag+" OK done", tag+" NO again") }, nil, "answered before"},
		{"in another case", func(s *script, tag string) { s.send(strings.ToLower(tag) + " OK done") }, conn.ErrProtocol, ""},
		{"tagged BYE", func(s *script, tag string) { s.send(tag + " BYE done") }, conn.ErrProtocol, ""},
		{"tagged PREAUTH", func(s *script, tag string) { s.send(tag + " PREAUTH done") }, conn.ErrProtocol, ""},
		{"tagged data", func(s *script, tag string) { s.send(tag + " EXISTS 5") }, conn.ErrProtocol, ""},
		{"tag alone", func(s *script, tag string) { s.send(tag) }, conn.ErrProtocol, ""},
		{"garbage", func(s *script, tag string) { s.send("\x16\x03\x01\x02", tag+" OK done") }, nil, "cannot be read"},
		{"HTTP", func(s *script, _ string) { s.send("HTTP/1.1 400 Bad Request") }, conn.ErrProtocol, ""},
		{"continuation request", func(s *script, tag string) { s.send("+ go on", "+", tag+" OK done") }, nil, "continuation request"},
		{"continuation request in base64", func(s *script, tag string) { s.send("+ PDEyMz4=", tag+" OK done") }, nil, "continuation request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log record
			o := inClear
			o.Logger = slog.New(slog.NewTextHandler(&log, nil))
			inTime(t, func(s *script) {
				test.answer(s, s.want("NOOP"))
				if test.want == nil {
					s.ok("NOOP")
				}
				s.hangUp()
			}, o, func(t *testing.T, c *client.Client) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := c.Noop(ctx)
				if test.want == nil {
					require.NoError(t, err)
					require.NoError(t, c.Noop(ctx), "the connection goes on")
					assert.Contains(t, log.String(), test.warns)
					return
				}
				assert.ErrorIs(t, err, test.want)
				assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
			})
		})
	}
}

// TestDataInTheWrongState: what is said about a mailbox before one is selected is about none, and nobody is logged in by an untagged
// response.
func TestDataInTheWrongState(t *testing.T) {
	for name, lie := range map[string]string{
		"PREAUTH":          "* PREAUTH you are in",
		"CLOSED":           "* OK [CLOSED] gone",
		"EXISTS":           "* 23 EXISTS",
		"EXPUNGE":          "* 1 EXPUNGE",
		"FETCH":            "* 1 FETCH (UID 7 FLAGS (\\Seen))",
		"VANISHED":         "* VANISHED 1:4294967295",
		"UIDVALIDITY":      "* OK [UIDVALIDITY 7] x",
		"READ-ONLY":        "* OK [READ-ONLY] x",
		"SEARCH":           "* SEARCH 1 2 3",
		"LIST":             "* LIST () \"/\" x",
		"ENABLED":          "* ENABLED UTF8=ACCEPT IMAP4rev2 QRESYNC",
		"a second OK":      "* OK hello again",
		"answer of nobody": "* OK [COPYUID 1 1 1] done",
	} {
		for state, greeting := range map[string]string{"before the login": rev1(), "after the login": preauth()} {
			t.Run(name+" "+state, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, err := client.New(t.Context(), pipe(t, func(s *script) {
						s.send(greeting)
						tag := s.want("NOOP")
						s.send(lie, tag+" OK done")
						if greeting == preauth() {
							tag = s.want(`LIST "" *`)
							s.send(`* LIST () "/" "&ZeVnLIqe-"`, tag+" OK done")
							s.selected("INBOX", 3)
						}
						s.end()
					}), inClear)
					require.NoError(t, err)
					before := c.State()
					require.NoError(t, c.Noop(t.Context()))
					assert.Equal(t, before, c.State())
					assert.Nil(t, c.Mailbox())
					if before == conn.StateAuthenticated {
						for l, err := range c.List(t.Context(), "", "*") {
							require.NoError(t, err)
							assert.Equal(t, "日本語", l.Mailbox, "names are in the encoding that was agreed on")
						}
						box, err := c.Select(t.Context(), "INBOX")
						require.NoError(t, err)
						assert.Equal(t, uint32(3), box.Exists())
						assert.Equal(t, uint32(3857529045), box.UIDValidity())
						assert.False(t, box.ReadOnly())
					} else {
						_, err := c.Select(t.Context(), "INBOX")
						assert.ErrorIs(t, err, conn.ErrState)
					}
					require.NoError(t, c.Close())
				})
			})
		}
	}
}

// TestExpungeWithinNumbers: while a command goes by numbers no message may go (RFC 3501 section 7.4.1). If one does, what follows may be about
// other messages, so it is not given as the answer, and the command fails.
func TestExpungeWithinNumbers(t *testing.T) {
	fetch := func(t *testing.T, box *client.Mailbox, set imap.NumSet) (subjects []string, last error) {
		for m, err := range box.Fetch(t.Context(), set, imap.FetchUID, imap.FetchRFC822Size) {
			if last = err; err == nil {
				subjects = append(subjects, itoa(int(m.UID)))
			}
		}
		return subjects, last
	}
	t.Run("FETCH", func(t *testing.T) {
		inTime(t, func(s *script) {
			s.selected("INBOX", 3)
			tag := s.want("FETCH 1:3 (UID RFC822.SIZE)")
			s.send("* 1 FETCH (UID 11 RFC822.SIZE 1)", "* 1 EXPUNGE", "* 1 FETCH (UID 12 RFC822.SIZE 2)", "* 2 FETCH (UID 13 RFC822.SIZE 3)", tag+" OK done")
			s.ok("NOOP")
			s.end()
		}, inClear, func(t *testing.T, c *client.Client) {
			box, err := c.Select(t.Context(), "INBOX")
			require.NoError(t, err)
			uids, err := fetch(t, box, box.Newest(3))
			assert.Equal(t, []string{"11"}, uids)
			assert.ErrorIs(t, err, imap.ErrNumbersMoved)
			assert.ErrorContains(t, err, "FETCH")
			require.NoError(t, c.Noop(t.Context()))
			assert.Equal(t, uint32(2), box.Exists())
			require.NoError(t, c.Close())
		})
	})
	t.Run("UID FETCH", func(t *testing.T) {
		inTime(t, func(s *script) {
			s.selected("INBOX", 3)
			tag := s.want("UID FETCH 11:13 (UID RFC822.SIZE)")
			s.send("* 1 FETCH (UID 11 RFC822.SIZE 1)", "* 1 EXPUNGE", "* 1 FETCH (UID 12 RFC822.SIZE 2)", "* 2 FETCH (UID 13 RFC822.SIZE 3)", tag+" OK done")
			s.end()
		}, inClear, func(t *testing.T, c *client.Client) {
			box, err := c.Select(t.Context(), "INBOX")
			require.NoError(t, err)
			uids, err := fetch(t, box, imap.UIDRange(11, 13))
			assert.Equal(t, []string{"11", "12", "13"}, uids)
			assert.NoError(t, err)
			require.NoError(t, c.Close())
		})
	})
	for name, test := range map[string]struct {
		want string
		call func(context.Context, *client.Mailbox) error
	}{
		"STORE": {"STORE 2:3 +FLAGS (a)", func(ctx context.Context, box *client.Mailbox) error {
			_, err := box.Store(ctx, box.Newest(2), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags("a")})
			return err
		}},
		"SEARCH": {"SEARCH 2:3 UNSEEN", func(ctx context.Context, box *client.Mailbox) error {
			_, err := box.Search(ctx, imap.SearchSet(box.Newest(2)), imap.SearchUnseen)
			return err
		}},
	} {
		for how, gone := range map[string]string{"EXPUNGE": "* 1 EXPUNGE", "VANISHED": "* VANISHED 11"} {
			t.Run(name+" "+how, func(t *testing.T) {
				inTime(t, func(s *script) {
					s.selected("INBOX", 3)
					line := s.line()
					tag, _, _ := cut(line)
					s.send(gone, tag+" OK done")
					s.ok("NOOP")
					s.end()
				}, inClear, func(t *testing.T, c *client.Client) {
					box, err := c.Select(t.Context(), "INBOX")
					require.NoError(t, err)
					err = test.call(t.Context(), box)
					if name == "SEARCH" {
						assert.NoError(t, err, "a UID command, during which messages may go")
					} else {
						assert.ErrorIs(t, err, imap.ErrNumbersMoved)
						assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
					}
					require.NoError(t, c.Noop(t.Context()))
					require.NoError(t, c.Close())
				})
			})
		}
	}
}

// TestBye takes leave wherever it can: every call ends, with the server's words.
func TestBye(t *testing.T) {
	const bye = "* BYE \x1b[2Jtoo \u202ebad"
	noop := func(ctx context.Context, c *client.Client) error { return c.Noop(ctx) }
	tests := []struct {
		name string
		play func(*script)
		call func(context.Context, *client.Client) error
	}{
		{"instead of an answer", func(s *script) { s.want("NOOP"); s.send(bye) }, noop},
		{"while nothing is asked", func(s *script) { s.send(bye) }, func(ctx context.Context, c *client.Client) error {
			<-c.Done()
			return c.Err()
		}},
		{"within rows", func(s *script) {
			s.want(`LIST "" *`)
			s.send(`* LIST () "/" a`, bye, `* LIST () "/" b`)
		}, func(ctx context.Context, c *client.Client) (last error) {
			for _, last = range c.List(ctx, "", "*") {
			}
			return last
		}},
		{"instead of a continuation", func(s *script) {
			s.line()
			s.send(bye)
		}, func(ctx context.Context, c *client.Client) error {
			_, err := c.Append(ctx, "x", imap.Message(imap.SourceString("hello")))
			return err
		}},
		{"within a literal that is sent", func(s *script) {
			s.line()
			s.send("+ go on")
			b := make([]byte, 1000)
			_, _ = s.r.Read(b)
			s.send(bye)
		}, func(ctx context.Context, c *client.Client) error {
			_, err := c.Append(ctx, "x", imap.Message(imap.SourceString(strings.Repeat("x", 1<<20))))
			return err
		}},
		{"within IDLE", func(s *script) {
			s.want("IDLE")
			s.send("+ idling", bye)
		}, func(ctx context.Context, c *client.Client) (last error) {
			for _, last = range c.Idle(ctx) {
			}
			return last
		}},
		{"instead of the continuation of IDLE", func(s *script) {
			s.want("IDLE")
			s.send(bye)
		}, func(ctx context.Context, c *client.Client) (last error) {
			for _, last = range c.Idle(ctx) {
			}
			return last
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inTime(t, func(s *script) {
				test.play(s)
				s.hangUp()
			}, inClear, func(t *testing.T, c *client.Client) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := test.call(ctx, c)
				require.ErrorIs(t, err, imap.ErrConnectionLost)
				var e *imap.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, conn.ConditionBYE, e.Type)
				assert.ErrorContains(t, err, `\x1b[2Jtoo \u{202e}bad`)
				require.NoError(t, c.Close())
			}, "IDLE")
		})
	}
}

var errTooLate = errors.New("too late")

// TestStalls stops at every point where a client waits: the call ends with its context, and Close returns.
func TestStalls(t *testing.T) {
	big := imap.Message(imap.SourceString(strings.Repeat("x", 1<<20)))
	appends := func(ctx context.Context, c *client.Client) error {
		_, err := c.Append(ctx, "x", big)
		return err
	}
	silent := func(s *script) { s.silence() }
	block := func(s *script) { <-s.t.Context().Done() }
	tests := []struct {
		name string
		play func(*script)
		call func(context.Context, *client.Client) error
	}{
		{"no answer", silent, func(ctx context.Context, c *client.Client) error { return c.Noop(ctx) }},
		{"half an answer", func(s *script) {
			tag := s.want("NOOP")
			s.sendRaw(tag + " OK do")
			s.silence()
		}, func(ctx context.Context, c *client.Client) error { return c.Noop(ctx) }},
		{"half a literal", func(s *script) {
			s.want("NOOP")
			s.sendRaw("* XFOO {100000}\r\nxxx")
			s.silence()
		}, func(ctx context.Context, c *client.Client) error { return c.Noop(ctx) }},
		{"no continuation", silent, appends},
		{"does not read a command", block, func(ctx context.Context, c *client.Client) error { return c.Noop(ctx) }},
		{"does not read a literal", func(s *script) {
			s.line()
			s.send("+ go on")
			<-s.t.Context().Done()
		}, appends},
		{"does not read a literal that waits for nothing", func(s *script) {
			s.line()
			<-s.t.Context().Done()
		}, appends},
		{"IDLE without continuation, then a command", silent, func(ctx context.Context, c *client.Client) error {
			go func() {
				for range c.Idle(ctx) {
				}
			}()
			time.Sleep(time.Second)
			return c.Noop(ctx)
		}},
		{"DONE unanswered", func(s *script) {
			s.want("IDLE")
			s.send("+ idling")
			s.wantLine("DONE")
			s.silence()
		}, func(ctx context.Context, c *client.Client) error {
			go func() {
				for range c.Idle(ctx) {
				}
			}()
			time.Sleep(time.Second)
			return c.Noop(ctx)
		}},
		{"SELECT", silent, func(ctx context.Context, c *client.Client) error {
			_, err := c.Select(ctx, "INBOX")
			return err
		}},
		{"LOGOUT", silent, func(ctx context.Context, c *client.Client) error { return c.Logout(ctx) }},
		{"COMPRESS", silent, func(ctx context.Context, c *client.Client) error { return c.Compress(ctx) }},
		{"after COMPRESS", func(s *script) {
			s.ok("COMPRESS DEFLATE")
			s.silence()
		}, func(ctx context.Context, c *client.Client) error {
			if err := c.Compress(ctx); err != nil {
				return err
			}
			return c.Noop(ctx)
		}},
		{"does not read after COMPRESS", func(s *script) {
			s.ok("COMPRESS DEFLATE")
			<-s.t.Context().Done()
		}, func(ctx context.Context, c *client.Client) error {
			if err := c.Compress(ctx); err != nil {
				return err
			}
			return c.Noop(ctx)
		}},
		{"behind a command that stalls", silent, func(ctx context.Context, c *client.Client) error {
			client.Start(context.Background(), c, imap.Compress{})
			return c.Noop(ctx)
		}},
		{"behind a literal that stalls", silent, func(ctx context.Context, c *client.Client) error {
			client.Start(context.Background(), c, imap.Append{Mailbox: "x", Messages: []imap.AppendMessage{big}})
			return c.Noop(ctx)
		}},
	}
	patient := inClear
	patient.Timeouts = client.Timeouts{Command: -1, Write: -1}
	for _, test := range tests {
		for _, caps := range [][]string{{"IDLE", "COMPRESS=DEFLATE"}, {"IDLE", "COMPRESS=DEFLATE", "LITERAL+"}} {
			t.Run(test.name+" "+strings.Join(caps[2:], ""), func(t *testing.T) {
				inTime(t, test.play, patient, func(t *testing.T, c *client.Client) {
					stalled(t, c, test.call, errTooLate, time.Hour+time.Minute)
				}, caps...)
			})
			t.Run(test.name+" "+strings.Join(caps[2:], "")+", without a context that ends", func(t *testing.T) {
				inTime(t, test.play, inClear, func(t *testing.T, c *client.Client) {
					stalled(t, c, test.call, os.ErrDeadlineExceeded, 10*time.Minute)
				}, caps...)
			})
		}
	}
}

// stalled wants a call to end by itself, for a reason and not too late, and Close not to wait.
func stalled(t *testing.T, c *client.Client, call func(context.Context, *client.Client) error, reason error, within time.Duration) {
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, errTooLate)
	defer cancel()
	err := call(ctx, c)
	assert.ErrorIs(t, err, reason)
	assert.LessOrEqual(t, time.Since(began), within)
	began = time.Now()
	_ = c.Close() // it may have ended already
	assert.LessOrEqual(t, time.Since(began), 10*time.Second)
}
