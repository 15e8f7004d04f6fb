package client_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

func TestIdle(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 3)
		tag := s.want("IDLE")
		s.send("+ idling", "* 4 EXISTS")
		s.wantLine("DONE") // the loop runs NOOP
		s.send(tag + " OK")
		s.ok("NOOP", "* 2 EXPUNGE")
		s.want("IDLE") // by itself
		s.send("+ idling", `* 1 FETCH (FLAGS (\Seen))`, "* XNEWS of the day")
		s.hangUp()
	}, "IDLE")
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	var seen []string
	for ev, err := range c.Idle(t.Context()) {
		require.NoError(t, err)
		switch ev := ev.(type) {
		case *imap.ExistsData:
			seen = append(seen, "exists "+strconv.Itoa(int(ev.Count)))
			assert.Equal(t, uint32(4), box.Exists(), "the snapshot is never behind the events")
			assert.NoError(t, c.Noop(t.Context()))
		case *imap.ExpungeData:
			seen = append(seen, "expunge "+strconv.Itoa(int(ev.Seq)))
		case *imap.FetchData:
			seen = append(seen, "flags "+ev.Flags.String())
		case *imap.UnknownData:
			seen = append(seen, ev.Name+" "+string(ev.Raw))
		}
		if len(seen) == 4 {
			break
		}
	}
	assert.Equal(t, []string{"exists 4", "expunge 2", `flags \Seen`, "XNEWS of the day"}, seen)
	assert.Equal(t, uint32(3), box.Exists())
	assert.NoError(t, c.Close())
}

func TestIdleEnds(t *testing.T) {
	t.Run("with its context", func(t *testing.T) {
		c := session(t, func(s *script) { s.hangUp() })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var n int
		for ev, err := range c.Idle(ctx) {
			n++
			assert.Nil(t, ev)
			assert.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, 1, n)
		assert.NoError(t, c.Close())
	})
	t.Run("with its context, whatever has come already", func(t *testing.T) {
		c := session(t, func(s *script) {
			s.want("IDLE")
			s.send("+ idling", "* 1 EXISTS", "* 2 EXISTS", "* 3 EXISTS")
			s.hangUp()
		}, "IDLE")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var events int
		var last error
		for _, err := range c.Idle(ctx) {
			if last = err; err != nil {
				continue
			}
			events++
			cancel()
		}
		assert.Equal(t, 1, events)
		assert.ErrorIs(t, last, context.Canceled)
		assert.NoError(t, c.Close())
	})
	t.Run("with the connection", func(t *testing.T) {
		c := session(t, func(s *script) {
			s.want("IDLE")
			s.send("+ idling", "* BYE for maintenance")
		}, "IDLE")
		var last error
		for _, last = range c.Idle(t.Context()) {
		}
		assert.ErrorIs(t, last, imap.ErrConnectionLost)
		assert.ErrorContains(t, last, "for maintenance")
	})
}

// A server without IDLE is asked now and then.
func TestIdleByPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc := pipe(t, func(s *script) {
			s.send(preauth())
			began := time.Now()
			s.nc.SetReadDeadline(time.Time{})
			line, err := s.r.ReadString('\n')
			assert.NoError(t, err)
			tag, rest, _ := cut(line)
			assert.Equal(t, "NOOP\r\n", rest)
			assert.LessOrEqual(t, time.Since(began), time.Hour)
			assert.GreaterOrEqual(t, time.Since(began), 54*time.Minute)
			s.send("* 5 EXISTS", tag+" OK")
			s.end()
		})
		o := inClear
		o.PollInterval = time.Hour
		c, err := client.New(t.Context(), nc, o)
		require.NoError(t, err)
		for ev, err := range c.Idle(t.Context()) {
			require.NoError(t, err)
			assert.IsType(t, new(imap.ExistsData), ev)
			break
		}
		assert.NoError(t, c.Close())
		synctest.Wait()
	})
}

func TestEventsLost(t *testing.T) {
	const flood = 5000
	c := session(t, func(s *script) {
		s.selected("INBOX", 1)
		tag := s.want("IDLE")
		s.send("+ idling", "* 2 EXISTS")
		s.wantLine("DONE")
		s.send(tag + " OK")
		tag = s.want("NOOP")
		for i := range flood {
			s.send("* " + strconv.Itoa(i+3) + " EXISTS")
		}
		s.send(tag + " OK done")
		s.hangUp()
	}, "IDLE")
	_, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	var events, lost int
	for ev, err := range c.Idle(t.Context()) {
		require.NoError(t, err)
		if l, ok := ev.(*client.EventsLost); ok {
			lost += l.Count
			require.NotNil(t, l.Mailbox)
			assert.Equal(t, uint32(flood+2), l.Mailbox.Exists())
		} else if events++; events == 1 {
			require.NoError(t, c.Noop(t.Context())) // meanwhile nobody reads events
		}
		if events+lost == flood+1 {
			break
		}
	}
	assert.Positive(t, lost)
	assert.Greater(t, events, 1)
	assert.NoError(t, c.Close())
}
