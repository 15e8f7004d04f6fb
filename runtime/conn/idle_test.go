package conn

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var idling = Options{Idle: idle, Noop: noop}

func TestIdleYieldsAndResumes(t *testing.T) {
	run(t, idling, func(s *server) {
		tag := s.command("IDLE")
		s.send("+ idling", "* 4 EXISTS")
		s.want("DONE")
		s.send("* 5 EXISTS")
		s.silent() // the command waits for the answer
		s.send(tag + " OK")
		s.answer("NOOP")
		s.answer("STATUS a")
		tag = s.command("IDLE")
		s.send("+ idling")
		s.want("DONE")
		s.send(tag + " OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		sub := c.Subscribe(0)
		start := time.Now()
		release := c.HoldIdle()
		r, _, err := sub.Next(ctx)
		require.NoError(t, err)
		assert.Equal(t, "4 EXISTS", r.(*data).text)
		assert.Equal(t, 50*time.Millisecond, time.Since(start), "IDLE begins when there was nothing to do for a moment")
		a, b := c.Start(ctx, noop, CallOptions{}), c.Start(ctx, statusOf("a"), CallOptions{})
		_, err = a.Wait(ctx)
		require.NoError(t, err)
		_, err = b.Wait(ctx)
		require.NoError(t, err)
		r, _, err = sub.Next(ctx)
		require.NoError(t, err)
		assert.Equal(t, "5 EXISTS", r.(*data).text)
		time.Sleep(time.Second)
		synctest.Wait()
		release() // ends the IDLE
		release()
		time.Sleep(time.Hour) // and none begins
	})
}

func TestNoDoneBeforeThePlus(t *testing.T) {
	run(t, idling, func(s *server) {
		tag := s.command("IDLE")
		s.silent()
		time.Sleep(time.Minute) // a command waits all that time
		s.silent()
		s.send("+ idling")
		s.want("DONE")
		s.send(tag + " OK")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		release := c.HoldIdle()
		time.Sleep(time.Second)
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
		release()
	})
}

func TestIdleIsRenewed(t *testing.T) {
	run(t, idling, func(s *server) {
		for range 3 {
			tag := s.command("IDLE")
			start := time.Now() // the wait before it is not part of it
			s.send("+ idling")
			s.want("DONE")
			took := time.Since(start)
			assert.LessOrEqual(s.t, took, 9*time.Minute)
			assert.GreaterOrEqual(s.t, took, 9*time.Minute*9/10)
			s.send(tag + " OK")
		}
		_ = s.conn.Close()
	}, func(t *testing.T, c *Conn) {
		defer c.HoldIdle()()
		<-c.Done()
		require.ErrorIs(t, c.Err(), ErrConnectionLost)
	})
}

// TestRenewalIsSpread: connections that began to idle together do not all renew together, and a second loop over the events of one of
// them does not put its renewal off.
func TestRenewalIsSpread(t *testing.T) {
	const connections = 100
	var at []time.Duration
	for range connections {
		run(t, idling, func(s *server) {
			tag := s.command("IDLE")
			s.send("+ idling")
			start := time.Now()
			s.want("DONE")
			at = append(at, time.Since(start))
			s.send(tag + " OK")
			_ = s.conn.Close()
		}, func(t *testing.T, c *Conn) {
			defer c.HoldIdle()()
			time.Sleep(8 * time.Minute)
			c.HoldIdle()()
			<-c.Done()
		})
	}
	slices.Sort(at)
	assert.GreaterOrEqual(t, at[0], 9*time.Minute*9/10)
	assert.LessOrEqual(t, at[connections-1], 9*time.Minute)
	assert.Greater(t, at[connections-1]-at[0], 20*time.Second)
	assert.Len(t, slices.Compact(at), connections)
}

func TestPollingWhereThereIsNoIdle(t *testing.T) {
	polls := func(s *server) {
		for range 3 {
			start := time.Now()
			tag := s.command("NOOP")
			assert.LessOrEqual(s.t, time.Since(start), time.Minute)
			assert.GreaterOrEqual(s.t, time.Since(start), 54*time.Second)
			s.send("* 3 EXISTS", tag+" OK")
		}
	}
	test := func(t *testing.T, c *Conn) {
		sub := c.Subscribe(0)
		release := c.HoldIdle()
		for range 3 {
			_, _, err := sub.Next(t.Context())
			require.NoError(t, err)
		}
		release()
	}
	t.Run("not advertised", func(t *testing.T) {
		play(t, "* PREAUTH [CAPABILITY IMAP4rev1] hi", idling, polls, test)
	})
	t.Run("refused", func(t *testing.T) {
		run(t, idling, func(s *server) {
			s.send(s.command("IDLE") + " NO not now")
			polls(s)
		}, test)
	})
	t.Run("answered without a plus", func(t *testing.T) {
		run(t, idling, func(s *server) {
			s.answer("IDLE")
			polls(s)
		}, test)
	})
	t.Run("not logged in", func(t *testing.T) {
		play(t, "* OK [CAPABILITY IMAP4rev1 IDLE] hi", idling, nil, func(t *testing.T, c *Conn) {
			defer c.HoldIdle()()
			time.Sleep(time.Hour)
		})
	})
}

func TestIdleEndedByTheServer(t *testing.T) {
	run(t, idling, func(s *server) {
		tag := s.command("IDLE")
		s.send("+ idling", "+ again", tag+" OK you have been idle for long")
		tag = s.command("IDLE")
		s.send("+ idling")
		s.want("DONE")
		s.send(tag + " OK")
	}, func(t *testing.T, c *Conn) {
		release := c.HoldIdle()
		time.Sleep(time.Second)
		release()
		time.Sleep(time.Second)
	})
}

// TestIdleHeldTwice: IDLE lasts until the last one who wants it has gone, and all of them are told.
func TestIdleHeldTwice(t *testing.T) {
	run(t, idling, func(s *server) {
		tag := s.command("IDLE")
		s.send("+ idling")
		time.Sleep(2 * time.Minute)
		s.silent()
		s.send("* 7 EXISTS")
		s.want("DONE")
		s.send(tag + " OK")
	}, func(t *testing.T, c *Conn) {
		first, second := c.HoldIdle(), c.HoldIdle()
		subs := []*Subscription{c.Subscribe(0), c.Subscribe(0)}
		time.Sleep(time.Minute)
		first()
		for _, sub := range subs {
			r, _, err := sub.Next(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "7 EXISTS", r.(*data).text)
		}
		second()
		time.Sleep(time.Hour)
	})
}

// TestCutWhileIdle: everybody is told at once, also without a BYE.
func TestCutWhileIdle(t *testing.T) {
	run(t, idling, func(s *server) {
		s.command("IDLE")
		s.send("+ idling")
		time.Sleep(time.Minute)
		_ = s.conn.Close()
	}, func(t *testing.T, c *Conn) {
		defer c.HoldIdle()()
		start := time.Now()
		_, _, err := c.Subscribe(0).Next(t.Context())
		require.ErrorIs(t, err, ErrConnectionLost)
		require.NotErrorIs(t, err, io.EOF)
		assert.Less(t, time.Since(start), 61*time.Second)
	})
}

func TestLostWhileIdle(t *testing.T) {
	run(t, idling, func(s *server) {
		s.command("IDLE")
		s.send("+ idling", "* BYE maintenance")
	}, func(t *testing.T, c *Conn) {
		defer c.HoldIdle()()
		sub := c.Subscribe(0)
		_, _, err := sub.Next(t.Context()) // the BYE
		require.NoError(t, err)
		_, _, err = sub.Next(t.Context())
		require.ErrorIs(t, err, ErrConnectionLost)
		require.ErrorContains(t, err, "BYE maintenance")
	})
}

func TestIdleAsACommand(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("IDLE")
		s.send("+ idling")
		s.want("DONE")
		s.send(tag + " OK")
		tag = s.command("IDLE")
		s.send("+ idling")
		s.want("DONE")
		s.send(tag + " OK")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := c.Start(ctx, idle, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "cancelled with DONE")
		second := c.Start(t.Context(), idle, CallOptions{})
		time.Sleep(time.Minute)
		_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
		_, err = second.Wait(t.Context())
		require.NoError(t, err)
	})
}
