package conn

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// TestAgain: a command that was refused, here within its literal, is sent once more before those that wait for it, and its end is its
// second answer.
func TestAgain(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.send(s.command("UID SEARCH {1}") + " NO [BADCHARSET] not so")
		s.send("* SEARCH", s.command("UID SEARCH so")+" OK done")
		s.answer("UID STORE 1")
		s.send(s.command("UID SEARCH {1}") + " NO [BADCHARSET] not so")
		s.send(s.command("UID SEARCH so") + " BAD never")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		refusable := func() *Call {
			refused := 0
			cmd := command{spec: specSearch, scope: Scope{ReadsFlags: true}, write: func(e *wire.Encoder) {
				if refused == 0 {
					word("\xe9")(e)
				} else {
					word("so")(e)
				}
			}}
			return c.Start(ctx, persistent{cmd, func(cond Condition) bool {
				assert.NotEqual(t, ConditionOK, cond.Type)
				refused++
				return refused == 1
			}}, CallOptions{})
		}
		search := refusable()
		stored := c.Start(ctx, store(wire.UIDs(1)), CallOptions{})
		cond, err := search.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, "done", cond.Text)
		_, err = stored.Wait(ctx)
		require.NoError(t, err)
		_, err = refusable().Wait(ctx)
		require.ErrorContains(t, err, "BAD never")
	})
}

// A command whose context has ended is not sent again.
func TestNotAgain(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("NOOP")
		time.Sleep(time.Second) // until it is cancelled
		s.send(tag + " NO not now")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		k := c.Start(ctx, persistent{noop, func(Condition) bool { t.Error("asked"); return true }}, CallOptions{})
		synctest.Wait()
		cancel()
		_, err := k.Wait(t.Context())
		require.ErrorIs(t, err, context.Canceled)
		_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
	})
}

// TestNotAgainWhatIsSaved: the refusal of a SEARCH that saves its result empties "$" (RFC 5182 section 2.1). If a command with "$" has been
// sent behind it, or if it is itself about what was saved, a second time would make it seem that nothing was found.
func TestNotAgainWhatIsSaved(t *testing.T) {
	play(t, "* PREAUTH [CAPABILITY IMAP4rev1 SEARCHRES] ready", Options{}, func(s *server) {
		search := s.command("UID SEARCH")
		fetch := s.command("UID FETCH $")
		s.send(search+" NO [BADCHARSET] not so", fetch+" OK nothing")
		s.send(s.command("UID SEARCH") + " NO [BADCHARSET] not so")
		s.answer("NOOP")
		s.send(s.command("UID SEARCH") + " NO [BADCHARSET] not so")
		s.answer("UID SEARCH")
		s.answer("UID FETCH $")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		search := func(s Scope) *Call {
			s.UID, s.Saves = true, true
			return c.Start(ctx, persistent{command{spec: specSearch, scope: s}, func(Condition) bool { return true }}, CallOptions{})
		}
		among := Scope{UsesSaved: true}
		uses := fetch(wire.SavedResult(), itemFlags)
		saved := search(Scope{})
		_, err := c.Start(ctx, uses, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		_, err = saved.Wait(ctx)
		require.ErrorContains(t, err, "BADCHARSET")
		_, err = search(among).Wait(ctx)
		require.ErrorContains(t, err, "BADCHARSET")
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		_, err = search(Scope{}).Wait(ctx)
		require.NoError(t, err, "what is sent afterwards is about the second one")
		_, err = c.Start(ctx, uses, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
	})
}

// persistent is a command that is asked whether to be sent once more.
type persistent struct {
	command
	again func(Condition) bool
}

func (p persistent) Again(cond Condition) bool { return p.again(cond) }
