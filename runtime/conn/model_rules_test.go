package conn

import (
	"github.com/stretchr/testify/assert"
)

// This file is what the model checks: the rules of the package comment, told by what is on the wire.

// forbidden tells why two commands may not be in flight together, "" if they may.
func forbidden(a, b *modelCommand) string {
	ordered := b.dependsOn(a)
	switch {
	case a.is("SELECT", "IDLE") || b.is("SELECT", "IDLE"):
		return "what is allowed after it depends on its answer"
	case a.uses && b.saves && !ordered:
		return "it changes what \"$\" is to the other (RFC 5182 section 2.3)"
	case a.byNumber() && b.mayExpunge() || b.byNumber() && a.mayExpunge():
		return "EXPUNGE would move the numbers (RFC 3501 section 5.5)"
	case !ordered && a.overlaps(b) && (a.writesFlags() && (b.readsFlags() || b.writesFlags()) || a.readsFlags() && b.writesFlags()):
		return "one writes flags that the other reads or writes (RFC 3501 section 5.5)"
	case a.fetches() && b.fetches() && a.overlaps(b) && a.items&b.items != 0:
		return "the same items of the same messages"
	case a.name == b.name && a.is("UID SEARCH", "SEARCH", "LIST", "LSUB", "CAPABILITY"),
		a.is("SEARCH") && b.is("UID SEARCH"), a.is("UID SEARCH") && b.is("SEARCH"),
		a.removes() && b.removes():
		return "nothing tells their answers apart"
	case a.is("STATUS") && b.is("STATUS") && a.mailbox == b.mailbox:
		return "the same mailbox"
	}
	return ""
}

func (m *modelCommand) fetches() bool { return m.is("FETCH", "UID FETCH", "STORE", "UID STORE") }
func (m *modelCommand) removes() bool { return m.is("EXPUNGE", "UID EXPUNGE") }

// byNumber: sequence numbers are in the command or in its answer.
func (m *modelCommand) byNumber() bool {
	return m.is("FETCH", "STORE", "COPY", "SEARCH") || m.is("UID SEARCH") && m.first != 0 || m.numbers
}

// mayExpunge is RFC 3501 section 7.4.1 with 6.4.8.
func (m *modelCommand) mayExpunge() bool { return !m.is("FETCH", "STORE", "SEARCH") && !m.numbers }

func (m *modelCommand) readsFlags() bool {
	return m.is("FETCH", "UID FETCH", "COPY", "UID COPY") || m.unseen
}

func (m *modelCommand) writesFlags() bool {
	return m.is("STORE", "UID STORE") || m.removes() || m.items&itemBody != 0 && !m.peek
}

// overlaps: the commands may be about the same messages. Numbers and UIDs cannot be compared, and the client does not know what "$" is.
func (m *modelCommand) overlaps(o *modelCommand) bool {
	return m.all() || o.all() || m.uses || o.uses || m.seq() != o.seq() || m.first <= o.last && o.first <= m.last
}

func (m *modelCommand) all() bool { return m.is("SEARCH", "UID SEARCH", "ESEARCH", "EXPUNGE") }
func (m *modelCommand) seq() bool { return m.is("FETCH", "STORE", "COPY") }

// needsSelected: the command is for the selected state.
func (m *modelCommand) needsSelected() bool {
	return m.fetches() || m.is("COPY", "UID COPY") || m.all() || m.removes()
}

// asks tells whether the command asks for this message, as far as the client knows: any could be in "$".
func (m *modelCommand) asks(s *sent) bool {
	n := s.uid
	if m.seq() {
		n = s.seq
	}
	return m.fetches() && n != 0 && (m.uses || m.first <= n && n <= m.last) && m.mailboxNumber == s.mailbox
}

func (m *modelCommand) number(s *sent) int {
	if m.seq() {
		return s.seq
	}
	return s.uid
}

const weakItems = itemUID | itemFlags // that servers also send unasked

// check looks at all that was sent, in the order of the wire, and where it went.
func (w *world) check(subscribed bool) {
	t := w.t
	had := map[*modelCommand]map[int]uint64{} // items of messages
	last := map[*op]int{}
	var events []int
	end := len(w.server.log)
	if w.closed.Load() > 0 { // the client has read up to where is not known
		end = 0
		for n := range w.delivered {
			end = max(end, n+1)
		}
	}
	for n, s := range w.server.log[:end] {
		if s.kind == nil {
			continue // a tagged answer
		}
		to, isEvent := w.delivered[n], s.kind.Event
		published := 0
		var call *op
		for _, o := range to {
			if o == nil {
				published++
				continue
			}
			assert.Nil(t, call, "%q was given to two calls", s.line)
			call = o
		}
		if published > 0 {
			events = append(events, n)
		}
		if isEvent {
			assert.Equal(t, 1, published, "%q tells of the mailbox", s.line)
		} else {
			assert.LessOrEqual(t, len(to), 1, "%q was given twice", s.line)
		}
		var c *modelCommand
		if call != nil {
			assert.Less(t, last[call]-1, n, "%q was given to %q out of order", s.line, call.text)
			last[call] = n + 1
			c = w.server.commands[call.label]
			if !assert.NotNil(t, c, "%q was given to %q, which was never sent", s.line, call.text) {
				continue
			}
			assert.True(t, c.to == 0 || n < c.to, "%q was given to %q after its end", s.line, c.line)
		}
		if items, ok := w.whole[n]; ok {
			assert.Equal(t, s.items, items, "%q has come as a whole", s.line)
		}
		if s.kind == kindFetch {
			w.checkRow(n, s, c, published > 0, had)
			continue
		}
		switch {
		case c == s.intent && (c != nil || published > 0):
		case c == nil && s.intent != nil && s.intent.quit():
		case s.kind == kindExists && c != nil && c.is("SELECT"): // of the mailbox before, and SELECT is on its way
		case isEvent && s.kind != kindExists && c != nil && c.removes(): // the EXPUNGE of another session looks the same
		default:
			assert.Fail(t, "wrong call", "%q went to %s instead of %s", s.line, c, s.intent)
		}
	}
	if subscribed {
		assert.Equal(t, events, w.published, "all that is no call's, in the order of the wire")
	}
	for _, o := range w.started {
		if o.sent() {
			assert.NotNil(t, w.server.commands[o.label], "%q was answered", o.text)
		}
	}
}

// checkRow: a row goes to the call that asked for it and has not had it, else to the subscribers.
func (w *world) checkRow(n int, s *sent, c *modelCommand, published bool, had map[*modelCommand]map[int]uint64) {
	t := w.t
	weak := s.items&^weakItems == 0
	missing := func(m *modelCommand) uint64 { return m.items &^ had[m][m.number(s)] }
	if c != nil {
		assert.True(t, c.asks(s), "%q was given to %q, which asked for other messages", s.line, c.line)
		assert.NotZero(t, missing(c)&s.items, "%q was given to %q, which asked for nothing of it or has had it", s.line, c.line)
		if weak {
			assert.Zero(t, missing(c)&^s.items, "%q was given to %q, which lacks more: it may be the change of another session", s.line, c.line)
		} else {
			assert.True(t, s.intent == c, "%q was given to %q instead of %s", s.line, c.line, s.intent)
		}
		if had[c] == nil {
			had[c] = map[int]uint64{}
		}
		had[c][c.number(s)] |= s.items
		return
	}
	// All that these commands lack of the message is this, and they were in flight for certain.
	var claim *modelCommand
	var quit bool
	for _, m := range w.server.order {
		if (m.to == 0 || n < m.to) && m.asks(s) {
			quit = quit || m.quit() // also if it came later: what was said before was perhaps not read when it was sent
			if lacks := missing(m); m.from <= n && lacks != 0 && s.items&lacks == lacks {
				claim = m
			}
		}
	}
	switch {
	case !published:
		assert.True(t, s.intent != nil && s.intent.quit() || weak && quit, "%q is lost, it was for %s", s.line, s.intent)
	case claim != nil && !claim.quit():
		assert.Fail(t, "row of a call", "%q went to the subscribers instead of %q", s.line, claim.line)
	case s.intent != nil && !s.intent.quit():
		lacks := missing(s.intent)
		assert.True(t, weak && s.items&lacks != lacks || s.items&lacks == 0, "%q went to the subscribers instead of %q", s.line, s.intent.line)
	}
}

// serial gives the number that the server has given a response.
func serial(r Response) (int, bool) {
	var text string
	if b, ok := r.(*Begun); ok {
		r = b.Row()
	}
	switch r := r.(type) {
	case *data:
		text = r.text
	case *status:
		text = r.text
	}
	for i := range text { // a regexp takes longer than all the rest of the model
		if text[i] != 's' || i > 0 && text[i-1] != ' ' && text[i-1] != '(' {
			continue
		}
		n, at := 0, i+1
		for ; at < len(text) && '0' <= text[at] && text[at] <= '9'; at++ {
			n = 10*n + int(text[at]-'0')
		}
		if at > i+1 {
			return n, true
		}
	}
	return 0, false
}
