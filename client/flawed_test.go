package client_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"
)

// A flaw is what is wrong with a connection.
type flaw struct {
	reads, writes int  // octets after which it is cut; below 0 is never
	stalls        bool // it is not cut, but nothing goes through any more
	hidden        bool // writes seem to succeed after the cut, as into the buffer of a socket
	octetwise     bool // a Read gives one octet
	delays        *rand.Rand
}

var sound = flaw{reads: -1, writes: -1}

func (f flaw) String() string {
	how := "cut"
	if f.stalls {
		how = "stalled"
	}
	if f.reads < 0 && f.writes < 0 {
		return "sound"
	}
	if f.reads >= 0 {
		return fmt.Sprintf("%s after %d octets from the server", how, f.reads)
	}
	return fmt.Sprintf("%s after %d octets to the server", how, f.writes)
}

// A flawed connection has a flaw.
type flawed struct {
	net.Conn
	flaw
	mu     sync.Mutex
	closed chan struct{}
	once   sync.Once
}

func newFlawed(nc net.Conn, f flaw) *flawed {
	return &flawed{Conn: nc, flaw: f, closed: make(chan struct{})}
}

func (c *flawed) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func (c *flawed) delay() {
	if c.delays != nil {
		c.mu.Lock()
		d := time.Duration(c.delays.IntN(int(time.Second / 8)))
		c.mu.Unlock()
		time.Sleep(d)
	}
}

// over deals with octets beyond the flaw.
func (c *flawed) over(err error) error {
	if c.stalls {
		<-c.closed
		return net.ErrClosed
	}
	_ = c.Conn.Close()
	return err
}

func (c *flawed) Read(b []byte) (int, error) {
	c.delay()
	if c.octetwise {
		b = b[:1]
	}
	if c.reads >= 0 {
		if b = b[:min(len(b), c.reads)]; len(b) == 0 {
			if c.hidden {
				return 0, c.over(syscall.ECONNRESET)
			}
			return 0, c.over(io.EOF)
		}
	}
	n, err := c.Conn.Read(b)
	if c.reads >= 0 {
		c.reads -= n
	}
	return n, err
}

func (c *flawed) Write(b []byte) (int, error) {
	c.delay()
	if c.writes < 0 {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write(b[:min(len(b), c.writes)])
	c.writes -= n
	if n == len(b) || err != nil {
		return n, err
	}
	err = c.over(syscall.EPIPE)
	if c.hidden {
		return len(b), nil
	}
	return n, err
}
