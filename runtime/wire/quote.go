package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// QuoteText gives text of a server for errors and logs: control characters, invalid UTF-8 and what changes the direction or the shape
// of text is written as an escape, so that it cannot move the cursor, end the line or hide what follows. A backslash is doubled.
func QuoteText(s string) string {
	i := 0
	for i < len(s) && s[i] >= 0x20 && s[i] < 0x7f && s[i] != '\\' {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == utf8.RuneError && n == 1, r < 0x80 && !unicode.IsPrint(r):
			escape(&b, s[i])
		case !unicode.IsPrint(r):
			b.WriteString(`\u{`)
			for shift := 20; shift >= 0; shift -= 4 {
				if r>>shift != 0 || shift == 0 {
					b.WriteByte("0123456789abcdef"[r>>shift&15])
				}
			}
			b.WriteByte('}')
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// QuoteShort gives a word or two of a server, such as a keyword, as QuoteText does. What is longer than those ever are is cut short.
func QuoteShort(s string) string {
	if len(s) <= maxShort {
		return QuoteText(s)
	}
	return QuoteText(s[:maxShort]) + "..."
}

const maxShort = 256

// Hide gives what is printed in the place of a secret; one that is absent stays so.
func Hide[T ~string | ~[]byte](secret T) T {
	if len(secret) == 0 {
		return secret
	}
	return T("***")
}

func escape(b *strings.Builder, c byte) {
	switch c {
	case '\r':
		b.WriteString(`\r`)
	case '\n':
		b.WriteString(`\n`)
	case '\t':
		b.WriteString(`\t`)
	default:
		b.WriteString(`\x`)
		b.WriteByte("0123456789abcdef"[c>>4])
		b.WriteByte("0123456789abcdef"[c&15])
	}
}
