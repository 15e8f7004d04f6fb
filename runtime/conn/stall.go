package conn

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/parley-go/parley/runtime/wire"
)

// stalls finds out that the other end has gone without a word, as it does when a network fails: TCP tells nobody of a host that is no more
// there, and many transports have no deadlines of their own. It looks at what the connection waits for now and then while anything is in
// flight; nothing is set or reset for each command.
type stalls struct {
	born    time.Time
	reading atomic.Int64 // since when a Read of the transport has not returned, as a time of clock; 0: none is under way
	writing atomic.Int64 // the same of a Write
	turn    atomic.Int64 // when we last did something: since then it may be the server's turn

	// Guarded by Conn.mu.
	timer  *time.Timer // for lookAfter; nil: nothing is looked after
	source int64       // since when the Read of a source has not returned; 0: none is under way
}

// clock gives the time since the connection began; it is never 0.
func (s *stalls) clock() int64 { return int64(time.Since(s.born)) + 1 }

// noted is the stream that the reader reads. It notes how long it waits.
type noted struct {
	io.Reader
	stalls *stalls
}

func (n *noted) Read(p []byte) (int, error) {
	n.stalls.reading.Store(n.stalls.clock())
	defer n.stalls.reading.Store(0)
	return n.Reader.Read(p)
}

// reads begins to read from a stream.
func (c *Conn) reads(from io.Reader) {
	c.input = new(input)
	c.noted = noted{stalls: &c.stalls}
	c.reader = wire.NewReader(&c.noted, c.opts.Limits)
	c.reader.OnWait(c.pause)
	c.reader.OnLarge(c.large)
	c.noted.Reader = c.metered(from)
}

// arm makes sure that somebody looks at what is sent from now on. The caller holds mu.
func (c *Conn) arm() {
	if s := &c.stalls; s.timer == nil {
		if between := c.opts.soonest(); between > 0 {
			s.timer = time.AfterFunc(between, c.lookAfter)
		}
	}
}

// lookAfter ends the connection if it has waited for too long, and looks again later if something is in flight.
func (c *Conn) lookAfter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.stalls
	if s.timer == nil || c.err != nil || c.mute || c.flying.n == 0 || c.idling() {
		s.timer = nil
		return
	}
	now, again := s.clock(), c.opts.soonest()
	late := func(since int64, limit time.Duration) bool {
		if since == 0 || limit < 0 {
			return false
		}
		left := limit - time.Duration(now-since)
		again = min(again, left)
		return left <= 0
	}
	switch o := &c.opts; {
	case late(s.writing.Load(), o.WriteTimeout):
		_ = c.endLocked(&Error{cause: lost("write", silence("taken", o.WriteTimeout))})
	case late(s.source, o.WriteTimeout):
		_ = c.endLocked(&Error{cause: fmt.Errorf("%w of %s has given nothing for %v: %w", ErrSource, c.reading.spec.Name, o.WriteTimeout, os.ErrDeadlineExceeded), culprit: c.reading})
	case c.owed() && late(s.heard(), o.CommandTimeout):
		_ = c.endLocked(&Error{cause: lost("read", silence("said", o.CommandTimeout))})
	default:
		s.timer.Reset(again)
	}
}

// disarm ends the looking. The caller holds mu.
func (c *Conn) disarm() {
	if s := &c.stalls; s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// owed tells whether it is the server's turn: it is not while a caller's source or SASL mechanism is at work. The caller holds mu.
func (c *Conn) owed() bool { return !c.part.inSource && (c.sasl == nil || !c.sasl.answering) }

// heard gives since when the server could have said something and has not; 0 if the reader is at work, or pauses.
func (s *stalls) heard() int64 {
	since := s.reading.Load()
	if since == 0 {
		return 0
	}
	return max(since, s.turn.Load())
}

func silence(what string, limit time.Duration) error {
	return fmt.Errorf("the server has %s nothing for %v: %w", what, limit, os.ErrDeadlineExceeded)
}

// soonest gives the smaller of the two limits; 0 if there is none.
func (o *Options) soonest() time.Duration {
	switch a, b := o.CommandTimeout, o.WriteTimeout; {
	case a < 0:
		return max(b, 0)
	case b < 0:
		return a
	default:
		return min(a, b)
	}
}
