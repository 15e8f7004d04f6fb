package wire

import (
	"bytes"
	"unicode/utf8"
)

// token is the kind of octets that a string came as.
type token uint8

const (
	tokenNone    token = iota
	tokenAtom          // 1*ASTRING-CHAR, or a wider run
	tokenQuoted        // a quoted string
	tokenLiteral       // a literal
)

// Quoted reads a quoted string.
func (d *Decoder) Quoted() string {
	if d.Peek() != '"' {
		d.Fail("quoted", `"`)
		return ""
	}
	return d.quotedText("quoted")
}

// String reads a quoted string or a literal.
func (d *Decoder) String() string {
	switch d.Peek() {
	case '"':
		return d.quotedText("string")
	case '{', '~':
		s, _ := d.literal("string")
		return s
	}
	d.Fail("string", "a string")
	return ""
}

// Nstring reads a string or NIL.
func (d *Decoder) Nstring() NString {
	if d.Peek() == '"' {
		s := d.quotedText("nstring")
		return NString{Value: s, Valid: d.err == nil}
	}
	s, kind := d.nstring("nstring")
	return NString{Value: s, Valid: kind != tokenNone}
}

// nstring reads a string, or NIL, which is tokenNone.
func (d *Decoder) nstring(rule string) (string, token) {
	var s string
	kind := tokenNone
	switch c := d.Peek(); {
	case c == '"':
		s, kind = d.quoted(rule), tokenQuoted
	case c == '{', c == '~' && d.PeekAt(1) == '{':
		s, _ = d.literal(rule)
		kind = tokenLiteral
	default:
		if !d.takeNil() {
			d.Fail(rule, "a string or NIL")
		}
	}
	if d.err != nil {
		return "", tokenNone
	}
	return s, kind
}

// Nil reads NIL.
func (d *Decoder) Nil() {
	if !d.takeNil() {
		d.Fail("nil", "NIL")
	}
}

// takeNil takes NIL, in any case, where no longer word stands.
func (d *Decoder) takeNil() bool {
	b := d.buf[d.pos:]
	if len(b) < 3 || b[0]|32 != 'n' || b[1]|32 != 'i' || b[2]|32 != 'l' || len(b) > 3 && class[b[3]]&isAtom != 0 {
		return false
	}
	d.pos += 3
	return true
}

// Astring reads an atom (which may have "]"), a quoted string or a literal.
func (d *Decoder) Astring() string {
	if d.Peek() == '"' {
		return d.quotedText("astring")
	}
	s, _ := d.astring("astring", isAstring)
	return s
}

func (d *Decoder) astring(rule string, classes uint8) (string, token) {
	var s string
	kind := tokenAtom
	switch c := d.Peek(); {
	case c == '"':
		s, kind = d.quoted(rule), tokenQuoted
	case c == '{', c == '~' && d.PeekAt(1) == '{':
		s, _ = d.literal(rule)
		kind = tokenLiteral
	default:
		i := d.pos
		j := span(d.buf, i, classes)
		if j == i {
			d.Fail(rule, "an atom or a string")
			return "", tokenNone
		}
		d.pos = j
		s = d.str(i, j)
	}
	if d.err != nil {
		return "", tokenNone
	}
	return s, kind
}

// Atom reads an atom.
func (d *Decoder) Atom() string { return d.run("atom", isAtom) }

func (d *Decoder) run(rule string, classes uint8) string {
	i := d.pos
	j := span(d.buf, i, classes)
	if j == i {
		d.Fail(rule, "an atom")
		return ""
	}
	d.pos = j
	return d.str(i, j)
}

// Charset reads the name of a character set: an atom or a quoted string.
func (d *Decoder) Charset() string {
	if d.Peek() == '"' {
		return d.Quoted()
	}
	return d.run("charset", isAtom)
}

// quoted reads a quoted string whose opening quote is at the cursor. 8-bit octets are kept as they are.
func (d *Decoder) quoted(rule string) string {
	i := d.pos + 1
	if j := scanPlain(d.buf, i); j+1 < len(d.buf) && d.buf[j] == '"' && class[d.buf[j+1]]&endsQuote != 0 {
		d.pos = j + 1
		return d.str(i, j)
	}
	return d.quotedSlow(rule)
}

// quotedText is quoted, with octets that are no UTF-8 made readable. The fast path has seen ASCII only.
func (d *Decoder) quotedText(rule string) string {
	i := d.pos + 1
	if j := scanPlain(d.buf, i); j+1 < len(d.buf) && d.buf[j] == '"' && class[d.buf[j+1]]&endsQuote != 0 {
		d.pos = j + 1
		return d.str(i, j)
	}
	return d.readable(d.quotedSlow(rule))
}

// quotedSlow is quoted for strings with escapes, with 8-bit or control octets, and for broken ones.
func (d *Decoder) quotedSlow(rule string) string {
	i := d.pos + 1
	j, ok := closeQuote(d.buf, i)
	if !ok {
		d.Fail(rule, "a closing quote")
		return ""
	}
	escaped := false
	b := d.buf[i:j]
	for k := scanPlain(b, 0); k < len(b); k = scanPlain(b, k+1) {
		want := ""
		switch c := b[k]; {
		case c == '\\' && k+1 < len(b) && (b[k+1] == '"' || b[k+1] == '\\'):
			escaped = true
			k++
		case c == '\\':
			want = `\" or \\`
		case c == '"':
			want = "an escaped quote"
		case c == '\r', c == '\n', c == 0:
			want = "no CR, LF or NUL in a quoted string"
		}
		if want != "" && !d.deviateAt(i+k, rule, want) {
			return ""
		}
		if b[k] == '\r' && k+1 < len(b) && b[k+1] == '\n' {
			k++
		}
	}
	if !utf8.Valid(b) && !d.deviateAt(i, rule, "UTF-8") {
		return ""
	}
	d.pos = j + 1
	if !escaped {
		return d.str(i, j)
	}
	return unescape(b)
}

func (d *Decoder) deviateAt(pos int, rule, want string) bool {
	if !d.strict {
		d.warnAt(pos, rule, want)
		return true
	}
	d.pos = pos
	d.Fail(rule, want)
	return false
}

// unescape takes the backslash off quotes and backslashes; before anything else it is text.
func unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) && (b[i+1] == '"' || b[i+1] == '\\') {
			i++
		}
		out = append(out, b[i])
	}
	return string(out)
}

// readable gives a quoted string as UTF-8: octets that are not are taken for Latin-1, as most that are met mean it.
func (d *Decoder) readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return latin1(s)
}

func latin1(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

// literal reads a literal. The octets come as a string.
func (d *Decoder) literal(rule string) (string, bool) {
	i, j, big, ok := d.literalSpan(rule)
	switch {
	case !ok:
		return "", false
	case big != nil:
		return string(big.data), true
	}
	return d.str(i, j), true
}

// literalSpan reads a literal: big if it lies out of line, else octets i to j of the frame.
func (d *Decoder) literalSpan(rule string) (i, j int, big *Body, ok bool) {
	at := d.pos
	if d.buf[at] == '~' { // literal8, RFC 3516
		if !d.deviate(rule, "a literal without ~") {
			return 0, 0, nil, false
		}
		at++
	}
	i, size, _, ok := literalHeader(d.buf, at)
	if !ok {
		d.Fail(rule, "a literal")
		return 0, 0, nil, false
	}
	if d.buf[at+1] == '0' && d.buf[at+2] != '}' && d.buf[at+2] != '+' && !d.deviate("literal", "a size without leading zeros") {
		return 0, 0, nil, false
	}
	if d.buf[i-2] != '\r' && !d.deviate("literal", "CR before LF") {
		return 0, 0, nil, false
	}
	if big = d.frame.outOfLine(i); big != nil {
		if big.apart && rule != ruleBody {
			d.Fail(rule, "a literal that is no body")
			return 0, 0, nil, false
		}
		d.pos, j = i, i
	} else {
		if size > int64(len(d.buf)-i) {
			d.Fail(rule, "the octets of the literal")
			return 0, 0, nil, false
		}
		j = i + int(size)
		d.pos = j
	}
	d.strayLineEnd()
	return i, j, big, d.err == nil
}

// strayLineEnd skips a line end after a literal that is not the end of the frame (QUIRKS Q86).
func (d *Decoder) strayLineEnd() {
	if c := d.Peek(); c != '\r' && c != '\n' {
		return
	}
	n := bytes.IndexByte(d.buf[d.pos:], '\n') + 1
	if n == 0 || n > 2 || d.pos+n == len(d.buf) || !d.deviate("literal", "no line end after it") {
		return
	}
	d.pos += n
	// What follows may be indented; one blank separates the items.
	for d.Peek() == ' ' && d.PeekAt(1) == ' ' {
		d.pos++
	}
}
