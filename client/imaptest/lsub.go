package imaptest

import (
	"maps"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

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
