package imaptest

import (
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// cutParams parts the value of a Content-Type or Content-Disposition: what comes first, and the parameters in their order, as they
// stand there but for quotes and comments. IMAP hands them out so, which package mime cannot: it joins and decodes the parts of
// RFC 2231, drops the order, and refuses all when one is wrong. One that is wrong is left out here.
func cutParams(value string) (first string, params []imap.Param) {
	for i, item := range cutItems(value, ';') {
		if i == 0 {
			first = item
			continue
		}
		name, text, found := strings.Cut(item, "=")
		if name = strings.TrimSpace(name); found && name != "" {
			params = append(params, imap.Param{Name: name, Value: unquote(strings.TrimSpace(text))})
		}
	}
	return first, params
}

// param is the value of the first parameter with that name; empty if there is none.
func param(params []imap.Param, name string) string {
	for _, p := range params {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

// cutItems cuts a value at the separators that stand neither in quotes nor in comments, and leaves the comments out.
func cutItems(value string, separator byte) []string {
	var items []string
	var item strings.Builder
	quoted, comment := false, 0
	for i := 0; i < len(value); i++ {
		c := value[i]
		escaped := c == '\\' && (quoted || comment > 0) && i+1 < len(value)
		switch {
		case escaped && comment > 0:
			i++
			continue
		case escaped:
			item.WriteByte(c)
			i++
			c = value[i]
		case quoted:
			quoted = c != '"'
		case c == '(':
			comment++
			continue
		case c == ')' && comment > 0:
			comment--
			continue
		case comment > 0:
			continue
		case c == '"':
			quoted = true
		case c == separator:
			items = append(items, strings.TrimSpace(item.String()))
			item.Reset()
			continue
		}
		item.WriteByte(c)
	}
	return append(items, strings.TrimSpace(item.String()))
}

// unquote takes the quotes off a text that stands in them. A quote that is never closed counts to the end.
func unquote(text string) string {
	inner, quoted := strings.CutPrefix(text, `"`)
	if !quoted {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(inner) && inner[i] != '"'; i++ {
		if inner[i] == '\\' && i+1 < len(inner) {
			i++
		}
		out.WriteByte(inner[i])
	}
	return out.String()
}
