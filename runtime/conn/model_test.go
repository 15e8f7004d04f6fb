package conn

import (
	"flag"
	"fmt"
	"io"
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
// asked for between. In every third world answers may be as long as it takes for the reader to be borrowed. What must hold is said in terms
// of commands and rows only, in model_rules_test.go, in model_saved_test.go of "$", and in model_rows_test.go of who waits.
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
	long   bool        // answers may be long, and the server silent
	born   time.Time
	closes bool         // the connection is, while somebody has borrowed the reader
	closed atomic.Int64 // when the connection was closed in the midst of it; 0: it was not

	start sync.Mutex // so that the order of starts is known

	mu        sync.Mutex
	started   []*op
	delivered map[int][]*op  // rows and data by serial; a nil op: no call's
	published []int          // what a subscriber was given
	waits     []modelWait    // that were long
	whole     map[int]uint64 // items of rows that were given when they began, by serial
	expunged  int            // messages that the client was told are gone
	mailbox   int            // that is selected; 0: none
}

func TestModel(t *testing.T) {
	first, last := 0, *modelSeeds
	if *modelSeed >= 0 {
		first, last = *modelSeed, *modelSeed+1
	}
	var overtaken, crowd, pipelined, lent, begun int
	for seed := first; seed < last; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := modelRun(t, uint64(seed))
				overtaken += w.server.overtaken
				crowd = max(crowd, w.server.crowd)
				pipelined += w.server.pipelined
				lent += w.server.lent
				begun += len(w.whole)
			})
		})
	}
	if *modelSeed < 0 && !t.Failed() {
		assert.NotZero(t, overtaken, "answers that came before that of an earlier command")
		assert.Greater(t, crowd, 4, "commands in flight at once")
		assert.NotZero(t, pipelined, "commands about a result that was not answered yet")
		assert.NotZero(t, lent, "times when a borrower of the reader was waiting for the server")
		assert.NotZero(t, begun, "rows with long bodies")
	}
}

func modelRun(t *testing.T, seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 0))
	near, far := net.Pipe()
	w := &world{t: t, delivered: map[int][]*op{}, whole: map[int]uint64{}, born: time.Now(), long: seed%3 == 0, closes: seed%18 == 15}
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
	slow := slowCodec{asleep: &w.asleep, random: rand.New(rand.NewPCG(seed, 1<<32)), seldom: 8}
	if w.long {
		slow.seldom = 50 // thousands of rows come at once, and may not take long
	}
	var transport io.ReadWriteCloser = near
	if seed%12 == 6 {
		transport = struct{ io.ReadWriteCloser }{near} // without deadlines: the reader pauses and is not lent
	}
	var err error
	w.c, err = New(t.Context(), transport, Options{
		Codec: slow, Observe: w.observe, // no Trace: the reader would take rows one by one
		Idle: idle, Noop: noop, IdleDelay: 20 * time.Microsecond, IdleRenew: time.Millisecond,
		UnreadLimit: w.unreadLimit(seed), Spill: func() (SpillFile, error) { return new(memoryFile), nil },
	})
	require.NoError(t, err)
	if !w.long { // without a subscriber the reader may pause
		events := w.c.Subscribe(1 << 20)
		wg.Go(func() { w.subscribe(events) })
	}
	if seed%18 == 6 {
		wg.Go(func() {
			time.Sleep(time.Duration(seed*7919%20_000) * time.Microsecond)
			w.close()
		})
	}
	hangs := time.AfterFunc(time.Minute, func() {
		assert.Fail(t, "it hangs")
		w.close()
	})
	defer hangs.Stop()
	close(ready)
	release := w.c.HoldIdle()
	var users sync.WaitGroup
	count, steps := 1+seed%12, 40
	switch {
	case w.long: // who is to borrow the reader must be alone now and then
		count, steps = []uint64{1, 2, 1, 3}[seed/3%4], 20
	case seed%10 == 9:
		count, steps = 50, 5
	}
	for i := range count {
		u := &user{world: w, random: rand.New(rand.NewPCG(seed, i+1))}
		users.Go(func() { u.run(steps) })
	}
	users.Wait()
	release()
	w.server.finish()
	if w.closed.Load() == 0 {
		assert.NoError(t, w.c.Err())
		assert.Zero(t, w.c.queue.n, "commands wait")
		assert.Zero(t, w.c.flying.n, "commands are in flight")
		assert.Zero(t, w.c.unread, "octets that nobody has read")
	}
	require.NoError(t, w.c.Close())
	wg.Wait()
	_ = far.Close()
	w.check(!w.long)
	w.checkSaved()
	w.checkWaits()
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
	bodyCodec
	random *rand.Rand
	seldom int
	asleep *atomic.Bool
}

func (c slowCodec) Decode(f *wire.Frame, d Dialog) ([]byte, Response, error) {
	if c.random.IntN(c.seldom) == 0 {
		c.asleep.Store(true)
		time.Sleep(time.Microsecond)
		c.asleep.Store(false)
	}
	return c.bodyCodec.Decode(f, d)
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
