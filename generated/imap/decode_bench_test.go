package imap_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/generated/internal/workload"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// measured are the workloads with what a value may cost: allocations per response where each is a value, in all where the response
// is one long list.
var measured = []struct {
	*workload.Workload
	perResponse float64
}{
	{workload.Envelopes(1, 5000), 3},
	{workload.Structures(1, 1000), 10},
	{workload.FlagRows(1, 20000), 0.1},
	{workload.Mailboxes(1, 10000), 1.1},
	{workload.Numbers(1, 1_000_000), 30},
	{workload.Ranges(1, 300_000), 30},
}

// decodeAll decodes a workload as a connection does, and reads every field of what comes of it.
func decodeAll(t testing.TB, c *imap.Codec, w *workload.Workload) workload.Sum {
	var sum workload.Sum
	r := wire.NewReader(bytes.NewReader(w.Lines), wire.Limits{})
	for range w.Responses {
		f, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		_, resp, err := c.Decode(f, conn.DialogNone)
		if err != nil {
			t.Fatal(err)
		}
		if err := sum.Response(resp); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}

// TestWorkloadsAreExact: what is measured is the way of responses that keep to the grammar.
func TestWorkloadsAreExact(t *testing.T) {
	for _, w := range measured {
		t.Run(w.Name, func(t *testing.T) {
			lenient := decodeAll(t, imap.NewCodec(imap.CodecOptions{}), w.Workload)
			strict := decodeAll(t, imap.NewCodec(imap.CodecOptions{Strict: true}), w.Workload)
			require.Equal(t, strict, lenient)
		})
	}
}

// TestAllocations: what a response costs is part of the design (one string for all text of a response, slabs for structs). Texts are
// decoded and dates parsed: that is counted too.
func TestAllocations(t *testing.T) {
	for _, w := range measured {
		t.Run(w.Name, func(t *testing.T) {
			c := imap.NewCodec(imap.CodecOptions{})
			got := testing.AllocsPerRun(1, func() { decodeAll(t, c, w.Workload) }) / float64(w.Responses)
			t.Logf("%.3f allocations a response", got)
			require.LessOrEqual(t, got, w.perResponse, "allocations a response")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, w := range measured {
		b.Run(w.Name, func(b *testing.B) {
			c := imap.NewCodec(imap.CodecOptions{})
			b.SetBytes(int64(len(w.Lines)))
			b.ReportAllocs()
			for b.Loop() {
				decodeAll(b, c, w.Workload)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*w.Values), "ns/"+w.Unit)
		})
	}
}
