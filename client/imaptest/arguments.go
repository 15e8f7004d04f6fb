package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// beyond names an argument of a command that this server has no notion of: the grammar knows extensions that the server does not
// offer, and what is not offered must not be taken in silence. It is empty if there is none.
func beyond(cmd conn.Command) string {
	switch c := cmd.(type) {
	case *imap.Select:
		return some(len(c.Params), "parameters of SELECT")
	case *imap.Examine:
		return some(len(c.Params), "parameters of EXAMINE")
	case *imap.Create:
		return some(len(c.Params), "parameters of CREATE")
	case *imap.Rename:
		return some(len(c.Params), "parameters of RENAME")
	case *imap.List:
		return some(len(c.Select)+len(c.Return)+len(c.Patterns)-1, "options and several patterns of LIST")
	case *imap.Authenticate:
		if c.Empty {
			return "an initial response of AUTHENTICATE"
		}
		return some(len(c.Initial), "an initial response of AUTHENTICATE")
	case *imap.Search:
		if len(c.Return) > 0 {
			return "options of SEARCH"
		}
		return beyondSearch(c.Keys...)
	case *imap.Store:
		if _, flags := c.Change.(imap.StoreFlags); !flags {
			return "anything but flags in STORE"
		}
		return some(len(c.Modifiers), "modifiers of STORE")
	case *imap.Fetch:
		if len(c.Modifiers) > 0 {
			return "modifiers of FETCH"
		}
		return beyondFetch(c.Items)
	}
	return ""
}

// some is what if n is more than none.
func some(n int, what string) string {
	if n > 0 {
		return what
	}
	return ""
}

func beyondFetch(items []imap.FetchAtt) string {
	for _, item := range items {
		switch item := item.(type) {
		case imap.FetchBodySection:
			continue
		case imap.FetchAttName:
			if slices.Contains(fetchNames, item) {
				continue
			}
		}
		return "the item " + item.Keyword() + " of FETCH"
	}
	return ""
}

func beyondSearch(keys ...imap.SearchKey) string {
	for _, key := range keys {
		what := ""
		switch key := key.(type) {
		case imap.SearchNot:
			what = beyondSearch(key.Key)
		case imap.SearchOr:
			what = beyondSearch(key.Left, key.Right)
		case imap.SearchAnd:
			what = beyondSearch(key...)
		case imap.SearchKeyName:
			if searchNames[key] == nil {
				what = "the key " + key.Keyword() + " of SEARCH"
			}
		case imap.SearchSet, imap.SearchUID, imap.SearchKeyword, imap.SearchUnkeyword, imap.SearchLarger, imap.SearchSmaller,
			imap.SearchBefore, imap.SearchOn, imap.SearchSince, imap.SearchSentBefore, imap.SearchSentOn, imap.SearchSentSince,
			imap.SearchBcc, imap.SearchBody, imap.SearchCc, imap.SearchFrom, imap.SearchHeader, imap.SearchSubject, imap.SearchText, imap.SearchTo:
		default:
			what = "the key " + key.Keyword() + " of SEARCH"
		}
		if what != "" {
			return what
		}
	}
	return ""
}
