package conn

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// sendRows answers a FETCH of everything with n rows, one write each.
func sendRows(s *server, tag string, n int) {
	for i := 1; i <= n; i++ {
		s.send(fmt.Sprintf("* %d FETCH (UID %d FLAGS ())", i, i))
	}
	s.send(tag + " OK fetched")
}

const manyRows = 3 * pauseRows

var all = wire.UIDRange(1, 0)

func TestCommandInsideARowsLoop(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:*")
		s.send("* 1 FETCH (UID 1 FLAGS ())")
		s.answer("NOOP")
		s.send("* 2 FETCH (UID 2 FLAGS ())", tag+" OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		k := c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
		r, err := k.Next(ctx)
		require.NoError(t, err)
		require.NotNil(t, r)
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		rest, err := rows(ctx, k)
		require.NoError(t, err)
		assert.Len(t, rest, 1)
	})
}

// TestCommandThatMustWaitInsideARowsLoop: the loop holds up the FETCH, the FETCH by number holds up the NOOP, the NOOP holds up the loop;
// the rows are kept so that nobody waits for ever.
func TestCommandThatMustWaitInsideARowsLoop(t *testing.T) {
	run(t, Options{}, func(s *server) {
		sendRows(s, s.command("FETCH 1:*"), manyRows)
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		k := c.Start(ctx, fetch(wire.SeqRange(1, 0), itemUID|itemFlags), CallOptions{Rows: true})
		_, err := k.Next(ctx)
		require.NoError(t, err)
		synctest.Wait() // the reader pauses by now
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		rest, err := rows(ctx, k)
		require.NoError(t, err)
		assert.Len(t, rest, manyRows-1)
	})
}

// TestBackPressure: while nothing else needs the connection the server has to wait, and each of these makes it go on.
func TestBackPressure(t *testing.T) {
	for _, tt := range []struct {
		name string
		wake func(*testing.T, *Conn, *Call)
	}{
		{"the rows are read", func(t *testing.T, _ *Conn, k *Call) {
			got, err := rows(t.Context(), k)
			require.NoError(t, err)
			assert.Len(t, got, manyRows)
		}},
		{"a command", func(t *testing.T, c *Conn, _ *Call) { c.Start(t.Context(), noop, CallOptions{}) }},
		{"a subscriber", func(t *testing.T, c *Conn, _ *Call) { c.Subscribe(0) }},
		{"Wait", func(t *testing.T, _ *Conn, k *Call) {
			_, err := k.Wait(t.Context())
			require.NoError(t, err)
		}},
		{"Done", func(t *testing.T, _ *Conn, k *Call) { <-k.Done() }},
		{"OnDone", func(t *testing.T, _ *Conn, k *Call) {
			done := make(chan struct{})
			k.OnDone(func() { close(done) })
			<-done
		}},
		{"Stop", func(t *testing.T, _ *Conn, k *Call) {
			k.Stop()
			got, err := rows(t.Context(), k)
			require.NoError(t, err)
			assert.Empty(t, got)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sent := false
			run(t, Options{}, func(s *server) {
				sendRows(s, s.command("UID FETCH 1:*"), manyRows)
				sent = true
				if tt.name == "a command" {
					s.answer("NOOP")
				}
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				k := c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
				synctest.Wait()
				assert.False(t, sent, "the server has to wait")
				tt.wake(t, c, k)
				synctest.Wait()
				assert.True(t, sent)
				_, err := k.Wait(ctx)
				require.NoError(t, err)
			})
		})
	}
}

func TestRowsNeverReadAndClose(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:*")
		for i := 1; ; i++ {
			if _, err := fmt.Fprintf(s.w, "* %d FETCH (UID %d FLAGS ())\r\n", i, i); err != nil {
				return
			}
			if i > manyRows {
				s.fail("%s: the server was not made to wait", tag)
			}
		}
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		k := c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
		synctest.Wait()
		require.NoError(t, c.Close())
		got, err := rows(ctx, k)
		require.ErrorIs(t, err, ErrClosed)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		assert.GreaterOrEqual(t, len(got), pauseRows, "what had come is not lost")
		assert.Less(t, len(got), pauseRows+runRows)
	})
}

// What arrives together with the end of a command is not its own any more, though it asked for the message and has not had it.
func TestRowBehindTheEnd(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:3")
		s.send("* 1 FETCH (UID 1 FLAGS ())", "* 2 FETCH (UID 2 FLAGS ())", tag+" OK done", "* 3 FETCH (UID 3 FLAGS ())")
	}, func(t *testing.T, c *Conn) {
		events := c.Subscribe(0)
		k := c.Start(t.Context(), fetch(wire.UIDRange(1, 3), itemUID|itemFlags), CallOptions{Rows: true})
		synctest.Wait()
		got, err := rows(t.Context(), k)
		require.NoError(t, err)
		assert.Equal(t, []string{"* 1 FETCH (UID 1 FLAGS ())", "* 2 FETCH (UID 2 FLAGS ())"}, got)
		r, _, err := events.Next(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "* 3 FETCH (UID 3 FLAGS ())", r.(*data).text)
	})
}

// Rows that nobody reads one by one are collected with all else, and count for Limits.Result.
func TestCollectedRowsHaveALimit(t *testing.T) {
	const limit = 100 * perResponse
	run(t, Options{Limits: wire.Limits{Result: limit}}, func(s *server) {
		s.command("UID FETCH 1:*")
		s.command("NOOP")
		for i := 1; i < manyRows; i++ {
			if _, err := fmt.Fprintf(s.w, "* %d FETCH (UID %d FLAGS ())\r\n", i, i); err != nil {
				return
			}
		}
		s.fail("there is no end of it")
	}, func(t *testing.T, c *Conn) {
		n := 0
		c.Start(t.Context(), fetch(all, itemUID|itemFlags), CallOptions{Result: result{collect: func(Response) { n++ }}})
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		var met *wire.LimitError
		require.ErrorAs(t, err, &met)
		assert.Equal(t, wire.LimitError{What: "result", Limit: limit}, *met)
		assert.NotZero(t, n)
		assert.Less(t, n, 100)
	})
}

func TestStopDrainsAndTheConnectionLives(t *testing.T) {
	run(t, Options{}, func(s *server) {
		sendRows(s, s.command("UID FETCH 1:*"), manyRows)
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		k := c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
		_, err := k.Next(ctx)
		require.NoError(t, err)
		k.Stop()
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		cond, err := k.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, "fetched", cond.Text)
	})
}

func TestDrainLimit(t *testing.T) {
	run(t, Options{DrainLimit: 1000}, func(s *server) {
		s.command("UID FETCH 1:*")
		for {
			if _, err := fmt.Fprintf(s.w, "* 1 FETCH (UID 1 BODY[] %s)\r\n", strings.Repeat("x", 100)); err != nil {
				return
			}
		}
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		ctx, cancel := context.WithCancel(ctx)
		k := c.Start(ctx, fetch(all, 0), CallOptions{Rows: true})
		_, err := k.Next(ctx)
		require.NoError(t, err)
		cancel()
		_, err = k.Wait(ctx)
		require.ErrorIs(t, err, context.Canceled)
		<-c.Done()
		assert.ErrorContains(t, c.Err(), "UID FETCH was cancelled and its data does not end")
	})
}

func TestRowsBeforeTheError(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:*")
		s.send("* 1 FETCH (UID 1 FLAGS ())", tag+" NO [EXPUNGEISSUED] some are gone")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		got, err := rows(ctx, c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true}))
		assert.Len(t, got, 1)
		var e *Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, ConditionNO, e.Type)
		assert.Equal(t, "EXPUNGEISSUED", e.Code.Keyword())
		assert.Equal(t, "UID FETCH", e.Command)
		assert.EqualError(t, err, "imap: UID FETCH: NO [EXPUNGEISSUED] some are gone")
		require.NotEmpty(t, e.Trace)
		assert.Contains(t, e.Trace[len(e.Trace)-1], "NO [EXPUNGEISSUED] some are gone")
	})
}

func TestNextEndsWithItsContext(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:*")
		time.Sleep(2 * time.Minute)
		s.send("* 1 FETCH (UID 1 FLAGS ())", tag+" OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		k := c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
		short, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err := k.Next(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, ErrOutcomeUnknown, "only the wait ended")
		got, err := rows(ctx, k)
		require.NoError(t, err)
		assert.Len(t, got, 1)
	})
}

func TestEvents(t *testing.T) {
	t.Run("all subscribers get all", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			s.send("* 1 EXISTS", "* 2 EXISTS", s.command("NOOP")+" OK")
		}, func(t *testing.T, c *Conn) {
			ctx := t.Context()
			a, b := c.Subscribe(0), c.Subscribe(0)
			_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
			for _, sub := range []*Subscription{a, b} {
				for _, want := range []string{"1 EXISTS", "2 EXISTS"} {
					r, lost, err := sub.Next(ctx)
					require.NoError(t, err)
					assert.Zero(t, lost)
					assert.Equal(t, want, r.(*data).text)
				}
			}
			a.Close()
			_, _, err = a.Next(ctx)
			require.ErrorIs(t, err, ErrClosed)
			require.NoError(t, c.Close())
			_, _, err = b.Next(ctx)
			require.ErrorIs(t, err, ErrClosed)
		})
	})
	t.Run("overflow", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			s.send("* 1 EXISTS", "* 2 EXISTS", "* 3 EXISTS", "* 4 EXISTS", s.command("NOOP")+" OK")
		}, func(t *testing.T, c *Conn) {
			ctx := t.Context()
			sub := c.Subscribe(3)
			_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
			r, lost, err := sub.Next(ctx)
			require.NoError(t, err)
			assert.Nil(t, r)
			assert.Equal(t, 3, lost)
			r, lost, err = sub.Next(ctx)
			require.NoError(t, err)
			assert.Zero(t, lost)
			assert.Equal(t, "4 EXISTS", r.(*data).text)
		})
	})
	t.Run("claimed data that tells of the mailbox", func(t *testing.T) {
		var observed []string
		run(t, Options{Observe: func(r Response, k *Call) {
			who := "nobody"
			if k != nil {
				who = k.Command().Spec().Name
			}
			observed = append(observed, r.Kind().Name+" for "+who)
		}}, func(s *server) {
			s.send("* 3 EXPUNGE", "* 9 EXISTS", s.command("EXPUNGE")+" OK")
		}, func(t *testing.T, c *Conn) {
			ctx := t.Context()
			sub := c.Subscribe(0)
			got, err := rows(ctx, c.Start(ctx, command{spec: specExpunge}, CallOptions{Rows: true}))
			require.NoError(t, err)
			assert.Equal(t, []string{"3 EXPUNGE"}, got)
			for _, want := range []string{"3 EXPUNGE", "9 EXISTS"} {
				r, _, err := sub.Next(ctx)
				require.NoError(t, err)
				assert.Equal(t, want, r.(*data).text)
			}
			assert.Equal(t, []string{"EXPUNGE for EXPUNGE", "EXISTS for nobody"}, observed)
		})
	})
}
