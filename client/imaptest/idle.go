package imaptest

import (
	"strings"
	"sync"
)

// tellNews tells the client what happened in its mailbox. It must be called while a command is answered, or while the client
// idles (RFC 3501 section 5.2).
func (s *session) tellNews(numbersMayChange bool) {
	if s.view == nil {
		return
	}
	s.user.mu.Lock()
	news := s.view.updates(numbersMayChange)
	s.user.mu.Unlock()
	s.untagged(news...)
}

// idle is IDLE (RFC 2177): what is new is told at once, until the client says DONE.
func (s *session) idle() (answer, error) {
	s.continuation("idling")
	done := make(chan struct{})
	var pushing sync.WaitGroup
	if v := s.view; v != nil {
		pushing.Go(func() { s.pushNews(v, done) })
	}
	frame, err := s.reader.Next()
	close(done)
	pushing.Wait()
	if err != nil {
		return answer{}, err
	}
	if line := strings.TrimSpace(string(frame.Text())); !strings.EqualFold(line, "DONE") {
		return bad("want DONE"), nil
	}
	return ok(nil, "IDLE done"), nil
}

// pushNews tells what is new as it happens. If the client cannot be told the connection is of no use and is closed.
func (s *session) pushNews(v *view, done <-chan struct{}) {
	for {
		s.tellNews(true)
		if s.flush() != nil {
			s.nc.Close()
			return
		}
		select {
		case <-v.wake:
		case <-done:
			return
		}
	}
}
