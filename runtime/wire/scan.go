package wire

import (
	"encoding/binary"
	"math/bits"
)

// Classes of octets, one bit each (RFC 3501 section 9).
const (
	isAtom    = 1 << iota // ATOM-CHAR
	isAstring             // ASTRING-CHAR: ATOM-CHAR and "]"
	isPattern             // list-char: ASTRING-CHAR and the wildcards
	isDigit               // DIGIT
	isName                // the name of a FETCH item, brackets and partial included
	isBase64              // base64-char, without the padding
	endsQuote             // what may follow the closing quote of a string
	endsItem              // SP, ")", "]", CR, LF: no element follows the SP before it
)

var class = buildClasses()

func buildClasses() (t [256]uint8) {
	for c := 0x21; c < 0x7f; c++ {
		switch c {
		case '"', '%', '(', ')', '*', '\\', '{':
		case ']':
			t[c] |= isAstring | isPattern
		default:
			t[c] |= isAtom | isAstring | isPattern
		}
	}
	t['%'] |= isPattern
	t['*'] |= isPattern
	for c := 0; c < 256; c++ {
		alnum := c >= '0' && c <= '9' || c|32 >= 'a' && c|32 <= 'z' && c < 0x80
		if c >= '0' && c <= '9' {
			t[c] |= isDigit
		}
		if alnum {
			t[c] |= isName | isBase64
		}
	}
	for _, c := range []byte(".-_[]<>") {
		t[c] |= isName
	}
	for _, c := range []byte("+/") {
		t[c] |= isBase64
	}
	for _, c := range []byte(" )]\r\n(") {
		t[c] |= endsQuote
	}
	for _, c := range []byte(" )]\r\n") {
		t[c] |= endsItem
	}
	return t
}

// upper maps the octets of a keyword to upper case, all others to 0. A keyword has no "[": it begins a section or a response code.
var upper = buildUpper()

func buildUpper() (t [256]byte) {
	for c := range t {
		if class[c]&isAtom == 0 || c == '[' {
			continue
		}
		t[c] = byte(c)
		if c >= 'a' && c <= 'z' {
			t[c] = byte(c - 32)
		}
	}
	return t
}

// capital tells of the octets of a keyword those that are no lower-case letters.
var capital = buildCapital()

func buildCapital() (t [256]bool) {
	for c, u := range upper {
		t[c] = u != 0 && u == byte(c)
	}
	return t
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanPlain gives the index in b, from i on, of the first octet that is a quote, a backslash, a control or 8-bit; len(b) if there
// is none. Eight octets at a time: strings are most of an ENVELOPE.
func scanPlain(b []byte, i int) int {
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		q := x ^ '"'*ones
		s := x ^ '\\'*ones
		// The lowest bit set is exact; the ones above may come from a borrow.
		m := ((q-ones)&^q | (s-ones)&^s | (x-0x20*ones)&^x | x) & highs
		if m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(b) {
		if c := b[i]; c == '"' || c == '\\' || c < 0x20 || c >= 0x80 {
			return i
		}
		i++
	}
	return i
}

// eight gives eight octets of s. The compiler makes one load of it.
func eight(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// plainHeader tells that s has neither 8-bit octets nor "=": it is what it looks like, no encoded word is in it.
func plainHeader(s string) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		e := x ^ '='*ones
		if ((e-ones)&^e|x)&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] == '=' || s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// span gives the end of the run of octets of the classes that begins at i.
func span(b []byte, i int, classes uint8) int {
	for i < len(b) && class[b[i]]&classes != 0 {
		i++
	}
	return i
}

// all tells whether s is not empty and has octets of the classes only.
func all(s string, classes uint8) bool {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&classes == 0 {
			return false
		}
	}
	return s != ""
}

// equalFold compares octets with an upper-case keyword.
func equalFold(b []byte, keyword string) bool {
	if len(b) != len(keyword) {
		return false
	}
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			c -= 32
		}
		if c != keyword[i] {
			return false
		}
	}
	return true
}

// lineEnd tells whether a line ends at i: CRLF, a lone LF, or the end of b.
func lineEnd(b []byte, i int) bool {
	return i >= len(b) || b[i] == '\n' || b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n'
}

// lookAhead bounds the search for the next bare quote: without it, a frame of escaped quotes would be searched once for each.
const lookAhead = 256

// closeQuote finds the closing quote of the string whose opening quote stands before b[i], within the rest of b.
//
// Servers forget to escape (QUIRKS Q39 to Q41): a quote closes only where a string may end, else it is text; and an escaped quote
// closes where the next bare quote opens another string. Neither can happen in a string that is written as RFC 3501 says.
func closeQuote(b []byte, i int) (end int, ok bool) {
	bare := -1 // the next quote without a backslash
	for i < len(b) {
		switch b[i] {
		case '"':
			if i+1 == len(b) || class[b[i+1]]&endsQuote != 0 {
				return i, true
			}
			i++
		case '\\':
			if i+1 < len(b) && b[i+1] == '"' && i+2 < len(b) && class[b[i+2]]&endsQuote != 0 {
				if bare < i+2 {
					bare = nextBare(b[:min(len(b), i+lookAhead)], i+2)
				}
				if bare == len(b) || bare+1 < len(b) && b[bare] == '"' && class[b[bare-1]]&endsQuote != 0 && class[b[bare+1]]&endsQuote == 0 {
					return i + 1, true
				}
			}
			i += 2
		default:
			i = scanPlain(b, i)
			if i < len(b) && b[i] != '"' && b[i] != '\\' {
				i++
			}
		}
	}
	return len(b), false
}

// nextBare gives the index of the next quote in b that no backslash escapes, or len(b).
func nextBare(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case '"':
			return i
		case '\\':
			i += 2
		default:
			i = scanPlain(b, i)
			if i < len(b) && b[i] != '"' && b[i] != '\\' {
				i++
			}
		}
	}
	return len(b)
}
