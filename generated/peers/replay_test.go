package peers

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/parley-go/parley/generated/internal/workload"
)

// A replay is a connection in memory to a server that knows the answer to one command. What it sends is ready at once, in pieces as
// large as the reader's buffer.
type replay struct {
	w *workload.Workload

	mu      sync.Mutex
	ready   sync.Cond // something to read, or closed
	out     [][]byte
	command []byte // what came of one
	closed  bool
}

func newReplay(w *workload.Workload) *replay {
	c := &replay{w: w}
	c.ready.L = &c.mu
	c.send("* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH CONDSTORE] ready\r\n")
	return c
}

func (c *replay) send(format string, args ...any) {
	c.out = append(c.out, fmt.Appendf(nil, format, args...))
}

// answer says what a server says to a command; the caller holds mu.
func (c *replay) answer(line string) {
	tag, command, _ := strings.Cut(line, " ")
	name, _, _ := strings.Cut(strings.TrimPrefix(command, "UID "), " ")
	switch name {
	case "SELECT":
		c.send("* FLAGS (\\Seen)\r\n* 1000000 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n* OK [HIGHESTMODSEQ 1] counted\r\n")
	case "FETCH", "LIST", "SEARCH":
		c.out = append(c.out, c.w.For(tag)...)
	}
	c.send("%s OK done\r\n", tag)
	c.ready.Broadcast()
}

func (c *replay) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out) == 0 {
		if c.closed {
			return 0, io.EOF
		}
		c.ready.Wait()
	}
	n := copy(p, c.out[0])
	if c.out[0] = c.out[0][n:]; len(c.out[0]) == 0 {
		c.out = c.out[1:]
	}
	return n, nil
}

func (c *replay) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.command = append(c.command, p...)
	for {
		line, rest, ok := bytes.Cut(c.command, []byte("\r\n"))
		if !ok {
			return len(p), nil
		}
		c.answer(string(line))
		c.command = rest
	}
}

func (c *replay) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.ready.Broadcast()
	return nil
}

func (c *replay) LocalAddr() net.Addr              { return &net.IPAddr{} }
func (c *replay) RemoteAddr() net.Addr             { return &net.IPAddr{} }
func (c *replay) SetDeadline(time.Time) error      { return nil }
func (c *replay) SetReadDeadline(time.Time) error  { return nil }
func (c *replay) SetWriteDeadline(time.Time) error { return nil }
