package wire

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Number writes a number.
func (e *Encoder) Number(n uint32) { e.buf = strconv.AppendUint(e.buf, uint64(n), 10) }

// NzNumber writes a number that is not 0.
func (e *Encoder) NzNumber(n uint32) { e.nonZero("nz-number", uint64(n)) }

// Uniqueid writes a UID.
func (e *Encoder) Uniqueid(n uint32) { e.nonZero("uniqueid", uint64(n)) }

// Number64 writes a number of 63 bits.
func (e *Encoder) Number64(n uint64) {
	if n > math.MaxInt64 {
		e.Fail("number64", "below 2^63")
	}
	e.buf = strconv.AppendUint(e.buf, n, 10)
}

// NzNumber64 writes a number of 63 bits that is not 0.
func (e *Encoder) NzNumber64(n uint64) {
	if n > math.MaxInt64 {
		e.Fail("nz-number64", "below 2^63")
	}
	e.nonZero("nz-number64", n)
}

func (e *Encoder) nonZero(field string, n uint64) {
	if n == 0 {
		e.Fail(field, "above 0")
	}
	e.buf = strconv.AppendUint(e.buf, n, 10)
}

// Date writes a day: that of t in its own zone.
func (e *Encoder) Date(t time.Time) {
	if e.year("date", t) {
		e.buf = t.AppendFormat(e.buf, "2-Jan-2006")
	}
}

// DateTime writes a date with time and zone.
func (e *Encoder) DateTime(t time.Time) {
	if _, offset := t.Zone(); offset <= -24*3600 || offset >= 24*3600 {
		t = t.UTC() // no such zone can be written
	}
	if e.year("date-time", t) {
		e.buf = t.AppendFormat(e.buf, `"_2-Jan-2006 15:04:05 -0700"`)
	}
}

func (e *Encoder) year(field string, t time.Time) bool {
	if y := t.Year(); y < 0 || y > 9999 || t.IsZero() {
		e.Fail(field, "a date of the years 0 to 9999")
		return false
	}
	return true
}

// SequenceSet writes a set of numbers, or "$", which needs SEARCHRES. An empty one fails.
func (e *Encoder) SequenceSet(s NumSet) {
	if s.IsSaved() {
		e.Needs("SEARCHRES")
	}
	e.set("sequence-set", s)
}

// UIDSet writes a set of UIDs, without "*".
func (e *Encoder) UIDSet(s NumSet) {
	if s.HasStar() || s.IsSaved() {
		e.Fail("uid-set", `numbers, not "*" or "$"`)
		return
	}
	e.set("uid-set", s)
}

func (e *Encoder) set(field string, s NumSet) {
	switch {
	case s.kind&setBad != 0:
		e.Fail(field, "numbers above 0, of one kind")
	case s.IsZero():
		e.Fail(field, "not empty")
	}
	if e.mode.Server { // the order of COPYUID and of a sorted ESEARCH means something
		e.buf = s.appendInOrder(e.buf)
		return
	}
	e.buf = s.append(e.buf)
}

// Mailbox writes the name of a mailbox. One with a control character fails, unless RawMailbox made it.
func (e *Encoder) Mailbox(name string) { e.mailbox("mailbox", name, isAstring) }

// ListMailbox writes a name with wildcards.
func (e *Encoder) ListMailbox(pattern string) { e.mailbox("list-mailbox", pattern, isPattern) }

func (e *Encoder) mailbox(field, name string, classes uint8) {
	switch {
	case IsRawMailbox(name):
		name = name[len(rawMark):]
	case !utf8.ValidString(name):
		e.Fail(field, "UTF-8, or made by RawMailbox")
		return
	case hasControl(name):
		e.Fail(field, "without control characters")
		return
	case !e.mode.UTF8:
		name = EncodeUTF7(name)
	}
	e.astring(field, name, classes)
}

// HeaderFldName writes the name of a header field. It must be one (RFC 5322 section 2.2: printable ASCII without a colon): servers are
// known to repeat what they do not find as it came, so that a line end in it would begin a response of its own.
func (e *Encoder) HeaderFldName(name string) {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == ':' {
			e.Fail("header-fld-name", "printable ASCII without a colon")
			return
		}
	}
	if name == "" {
		e.Fail("header-fld-name", "a name")
		return
	}
	e.Astring(name)
}

// Delimiter writes the hierarchy delimiter; 0 is NIL.
func (e *Encoder) Delimiter(r rune) {
	if r == 0 {
		e.Nil()
		return
	}
	e.Quoted(string(r))
}

// Flag writes a flag.
func (e *Encoder) Flag(f Flag) { e.flag("flag", f) }

// FlagFetch writes a flag of a message.
func (e *Encoder) FlagFetch(f Flag) { e.flag("flag-fetch", f) }

// FlagPerm writes a permanent flag; it may be \*.
func (e *Encoder) FlagPerm(f Flag) {
	if f == FlagWildcard {
		e.buf = append(e.buf, f...)
		return
	}
	e.flag("flag-perm", f)
}

func (e *Encoder) flag(field string, f Flag) {
	if f.Is("NIL") {
		e.Fail(field, "a flag, not NIL")
		return
	}
	e.token(field, string(f))
}

// FlagList writes flags with blanks between them.
func (e *Encoder) FlagList(s Flags) { e.flagList(s, e.Flag) }

// FlagFetchList writes the flags of a message.
func (e *Encoder) FlagFetchList(s Flags) { e.flagList(s, e.FlagFetch) }

// FlagPermList writes permanent flags.
func (e *Encoder) FlagPermList(s Flags) { e.flagList(s, e.FlagPerm) }

func (e *Encoder) flagList(s Flags, one func(Flag)) {
	for i, f := range s.flags() {
		if i > 0 {
			e.SP()
		}
		one(f)
	}
}

// Base64 writes octets in base64.
func (e *Encoder) Base64(b []byte) { e.buf = base64.StdEncoding.AppendEncode(e.buf, b) }

// Text writes human readable text.
func (e *Encoder) Text(s string) {
	if s == "" || s[0] == '[' || strings.ContainsAny(s, "\r\n\x00") {
		e.Fail("text", `not empty, without CR, LF or NUL, and not beginning with "["`)
		return
	}
	e.buf = append(e.buf, s...)
}

// CodeText writes the argument of a response code.
func (e *Encoder) CodeText(s string) {
	if s == "" || strings.ContainsAny(s, "]\r\n\x00") {
		e.Fail("code-text", `not empty, without "]", CR, LF or NUL`)
		return
	}
	e.buf = append(e.buf, s...)
}

// EnvText writes the text of a header field.
func (e *Encoder) EnvText(t Text) { e.nstring("env-text", t.Raw, t.Valid) }

// EnvDate writes the date of a header.
func (e *Encoder) EnvDate(d Date) { e.nstring("env-date", d.Raw, d.Valid) }

// BodyData writes the octets of a message as a literal; nil is NIL.
func (e *Encoder) BodyData(b *Body) {
	if b == nil {
		e.Nil()
		return
	}
	s := SourceBytes(b.data)
	if s.hasNUL() {
		e.Fail("body-data", "without NUL")
		return
	}
	e.source(s, false)
}

// AppendSource writes a literal whose octets come from s. One in memory that has a NUL is a literal8, if the connection knows it.
func (e *Encoder) AppendSource(s Source) {
	switch {
	case s.IsZero():
		e.Fail("append-source", "set")
	case s.Size() < 0:
		e.Fail("append-source", "of a size that is not negative")
	case s.hasNUL() && !e.mode.Literal8:
		e.Fail("append-source", "without NUL")
	default:
		e.source(s, s.hasNUL())
	}
}

// FetchName writes the name of an item of FETCH.
func (e *Encoder) FetchName(s string) {
	if !all(s, isName) {
		e.Fail("fetch-name", "the name of an item")
		return
	}
	e.buf = append(e.buf, s...)
}

// AnyValue writes a value as it came. It must be one whole value; literals are for servers only.
func (e *Encoder) AnyValue(v Value) {
	d := Decoder{buf: []byte(v), frame: &Frame{}, limits: Limits{}.WithDefaults()}
	end, ok := d.skipValue(0, true)
	if !ok || end == 0 || end != len(v) || !e.mode.Server && strings.ContainsAny(string(v), "\r\n") || strings.IndexByte(string(v), 0) >= 0 {
		e.Fail("any-value", "one value")
		return
	}
	e.buf = append(e.buf, v...)
}
