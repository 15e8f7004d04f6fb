package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// A spill counts the files that a connection makes, and keeps the last one under a name.
type spill struct {
	dir   string
	mu    sync.Mutex
	files int
	most  int64
	open  int
}

func newSpill(t *testing.T) *spill { return &spill{dir: t.TempDir()} }

type spillFile struct {
	*os.File
	s *spill
}

func (s *spill) file() (client.SpillFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files++
	s.open++
	f, err := os.Create(filepath.Join(s.dir, fmt.Sprint(s.files)))
	return spillFile{f, s}, err
}

func (f spillFile) WriteAt(p []byte, off int64) (int, error) {
	f.s.mu.Lock()
	f.s.most = max(f.s.most, off+int64(len(p)))
	f.s.mu.Unlock()
	return f.File.WriteAt(p, off)
}

func (f spillFile) Close() error {
	f.s.mu.Lock()
	f.s.open--
	f.s.mu.Unlock()
	return f.File.Close()
}

// size is how long the file is now.
func (s *spill) size(t *testing.T) int64 {
	i, err := os.Stat(filepath.Join(s.dir, fmt.Sprint(s.files)))
	require.NoError(t, err)
	return i.Size()
}

// flow runs a test against a script in a bubble, with a mailbox selected.
func flow(t *testing.T, o client.Options, play func(*script), test func(*testing.T, *client.Client, *client.Mailbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := sessionWith(t, o, func(s *script) {
			s.selected("INBOX", 10)
			play(s)
		})
		defer func() { assert.NoError(t, c.Close()) }()
		box, err := c.Select(t.Context(), "INBOX")
		require.NoError(t, err)
		test(t, c, box)
	})
}

var peek = imap.FetchBodySection{Peek: true}

const fetchAll = "UID FETCH 1:* (UID BODY.PEEK[])"

func fetchParts(ctx context.Context, box *client.Mailbox) *client.Messages {
	return client.StartParts(ctx, box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, peek}})
}

func message(n int, body string) string {
	return fmt.Sprintf("* %d FETCH (UID %d BODY[] %s)", n, n, asLiteral(body))
}

// What has come of a body is kept while a command inside the loop waits for its answer behind it.
func TestCommandsInsideAPart(t *testing.T) {
	body := text(3000*kib, 5)
	for _, tt := range []struct {
		name    string
		limit   int64
		spilled bool
	}{{"in memory", 0, false}, {"in the store", 500 * kib, true}, {"all in the store", 1, true}} {
		t.Run(tt.name, func(t *testing.T) {
			store := newSpill(t)
			flow(t, client.Options{UnreadLimit: tt.limit, Spill: store.file}, func(s *script) {
				tag := s.want(fetchAll)
				s.sendRaw(message(1, body)[:1000*kib])
				noop := s.want("NOOP") // the client asks although it has not read on
				s.sendRaw(message(1, body)[1000*kib:] + "\r\n" + noop + " OK\r\n")
				s.send(message(2, body), message(3, "short"), tag+" OK done")
				s.end()
			}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
				var uids []uint32
				for m, err := range fetchParts(t.Context(), box).All() {
					require.NoError(t, err)
					for part, err := range m.Parts() {
						require.NoError(t, err)
						if m.Seq == 1 {
							first := make([]byte, 100*kib)
							_, err := io.ReadFull(part.Data, first)
							require.NoError(t, err)
							require.NoError(t, c.Noop(t.Context()))
							rest, err := io.ReadAll(part.Data)
							require.NoError(t, err)
							assert.True(t, body == string(first)+string(rest))
						}
					}
					uids = append(uids, m.UID)
				}
				assert.Equal(t, []uint32{1, 2, 3}, uids)
				assert.Equal(t, tt.spilled, store.files == 1)
				if tt.spilled {
					assert.Zero(t, store.size(t), "what was read gives its room back")
					assert.Less(t, store.most, int64(len(body)+100*kib))
				}
			})
			assert.Zero(t, store.open)
		})
	}
}

// The rows of a plain Fetch that nobody reads go to the store as well, with everything in them.
func TestUnreadRowsAreStored(t *testing.T) {
	const n = 400
	store := newSpill(t)
	body := func(i int) string { return text(2000+i*40, byte(i)) } // in the line and beside it
	flow(t, client.Options{UnreadLimit: 50 * kib, Spill: store.file}, func(s *script) {
		tag := s.want("UID FETCH 1:* (UID ENVELOPE BODY.PEEK[])")
		noop := s.want("NOOP")
		for i := 1; i <= n; i++ {
			s.send(fmt.Sprintf(`* %d FETCH (UID %d ENVELOPE (NIL "subject %d" NIL NIL NIL NIL NIL NIL NIL NIL) BODY[] %s)`, i, i, i, asLiteral(body(i))))
		}
		s.send(message(n+1, text(900*kib, 1)))
		s.send(noop+" OK", tag+" OK done")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		rows := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, imap.FetchEnvelope, peek}})
		require.NoError(t, c.Noop(t.Context()))
		i := 0
		for m, err := range rows.All() {
			require.NoError(t, err)
			if i++; i <= n {
				require.Equal(t, uint32(i), m.UID)
				require.Equal(t, fmt.Sprint("subject ", i), m.Envelope.Subject.String())
				require.True(t, body(i) == m.BodySection[0].Data.String())
			} else {
				require.True(t, text(900*kib, 1) == m.BodySection[0].Data.String())
			}
		}
		assert.Equal(t, n+1, i)
		assert.Equal(t, 1, store.files)
		assert.Zero(t, store.size(t))
	})
	assert.Zero(t, store.open)
}

// With SpillNone the command with the most unread data fails; nothing else does.
func TestSpillNone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(*testing.T, *client.Mailbox) (err func() error)
	}{
		{"parts", func(t *testing.T, box *client.Mailbox) func() error {
			m := fetchParts(t.Context(), box)
			return func() error {
				for _, err := range m.All() {
					if err != nil {
						return err
					}
				}
				return nil
			}
		}},
		{"rows", func(t *testing.T, box *client.Mailbox) func() error {
			m := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, peek}})
			return func() error {
				for _, err := range m.All() {
					if err != nil {
						return err
					}
				}
				return nil
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flow(t, client.Options{UnreadLimit: 100 * kib, Spill: client.SpillNone}, func(s *script) {
				tag := s.want(fetchAll)
				noop := s.want("NOOP")
				for i := range 10 {
					s.send(message(i+1, text(60*kib*(i+1), 1)))
				}
				s.send(noop+" OK", tag+" OK done")
				s.ok("NOOP")
				s.end()
			}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
				result := tt.start(t, box)
				require.NoError(t, c.Noop(t.Context()))
				err := result()
				require.ErrorIs(t, err, imap.ErrUnread)
				require.ErrorIs(t, err, imap.ErrOutcomeUnknown)
				assert.ErrorContains(t, err, "SpillNone")
				require.NoError(t, c.Noop(t.Context()))
			})
		})
	}
}

// A store that cannot be written fails the command, not the connection.
func TestSpillFails(t *testing.T) {
	flow(t, client.Options{UnreadLimit: 1, Spill: func() (client.SpillFile, error) { return nil, errors.New("disk full") }}, func(s *script) {
		tag := s.want(fetchAll)
		noop := s.want("NOOP")
		s.send(message(1, text(300*kib, 1)), noop+" OK", tag+" OK done")
		s.ok("NOOP")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		m := fetchParts(t.Context(), box)
		require.NoError(t, c.Noop(t.Context()))
		_, err := m.Result()
		require.ErrorIs(t, err, imap.ErrUnread)
		assert.ErrorContains(t, err, "disk full")
		require.NoError(t, c.Noop(t.Context()))
	})
}

// The server waits while a body is not read, and what comes next is not lost.
func TestPartBackPressure(t *testing.T) {
	sent := false
	flow(t, client.Options{}, func(s *script) {
		tag := s.want(fetchAll)
		s.send(message(1, text(2000*kib, 1)))
		sent = true
		s.send(tag + " OK done")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		for m, err := range fetchParts(t.Context(), box).All() {
			require.NoError(t, err)
			synctest.Wait()
			assert.False(t, sent)
			for part, err := range m.Parts() {
				require.NoError(t, err)
				_, err = io.ReadFull(part.Data, make([]byte, kib))
				require.NoError(t, err)
				synctest.Wait()
				assert.False(t, sent)
			}
		}
		assert.True(t, sent)
	})
}

func TestBreakInsideAPart(t *testing.T) {
	flow(t, client.Options{}, func(s *script) {
		tag := s.want(fetchAll)
		s.send(message(1, text(2000*kib, 1)), message(2, text(2000*kib, 2)), tag+" OK done")
		s.ok("NOOP")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		var kept *imap.Body
		for m, err := range fetchParts(t.Context(), box).All() {
			require.NoError(t, err)
			for part, err := range m.Parts() {
				require.NoError(t, err)
				_, err = io.ReadFull(part.Data, make([]byte, kib))
				require.NoError(t, err)
				kept = part.Data
				break
			}
			break
		}
		require.NoError(t, c.Noop(t.Context()))
		_, err := io.ReadAll(kept)
		assert.ErrorContains(t, err, "passed over")
	})
}

// Close and cancellation end a Read that waits for the server.
func TestEndInsideAPart(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*client.Client, context.CancelFunc)
		want error
	}{
		{"close", func(c *client.Client, _ context.CancelFunc) { _ = c.Close() }, imap.ErrClosed},
		{"cancel", func(_ *client.Client, cancel context.CancelFunc) { cancel() }, context.Canceled},
	} {
		for _, within := range []string{"read", "next part", "next message", "code of the caller"} {
			t.Run(tt.name+" in "+within, func(t *testing.T) {
				var rest string
				flow(t, client.Options{}, func(s *script) {
					tag := s.want(fetchAll)
					all := message(1, text(500*kib, 1)) + "\r\n" + message(2, text(500*kib, 1)) + "\r\n"
					_, _ = io.WriteString(s.nc, all[:300*kib]) // not all of it, if the client closes the connection
					rest = all[300*kib:]
					if tt.name == "cancel" {
						noop := s.want("NOOP")
						s.sendRaw(rest)
						s.send(tag+" OK done", noop+" OK")
					}
					s.end()
				}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					end := func() {
						go func() {
							synctest.Wait()
							tt.end(c, cancel)
						}()
					}
					var last error
					for m, err := range fetchParts(ctx, box).All() {
						if last = err; err != nil {
							break
						}
						if within == "next message" {
							end()
							continue
						}
						for part, err := range m.Parts() {
							if last = err; err != nil {
								break
							}
							switch within {
							case "next part":
								end()
								continue
							case "code of the caller":
								tt.end(c, cancel)
								synctest.Wait()
							default:
								end()
							}
							if _, last = io.Copy(io.Discard, part.Data); last != nil {
								break
							}
						}
						break
					}
					require.ErrorIs(t, last, tt.want)
					require.ErrorIs(t, last, imap.ErrOutcomeUnknown)
					require.NotErrorIs(t, last, io.EOF)
					if tt.name == "cancel" {
						require.NoError(t, c.Noop(t.Context()), "what was cancelled is drained")
					}
				})
			})
		}
	}
}

// A connection that is cut never looks like the end of a body.
func TestCutInsideABody(t *testing.T) {
	all := message(1, text(200*kib, 1)) + "\r\n"
	for _, cut := range []int{30, 100, 70 * kib, 150 * kib, 200 * kib, len(all) - 4, len(all) - 1} {
		for _, parts := range []bool{true, false} {
			t.Run(fmt.Sprint(cut, " parts ", parts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := session(t, func(s *script) {
						s.selected("INBOX", 10)
						s.want(fetchAll)
						s.sendRaw(all[:cut])
					})
					box, err := c.Select(t.Context(), "INBOX")
					require.NoError(t, err)
					var last error
					if parts {
						last = readParts(fetchParts(t.Context(), box))
					} else {
						for _, last = range box.Fetch(t.Context(), imap.UIDRange(1, 0), imap.FetchUID, peek) {
						}
					}
					require.ErrorIs(t, last, imap.ErrConnectionLost)
					require.ErrorIs(t, last, io.ErrUnexpectedEOF)
					require.NotErrorIs(t, last, io.EOF)
					_ = c.Close() // the script has closed it
				})
			})
		}
	}
}

// readParts reads everything.
func readParts(r *client.Messages) error {
	for m, err := range r.All() {
		if err != nil {
			return err
		}
		for part, err := range m.Parts() {
			if err != nil {
				return err
			}
			if _, err := part.Data.WriteTo(io.Discard); err != nil {
				return err
			}
		}
	}
	return nil
}

// A body is appended to another mailbox of the same server, over the connection that it comes from.
func TestAppendFromABody(t *testing.T) {
	for _, caps := range []string{"IMAP4rev1", "IMAP4rev1 LITERAL+"} {
		t.Run(caps, func(t *testing.T) {
			body := text(700*kib, 4)
			store := newSpill(t)
			flow(t, client.Options{UnreadLimit: 100 * kib, Spill: store.file}, func(s *script) {
				s.ok("CAPABILITY", "* CAPABILITY "+caps)
				tag := s.want(fetchAll)
				s.sendRaw(message(1, body)[:1000])
				header, sync := fmt.Sprintf("APPEND Copy {%d}", len(body)), true
				if strings.HasSuffix(caps, "+") {
					header, sync = fmt.Sprintf("APPEND Copy {%d+}", len(body)), false
				}
				other := s.want(header)
				s.sendRaw(message(1, body)[1000:] + "\r\n")
				s.send(tag + " OK done")
				if sync {
					s.send("+ go on")
				}
				got := make([]byte, len(body)+2)
				if _, err := io.ReadFull(s.r, got); err != nil || string(got) != body+"\r\n" {
					s.fail("appended: %v", err)
				}
				s.send(other + " OK appended")
				s.end()
			}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
				_, err := c.Capability(t.Context())
				require.NoError(t, err)
				for m, err := range fetchParts(t.Context(), box).All() {
					require.NoError(t, err)
					for part, err := range m.Parts() {
						require.NoError(t, err)
						_, err := c.Append(t.Context(), "Copy", imap.Message(imap.SourceReader(part.Data, part.Data.Size())))
						require.NoError(t, err)
					}
				}
			})
			assert.Zero(t, store.open)
		})
	}
}

// While two commands are in flight, and the UID comes after the body, whose it is shows only then.
func TestUIDAfterTheBodyOfTwo(t *testing.T) {
	one, two := text(300*kib, 1), text(400*kib, 2)
	for _, limit := range []int64{0, 1} {
		flow(t, client.Options{UnreadLimit: limit}, func(s *script) {
			a := s.want("UID FETCH 1 BODY.PEEK[]")
			b := s.want("UID FETCH 2 BODY.PEEK[]")
			s.send("* 2 FETCH (BODY[] "+asLiteral(two)+" UID 2)", "* 1 FETCH (BODY[] "+asLiteral(one)+" UID 1)", a+" OK", b+" OK")
			s.end()
		}, func(t *testing.T, _ *client.Client, box *client.Mailbox) {
			a := client.StartParts(t.Context(), box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{peek}})
			b := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(2), Items: []imap.FetchAtt{peek}})
			for m, err := range a.All() {
				require.NoError(t, err)
				_, octets := partsOf(t, m)
				require.Len(t, octets, 1)
				assert.True(t, one == octets[0])
				assert.Equal(t, uint32(1), m.UID)
			}
			for m, err := range b.All() {
				require.NoError(t, err)
				assert.True(t, two == m.BodySection[0].Data.String())
				assert.Equal(t, uint32(2), m.UID)
			}
		})
	}
}

// What is wrong with a message is told by its parts, and the loop goes on.
func TestPartOfABrokenMessage(t *testing.T) {
	flow(t, client.Options{}, func(s *script) {
		tag := s.want(fetchAll)
		s.send("* 1 FETCH (UID 1 BODY[] "+asLiteral(text(100*kib, 1))+" ))) FLAGS", message(2, text(100*kib, 2)), tag+" OK done")
		s.end()
	}, func(t *testing.T, _ *client.Client, box *client.Mailbox) {
		var errs []error
		for m, err := range fetchParts(t.Context(), box).All() {
			require.NoError(t, err)
			var last error
			for _, last = range m.Parts() {
			}
			errs = append(errs, last)
		}
		require.Len(t, errs, 2)
		t.Log(errs[0])
		assert.NoError(t, errs[1])
	})
}

// The end of another command, whose callback runs commands, does not wait for a body that nobody reads.
func TestCallbackBesideAPart(t *testing.T) {
	flow(t, client.Options{}, func(s *script) {
		tag := s.want(fetchAll)
		noop := s.want("NOOP")
		s.send(message(1, text(900*kib, 1)), noop+" OK")
		s.ok("NOOP")
		s.send(tag + " OK done")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		m := fetchParts(t.Context(), box)
		done := make(chan error)
		client.Start(t.Context(), c, imap.Noop{}).OnDone(func(_ *imap.NoopResult, err error) {
			done <- errors.Join(err, c.Noop(t.Context()))
		})
		require.NoError(t, <-done)
		require.NoError(t, readParts(m))
	})
}
