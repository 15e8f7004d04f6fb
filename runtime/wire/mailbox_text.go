package wire

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// MailboxText gives the name of a mailbox for people to read. A name that is kept raw is decoded as far as it can be: ASCII in base64,
// a lone "&" and 8-bit octets stand for themselves, controls become U+FFFD. Two names may read alike; it is no name to send.
func MailboxText(name string) string {
	if !IsRawMailbox(name) {
		return name
	}
	raw := name[len(rawMark):]
	if !utf8.ValidString(raw) {
		raw = latin1(raw)
	}
	var b strings.Builder
	for raw != "" {
		text, rest, found := strings.Cut(raw, "&")
		b.WriteString(text)
		raw = rest
		if !found {
			break
		}
		run, after, ended := strings.Cut(rest, "-")
		units, ok := looseUTF16(run)
		switch {
		case !ended || !ok:
			b.WriteByte('&')
		case run == "":
			b.WriteByte('&')
			raw = after
		default:
			b.WriteString(string(utf16.Decode(units)))
			raw = after
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, b.String())
}

// looseUTF16 decodes what stands between "&" and "-", whatever characters it gives.
func looseUTF16(s string) (units []uint16, ok bool) {
	var bits uint32
	count := 0
	for i := range len(s) {
		v := base64Value(s[i])
		if v < 0 {
			return nil, false
		}
		bits = bits<<6 | uint32(v)
		if count += 6; count >= 16 {
			count -= 16
			units = append(units, uint16(bits>>count))
		}
	}
	return units, true
}
