package imaptest

import (
	"cmp"
	"slices"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// sort is SORT and UID SORT (RFC 5256 section 3).
func (s *session) sort(c *imap.Sort) answer {
	found, a := s.find(c.Charset, c.Keys)
	if a.kind != "" {
		return a
	}
	highest := s.highestOf(found, c.Keys)
	s.user.mu.Lock()
	slices.SortStableFunc(found, func(x, y row) int { return compare(c.Criteria, x.msg, y.msg) }) // ties in the order of the mailbox
	s.user.mu.Unlock()
	s.untagged(&imap.SortData{IDs: numbers(found, c.ByNumber), ModSeq: highest})
	return ok(nil, "SORT done")
}

// compare compares messages by the first criterion in which they differ.
func compare(criteria []imap.SortCriterion, x, y *message) int {
	for _, c := range criteria {
		order := 0
		switch c.Key {
		case imap.SortArrival:
			order = x.date.Compare(y.date)
		case imap.SortDate:
			order = x.sent().Compare(y.sent())
		case imap.SortSize:
			order = cmp.Compare(len(x.octets), len(y.octets))
		default:
			order = cmp.Compare(x.sortText(c.Key), y.sortText(c.Key))
		}
		if c.Reverse {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// sortText is what messages are sorted by that is a text: the base subject, or the mailbox of the first address. What is not there is
// empty and comes first.
func (m *message) sortText(key imap.SortKey) string {
	env := m.entity().envelope()
	list := env.From
	switch key {
	case imap.SortSubject:
		base, _ := baseSubject(env.Subject.String())
		return collate(base)
	case imap.SortCc:
		list = env.Cc
	case imap.SortTo:
		list = env.To
	}
	if len(list) == 0 {
		return ""
	}
	return collate(list[0].Mailbox.String())
}

// sent is when a message was sent, by its header, or else when it arrived (RFC 5256 section 2.2).
func (m *message) sent() time.Time {
	if v, found := headerValue(m.entity().header, "Date"); found {
		if sent, err := (imap.Date{Raw: v, Valid: true}).Time(); err == nil {
			return sent
		}
	}
	return m.date
}
