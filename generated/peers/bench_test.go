package peers

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/internal/workload"
)

// goals are how many times faster than go-imap v2 the client is to be, in the order of workloads.
var goals = []float64{10, 7, 13, 10, 7, 7}

// A cost is what a value costs.
type cost struct{ nanoseconds, allocations, octets float64 }

// A result is a row of the table: the median costs.
type result struct {
	w                      *workload.Workload
	goal                   float64
	decode, client, goimap cost
}

var results []result

func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) != "" {
		serveBodies()
		return
	}
	code := m.Run()
	if len(results) > 0 {
		printTable(os.Stdout, results)
	}
	os.Exit(code)
}

// BenchmarkWorkloads measures what TestEqual has compared. A round runs each library once, in turn, on the same answer.
func BenchmarkWorkloads(b *testing.B) {
	for i, w := range workloads(seed(b)) {
		b.Run(w.Name, func(b *testing.B) {
			requireEqual(b, w)
			sides := []struct {
				costs []cost
				run   func(*workload.Sum) error
			}{
				{run: func(s *workload.Sum) error { return decode(w, s.Response) }},
				{run: func(s *workload.Sum) error { return run(b.Context(), w, s.Response) }},
				{run: func(s *workload.Sum) error { return runGoimap(w, touchGoimap(s)) }},
			}
			for b.Loop() {
				for i := range sides {
					s := &sides[i]
					s.costs = append(s.costs, measure(b, w, s.run))
				}
			}
			r := result{w, goals[i], median(sides[0].costs), median(sides[1].costs), median(sides[2].costs)}
			b.ReportMetric(0, "ns/op") // of a round of all: tells nothing
			b.ReportMetric(r.decode.nanoseconds, "decode-ns/"+w.Unit)
			b.ReportMetric(r.client.nanoseconds, "client-ns/"+w.Unit)
			b.ReportMetric(r.goimap.nanoseconds, "goimap-ns/"+w.Unit)
			b.ReportMetric(r.goimap.nanoseconds/r.client.nanoseconds, "times")
			// With -count a workload comes again: the last result is shown.
			results = append(slices.DeleteFunc(results, func(old result) bool { return old.w.Name == w.Name }), r)
		})
	}
}

// measure runs a library once, from a clean heap.
func measure(b *testing.B, w *workload.Workload, run func(*workload.Sum) error) cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := cpuTime()
	var sum workload.Sum
	err := run(&sum)
	used := cpuTime() - began
	runtime.ReadMemStats(&after)
	require.NoError(b, err)
	require.NotZero(b, sum)
	n := float64(w.Values)
	return cost{
		nanoseconds: float64(used) / float64(time.Nanosecond) / n,
		allocations: float64(after.Mallocs-before.Mallocs) / n,
		octets:      float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

func median(costs []cost) cost {
	middle := func(of func(cost) float64) float64 {
		var all []float64
		for _, c := range costs {
			all = append(all, of(c))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return cost{
		middle(func(c cost) float64 { return c.nanoseconds }),
		middle(func(c cost) float64 { return c.allocations }),
		middle(func(c cost) float64 { return c.octets }),
	}
}

func printTable(out io.Writer, results []result) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format+"\t\n", args...) }
	row("\nCPU ns (allocations, octets) a value\tdecode\tclient\tgo-imap v2\tdecode is\tclient is\tgoal")
	for _, r := range results {
		row("%s, %s\t%v\t%v\t%v\t%.1f×\t%.1f×\t%.0f×", r.w.Name, r.w.Unit, r.decode, r.client, r.goimap,
			r.goimap.nanoseconds/r.decode.nanoseconds, r.goimap.nanoseconds/r.client.nanoseconds, r.goal)
	}
	_ = t.Flush()
}

func (c cost) String() string {
	digits := 0
	if c.nanoseconds < 100 {
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.2f, %.0f)", digits, c.nanoseconds, c.allocations, c.octets)
}
