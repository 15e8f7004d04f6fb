package conn

import (
	"fmt"
	"slices"
	"strings"
)

// progress sends something of a command: a row, other data, or its end.
func (s *modelServer) progress(m *modelCommand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !m.begun {
		if s.runnable(m) {
			m.begun = true
			s.begin(m)
		}
		return
	}
	if m.removes() && m.outcome == "OK" && s.random.IntN(2) == 0 {
		s.expunge(m)
		return
	}
	if len(m.parts) > 0 && (m.outcome == "OK" || s.random.IntN(4) > 0) {
		n := 1
		if len(m.parts) > 64 || m.burst { // a long answer comes as fast as it can
			n = 1 + s.random.IntN(lendRows/4)
			if !m.burst { // after which the reader is lent
				n += s.random.IntN(2 * lendRows)
			}
			if len(m.parts) > pauseRows/2 {
				n = len(m.parts) - s.random.IntN(runRows)
			}
			n, m.burst, s.burst = min(n, len(m.parts)), true, true
		}
		for _, p := range m.parts[:n] {
			s.row(m, p)
		}
		m.parts = m.parts[n:]
		return
	}
	if m.is("SELECT") {
		switch m.outcome {
		case "OK":
			s.mailbox = s.mailboxes
		case "NO":
			s.mailbox = 0
		}
		if m.outcome != "BAD" {
			s.saver, s.saved, s.savedBy = nil, nil, nil // RFC 5182 section 2.1
		}
	}
	i := slices.Index(s.pending, m)
	s.pending = slices.Delete(s.pending, i, i+1)
	if i > 0 {
		s.overtaken++
	}
	s.send(sent{line: fmt.Sprintf("%s %s #%d @%d", m.tag, m.outcome, m.label, s.mailbox), intent: m})
}

// begin decides what becomes of a command, and sends what it has one of. The caller holds mu, here and below.
func (s *modelServer) begin(m *modelCommand) {
	if m.label > 0 && m.outcome == "OK" && s.random.IntN(10) == 0 {
		m.outcome = []string{"NO", "BAD"}[s.random.IntN(2)]
	}
	single := func(kind *Kind, line string) {
		if m.outcome == "OK" {
			s.send(sent{line: line, kind: kind, intent: m})
		}
	}
	s.execute(m)
	switch {
	case m.is("SELECT"):
		if m.outcome != "BAD" {
			s.mailboxes++
			s.uids = nil
			for i := range s.w.size() {
				s.uids = append(s.uids, s.mailboxes*mailboxSpan+1+i)
			}
		}
		single(kindExists, fmt.Sprintf("* %d EXISTS %%s", len(s.uids)))
		single(kindState, "* OK [UIDNEXT 7] %s")
	case m.is("STATUS"):
		single(kindStatus, "* STATUS "+m.mailbox+" %s")
	case m.is("CAPABILITY"):
		single(kindCapability, "* CAPABILITY IMAP4rev1 IDLE %s")
	case m.is("UID SEARCH", "SEARCH"):
		single(kindSearch, "* SEARCH %s")
	case m.is("ESEARCH"):
		// A server that forgets the tag answers in order, else nobody could tell.
		forgets := s.random.IntN(3) == 0 && !slices.ContainsFunc(s.pending[:slices.Index(s.pending, m)], func(p *modelCommand) bool {
			return p.is("ESEARCH") && (!p.begun || p.outcome != "OK" || p.silent)
		})
		if m.silent {
			break
		}
		if forgets {
			single(kindEsearch, "* ESEARCH %s")
		} else {
			single(kindEsearch, fmt.Sprintf("* ESEARCH (TAG %q) %%s", m.tag))
		}
	case m.is("LIST", "LSUB"):
		n := s.random.IntN(4)
		switch {
		case !s.w.long:
		case s.random.IntN(3) == 0:
			n = s.random.IntN(6 * lendRows)
		case s.random.IntN(3) == 0: // the reader pauses if they are not read
			n, m.burst = pauseRows+s.random.IntN(runRows), true
		}
		m.parts = make([]modelPart, n)
	case m.fetches() && m.uses:
		for _, uid := range m.set {
			s.split(m, uid)
		}
		s.shuffle(m)
	case m.fetches():
		for n := m.first; n <= m.last; n++ {
			s.split(m, n)
		}
		s.shuffle(m)
	}
}

// shuffle puts the rows of a command out of order, as those of a long answer rarely are.
func (s *modelServer) shuffle(m *modelCommand) {
	if len(m.parts) <= 64 || s.random.IntN(4) == 0 {
		s.random.Shuffle(len(m.parts), func(i, j int) { m.parts[i], m.parts[j] = m.parts[j], m.parts[i] })
	}
}

// split makes the answer about one message: one row, or now and then two.
func (s *modelServer) split(m *modelCommand, n int) {
	all := m.items
	few := 5
	if m.last-m.first > 20 {
		few = 100
	}
	if s.random.IntN(few) == 0 {
		if some := all & s.random.Uint64N(16); some != 0 && some != all {
			m.parts = append(m.parts, modelPart{n, some})
			all &^= some
		}
	}
	m.parts = append(m.parts, modelPart{n, all})
}

// row sends a part of the answer to m.
func (s *modelServer) row(m *modelCommand, p modelPart) {
	switch {
	case m.is("LIST"):
		s.send(sent{line: "* LIST %s", kind: kindList, intent: m})
	case m.is("LSUB"):
		s.send(sent{line: "* LSUB %s", kind: kindLsub, intent: m})
	case m.seq():
		s.fetch(m, p.number, p.items, s.random.IntN(2) == 0)
	default:
		if i := slices.Index(s.uids, p.number); i >= 0 { // else it is gone
			s.fetch(m, i+1, p.items, true)
		}
	}
}

func (s *modelServer) fetch(m *modelCommand, seq int, items uint64, uid bool) {
	x := sent{kind: kindFetch, intent: m, seq: seq, items: items}
	var words []string
	for _, name := range []string{"BODY[]", "ENVELOPE", "FLAGS"} {
		if items&fetchItem[name] == 0 {
			continue
		}
		value := "%s"
		switch size := s.literal(m, name); {
		case name == "FLAGS":
			value = "(%s)"
		case size > 0:
			value = fmt.Sprintf("{%d}\r\n%s", size, modelBody(len(s.log), name, size))
		}
		words = append(words, name+" "+value)
	}
	if uid {
		x.uid = s.uids[seq-1]
		x.items |= itemUID
		words = append(words, fmt.Sprintf("UID %d", x.uid))
	}
	s.random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	x.line = fmt.Sprintf("* %d FETCH (X %%s %s)", seq, strings.Join(words, " ")) // so that the serial comes first
	s.send(x)
}

// unasked sends what no command has asked for.
func (s *modelServer) unasked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pending {
		if p.is("SELECT") {
			return
		}
	}
	switch s.random.IntN(9) {
	case 0:
		s.send(sent{line: "* XNEW %s", kind: kindUnknown})
	case 1:
		s.send(sent{line: "* OK %s remark", kind: kindState})
	case 2:
		s.send(sent{line: "* STATUS z %s", kind: kindStatus})
	case 3:
		s.writing.Lock()
		s.say("* 5 FLOOB") // cannot be read, and costs nothing
		s.writing.Unlock()
	case 4:
		if s.mailbox > 0 {
			s.uids = append(s.uids, s.mailbox*mailboxSpan+1+len(s.uids)+s.expunged)
			s.send(sent{line: fmt.Sprintf("* %d EXISTS %%s", len(s.uids)), kind: kindExists})
		}
	case 5:
		s.expunge(nil)
	default:
		if s.mailbox > 0 {
			s.fetch(nil, 1+s.random.IntN(len(s.uids)), itemFlags, s.random.IntN(2) == 0)
		}
	}
}

// expunge tells that a message is gone, if it may: never while nothing, or a command by number, is in flight (RFC 3501 section 7.4.1).
func (s *modelServer) expunge(m *modelCommand) {
	may := s.mailbox > 0 && len(s.uids) > s.w.size()-5
	ready := 0
	for _, p := range s.pending {
		may = may && p.mayExpunge()
		if m == nil && p.removes() && p.begun && p.outcome == "OK" {
			m = p
		}
		ready++
	}
	if !may || ready == 0 {
		return
	}
	i := s.random.IntN(len(s.uids))
	x := sent{line: fmt.Sprintf("* %d EXPUNGE %%s", i+1), kind: kindExpunge, intent: m}
	if s.vanished {
		x.line, x.kind = fmt.Sprintf("* VANISHED %d %%s", s.uids[i]), kindVanished
	}
	s.uids = slices.Delete(s.uids, i, i+1)
	s.expunged++
	s.send(x)
}
