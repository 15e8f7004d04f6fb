package wire

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
)

// Terminals of the collected extensions to the ABNF (RFC 4466) and of BINARY (RFC 3516).

// TaggedExtLabel reads the name of a parameter: an atom that begins with a letter, "-", "_" or ".".
func (d *Decoder) TaggedExtLabel() string {
	if c := d.Peek(); !isLabelStart(c) {
		d.Fail("tagged-ext-label", "a name")
		return ""
	}
	i := d.pos
	j := i + labelEnd(d.buf[i:])
	if j < len(d.buf) && class[d.buf[j]]&isAtom != 0 { // an atom, but no label
		if !d.deviate("tagged-ext-label", "letters, digits, and - _ . :") {
			return ""
		}
		j = span(d.buf, i, isAtom)
	}
	d.pos = j
	return d.str(i, j)
}

// labelEnd gives how many octets a label at the start of s has, the first aside.
func labelEnd[T ~string | ~[]byte](s T) int {
	i := 0
	for i < len(s) && (isLabelStart(s[i]) || class[s[i]]&isDigit != 0 || s[i] == ':') {
		i++
	}
	return i
}

func isLabelStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-' || c == '_' || c == '.'
}

// TaggedExtVal reads the value of a parameter: a number, a sequence set, or anything within parentheses.
func (d *Decoder) TaggedExtVal() Value {
	if c := d.Peek(); c != '(' && c != '*' && c != '$' && class[c]&isDigit == 0 {
		d.Fail("tagged-ext-val", "a number, a set, or a list")
		return ""
	}
	v := d.AnyValue()
	if !isTaggedExtVal(v) && !d.deviate("tagged-ext-val", "a number, a set, or a list") {
		return ""
	}
	return v
}

func isTaggedExtVal(v Value) bool {
	return v == "" || v == "$" || v[0] == '(' || strings.Trim(string(v), "0123456789*:,") == "" && v[0] != ':' && v[0] != ','
}

// OptionValue reads the value of an option of LIST: anything within parentheses (RFC 5258).
func (d *Decoder) OptionValue() Value {
	if d.Peek() != '(' {
		d.Fail("option-value", "a list")
		return ""
	}
	return d.AnyValue()
}

// BinaryData reads octets that may hold NUL: a string, a literal8, or NIL.
func (d *Decoder) BinaryData() *Body {
	if d.Peek() == '~' && d.PeekAt(1) == '{' {
		d.Accept('~')
	}
	return d.BodyData()
}

// Nstring8 reads a string that may be a literal8, or NIL.
func (d *Decoder) Nstring8() NString {
	if d.Peek() == '~' && d.PeekAt(1) == '{' {
		d.Accept('~')
	}
	return d.Nstring()
}

// Nstring8 writes a string or NIL, as a literal8 if there is a NUL in it.
func (e *Encoder) Nstring8(n NString) {
	if strings.IndexByte(n.Value, 0) < 0 {
		e.nstring("nstring8", n.Value, n.Valid)
		return
	}
	e.literalHeader(int64(len(n.Value)), true)
	e.buf = append(e.buf, n.Value...)
}

// TaggedExtLabel writes the name of a parameter.
func (e *Encoder) TaggedExtLabel(s string) {
	if s == "" || !isLabelStart(s[0]) || labelEnd(s) < len(s) {
		e.Fail("tagged-ext-label", "a name of letters, digits, and - _ . :")
		return
	}
	e.buf = append(e.buf, s...)
}

// TaggedExtVal writes the value of a parameter.
func (e *Encoder) TaggedExtVal(v Value) {
	if v == "" || !isTaggedExtVal(v) {
		e.Fail("tagged-ext-val", "a number, a set, or a list")
		return
	}
	e.AnyValue(v)
}

// OptionValue writes the value of an option.
func (e *Encoder) OptionValue(v Value) {
	if v == "" || v[0] != '(' {
		e.Fail("option-value", "a list")
		return
	}
	e.AnyValue(v)
}

// BinaryData writes octets, as a literal8 if there is a NUL among them.
func (e *Encoder) BinaryData(b *Body) {
	if b == nil || bytes.IndexByte(b.Bytes(), 0) < 0 {
		e.BodyData(b)
		return
	}
	e.literalHeader(b.Size(), true)
	e.buf = append(e.buf, b.Bytes()...)
}

// InitialResp reads the initial response of SASL-IR, which is not empty (RFC 4959: "=" stands for an empty one).
func (d *Decoder) InitialResp() []byte {
	if c := d.Peek(); c == '=' || class[c]&isAtom == 0 {
		d.Fail("initial-resp", "base64")
		return nil
	}
	return d.Base64()
}

// InitialResp writes the initial response of SASL-IR.
func (e *Encoder) InitialResp(b []byte) {
	if len(b) == 0 {
		e.Fail("initial-resp", `not empty: that is written "="`)
		return
	}
	e.buf = base64.StdEncoding.AppendEncode(e.buf, b)
}

// Unsigned64 reads a number of 64 bits: the ids of Gmail use the highest.
func (d *Decoder) Unsigned64() uint64 {
	i := d.pos
	j := span(d.buf, i, isDigit)
	n, err := strconv.ParseUint(string(d.buf[i:j]), 10, 64)
	if err != nil {
		d.Fail("unsigned64", "a number of 64 bits")
		return 0
	}
	d.pos = j
	return n
}

// Unsigned64 writes a number of 64 bits.
func (e *Encoder) Unsigned64(n uint64) { e.buf = strconv.AppendUint(e.buf, n, 10) }

// TagString reads the tag in ESEARCH: a string (RFC 4466), or an atom (RFC 9051).
func (d *Decoder) TagString() string { return d.Astring() }

// TagString writes the tag in ESEARCH as a string, which clients of both RFCs read.
func (e *Encoder) TagString(tag string) { e.string("tag-string", tag) }

// MailboxString reads a mailbox name that is never an atom (RFC 2342).
func (d *Decoder) MailboxString() string {
	if c := d.Peek(); c != '"' && c != '{' && !d.deviate("mailbox-string", "a string") {
		return ""
	}
	return d.Mailbox()
}

// MailboxString writes a mailbox name as a string, never as an atom.
func (e *Encoder) MailboxString(name string) { e.mailbox("mailbox-string", name, 0) }

// HeaderFldName reads the name of a header field; any string is taken for one.
func (d *Decoder) HeaderFldName() string { return d.Astring() }

// FlagKeyword reads a keyword: a flag that does not begin with "\\".
func (d *Decoder) FlagKeyword() Flag {
	if d.Peek() == '\\' && !d.deviate("flag-keyword", "a flag without \\") {
		return ""
	}
	return d.Flag()
}

// FlagKeyword writes a keyword.
func (e *Encoder) FlagKeyword(f Flag) {
	if len(f) > 0 && f[0] == '\\' {
		e.Fail("flag-keyword", "a flag without \\")
		return
	}
	e.Flag(f)
}

// Cut splits what SkipItem gave into the name of the item and its value.
func (v Value) Cut() (name string, value Value) {
	n, rest, _ := strings.Cut(string(v), " ")
	return n, Value(rest)
}

// ItemKeyword gives the keyword of the name of an item, in upper case: BODY of "body[text]".
func ItemKeyword(name string) string {
	keyword, _, _ := strings.Cut(name, "[")
	return strings.ToUpper(keyword)
}
