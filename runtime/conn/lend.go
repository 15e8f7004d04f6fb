package conn

import (
	"fmt"
	"os"
	"time"
)

// The reading goroutine lends the reader to who reads the bodies of a call, or many rows, while that call is all that needs the connection.
// Nothing is handed from one goroutine to another then, which costs more than to read a body of common size, and a third of what it costs
// to read a row. It is lent for one step at a time, or for a run of rows: what runs between the steps is code of the user, and while that
// runs the server waits. As soon as somebody else needs the connection, the reading goroutine goes on by itself.

// So much must have come at once for a call to borrow the reader for its rows: what comes with its end is handed over.
const (
	lendRows   = runRows / 4
	lendOctets = 32 << 10
)

// lend waits while the reader can be borrowed. It is called by the reading goroutine.
func (c *Conn) lend() {
	if c.borrower.Load() == nil {
		return // nor is it borrowed: for that it must wait here
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.borrowed || c.lends() {
		if !c.lending {
			c.lending = true
			c.arrived.Broadcast()
			if k := c.borrower.Load(); k != nil {
				wake(k.wake)
			}
		}
		c.changed.Wait(&c.mu)
	}
	c.lending = false
}

// lends tells whether a call may borrow the reader. The caller holds mu.
func (c *Conn) lends() bool {
	_, ok := c.transport.(deadliner)
	k := c.borrower.Load()
	return ok && k != nil && c.alone(k)
}

// errPause: who has borrowed the reader has rows to go on with, before it waits for the stream.
var errPause = fmt.Errorf("there are rows: %w", os.ErrDeadlineExceeded)

// pause settles what has come before the stream is waited for.
func (c *Conn) pause() error {
	c.settle()
	k := c.borrower.Load()
	if k == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.borrowed && len(k.rows) > 0 {
		return errPause
	}
	return nil
}

// borrow reads one step, or a run of rows, for a call; false if the reader is not to be had. The caller holds mu, which is given up meanwhile.
func (c *Conn) borrow(k *Call) bool {
	if !c.lending || c.borrowed || k == nil || c.borrower.Load() != k || !c.lends() {
		return false
	}
	c.borrowed = true
	c.mu.Unlock()
	for rows := 0; c.readStep() && c.run.n > rows; rows = c.run.n {
	}
	c.mu.Lock()
	c.borrowed = false
	if c.interrupted {
		c.interrupted = false
		_ = c.transport.(deadliner).SetReadDeadline(time.Time{}) // if it fails, so does the next Read
	}
	if !c.lends() {
		c.changed.Broadcast()
	}
	return true
}

// roomMade says that something was read, for which the reading goroutine may have paused; not while it lends the reader. The caller holds
// mu.
func (c *Conn) roomMade() {
	if !c.lending {
		c.changed.Broadcast()
	}
}

// A deadliner is a transport of which a Read can be ended before anything comes. No other can be lent: who waits for a body could not be
// cancelled.
type deadliner interface{ SetReadDeadline(time.Time) error }

// interrupt ends the Read of a call that has borrowed the reader. The caller holds mu.
func (c *Conn) interrupt(k *Call) {
	if c.borrowed && c.borrower.Load() == k && !c.interrupted {
		c.interrupted = true
		_ = c.transport.(deadliner).SetReadDeadline(time.Unix(1, 0)) // if it fails, the Read ends when something comes
	}
}

func (c *Conn) wasInterrupted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interrupted
}
