package peers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// W4: bodies. The server is another process on the loopback, so that the CPU time is that of the client alone. The raw readers are the
// floor: they read as much and do nothing else, "raw" with a buffer of 64 KiB, "raw whole" into one allocation for each body.

// A mailbox of the server is named for what is in it: "2000x262144".
type bodies struct{ count, size int }

func (b bodies) String() string { return fmt.Sprintf("%dx%d", b.count, b.size) }
func (b bodies) total() int64   { return int64(b.count) * int64(b.size) }

const serverEnv = "PARLEY_PEERS_SERVER"

// serveBodies is the server: it writes its address to stdout.
func serveBodies() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() { _ = serveOn(c) }() // the client finds out
	}
}

func serveOn(c net.Conn) error {
	defer func() { _ = c.Close() }()
	r, w := bufio.NewReader(c), bufio.NewWriterSize(c, 256<<10)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\r\n", args...) }
	say("* PREAUTH [CAPABILITY IMAP4rev1] ready")
	var b bodies
	for {
		if err := w.Flush(); err != nil {
			return err
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name, args, _ := strings.Cut(command, " "); name {
		case "RAW", "SELECT":
			if _, err := fmt.Sscanf(strings.Trim(args, `"`), "%dx%d", &b.count, &b.size); err != nil {
				return err
			}
			if name == "RAW" {
				if err := b.write(w, func(int) {}, func() {}); err != nil {
					return err
				}
				return w.Flush()
			}
			say("* %d EXISTS", b.count)
		case "UID":
			err := b.write(w, func(i int) { say("* %d FETCH (UID %d BODY[] {%d}", i, i, b.size) }, func() { say(")") })
			if err != nil {
				return err
			}
		}
		say("%s OK done", tag)
	}
}

func (b bodies) write(w io.Writer, before func(int), after func()) error {
	block := make([]byte, 256<<10)
	for i := range block {
		block[i] = byte(i*i>>3) | 1
	}
	for i := range b.count {
		before(i + 1)
		for n := b.size; n > 0; n -= len(block) {
			if _, err := w.Write(block[:min(n, len(block))]); err != nil {
				return err
			}
		}
		after()
	}
	return nil
}

// startServer starts the server and gives its address.
func startServer(t testing.TB) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address)
}

// count counts octets, and sums them up if it is to.
type count struct {
	n   int64
	sum uint32
	on  bool
}

func (c *count) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	if c.on {
		c.sum = crc32.Update(c.sum, crc32.IEEETable, p)
	}
	return len(p), nil
}

// A reading is a way to read all bodies of a mailbox.
type reading struct {
	name string
	read func(ctx context.Context, address string, b bodies, to *count) error
}

var readings = []reading{
	{"raw", readRaw},
	{"raw whole", readRawWhole},
	{"streamed", readStreamed},
	{"go-imap v2 streamed", func(ctx context.Context, address string, b bodies, to *count) error {
		return readGoimap(address, b, func(m *imapclient.FetchMessageData) error {
			for item := m.Next(); item != nil; item = m.Next() {
				if part, ok := item.(imapclient.FetchItemDataBodySection); ok {
					if _, err := io.Copy(to, part.Literal); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}},
	{"whole", readWhole},
	{"go-imap v2 whole", func(ctx context.Context, address string, b bodies, to *count) error {
		return readGoimap(address, b, func(m *imapclient.FetchMessageData) error {
			data, err := m.Collect()
			if err != nil {
				return err
			}
			for i := range data.BodySection {
				if _, err := to.Write(data.BodySection[i].Bytes); err != nil {
					return err
				}
			}
			return nil
		})
	}},
}

// dialRaw asks for the octets of all bodies and nothing else.
func dialRaw(address string, b bodies) (net.Conn, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(c)
	if _, err := r.ReadString('\n'); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if _, err := fmt.Fprintf(c, "1 RAW %v\r\n", b); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func readRaw(_ context.Context, address string, b bodies, to *count) error {
	c, err := dialRaw(address, b)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		_, _ = to.Write(buf[:n])
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func readRawWhole(_ context.Context, address string, b bodies, to *count) error {
	c, err := dialRaw(address, b)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	for range b.count {
		body := make([]byte, b.size)
		if _, err := io.ReadFull(c, body); err != nil {
			return err
		}
		_, _ = to.Write(body)
	}
	return nil
}

func dialBodies(ctx context.Context, address string, b bodies) (*client.Client, *client.Mailbox, error) {
	nc, err := net.Dial("tcp", address)
	if err != nil {
		return nil, nil, err
	}
	c, err := client.New(ctx, nc, client.Options{InsecureNoTLS: true})
	if err != nil {
		return nil, nil, err
	}
	box, err := c.Select(ctx, b.String())
	if err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	return c, box, nil
}

func readStreamed(ctx context.Context, address string, b bodies, to *count) error {
	c, box, err := dialBodies(ctx, address, b)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	for m, err := range box.FetchParts(ctx, imap.UIDRange(1, 0), imap.FetchUID, imap.FetchBodySection{Peek: true}) {
		if err != nil {
			return err
		}
		for part, err := range m.Parts() {
			if err != nil {
				return err
			}
			if _, err := part.Data.WriteTo(to); err != nil {
				return err
			}
		}
	}
	return nil
}

func readWhole(ctx context.Context, address string, b bodies, to *count) error {
	c, box, err := dialBodies(ctx, address, b)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	for m, err := range box.Fetch(ctx, imap.UIDRange(1, 0), imap.FetchUID, imap.FetchBodySection{Peek: true}) {
		if err != nil {
			return err
		}
		_, _ = to.Write(m.BodySection[0].Data.Bytes())
	}
	return nil
}

func readGoimap(address string, b bodies, each func(*imapclient.FetchMessageData) error) error {
	nc, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	c := imapclient.New(nc, nil)
	defer func() { _ = c.Close() }()
	if _, err := c.Select(b.String(), nil).Wait(); err != nil {
		return err
	}
	cmd := c.Fetch(goimap.UIDSet{{Start: 1}}, &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}})
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		if err := each(m); err != nil {
			return err
		}
	}
	return cmd.Close()
}

// TestEqualBodies: all ways of reading give the same octets.
func TestEqualBodies(t *testing.T) {
	address := startServer(t)
	for _, b := range []bodies{{20, 256 << 10}, {3, 10<<20 + 1}, {50, 5000}} {
		var want count
		for i, r := range readings {
			got := count{on: true}
			require.NoError(t, r.read(t.Context(), address, b, &got), r.name)
			if i == 0 {
				want = got
				require.Equal(t, b.total(), want.n)
			}
			require.Equal(t, want, got, "%s of %v", r.name, b)
		}
	}
}

// BenchmarkBodies measures CPU time, each way of reading in turn.
func BenchmarkBodies(b *testing.B) {
	address := startServer(b)
	for _, w := range []bodies{{2000, 256 << 10}, {1, 1 << 30}} {
		b.Run(w.String(), func(b *testing.B) {
			costs := make([][]cost, len(readings))
			for b.Loop() {
				for i, r := range readings {
					debug.FreeOSMemory() // nobody begins with the memory of the one before
					began := cpuTime()
					var got count
					require.NoError(b, r.read(b.Context(), address, w, &got), r.name)
					costs[i] = append(costs[i], cost{nanoseconds: float64(cpuTime() - began)})
					require.Equal(b, w.total(), got.n, r.name)
				}
			}
			b.ReportMetric(0, "ns/op")
			for i, r := range readings {
				b.ReportMetric(median(costs[i]).nanoseconds/float64(time.Millisecond), "ms-"+strings.ReplaceAll(r.name, " ", "-"))
			}
		})
	}
}
