package conn

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

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
