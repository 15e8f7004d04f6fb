package wire

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// decodeWords decodes the encoded words of RFC 2047. Blanks between two of them are dropped. Neighbours of one character set are
// joined before they are decoded: many programs cut a character in two, which RFC 2047 section 5 forbids.
func decodeWords(s string) string {
	out := make([]byte, 0, 256)
	octets := make([]byte, 0, 256) // of the encoded words just read, not decoded yet
	one := make([]byte, 0, 256)    // of one of them
	var charset string
	var enc encoding.Encoding
	pos, begun := 0, false // begun: s[:pos] ends with an encoded word
	for {
		i := strings.Index(s[pos:], "=?")
		if i < 0 {
			break
		}
		i += pos
		w, ok := cutWord(s[i:])
		if ok {
			one, ok = w.decode(one[:0])
		}
		same, next := strings.EqualFold(charset, w.charset), enc
		if ok && !same {
			next, ok = findCharset(w.charset)
		}
		gap := s[pos:i]
		if !ok || !same || !begun || strings.Trim(gap, " \t\r\n") != "" {
			out, octets = appendUTF8(out, enc, octets), octets[:0]
		}
		if !ok {
			out = append(out, s[pos:i+2]...)
			pos, begun = i+2, false
			continue
		}
		if !begun || strings.Trim(gap, " \t\r\n") != "" {
			out = append(out, gap...)
		}
		octets = append(octets, one...)
		charset, enc = w.charset, next
		pos, begun = i+w.size, true
	}
	out = appendUTF8(out, enc, octets)
	return string(append(out, s[pos:]...))
}

// A word is an encoded word.
type word struct {
	charset string
	base64  bool // "B", not "Q"
	text    string
	size    int // of all of it
}

// What is looked at to find the end of an encoded word: RFC 2047 allows 75 octets, programs write more.
const (
	maxCharset  = 64
	maxWordText = 1024
)

// cutWord reads the encoded word that s begins with: "=?" charset ["*" language] "?" ("B" / "Q") "?" text "?=". A character set that
// is not known makes it plain text.
func cutWord(s string) (word, bool) {
	charset, _, ok := strings.Cut(s[2:min(len(s), 2+maxCharset)], "?")
	if !ok || charset == "" || strings.ContainsAny(charset, " \t") {
		return word{}, false
	}
	rest := s[2+len(charset)+1:]
	if len(rest) < 2 || rest[1] != '?' {
		return word{}, false
	}
	text, _, ok := strings.Cut(rest[2:min(len(rest), 2+maxWordText)], "?=")
	if !ok {
		return word{}, false
	}
	w := word{base64: rest[0]|32 == 'b', text: text, size: 2 + len(charset) + 1 + 2 + len(text) + 2}
	w.charset, _, _ = strings.Cut(charset, "*") // RFC 2231 section 5
	return w, w.base64 || rest[0]|32 == 'q'
}

// decode appends the octets of the word.
func (w word) decode(b []byte) ([]byte, bool) {
	if !w.base64 {
		return appendQ(b, w.text)
	}
	var text [maxWordText]byte
	n := copy(text[:], strings.TrimRight(w.text, "="))
	b, err := base64.RawStdEncoding.AppendDecode(b, text[:n])
	return b, err == nil
}

// appendQ appends what the text of a "Q" word stands for.
func appendQ(b []byte, s string) ([]byte, bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '_':
			b = append(b, ' ')
		case '=':
			if i+2 >= len(s) {
				return b, false
			}
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi > 15 || lo > 15 {
				return b, false
			}
			b = append(b, hi<<4|lo)
			i += 2
		default:
			b = append(b, c)
		}
	}
	return b, true
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|32 >= 'a' && c|32 <= 'f':
		return c | 32 - 'a' + 10
	}
	return 16
}

// findCharset looks a character set up by the names that browsers know, then by those of IANA. UTF-8 and its subset are nil.
func findCharset(name string) (encoding.Encoding, bool) {
	if strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "us-ascii") {
		return nil, true
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e, true
	}
	e, err := ianaindex.MIME.Encoding(name)
	return e, err == nil && e != nil
}

// appendUTF8 decodes octets. What is no character becomes U+FFFD.
func appendUTF8(out []byte, enc encoding.Encoding, octets []byte) []byte {
	if table, ok := enc.(*charmap.Charmap); ok {
		for _, c := range octets {
			out = utf8.AppendRune(out, table.DecodeByte(c))
		}
		return out
	}
	if enc != nil {
		if b, err := enc.NewDecoder().Bytes(bytes.Clone(octets)); err == nil {
			return append(out, b...)
		}
	}
	for len(octets) > 0 {
		r, n := utf8.DecodeRune(octets)
		out = utf8.AppendRune(out, r)
		octets = octets[n:]
	}
	return out
}

const maxWord = 75 // octets of an encoded word, RFC 2047 section 2

// encodeWords writes s as encoded words in UTF-8 if it has other than printable ASCII, or what looks like an encoded word.
func encodeWords(s string) string {
	if plainASCII(s) && !strings.Contains(s, "=?") {
		return s
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	const head, tail = "=?utf-8?q?", "?="
	var b strings.Builder
	width := 0
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		if width == 0 || width+3*n+len(tail) > maxWord {
			if width > 0 {
				b.WriteString(tail + " ")
			}
			b.WriteString(head)
			width = len(head)
		}
		for _, c := range []byte(s[i : i+n]) {
			switch {
			case c == ' ':
				b.WriteByte('_')
				width++
			case class[c]&isBase64 != 0:
				b.WriteByte(c)
				width++
			default:
				const hex = "0123456789ABCDEF"
				b.Write([]byte{'=', hex[c>>4], hex[c&15]})
				width += 3
			}
		}
		i += n
	}
	b.WriteString(tail)
	return b.String()
}
