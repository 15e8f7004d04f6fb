package wire

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// Delimiter reads the hierarchy delimiter: one character in quotes, or NIL, which is 0.
func (d *Decoder) Delimiter() rune {
	if b := d.buf[d.pos:]; len(b) > 3 && b[0] == '"' && b[2] == '"' && class[b[3]]&endsQuote != 0 && scanPlain(b[1:2], 0) == 1 {
		d.pos += 3
		return rune(b[1])
	}
	at := d.pos
	if d.takeNil() {
		return 0
	}
	if d.Peek() != '"' {
		d.Fail("delimiter", "a quoted character or NIL")
		return 0
	}
	s := d.quoted("delimiter")
	if d.err != nil {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		d.deviateAt(at, "delimiter", "one character")
		return 0
	}
	if n < len(s) && !d.deviateAt(at, "delimiter", "one character") {
		return 0
	}
	return r
}

// Base64 reads octets in base64. Missing padding is a warning.
func (d *Decoder) Base64() []byte {
	i := d.pos
	j := span(d.buf, i, isBase64)
	for j < len(d.buf) && d.buf[j] == '=' {
		j++
	}
	src := d.buf[i:j]
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(src)))
	bare := bytes.TrimRight(src, "=")
	n, err := base64.RawStdEncoding.Decode(out, bare)
	if err != nil {
		d.Fail("base64", "base64")
		return nil
	}
	if (len(src)%4 != 0 || len(src)-len(bare) > 2) && !d.deviate("base64", "padding") {
		return nil
	}
	d.pos = j
	return out[:n]
}

// Text reads human readable text to the end of the line, which it leaves. Beyond the limit of a line it is cut, with a warning.
func (d *Decoder) Text() string {
	i := d.pos
	if d.Peek() == '[' && !d.deviate("text", `text that does not begin with "["`) {
		return ""
	}
	j := d.textEnd("text", i, false)
	if d.err != nil {
		return ""
	}
	if j == i {
		d.Fail("text", "text")
		return ""
	}
	d.pos = j
	if j-i > d.limits.Line {
		if !d.deviateAt(i, "text", "fewer octets") {
			return ""
		}
		j = i + d.limits.Line
	}
	return d.remark(i, j)
}

// remark cuts the text of a status response out of the frame. What a server says to one command it mostly says to the next as well: then
// it is the same string again.
func (d *Decoder) remark(i, j int) string {
	if string(d.buf[i:j]) == d.lastRemark {
		return d.lastRemark
	}
	raw := d.str(i, j)
	s := d.readable(raw)
	if s == raw && len(d.buf) <= longRemark {
		d.lastRemark = s
	}
	return s
}

// longRemark is the length of a response whose text is not kept for the next.
const longRemark = 128

// RestOfText takes all that is left of the frame but its line end as human readable text, with whatever cannot be text. Beyond the limit of
// a line it is cut, with a warning.
func (d *Decoder) RestOfText() string {
	i := d.pos
	s := string(d.RestOfLine())
	if len(s) > d.limits.Line && d.deviateAt(i, "text", "fewer octets") {
		s = strings.Clone(s[:d.limits.Line])
	}
	return d.readable(s)
}

// CodeText reads the argument of a response code that is not known: all up to "]", which it leaves. Beyond the limit of a line it is an
// error: of a code there is no part.
func (d *Decoder) CodeText() string {
	i := d.pos
	j := d.textEnd("code-text", i, true)
	if d.err != nil {
		return ""
	}
	if j == i {
		d.Fail("code-text", "text")
		return ""
	}
	if j-i > d.limits.Line {
		d.Fail("code-text", "fewer octets")
		return ""
	}
	d.pos = j
	return d.readable(d.str(i, j))
}

// textEnd finds the end of the text that begins at i: of the line, or with code set "]".
func (d *Decoder) textEnd(rule string, i int, code bool) int {
	b := d.buf[i:]
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		b = b[:n]
	}
	b = bytes.TrimSuffix(b, []byte{'\r'})
	if n := bytes.IndexByte(b, '\r'); n >= 0 && !d.deviateAt(i+n, rule, "no CR in text") {
		return 0
	}
	if code {
		if n := bytes.IndexByte(b, ']'); n >= 0 {
			b = b[:n]
		}
	}
	if n := bytes.IndexByte(b, 0); n >= 0 && !d.deviateAt(i+n, rule, "no NUL in text") {
		return 0
	}
	return i + len(b)
}

// EnvText reads the text of a header field. It is decoded when it is asked for.
func (d *Decoder) EnvText() Text {
	if d.Peek() == '"' {
		s := d.quoted("env-text")
		return Text{Raw: s, Valid: d.err == nil}
	}
	s, kind := d.nstring("env-text")
	return Text{Raw: s, Valid: kind != tokenNone}
}

// EnvDate reads the date of a header. It is parsed when it is asked for.
func (d *Decoder) EnvDate() Date {
	if d.Peek() == '"' {
		s := d.quoted("env-date")
		return Date{Raw: s, Valid: d.err == nil}
	}
	s, kind := d.nstring("env-date")
	return Date{Raw: s, Valid: kind != tokenNone}
}

// ruleBody is the terminal whose octets may be anywhere, not only in memory.
const ruleBody = "body-data"

// BodyData reads the octets of a message or of a part; nil is NIL.
func (d *Decoder) BodyData() *Body {
	switch d.Peek() {
	case '{', '~':
		body := d.octets(ruleBody)
		if d.err != nil {
			return nil
		}
		return body
	case '"':
		s := d.quoted(ruleBody)
		if d.err != nil {
			return nil
		}
		return NewBody([]byte(s))
	}
	if !d.takeNil() {
		d.Fail(ruleBody, "a string or NIL")
	}
	return nil
}

// octets reads a literal as octets of its own.
func (d *Decoder) octets(rule string) *Body {
	i, j, big, ok := d.literalSpan(rule)
	if !ok {
		return nil
	}
	if big != nil {
		if !big.found { // else somebody may have it already
			big.found = true
		}
		return big
	}
	return NewBody(append(make([]byte, 0, j-i), d.buf[i:j]...))
}

// AppendSource reads the literal of APPEND.
func (d *Decoder) AppendSource() Source {
	if d.Peek() == '~' && d.PeekAt(1) == '{' { // literal8 (RFC 3516)
		d.Accept('~')
	}
	if d.Peek() != '{' {
		d.Fail("append-source", "a literal")
		return Source{}
	}
	body := d.octets("append-source")
	if d.err != nil {
		return Source{}
	}
	return SourceBytes(body.data)
}

// FetchName reads the name of an item of FETCH that is not known, with its section. It is interned.
func (d *Decoder) FetchName() string {
	i := d.pos
	j := span(d.buf, i, isName)
	if k := skipName(d.buf, i); k > j {
		if !d.deviate("fetch-name", "the octets of a name") {
			return ""
		}
		j = k
	}
	if j == i {
		d.Fail("fetch-name", "the name of an item")
		return ""
	}
	d.pos = j
	return d.names.get(d.buf[i:j])
}

// AnyValue reads one value of any type and keeps it as it came.
func (d *Decoder) AnyValue() Value {
	i := d.pos
	j, exact := d.skipValue(i, true)
	if exact {
		exact = d.beginsValue(i) || span(d.buf, i, isAstring) == j || isSet(d.buf[i:j])
	} else {
		var ok bool
		if j, ok = d.skipValue(i, false); !ok {
			d.Fail("any-value", "a value")
			return ""
		}
	}
	if !exact && !d.deviate("any-value", "an atom, a string, a literal or a list") {
		return ""
	}
	d.pos = j
	return d.value(i, j)
}

// isSet tells that a value is a set of numbers, in which "*" may stand.
func isSet(b []byte) bool {
	for _, c := range b {
		if class[c]&isDigit == 0 && c != ',' && c != ':' && c != '*' {
			return false
		}
	}
	return true
}

// beginsValue tells that a list, a string or a literal begins at i.
func (d *Decoder) beginsValue(i int) bool {
	if c := d.buf[i]; c == '(' || c == '"' {
		return true
	} else if c == '~' {
		i++
	}
	_, _, _, ok := literalHeader(d.buf, i)
	return ok
}
