package imaptest

import (
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// This file is X-GM-RAW, a search in the language of Gmail's own page: as much of it as programs ask for most. A word is found within
// others too, where Gmail wants all of it.

// term is one condition of a query. All must be met.
type term struct {
	key        imap.SearchKey
	attachment bool // has:attachment, for which SEARCH has no key
	not        bool // "-" stands before it
}

// parseQuery reads a query, or says what in it is not known here.
func parseQuery(query string) (terms []term, unknown string) {
	for {
		query = strings.TrimLeft(query, " ")
		if query == "" {
			return terms, ""
		}
		var t term
		query, t.not = strings.CutPrefix(query, "-")
		n := strings.IndexAny(query, ` ":(){}|`)
		operator := ""
		if n >= 0 && query[n] == ':' {
			operator, query = query[:n+1], query[n+1:]
		}
		value, rest, fine := cutWord(query)
		if !fine || !t.is(strings.ToLower(operator), value) {
			return nil, "what X-GM-RAW asks for at " + operator + query
		}
		terms, query = append(terms, t), rest
	}
}

// cutWord takes a word or a phrase in quotes off a query. Groups of them are not known.
func cutWord(query string) (word, rest string, fine bool) {
	if phrase, quoted := strings.CutPrefix(query, `"`); quoted {
		word, rest, fine = strings.Cut(phrase, `"`)
		return word, rest, fine
	}
	word, rest, _ = strings.Cut(query, " ")
	return word, rest, word != "" && word != "OR" && word != "AND" && word != "AROUND" && !strings.ContainsAny(word, `":(){}|`)
}

// is makes it the term with an operator, such as "from:", and reports whether that is known.
func (t *term) is(operator, value string) bool {
	switch operator {
	case "":
		t.key = imap.SearchText(value)
	case "from:":
		t.key = imap.SearchFrom(value)
	case "to:":
		t.key = imap.SearchTo(value)
	case "cc:":
		t.key = imap.SearchCc(value)
	case "bcc:":
		t.key = imap.SearchBcc(value)
	case "subject:":
		t.key = imap.SearchSubject(value)
	case "label:":
		t.key = imap.SearchXGmLabels(value)
	case "rfc822msgid:":
		t.key = imap.SearchHeader{Field: "Message-ID", Text: value}
	case "is:":
		key, known := states[strings.ToLower(value)]
		t.key = key
		return known
	case "has:":
		t.attachment = strings.EqualFold(value, "attachment")
		return t.attachment
	default:
		return false
	}
	return true
}

// states are what "is:" asks for.
var states = map[string]imap.SearchKeyName{
	"read": imap.SearchSeen, "unread": imap.SearchUnseen, "starred": imap.SearchFlagged, "unstarred": imap.SearchUnflagged,
}

// meets reports whether a message meets a term.
func (v *view) meets(t term, r row) bool {
	if t.attachment {
		return r.msg.entity().hasAttachment() != t.not
	}
	return v.match(t.key, r) != t.not
}

// hasAttachment reports whether a part says that it is one, or has the name of a file.
func (e *entity) hasAttachment() (found bool) {
	e.walk(func(part *entity) {
		disposition := part.extension().Disposition
		found = found || strings.EqualFold(disposition.Type, "attachment") || param(disposition.Params, "filename") != "" || part.param("name") != ""
	})
	return found
}
