package client_test

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

func TestSelectSnapshot(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 172)
		tag := s.want("EXAMINE INBOX")
		s.send("* 2 EXISTS", "* FLAGS (Work)", "* OK [UNSEEN 2] first", "* OK [UIDVALIDITY 7] valid", tag+" OK [READ-ONLY] examined")
		s.end()
	})
	assert.Nil(t, c.Mailbox())
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	assert.Equal(t, "INBOX", box.Name())
	assert.Equal(t, uint32(172), box.Exists())
	assert.Equal(t, uint32(1), box.Recent())
	assert.Equal(t, uint32(4392), box.UIDNext())
	assert.Equal(t, uint32(3857529045), box.UIDValidity())
	assert.Equal(t, 5, box.Flags().Len())
	assert.True(t, box.PermanentFlags().Has(imap.FlagWildcard))
	assert.False(t, box.ReadOnly())
	assert.Equal(t, conn.StateSelected, c.State())
	assert.Equal(t, uint32(172), c.Mailbox().Exists())

	examined, err := c.Examine(t.Context(), "INBOX")
	require.NoError(t, err)
	assert.True(t, examined.ReadOnly())
	assert.Equal(t, uint32(2), examined.Exists())
	assert.Equal(t, uint32(2), examined.Unseen())
	assert.Equal(t, uint32(7), examined.UIDValidity())
	assert.True(t, examined.Flags().Has("work"))
	assert.Zero(t, examined.UIDNext())
	assert.Equal(t, uint32(172), box.Exists(), "the old handle stays as it was")
	assert.NoError(t, c.Close())
}

func TestSnapshotFollowsTheServer(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 10)
		s.ok("NOOP", "* 12 EXISTS", "* 3 EXPUNGE", "* 5 RECENT", "* FLAGS (New)", "* OK [PERMANENTFLAGS ()] none", "* OK [UIDNEXT 5000] predicted", "* OK [READ-ONLY] changed")
		s.end()
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	require.NoError(t, c.Noop(t.Context()))
	assert.Equal(t, uint32(11), box.Exists())
	assert.Equal(t, uint32(5), box.Recent())
	assert.Equal(t, uint32(5000), box.UIDNext())
	assert.True(t, box.Flags().Has("New"))
	assert.Zero(t, box.PermanentFlags().Len())
	assert.True(t, box.ReadOnly())
	assert.NoError(t, c.Close())
}

func TestMailboxChanged(t *testing.T) {
	deleted := imap.StoreFlags{Op: "+", Flags: imap.NewFlags(imap.FlagDeleted)}
	tests := []struct {
		name   string
		play   func(*script)
		change func(*client.Client, *client.Mailbox) error
	}{
		{"another selected", func(s *script) { s.selected("Archive", 1) }, func(c *client.Client, _ *client.Mailbox) error {
			_, err := c.Select(t.Context(), "Archive")
			return err
		}},
		{"the same selected again", func(s *script) { s.selected("INBOX", 1) }, func(c *client.Client, _ *client.Mailbox) error {
			_, err := c.Select(t.Context(), "INBOX")
			return err
		}},
		{"selected by a command", func(s *script) { s.selected("Archive", 1) }, func(c *client.Client, _ *client.Mailbox) error {
			_, err := client.Do(t.Context(), c, imap.Select{Mailbox: "Archive"})
			return err
		}},
		{"closed", func(s *script) { s.ok("CLOSE") }, func(_ *client.Client, box *client.Mailbox) error {
			return box.Close(t.Context())
		}},
		{"left", func(s *script) {
			s.send(s.want("EXAMINE INBOX") + " OK [READ-ONLY] examined")
			s.ok("CLOSE")
		}, func(_ *client.Client, box *client.Mailbox) error { return box.Unselect(t.Context()) }},
		{"UIDVALIDITY changed", func(s *script) { s.ok("NOOP", "* OK [UIDVALIDITY 1] anew") }, func(c *client.Client, _ *client.Mailbox) error {
			return c.Noop(t.Context())
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := session(t, func(s *script) {
				s.selected("INBOX", 3)
				test.play(s)
				s.ok("NOOP")
				s.end()
			})
			box, err := c.Select(t.Context(), "INBOX")
			require.NoError(t, err)
			require.NoError(t, test.change(c, box))
			_, err = box.Store(t.Context(), imap.UIDs(1), deleted)
			assert.ErrorIs(t, err, client.ErrMailboxChanged)
			for range box.Fetch(t.Context(), imap.UIDs(1), imap.FetchFlags) {
				break
			}
			assert.NoError(t, c.Noop(t.Context())) // and this is all that is sent
			assert.NoError(t, c.Close())
		})
	}
}

func TestUnselect(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 3)
		s.ok("UNSELECT")
		s.end()
	}, "UNSELECT")
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	require.NoError(t, box.Unselect(t.Context()))
	assert.Nil(t, c.Mailbox())
	assert.ErrorIs(t, box.Unselect(t.Context()), client.ErrMailboxChanged)
	assert.NoError(t, c.Close())
}

// RFC 7162: what is said before CLOSED is about the mailbox that is left, and VANISHED is many an EXPUNGE.
func TestSnapshotOfQresync(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 10)
		s.ok("NOOP", "* VANISHED 1:2,5", "* VANISHED (EARLIER) 100:200")
		tag := s.want("SELECT Archive")
		s.send("* 1 EXPUNGE", "* 99 EXISTS", "* OK [UNSEEN 9] stale", "* OK [CLOSED] left", "* VANISHED (EARLIER) 41,43", "* 4 EXISTS", tag+" OK [READ-WRITE] done")
		s.end()
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	set := box.Newest(1)
	require.NoError(t, c.Noop(t.Context()))
	assert.Equal(t, uint32(7), box.Exists())
	for _, err := range box.Fetch(t.Context(), set, imap.FetchFlags) {
		assert.ErrorIs(t, err, client.ErrStaleNumbers)
	}
	archive, err := c.Select(t.Context(), "Archive")
	require.NoError(t, err)
	assert.Equal(t, uint32(4), archive.Exists())
	assert.Zero(t, archive.Unseen())
	assert.Equal(t, uint32(6), box.Exists())
	assert.NoError(t, c.Close())
}

func TestSelectThatFails(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 3)
		s.send("* 4 EXISTS", s.want("SELECT nowhere")+" BAD what")
		s.ok("CHECK", "* 1 EXPUNGE")
		s.send(s.want("SELECT nowhere") + " NO there is none")
		s.end()
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)

	// What cannot be sent and what is BAD leave the mailbox selected.
	_, err = c.Select(t.Context(), "a\x00b")
	require.Error(t, err)
	_, err = c.Select(t.Context(), "nowhere")
	require.Error(t, err)
	require.NoError(t, box.Check(t.Context()))
	assert.Equal(t, uint32(3), box.Exists())

	// NO does not (RFC 3501 section 6.3.1).
	_, err = c.Select(t.Context(), "nowhere")
	require.Error(t, err)
	assert.Nil(t, c.Mailbox())
	assert.Equal(t, conn.StateAuthenticated, c.State())
	assert.ErrorIs(t, box.Check(t.Context()), client.ErrMailboxChanged)
	assert.NoError(t, c.Close())
}

func TestNumbers(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 10)
		s.ok("FETCH 9:10 FLAGS", `* 9 FETCH (FLAGS ())`, `* 10 FETCH (FLAGS ())`)
		s.ok("NOOP", "* 11 EXISTS")
		s.ok("FETCH 9:10 FLAGS")
		s.ok("NOOP", "* 1 EXPUNGE")
		s.ok("FETCH 1:10 FLAGS")
		s.end()
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	newest := box.Newest(2)
	fetch := func(set imap.NumSet) (n int, err error) {
		var err1 error
		for _, err := range box.Fetch(t.Context(), set, imap.FetchFlags) {
			if n, err1 = n+1, err; err != nil {
				n--
			}
		}
		return n, err1
	}
	n, err := fetch(newest)
	assert.NoError(t, err)
	assert.Equal(t, 2, n)

	require.NoError(t, c.Noop(t.Context()))
	_, err = fetch(newest)
	assert.NoError(t, err, "new messages shift nothing")

	require.NoError(t, c.Noop(t.Context()))
	_, err = fetch(newest)
	assert.ErrorIs(t, err, client.ErrStaleNumbers)
	_, err = box.Search(t.Context(), imap.SearchNot{Key: imap.SearchSet(newest)})
	assert.ErrorIs(t, err, client.ErrStaleNumbers, "within a search key as well")
	_, err = fetch(box.Newest(100))
	assert.NoError(t, err)

	assert.Equal(t, "9:10", box.Range(9, 4000000000).String())
	for _, empty := range []imap.NumSet{box.Newest(0), box.Newest(-1), box.Range(0, 5), box.Range(7, 6), box.Range(11, 12)} {
		n, err := fetch(empty) // nothing is sent
		assert.NoError(t, err)
		assert.Zero(t, n)
		rows, err := box.Store(t.Context(), empty, imap.StoreFlags{Op: "+", Flags: imap.NewFlags(imap.FlagSeen)})
		assert.NoError(t, err)
		assert.Empty(t, rows)
	}
	assert.NoError(t, c.Close())
}

func TestNumbersOfAnEmptyMailbox(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 0)
		s.end()
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	for range box.Fetch(t.Context(), box.Newest(50), imap.FetchEnvelope) {
		t.Error("a row out of nowhere")
	}
	p := client.Start(t.Context(), box, imap.Fetch{Set: box.Newest(1), Items: []imap.FetchAtt{imap.FetchUID}})
	<-p.Done()
	_, err = p.Wait(t.Context())
	assert.NoError(t, err)
	done := make(chan error)
	p.OnDone(func(_ *imap.FetchResult, err error) { done <- err })
	assert.NoError(t, <-done)
	_, err = client.StartRows(t.Context(), box, imap.Fetch{Set: box.Newest(1), Items: []imap.FetchAtt{imap.FetchUID}}).Result()
	assert.NoError(t, err)
	assert.NoError(t, c.Close())
}

// Sets of one selection are stale in every other.
func TestNumbersOfAnotherSelection(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 10)
		s.selected("Archive", 10)
		s.end()
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	set := box.Newest(1)
	archive, err := c.Select(t.Context(), "Archive")
	require.NoError(t, err)
	_, err = client.Do(t.Context(), archive, imap.Copy{Set: set, Mailbox: "Trash"})
	assert.ErrorIs(t, err, client.ErrStaleNumbers)
	assert.NoError(t, c.Close())
}

func TestWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := session(t, func(s *script) {
			s.selected("INBOX", 3)
			s.ok("CHECK")
			s.ok("CHECK")
			s.selected("Archive", 1)
			s.selected("Drafts", 1)
			s.end()
		})
		other, last := make(chan error, 1), make(chan error, 1)
		err := c.With(t.Context(), "INBOX", func(box *client.Mailbox) error {
			assert.NoError(t, box.Check(t.Context()))
			go func() {
				_, err := c.Select(t.Context(), "Archive")
				other <- err
			}()
			synctest.Wait()
			assert.Empty(t, other, "it waits")

			_, err := client.Do(t.Context(), c, imap.Select{Mailbox: "Archive"})
			assert.ErrorIs(t, err, client.ErrMailboxHeld)
			short, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = c.Select(short, "Archive")
			assert.ErrorIs(t, err, context.Canceled)
			go func() {
				_, err := c.Select(t.Context(), "Drafts")
				last <- err
			}()
			synctest.Wait()
			assert.Empty(t, last, "it waits behind the others, though the one before it has given up")
			assert.NoError(t, box.Check(t.Context()))
			return assert.AnError
		})
		assert.ErrorIs(t, err, assert.AnError)
		assert.NoError(t, <-other)
		assert.NoError(t, <-last)
		assert.Equal(t, "Drafts", c.Mailbox().Name())
		assert.NoError(t, c.Close())
		synctest.Wait()
	})
}

func TestWithLeaves(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 3)
		s.send(s.want("EXAMINE INBOX") + " OK [READ-ONLY] examined")
		s.ok("CLOSE")
		s.selected("Archive", 3)
		s.end()
	})
	err := c.With(t.Context(), "INBOX", func(box *client.Mailbox) error { return box.Unselect(t.Context()) })
	assert.NoError(t, err)
	_, err = c.Select(t.Context(), "Archive")
	assert.NoError(t, err)
	assert.NoError(t, c.Close())
}

func TestMailboxNamesAreInjectionSafe(t *testing.T) {
	names := []struct{ name, wire string }{
		{"Entwürfe", "Entw&APw-rfe"},
		{"a b", `"a b"`},
		{`a"b\c`, `"a\"b\\c"`},
		{"", `""`},
	}
	for _, test := range names {
		t.Run(test.name, func(t *testing.T) {
			c := session(t, func(s *script) {
				s.ok("CREATE " + test.wire)
				s.end()
			})
			assert.NoError(t, c.Create(t.Context(), test.name))
			assert.NoError(t, c.Close())
		})
	}
	// Dovecot and Courier decode names and repeat them in their answers: CR LF would make two of one.
	for _, name := range []string{"x\r\nA1 DELETE INBOX", "a\nb", "a\rb", "a\x00b", "a\x7fb"} {
		t.Run(name, func(t *testing.T) {
			c := session(t, func(s *script) { s.end() })
			assert.Error(t, c.Create(t.Context(), name))
			assert.Error(t, c.Rename(t.Context(), "a", name))
			assert.NoError(t, c.Close())
		})
	}
}

func TestCapabilitiesAsTheyCame(t *testing.T) {
	c := session(t, func(s *script) { s.hangUp() }, "RIGHTS=texk", "xFoo")
	assert.Equal(t, "IMAP4rev1 RIGHTS=texk xFoo", c.Caps().String())
	assert.True(t, c.Caps().Has("rights=TEXK"))
	require.NoError(t, c.Close())
}

// RFC 9051 appendix E, RFC 7162 section 3.2.
func TestCapabilitiesThatIncludeOthers(t *testing.T) {
	nc := pipe(t, func(s *script) {
		s.send("* PREAUTH [CAPABILITY IMAP4rev2 QRESYNC] hello")
		s.ok("NAMESPACE", "* NAMESPACE NIL NIL NIL")
		s.end()
	})
	c, err := client.New(t.Context(), nc, inClear)
	require.NoError(t, err)
	for name, want := range map[imap.Cap]bool{imap.CapMove: true, imap.CapCondstore: true, "uidplus": true, imap.CapSort: false} {
		assert.Equal(t, want, c.Caps().Has(name), name)
	}
	_, err = client.Do(t.Context(), c, imap.Namespace{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// What an extension adds to a command is not sent to a server without it.
func TestArgumentsNeedTheirCapabilities(t *testing.T) {
	c := session(t, func(s *script) {
		s.ok("SELECT x", "* 1 EXISTS")
		s.ok("NOOP")
		s.end()
	})
	box, err := c.Select(t.Context(), "x")
	require.NoError(t, err)
	for name, run := range map[string]func() error{
		"item":      func() error { return last(box.Fetch(t.Context(), imap.UIDs(1), imap.FetchFlags, imap.FetchModseq)) },
		"key":       func() error { _, err := box.Search(t.Context(), imap.SearchXGmMsgid(1)); return err },
		"attribute": func() error { _, err := c.Status(t.Context(), "x", imap.StatusHighestmodseq); return err },
		"option": func() error {
			_, err := client.Do(t.Context(), box, imap.Search{Return: []imap.ReturnOpt{imap.ReturnCount}, Keys: []imap.SearchKey{imap.SearchAll}})
			return err
		},
		"message": func() error {
			m := imap.Message(imap.SourceString("\r\n"))
			_, err := client.Do(t.Context(), c, imap.Append{Mailbox: "x", Messages: []imap.AppendMessage{m, m}})
			return err
		},
	} {
		require.ErrorIs(t, run(), conn.ErrCapability, name)
	}
	_, err = client.Do(t.Context(), c, imap.Noop{})
	require.NoError(t, err, "nothing else was sent")
	require.NoError(t, c.Close())
}

// last gives the error that a loop ends with.
func last[Row any](rows iter.Seq2[Row, error]) (err error) {
	for _, err = range rows {
	}
	return err
}

// How a name is written depends on the answer to ENABLE: nothing is encoded while it is in flight, else another mailbox is meant
// (RFC 6855 section 3).
func TestNothingIsSentBesideEnable(t *testing.T) {
	c := session(t, func(s *script) {
		tag := s.want("ENABLE UTF8=ACCEPT")
		s.send("* ENABLED UTF8=ACCEPT", tag+" OK done")
		s.ok(`CREATE "Entwürfe"`)
		s.end()
	}, "ENABLE", "UTF8=ACCEPT")
	enable := client.Start(t.Context(), c, imap.Enable{Capabilities: []imap.Cap{"UTF8=ACCEPT"}})
	create := client.Start(t.Context(), c, imap.Create{Mailbox: "Entwürfe"})
	enabled, err := enable.Wait(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []imap.Cap{"UTF8=ACCEPT"}, enabled.Enabled.Capabilities)
	_, err = create.Wait(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.Close())
}
