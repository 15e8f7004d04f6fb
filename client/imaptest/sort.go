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
	rows := make([]sortable, len(found))
	for i, r := range found {
		rows[i] = sortable{r, make([]sortValue, len(c.Criteria))}
		for n, criterion := range c.Criteria {
			rows[i].values[n] = r.msg.sortValue(criterion.Key)
		}
	}
	s.user.mu.Unlock()
	slices.SortStableFunc(rows, func(x, y sortable) int { return compare(c.Criteria, x, y) }) // ties in the order of the mailbox
	for i, r := range rows {
		found[i] = r.row
	}
	s.untagged(&imap.SortData{IDs: numbers(found, c.ByNumber), ModSeq: highest})
	return ok(nil, "SORT done")
}

// sortable is a message with what it is sorted by, once for each criterion.
type sortable struct {
	row
	values []sortValue
}

// sortValue is what one criterion looks at: the one of the three that it is about.
type sortValue struct {
	text string
	time time.Time
	size int
}

// compare compares messages by the first criterion in which they differ.
func compare(criteria []imap.SortCriterion, x, y sortable) int {
	for i, c := range criteria {
		a, b := x.values[i], y.values[i]
		order := cmp.Or(cmp.Compare(a.text, b.text), a.time.Compare(b.time), cmp.Compare(a.size, b.size))
		if c.Reverse {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// sortValue is what a criterion looks at in a message.
func (m *message) sortValue(key imap.SortKey) sortValue {
	switch key {
	case imap.SortArrival:
		return sortValue{time: m.date}
	case imap.SortDate:
		return sortValue{time: m.sent()}
	case imap.SortSize:
		return sortValue{size: len(m.octets)}
	}
	return sortValue{text: m.sortText(key)}
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
