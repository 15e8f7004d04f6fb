package imaptest

import (
	"net"
	"sync"
	"time"
)

// pipe is how many pieces may be under way in a latencyConn; beyond it the client feels back-pressure, as on a real line.
const pipe = 256

// latencyConn is a connection whose far end seems further away: each piece read from it is handed over a while after it
// arrived. Pieces overlap, as they do on a long line: a hundred commands sent at once are late once, not a hundred times.
type latencyConn struct {
	net.Conn
	late    time.Duration
	arrived chan arrival
	rest    []byte
	err     error // what ended the reading; set before arrived is closed
	closed  chan struct{}
	once    sync.Once
}

// arrival is one piece and the time from which on the server may see it.
type arrival struct {
	octets []byte
	due    time.Time
}

// newLatencyConn puts a delay between nc and its reader. Its goroutine is counted in wg and ends when the connection is
// closed or can no longer be read.
func newLatencyConn(nc net.Conn, late time.Duration, wg *sync.WaitGroup) *latencyConn {
	c := &latencyConn{Conn: nc, late: late, arrived: make(chan arrival, pipe), closed: make(chan struct{})}
	wg.Go(c.carry)
	return c
}

// carry reads what arrives and notes when it may be seen.
func (c *latencyConn) carry() {
	defer close(c.arrived)
	buf := make([]byte, 32<<10)
	for {
		n, err := c.Conn.Read(buf)
		if n > 0 {
			a := arrival{octets: append([]byte(nil), buf[:n]...), due: time.Now().Add(c.late)}
			select {
			case c.arrived <- a:
			case <-c.closed:
				c.err = net.ErrClosed
				return
			}
		}
		if err != nil {
			c.err = err
			return
		}
	}
}

// Read hands over what arrived long enough ago, waiting for it if need be.
func (c *latencyConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		a, ok := <-c.arrived
		if !ok {
			return 0, c.err
		}
		if wait := time.Until(a.due); wait > 0 {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-c.closed:
				return 0, net.ErrClosed
			}
		}
		c.rest = a.octets
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Close closes the connection and ends the goroutine of carry.
func (c *latencyConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
