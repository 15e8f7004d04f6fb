package imap_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/generated/internal/workload"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// TestKeptRows measures what a response holds in memory that alone is kept of a thousand. What the connection keeps beside it
// (tables, what the next responses lie in) goes with the connection.
func TestKeptRows(t *testing.T) {
	const times = 100
	for _, tt := range []struct {
		*workload.Workload
		kib float64 // its batch; a row of W2 is a batch by itself
	}{
		{workload.Envelopes(1, 1000), 12},
		{workload.Structures(1, 1000), 16},
		{workload.FlagRows(1, 1000), 7},
		{workload.Mailboxes(1, 1000), 10},
	} {
		t.Run(tt.Name, func(t *testing.T) {
			var kept []conn.Response
			for range times {
				kept = append(kept, middle(t, tt.Workload))
			}
			got := held(&kept) / times / 1024
			t.Logf("%.1f KiB", got)
			assert.LessOrEqual(t, got, tt.kib)
		})
	}
}

// middle decodes a workload and gives the response in its middle.
func middle(t *testing.T, w *workload.Workload) (kept conn.Response) {
	c, r := imap.NewCodec(imap.CodecOptions{}), wire.NewReader(bytes.NewReader(w.Lines), wire.Limits{})
	for i := range w.Responses {
		f, err := r.Next()
		require.NoError(t, err)
		_, resp, err := c.Decode(f, conn.DialogNone)
		require.NoError(t, err)
		if i == w.Responses/2 {
			kept = resp
		}
	}
	return kept
}

// held gives the octets of the heap that go with what v points to.
func held[T any](v *T) float64 {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	with := heap()
	runtime.KeepAlive(v)
	*v = *new(T)
	return float64(with) - float64(heap())
}
