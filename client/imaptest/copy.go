package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
)

// copy is COPY and UID COPY, all or nothing (RFC 3501 section 6.4.7), and its code COPYUID (RFC 4315 section 3).
func (s *session) copy(c *imap.Copy) answer {
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	code, a := s.transfer(rows, c.Mailbox, "COPY")
	if code == nil {
		return a
	}
	return s.withUIDs(a, code)
}

// move is MOVE and UID MOVE (RFC 6851): a copy whose originals go in the same step. COPYUID is told before the client hears of that
// (section 4.3).
func (s *session) move(c *imap.Move) answer {
	if s.view.readOnly {
		return no(nil, readOnly)
	}
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	s.user.mu.Lock()
	code, a := s.transfer(rows, c.Mailbox, "MOVE")
	if code != nil {
		a = s.withHighest(a, s.view.box.drop(among(rows)))
	}
	s.user.mu.Unlock()
	if code != nil && s.offers(imap.CapUIDPlus) {
		s.untagged(status(ok(code, "where they are now")))
	}
	return a
}

// transfer puts copies of messages into a mailbox. The code is nil if there were none, or something was wrong, which the answer says.
func (s *session) transfer(rows []row, mailbox, command string) (imap.Code, answer) {
	to, err := s.user.find(mailbox)
	if err != nil {
		return nil, missing(err)
	}
	if slices.ContainsFunc(rows, func(r row) bool { return r.msg.gone }) {
		return nil, no(nil, goneSince) // RFC 2180 section 4.4.1
	}
	var source, dest []uint32
	for _, r := range rows {
		source, dest = append(source, r.msg.uid), append(dest, to.copy(r.msg).uid)
	}
	a := ok(nil, command+" done")
	if len(rows) == 0 {
		return nil, a // UIDs that do not exist are no error, and there is nothing to name
	}
	return imap.CodeCopyUID{UIDValidity: to.validity, Source: imap.UIDs(source...), Dest: imap.UIDs(dest...)}, a
}

// expunge is EXPUNGE; the client is told as with any other news, before the answer (RFC 3501 section 6.4.3).
func (s *session) expunge(pick func(*message) bool) answer {
	if s.view.readOnly {
		return no(nil, readOnly)
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	return s.withHighest(ok(nil, "EXPUNGE done"), s.view.box.expunge(pick))
}

// expungeSet is UID EXPUNGE (RFC 4315 section 2.1).
func (s *session) expungeSet(set imap.NumSet) answer {
	rows, _ := s.rows(set)
	return s.expunge(among(rows))
}

// among picks the messages of some rows.
func among(rows []row) func(*message) bool {
	picked := map[*message]bool{}
	for _, r := range rows {
		picked[r.msg] = true
	}
	return func(m *message) bool { return picked[m] }
}
