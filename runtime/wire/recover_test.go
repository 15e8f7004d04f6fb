package wire

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetry(t *testing.T) {
	d := decoder(t, "* 1 X  (a b)\r\n")
	d.pos = 2
	d.Warn("before", "something")
	d.pos = 4
	start := d.Pos()
	_ = d.Word()
	d.SP() // a warning that the second pass would repeat
	assert.False(t, d.Retry(start), "there is no error")
	d.Number()
	require.False(t, d.OK())
	require.True(t, d.Retry(start))
	assert.True(t, d.OK())
	assert.True(t, d.Lenient())
	assert.Equal(t, start, d.Pos())
	_ = d.Word()
	d.SP()
	d.Expect('(')
	d.Fail("list", "something else")
	assert.False(t, d.Retry(start), "two passes at most")
	d.EndRetry()
	value := d.SkipItem(start, "item")
	assert.False(t, d.Lenient())
	assert.True(t, d.OK())
	assert.Equal(t, Value("X  (a b)"), value)
	d.CRLF()
	assert.NoError(t, d.Err())
	assert.Equal(t, []string{"before: something", "number: a number", "SP: one blank", "item: an item that can be read"}, wants(d))

	d.SetStrict(true)
	d.Begin(frame(t, "x\r\n"))
	d.Number()
	assert.False(t, d.Retry(0), "strict: no second pass")
	assert.Empty(t, d.SkipItem(0, "item"))
	assert.ErrorContains(t, d.Err(), "number", "strict: the error stays")
}

func TestLenientCRLF(t *testing.T) {
	d := decoder(t, "* ID (\"a\" \"b\")+\r\n")
	d.pos = len(`* ID ("a" "b")`)
	pos := d.Pos()
	d.CRLF()
	require.False(t, d.OK())
	require.True(t, d.Retry(pos))
	d.CRLF()
	assert.True(t, d.OK())
	assert.Empty(t, d.rest())
}

func TestSkipItem(t *testing.T) {
	known := func(word []byte) bool {
		switch string(word) {
		case "UID", "FLAGS", "BODY":
			return true
		}
		return false
	}
	long := strings.Repeat("y", inline+1)
	for name, c := range map[string]struct{ in, item, rest string }{
		"name and atom":          {"UID abc FLAGS ()", "UID abc", " FLAGS ()"},
		"name and list":          {"X (a (b) \")\" c) FLAGS ()", "X (a (b) \")\" c)", " FLAGS ()"},
		"name and string":        {`X "a ) b" Y`, `X "a ) b"`, " Y"},
		"name and literal":       {"X {3}\r\n) ( Y)", "X {3}\r\n) (", " Y)"},
		"name and long literal":  {"X {" + strconv.Itoa(len(long)) + "}\r\n" + long + " Y", "X {" + strconv.Itoa(len(long)) + "}\r\n" + long, " Y"},
		"name and literal8":      {"BINARY[1] ~{3}\r\na b Y", "BINARY[1] ~{3}\r\na b", " Y"},
		"list with literals":     {"X ({1}\r\n( {" + strconv.Itoa(len(long)) + "}\r\n" + long + ") Y", "X ({1}\r\n( {" + strconv.Itoa(len(long)) + "}\r\n" + long + ")", " Y"},
		"name with section":      {`BODY[HEADER.FIELDS ("DATE" X)]<0> NIL Y`, `BODY[HEADER.FIELDS ("DATE" X)]<0> NIL`, " Y"},
		"name alone":             {"BODY[1])", "BODY[1]", ")"},
		"name and blanks":        {"UID  ) X", "UID  ", ") X"},
		"name glued to its list": {"X(a b) Y", "X(a b)", " Y"},
		"list alone":             {"(ENVELOPE (a)) FLAGS ()", "(ENVELOPE (a))", " FLAGS ()"},
		"string alone":           {`"a" b`, `"a"`, " b"},
		"value with a tail":      {`X (a)b(c)d e`, `X (a)b(c)d`, " e"},
		"nothing":                {") X", "", ") X"},
		"end":                    {"", "", ""},
		"open quote":             {`X "a b FLAGS () Y`, `X "a b`, ` FLAGS () Y`},
		"open list":              {`X ((a b UID 3)`, `X ((a b`, ` UID 3)`},
		"open list, no word":     {`X (a b c`, `X (a b c`, ``},
		"literal beyond the end": {"X ({9} a UID 1", "X ({9} a", " UID 1"},
	} {
		t.Run(name, func(t *testing.T) {
			d := decoder(t, "* "+c.in+"\r\n")
			d.Resync(known)
			d.pos = 2
			d.Fail("rule", "something")
			assert.Equal(t, c.item, string(d.SkipItem(2, "item")))
			assert.True(t, d.OK())
			assert.Equal(t, c.rest+"\r\n", string(d.frame.raw(d.pos, len(d.buf))))
			assert.Equal(t, []string{"rule: something", "item: an item that can be read"}, wants(d))
		})
	}
	t.Run("without known words", func(t *testing.T) {
		d := decoder(t, "* X (a UID 3\r\n")
		assert.Equal(t, Value("X (a UID 3"), d.SkipItem(2, "item"))
		assert.True(t, d.AtEnd())
	})
}

func TestSkipDepth(t *testing.T) {
	deep := strings.Repeat("(", 1000000)
	d := decoder(t, "* X "+deep+strings.Repeat(")", 1000000)+"\r\n")
	d.pos = 4
	assert.Empty(t, d.AnyValue())
	assert.False(t, d.OK())
	d.SkipItem(2, "item")
	assert.True(t, d.AtEnd())
	assert.True(t, d.OK())

	d = decoder(t, "* X "+strings.Repeat("(", 99)+strings.Repeat(")", 99)+"\r\n")
	d.pos = 4
	assert.Len(t, d.AnyValue(), 198)
}

func TestWarningsAreBounded(t *testing.T) {
	d := decoder(t, "* X"+strings.Repeat("  y", 1000)+strings.Repeat("z", 1000)+"\r\n")
	d.pos = 3
	for d.AcceptSP() {
		_ = d.Word()
	}
	w := d.TakeWarnings()
	require.Len(t, w, maxWarnings+1)
	assert.Equal(t, Warning{Rule: "SP", Want: "one blank", Offset: 3, Octets: strings.Repeat("  y", 16)}, w[0])
	assert.Contains(t, w[maxWarnings].Want, "984 more")
	assert.Len(t, w[0].Octets, maxExcerpt)
	assert.Empty(t, d.TakeWarnings())
	assert.Equal(t, `SP: want one blank at octet 9, found the end`, Warning{Rule: "SP", Want: "one blank", Offset: 9}.String())
}
