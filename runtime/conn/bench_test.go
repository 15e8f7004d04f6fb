package conn

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// loopback connects to a server of no protocol at all.
func loopback(b testing.TB, serve func(net.Conn), o Options) *Conn {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		if nc, err := l.Accept(); err == nil {
			serve(nc)
			_ = nc.Close()
		}
	})
	nc, err := net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	o.Codec = codec{}
	c, err := New(b.Context(), nc, o)
	require.NoError(b, err)
	b.Cleanup(func() {
		_ = c.Close()
		_ = l.Close()
		wg.Wait()
	})
	return c
}

// BenchmarkNoop measures commands with so many in flight (W5 of PERFORMANCE.md).
func BenchmarkNoop(b *testing.B) {
	for _, inFlight := range []int{1, 64, 1024} {
		b.Run(strconv.Itoa(inFlight), func(b *testing.B) {
			c := loopback(b, func(nc net.Conn) {
				_, _ = io.WriteString(nc, "* PREAUTH hi\r\n")
				r, w := bufio.NewReaderSize(nc, 64<<10), bufio.NewWriterSize(nc, 64<<10)
				for {
					line, err := r.ReadSlice('\n')
					if err != nil {
						return
					}
					tag, _, _ := bytes.Cut(line, []byte(" "))
					_, _ = w.Write(tag)
					_, _ = w.WriteString(" OK done\r\n")
					if r.Buffered() == 0 {
						_ = w.Flush()
					}
				}
			}, Options{})
			b.ReportAllocs()
			var wg sync.WaitGroup
			work := make(chan struct{}, b.N)
			for range b.N {
				work <- struct{}{}
			}
			close(work)
			ctx := b.Context()
			b.ResetTimer()
			for range inFlight {
				wg.Go(func() {
					for range work {
						if _, err := c.Start(ctx, noop, CallOptions{}).WaitAndFree(ctx); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// farAway answers every command with OK, each a round trip after it came. Literals without synchronization are skipped.
func farAway(roundTrip time.Duration) func(net.Conn) {
	return func(nc net.Conn) {
		type answer struct {
			octets []byte
			due    time.Time
		}
		answers := make(chan answer, 1<<16)
		var wg sync.WaitGroup
		wg.Go(func() {
			for a := range answers {
				time.Sleep(time.Until(a.due))
				_, _ = nc.Write(a.octets)
			}
		})
		defer wg.Wait()
		defer close(answers)
		_, _ = io.WriteString(nc, "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hi\r\n")
		r := bufio.NewReaderSize(nc, 256<<10)
		var out []byte
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			tag, rest, _ := bytes.Cut(line, []byte(" "))
			out = append(append(out, tag...), " OK done\r\n"...)
			if header, ok := bytes.CutSuffix(rest, []byte("+}\r\n")); ok {
				n, _ := strconv.Atoi(string(header[bytes.LastIndexByte(header, '{')+1:]))
				_, _ = r.Discard(n + 2)
			}
			if r.Buffered() == 0 || len(out) > 16<<10 {
				answers <- answer{out, time.Now().Add(roundTrip)}
				out = nil
			}
		}
	}
}

// BenchmarkFar measures 100,000 commands, 1,024 of them in flight, to a server 1 ms away (W5 of PERFORMANCE.md).
func BenchmarkFar(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		c, ctx := loopback(b, farAway(time.Millisecond), Options{}), b.Context()
		var wg sync.WaitGroup
		b.StartTimer()
		for range 1024 {
			wg.Go(func() {
				for range 100_000 / 1024 {
					if _, err := c.Start(ctx, noop, CallOptions{}).WaitAndFree(ctx); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		b.StopTimer()
		_ = c.Close()
		b.StartTimer()
	}
}

// BenchmarkAppendFar measures 500 messages of 256 KiB, sent with LITERAL+ to a server 1 ms away (W6).
func BenchmarkAppendFar(b *testing.B) {
	message := bytes.Repeat([]byte("x"), 256<<10)
	for _, at := range []struct {
		name string
		src  func() wire.Source
	}{
		{"memory", func() wire.Source { return wire.SourceBytes(message) }},
		{"reader", func() wire.Source { return wire.SourceReader(bytes.NewReader(message), int64(len(message))) }},
	} {
		b.Run(at.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c, ctx := loopback(b, farAway(time.Millisecond), Options{}), b.Context()
				b.StartTimer()
				var calls []*Call
				for range 500 {
					calls = append(calls, c.Start(ctx, appendTo("box", at.src()), CallOptions{}))
				}
				for _, k := range calls {
					if _, err := k.Wait(ctx); err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				_ = c.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkRows measures what the connection adds to the decoding of a row.
func BenchmarkRows(b *testing.B) {
	const batch = 1000
	c := loopback(b, func(nc net.Conn) {
		_, _ = io.WriteString(nc, "* PREAUTH hi\r\n")
		r := bufio.NewReader(nc)
		var rows bytes.Buffer
		for n := range batch {
			rows.WriteString("* " + strconv.Itoa(n+1) + " FETCH (UID " + strconv.Itoa(n+1) + " FLAGS ())\r\n")
		}
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			tag, _, _ := bytes.Cut(line, []byte(" "))
			_, _ = nc.Write(rows.Bytes())
			_, _ = io.WriteString(nc, string(tag)+" OK\r\n")
		}
	}, Options{})
	b.ReportAllocs()
	ctx := b.Context()
	for n := 0; n < b.N; n += batch {
		k := c.Start(ctx, fetch(wire.UIDRange(1, 0), itemUID|itemFlags), CallOptions{Rows: true})
		for {
			r, err := k.Next(ctx)
			if err != nil {
				b.Fatal(err)
			}
			if r == nil {
				break
			}
		}
	}
}
