package conn

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// tags reads so many commands and gives their tags.
func (s *server) tags(n int) []string {
	var tags []string
	for range n {
		tags = append(tags, s.tag())
	}
	return tags
}

// start starts commands.
func start(t *testing.T, c *Conn, o func(i int) CallOptions, commands ...Command) []*Call {
	var calls []*Call
	for i, cmd := range commands {
		calls = append(calls, c.Start(t.Context(), cmd, o(i)))
	}
	return calls
}

func noOptions(int) CallOptions { return CallOptions{} }

// TestAnswersInOneWrite: each command gets its own, whatever the order in which they come together.
func TestAnswersInOneWrite(t *testing.T) {
	var completed []string
	log := &bytes.Buffer{}
	run(t, Options{Logger: slog.New(slog.NewTextHandler(log, nil))}, func(s *server) {
		tag := s.tags(3)
		s.send(tag[2]+" OK third", tag[0]+" NO [X] first", tag[0]+" OK first once more", tag[1]+" BAD second", "* 7 EXISTS")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		names := []string{"a", "b", "c"}
		calls := start(t, c, func(i int) CallOptions {
			return CallOptions{Result: result{complete: func(cond Condition) { completed = append(completed, names[i]+" "+cond.Text) }}}
		}, noop, noop, noop)
		var got []string
		for _, k := range calls {
			cond, err := k.Wait(t.Context())
			got = append(got, cond.Text)
			assert.Equal(t, cond.Type != ConditionOK, err != nil)
		}
		assert.Equal(t, []string{"first", "second", "third"}, got)
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
	})
	assert.Equal(t, []string{"c third", "a first", "b second"}, completed)
	assert.Equal(t, 1, strings.Count(log.String(), "answered before"), log)
}

// TestDataBehindAnAnswerInOneWrite: what comes behind the answer to a command is not its data.
func TestDataBehindAnAnswerInOneWrite(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.tags(2)
		s.send("* 1 FETCH (UID 1 FLAGS ())", tag[0]+" OK", "* 2 FETCH (UID 2 FLAGS ())", tag[1]+" OK", "* 8 EXISTS")
	}, func(t *testing.T, c *Conn) {
		sub := c.Subscribe(0)
		calls := start(t, c, func(int) CallOptions { return CallOptions{Rows: true} },
			fetch(wire.UIDRange(1, 2), itemUID|itemFlags), fetch(wire.UIDRange(5, 9), itemUID|itemFlags))
		got, err := rows(t.Context(), calls[0])
		require.NoError(t, err)
		assert.Len(t, got, 1)
		got, err = rows(t.Context(), calls[1])
		require.NoError(t, err)
		assert.Empty(t, got)
		r, _, err := sub.Next(t.Context())
		require.NoError(t, err)
		assert.Contains(t, r.(*data).text, "UID 2")
	})
}

// TestAnswerBeforeTheBarrier: an OK that comes with others is not the answer to a login that is sent after that.
func TestAnswerBeforeTheBarrier(t *testing.T) {
	run(t, Options{TagPrefix: "T"}, func(s *server) {
		s.tags(1)
		s.send("T1 OK", "T2 OK", "T3 OK", "* 1 EXISTS")
	}, func(t *testing.T, c *Conn) {
		calls := start(t, c, noOptions, noop, idle)
		_, err := calls[1].Wait(t.Context())
		require.ErrorIs(t, err, ErrProtocol)
		<-c.Done()
		require.ErrorContains(t, c.Err(), "never sent")
	})
}

// TestCloseWhileAnswersTakeEffect: Complete may close the connection, and nobody waits for ever.
func TestCloseWhileAnswersTakeEffect(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.tags(3)
		s.send(tag[0]+" OK", tag[1]+" OK", tag[2]+" OK", "* 1 EXISTS")
	}, func(t *testing.T, c *Conn) {
		calls := start(t, c, func(i int) CallOptions {
			if i != 1 {
				return CallOptions{}
			}
			return CallOptions{Result: result{complete: func(Condition) { _ = c.Close() }}}
		}, noop, noop, noop)
		for _, k := range calls {
			_, err := k.Wait(t.Context())
			require.ErrorIs(t, err, ErrClosed)
		}
		synctest.Wait()
	})
}
