package wire

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxQuoted       = 1000 // octets: lines are to stay short (RFC 2683 section 3.2.1.5)
	maxLiteralMinus = 4096 // octets of {n+} under LITERAL- (RFC 7888 section 5)
)

// Atom writes an atom. There is no other way to write it: what is none fails.
func (e *Encoder) Atom(s string) {
	if !all(s, isAtom) {
		e.Fail("atom", "1*ATOM-CHAR")
		return
	}
	e.buf = append(e.buf, s...)
}

// Astring writes an atom if it can, else a quoted string, else a literal.
func (e *Encoder) Astring(s string) { e.astring("astring", s, isAstring) }

// AstringQuoted writes a quoted string or a literal, never an atom.
func (e *Encoder) AstringQuoted(s string) { e.string("astring", s) }

func (e *Encoder) astring(field, s string, classes uint8) {
	if len(s) <= maxQuoted && all(s, classes) && !strings.EqualFold(s, "NIL") {
		e.buf = append(e.buf, s...)
		return
	}
	e.string(field, s)
}

// String writes a quoted string or a literal.
func (e *Encoder) String(s string) { e.string("string", s) }

// Nstring writes a string or NIL.
func (e *Encoder) Nstring(n NString) { e.nstring("nstring", n.Value, n.Valid) }

func (e *Encoder) nstring(field, s string, valid bool) {
	if !valid {
		e.Nil()
		return
	}
	e.string(field, s)
}

// Nil writes NIL.
func (e *Encoder) Nil() { e.buf = append(e.buf, "NIL"...) }

// Quoted writes a quoted string. What cannot be one fails.
func (e *Encoder) Quoted(s string) {
	if !e.quotable(s) {
		e.Fail("quoted", "text without CR, LF, NUL or octets that the connection does not allow")
		return
	}
	e.quoted(s)
}

// Charset writes the name of a character set.
func (e *Encoder) Charset(s string) {
	if all(s, isAtom) {
		e.buf = append(e.buf, s...)
		return
	}
	e.Quoted(s)
}

func (e *Encoder) string(field, s string) {
	s = e.recode(s)
	switch {
	case len(s) <= maxQuoted && e.quotable(s):
		e.quoted(s)
	case strings.IndexByte(s, 0) >= 0:
		e.Fail(field, "without NUL")
	default:
		e.literalHeader(int64(len(s)), false)
		e.buf = append(e.buf, s...)
	}
}

// quotable tells whether s may be a quoted string on this connection.
func (e *Encoder) quotable(s string) bool {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\r', c == '\n', c == 0:
			return false
		case c >= 0x80:
			ascii = false
		}
	}
	return ascii || e.mode.UTF8 && utf8.ValidString(s)
}

func (e *Encoder) quoted(s string) {
	e.buf = append(e.buf, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			e.buf = append(e.buf, '\\')
		}
		e.buf = append(e.buf, s[i])
	}
	e.buf = append(e.buf, '"')
}

// literalHeader writes {n}, or {n+} where the connection allows it, and the line end. It gives where the octets follow: a pause
// stands there if the server is to answer first.
func (e *Encoder) literalHeader(n int64, binary bool) {
	pause := PauseLiteral
	if binary {
		e.buf = append(e.buf, '~')
	}
	e.buf = append(e.buf, '{')
	e.buf = strconv.AppendInt(e.buf, n, 10)
	switch {
	case e.mode.Server:
		pause = PauseNone
	case e.mode.LiteralPlus, e.mode.LiteralMinus && n <= maxLiteralMinus:
		e.buf = append(e.buf, '+')
		pause = PauseNone
	}
	e.buf = append(e.buf, '}', '\r', '\n')
	if pause != PauseNone {
		e.marks = append(e.marks, mark{at: len(e.buf), then: pause})
	}
}

// source writes the header of a literal whose octets are sent from s.
func (e *Encoder) source(s Source, binary bool) {
	e.literalHeader(s.Size(), binary)
	if n := len(e.marks); n > 0 && e.marks[n-1].at == len(e.buf) {
		e.marks[n-1].source = s
		return
	}
	e.marks = append(e.marks, mark{at: len(e.buf), source: s})
}
