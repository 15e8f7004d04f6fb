package client_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// echo is a server that answers every command with OK, and UID STORE with a row before it.
func echo(b testing.TB) *client.Client {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		_, _ = io.WriteString(nc, "* PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS] hello\r\n")
		r, w := bufio.NewReaderSize(nc, 64<<10), bufio.NewWriterSize(nc, 64<<10)
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			tag, command, _ := bytes.Cut(line, []byte(" "))
			if rest, ok := bytes.CutPrefix(command, []byte("UID STORE ")); ok {
				uid, _, _ := bytes.Cut(rest, []byte(" "))
				_, _ = w.WriteString("* 1 FETCH (UID ")
				_, _ = w.Write(uid)
				_, _ = w.WriteString(" FLAGS (\\Seen))\r\n")
			}
			_, _ = w.Write(tag)
			_, _ = w.WriteString(" OK done\r\n")
			if r.Buffered() == 0 {
				_ = w.Flush()
			}
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

// BenchmarkCommands measures commands with so many in flight (W5 of PERFORMANCE.md).
func BenchmarkCommands(b *testing.B) {
	ctx := b.Context()
	seen := imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)}
	for name, run := range map[string]func(c *client.Client, box *client.Mailbox, n int) error{
		"NOOP":            func(c *client.Client, _ *client.Mailbox, _ int) error { return c.Noop(ctx) },
		"NOOP background": func(c *client.Client, _ *client.Mailbox, _ int) error { return c.Noop(context.Background()) },
		"UID STORE": func(_ *client.Client, box *client.Mailbox, n int) error {
			_, err := box.Store(ctx, imap.UIDs(uint32(n+1)), seen)
			return err
		},
	} {
		for _, flying := range []int{1, 64, 1024} {
			b.Run(name+"/"+strconv.Itoa(flying), func(b *testing.B) {
				c := echo(b)
				box, err := c.Select(ctx, "INBOX")
				require.NoError(b, err)
				b.ReportAllocs()
				var wg sync.WaitGroup
				for i := range flying {
					wg.Go(func() {
						for n := i; n < b.N; n += flying {
							if err := run(c, box, n); err != nil {
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
}

// TestAllocations: a command that is run and waited for costs its result, if there is one and the server says what it said before: its call
// serves again. Its arguments and its rows come on top.
func TestAllocations(t *testing.T) {
	c, ctx := echo(t), t.Context()
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
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, store), 4.0)
	do := func() {
		if _, err := client.Do(ctx, box, imap.Store{Set: set, Change: seen}); err != nil {
			t.Fatal(err)
		}
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, do), 2.0)
}
