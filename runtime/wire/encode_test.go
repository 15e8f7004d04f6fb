package wire

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// written gives what one encoder call writes, pauses marked, or the failure.
func written(m Mode, write func(*Encoder)) (string, error) {
	var e Encoder
	e.Begin(m)
	write(&e)
	var out strings.Builder
	for p := range e.Pieces() {
		out.Write(p.Octets)
		switch p.Then {
		case PauseLiteral:
			out.WriteString("<wait>")
		case PauseTurn:
			out.WriteString("<turn>")
		}
		if p.Source != nil {
			if _, err := io.Copy(&out, p.Source.Reader()); err != nil {
				return "", err
			}
		}
	}
	return out.String(), e.Err()
}

func TestEncodeStrings(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		mode  Mode
		write func(*Encoder)
		want  string // "": fails
	}{
		"atom":                        {Mode{}, func(e *Encoder) { e.Astring("abc") }, "abc"},
		"astring with ]":              {Mode{}, func(e *Encoder) { e.Astring("a]") }, "a]"},
		"quoted":                      {Mode{}, func(e *Encoder) { e.Astring("a b") }, `"a b"`},
		"empty":                       {Mode{}, func(e *Encoder) { e.Astring("") }, `""`},
		"escapes":                     {Mode{}, func(e *Encoder) { e.Astring(`a"b\c`) }, `"a\"b\\c"`},
		"NIL is no atom":              {Mode{}, func(e *Encoder) { e.Astring("nil") }, `"nil"`},
		"what looks like a literal":   {Mode{}, func(e *Encoder) { e.Astring("{10}") }, `"{10}"`},
		"never an atom":               {Mode{}, func(e *Encoder) { e.AstringQuoted("abc") }, `"abc"`},
		"CR LF":                       {Mode{}, func(e *Encoder) { e.Astring("a\r\nb") }, "{4}\r\n<wait>a\r\nb"},
		"CR LF, quote clause":         {Mode{}, func(e *Encoder) { e.AstringQuoted("a\nb") }, "{3}\r\n<wait>a\nb"},
		"CR LF with LITERAL+":         {Mode{LiteralPlus: true}, func(e *Encoder) { e.String("a\rb") }, "{3+}\r\na\rb"},
		"CR LF with LITERAL-":         {Mode{LiteralMinus: true}, func(e *Encoder) { e.String("a\rb") }, "{3+}\r\na\rb"},
		"CR LF on a server":           {Mode{Server: true, LiteralPlus: true}, func(e *Encoder) { e.String("a\rb") }, "{3}\r\na\rb"},
		"NUL":                         {Mode{Literal8: true}, func(e *Encoder) { e.Astring("a\x00b") }, ""},
		"8-bit":                       {Mode{}, func(e *Encoder) { e.Astring("é") }, "{2}\r\n<wait>é"},
		"8-bit in UTF-8":              {Mode{UTF8: true}, func(e *Encoder) { e.Astring("é") }, `"é"`},
		"not UTF-8":                   {Mode{UTF8: true}, func(e *Encoder) { e.Astring("\xe9") }, "{1}\r\n<wait>\xe9"},
		"long":                        {Mode{}, func(e *Encoder) { e.Astring(long) }, "{5000}\r\n<wait>" + long},
		"long with LITERAL-":          {Mode{LiteralMinus: true}, func(e *Encoder) { e.Astring(long) }, "{5000}\r\n<wait>" + long},
		"4096 with LITERAL-":          {Mode{LiteralMinus: true}, func(e *Encoder) { e.Astring(long[:4096]) }, "{4096+}\r\n" + long[:4096]},
		"4097 with LITERAL-":          {Mode{LiteralMinus: true}, func(e *Encoder) { e.Astring(long[:4097]) }, "{4097}\r\n<wait>" + long[:4097]},
		"long with LITERAL+":          {Mode{LiteralPlus: true}, func(e *Encoder) { e.Astring(long) }, "{5000+}\r\n" + long},
		"nstring":                     {Mode{}, func(e *Encoder) { e.Nstring(NStr("x")); e.SP(); e.Nstring(NString{}) }, `"x" NIL`},
		"quoted CR":                   {Mode{}, func(e *Encoder) { e.Quoted("a\rb") }, ""},
		"quoted 8-bit":                {Mode{}, func(e *Encoder) { e.Quoted("é") }, ""},
		"Atom":                        {Mode{}, func(e *Encoder) { e.Atom("X-Y") }, "X-Y"},
		"Atom with SP":                {Mode{}, func(e *Encoder) { e.Atom("X Y") }, ""},
		"Atom with CR LF":             {Mode{}, func(e *Encoder) { e.Atom("X\r\nY") }, ""},
		"Atom, empty":                 {Mode{}, func(e *Encoder) { e.Atom("") }, ""},
		"Atom with ]":                 {Mode{}, func(e *Encoder) { e.Atom("a]") }, ""},
		"Atom with {":                 {Mode{}, func(e *Encoder) { e.Atom("a{1}") }, ""},
		"Token":                       {Mode{}, func(e *Encoder) { e.Token(`\Marked`) }, `\Marked`},
		"Token with (":                {Mode{}, func(e *Encoder) { e.Token("UNSEEN)") }, ""},
		"Word":                        {Mode{}, func(e *Encoder) { e.Word("X-NEW") }, "X-NEW"},
		"Word that is a number":       {Mode{}, func(e *Encoder) { e.Word("1:5") }, ""},
		"Word that is a flag":         {Mode{}, func(e *Encoder) { e.Word(`\Seen`) }, ""},
		"Token, backslash alone":      {Mode{}, func(e *Encoder) { e.Token(`\`) }, ""},
		"Charset":                     {Mode{}, func(e *Encoder) { e.Charset("UTF-8") }, "UTF-8"},
		"Charset, quoted":             {Mode{}, func(e *Encoder) { e.Charset("a b") }, `"a b"`},
		"Flag":                        {Mode{}, func(e *Encoder) { e.Flag(FlagSeen) }, `\Seen`},
		"Flag with CR LF":             {Mode{}, func(e *Encoder) { e.Flag("x\r\nA1 LOGOUT") }, ""},
		`Flag \*`:                     {Mode{}, func(e *Encoder) { e.Flag(FlagWildcard) }, ""},
		`FlagPerm \*`:                 {Mode{}, func(e *Encoder) { e.FlagPerm(FlagWildcard) }, `\*`},
		"FlagList":                    {Mode{}, func(e *Encoder) { e.FlagList(NewFlags(FlagSeen, "x")) }, `\Seen x`},
		"FlagFetchList":               {Mode{}, func(e *Encoder) { e.FlagFetchList(NewFlags(FlagRecent)) }, `\Recent`},
		"FlagPermList":                {Mode{}, func(e *Encoder) { e.FlagPermList(NewFlags(FlagSeen, FlagWildcard)) }, `\Seen \*`},
		"FlagList, bad":               {Mode{}, func(e *Encoder) { e.FlagList(NewFlags(FlagSeen, "a b")) }, ""},
		"Text":                        {Mode{}, func(e *Encoder) { e.Text("at your service") }, "at your service"},
		"Text with CR":                {Mode{}, func(e *Encoder) { e.Text("a\rb") }, ""},
		"Text with [":                 {Mode{}, func(e *Encoder) { e.Text("[ALERT] x") }, ""},
		"CodeText":                    {Mode{}, func(e *Encoder) { e.CodeText("a b") }, "a b"},
		"CodeText with ]":             {Mode{}, func(e *Encoder) { e.CodeText("a]b") }, ""},
		"Delimiter":                   {Mode{}, func(e *Encoder) { e.Delimiter('\\') }, `"\\"`},
		"Delimiter, none":             {Mode{}, func(e *Encoder) { e.Delimiter(0) }, "NIL"},
		"Base64":                      {Mode{}, func(e *Encoder) { e.Base64([]byte("\x00ada\x00secret")) }, "AGFkYQBzZWNyZXQ="},
		"EnvText":                     {Mode{}, func(e *Encoder) { e.EnvText(NewText("é")); e.SP(); e.EnvText(Text{}) }, `"=?utf-8?q?=C3=A9?=" NIL`},
		"EnvDate":                     {Mode{}, func(e *Encoder) { e.EnvDate(Date{"x", true}); e.SP(); e.EnvDate(Date{}) }, `"x" NIL`},
		"FetchName":                   {Mode{}, func(e *Encoder) { e.FetchName("BODY[1.2]<0>") }, "BODY[1.2]<0>"},
		"FetchName with SP":           {Mode{}, func(e *Encoder) { e.FetchName("X Y") }, ""},
		"AnyValue":                    {Mode{}, func(e *Encoder) { e.AnyValue(`(a "b)" (c))`) }, `(a "b)" (c))`},
		"AnyValue, two":               {Mode{}, func(e *Encoder) { e.AnyValue("a b") }, ""},
		"AnyValue, open":              {Mode{}, func(e *Encoder) { e.AnyValue("(a") }, ""},
		"AnyValue, empty":             {Mode{}, func(e *Encoder) { e.AnyValue("") }, ""},
		"AnyValue with CR LF":         {Mode{}, func(e *Encoder) { e.AnyValue("(a\r\nA1 LOGOUT)") }, ""},
		"AnyValue, literal":           {Mode{}, func(e *Encoder) { e.AnyValue("{1}\r\na") }, ""},
		"AnyValue, literal, server":   {Mode{Server: true}, func(e *Encoder) { e.AnyValue("({1}\r\n()") }, "({1}\r\n()"},
		"AnyValue, CR LF, server":     {Mode{Server: true}, func(e *Encoder) { e.AnyValue("(a\r\n* BYE)") }, ""},
		"AnyValue, quoted CR, server": {Mode{Server: true}, func(e *Encoder) { e.AnyValue("\"a\r\nb\"") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := written(c.mode, c.write)
			if c.want == "" {
				var argument *ArgumentError
				require.ErrorAs(t, err, &argument)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestEncodeMailboxes(t *testing.T) {
	for name, c := range map[string]struct {
		mode Mode
		name string
		want string
	}{
		"INBOX":            {Mode{}, "INBOX", "INBOX"},
		"blank":            {Mode{}, "a b", `"a b"`},
		"UTF-7":            {Mode{}, "Entwürfe", "Entw&APw-rfe"},
		"ampersand":        {Mode{}, "a&b", "a&-b"},
		"UTF-8":            {Mode{UTF8: true}, "Entwürfe", `"Entwürfe"`},
		"UTF-8, &":         {Mode{UTF8: true}, "a&b", "a&b"},
		"NIL":              {Mode{}, "NIL", `"NIL"`},
		"CR LF":            {Mode{}, "a\r\nb", ""},
		"CR LF in UTF-8":   {Mode{UTF8: true}, "a\r\nb", ""},
		"DEL":              {Mode{}, "a\x7f", ""},
		"empty":            {Mode{}, "", `""`},
		"raw":              {Mode{}, RawMailbox("A&B"), "A&B"},
		"raw 8-bit":        {Mode{}, RawMailbox("\xfc"), "{1}\r\n<wait>\xfc"},
		"raw CR LF":        {Mode{}, RawMailbox("a\r\nb"), "{4}\r\n<wait>a\r\nb"},
		"raw NUL":          {Mode{}, RawMailbox("\x00"), ""},
		"NUL":              {Mode{}, "a\x00", ""},
		"not UTF-8":        {Mode{}, "a\xfc", ""},
		"wildcards quoted": {Mode{}, "a*", `"a*"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := written(c.mode, func(e *Encoder) { e.Mailbox(c.name) })
			assert.Equal(t, c.want == "", err != nil)
			assert.Equal(t, c.want, got)
		})
	}
	got, err := written(Mode{}, func(e *Encoder) { e.ListMailbox("*/%/ü") })
	assert.NoError(t, err)
	assert.Equal(t, "*/%/&APw-", got)
}

// RFC 5322 section 2.2.
func TestEncodeHeaderNames(t *testing.T) {
	for name, want := range map[string]string{
		"Subject": "Subject", "x(y)": `"x(y)"`, "!": "!", "a]": "a]",
		"": "", "a:": "", "a b": "", "a\tb": "", "x\r\n* 1 EXPUNGE": "", "a\x00": "", "a\x7f": "", "ü": "",
	} {
		got, err := written(Mode{}, func(e *Encoder) { e.HeaderFldName(name) })
		assert.Equal(t, want == "", err != nil, name)
		assert.Equal(t, want, got)
	}
}

func TestEncodeNumbersAndDates(t *testing.T) {
	day := at(1994, 2, 1, 23, 5, 9, -7*3600)
	for want, write := range map[string]func(*Encoder){
		"0":                            func(e *Encoder) { e.Number(0) },
		"4294967295":                   func(e *Encoder) { e.NzNumber(4294967295) },
		"7":                            func(e *Encoder) { e.Uniqueid(7) },
		"9223372036854775807":          func(e *Encoder) { e.Number64(1<<63 - 1) },
		"9223372036854775806":          func(e *Encoder) { e.NzNumber64(1<<63 - 2) },
		"1-Feb-1994":                   func(e *Encoder) { e.Date(day) },
		`" 1-Feb-1994 23:05:09 -0700"`: func(e *Encoder) { e.DateTime(day) },
		`" 2-Jan-0007 00:00:00 +0000"`: func(e *Encoder) { e.DateTime(at(7, 1, 2, 0, 0, 0, 0)) },
		`" 1-Jan-2024 00:00:00 +0000"`: func(e *Encoder) {
			e.DateTime(time.Date(2024, 1, 6, 0, 0, 0, 0, time.FixedZone("far", 120*3600)))
		},
		"1:3,7":   func(e *Encoder) { e.SequenceSet(UIDs(7, 3, 2, 1)) },
		"$":       func(e *Encoder) { e.SequenceSet(SavedResult()) },
		"304,319": func(e *Encoder) { e.UIDSet(UIDs(304, 319)) },
	} {
		got, err := written(Mode{}, write)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for name, write := range map[string]func(*Encoder){
		"nz-number":    func(e *Encoder) { e.NzNumber(0) },
		"uniqueid":     func(e *Encoder) { e.Uniqueid(0) },
		"number64":     func(e *Encoder) { e.Number64(1 << 63) },
		"nz-number64":  func(e *Encoder) { e.NzNumber64(0) },
		"nz-number64 ": func(e *Encoder) { e.NzNumber64(1 << 63) },
		"date":         func(e *Encoder) { e.Date(time.Time{}) },
		"date ":        func(e *Encoder) { e.Date(at(10000, 1, 1, 0, 0, 0, 0)) },
		"date-time":    func(e *Encoder) { e.DateTime(at(-1, 1, 1, 0, 0, 0, 0)) },
	} {
		_, err := written(Mode{}, write)
		var argument *ArgumentError
		require.ErrorAs(t, err, &argument, name)
		assert.Equal(t, strings.TrimSpace(name), argument.Field)
	}
}

// A server writes a set as it came, since the order of COPYUID and of a sorted ESEARCH means something; a client ascending.
func TestEncodeSetsInOrder(t *testing.T) {
	set, err := ParseSet("7:9,3,2,11", false)
	require.NoError(t, err)
	for want, mode := range map[string]Mode{"7:9,3,2,11 7:9,3,2,11 $": {Server: true}, "2:3,7:9,11 2:3,7:9,11 $": {}} {
		got, err := written(mode, func(e *Encoder) { e.UIDSet(set); e.SP(); e.SequenceSet(set); e.SP(); e.SequenceSet(SavedResult()) })
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestEncodeSources(t *testing.T) {
	reader := func(s string) Source { return SourceReader(strings.NewReader(s), int64(len(s))) }
	for name, c := range map[string]struct {
		mode   Mode
		source Source
		want   string
	}{
		"bytes":                  {Mode{}, SourceBytes([]byte("a\r\n")), "{3}\r\n<wait>a\r\n)"},
		"string with LITERAL+":   {Mode{LiteralPlus: true}, SourceString("abc"), "{3+}\r\nabc)"},
		"reader":                 {Mode{}, reader("abc"), "{3}\r\n<wait>abc)"},
		"reader with LITERAL-":   {Mode{LiteralMinus: true}, reader("abc"), "{3+}\r\nabc)"},
		"on a server":            {Mode{Server: true}, reader("abc"), "{3}\r\nabc)"},
		"empty":                  {Mode{}, SourceBytes(nil), "{0}\r\n<wait>)"},
		"NUL":                    {Mode{}, SourceString("\x00"), ""},
		"NUL with BINARY":        {Mode{Literal8: true}, SourceString("\x00"), "~{1}\r\n<wait>\x00)"},
		"none":                   {Mode{}, Source{}, ""},
		"no reader":              {Mode{}, SourceReader(nil, 5), ""},
		"a size that is no size": {Mode{}, SourceReader(strings.NewReader(""), -1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := written(c.mode, func(e *Encoder) { e.AppendSource(c.source); e.Byte(')') })
			if c.want == "" {
				assert.Error(t, err)
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	got, err := written(Mode{Server: true}, func(e *Encoder) { e.BodyData(NewBody([]byte("abc"))); e.SP(); e.BodyData(nil) })
	assert.NoError(t, err)
	assert.Equal(t, "{3}\r\nabc NIL", got)
	_, err = written(Mode{Server: true, Literal8: true}, func(e *Encoder) { e.BodyData(NewBody([]byte{0})) })
	assert.Error(t, err)
}

func TestEncoderPieces(t *testing.T) {
	var e Encoder
	e.Begin(Mode{})
	e.Keyword("A1 LOGIN ")
	e.Astring("ada")
	e.SP()
	e.Secret()
	e.AstringQuoted("se\"c\nret")
	e.EndSecret()
	e.SP()
	e.Secret()
	e.EndSecret() // nothing is secret here
	e.Secret()
	e.Base64([]byte("x"))
	e.EndSecret()
	e.CRLF()
	require.NoError(t, e.Err())
	type piece struct {
		octets  string
		secrets []string
		then    Pause
	}
	var got []piece
	for p := range e.Pieces() {
		var secrets []string
		for _, r := range p.Secrets {
			secrets = append(secrets, string(p.Octets[r.From:r.To]))
		}
		got = append(got, piece{string(p.Octets), secrets, p.Then})
	}
	assert.Equal(t, []piece{
		{"A1 LOGIN ada {8}\r\n", []string{"{8}\r\n"}, PauseLiteral},
		{"se\"c\nret eA==\r\n", []string{"se\"c\nret", "eA=="}, PauseNone},
	}, got)
	for range e.Pieces() {
		break // safe
	}

	e.Begin(Mode{})
	e.Keyword("A2 IDLE")
	e.Turn()
	e.Keyword("DONE")
	e.CRLF()
	got = nil
	for p := range e.Pieces() {
		got = append(got, piece{string(p.Octets), nil, p.Then})
	}
	assert.Equal(t, []piece{{"A2 IDLE\r\n", nil, PauseTurn}, {"DONE\r\n", nil, PauseNone}}, got)
	assert.NotContains(t, string(e.buf[:cap(e.buf)]), "ret", "a password does not stay in the buffer")
}

func TestEncoderBytes(t *testing.T) {
	var e Encoder
	e.Begin(Mode{Server: true})
	e.Keyword("* 1 FETCH (BODY[] ")
	e.BodyData(NewBody([]byte("abc")))
	e.Keyword(" X ")
	e.AppendSource(SourceString("def"))
	e.Byte(')')
	e.CRLF()
	assert.Equal(t, "* 1 FETCH (BODY[] {3}\r\nabc X {3}\r\ndef)\r\n", string(e.Bytes()))
	require.NoError(t, e.Err())

	e.Begin(Mode{})
	e.String("a\nb")
	assert.Nil(t, e.Bytes())
	assert.Error(t, e.Err(), "there is something to wait for")

	e.Begin(Mode{Server: true})
	e.AppendSource(SourceReader(strings.NewReader("x"), 1))
	assert.Nil(t, e.Bytes())
	assert.Error(t, e.Err())
}

func TestEncoderFirstFailureCounts(t *testing.T) {
	var e Encoder
	e.Begin(Mode{})
	e.Fail("first", "good")
	e.Atom("")
	assert.Equal(t, &ArgumentError{Field: "first", Want: "good"}, e.Err())
	e.Begin(Mode{})
	assert.NoError(t, e.Err())
	e.Keyword(strings.Repeat("x", 2*keepBuffer))
	e.Begin(Mode{})
	assert.LessOrEqual(t, cap(e.buf), keepBuffer, "one long command does not keep its buffer")
}
