package client_test

import (
	"io"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/client"
)

// The tests in hostile_*_test.go play servers that attack their client, and a man in the middle where there is one. Each case is named
// for its attack; each ends within its context, leaves no goroutine behind (TestMain) and says what happened.

// octets writes without an error when the client has closed the connection, as a client that is attacked may.
func (s *script) octets(octets string) bool {
	_, err := io.WriteString(s.nc, octets)
	return err == nil
}

// silence says nothing more, however long it takes the client to close the connection.
func (s *script) silence() {
	_ = s.nc.SetReadDeadline(time.Time{})
	_, _ = io.Copy(io.Discard, s.r)
}

// flood writes the unit again and again, at least so many octets in all, and gives whether the client took them.
func (s *script) flood(unit string, octets int) bool {
	many := strings.Repeat(unit, 1+(64<<10)/len(unit))
	for ; octets > 0; octets -= len(many) {
		if !s.octets(many) {
			return false
		}
	}
	return true
}

// heldBy gives how many octets of heap the program had at most while f ran, above what it had before. What f has thrown away counts
// until it is collected, which is done eagerly here.
func heldBy(f func()) (octets uint64) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		top := before
		for {
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapAlloc)
			select {
			case <-tick.C:
			case <-stop:
				most <- top
				return
			}
		}
	}()
	f()
	close(stop)
	return <-most - before
}

const mib = 1 << 20

// assertHeld runs f and wants it to hold no more than so many octets at any time.
func assertHeld(t *testing.T, limit uint64, f func()) {
	t.Helper()
	held := heldBy(f)
	t.Logf("%.1f MiB", float64(held)/mib)
	assert.Lessf(t, held, limit, "%d MiB, want at most %d", held/mib, limit/mib)
}

// inTime plays a scenario on a clock of its own, where waiting takes no time and a call that never ends is an error at once.
func inTime(t *testing.T, play func(*script), options client.Options, use func(t *testing.T, c *client.Client), caps ...string) {
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(preauth(caps...))
			play(s)
		}), options)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		use(t, c)
		_ = c.Close()
	})
}

func itoa(n int) string { return strconv.Itoa(n) }
