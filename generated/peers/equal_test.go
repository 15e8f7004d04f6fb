package peers

import (
	"os"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/internal/workload"
)

// seed is that of PARLEY_SEED, or one.
func seed(t testing.TB) uint64 {
	s, ok := os.LookupEnv("PARLEY_SEED")
	if !ok {
		return 1
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, "PARLEY_SEED")
	return n
}

func workloads(seed uint64) []*workload.Workload {
	return []*workload.Workload{
		workload.Envelopes(seed, 10_000),
		workload.Structures(seed, 2_000),
		workload.FlagRows(seed, 50_000),
		workload.Mailboxes(seed, 50_000),
		workload.Numbers(seed, 1_000_000),
		workload.Ranges(seed, 300_000),
	}
}

// TestEqual: every value that the decoder and the client give is the one that go-imap v2 gives.
func TestEqual(t *testing.T) {
	for _, w := range workloads(seed(t)) {
		t.Run(w.Name, func(t *testing.T) { requireEqual(t, w) })
	}
}

func requireEqual(t testing.TB, w *workload.Workload) {
	var want, decoded, fetched values
	require.NoError(t, runGoimap(w, collectGoimap(&want)))
	require.NoError(t, decode(w, decoded.add))
	require.NoError(t, run(t.Context(), w, fetched.add))
	require.Equal(t, w.Values, want.count(w), "go-imap")
	want.same(t, &decoded, "decode")
	want.same(t, &fetched, "client")
}

// count gives the number of values of the workload's unit.
func (v *values) count(w *workload.Workload) int {
	if w.Unit != "number" {
		return len(v.Messages) + len(v.Mailboxes) + len(v.Numbers)
	}
	n := 0
	for _, s := range v.Numbers {
		n += int(s.Last - s.First + 1)
	}
	return n
}

// same compares one by one: the difference of 10,000 messages is nothing to read.
func (v *values) same(t testing.TB, got *values, who string) {
	require.Len(t, got.Messages, len(v.Messages), who)
	for i := range v.Messages {
		if !reflect.DeepEqual(v.Messages[i], got.Messages[i]) {
			require.Equal(t, v.Messages[i], got.Messages[i], "%s: message %d", who, i)
		}
	}
	require.Len(t, got.Mailboxes, len(v.Mailboxes), who)
	for i := range v.Mailboxes {
		if !reflect.DeepEqual(v.Mailboxes[i], got.Mailboxes[i]) {
			require.Equal(t, v.Mailboxes[i], got.Mailboxes[i], "%s: mailbox %d", who, i)
		}
	}
	require.Len(t, got.Numbers, len(v.Numbers), who)
	for i := range v.Numbers {
		if v.Numbers[i] != got.Numbers[i] {
			require.Equal(t, v.Numbers[i], got.Numbers[i], "%s: range %d", who, i)
		}
	}
}
