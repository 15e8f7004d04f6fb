package conn

import (
	"context"
	"fmt"
)

const (
	defaultEvents = 1024    // that a subscription holds unless it says otherwise
	eventOctets   = 4 << 20 // of all responses that it holds, as they came, if there is more than one
)

// A Subscription receives what no command asked for, and what tells of the mailbox anyway (Kind.Event), in the order of the wire.
// Its methods may be called from any goroutine; each response is given once.
type Subscription struct {
	conn *Conn
	size int
	wake chan struct{}

	// Guarded by conn.mu.
	queue  []event
	at     int   // queue[at:] is unread
	octets int64 // of what is unread
	lost   int
	closed bool
}

// An event is a response with the octets that it came as.
type event struct {
	r      Response
	octets int64
}

// Subscribe begins a subscription that holds up to size unread responses, 1024 if size is 0, and 4 MiB of them. If more come, all that is
// unread is dropped and counted.
func (c *Conn) Subscribe(size int) *Subscription {
	if size <= 0 {
		size = defaultEvents
	}
	s := &Subscription{conn: c, size: size, wake: make(chan struct{}, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs = append(c.subs, s)
	c.changed.Broadcast()
	return s
}

// Next waits for the next response. lost is not 0, and the response nil, where that many were dropped because they were not read in
// time. Once the connection has ended and all was read, the error says why; after Close it is ErrClosed. When the context has ended
// nothing more is given, whatever waits to be read: more may come faster than it is read.
func (s *Subscription) Next(ctx context.Context) (r Response, lost int, err error) {
	for {
		if ctx.Err() != nil {
			return nil, 0, fmt.Errorf("wait for events: %w", cancelled(ctx))
		}
		if r, lost, err = s.take(); r != nil || lost != 0 || err != nil {
			return r, lost, err
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
		}
	}
}

func (s *Subscription) take() (r Response, lost int, err error) {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case s.closed:
		wake(s.wake) // for others that wait
		return nil, 0, fmt.Errorf("subscription: %w", ErrClosed)
	case s.lost > 0:
		lost, s.lost = s.lost, 0
	case s.at < len(s.queue):
		r = s.queue[s.at].r
		s.octets -= s.queue[s.at].octets
		s.queue[s.at] = event{}
		if s.at++; s.at == len(s.queue) {
			s.queue, s.at = s.queue[:0], 0
			if c.idling() {
				s.queue = nil // nothing more may come for long
			}
		}
	case c.err != nil:
		wake(s.wake)
		return nil, 0, c.err
	}
	if s.lost > 0 || s.at < len(s.queue) {
		wake(s.wake)
	}
	return r, lost, nil
}

// Close ends the subscription.
func (s *Subscription) Close() {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	s.closed = true
	s.clear()
	for i, x := range c.subs {
		if x == s {
			c.subs = append(c.subs[:i:i], c.subs[i+1:]...)
			break
		}
	}
	wake(s.wake)
}

func (s *Subscription) clear() {
	clear(s.queue)
	s.queue, s.at, s.octets = s.queue[:0], 0, 0
}

// publish gives a response to all subscribers. The caller holds mu.
func (c *Conn) publish(r Response, octets int64) {
	for _, s := range c.subs {
		if n := len(s.queue) - s.at; n >= s.size || n > 0 && s.octets+octets > eventOctets {
			s.lost += n
			s.clear()
		}
		if s.at > 0 && len(s.queue) == cap(s.queue) {
			n := copy(s.queue, s.queue[s.at:])
			clear(s.queue[n:])
			s.queue, s.at = s.queue[:n], 0
		}
		s.queue = append(s.queue, event{r, octets})
		s.octets += octets
		wake(s.wake)
	}
}
