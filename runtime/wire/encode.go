package wire

import (
	"iter"
)

// A Mode is what a connection allows when a command (or on a server a response) is written.
type Mode struct {
	UTF8         bool // UTF8=ACCEPT or IMAP4rev2 is enabled: UTF-8 in quoted strings, mailbox names without UTF-7
	LiteralPlus  bool // LITERAL+: {n+} of any size (RFC 7888)
	LiteralMinus bool // LITERAL-: {n+} up to 4096 octets
	Literal8     bool // BINARY: literal8 where a terminal may be one (RFC 3516)
	Server       bool // responses: literals are sent without waiting
	// Has tells whether the peer has a capability, in any case. nil: all of them.
	Has func(capability string) bool
	// InForce tells whether a capability that changes the protocol, such as IMAP4rev2, has been enabled, or is all there is. nil: none.
	InForce func(capability string) bool
}

// A Pause is what the connection waits for before it goes on writing.
type Pause uint8

const (
	PauseNone    Pause = iota
	PauseLiteral       // "+", or a refusal: the octets of a literal follow
	PauseTurn          // "+", or a refusal: the next line of the command follows
)

// A Piece is a part of a command: Octets are written, then the connection waits as Then says, then Source is written if there is one.
type Piece struct {
	Octets  []byte
	Secrets []Range // of Octets: never to be shown in a trace
	Then    Pause
	Source  *Source // nil: none
}

// A Range is the octets from From up to, and not including, To.
type Range struct{ From, To int }

// An Encoder writes commands and responses. It chooses between atom, quoted string and literal; nothing that is put into it can break
// out of its argument. The first argument that cannot be written fails it. It is for one goroutine. The zero value is ready for use.
type Encoder struct {
	buf     []byte
	mode    Mode
	err     *ArgumentError
	marks   []mark
	secrets []Range
	secret  int // one more than where the open secret begins; 0 if none is open
	charset textCharset
}

// mark is a place where the octets stop: to wait, to send a source, or both.
type mark struct {
	at     int
	then   Pause
	source Source
}

// Begin empties the encoder. Its buffer is kept: what Bytes and Pieces gave is valid until then.
func (e *Encoder) Begin(m Mode) {
	clear(e.buf) // passwords
	if cap(e.buf) > keepBuffer {
		e.buf = nil // one long command is no reason to hold a long buffer for ever
	}
	clear(e.marks)
	e.buf, e.marks, e.secrets = e.buf[:0], e.marks[:0], e.secrets[:0]
	e.mode, e.err, e.secret, e.charset = m, nil, 0, textCharset{}
}

// Byte writes an octet of the grammar.
func (e *Encoder) Byte(c byte) { e.buf = append(e.buf, c) }

// SP writes a blank.
func (e *Encoder) SP() { e.buf = append(e.buf, ' ') }

// CRLF writes a line end.
func (e *Encoder) CRLF() { e.buf = append(e.buf, '\r', '\n') }

// Keyword writes text of the grammar as it is. It is never for a value.
func (e *Encoder) Keyword(s string) { e.buf = append(e.buf, s...) }

// Token writes a value of a named string type, such as an attribute of STATUS. It must be ["\"] 1*ATOM-CHAR.
func (e *Encoder) Token(s string) { e.token("token", s) }

// Word writes a name that stands where a number or a set may stand as well, such as a key of SEARCH. It must be an atom that begins with a
// letter.
func (e *Encoder) Word(s string) {
	if s == "" || s[0]|0x20 < 'a' || s[0]|0x20 > 'z' || !all(s, isAtom) {
		e.Fail("name", "an atom that begins with a letter")
		return
	}
	e.buf = append(e.buf, s...)
}

func (e *Encoder) token(field, s string) {
	word := s
	if len(s) > 0 && s[0] == '\\' {
		word = s[1:]
	}
	if !all(word, isAtom) {
		e.Fail(field, "an atom")
		return
	}
	e.buf = append(e.buf, s...)
}

// Secret begins octets that no trace may show.
func (e *Encoder) Secret() {
	if e.secret == 0 {
		e.secret = len(e.buf) + 1
	}
}

// EndSecret ends what Secret began.
func (e *Encoder) EndSecret() {
	if from := e.secret - 1; from >= 0 && from < len(e.buf) {
		e.secrets = append(e.secrets, Range{from, len(e.buf)})
	}
	e.secret = 0
}

// Turn ends a line of a command; what follows is sent after the server's "+".
func (e *Encoder) Turn() {
	e.CRLF()
	e.marks = append(e.marks, mark{at: len(e.buf), then: PauseTurn})
}

// Needs fails the encoding if the peer has not got the capability that an argument belongs to.
func (e *Encoder) Needs(capability string) {
	if e.err == nil && e.mode.Has != nil && !e.mode.Has(capability) {
		e.err = &ArgumentError{Field: capability, Want: "advertised by the server", Capability: capability}
	}
}

// InForce tells whether the protocol is as a capability has it: IMAP4rev2 has other commands.
func (e *Encoder) InForce(capability string) bool {
	return e.mode.InForce != nil && e.mode.InForce(capability)
}

// Fail records that the argument cannot be written: it must be what want says. Only the first failure counts.
func (e *Encoder) Fail(field, want string) {
	if e.err == nil {
		e.err = &ArgumentError{Field: field, Want: want}
	}
}

// Err gives the first failure, an *ArgumentError, or nil. After one nothing must be sent.
func (e *Encoder) Err() error {
	if e.err == nil {
		return nil
	}
	return e.err
}

// Bytes gives all octets when there is nothing to wait for: on a server, and in tests. Sources in memory are part of them; one that is
// read fails the encoder, as a wait does.
func (e *Encoder) Bytes() []byte {
	out, from := []byte(nil), 0
	for _, m := range e.marks {
		if m.then != PauseNone || !m.source.IsZero() && !m.source.InMemory() {
			e.Fail("command", "without a wait inside it")
			return nil
		}
		out = append(out, e.buf[from:m.at]...)
		out = append(out, m.source.bytes...)
		out = append(out, m.source.text...)
		from = m.at
	}
	if from == 0 {
		return e.buf
	}
	return append(out, e.buf[from:]...)
}

// Pieces gives what the connection writes, in order. They are valid until the next Begin.
func (e *Encoder) Pieces() iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		from := 0
		for i := range e.marks {
			m := &e.marks[i]
			p := Piece{Octets: e.buf[from:m.at], Secrets: e.secretsOf(from, m.at), Then: m.then}
			if !m.source.IsZero() {
				p.Source = &m.source
			}
			if !yield(p) {
				return
			}
			from = m.at
		}
		if from < len(e.buf) {
			yield(Piece{Octets: e.buf[from:], Secrets: e.secretsOf(from, len(e.buf))})
		}
	}
}

// secretsOf gives the secrets between two places, counted from the first.
func (e *Encoder) secretsOf(from, to int) []Range {
	var out []Range
	for _, r := range e.secrets {
		if r.From < to && r.To > from {
			out = append(out, Range{max(r.From, from) - from, min(r.To, to) - from})
		}
	}
	return out
}
