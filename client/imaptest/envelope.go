package imaptest

import (
	"fmt"
	"io"
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

// parseAddresses reads an address list. ENVELOPE gives names as they stand in the header, marks groups by an address without a host
// at their start and one without anything at their end, and has to say something of what is no address at all; net/mail decodes
// names, drops groups and refuses the whole list. So it is read here.
func parseAddresses(list string) []imap.Address {
	var out []imap.Address
	for _, item := range cutAddresses(list) {
		switch {
		case item == ";":
			out = append(out, imap.Address{})
		case strings.HasSuffix(item, ":"):
			out = append(out, imap.Address{Mailbox: wire.NStr(unquote(strings.TrimSpace(strings.TrimSuffix(item, ":"))))})
		default:
			out = append(out, parseAddress(item))
		}
	}
	return out
}

// parseAddress reads one address: "name <a@b>", or the older "a@b (name)". One without a host is kept whole as the mailbox, so that
// nobody has to guess what was there.
func parseAddress(item string) imap.Address {
	name, spec := "", item
	if at := strings.LastIndexByte(item, '<'); at >= 0 {
		name, spec = strings.TrimSpace(item[:at]), strings.TrimSpace(item[at+1:])
		spec = strings.TrimSpace(strings.TrimSuffix(spec, ">"))
	} else if before, comment, found := strings.Cut(item, "("); found && strings.HasSuffix(comment, ")") {
		name, spec = strings.TrimSuffix(comment, ")"), strings.TrimSpace(before)
	}
	var address imap.Address
	if name = unquote(name); name != "" {
		address.Name = imap.Text{Raw: name, Valid: true}
	}
	if route, rest, found := strings.Cut(spec, ":"); found && strings.HasPrefix(route, "@") { // RFC 5322 section 4.4
		address.Adl, spec = wire.NStr(route), rest
	}
	mailbox, host := spec, ""
	if at := strings.LastIndexByte(spec, '@'); at >= 0 {
		mailbox, host = spec[:at], spec[at+1:]
	}
	address.Mailbox, address.Host = wire.NStr(unquote(mailbox)), wire.NStr(host)
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

// charsetReader decodes a charset to UTF-8.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	return enc.NewDecoder().Reader(r), nil
}
