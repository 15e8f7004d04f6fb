package conn

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// The model: users run random commands against a server that answers them as section 5.5 allows, in any order, with data that nobody
// asked for between. model_rules_test.go says what must hold, in terms of commands and rows only.
var (
	modelSeeds = flag.Int("seeds", 60, "how many seeds of the model to run")
	modelSeed  = flag.Int("seed", -1, "the only seed of the model to run; those that fail are printed")
)

// A world is what one run of the model knows of both ends.
type world struct {
	t      *testing.T
	c      *Conn
	server *modelServer
	asleep atomic.Bool // the reader

	start sync.Mutex // so that the order of starts is known

	mu        sync.Mutex
	started   []*op
	delivered map[int][]*op // rows and data by serial; a nil op: no call's
	published []int         // what a subscriber was given
	expunged  int           // messages that the client was told are gone
	mailbox   int           // that is selected; 0: none
}

func TestModel(t *testing.T) {
	first, last := 0, *modelSeeds
	if *modelSeed >= 0 {
		first, last = *modelSeed, *modelSeed+1
	}
	var overtaken, crowd int
	for seed := first; seed < last; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := modelRun(t, uint64(seed))
				overtaken += w.server.overtaken
				crowd = max(crowd, w.server.crowd)
			})
		})
	}
	if *modelSeed < 0 {
		assert.NotZero(t, overtaken, "answers that came before that of an earlier command")
		assert.Greater(t, crowd, 4, "commands in flight at once")
	}
}

func modelRun(t *testing.T, seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 0))
	near, far := net.Pipe()
	w := &world{t: t, delivered: map[int][]*op{}}
	w.server = &modelServer{w: w, random: random, conn: far, arrived: make(chan struct{}, 1), stopped: make(chan struct{}), writing: make(bubbleLock, 1), vanished: seed%2 == 1}
	ready := make(chan struct{})
	defer func() {
		if t.Failed() {
			t.Logf("go test ./runtime/conn -run TestModel -seed %d; the wire:\n%s", seed, strings.Join(w.server.wire, "\n"))
		}
	}()
	var wg sync.WaitGroup
	wg.Go(func() {
		w.server.write("* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi")
		wg.Go(func() {
			<-ready
			w.server.answer()
		})
		w.server.read()
	})
	var err error
	w.c, err = New(t.Context(), near, Options{
		Codec: slowCodec{random: rand.New(rand.NewPCG(seed, 1<<32)), asleep: &w.asleep}, Observe: w.observe, // no Trace: the reader would take rows one by one
		Idle: idle, Noop: noop, IdleDelay: 20 * time.Microsecond, IdleRenew: time.Millisecond,
	})
	require.NoError(t, err)
	if seed%3 > 0 { // without a subscriber the reader may pause
		events := w.c.Subscribe(1 << 20)
		wg.Go(func() { w.subscribe(events) })
	}
	close(ready)
	release := w.c.HoldIdle()
	var users sync.WaitGroup
	count, steps := 1+seed%12, 40
	if seed%10 == 9 {
		count, steps = 50, 5
	}
	for i := range count {
		u := &user{world: w, random: rand.New(rand.NewPCG(seed, i+1))}
		users.Go(func() { u.run(steps) })
	}
	users.Wait()
	release()
	w.server.finish()
	assert.NoError(t, w.c.Err())
	assert.Zero(t, w.c.queue.n, "commands wait")
	assert.Zero(t, w.c.flying.n, "commands are in flight")
	require.NoError(t, w.c.Close())
	wg.Wait()
	_ = far.Close()
	w.check(seed%3 > 0)
	for _, o := range w.started {
		if o.call == nil || o.call.rowQueue == nil {
			continue
		}
		assert.Empty(t, o.call.rows, "%q: rows that were not given and not dropped", o.text)
	}
	return w
}

// A slowCodec takes its time now and then, so that all others come before the reader.
type slowCodec struct {
	codec
	random *rand.Rand
	asleep *atomic.Bool
}

func (c slowCodec) Decode(f *wire.Frame, d Dialog) ([]byte, Response, error) {
	if c.random.IntN(8) == 0 {
		c.asleep.Store(true)
		time.Sleep(time.Microsecond)
		c.asleep.Store(false)
	}
	return c.codec.Decode(f, d)
}

// observe notes what the client was told, on the reader and so in the order of the wire.
func (w *world) observe(r Response, k *Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Kind() == kindExpunge || r.Kind() == kindVanished {
		w.expunged++
	}
	if n, ok := serial(r); ok && (k == nil || r.Kind().Event) {
		w.delivered[n] = append(w.delivered[n], nil)
	}
}

func (w *world) subscribe(s *Subscription) {
	for {
		r, lost, err := s.Next(w.t.Context())
		if err != nil {
			return
		}
		assert.Zero(w.t, lost)
		if n, ok := serial(r); ok {
			w.mu.Lock()
			w.published = append(w.published, n)
			w.mu.Unlock()
		}
	}
}

// give notes that a response was given to a call.
func (w *world) give(r Response, o *op) {
	n, ok := serial(r)
	assert.True(w.t, ok)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delivered[n] = append(w.delivered[n], o)
}
