package wire

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Modified UTF-7 (RFC 3501 section 5.1.3): printable ASCII is itself, "&" is "&-", and all else is UTF-16 in base64 with "," for "/",
// without padding, between "&" and "-".

var utf7Base64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

var errUTF7 = errors.New("not modified UTF-7")

// EncodeUTF7 encodes a mailbox name. Octets that are not UTF-8 become U+FFFD.
func EncodeUTF7(s string) string {
	i := 0
	for i < len(s) && s[i] >= 0x20 && s[i] < 0x7f && s[i] != '&' {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		c := s[i]
		if c >= 0x20 && c < 0x7f {
			if b.WriteByte(c); c == '&' {
				b.WriteByte('-')
			}
			i++
			continue
		}
		var units []byte
		for i < len(s) && (s[i] < 0x20 || s[i] >= 0x7f) {
			r, n := utf8.DecodeRuneInString(s[i:])
			if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
				units = append(units, byte(hi>>8), byte(hi), byte(lo>>8), byte(lo))
			} else {
				units = append(units, byte(r>>8), byte(r))
			}
			i += n
		}
		b.WriteByte('&')
		b.WriteString(utf7Base64.EncodeToString(units))
		b.WriteByte('-')
	}
	return b.String()
}

// DecodeUTF7 decodes a mailbox name. It fails on what EncodeUTF7 would not have written: ASCII in base64 (which would let two names
// look like one, and "&AC4ALg-" be ".."), lone surrogates, adjacent base64 runs, 8-bit octets.
func DecodeUTF7(s string) (string, error) {
	if strings.IndexByte(s, '&') < 0 && plainASCII(s) {
		return s, nil
	}
	out := make([]byte, 0, 128)
	shifted := -1 // where the last base64 run ended
	for i := 0; i < len(s); {
		c := s[i]
		if c < 0x20 || c >= 0x7f {
			return "", errUTF7
		}
		i++
		if c != '&' {
			out = append(out, c)
			continue
		}
		n := strings.IndexByte(s[i:], '-')
		switch {
		case n < 0 || n > 0 && i-1 == shifted:
			return "", errUTF7
		case n == 0:
			out = append(out, '&')
		default:
			var ok bool
			if out, ok = decodeShifted(out, s[i:i+n]); !ok {
				return "", errUTF7
			}
			shifted = i + n + 1
		}
		i += n + 1
	}
	return string(out), nil
}

// decodeShifted appends what stands between "&" and "-".
func decodeShifted(out []byte, s string) ([]byte, bool) {
	var bits uint32 // the last ones read
	count := 0      // of these, not used yet
	high := rune(0) // the first half of a surrogate pair
	for i := range len(s) {
		v := base64Value(s[i])
		if v < 0 {
			return out, false
		}
		bits = bits<<6 | uint32(v)
		if count += 6; count < 16 {
			continue
		}
		count -= 16
		r := rune(bits >> count & 0xffff)
		switch {
		case high != 0:
			if r = utf16.DecodeRune(high, r); r == utf8.RuneError {
				return out, false
			}
			high = 0
		case utf16.IsSurrogate(r):
			high = r // if it is a second half, no pair will come of it
			continue
		case r >= 0x20 && r < 0x7f:
			return out, false
		}
		out = utf8.AppendRune(out, r)
	}
	// What is left must be less than an octet of base64, and 0.
	return out, high == 0 && count < 6 && bits&(1<<count-1) == 0
}

// base64Value gives the value of an octet of modified base64, below 0 if it is none.
func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == ',':
		return 63
	}
	return -1
}

// plainASCII tells that s is printable ASCII.
func plainASCII(s string) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := eight(s, i)
		if ((x-0x20*ones)&^x|(x+ones)|x)&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
