package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decoder gives a Decoder on the frame that is s.
func decoder(t testing.TB, s string) *Decoder {
	t.Helper()
	d := &Decoder{}
	d.Begin(frame(t, s))
	return d
}

// rest gives what the cursor has before it.
func (d *Decoder) rest() string { return string(d.buf[d.pos:]) }

// wants gives the rules and wants of warnings, and forgets them.
func wants(d *Decoder) []string {
	var s []string
	for _, w := range d.TakeWarnings() {
		s = append(s, w.Rule+": "+w.Want)
	}
	return s
}

func TestCursor(t *testing.T) {
	d := decoder(t, "* OK  [x] \r\n")
	assert.Equal(t, byte('*'), d.Peek())
	assert.Equal(t, byte('O'), d.PeekAt(2))
	assert.Equal(t, byte(0), d.PeekAt(99))
	assert.Equal(t, byte(0), d.AfterSP())
	assert.False(t, d.Accept('+'))
	assert.True(t, d.Accept('*'))
	assert.Equal(t, byte('O'), d.AfterSP())
	d.SP()
	pos := d.Pos()
	assert.Equal(t, "OK", string(d.Word()))
	d.Rewind(pos)
	assert.Equal(t, "OK", string(d.PeekWord()))
	assert.Equal(t, "OK", string(d.Word()))
	assert.Equal(t, byte('['), d.AfterSP())
	assert.Empty(t, wants(d))
	d.SP()
	assert.Equal(t, []string{"SP: one blank"}, wants(d))
	d.Expect('[')
	assert.Equal(t, "X", string(d.Word())[:1])
	assert.False(t, d.AtEnd())
	require.True(t, d.OK())
}

func TestWord(t *testing.T) {
	for in, want := range map[string]string{
		"fetch (":                             "FETCH",
		"BODY[1]":                             "BODY",
		"body.peek[]":                         "BODY.PEEK",
		"HEADER.FIELDS.NOT (":                 "HEADER.FIELDS.NOT",
		`\Seen \x`:                            `\SEEN`,
		`\* `:                                 "",
		`\`:                                   "",
		"":                                    "",
		"(x":                                  "",
		"auth=scram-sha-256":                  "AUTH=SCRAM-SHA-256",
		"caf\xe9":                             "CAF",
		"x]":                                  "X",
		strings.Repeat("a", 48):               strings.Repeat("A", 48),
		strings.Repeat("a", 49):               strings.Repeat("A", 49),
		`\` + strings.Repeat("a", 999) + " b": `\` + strings.Repeat("A", 999),
	} {
		d := decoder(t, in+"\r\n")
		assert.Equal(t, want, string(d.PeekWord()))
		assert.Equal(t, 0, d.Pos())
		assert.Equal(t, want, string(d.Word()))
		assert.Equal(t, len(want), d.Pos())
		assert.True(t, d.OK())

		d = decoder(t, "+   "+in+"\r\n")
		d.pos++
		assert.Equal(t, want, string(d.PeekWordAfterSP()))
		assert.Equal(t, want, string(d.PeekWordAt(3)))
		assert.Equal(t, 1, d.Pos())
		assert.Empty(t, d.Word(), "a word that was peeked elsewhere is not here")
	}
	d := decoder(t, "x y\r\n")
	assert.Empty(t, d.PeekWordAfterSP())
	assert.Empty(t, d.PeekWordAt(99))
	d.Fail("rule", "want")
	assert.Empty(t, d.Word())
	assert.Empty(t, d.PeekWordAfterSP())
}

func TestBlanks(t *testing.T) {
	type step = func(*Decoder)
	sp := func(d *Decoder) { d.SP() }
	yes := func(d *Decoder) {
		if !d.AcceptSP() {
			d.Fail("test", "an element")
		}
	}
	no := func(d *Decoder) {
		if d.AcceptSP() {
			d.Fail("test", "no element")
		}
	}
	expect := func(c byte) step { return func(d *Decoder) { d.Expect(c) } }
	crlf := func(d *Decoder) { d.CRLF() }
	for name, c := range map[string]struct {
		in      string
		do      step
		rest    string
		warning string // "": none; strict refuses all others
		fails   bool
	}{
		"SP":                       {" x", sp, "x\r\n", "", false},
		"SP of two":                {"  x", sp, "x\r\n", "SP: one blank", false},
		"no SP":                    {"x", sp, "", "", true},
		"SP at the end":            {" ", sp, "\r\n", "", false},
		"SP for nothing":           {"  ]", sp, " ]\r\n", "SP: one blank", false},
		"AcceptSP":                 {" x", yes, "x\r\n", "", false},
		"AcceptSP of two":          {"  x", yes, "x\r\n", "SP: one blank", false},
		"AcceptSP and none":        {"x", no, "x\r\n", "", false},
		"AcceptSP before )":        {" )", no, ")\r\n", "SP: no blank before the end of a list", false},
		"AcceptSP before ]":        {" ]", yes, "]\r\n", "", false}, // an astring may begin with it: see TestBracketAfterBlank
		"AcceptSP before CRLF":     {"  ", no, "\r\n", "SP: no blank before the end of a list", false},
		"AcceptSP before 8-bit":    {" \xff", yes, "\xff\r\n", "", false},
		"Expect":                   {")", expect(')'), "\r\n", "", false},
		"Expect after SP":          {"  )x", expect(')'), "x\r\n", "list: no SP before the end", false},
		"Expect ] after SP":        {" ]", expect(']'), "\r\n", "list: no SP before the end", false},
		"Expect ( after SP":        {" (", expect('('), "", "", true},
		"Expect another":           {"x", expect(')'), "", "", true},
		"CRLF":                     {"", crlf, "", "", false},
		"CRLF after SP":            {"  ", crlf, "", "CRLF: no blank before the end of the line", false},
		"CRLF where it is not":     {"x", crlf, "", "", true},
		"CRLF where it is not, SP": {" x", crlf, "", "", true},
		"LF":                       {"LF", func(d *Decoder) { d.buf, d.pos = []byte("\n"), 0; d.CRLF() }, "", "CRLF: CR before LF", false},
		"CRLF inside":              {"CRLF", func(d *Decoder) { d.buf, d.pos = []byte("\r\nx\r\n"), 0; d.CRLF() }, "", "CRLF: the end of the response", false},
		"CRLF and nothing":         {"CRLF", func(d *Decoder) { d.buf, d.pos = nil, 0; d.CRLF() }, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := decoder(t, "+"+c.in+"\r\n")
			d.pos++
			c.do(d)
			assert.Equal(t, !c.fails, d.OK(), "%v", d.Err())
			if !c.fails {
				assert.Equal(t, c.rest, d.rest())
				assert.Equal(t, c.warning, strings.Join(wants(d), ";"))
			}

			strict := &Decoder{}
			strict.SetStrict(true)
			strict.Begin(frame(t, "+"+c.in+"\r\n"))
			strict.pos++
			c.do(strict)
			assert.Equal(t, !c.fails && c.warning == "", strict.OK(), "strict: %v", strict.Err())
			assert.Empty(t, strict.TakeWarnings())
		})
	}
}

func TestAtEnd(t *testing.T) {
	for in, want := range map[string]bool{"": true, " ": true, "   ": true, "x": false, " x": false, "\rx": false, "\tx": false} {
		d := decoder(t, "+"+in+"\r\n")
		d.pos++
		assert.Equal(t, want, d.AtEnd(), "%q", in)
		assert.Equal(t, 1, d.Pos())
	}
	d := decoder(t, "x\r\n")
	d.Fail("rule", "want")
	assert.True(t, d.AtEnd(), "after an error there is nothing")
}

// After the first error nothing can be read, whatever is called.
func TestStickyError(t *testing.T) {
	d := decoder(t, "12 abc (x)\r\n")
	d.pos = 3
	d.Fail("rule", "another thing")
	d.Fail("later", "something")
	want := &SyntaxError{Rule: "rule", Want: "another thing", Offset: 3, Octets: "abc (x)\r\n"}
	require.Equal(t, want, d.Err())
	assert.EqualError(t, d.Err(), `rule: want another thing at octet 3, found "abc (x)\r\n"`)
	d.Rewind(0)
	assert.Equal(t, byte(0), d.Peek())
	assert.Equal(t, byte(0), d.PeekAt(1))
	assert.Equal(t, byte(0), d.AfterSP())
	assert.False(t, d.Accept('1'))
	assert.False(t, d.AcceptSP())
	assert.False(t, d.Enter())
	d.SP()
	d.CRLF()
	d.Expect('(')
	for _, read := range readers {
		assert.Zero(t, read.do(d), "%s", read.name)
	}
	assert.Equal(t, want, d.Err())
	assert.Empty(t, d.TakeWarnings())

	d.Begin(frame(t, "* OK\r\n"))
	assert.True(t, d.OK())
	assert.Equal(t, byte('*'), d.Peek())
}

// readers are the terminals, as functions that give what they read.
var readers = []struct {
	name string
	do   func(*Decoder) any
}{
	{"Tag", func(d *Decoder) any { return d.Tag() }},
	{"RestOfLine", func(d *Decoder) any { return d.RestOfLine() }},
	{"TaggedExtLabel", func(d *Decoder) any { return d.TaggedExtLabel() }},
	{"TaggedExtVal", func(d *Decoder) any { return d.TaggedExtVal() }},
	{"OptionValue", func(d *Decoder) any { return d.OptionValue() }},
	{"BinaryData", func(d *Decoder) any {
		if b := d.BinaryData(); b != nil {
			return b.String()
		}
		return ""
	}},
	{"Atom", func(d *Decoder) any { return d.Atom() }},
	{"Astring", func(d *Decoder) any { return d.Astring() }},
	{"String", func(d *Decoder) any { return d.String() }},
	{"Quoted", func(d *Decoder) any { return d.Quoted() }},
	{"Nstring", func(d *Decoder) any { return d.Nstring() }},
	{"Nstring8", func(d *Decoder) any { return d.Nstring8() }},
	{"Nil", func(d *Decoder) any { d.Nil(); return "" }},
	{"Number", func(d *Decoder) any { return d.Number() }},
	{"NzNumber", func(d *Decoder) any { return d.NzNumber() }},
	{"Uniqueid", func(d *Decoder) any { return d.Uniqueid() }},
	{"Number64", func(d *Decoder) any { return d.Number64() }},
	{"NzNumber64", func(d *Decoder) any { return d.NzNumber64() }},
	{"Date", func(d *Decoder) any { return d.Date() }},
	{"DateTime", func(d *Decoder) any { return d.DateTime() }},
	{"SequenceSet", func(d *Decoder) any { return d.SequenceSet().String() }},
	{"UIDSet", func(d *Decoder) any { return d.UIDSet().String() }},
	{"Mailbox", func(d *Decoder) any { return d.Mailbox() }},
	{"ListMailbox", func(d *Decoder) any { return d.ListMailbox() }},
	{"Delimiter", func(d *Decoder) any { return d.Delimiter() }},
	{"Flag", func(d *Decoder) any { return d.Flag() }},
	{"FlagFetch", func(d *Decoder) any { return d.FlagFetch() }},
	{"FlagPerm", func(d *Decoder) any { return d.FlagPerm() }},
	{"FlagList", func(d *Decoder) any { return d.FlagList().String() }},
	{"FlagFetchList", func(d *Decoder) any { return d.FlagFetchList().String() }},
	{"FlagPermList", func(d *Decoder) any { return d.FlagPermList().String() }},
	{"Base64", func(d *Decoder) any { return string(d.Base64()) }},
	{"Text", func(d *Decoder) any { return d.Text() }},
	{"CodeText", func(d *Decoder) any { return d.CodeText() }},
	{"EnvText", func(d *Decoder) any { return d.EnvText() }},
	{"EnvDate", func(d *Decoder) any { return d.EnvDate() }},
	{"BodyData", func(d *Decoder) any {
		if b := d.BodyData(); b != nil {
			return b.String()
		}
		return ""
	}},
	{"AppendSource", func(d *Decoder) any {
		s := d.AppendSource()
		if s.IsZero() {
			return ""
		}
		return "source:" + string(s.bytes)
	}},
	{"Charset", func(d *Decoder) any { return d.Charset() }},
	{"FetchName", func(d *Decoder) any { return d.FetchName() }},
	{"AnyValue", func(d *Decoder) any { return d.AnyValue() }},
}

func TestDepth(t *testing.T) {
	d := &Decoder{}
	d.SetLimits(Limits{Depth: 3})
	d.Begin(frame(t, "x\r\n"))
	for range 3 {
		require.True(t, d.Enter())
	}
	d.Leave()
	require.True(t, d.Enter())
	assert.False(t, d.Enter())
	assert.ErrorContains(t, d.Err(), "nesting")
	d.Begin(frame(t, "x\r\n"))
	assert.True(t, d.Enter(), "a new frame begins at the top")
}

func TestBeginSkipsBlanks(t *testing.T) {
	d := decoder(t, " \x00 A1 OK\r\n")
	assert.Equal(t, "A1", d.Atom())
	assert.Len(t, d.TakeWarnings(), 1)
	d.SetStrict(true)
	d.Begin(frame(t, " A1 OK\r\n"))
	assert.False(t, d.OK())
}

func TestTextIsCutFromOneCopy(t *testing.T) {
	f := frame(t, `* X "one" "two" three`+"\r\n")
	d := &Decoder{}
	read := func() {
		d.Begin(f)
		d.pos = 4
		_ = d.Quoted()
		d.SP()
		_ = d.Quoted()
		d.SP()
		_ = d.Atom()
	}
	read()
	require.NoError(t, d.Err())
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, read))
}

func TestEnd(t *testing.T) {
	d := decoder(t, "x \"y\" (\r\n")
	assert.Equal(t, "X", string(d.Word()))
	d.SP()
	assert.Equal(t, "y", d.Quoted())
	d.SP()
	d.Number()
	d.End()
	assert.Error(t, d.Err())
	assert.Nil(t, d.buf)
	assert.Nil(t, d.frame)
	assert.Empty(t, d.text)
	assert.Empty(t, d.Word())
	for _, read := range readers {
		assert.Zero(t, read.do(d), "%s", read.name)
	}
}

// TestBracketAfterBlank: "]" after a blank begins an element where one can; else the second pass takes it for the end of the code.
func TestBracketAfterBlank(t *testing.T) {
	d := decoder(t, "x ] text\r\n")
	d.Expect('x')
	require.True(t, d.AcceptSP())
	d.Fail("capability", "an atom")
	require.True(t, d.Retry(1))
	require.False(t, d.AcceptSP())
	require.EqualValues(t, ']', d.Peek())
	d.EndRetry()
	require.Len(t, d.TakeWarnings(), 2)

	d = decoder(t, "x ]a)\r\n") // in the second pass as well it is an element when nothing follows a code
	d.Fail("x", "y")
	require.True(t, d.Retry(1))
	require.True(t, d.AcceptSP())
}
