package wire

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Inbox is the name of the mailbox that every user has. In other cases it is the same mailbox, and is given so.
const Inbox = "INBOX"

// A name that is not modified UTF-7, or that would be written in another way, cannot be decoded and sent back: the server would not
// know it. It is kept as it came, behind an octet that no UTF-8 has.
const rawMark = "\xff"

// RawMailbox gives the name of the mailbox whose octets on the wire are raw. They are sent as they are.
func RawMailbox(raw string) string { return rawMark + raw }

// IsRawMailbox tells whether the name holds the octets of the wire, because they could not be decoded. They follow the first octet.
func IsRawMailbox(name string) bool { return strings.HasPrefix(name, rawMark) }

// mailboxName decodes the octets of the wire, and tells whether they are as they should be. In UTF-8 mode names are not encoded (RFC
// 6855 section 3).
func mailboxName(raw string, utf8Mode bool) (name string, ok bool) {
	if len(raw) == len(Inbox) && strings.EqualFold(raw, Inbox) {
		return Inbox, true
	}
	if plainASCII(raw) && (utf8Mode || strings.IndexByte(raw, '&') < 0) {
		return raw, true
	}
	name, ok = raw, utf8.ValidString(raw)
	if !utf8Mode {
		var err error
		name, err = DecodeUTF7(raw)
		ok = err == nil
	}
	if !ok || hasControl(name) {
		return RawMailbox(raw), ok
	}
	return name, true
}

// hasControl tells that a name has a control character. The Encoder refuses such names: servers are known to decode what they do not
// find and to put it into the text of their answer, where it begins a line of its own.
func hasControl(name string) bool {
	for i := range len(name) {
		if name[i] < 0x20 || name[i] == 0x7f {
			return true
		}
	}
	return false
}

// SetUTF8 tells that the peer sends mailbox names in UTF-8, because UTF8=ACCEPT or IMAP4rev2 is enabled. By default they are taken
// for modified UTF-7.
func (d *Decoder) SetUTF8(on bool) { d.utf8 = on }

// Mailbox reads the name of a mailbox and decodes it. A name that cannot be decoded is kept raw (see RawMailbox).
func (d *Decoder) Mailbox() string { return d.mailbox("mailbox", isAstring) }

// ListMailbox reads the pattern of LIST: a name with wildcards.
func (d *Decoder) ListMailbox() string { return d.mailbox("list-mailbox", isPattern) }

func (d *Decoder) mailbox(rule string, classes uint8) string {
	// Nearly all names are so: in quotes, printable ASCII, nothing encoded, and not INBOX.
	if b := d.plainQuoted(); len(b) > len(Inbox) && (d.utf8 || bytes.IndexByte(b, '&') < 0) && bytes.IndexByte(b, 0x7f) < 0 {
		i := d.pos + 1
		d.pos = i + len(b) + 1
		return d.str(i, i+len(b))
	}
	var raw string
	at := d.pos
	if c := d.Peek(); c == '"' || c == '{' || c == '~' && d.PeekAt(1) == '{' {
		raw, _ = d.astring(rule, classes)
	} else {
		i := d.pos
		j := span(d.buf, i, classes)
		if j == len(d.buf) || class[d.buf[j]]&endsQuote == 0 || j == i {
			j = d.oddName(rule, j)
		}
		if j == i {
			d.Fail(rule, "the name of a mailbox")
		}
		if d.err != nil {
			return ""
		}
		d.pos = j
		if equalFold(d.buf[i:j], Inbox) {
			return Inbox
		}
		raw = d.str(i, j)
	}
	if d.err != nil {
		return ""
	}
	name, ok := mailboxName(raw, d.utf8)
	if !ok && !d.deviateAt(at, rule, "a name in the encoding that is in force") {
		return ""
	}
	return name
}

// plainQuoted gives what the quoted string at the cursor holds if it is ASCII without escapes and controls (DEL aside). It does not
// move the cursor.
func (d *Decoder) plainQuoted() []byte {
	if d.Peek() != '"' {
		return nil
	}
	i := d.pos + 1
	j := scanPlain(d.buf, i)
	if j+1 >= len(d.buf) || d.buf[j] != '"' || class[d.buf[j+1]]&endsQuote == 0 {
		return nil
	}
	return d.buf[i:j]
}

// oddName finds the end of a bare name with octets that no atom has (QUIRKS Q74: TABs and blanks): that of the line, or a list.
func (d *Decoder) oddName(rule string, j int) int {
	if j >= len(d.buf) || class[d.buf[j]]&endsItem != 0 || d.buf[j] == '(' || d.buf[j] == '"' || !d.deviate(rule, "an atom or a string") {
		return j
	}
	rest := d.buf[j:]
	if n := bytes.IndexAny(rest, "\r\n"); n >= 0 {
		rest = rest[:n]
	}
	if n := bytes.Index(rest, []byte(" (")); n >= 0 {
		rest = rest[:n]
	}
	return j + len(bytes.TrimRight(rest, " "))
}
