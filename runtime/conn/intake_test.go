package conn

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// numbered is a NOOP that says who started it, and which of theirs it is.
func numbered(who, n int) command {
	return command{spec: specNoop, write: func(e *wire.Encoder) { word(strconv.Itoa(who))(e); word(strconv.Itoa(n))(e) }}
}

// TestIntakeOrder: commands that one goroutine starts go out in this order, whatever others start meanwhile, and all are answered.
func TestIntakeOrder(t *testing.T) {
	const goroutines, each = 8, 3 * intakeDepth / 2
	run(t, Options{}, func(s *server) {
		next := [goroutines]int{}
		for range goroutines * each {
			words := strings.Fields(s.line())
			who, _ := strconv.Atoi(words[2])
			if words[3] != strconv.Itoa(next[who]) {
				s.fail("%v is not number %d", words, next[who])
			}
			next[who]++
			s.send(words[0] + " OK")
		}
	}, func(t *testing.T, c *Conn) {
		var wg sync.WaitGroup
		for who := range goroutines {
			wg.Go(func() {
				var calls []*Call
				for n := range each {
					calls = append(calls, c.Start(t.Context(), numbered(who, n), CallOptions{}))
				}
				for _, k := range calls {
					_, err := k.Wait(t.Context())
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
	})
}

// TestIntakeCancelled: a command that was started and has not been queued yet is cancelled like any other, and nothing of it is sent.
func TestIntakeCancelled(t *testing.T) {
	c, _ := inFlight()
	c.yielding, c.writing = true, true // the writer takes in what comes, but lets others run first
	ctx, cancel := context.WithCancel(t.Context())
	first, second := c.Start(t.Context(), noop, CallOptions{}), c.Start(ctx, noop, CallOptions{})
	assert.EqualValues(t, 2, c.intake.n.Load())
	cancel()
	c.cancel(second)
	_, err := second.Wait(t.Context())
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, ErrOutcomeUnknown)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.takeIn()
	assert.Same(t, first, c.queue.head)
	assert.Same(t, first, c.queue.tail)
}

// TestIntakeRelief: a writer that lets others run is relieved when many commands have been started, and not before.
func TestIntakeRelief(t *testing.T) {
	run(t, Options{}, func(s *server) {
		time.Sleep(time.Second)
		for range intakeDepth {
			s.answer("NOOP")
		}
	}, func(t *testing.T, c *Conn) {
		c.mu.Lock()
		c.writing, c.yielding = true, true // it does not get to run at all
		c.mu.Unlock()
		var calls []*Call
		for range intakeDepth - 1 {
			calls = append(calls, c.Start(t.Context(), noop, CallOptions{}))
		}
		synctest.Wait()
		c.mu.Lock()
		assert.True(t, c.yielding)
		assert.Zero(t, c.flying.n)
		c.mu.Unlock()
		calls = append(calls, c.Start(t.Context(), noop, CallOptions{}))
		for _, k := range calls {
			_, err := k.Wait(t.Context())
			require.NoError(t, err)
		}
	})
}

// TestIntakeEnds: what was started before the connection ended, and not queued, fails with it.
func TestIntakeEnds(t *testing.T) {
	run(t, Options{}, func(s *server) { _, _ = io.Copy(io.Discard, s.r) }, func(t *testing.T, c *Conn) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 2 * intakeDepth {
					k := c.Start(t.Context(), noop, CallOptions{})
					wg.Go(func() {
						_, err := k.Wait(t.Context())
						assert.Error(t, err)
					})
				}
			})
		}
		wg.Go(func() { assert.NoError(t, c.Close()) })
		wg.Wait()
	})
}

func TestTagTable(t *testing.T) {
	var table tagTable
	assert.Nil(t, table.find(1))
	calls := map[uint32]*Call{}
	// One call lasts while thousands come and go, in another order than they came.
	for tag := uint32(1); tag <= 5000; tag++ {
		k := &Call{tag: tag}
		table.add(k)
		calls[tag] = k
		if gone := calls[tag-(tag*7)%13]; gone != nil && gone.tag != 1 {
			table.remove(gone)
			delete(calls, gone.tag)
			assert.Nil(t, table.find(gone.tag))
			table.remove(gone) // once more does nothing
		}
		assert.Same(t, calls[1], table.find(1))
	}
	assert.Equal(t, len(calls), table.n)
	assert.Less(t, len(table.slots), 4*len(calls))
	for tag, k := range calls {
		assert.Same(t, k, table.find(tag))
		table.remove(k)
	}
	assert.Zero(t, table.n)
	for _, k := range table.slots {
		assert.Nil(t, k)
	}
}
