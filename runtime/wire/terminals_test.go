package wire

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var longLiteral = strings.Repeat("long ", inline)

// A reading is what a terminal makes of octets. The cursor stands after "+" and a blank; want nil is an error in either mode, and a
// warning is an error in strict mode.
type reading struct {
	terminal, in string
	want         any
	rest         string // without the line end
	warning      string
}

var readings = []reading{
	{"Tag", "A1]x OK", "A1]x", " OK", ""},
	{"Tag", "A+", "A", "+", ""},
	{"Tag", "+ x", nil, "", ""},
	{"RestOfLine", "foo (bar {3}\r\na b", Value("foo (bar {3}\r\na b"), "", ""},
	{"TaggedExtLabel", "x-y 1", "x-y", " 1", ""},
	{"TaggedExtLabel", "1", nil, "", ""},
	{"TaggedExtVal", "1:* x", Value("1:*"), " x", ""},
	{"TaggedExtVal", "$ x", Value("$"), " x", ""},
	{"TaggedExtVal", "(a b) x", Value("(a b)"), " x", ""},
	{"TaggedExtVal", "a", nil, "", ""},
	{"OptionValue", "(a) x", Value("(a)"), " x", ""},
	{"OptionValue", "a", nil, "", ""},
	{"BinaryData", "~{3}\r\na\x00b)", "a\x00b", ")", ""},
	{"BinaryData", "NIL", "", "", ""},
	{"Nstring8", "~{3}\r\na\x00b)", NStr("a\x00b"), ")", ""},
	{"Nstring8", "NIL", NString{}, "", ""},
	{"Atom", "abc def", "abc", " def", ""},
	{"Atom", "a[b+c}d]", "a[b+c}d", "]", ""},
	{"Atom", "(x)", nil, "", ""},
	{"Atom", "", nil, "", ""},
	{"Astring", "a]b c", "a]b", " c", ""},
	{"Astring", `"a b" c`, "a b", " c", ""},
	{"Astring", "{3}\r\na b c", "a b", " c", ""},
	{"Astring", "NIL", "NIL", "", ""},
	{"Astring", "%", nil, "", ""},
	{"String", `""`, "", "", ""},
	{"String", `"a\"b\\c"`, `a"b\c`, "", ""},
	{"String", "{0}\r\n)", "", ")", ""},
	{"String", "{2}\r\n\x00\xff", "\x00\xff", "", ""},
	{"String", "{" + strconv.Itoa(len(longLiteral)) + "}\r\n" + longLiteral + " x", longLiteral, " x", ""},
	{"String", "atom", nil, "", ""},
	{"String", "NIL", nil, "", ""},
	{"String", `"abc`, nil, "", ""},
	{"String", "~{2}\r\nab", "ab", "", "string: a literal without ~"},
	{"Quoted", "\"tab\there\"", "tab\there", "", ""},
	{"Quoted", "{1}\r\na", nil, "", ""},
	{"Nstring", "NIL)", NString{}, ")", ""},
	{"Nstring", "nIl", NString{}, "", ""},
	{"Nstring", `""`, NStr(""), "", ""},
	{"Nstring", `"NIL"`, NStr("NIL"), "", ""},
	{"Nstring", "{3}\r\nNIL", NStr("NIL"), "", ""},
	{"Nstring", "NILS", nil, "", ""},
	{"Nstring", "NI", nil, "", ""},
	{"Astring", "~x", "~x", "", ""},
	{"Nstring", "~x", nil, "", ""},
	{"Nil", "NIL ", "", " ", ""},
	{"Nil", "NOT", nil, "", ""},

	// Strings as servers send them (QUIRKS Q39 to Q46, Q21).
	{"String", "\"UTF-8: \xc3\xa9\"", "UTF-8: é", "", ""},
	{"String", "\"Latin-1: \xe9\"", "Latin-1: é", "", "string: UTF-8"},
	{"Astring", "\"\xe9\"", "é", "", "astring: UTF-8"},
	{"Nstring", "\"\xe9\"", NStr("é"), "", "nstring: UTF-8"},
	{"String", `"C:\temp\x"`, `C:\temp\x`, "", `string: \" or \\;string: \" or \\`},
	{"String", `"a\"b\c"`, `a"b\c`, "", `string: \" or \\`},
	{"String", "\"a\r\n b\" c", "a\r\n b", " c", "string: no CR, LF or NUL in a quoted string"},
	{"String", "\"a\x00b\"", "a\x00b", "", "string: no CR, LF or NUL in a quoted string"},
	{"String", `"""" "base64"`, `""`, ` "base64"`, "string: an escaped quote;string: an escaped quote"},
	{"String", `"MOUNDARY="_006_5DBB_"" "X"`, `MOUNDARY="_006_5DBB_"`, ` "X"`, "string: an escaped quote;string: an escaped quote"},
	{"String", `"sina.com\")) (("n" NIL "p" "q")`, `sina.com\`, `)) (("n" NIL "p" "q")`, `string: \" or \\`},
	{"String", `"say \"hello\" (loudly)" "x"`, `say "hello" (loudly)`, ` "x"`, ""},
	{"String", `"ends in \"" x`, `ends in "`, " x", ""},
	{"String", `"ends in \\" x`, `ends in \`, " x", ""},
	{"String", "{03}\r\nabc", "abc", "", "literal: a size without leading zeros"},
	{"String", "{3}\nabc", "abc", "", "literal: CR before LF"},

	{"Number", "0 ", uint32(0), " ", ""},
	{"Number", "007", uint32(7), "", ""},
	{"Number", "999999999", uint32(999999999), "", ""},
	{"Number", "4294967295)", uint32(4294967295), ")", ""},
	{"Number", "4294967296", nil, "", ""},
	{"Number", "18446744073709551617", nil, "", ""},
	{"Number", "00000000000000000000000000000000000000012", uint32(12), "", ""},
	{"Number", "-1 ", uint32(0), " ", "number: a number"},
	{"Number", "9.3736e+06)", uint32(9373600), ")", "number: a number"},
	{"Number", "0.5>", uint32(0), ".5>", ""},
	{"Number", "9e3)", uint32(9000), ")", "number: a number"},
	{"Number", "1each", uint32(1), "each", ""},
	{"Number", "-1e2 ", uint32(0), " ", "number: a number"},
	{"Number", "1." + strings.Repeat("0", 100) + "e1", nil, "", ""},
	{"Number", "9.9e99", nil, "", ""},
	{"Number", "NIL)", uint32(0), ")", "number: a number"},
	{"Number", "x", nil, "", ""},
	{"Number", "-", nil, "", ""},
	{"Number", ".", nil, "", ""},
	{"NzNumber", "12 ", uint32(12), " ", ""},
	{"NzNumber", "4294967295", uint32(4294967295), "", ""},
	{"NzNumber", "4294967296", nil, "", ""},
	{"NzNumber", "0]", uint32(0), "]", "nz-number: a number that begins with 1 to 9"},
	{"NzNumber", "012", uint32(12), "", "nz-number: a number that begins with 1 to 9"},
	{"NzNumber", "-1)", uint32(0), ")", "nz-number: a number"},
	{"NzNumber", "", nil, "", ""},
	{"Uniqueid", "4294967295", uint32(4294967295), "", ""},
	{"Uniqueid", "0", uint32(0), "", "uniqueid: a number that begins with 1 to 9"},
	{"Number64", "4294967296", uint64(4294967296), "", ""},
	{"Number64", "999999999999999999", uint64(999999999999999999), "", ""},
	{"Number64", "9223372036854775807", uint64(9223372036854775807), "", ""},
	{"Number64", "9223372036854775808", uint64(1 << 63), "", "number64: a number below 2^63"},
	{"Number64", "18446744073709551616", nil, "", ""},
	{"Number64", "-1", uint64(0), "", "number64: a number"},
	{"Number64", "0.2048>", uint64(0), ".2048>", ""},
	{"Number64", "9.3736e+06)", uint64(9373600), ")", "number64: a number"},
	{"NzNumber64", "1", uint64(1), "", ""},
	{"NzNumber64", "0", uint64(0), "", "nz-number64: a number that begins with 1 to 9"},
	{"NzNumber64", "18446744073709551616", nil, "", ""},

	{"Delimiter", `"/" x`, '/', " x", ""},
	{"Delimiter", `"\\"`, '\\', "", ""},
	{"Delimiter", `"\"" x`, '"', " x", ""},
	{"Delimiter", `"\" INBOX`, '\\', " INBOX", `delimiter: \" or \\`},
	{"Delimiter", `"\" "INBOX"`, '\\', ` "INBOX"`, `delimiter: \" or \\`},
	{"Delimiter", "NIL", rune(0), "", ""},
	{"Delimiter", `""`, rune(0), "", "delimiter: one character"},
	{"Delimiter", `"//"`, '/', "", "delimiter: one character"},
	{"Delimiter", "/", nil, "", ""},

	{"Base64", "aGVsbG8=", "hello", "", ""},
	{"Base64", "", "", "", ""},
	{"Base64", "aGVsbG8 x", "hello", " x", "base64: padding"},
	{"Base64", "a", nil, "", ""},
	{"Base64", "=", "", "", "base64: padding"},

	{"Text", "hello world", "hello world", "", ""},
	{"Text", "\xd0\x93\xd0\xbe", "Го", "", ""},
	{"Text", "caf\xe9", "café", "", ""},
	{"Text", "", nil, "", ""},
	{"Text", "[x] y", "[x] y", "", `text: text that does not begin with "["`},
	{"Text", "a\rb", "a\rb", "", "text: no CR in text"},
	{"Text", "a\x00b", "a\x00b", "", "text: no NUL in text"},
	{"CodeText", "a b (c)] d", "a b (c)", "] d", ""},
	{"CodeText", "a b", "a b", "", ""},
	{"CodeText", "]", nil, "", ""},

	{"EnvText", `"=?utf-8?q?x?="`, Text{"=?utf-8?q?x?=", true}, "", ""},
	{"EnvText", "NIL", Text{}, "", ""},
	{"EnvText", "{2}\r\nab", Text{"ab", true}, "", ""},
	{"EnvText", "\"\xe9\"", Text{"\xe9", true}, "", "env-text: UTF-8"},
	{"EnvText", "x", nil, "", ""},
	{"EnvDate", `"6/31/2005"`, Date{"6/31/2005", true}, "", ""},
	{"EnvDate", "NIL", Date{}, "", ""},
	{"EnvDate", "{2}\r\nab", Date{"ab", true}, "", ""},
	{"BodyData", "{5}\r\na\r\nb!)", "a\r\nb!", ")", ""},
	{"BodyData", "{" + strconv.Itoa(len(longLiteral)) + "}\r\n" + longLiteral + ")", longLiteral, ")", ""},
	{"BodyData", `"abc"`, "abc", "", ""},
	{"BodyData", "NIL", "", "", ""},
	{"BodyData", "abc", nil, "", ""},
	{"AppendSource", "{3+}\r\nabc", "source:abc", "", ""},
	{"AppendSource", `"abc"`, nil, "", ""},
	{"Charset", "utf-8 x", "utf-8", " x", ""},
	{"Charset", `"utf-8"`, "utf-8", "", ""},

	{"Mailbox", "inBox ", "INBOX", " ", ""},
	{"Mailbox", `"Inbox"`, "INBOX", "", ""},
	{"Mailbox", "INBOX/x", "INBOX/x", "", ""},
	{"Mailbox", "[Gmail]/Spam", "[Gmail]/Spam", "", ""},
	{"Mailbox", "+stuff", "+stuff", "", ""},
	{"Mailbox", "NIL", "NIL", "", ""},
	{"Mailbox", "~/Mail", "~/Mail", "", ""},
	{"Mailbox", "~{4}\r\nMail", "Mail", "", "mailbox: a literal without ~"},
	{"Mailbox", "Entw&APw-rfe", "Entwürfe", "", ""},
	{"Mailbox", `"a&-b"`, "a&b", "", ""},
	{"Mailbox", "{4}\r\na\"\\b", `a"\b`, "", ""},
	{"Mailbox", "INBOX/Da\tOggetto\tRicevuto", "\xffINBOX/Da\tOggetto\tRicevuto", "", "mailbox: an atom or a string;mailbox: a name in the encoding that is in force"},
	{"Mailbox", "Da\tx (MESSAGES 1)", "\xffDa\tx", " (MESSAGES 1)", "mailbox: an atom or a string;mailbox: a name in the encoding that is in force"},
	{"Mailbox", "\"Entw\xc3\xbcrfe\"", "\xffEntw\xc3\xbcrfe", "", "mailbox: a name in the encoding that is in force"},
	{"Mailbox", "\"Entw\xfcrfe\"", "\xffEntw\xfcrfe", "", "mailbox: UTF-8;mailbox: a name in the encoding that is in force"},
	{"Mailbox", "a&AAk-b", "\xffa&AAk-b", "", ""},
	{"Mailbox", `"A&B"`, "\xffA&B", "", "mailbox: a name in the encoding that is in force"},
	{"Mailbox", `"&AC4ALg-"`, "\xff&AC4ALg-", "", "mailbox: a name in the encoding that is in force"},
	{"Mailbox", "", nil, "", ""},
	{"Mailbox", "(x)", nil, "", ""},
	{"ListMailbox", "*&APw-%]", "*ü%]", "", ""},
	{"ListMailbox", `"%"`, "%", "", ""},
	{"ListMailbox", "{1}\r\n*", "*", "", ""},

	{"Flag", `\Seen)`, FlagSeen, ")", ""},
	{"Flag", `\SEEN`, FlagSeen, "", ""},
	{"Flag", "$Forwarded x", Flag("$Forwarded"), " x", ""},
	{"Flag", `\*`, FlagWildcard, "", `flag: a flag other than \*`},
	{"FlagFetch", `\Recent`, FlagRecent, "", ""},
	{"FlagPerm", `\*`, FlagWildcard, "", ""},
	{"Flag", `"\\Seen"`, FlagSeen, "", "flag: a flag without quotes"},
	{"Flag", "a]b", Flag("a]b"), "", "flag: octets of an atom"},
	{"Flag", `\`, nil, "", ""},
	{"Flag", "NIL x", Flag(""), " x", "flag: a flag"},
	{"Flag", "(", nil, "", ""},
	{"FlagList", ")", "", ")", ""},
	{"FlagList", `\Seen $x \aNSWERED)`, `\Seen $x \Answered`, ")", ""},
	{"FlagPermList", `\Seen \*)`, `\Seen \*`, ")", ""},
	{"FlagFetchList", `\Seen \Recent)`, `\Seen \Recent`, ")", ""},
	{"FlagList", `\Seen \*)`, `\Seen \*`, ")", `flag: a flag other than \*`},
	{"FlagList", `\Seen )`, `\Seen`, ")", "SP: no blank before the end of a list"},
	{"FlagList", `\Seen  x)`, `\Seen x`, ")", "SP: one blank"},
	{"FlagFetchList", `NIL "\\Seen")`, `\Seen`, ")", "flag-fetch: a flag;flag-fetch: a flag without quotes"},
	{"FlagPermList", `\Answered OIB-Seen-[Gmail]/All Mail \*)`, `\Answered OIB-Seen-[Gmail]/All Mail \*`, ")", "flag-perm: octets of an atom"},
	{"FlagList", strings.Repeat("flag ", 100) + "x)", strings.Repeat("flag ", 100) + "x", ")", ""},

	{"FetchName", "X-GM-MSGID 1", "X-GM-MSGID", " 1", ""},
	{"FetchName", "BINARY.SIZE[1.2]<0> x", "BINARY.SIZE[1.2]<0>", " x", ""},
	{"FetchName", "X[a (b)] x", "X[a (b)]", " x", "fetch-name: the octets of a name"},
	{"FetchName", "(", nil, "", ""},
	{"FetchName", "X[a (b", "X[a", " (b", ""},
	{"FetchName", "A/B x", "A/B", " x", "fetch-name: the octets of a name"},
	{"AnyValue", "abc def", Value("abc"), " def", ""},
	{"AnyValue", "(a (b) \"(\" {1}\r\n( c) d", Value("(a (b) \"(\" {1}\r\n( c)"), " d", ""},
	{"AnyValue", `"a b" c`, Value(`"a b"`), " c", ""},
	{"AnyValue", "~{3}\r\na b c", Value("~{3}\r\na b"), " c", ""},
	{"AnyValue", "NIL)", Value("NIL"), ")", ""},
	{"AnyValue", `\Seen x`, Value(`\Seen`), " x", "any-value: an atom, a string, a literal or a list"},
	{"AnyValue", "{x}", Value("{x}"), "", "any-value: an atom, a string, a literal or a list"},
	{"AnyValue", ")", nil, "", ""},
	{"AnyValue", "(a", nil, "", ""},

	{"SequenceSet", "1 ", "1", " ", ""},
	{"SequenceSet", "5:3,1,*", "1,3:5,*", "", ""},
	{"SequenceSet", "*:4", "4:*", "", ""},
	{"SequenceSet", "$", "$", "", ""},
	{"SequenceSet", "4294967295", "4294967295", "", ""},
	{"SequenceSet", "4294967296", nil, "", ""},
	{"SequenceSet", "0", nil, "", ""},
	{"SequenceSet", "1,", nil, "", ""},
	{"SequenceSet", "1:", nil, "", ""},
	{"SequenceSet", "01", "1", "", "sequence-set: a number without leading zeros"},
	{"UIDSet", "304,319:320]", "304,319:320", "]", ""},
	{"UIDSet", "*", nil, "", ""},
	{"UIDSet", "]", "", "]", "uid-set: a UID"},

	{"DateTime", `"17-Jul-1996 02:44:25 -0700" x`, at(1996, 7, 17, 2, 44, 25, -7*3600), " x", ""},
	{"DateTime", `" 1-feb-2024 23:59:59 +0530"`, at(2024, 2, 1, 23, 59, 59, 5*3600+1800), "", ""},
	{"DateTime", `"29-Feb-2024 00:00:00 +0000"`, at(2024, 2, 29, 0, 0, 0, 0), "", ""},
	{"DateTime", `"31-Dec-2016 23:59:60 +0000"`, at(2017, 1, 1, 0, 0, 0, 0), "", ""},
	{"DateTime", `"4-Jan-2015 16:53:35 +0800"`, at(2015, 1, 4, 16, 53, 35, 8*3600), "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", `"Tue, 31 Dec 2024 23:00:02 +0000"`, at(2024, 12, 31, 23, 0, 2, 0), "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", `"00-Jan-0000 00:00:00 +0000"`, time.Time{}, "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", `"29-Feb-2023 00:00:00 +0000"`, time.Time{}, "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", `"01-Jan-2023 00:00:00 +9900"`, time.Time{}, "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", `"01-Foo-2023 00:00:00 +0000"`, time.Time{}, "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", `""`, time.Time{}, "", "date-time: dd-Mon-yyyy hh:mm:ss +zzzz"},
	{"DateTime", "NIL)", time.Time{}, ")", "date-time: a date"},
	{"DateTime", "17-Jul-1996", nil, "", ""},
	{"DateTime", `"17-Jul-1996 02:44:25`, nil, "", ""},
	{"Date", "1-Feb-1994 x", at(1994, 2, 1, 0, 0, 0, 0), " x", ""},
	{"Date", `"28-fEB-1994"`, at(1994, 2, 28, 0, 0, 0, 0), "", ""},
	{"Date", "30-Feb-1994", nil, "", ""},
	{"Date", "1-Feb-94", nil, "", ""},
	{"Date", `"1-Feb-1994`, nil, "", ""},
	{"Date", "today", nil, "", ""},
}

func at(year, month, day, hour, minute, second, zone int) time.Time {
	loc := time.UTC
	if zone != 0 {
		loc = time.FixedZone("", zone)
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, loc)
}

func reader(t testing.TB, name string) func(*Decoder) any {
	for _, r := range readers {
		if r.name == name {
			return r.do
		}
	}
	t.Fatalf("no terminal %s", name)
	return nil
}

func TestTerminals(t *testing.T) {
	for _, c := range readings {
		name := c.terminal + " " + c.in[:min(len(c.in), 40)]
		t.Run(name, func(t *testing.T) {
			do := reader(t, c.terminal)
			whole := "* " + c.in + "\r\n"
			if strings.HasPrefix(c.terminal, "Text") || strings.HasPrefix(c.terminal, "CodeText") {
				whole = "+ " + c.in + "\r\n"
			}
			d := &Decoder{}
			for pass := range 3 { // the second time with what the first has interned, the third strictly
				d.SetStrict(pass == 2)
				d.Begin(frame(t, whole))
				d.pos = 2
				got := do(d)
				if c.want == nil || pass == 2 && c.warning != "" {
					require.Error(t, d.Err(), "pass %d: %v", pass, got)
					assert.Zero(t, got, "pass %d", pass)
					assert.Empty(t, d.rest())
					continue
				}
				require.NoError(t, d.Err(), "pass %d", pass)
				if want, ok := c.want.(time.Time); ok {
					assert.True(t, want.Equal(got.(time.Time)), "pass %d: %v, not %v", pass, got, want)
					_, offset := want.Zone()
					_, gotOffset := got.(time.Time).Zone()
					assert.Equal(t, offset, gotOffset)
				} else {
					assert.Equal(t, c.want, got, "pass %d", pass)
				}
				assert.Equal(t, c.rest+"\r\n", d.rest(), "pass %d", pass)
				assert.Equal(t, c.warning, strings.Join(wants(d), ";"), "pass %d", pass)
			}
		})
	}
}

func TestStrayLineEnd(t *testing.T) {
	d := decoder(t, "* 1 FETCH (BODY[] {5}\r\nhello\r\n FLAGS (\\Seen))\r\n")
	d.pos = len("* 1 FETCH (BODY[] ")
	assert.Equal(t, "hello", d.BodyData().String())
	assert.True(t, d.AcceptSP())
	assert.Equal(t, "FLAGS", string(d.Word()))
	assert.Equal(t, []string{"literal: no line end after it"}, wants(d))
}

func TestTextIsBounded(t *testing.T) {
	in := "* OK " + strings.Repeat("x", 100) + "\r\n"
	d := &Decoder{}
	d.SetLimits(Limits{Line: 40})
	d.Begin(frame(t, in))
	d.pos = 5
	assert.Equal(t, strings.Repeat("x", 40), d.Text())
	assert.True(t, d.AtEnd())
	assert.Equal(t, []string{"text: fewer octets"}, wants(d))
	d.Begin(frame(t, in))
	d.pos = 5
	assert.Equal(t, strings.Repeat("x", 40), d.RestOfText())
	assert.True(t, d.AtEnd())
	assert.Equal(t, []string{"text: fewer octets"}, wants(d))
	d.Begin(frame(t, "* OK [X "+strings.Repeat("x", 41)+"] text\r\n"))
	d.pos = 8
	assert.Empty(t, d.CodeText())
	assert.ErrorContains(t, d.Err(), "fewer octets")
	d.SetStrict(true)
	d.Begin(frame(t, in))
	d.pos = 5
	assert.Empty(t, d.Text())
	assert.Error(t, d.Err())
}

func TestMailboxInUTF8(t *testing.T) {
	for in, want := range map[string]string{"\"Entw\xc3\xbcrfe\"": "Entwürfe", "A&B": "A&B", "&APw-": "&APw-", "\"\xfc\"": "\xff\xfc", "\"a\x1bb\"": "\xffa\x1bb"} {
		d := &Decoder{}
		d.SetUTF8(true)
		d.Begin(frame(t, "* "+in+"\r\n"))
		d.pos = 2
		assert.Equal(t, want, d.Mailbox())
		assert.NoError(t, d.Err())
	}
}

// TestQuotedMailboxes: long names in quotes have a way of their own.
func TestQuotedMailboxes(t *testing.T) {
	for in, want := range map[string]string{
		`"Archive/2024"`:       "Archive/2024",
		`"Archive & co"`:       RawMailbox("Archive & co"),
		`"Archive &- co"`:      "Archive & co",
		`"Entw&APw-rfe"`:       "Entwürfe",
		"\"Archive/2024\x7f\"": RawMailbox("Archive/2024\x7f"),
		"\"Archive/\t2024\"":   RawMailbox("Archive/\t2024"),
		"\"Archive/\xc3\xa4\"": RawMailbox("Archive/\xc3\xa4"),
		`"Archive \"2024\""`:   `Archive "2024"`,
		`"inbox"`:              Inbox,
		`"inbox/a"`:            "inbox/a",
		"{12}\r\nArchive/2024": "Archive/2024",
	} {
		d := decoder(t, in+" rest\r\n")
		assert.Equal(t, want, d.Mailbox(), "%q", in)
		assert.NoError(t, d.Err())
		assert.Equal(t, " rest\r\n", string(d.buf[d.pos:]), "%q", in)
	}
}

func TestLiteralsBelongToTheCaller(t *testing.T) {
	r := NewReader(strings.NewReader("* {3}\r\nabc {"+strconv.Itoa(len(longLiteral))+"}\r\n"+longLiteral+"\r\n* {3}\r\nxyz {3}\r\nxyz\r\n"), Limits{})
	f, err := r.Next()
	require.NoError(t, err)
	d := &Decoder{}
	d.Begin(f)
	d.pos = 2
	short := d.BodyData()
	d.SP()
	long := d.BodyData()
	require.NoError(t, d.Err())
	_, err = r.Next()
	require.NoError(t, err)
	assert.Equal(t, "abc", short.String())
	assert.Equal(t, longLiteral, long.String())
	assert.Len(t, short.Bytes(), cap(short.Bytes()))
}
