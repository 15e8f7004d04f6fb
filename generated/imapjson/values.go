package imapjson

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// Every function appends to b and gives it.

// key appends the key of the next member of an object, with the comma before it.
func key(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func null(b []byte) []byte { return append(b, "null"...) }

func yes(b []byte) []byte { return append(b, "true"...) }

func number[N ~int | ~int64 | ~uint32 | ~uint64](b []byte, n N) []byte {
	if n < 0 {
		return strconv.AppendInt(b, int64(n), 10)
	}
	return strconv.AppendUint(b, uint64(n), 10)
}

// str appends octets: as a string if they are UTF-8, else in base64.
func str[S ~string | ~[]byte](b []byte, s S) []byte {
	if !valid(s) {
		b = append(b, `{"base64":"`...)
		b = base64.StdEncoding.AppendEncode(b, []byte(s))
		return append(b, '"', '}')
	}
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\r':
			b = append(b, '\\', 'r')
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, s[from:]...), '"')
}

const hex = "0123456789abcdef"

func valid[S ~string | ~[]byte](s S) bool {
	switch s := any(s).(type) {
	case string:
		return utf8.ValidString(s)
	case []byte:
		return utf8.Valid(s)
	}
	return utf8.ValidString(string(s))
}

// octets appends nil as null.
func octets(b, o []byte) []byte {
	if o == nil {
		return null(b)
	}
	return str(b, o)
}

// mailbox appends a mailbox name; one that could not be decoded is the octets of the wire.
func mailbox[S ~string](b []byte, name S) []byte {
	if wire.IsRawMailbox(string(name)) {
		name = name[1:]
	}
	return str(b, name)
}

func nstring(b []byte, s wire.NString) []byte { return orNull(b, s.Value, s.Valid) }

func header(b []byte, t wire.Text) []byte { return orNull(b, t.Raw, t.Valid) }

func headerDate(b []byte, d wire.Date) []byte { return orNull(b, d.Raw, d.Valid) }

func orNull(b []byte, s string, valid bool) []byte {
	if !valid {
		return null(b)
	}
	return str(b, s)
}

// char appends a hierarchy delimiter; 0 is NIL.
func char(b []byte, r rune) []byte {
	if r == 0 {
		return null(b)
	}
	return str(b, string(r))
}

func instant(b []byte, t time.Time) []byte { return date(b, t, time.RFC3339) }

func day(b []byte, t time.Time) []byte { return date(b, t, time.DateOnly) }

// date appends a date; the zero time is one that could not be read.
func date(b []byte, t time.Time, layout string) []byte {
	if t.IsZero() {
		return null(b)
	}
	return append(t.AppendFormat(append(b, '"'), layout), '"')
}

// set appends a set of messages, its ranges as they came.
func set(b []byte, s wire.NumSet) []byte {
	b = append(b, '"')
	if s.IsSaved() {
		b = append(b, '$')
	}
	more := false
	for r := range s.InOrder() {
		if more {
			b = append(b, ',')
		}
		more = true
		b = star(b, r.First)
		if r.Last != r.First {
			b = star(append(b, ':'), r.Last)
		}
	}
	return append(b, '"')
}

func star(b []byte, n uint32) []byte {
	if n == 0 {
		return append(b, '*')
	}
	return number(b, n)
}

// body appends the octets of a message or a part; nil is NIL.
func body(b []byte, o *wire.Body) []byte {
	if o == nil {
		return null(b)
	}
	return str(b, o.Bytes())
}

// source appends the octets of a message to be appended: what a command was read from is in memory.
func source(b []byte, s wire.Source) []byte {
	if !s.InMemory() {
		return null(b)
	}
	o, err := io.ReadAll(s.Reader())
	if err != nil {
		return null(b)
	}
	return str(b, o)
}

// section appends which part of a message a section is, as it stands between the brackets.
func section(b []byte, s *imap.Section) []byte {
	var text strings.Builder
	for i, n := range s.Part {
		if i > 0 {
			text.WriteByte('.')
		}
		text.WriteString(strconv.FormatUint(uint64(n), 10))
	}
	if len(s.Part) > 0 && s.Specifier != "" {
		text.WriteByte('.')
	}
	text.WriteString(string(s.Specifier))
	if s.Not {
		text.WriteString(".NOT")
	}
	for i, f := range s.Fields {
		text.WriteString([...]string{" (", " "}[min(i, 1)])
		if f == "" || strings.ContainsAny(f, " ()\"\\{%*]") {
			f = `"` + quoting.Replace(f) + `"`
		}
		text.WriteString(f)
	}
	if len(s.Fields) > 0 {
		text.WriteByte(')')
	}
	return str(b, text.String())
}

var quoting = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

func object[T any](b []byte, v *T, fields func([]byte, *T) []byte) []byte {
	if v == nil {
		return null(b)
	}
	return append(fields(append(b, '{'), v), '}')
}

// bodyKey is the key of BODY: that of BODYSTRUCTURE, which tells more of the same, unless both came.
func bodyKey(structure *imap.BodyStructure) string {
	if structure != nil {
		return "body"
	}
	return "bodystructure"
}

// bodyStructure appends the structure of a body. What a server left out of a part is what RFC 2045 says of it; "()" is null.
func bodyStructure(b []byte, v *imap.BodyStructure) []byte {
	if v == nil || v.Type == "" && v.Subtype == "" && v.Encoding == "" && v.Octets == 0 && len(v.Params) == 0 && len(v.Parts) == 0 {
		return null(b)
	}
	part := *v
	if part.Encoding == "" && (part.Type != "" || part.Octets != 0) {
		part.Encoding = part.TransferEncoding()
	}
	if part.Encoding != "" && part.Subtype == "" {
		typ, subtype, _ := strings.Cut(part.MediaType(), "/")
		part.Type, part.Subtype = cmp.Or(part.Type, typ), subtype
	}
	return object(b, &part, bodyStructureFields)
}

// each makes of the function for the fields of a struct the one for an element of an array.
func each[T any](fields func([]byte, *T) []byte) func([]byte, T) []byte {
	return func(b []byte, v T) []byte { return object(b, &v, fields) }
}

func array[T any](b []byte, list []T, value func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = value(b, v)
	}
	return append(b, ']')
}

// arrayOrNull appends a list in whose place NIL may stand.
func arrayOrNull[T any](b []byte, list []T, value func([]byte, T) []byte) []byte {
	if len(list) == 0 {
		return null(b)
	}
	return array(b, list, value)
}

func list[S ~string](b []byte, elements iter.Seq[S]) []byte {
	b = append(b, '[')
	for s := range elements {
		if b[len(b)-1] != '[' {
			b = append(b, ',')
		}
		b = str(b, s)
	}
	return append(b, ']')
}

// same compares keywords.
func same[S ~string](s S, word string) bool { return strings.EqualFold(string(s), word) }

// alternative ends the object of an alternative of a union, which began at from. One that holds nothing but its name becomes a string.
func alternative(b []byte, from int) []byte {
	const name = `{"name":`
	if o := b[from:]; bytes.HasPrefix(o, []byte(name+`"`)) && bytes.IndexByte(o[len(name)+1:], '"') == len(o)-len(name)-2 {
		return b[:from+copy(o, o[len(name):])]
	}
	return append(b, '}')
}

// foreign appends an alternative that another module brought, as it is written on the wire.
func foreign(b []byte, keyword string, write func(*wire.Encoder)) []byte {
	var e wire.Encoder
	e.Begin(wire.Mode{Server: true})
	write(&e)
	b = str(key(append(b, '{'), "name"), keyword)
	return append(str(key(b, "raw"), e.Bytes()), '}')
}
