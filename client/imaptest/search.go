package imaptest

import (
	"slices"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// matchAll reports whether a message meets all conditions.
func (v *view) matchAll(keys []imap.SearchKey, r row) bool {
	for _, key := range keys {
		if !v.match(key, r) {
			return false
		}
	}
	return true
}

// match reports whether a message meets one condition.
func (v *view) match(key imap.SearchKey, r row) bool {
	m := r.msg
	switch key := key.(type) {
	case imap.SearchKeyName:
		return searchNames[key](v, m)
	case imap.SearchSet:
		return v.in(imap.NumSet(key).AsSeq(), r.seq, m) // a bare set is of numbers, in UID SEARCH too
	case imap.SearchUID:
		return v.in(imap.NumSet(key), r.seq, m)
	case imap.SearchAnd:
		return v.matchAll(key, r)
	case imap.SearchNot:
		return !v.match(key.Key, r)
	case imap.SearchOr:
		return v.match(key.Left, r) || v.match(key.Right, r)
	case imap.SearchKeyword:
		return m.flags.Has(imap.Flag(key))
	case imap.SearchUnkeyword:
		return !m.flags.Has(imap.Flag(key))
	case imap.SearchLarger:
		return uint64(len(m.octets)) > uint64(key)
	case imap.SearchSmaller:
		return uint64(len(m.octets)) < uint64(key)
	case imap.SearchBefore:
		return day(m.date) < day(time.Time(key))
	case imap.SearchOn:
		return day(m.date) == day(time.Time(key))
	case imap.SearchSince:
		return day(m.date) >= day(time.Time(key))
	case imap.SearchModseq:
		return m.modSeq >= key.Since // one for all flags: RFC 7162 section 3.1.5 lets the names of entries be passed over
	case imap.SearchXGmMsgid:
		return m.gmail.id == uint64(key)
	case imap.SearchXGmThrid:
		return m.gmail.thread == uint64(key)
	case imap.SearchXGmLabels:
		return hasLabel(m.gmail.labels, imap.GmLabel(key))
	case imap.SearchXGmRaw:
		terms, _ := parseQuery(string(key)) // beyond has let it through
		return !slices.ContainsFunc(terms, func(t term) bool { return !v.meets(t, r) })
	case imap.SearchSentBefore, imap.SearchSentOn, imap.SearchSentSince:
		return matchSent(key, m)
	}
	return matchText(key, m)
}

// searchNames are the conditions that are one word.
var searchNames = map[imap.SearchKeyName]func(*view, *message) bool{
	imap.SearchAll:        func(*view, *message) bool { return true },
	imap.SearchAnswered:   has(imap.FlagAnswered),
	imap.SearchDeleted:    has(imap.FlagDeleted),
	imap.SearchDraft:      has(imap.FlagDraft),
	imap.SearchFlagged:    has(imap.FlagFlagged),
	imap.SearchSeen:       has(imap.FlagSeen),
	imap.SearchUnanswered: hasNot(imap.FlagAnswered),
	imap.SearchUndeleted:  hasNot(imap.FlagDeleted),
	imap.SearchUndraft:    hasNot(imap.FlagDraft),
	imap.SearchUnflagged:  hasNot(imap.FlagFlagged),
	imap.SearchUnseen:     hasNot(imap.FlagSeen),
	imap.SearchRecent:     func(v *view, m *message) bool { return v.recent[m] },
	imap.SearchOld:        func(v *view, m *message) bool { return !v.recent[m] },
	imap.SearchNew:        func(v *view, m *message) bool { return v.recent[m] && !m.flags.Has(imap.FlagSeen) },
}

func has(f imap.Flag) func(*view, *message) bool {
	return func(_ *view, m *message) bool { return m.flags.Has(f) }
}

func hasNot(f imap.Flag) func(*view, *message) bool {
	return func(_ *view, m *message) bool { return !m.flags.Has(f) }
}

// matchSent compares the Date of the header. A message without one that can be read was sent on no day.
func matchSent(key imap.SearchKey, m *message) bool {
	sent, err := m.entity().envelope().Date.Time()
	if err != nil {
		return false
	}
	switch key := key.(type) {
	case imap.SearchSentBefore:
		return day(sent) < day(time.Time(key))
	case imap.SearchSentOn:
		return day(sent) == day(time.Time(key))
	case imap.SearchSentSince:
		return day(sent) >= day(time.Time(key))
	}
	return false
}

// matchText looks for text in the message: in any case, and as people read it (RFC 3501 section 6.4.4 wants both).
func matchText(key imap.SearchKey, m *message) bool {
	e := m.entity()
	switch key := key.(type) {
	case imap.SearchBcc:
		return e.headerHas("Bcc", string(key))
	case imap.SearchCc:
		return e.headerHas("Cc", string(key))
	case imap.SearchFrom:
		return e.headerHas("From", string(key))
	case imap.SearchSubject:
		return e.headerHas("Subject", string(key))
	case imap.SearchTo:
		return e.headerHas("To", string(key))
	case imap.SearchHeader:
		return e.headerHas(key.Field, key.Text)
	case imap.SearchBody:
		return e.textHas(string(key), false)
	case imap.SearchText:
		return e.textHas(string(key), true)
	}
	return false
}

// day numbers the days of the calendar; time and zone do not count (RFC 3501 section 6.4.4).
func day(t time.Time) int { return t.Year()*10000 + int(t.Month())*100 + t.Day() }
