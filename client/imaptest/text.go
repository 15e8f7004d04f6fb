package imaptest

import (
	"bytes"
	"io"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// contains looks for a text in any case.
func contains(text, want string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(want))
}

// headerHas reports whether a field with that name has a text in it, decoded as RFC 2047 says. The empty text is in every field.
func (e *entity) headerHas(name, want string) bool {
	for n, field := range headerFields(e.header) {
		if strings.EqualFold(n, name) && contains(readable(fieldValue(field)), want) {
			return true
		}
	}
	return false
}

// readable is the text of a header field as people read it: decoded as RFC 2047 says, on one line, with one blank at a time.
func readable(field string) string {
	return blanks.ReplaceAllString(imap.Text{Raw: field, Valid: true}.String(), " ")
}

// textHas reports whether the body of a message, or with headers its header too, has a text in it.
func (e *entity) textHas(want string, headers bool) bool {
	found := headers && e.anyHeaderHas(want) || contains(string(e.body), want)
	e.walk(func(part *entity) {
		switch {
		case found:
		case part != e && part.root: // a message within the message
			found = part.anyHeaderHas(want)
		case strings.HasPrefix(part.media, "text/"):
			found = contains(part.text(), want)
		}
	})
	return found
}

// anyHeaderHas looks for a text in all of the header.
func (e *entity) anyHeaderHas(want string) bool {
	for _, field := range headerFields(e.header) {
		if contains(readable(strings.TrimSpace(string(field))), want) {
			return true
		}
	}
	return false
}

// text is the body of a text part without its transfer encoding, in UTF-8. What cannot be decoded is left out.
func (e *entity) text() string {
	octets, known := e.decoded()
	if !known {
		octets = e.body
	}
	if charset := e.param("charset"); charset != "" {
		if r, err := charsetReader(charset, bytes.NewReader(octets)); err == nil {
			octets, _ = io.ReadAll(r) // what is broken ends the text where it breaks
		}
	}
	return string(octets)
}
