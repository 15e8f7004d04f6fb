package imaptest

import (
	"maps"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// list is LIST (RFC 3501 section 6.3.8). An empty pattern asks for the delimiter only.
func (s *session) list(reference, pattern string) answer {
	if pattern == "" {
		s.untagged(&imap.ListData{MailboxList: imap.MailboxList{Attrs: []imap.MailboxAttr{imap.MailboxNoselect}, Delim: delimiter}})
		return ok(nil, "LIST done")
	}
	s.user.mu.Lock()
	var found []response
	for _, name := range s.user.names() {
		if matchPattern(reference+pattern, name) {
			found = append(found, &imap.ListData{MailboxList: s.user.listed(name)})
		}
	}
	s.user.mu.Unlock()
	s.untagged(found...)
	return ok(nil, "LIST done")
}

// listed is what LIST says of a mailbox.
func (a *account) listed(name string) imap.MailboxList {
	data := imap.MailboxList{Delim: delimiter, Mailbox: name}
	box := a.boxes[name]
	switch {
	case box.nameOnly:
		data.Attrs = []imap.MailboxAttr{imap.MailboxNoselect}
	case box.count(func(m *message) bool { return m.recent }) > 0:
		data.Attrs = []imap.MailboxAttr{imap.MailboxMarked} // something came since it was last selected
	default:
		data.Attrs = []imap.MailboxAttr{imap.MailboxUnmarked}
	}
	return data
}

// lsub is LSUB (RFC 3501 section 6.3.9).
func (s *session) lsub(reference, pattern string) answer {
	s.user.mu.Lock()
	names := s.user.subscriptions(reference + pattern)
	s.user.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		data := &imap.LsubData{MailboxList: imap.MailboxList{Delim: delimiter, Mailbox: name}}
		if !names[name] {
			data.Attrs = []imap.MailboxAttr{imap.MailboxNoselect}
		}
		s.untagged(data)
	}
	return ok(nil, "LSUB done")
}

// subscriptions finds the subscribed mailboxes that match. Where "%" stops above one, the level that it stops at is there too,
// with false: a name that is not subscribed itself.
func (a *account) subscriptions(pattern string) map[string]bool {
	names := map[string]bool{}
	for name := range a.subscribed {
		if matchPattern(pattern, name) {
			names[name] = true
			continue
		}
		for _, above := range superiors(name) {
			if strings.HasSuffix(pattern, "%") && matchPattern(pattern, above) {
				names[above] = a.subscribed[above]
			}
		}
	}
	return names
}
