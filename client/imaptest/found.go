package imaptest

import (
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// charsets are those that texts to be looked for may come in.
var charsets = []string{"US-ASCII", "UTF-8"}

// find lists the messages that meet all keys, in the order of the mailbox, for SEARCH, SORT and THREAD. Messages that were expunged
// are not found (RFC 2180 section 4.3). The answer is not empty if the charset is not known.
func (s *session) find(charset string, keys []imap.SearchKey) ([]row, answer) {
	if charset != "" && !slices.ContainsFunc(charsets, func(known string) bool { return strings.EqualFold(known, charset) }) {
		return nil, no(imap.CodeBadCharset(charsets), "this charset is not known")
	}
	if hasModSeq(keys) {
		s.enableModSeq()
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	var found []row
	for i, m := range s.view.msgs {
		if r := (row{uint32(i + 1), m}); !m.gone && s.view.matchAll(keys, r) {
			found = append(found, r)
		}
	}
	return found, answer{}
}

// hasModSeq reports whether MODSEQ is among the keys: then the result tells mod-sequences (RFC 7162 section 3.1.5).
func hasModSeq(keys []imap.SearchKey) bool {
	return anyKey(keys, func(key imap.SearchKey) bool { _, is := key.(imap.SearchModseq); return is })
}

// byNumber reports whether a search names messages by their numbers, be it sent in its UID form (RFC 7162 section 3.2.10.2).
func byNumber(cmd conn.Command) bool {
	var keys []imap.SearchKey
	switch c := cmd.(type) {
	case *imap.Search:
		keys = c.Keys
	case *imap.Sort:
		keys = c.Keys
	case *imap.Thread:
		keys = c.Keys
	}
	return anyKey(keys, func(key imap.SearchKey) bool {
		set, is := key.(imap.SearchSet)
		return is && !imap.NumSet(set).IsSaved()
	})
}

// anyKey reports whether a key is such, or one within it.
func anyKey(keys []imap.SearchKey, such func(imap.SearchKey) bool) bool {
	return slices.ContainsFunc(keys, func(key imap.SearchKey) bool {
		switch key := key.(type) {
		case imap.SearchNot:
			return anyKey([]imap.SearchKey{key.Key}, such)
		case imap.SearchOr:
			return anyKey([]imap.SearchKey{key.Left, key.Right}, such)
		case imap.SearchAnd:
			return anyKey(key, such)
		}
		return such(key)
	})
}

// search is SEARCH and UID SEARCH (RFC 3501 section 6.4.4), and with RETURN what RFC 4731 and RFC 5182 make of it.
func (s *session) search(c *imap.Search) answer {
	found, a := s.find(c.Charset, c.Keys)
	switch {
	case a.kind != "":
		return a
	case c.Return == nil:
		s.untagged(&imap.SearchData{IDs: numbers(found, c.ByNumber), ModSeq: s.highestOf(found, c.Keys)})
		return ok(nil, "SEARCH done")
	}
	saves := asks(c, imap.ReturnSave)
	if saves {
		s.save(named(c.Return, found))
	}
	if !saves || len(c.Return) > 1 { // SAVE alone wants no data (RFC 5182 section 1)
		s.untagged(s.extended(c, found))
	}
	return ok(nil, "SEARCH done")
}

// extended is what RETURN asks for; nothing is ALL (RFC 4731 section 3.1). What is not found has no MIN, MAX or ALL.
func (s *session) extended(c *imap.Search, found []row) response {
	data := &imap.EsearchData{Tag: s.tag, UID: !c.ByNumber}
	if asks(c, imap.ReturnCount) {
		data.Count = uint32(len(found))
		data.Include(imap.SearchReturnDataItemCount)
	}
	if len(found) == 0 {
		return data
	}
	if asks(c, imap.ReturnMin) {
		data.Min = found[0].number(c.ByNumber)
	}
	if asks(c, imap.ReturnMax) {
		data.Max = found[len(found)-1].number(c.ByNumber)
	}
	if asks(c, imap.ReturnAll) || len(c.Return) == 0 {
		data.All = setOf(found, !c.ByNumber)
	}
	data.ModSeq = s.highestOf(named(c.Return, found), c.Keys)
	return data
}

// asks reports whether an option is in RETURN.
func asks(c *imap.Search, o imap.ReturnOptName) bool {
	return slices.Contains(c.Return, imap.ReturnOpt(o))
}

// named are the messages that RETURN is about: the first and the last where MIN and MAX ask for nothing else, all otherwise. Of them the
// highest mod-sequence is told (RFC 4731 section 3.2), and they are what is saved (RFC 5182 section 2.4).
func named(options []imap.ReturnOpt, found []row) []row {
	if len(found) == 0 {
		return nil
	}
	var ends []row
	for _, o := range options {
		switch o {
		case imap.ReturnMin:
			ends = append(ends, found[0])
		case imap.ReturnMax:
			ends = append(ends, found[len(found)-1])
		case imap.ReturnSave:
		default:
			return found
		}
	}
	if len(ends) == 0 {
		return found
	}
	return ends
}

// save makes "$" of some messages.
func (s *session) save(rows []row) {
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	s.view.saved = map[*message]bool{}
	for _, r := range rows {
		s.view.saved[r.msg] = true
	}
}

// unsave empties "$" where a SEARCH that was to save what it finds was answered with NO, be it by the test (RFC 5182 section 2.1).
func (s *session) unsave(cmd conn.Command, a answer) {
	if c, is := cmd.(*imap.Search); is && asks(c, imap.ReturnSave) && a.kind == conn.ConditionNO {
		s.save(nil)
	}
}

// numbers are what the client calls messages.
func numbers(rows []row, bySeq bool) []uint32 {
	var list []uint32
	for _, r := range rows {
		list = append(list, r.number(bySeq))
	}
	return list
}

// highestOf is the highest mod-sequence of messages, if a search asked for mod-sequences; 0 says nothing.
func (s *session) highestOf(rows []row, keys []imap.SearchKey) uint64 {
	if !hasModSeq(keys) {
		return 0
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	var highest uint64
	for _, r := range rows {
		highest = max(highest, r.msg.modSeq)
	}
	return highest
}
