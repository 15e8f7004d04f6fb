package client_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

func cut(line string) (tag, rest string, ok bool) { return strings.Cut(line, " ") }

// inbox is a session with a mailbox selected.
func inbox(t *testing.T, play func(*script)) (*client.Client, *client.Mailbox) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 10)
		play(s)
	})
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	return c, box
}

func TestStartPipelines(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		a := s.want("STATUS Archive (MESSAGES)")
		b := s.want("UID SEARCH UNSEEN") // both, before either is answered
		s.send("* SEARCH 2 3", b+" OK found", "* STATUS Archive (MESSAGES 7)", a+" OK told")
		s.end()
	})
	a := client.Start(t.Context(), c, imap.Status{Mailbox: "Archive", Items: []imap.StatusAtt{imap.StatusMessages}})
	b := client.Start(t.Context(), box, imap.Search{Keys: []imap.SearchKey{imap.SearchUnseen}})
	st, err := a.Wait(t.Context())
	require.NoError(t, err)
	assert.Equal(t, uint32(7), st.Status.Messages)
	assert.Equal(t, "told", st.Text)
	found, err := b.Wait(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []uint32{2, 3}, found.Search.IDs)
	assert.NoError(t, c.Close())
}

func TestFetchesAnsweredCrossed(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		a := s.want("UID FETCH 100 RFC822.SIZE")
		b := s.want("UID FETCH 200 RFC822.SIZE")
		s.send("* 2 FETCH (UID 200 RFC822.SIZE 22)", b+" OK done", "* 1 FETCH (RFC822.SIZE 11 UID 100)", a+" OK done")
		s.end()
	})
	size := []imap.FetchAtt{imap.FetchRFC822Size}
	a := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(100), Items: size})
	b := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(200), Items: size})
	sizes := func(r *client.Rows[*imap.FetchData, *imap.FetchResult]) (all []uint64) {
		for m, err := range r.All() {
			require.NoError(t, err)
			all = append(all, m.Size)
		}
		return all
	}
	assert.Equal(t, []uint64{11}, sizes(a))
	assert.Equal(t, []uint64{22}, sizes(b))
	assert.NoError(t, c.Close())
}

func TestCommandsWithinALoop(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1:3 UID")
		s.send("* 1 FETCH (UID 1)")
		noop := s.want("NOOP")
		s.send("* 2 FETCH (UID 2)", noop+" OK", "* 3 FETCH (UID 3)", tag+" OK done")
		s.ok("NOOP")
		s.ok("NOOP")
		s.end()
	})
	var uids []uint32
	for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 3), imap.FetchUID) {
		require.NoError(t, err)
		uids = append(uids, m.UID)
		require.NoError(t, c.Noop(t.Context()))
	}
	assert.Equal(t, []uint32{1, 2, 3}, uids)
	assert.NoError(t, c.Close())
}

func TestBreak(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1:1000 UID")
		for i := range 1000 {
			s.send("* " + strconv.Itoa(i+1) + " FETCH (UID " + strconv.Itoa(i+1) + ")")
		}
		s.send(tag + " OK done")
		s.ok("NOOP")
		s.end()
	})
	for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 1000), imap.FetchUID) {
		require.NoError(t, err)
		assert.Equal(t, uint32(1), m.UID)
		break
	}
	assert.NoError(t, c.Noop(t.Context()))
	assert.NoError(t, c.Close())
}

// A loop sends when it is ranged over, and every time anew.
func TestRangeSendsAnew(t *testing.T) {
	c := session(t, func(s *script) {
		s.ok("NOOP")
		s.ok(`LIST "" *`, `* LIST () "/" INBOX`)
		s.ok(`LIST "" *`, `* LIST () "/" INBOX`, `* LIST (\Noselect) NIL "&ZeVnLIqe-"`)
		s.end()
	})
	list := c.List(t.Context(), "", "*")
	require.NoError(t, c.Noop(t.Context()))
	for _, want := range [][]string{{"INBOX"}, {"INBOX", "日本語"}} {
		var names []string
		for l, err := range list {
			require.NoError(t, err)
			names = append(names, l.Mailbox)
		}
		assert.Equal(t, want, names)
	}
	assert.NoError(t, c.Close())
}

func TestErrorIsTheLastThingYielded(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1:3 UID")
		s.send("* 1 FETCH (UID 1)", tag+" NO [EXPUNGEISSUED] some are gone")
		s.ok("NOOP")
		s.end()
	})
	var rows int
	var last error
	for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 3), imap.FetchUID) {
		require.NoError(t, last, "nothing after an error")
		if last = err; err == nil {
			rows++
			assert.Equal(t, uint32(1), m.UID)
		}
	}
	assert.Equal(t, 1, rows)
	var e *imap.Error
	require.ErrorAs(t, last, &e)
	assert.Equal(t, conn.ConditionNO, e.Type)
	assert.NoError(t, c.Noop(t.Context()))
	assert.NoError(t, c.Close())
}

func TestRowsResult(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		s.ok("UID FETCH 1:2 UID", "* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)")
		s.ok("EXPUNGE", "* 4 EXPUNGE", "* 4 EXPUNGE")
		s.end()
	})
	rows := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 2), Items: []imap.FetchAtt{imap.FetchUID}})
	res, err := rows.Result() // without reading them
	require.NoError(t, err)
	assert.Equal(t, "done", res.Text)

	gone, err := box.Expunge(t.Context())
	require.NoError(t, err)
	assert.Len(t, gone, 2)
	assert.Equal(t, uint32(8), box.Exists())
	assert.NoError(t, c.Close())
}

func TestOnDone(t *testing.T) {
	c := session(t, func(s *script) {
		s.ok("NOOP")
		s.ok("NOOP")
		s.send(s.want("CREATE x") + " NO")
		s.end()
	})
	done := make(chan error)
	client.Start(t.Context(), c, imap.Noop{}).OnDone(func(_ *imap.NoopResult, err error) {
		assert.NoError(t, err)
		done <- c.Noop(t.Context()) // a callback may run commands
	})
	assert.NoError(t, <-done)
	p := client.Start(t.Context(), c, imap.Create{Mailbox: "x"})
	<-p.Done()
	p.OnDone(func(res *imap.CreateResult, err error) {
		assert.Nil(t, res)
		done <- err
	})
	assert.Error(t, <-done)
	assert.NoError(t, c.Close())
}

func TestCancellation(t *testing.T) {
	sent, release := make(chan struct{}), make(chan struct{})
	c, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1 UID")
		close(sent)
		<-release
		s.send("* 1 FETCH (UID 1)", tag+" OK done")
		s.ok("NOOP")
		s.end()
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	rows := client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchUID}})
	<-sent
	cancel(assert.AnError)
	var got error
	for _, got = range rows.All() {
	}
	assert.ErrorIs(t, got, context.Canceled)
	assert.ErrorIs(t, got, assert.AnError)
	assert.ErrorIs(t, got, imap.ErrOutcomeUnknown)
	close(release)
	assert.NoError(t, c.Noop(t.Context()), "the connection lives on")

	err := c.Noop(ctx)
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, imap.ErrOutcomeUnknown, "nothing was sent")
	assert.NoError(t, c.Close())
}

// The context of a wait ends that wait only.
func TestWaitIsNotTheCommand(t *testing.T) {
	release := make(chan struct{})
	c := session(t, func(s *script) {
		tag := s.want("NOOP")
		<-release
		s.send(tag + " OK done")
		s.end()
	})
	p := client.Start(t.Context(), c, imap.Noop{})
	short, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Wait(short)
	assert.ErrorIs(t, err, context.Canceled)
	close(release)
	res, err := p.Wait(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "done", res.Text)
	assert.NoError(t, c.Close())
}

func TestEndOfTheConnection(t *testing.T) {
	tests := []struct {
		name string
		end  func(*script)
		want error
		text string
	}{
		{"bye", func(s *script) { s.send("* BYE \x1b[2Jshutting down") }, imap.ErrConnectionLost, "shutting down"},
		{"cut", func(*script) {}, imap.ErrConnectionLost, ""},
		{"cut in a response", func(s *script) { s.sendRaw("* 1 FETCH (UID ") }, imap.ErrConnectionLost, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := session(t, func(s *script) {
				s.want("NOOP")
				test.end(s)
			})
			err := c.Noop(t.Context())
			assert.ErrorIs(t, err, test.want)
			assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
			assert.ErrorContains(t, err, test.text)
			assert.NotContains(t, err.Error(), "\x1b")
			<-c.Done()
			assert.ErrorIs(t, c.Err(), test.want)
			assert.ErrorIs(t, c.Noop(t.Context()), test.want)
			_, err = c.Select(t.Context(), "INBOX")
			assert.ErrorIs(t, err, test.want)
			for _, err := range c.Idle(t.Context()) {
				assert.ErrorIs(t, err, test.want)
			}
			assert.NoError(t, c.Close())
		})
	}
}

func TestCloseEndsEverything(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		s.want("UID FETCH 1 UID")
		s.send("* 1 FETCH (UID 1)")
		s.hangUp()
	})
	var err error
	for _, err = range box.Fetch(t.Context(), imap.UIDs(1), imap.FetchUID) {
		if err == nil {
			assert.NoError(t, c.Close()) // from within the loop
		}
	}
	assert.ErrorIs(t, err, imap.ErrClosed)
}

func TestLogout(t *testing.T) {
	t.Run("polite", func(t *testing.T) {
		c := session(t, func(s *script) {
			tag := s.want("LOGOUT")
			s.send("* BYE see you", tag+" OK")
			s.end()
		})
		assert.NoError(t, c.Logout(t.Context()))
		<-c.Done()
	})
	t.Run("hung up on BYE", func(t *testing.T) {
		c := session(t, func(s *script) {
			s.want("LOGOUT")
			s.send("* BYE see you")
		})
		assert.NoError(t, c.Logout(t.Context()))
		<-c.Done()
	})
	t.Run("silent server", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := session(t, func(s *script) {
			s.want("LOGOUT")
			cancel()
			s.end()
		})
		assert.ErrorIs(t, c.Logout(ctx), context.Canceled)
		<-c.Done()
	})
}

func TestManyGoroutines(t *testing.T) {
	const n = 200
	c := session(t, func(s *script) {
		for range n {
			tag, rest, _ := cut(s.line())
			name := strings.TrimSuffix(strings.TrimPrefix(rest, "STATUS "), " (UIDNEXT)")
			s.send("* STATUS "+name+" (UIDNEXT "+strings.TrimPrefix(name, "box")+")", tag+" OK done")
		}
		s.end()
	})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			st, err := c.Status(t.Context(), "box"+strconv.Itoa(i+1), imap.StatusUIDNext)
			if assert.NoError(t, err) {
				assert.Equal(t, uint32(i+1), st.Status.UIDNext)
			}
		})
	}
	wg.Wait()
	assert.NoError(t, c.Close())
}

func TestWhatRunsPrintsItsNameOnly(t *testing.T) {
	c, box := inbox(t, func(s *script) { s.hangUp() })
	rows := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchFlags}})
	messages := client.StartParts(t.Context(), box, imap.Fetch{Set: imap.UIDs(2), Items: []imap.FetchAtt{imap.FetchFlags}})
	pending := client.Start(t.Context(), box, imap.Noop{})
	assert.Equal(t, "FETCH FETCH FETCH FETCH NOOP NOOP", fmt.Sprintf("%v %s %d %+v %q %#v", rows, *rows, messages, *messages, pending, *pending))
	assert.NoError(t, c.Close())
}

// TestASourceThatEndsEarly costs the connection, and says so to every command of it.
func TestASourceThatEndsEarly(t *testing.T) {
	c := session(t, func(s *script) {
		s.want("APPEND INBOX () {5+}")
		s.hangUp()
	}, "LITERAL+")
	_, err := c.Append(t.Context(), "INBOX", imap.Message(imap.SourceReader(strings.NewReader("shor"), 5)))
	assert.ErrorIs(t, err, imap.ErrSource)
	assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
	err = c.Noop(t.Context())
	assert.EqualError(t, err, "imap: NOOP: connection lost: source of a literal of APPEND ended 1 octets early: unexpected EOF")
	assert.ErrorIs(t, err, imap.ErrSource)
	assert.ErrorIs(t, err, imap.ErrConnectionLost)
	e, ok := errors.AsType[*imap.Error](err)
	require.True(t, ok)
	assert.Equal(t, imap.RecourseReconnect, e.Recourse())
}

// TestRowsOfACommandThatFailsHalfWay: what was changed before the NO is told with it.
func TestRowsOfACommandThatFailsHalfWay(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		tag := s.want(`UID STORE 1:2 +FLAGS (\Flagged)`)
		s.send(`* 1 FETCH (UID 1 FLAGS (\Flagged))`, tag+" NO the second is locked")
	})
	rows, err := box.Store(t.Context(), imap.UIDs(1, 2), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagFlagged)})
	assert.ErrorContains(t, err, "the second is locked")
	if assert.Len(t, rows, 1) {
		assert.Equal(t, uint32(1), rows[0].UID)
	}
	assert.NoError(t, c.Close())
}
