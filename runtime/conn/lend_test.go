package conn

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// burst is so many rows that who reads them borrows the reader.
const burst = 4 * lendRows

// sendBurst sends rows from first on, and tail, in one write.
func (s *server) sendBurst(first int, tail string) {
	var text []byte
	for i := first; i < first+burst; i++ {
		text = fmt.Appendf(text, "* %d FETCH (UID %d FLAGS ())\r\n", i, i)
	}
	if _, err := io.WriteString(s.w, string(text)+tail); err != nil {
		s.fail("write: %v", err)
	}
}

// nextRows reads so many rows, with a context that cannot end, as client does.
func nextRows(t *testing.T, k *Call, n int) {
	t.Helper()
	for i := range n {
		r, err := k.Next(context.Background())
		require.NoError(t, err, i)
		require.NotNil(t, r, i)
	}
}

// lent tells whether the call can borrow the reader now.
func lent(c *Conn, k *Call) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lending && c.borrower.Load() == k
}

// TestRowsOfABorrowedReader: a long answer is read by who wants its rows, who does not wait for one that has not come as a whole to get those
// before it.
func TestRowsOfABorrowedReader(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:*")
		s.sendBurst(1, "")
		s.sendBurst(burst+1, fmt.Sprintf("* %d FETCH (UI", 2*burst+1))
		time.Sleep(time.Minute)
		s.send(fmt.Sprintf("D %d FLAGS ())", 2*burst+1), tag+" OK fetched")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		start := time.Now()
		k := c.Start(t.Context(), fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
		nextRows(t, k, 2*burst)
		assert.True(t, lent(c, k))
		assert.Zero(t, time.Since(start), "the rest of a row was waited for")
		nextRows(t, k, 1)
		r, err := k.Next(context.Background())
		require.NoError(t, err)
		require.Nil(t, r)
		_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err)
	})
}

// TestNoDeadlockOfABorrowedReader: whatever happens while a call has borrowed the reader, and reads or does not, everybody gets through.
func TestNoDeadlockOfABorrowedReader(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server func(s *server, tag string)
		then   func(t *testing.T, c *Conn, k *Call, cancel func())
	}{
		{"another command", func(s *server, tag string) {
			noop := s.command("NOOP")
			s.sendBurst(2*burst+1, noop+" OK\r\n")
			s.send(tag + " OK")
		}, func(t *testing.T, c *Conn, k *Call, _ func()) {
			_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
			nextRows(t, k, burst)
			_, err = k.Wait(t.Context())
			require.NoError(t, err)
		}},
		{"another command while it waits", func(s *server, tag string) {
			s.send(s.command("NOOP")+" OK", tag+" OK")
		}, func(t *testing.T, c *Conn, k *Call, _ func()) {
			time.AfterFunc(time.Second, func() { c.Start(t.Context(), noop, CallOptions{}) })
			r, err := k.Next(context.Background())
			require.NoError(t, err)
			assert.Nil(t, r)
		}},
		{"a wait that ends", func(s *server, tag string) {
			time.Sleep(time.Minute)
			s.send("* 1 FETCH (UID 70000 FLAGS ())", tag+" OK")
		}, func(t *testing.T, _ *Conn, k *Call, _ func()) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := k.Next(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			r, err := k.Next(t.Context())
			require.NoError(t, err)
			require.NotNil(t, r)
		}},
		{"the command is cancelled while it waits", func(s *server, tag string) {
			time.Sleep(time.Minute)
			s.sendBurst(2*burst+1, tag+" OK\r\n")
			s.answer("NOOP")
		}, func(t *testing.T, c *Conn, k *Call, cancel func()) {
			start := time.Now()
			time.AfterFunc(time.Second, cancel)
			_, err := k.Next(context.Background())
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, time.Second, time.Since(start))
			_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
		}},
		{"no more rows are wanted", func(s *server, tag string) {
			s.sendBurst(2*burst+1, tag+" OK\r\n")
		}, func(t *testing.T, _ *Conn, k *Call, _ func()) {
			k.Stop()
			_, err := k.Wait(t.Context())
			require.NoError(t, err)
		}},
		{"a subscription", func(s *server, tag string) {
			time.Sleep(time.Minute)
			s.send("* 7 EXISTS", tag+" OK")
		}, func(t *testing.T, c *Conn, _ *Call, _ func()) {
			r, _, err := c.Subscribe(0).Next(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "7 EXISTS", r.(*data).text)
		}},
		{"Close while it waits", func(s *server, _ string) { time.Sleep(time.Minute) }, func(t *testing.T, c *Conn, k *Call, _ func()) {
			time.AfterFunc(time.Second, func() { _ = c.Close() })
			_, err := k.Next(context.Background())
			require.ErrorIs(t, err, ErrClosed)
		}},
		{"the connection is lost", func(s *server, _ string) { _ = s.conn.Close() }, func(t *testing.T, c *Conn, k *Call, _ func()) {
			_, err := k.Next(context.Background())
			require.ErrorIs(t, err, ErrConnectionLost)
			<-c.Done()
		}},
		{"the server falls silent", func(s *server, _ string) { time.Sleep(time.Hour) }, func(t *testing.T, _ *Conn, k *Call, _ func()) {
			start := time.Now()
			_, err := k.Next(context.Background())
			require.ErrorIs(t, err, ErrConnectionLost)
			assert.LessOrEqual(t, time.Since(start), 6*time.Minute)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{}, func(s *server) {
				tag := s.command("UID FETCH 1:*")
				s.sendBurst(1, "")
				s.sendBurst(burst+1, "") // the one before made the reading goroutine wait
				tt.server(s, tag)
			}, func(t *testing.T, c *Conn) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				k := c.Start(ctx, fetch(all, itemUID|itemFlags), CallOptions{Rows: true})
				nextRows(t, k, 2*burst)
				synctest.Wait()
				assert.True(t, lent(c, k))
				tt.then(t, c, k, cancel)
			})
		})
	}
}
