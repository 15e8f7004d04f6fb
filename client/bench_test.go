package client_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// answering is a client of a server that answers every command with OK, and UID STORE with a row before it, each so long after it came.
func answering(b testing.TB, roundTrip time.Duration) *client.Client {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		if nc, err := l.Accept(); err == nil {
			answerAll(nc, roundTrip)
			_ = nc.Close()
		}
	})
	nc, err := net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	c, err := client.New(b.Context(), nc, inClear)
	require.NoError(b, err)
	b.Cleanup(func() {
		_ = c.Close()
		_ = l.Close()
		wg.Wait()
	})
	return c
}

// answerAll reads commands, with their non-synchronizing literals, and answers them.
func answerAll(nc net.Conn, roundTrip time.Duration) {
	type answers struct {
		octets []byte
		due    time.Time
	}
	late := make(chan answers, 1<<16)
	var wg sync.WaitGroup
	wg.Go(func() {
		for a := range late {
			time.Sleep(time.Until(a.due))
			_, _ = nc.Write(a.octets)
		}
	})
	defer wg.Wait()
	defer close(late)
	_, _ = io.WriteString(nc, "* PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS LITERAL+] hello\r\n")
	r, out := bufio.NewReaderSize(nc, 64<<10), []byte(nil)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		tag, command, _ := bytes.Cut(line, []byte(" "))
		if rest, ok := bytes.CutPrefix(command, []byte("UID STORE ")); ok {
			uid, _, _ := bytes.Cut(rest, []byte(" "))
			out = append(append(append(out, "* 1 FETCH (UID "...), uid...), " FLAGS (\\Seen))\r\n"...)
		}
		out = append(append(out, tag...), " OK done\r\n"...)
		if header, ok := bytes.CutSuffix(command, []byte("+}\r\n")); ok {
			n, _ := strconv.Atoi(string(header[bytes.LastIndexByte(header, '{')+1:]))
			_, _ = r.Discard(n + len("\r\n"))
		}
		switch {
		case r.Buffered() > 0 && len(out) < 16<<10:
		case roundTrip == 0:
			_, _ = nc.Write(out)
			out = out[:0]
		default:
			late <- answers{out, time.Now().Add(roundTrip)}
			out = nil
		}
	}
}

// workload has the commands of W5. Each looks at what it was answered.
func workload(ctx context.Context) map[string]func(c *client.Client, box *client.Mailbox, n int) error {
	seen := imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)}
	return map[string]func(c *client.Client, box *client.Mailbox, n int) error{
		"NOOP":            func(c *client.Client, _ *client.Mailbox, _ int) error { return c.Noop(ctx) },
		"NOOP background": func(c *client.Client, _ *client.Mailbox, _ int) error { return c.Noop(context.Background()) },
		"UID STORE": func(_ *client.Client, box *client.Mailbox, n int) error {
			rows, err := box.Store(ctx, imap.UIDs(uint32(n+1)), seen)
			if err == nil && (len(rows) != 1 || rows[0].UID != uint32(n+1)) {
				err = fmt.Errorf("the rows for UID %d: %v", n+1, rows)
			}
			return err
		},
	}
}

// flock runs total commands, so many of them in flight.
func flock(b *testing.B, flying, total int, run func(n int) error) {
	var wg sync.WaitGroup
	for i := range flying {
		wg.Go(func() {
			for n := i; n < total; n += flying {
				if err := run(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkCommands measures commands with so many in flight (W5 of PERFORMANCE.md).
func BenchmarkCommands(b *testing.B) {
	ctx := b.Context()
	for name, run := range workload(ctx) {
		for _, flying := range []int{1, 64, 1024} {
			b.Run(name+"/"+strconv.Itoa(flying), func(b *testing.B) {
				c := answering(b, 0)
				box, err := c.Select(ctx, "INBOX")
				require.NoError(b, err)
				b.ReportAllocs()
				flock(b, flying, b.N, func(n int) error { return run(c, box, n) })
			})
		}
	}
}

// BenchmarkFar measures 100,000 commands, 1,024 of them in flight, to a server 1 ms away (W5). It shares the processors with the client, and
// answers to what it has read at once come together: its timers are no finer than that.
func BenchmarkFar(b *testing.B) {
	for name, run := range workload(b.Context()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := answering(b, time.Millisecond)
				box, err := c.Select(b.Context(), "INBOX")
				require.NoError(b, err)
				b.StartTimer()
				flock(b, 1024, 100_000, func(n int) error { return run(c, box, n) })
				b.StopTimer()
				_ = c.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkAppendFar measures 500 messages of 256 KiB, sent with LITERAL+ to a server 1 ms away (W6).
func BenchmarkAppendFar(b *testing.B) {
	message := bytes.Repeat([]byte("x"), 256<<10)
	for name, source := range map[string]func() imap.Source{
		"memory": func() imap.Source { return imap.SourceBytes(message) },
		"reader": func() imap.Source { return imap.SourceReader(bytes.NewReader(message), int64(len(message))) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c, ctx := answering(b, time.Millisecond), b.Context()
				b.StartTimer()
				var all []*client.Pending[*imap.AppendResult]
				for range 500 {
					all = append(all, client.Start(ctx, c, imap.Append{Mailbox: "INBOX", Messages: []imap.AppendMessage{imap.Message(source())}}))
				}
				for _, p := range all {
					if _, err := p.Wait(ctx); err != nil {
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

// TestAllocations: a command that is run and waited for costs its result, if there is one and the server says what it said before: its call
// serves again. Its arguments and its rows come on top.
func TestAllocations(t *testing.T) {
	c, ctx := answering(t, 0), t.Context()
	noop := func() { require.NoError(t, c.Noop(ctx)) }
	for range 100 {
		noop()
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, noop), 0.0)

	box, err := c.Select(ctx, "INBOX")
	require.NoError(t, err)
	set, seen := imap.UIDs(1), imap.StoreChange(imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)})
	store := func() {
		if rows, err := box.Store(ctx, set, seen); err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
	}
	for range 100 {
		store()
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, store), 3.0)
	do := func() {
		if _, err := client.Do(ctx, box, imap.Store{Set: set, Change: seen}); err != nil {
			t.Fatal(err)
		}
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, do), 2.0)
}
