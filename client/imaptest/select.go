package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// open is SELECT and EXAMINE (RFC 3501 sections 6.3.1 and 6.3.2) with the parameters of RFC 7162. If it fails nothing is selected
// any more.
func (s *session) open(name string, params []imap.SelectParam, readOnly bool) answer {
	var resync *imap.SelectQresync
	modSeq := false
	for _, p := range params {
		switch p := p.(type) {
		case imap.SelectQresync:
			resync = &p
		case imap.SelectParamName:
			modSeq = true // CONDSTORE, the only one that beyond lets through
		}
	}
	if resync != nil && !s.aware.vanished {
		return bad("QRESYNC was not enabled")
	}
	if s.view != nil && s.offers(imap.CapCondstore) {
		s.untagged(status(ok(imap.CodeClosed, "what follows is of another mailbox"))) // RFC 7162 section 3.2.11
	}
	s.unselect()
	if modSeq {
		s.enableModSeq()
	}
	s.user.mu.Lock()
	box, err := s.user.find(name)
	if err != nil {
		s.user.mu.Unlock()
		return outcome("SELECT", err)
	}
	s.view, s.state = box.open(readOnly, &s.aware), conn.StateSelected
	news := s.view.opening()
	if s.offers(imap.CapCondstore) {
		news = append(news, box.highest())
	}
	if resync != nil {
		news = append(news, s.view.resync(*resync)...)
	}
	s.user.mu.Unlock()
	s.untagged(news...)
	if readOnly {
		return ok(imap.CodeReadOnly, "EXAMINE done")
	}
	return ok(imap.CodeReadWrite, "SELECT done")
}

// opening is what SELECT tells of a mailbox.
func (v *view) opening() []response {
	flags := imap.NewFlags(v.box.flagList()...)
	permanent := imap.CodePermanentFlags(imap.NewFlags(append(v.box.flagList(), imap.FlagWildcard)...))
	if v.readOnly {
		permanent = imap.CodePermanentFlags{}
	}
	out := []response{
		&imap.FlagsData{Flags: flags},
		&imap.ExistsData{Count: uint32(len(v.msgs))},
		&imap.RecentData{Count: uint32(len(v.recent))},
		status(ok(permanent, "flags that stay")),
		status(ok(imap.CodeUIDNext(v.box.uidNext), "the UID of the next message")),
		status(ok(imap.CodeUIDValidity(v.box.validity), "UIDs hold as long as this does")),
	}
	unseen := slices.IndexFunc(v.msgs, func(m *message) bool { return !m.flags.Has(imap.FlagSeen) })
	if unseen >= 0 {
		out = append(out, status(ok(imap.CodeUnseen(unseen+1), "the first that is not seen")))
	}
	return out
}

// unselect leaves the selected mailbox, if there is one.
func (s *session) unselect() {
	if s.view == nil {
		return
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	s.view.leave()
	s.view, s.state = nil, conn.StateAuthenticated
}

// close is CLOSE: it expunges without telling this connection, unless the mailbox is read-only (RFC 3501 section 6.4.2).
func (s *session) close() answer {
	if v := s.view; !v.readOnly {
		s.user.mu.Lock()
		v.box.expunge(func(*message) bool { return true })
		s.user.mu.Unlock()
	}
	s.unselect()
	return ok(nil, "CLOSE done")
}
