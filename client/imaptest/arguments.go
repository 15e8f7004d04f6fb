package imaptest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// The arguments that this server knows, by their keywords, and the capability that each belongs to; the base has no name. The
// grammar may know more, and what is not offered must not be taken in silence.
var (
	fetchArguments = map[string]imap.Cap{
		"UID": "", "FLAGS": "", "INTERNALDATE": "", "RFC822.SIZE": "", "ENVELOPE": "", "RFC822": "", "RFC822.HEADER": "",
		"RFC822.TEXT": "", "BODY": "", "BODYSTRUCTURE": "", "BINARY": imap.CapBinary, "BINARY.SIZE": imap.CapBinary,
		"MODSEQ": imap.CapCondstore, "X-GM-MSGID": imap.CapXGmExt1, "X-GM-THRID": imap.CapXGmExt1, "X-GM-LABELS": imap.CapXGmExt1,
	}
	fetchModifiers = map[string]imap.Cap{"CHANGEDSINCE": imap.CapCondstore, "VANISHED": imap.CapQresync}
	storeModifiers = map[string]imap.Cap{"UNCHANGEDSINCE": imap.CapCondstore}
	selectParams   = map[string]imap.Cap{"CONDSTORE": imap.CapCondstore, "QRESYNC": imap.CapQresync}
	createParams   = map[string]imap.Cap{"USE": imap.CapCreateSpecialUse}
	listSelects    = map[string]imap.Cap{
		"SUBSCRIBED": imap.CapListExtended, "REMOTE": imap.CapListExtended, "RECURSIVEMATCH": imap.CapListExtended,
		"SPECIAL-USE": imap.CapSpecialUse,
	}
	listReturns = map[string]imap.Cap{
		"SUBSCRIBED": imap.CapListExtended, "CHILDREN": imap.CapListExtended, "STATUS": imap.CapListStatus,
		"SPECIAL-USE": imap.CapSpecialUse,
	}
	searchReturns = map[string]imap.Cap{
		"MIN": imap.CapEsearch, "MAX": imap.CapEsearch, "ALL": imap.CapEsearch, "COUNT": imap.CapEsearch,
		"SAVE": imap.CapSearchres,
	}
	searchArguments = map[string]imap.Cap{
		"ANSWERED": "", "DELETED": "", "DRAFT": "", "FLAGGED": "", "SEEN": "", "UNANSWERED": "", "UNDELETED": "", "UNDRAFT": "",
		"UNFLAGGED": "", "UNSEEN": "", "RECENT": "", "OLD": "", "NEW": "", "ALL": "", "KEYWORD": "", "UNKEYWORD": "", "LARGER": "",
		"SMALLER": "", "BEFORE": "", "ON": "", "SINCE": "", "SENTBEFORE": "", "SENTON": "", "SENTSINCE": "", "BCC": "", "BODY": "",
		"CC": "", "FROM": "", "HEADER": "", "SUBJECT": "", "TEXT": "", "TO": "", "UID": "", "NOT": "", "OR": "",
		"MODSEQ": imap.CapCondstore, "X-GM-MSGID": imap.CapXGmExt1, "X-GM-THRID": imap.CapXGmExt1, "X-GM-LABELS": imap.CapXGmExt1,
		"X-GM-RAW": imap.CapXGmExt1,
	}
	sortKeys  = []imap.SortKey{imap.SortArrival, imap.SortCc, imap.SortDate, imap.SortFrom, imap.SortSize, imap.SortSubject, imap.SortTo}
	threading = map[imap.ThreadAlg]imap.Cap{
		imap.ThreadOrderedsubject: imap.CapThreadOrderedsubject, imap.ThreadReferences: imap.CapThreadReferences,
	}
)

// beyond names an argument of a command that this server has no notion of, or does not offer. It is empty if there is none.
func (s *session) beyond(cmd conn.Command) string {
	switch c := cmd.(type) {
	case *imap.Select:
		return unknown(s, "the parameter %s of SELECT", c.Params, selectParams)
	case *imap.Examine:
		return unknown(s, "the parameter %s of EXAMINE", c.Params, selectParams)
	case *imap.Create:
		return unknown(s, "the parameter %s of CREATE", c.Params, createParams)
	case *imap.Rename:
		return unknown(s, "the parameter %s of RENAME", c.Params, nil)
	case *imap.Authenticate:
		if (c.Empty || len(c.Initial) > 0) && !s.offers(imap.CapSaslIr) {
			return "an initial response of AUTHENTICATE"
		}
	case *imap.Append:
		return s.beyondAppend(c)
	case *imap.List:
		return s.beyondList(c)
	case *imap.Search:
		return cmp.Or(unknown(s, "the option %s of SEARCH", c.Return, searchReturns), s.beyondSearch(c.Keys))
	case *imap.Sort:
		for _, criterion := range c.Criteria {
			if !slices.Contains(sortKeys, criterion.Key) {
				return "the criterion " + string(criterion.Key) + " of SORT"
			}
		}
		return s.beyondSearch(c.Keys)
	case *imap.Thread:
		if capability, known := threading[c.Algorithm]; !known || !s.offers(capability) {
			return "the algorithm " + string(c.Algorithm) + " of THREAD"
		}
		return s.beyondSearch(c.Keys)
	case *imap.Store:
		if _, labels := c.Change.(imap.StoreGmLabels); labels && !s.offers(imap.CapXGmExt1) {
			return "X-GM-LABELS of STORE"
		}
		return cmp.Or(s.saved(c.Set), unknown(s, "the modifier %s of STORE", c.Modifiers, storeModifiers))
	case *imap.Fetch:
		return cmp.Or(s.saved(c.Set), unknown(s, "the item %s of FETCH", c.Items, fetchArguments),
			unknown(s, "the modifier %s of FETCH", c.Modifiers, fetchModifiers))
	case *imap.Copy:
		return s.saved(c.Set)
	case *imap.Move:
		return s.saved(c.Set)
	case *imap.UIDExpunge:
		return s.saved(c.Set)
	}
	return ""
}

func (s *session) beyondAppend(c *imap.Append) string {
	if len(c.Messages) > 1 && !s.offers(imap.CapMultiAppend) {
		return "several messages in one APPEND"
	}
	for _, m := range c.Messages {
		if what := unknown(s, "the argument %s of APPEND", m.Extensions, nil); what != "" {
			return what
		}
		if _, plain := m.Data.(imap.AppendLiteral); !plain {
			return "this form of APPEND"
		}
	}
	return ""
}

func (s *session) beyondList(c *imap.List) string {
	if len(c.Patterns) > 1 && !s.offers(imap.CapListExtended) {
		return "several patterns of LIST"
	}
	return cmp.Or(unknown(s, "the option %s of LIST", c.Select, listSelects), unknown(s, "the option %s of LIST", c.Return, listReturns))
}

func (s *session) beyondSearch(keys []imap.SearchKey) string {
	for _, key := range keys {
		what := ""
		switch key := key.(type) {
		case imap.SearchNot:
			what = s.beyondSearch([]imap.SearchKey{key.Key})
		case imap.SearchOr:
			what = s.beyondSearch([]imap.SearchKey{key.Left, key.Right})
		case imap.SearchAnd:
			what = s.beyondSearch(key)
		case imap.SearchSet:
			what = s.saved(imap.NumSet(key))
		case imap.SearchUID:
			what = s.saved(imap.NumSet(key))
		default:
			what = unknown(s, "the key %s of SEARCH", []imap.SearchKey{key}, searchArguments)
		}
		if raw, is := key.(imap.SearchXGmRaw); is && what == "" {
			_, what = parseQuery(string(raw))
		}
		if what != "" {
			return what
		}
	}
	return ""
}

// unknown gives the form with the first of the arguments that is not among the known ones, or whose capability is not offered.
func unknown[A interface{ Keyword() string }](s *session, form string, arguments []A, known map[string]imap.Cap) string {
	for _, a := range arguments {
		if capability, found := known[a.Keyword()]; !found || !s.offers(capability) {
			return fmt.Sprintf(form, a.Keyword())
		}
	}
	return ""
}

// saved names "$", the result of an earlier SEARCH (RFC 5182), where it is not offered.
func (s *session) saved(set imap.NumSet) string {
	if set.IsSaved() && !s.offers(imap.CapSearchres) {
		return "the set $"
	}
	return ""
}
