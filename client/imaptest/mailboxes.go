package imaptest

import (
	"errors"
	"slices"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// outcome is the answer to a command that changes the account's mailboxes.
func outcome(command string, err error) answer {
	if err != nil {
		return no(nil, err.Error())
	}
	return ok(nil, command+" done")
}

func (s *session) create(name string) answer {
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	return outcome("CREATE", s.user.create(name))
}

func (s *session) remove(name string) answer {
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	return outcome("DELETE", s.user.remove(name))
}

func (s *session) rename(from, to string) answer {
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	return outcome("RENAME", s.user.rename(from, to))
}

// subscribe adds a mailbox to those that LSUB lists, or removes it. A subscription outlives its mailbox (RFC 3501 section 6.3.6).
func (s *session) subscribe(name string, on bool) answer {
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	name = canonical(name)
	switch {
	case !on && !s.user.subscribed[name]:
		return no(nil, "not subscribed")
	case on && s.user.boxes[name] == nil:
		return outcome("SUBSCRIBE", errNoMailbox)
	case on:
		s.user.subscribed[name] = true
		return ok(nil, "SUBSCRIBE done")
	}
	delete(s.user.subscribed, name)
	return ok(nil, "UNSUBSCRIBE done")
}

// statusOf is STATUS: numbers about a mailbox (RFC 3501 section 6.3.10).
func (s *session) statusOf(c *imap.Status) answer {
	s.user.mu.Lock()
	data, a := s.user.statusOf(c.Mailbox, c.Items)
	s.user.mu.Unlock()
	if data != nil {
		s.untagged(data)
	}
	return a
}

// statusOf collects the items of STATUS; nil with the answer that says why not.
func (a *account) statusOf(name string, items []imap.StatusAtt) (response, answer) {
	box, err := a.find(name)
	if err != nil {
		return nil, outcome("STATUS", err)
	}
	data := &imap.StatusData{Mailbox: box.name}
	for _, item := range items {
		switch item {
		case imap.StatusMessages:
			data.Messages = uint32(len(box.msgs))
			data.Include(imap.StatusAttValItemMessages)
		case imap.StatusRecent:
			data.Recent = box.count(func(m *message) bool { return m.recent })
			data.Include(imap.StatusAttValItemRecent)
		case imap.StatusUIDNext:
			data.UIDNext = box.uidNext
			data.Include(imap.StatusAttValItemUIDNext)
		case imap.StatusUIDValidity:
			data.UIDValidity = box.validity
			data.Include(imap.StatusAttValItemUIDValidity)
		case imap.StatusUnseen:
			data.Unseen = box.count(func(m *message) bool { return !m.flags.Has(imap.FlagSeen) })
			data.Include(imap.StatusAttValItemUnseen)
		default:
			return nil, bad("STATUS has no item " + string(item))
		}
	}
	return data, ok(nil, "STATUS done")
}

// open is SELECT and EXAMINE (RFC 3501 sections 6.3.1 and 6.3.2). If it fails nothing is selected any more.
func (s *session) open(name string, readOnly bool) answer {
	s.unselect()
	s.user.mu.Lock()
	box, err := s.user.find(name)
	if err != nil {
		s.user.mu.Unlock()
		return outcome("SELECT", err)
	}
	s.view, s.state = box.open(readOnly), conn.StateSelected
	news := s.view.opening()
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

// missing is the answer to a command whose target does not exist and could be made (RFC 3501 section 6.3.11).
func missing(err error) answer {
	if errors.Is(err, errNoMailbox) {
		return no(imap.CodeTryCreate, err.Error())
	}
	return no(nil, err.Error())
}
