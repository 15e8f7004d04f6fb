package conn

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// TestOneContextOfManyCalls: all calls of a context end with it, sent or not, and no others.
func TestOneContextOfManyCalls(t *testing.T) {
	run(t, Options{}, func(s *server) {
		a, b := s.command("NOOP"), s.command("STATUS a")
		time.Sleep(time.Second)
		s.send(a+" OK", b+" OK")
		s.answer("STATUS b") // the SELECT was taken back
	}, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithCancelCause(t.Context())
		type key struct{}
		derived := context.WithValue(ctx, key{}, 1) // ends with ctx, by the same channel
		sent := c.Start(ctx, noop, CallOptions{})
		other := c.Start(t.Context(), statusOf("a"), CallOptions{})
		barrier := c.Start(derived, command{spec: specSelect}, CallOptions{})
		queued := c.Start(ctx, noop, CallOptions{})
		last := c.Start(t.Context(), statusOf("b"), CallOptions{})
		synctest.Wait()
		cancel(assert.AnError)
		synctest.Wait()
		for k, unknown := range map[*Call]bool{sent: true, barrier: false, queued: false} {
			_, err := k.Wait(t.Context())
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, assert.AnError)
			if unknown {
				require.ErrorIs(t, err, ErrOutcomeUnknown)
			} else {
				require.NotErrorIs(t, err, ErrOutcomeUnknown)
			}
		}
		_, err := c.Start(ctx, noop, CallOptions{}).Wait(t.Context())
		require.ErrorIs(t, err, context.Canceled)
		for _, k := range []*Call{other, last} {
			_, err := k.Wait(t.Context())
			require.NoError(t, err)
		}
		assert.NotContains(t, c.watches.by, ctx.Done())
	})
}

// TestWatches: what looks after contexts is shared, and given back.
func TestWatches(t *testing.T) {
	run(t, Options{}, func(s *server) {
		for range 13 {
			s.answer("NOOP")
		}
	}, func(t *testing.T, c *Conn) {
		do := func(ctx context.Context) {
			_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
		}
		do(context.Background())
		assert.Empty(t, c.watches.by, "a context that never ends")
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			do(ctx)
			assert.Empty(t, c.watches.by, "a context of one command")
			cancel()
		}
		a, b := t.Context(), context.WithoutCancel(t.Context())
		b, cancel := context.WithCancel(b)
		for range 3 {
			do(a)
		}
		first := c.watches.by[a.Done()]
		require.NotNil(t, first, "a context of many commands")
		do(a)
		assert.Same(t, first, c.watches.by[a.Done()])
		for range 3 {
			do(b)
		}
		assert.Len(t, c.watches.by, 1, "one is kept")
		assert.Same(t, c.watches.spare, c.watches.by[b.Done()])
		cancel()
		synctest.Wait()
		assert.Empty(t, c.watches.by)
		do(a)
		do(a)
		require.NoError(t, c.Close())
		assert.Empty(t, c.watches.by)
	})
}

// TestManyWaits: several wait for one command, some of them not until its end.
func TestManyWaits(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("NOOP")
		time.Sleep(time.Minute)
		s.send(tag + " OK first")
		for range 5 {
			s.answer("NOOP")
		}
	}, func(t *testing.T, c *Conn) {
		k := c.Start(t.Context(), noop, CallOptions{})
		var wg sync.WaitGroup
		wait := func(ctx context.Context) {
			wg.Go(func() {
				cond, err := k.Wait(ctx)
				if ctx.Err() != nil {
					assert.ErrorIs(t, err, context.Canceled)
					return
				}
				assert.NoError(t, err)
				assert.Equal(t, "first", cond.Text)
			})
			synctest.Wait()
		}
		short, cancel := context.WithCancel(t.Context())
		wait(short)
		wait(t.Context())
		wait(short)
		cancel()
		synctest.Wait()
		wait(t.Context())
		wg.Go(func() { <-k.Done() })
		wg.Wait()
		<-k.Done()
		for range 5 { // their channels were used before
			cond, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "done", cond.Text)
		}
	})
}

// TestReturnsThatAreAskedFor: data that an argument asks for is no reason to wait for a command without it.
func TestReturnsThatAreAskedFor(t *testing.T) {
	spec := &Spec{Name: "X", In: loggedIn, Returns: []Return{{Kind: kindFetch, Many: true, Set: true}, {Kind: kindSearch, Many: true, With: 2}}}
	plain := func(uid uint32) command { return command{spec: spec, scope: Scope{UID: true, Set: wire.UIDs(uid)}} }
	asking := command{spec: spec, scope: Scope{UID: true, Set: wire.UIDs(3), With: 2}}
	run(t, Options{}, func(s *server) {
		a, b, c := s.command("X"), s.command("X"), s.command("X") // one asks, two do not
		s.silent()
		s.send("* SEARCH 1 2", a+" OK", b+" OK", c+" OK")
		s.answer("X")
	}, func(t *testing.T, c *Conn) {
		var got []string
		note := result{collect: func(r Response) { got = append(got, r.Kind().Name) }}
		calls := []*Call{
			c.Start(t.Context(), plain(1), CallOptions{}), c.Start(t.Context(), plain(2), CallOptions{}),
			c.Start(t.Context(), asking, CallOptions{Result: note}), c.Start(t.Context(), asking, CallOptions{}),
		}
		for _, k := range calls {
			_, err := k.Wait(t.Context())
			require.NoError(t, err)
		}
		assert.Equal(t, []string{"SEARCH"}, got)
	})
}
