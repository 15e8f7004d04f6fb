package workload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/internal/workload"
)

// TestSizes: the workloads are those of which PERFORMANCE.md has numbers.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		w      *workload.Workload
		octets float64 // a value
	}{
		{workload.Envelopes(1, 2000), 603},
		{workload.Structures(1, 500), 2968},
		{workload.FlagRows(1, 2000), 70},
	} {
		t.Run(c.w.Name, func(t *testing.T) {
			require.InEpsilon(t, c.octets, float64(len(c.w.Lines))/float64(c.w.Values), 0.02)
		})
	}
}

func TestSameForTheSameSeed(t *testing.T) {
	require.Equal(t, workload.Envelopes(7, 100).Lines, workload.Envelopes(7, 100).Lines)
	require.NotEqual(t, workload.Envelopes(7, 100).Lines, workload.Envelopes(8, 100).Lines)
}

func TestTag(t *testing.T) {
	w := workload.Ranges(1, 3)
	parts := w.For("ABCD9")
	require.Len(t, parts, 2)
	require.Equal(t, `* ESEARCH (TAG "ABCD9")`, string(parts[0]))
	require.Equal(t, string(w.Lines), `* ESEARCH (TAG "`+workload.Tag+`")`+string(parts[1]))
	require.Equal(t, [][]byte{workload.Numbers(1, 3).Lines}, workload.Numbers(1, 3).For("ABCD9"))
}
