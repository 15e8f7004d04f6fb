package imaptest

import (
	"errors"

	"github.com/parley-go/parley/generated/imap"
)

// outcome is the answer to a command that changes the account's mailboxes.
func outcome(command string, err error) answer {
	if err != nil {
		return no(nil, err.Error())
	}
	return ok(nil, command+" done")
}

// create is CREATE, with what the mailbox is to be used for (RFC 6154 section 3).
func (s *session) create(c *imap.Create) answer {
	var use []imap.MailboxAttr
	for _, p := range c.Params {
		if u, is := p.(imap.CreateUse); is {
			use = append(use, u...)
		}
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	if err := s.user.create(c.Mailbox, use...); errors.Is(err, errUse) {
		return no(imap.CodeUseattr, err.Error())
	} else if err != nil {
		return outcome("CREATE", err)
	}
	return ok(nil, "CREATE done")
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
	if a := s.statusItems(c.Items); a.kind != "" {
		return a
	}
	s.user.mu.Lock()
	data, a := s.user.statusOf(c.Mailbox, c.Items)
	s.user.mu.Unlock()
	if data != nil {
		s.untagged(data)
	}
	return a
}

// statusOf finds the mailbox of STATUS; nil with the answer that says why not.
func (a *account) statusOf(name string, items []imap.StatusAtt) (response, answer) {
	box, err := a.find(name)
	if err != nil {
		return nil, outcome("STATUS", err)
	}
	return box.status(items), ok(nil, "STATUS done")
}

// statusItems refuses items that the server does not have; the answer is empty if there are none.
func (s *session) statusItems(items []imap.StatusAtt) answer {
	for _, item := range items {
		switch item {
		case imap.StatusMessages, imap.StatusRecent, imap.StatusUIDNext, imap.StatusUIDValidity, imap.StatusUnseen:
			continue
		case imap.StatusHighestmodseq:
			if s.offers(imap.CapCondstore) {
				s.enableModSeq() // RFC 7162 section 3.1
				continue
			}
		}
		return bad("STATUS has no item " + string(item))
	}
	return answer{}
}

// status collects the items of STATUS.
func (box *mailbox) status(items []imap.StatusAtt) response {
	data := &imap.StatusData{Mailbox: box.name}
	for _, item := range items {
		switch item {
		case imap.StatusHighestmodseq:
			data.HighestModSeq = box.modSeq
			data.Include(imap.StatusAttValItemHighestmodseq)
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
		}
	}
	return data
}

// missing is the answer to a command whose target does not exist and could be made (RFC 3501 section 6.3.11).
func missing(err error) answer {
	if errors.Is(err, errNoMailbox) {
		return no(imap.CodeTryCreate, err.Error())
	}
	return no(nil, err.Error())
}
