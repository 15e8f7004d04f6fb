package imaptest

import (
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// envelope reads the header of a message as ENVELOPE shows it (RFC 3501 section 7.4.2).
func (e *entity) envelope() *imap.Envelope {
	env := &imap.Envelope{
		From:    e.addresses("From"),
		Sender:  e.addresses("Sender"),
		ReplyTo: e.addresses("Reply-To"),
		To:      e.addresses("To"),
		Cc:      e.addresses("Cc"),
		Bcc:     e.addresses("Bcc"),
	}
	// Both default to From; the server sees to that.
	if env.Sender == nil {
		env.Sender = env.From
	}
	if env.ReplyTo == nil {
		env.ReplyTo = env.From
	}
	if v, ok := headerValue(e.header, "Date"); ok {
		env.Date = imap.Date{Raw: v, Valid: true}
	}
	if v, ok := headerValue(e.header, "Subject"); ok {
		env.Subject = imap.Text{Raw: v, Valid: true}
	}
	if v, ok := headerValue(e.header, "In-Reply-To"); ok {
		env.InReplyTo = wire.NStr(v)
	}
	if v, ok := headerValue(e.header, "Message-ID"); ok {
		env.MessageID = wire.NStr(v)
	}
	return env
}

// addresses reads all header fields with a name as one list of addresses; nil if there are none.
func (e *entity) addresses(name string) []imap.Address {
	var list []imap.Address
	for n, field := range headerFields(e.header) {
		if strings.EqualFold(n, name) {
			list = append(list, parseAddresses(fieldValue(field))...)
		}
	}
	return list
}

// parseAddresses reads an address list. net/mail reads each address but drops the groups, which ENVELOPE marks by an address
// without a host at their start and one without anything at their end; so the list is cut here.
func parseAddresses(list string) []imap.Address {
	var out []imap.Address
	for _, item := range cutAddresses(list) {
		switch {
		case item == ";":
			out = append(out, imap.Address{})
		case strings.HasSuffix(item, ":"):
			out = append(out, imap.Address{Mailbox: wire.NStr(unquotePhrase(strings.TrimSuffix(item, ":")))})
		default:
			out = append(out, parseAddress(item))
		}
	}
	return out
}

// parseAddress reads one address. One that is none is kept whole as the mailbox, so that nobody has to guess what was there.
func parseAddress(item string) imap.Address {
	parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charsetReader}}
	a, err := parser.Parse(item)
	if err != nil {
		return imap.Address{Mailbox: wire.NStr(item), Host: wire.NStr("")}
	}
	at := strings.LastIndexByte(a.Address, '@')
	address := imap.Address{Mailbox: wire.NStr(a.Address[:at]), Host: wire.NStr(a.Address[at+1:])}
	if a.Name != "" {
		address.Name = wire.NewText(a.Name)
	}
	return address
}

// cutAddresses cuts a list at the commas, colons and semicolons that are not within quotes, comments or angle brackets. The
// name of a group keeps its ":", and its end is an item ";".
func cutAddresses(list string) []string {
	var items []string
	start, comment := 0, 0
	quoted, angle := false, false
	add := func(end int) {
		if item := strings.TrimSpace(list[start:end]); item != "" {
			items = append(items, item)
		}
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && (quoted || comment > 0):
			i++
		case quoted:
			quoted = c != '"'
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '"':
			quoted = true
		case c == '<' || c == '>':
			angle = c == '<'
		case angle:
		case c == ',':
			add(i)
			start = i + 1
		case c == ':':
			add(i + 1)
			start = i + 1
		case c == ';':
			add(i)
			items = append(items, ";")
			start = i + 1
		}
	}
	add(len(list))
	return items
}

// unquotePhrase is the text of a display name that may stand in quotes.
func unquotePhrase(phrase string) string {
	phrase = strings.TrimSpace(phrase)
	if len(phrase) >= 2 && phrase[0] == '"' && phrase[len(phrase)-1] == '"' {
		return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(phrase[1 : len(phrase)-1])
	}
	return phrase
}

// charsetReader decodes a charset to UTF-8.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	return enc.NewDecoder().Reader(r), nil
}
