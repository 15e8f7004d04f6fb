package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

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
				header, sync := fmt.Sprintf("APPEND Copy () {%d}", len(body)), true
				if strings.HasSuffix(caps, "+") {
					header, sync = fmt.Sprintf("APPEND Copy () {%d+}", len(body)), false
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

// A message of which something cannot be read has warnings, and what can be read: its body too.
func TestPartOfABrokenMessage(t *testing.T) {
	body := text(100*kib, 1)
	flow(t, client.Options{}, func(s *script) {
		tag := s.want(fetchAll)
		s.send("* 1 FETCH (UID 1 BODY[] "+asLiteral(body)+" FLAGS ))) x", message(2, body), tag+" OK done")
		s.end()
	}, func(t *testing.T, _ *client.Client, box *client.Mailbox) {
		var warnings []int
		for m, err := range fetchParts(t.Context(), box).All() {
			require.NoError(t, err)
			_, octets := partsOf(t, m)
			require.Len(t, octets, 1)
			assert.True(t, body == octets[0])
			warnings = append(warnings, len(m.Warnings()))
		}
		require.Len(t, warnings, 2)
		assert.Positive(t, warnings[0])
		assert.Zero(t, warnings[1])
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
