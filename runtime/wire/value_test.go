package wire

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSmallValues(t *testing.T) {
	assert.Equal(t, "", NString{}.String())
	assert.Equal(t, NString{Value: "x", Valid: true}, NStr("x"))
	assert.Equal(t, "x", NStr("x").String())
	assert.Equal(t, Opt[int]{Value: 3, Set: true}, Some(3))
	var e Ext
	assert.Nil(t, e.Warnings())
	e.AddWarnings()
	assert.Equal(t, Ext{}, e, "nothing is allocated for nothing")
	e.AddWarnings(Warning{Rule: "a"})
	e.AddWarnings(Warning{Rule: "b"}, Warning{Rule: "c"})
	assert.Equal(t, []Warning{{Rule: "a"}, {Rule: "b"}, {Rule: "c"}}, e.Warnings())
}

func TestErrors(t *testing.T) {
	assert.EqualError(t, &LimitError{What: "literal", Limit: 9}, "literal is longer than 9 octets")
	assert.EqualError(t, &ArgumentError{Field: "atom", Want: "1*ATOM-CHAR"}, "atom must be 1*ATOM-CHAR")
	assert.EqualError(t, &SyntaxError{Rule: "x", Want: "y", Offset: 3}, "x: want y at octet 3, found the end")
	assert.EqualError(t, &SyntaxError{Rule: "x", Want: "y", Octets: "\x1b[2J\r\n"}, `x: want y at octet 0, found "\x1b[2J\r\n"`)
}

func TestFlags(t *testing.T) {
	f := NewFlags(FlagSeen, "$Forwarded")
	assert.Equal(t, 2, f.Len())
	assert.Equal(t, Flag("$Forwarded"), f.At(1))
	assert.True(t, f.Has(`\SEEN`))
	assert.True(t, f.Has("$forwarded"))
	assert.False(t, f.Has(FlagDeleted))
	assert.Equal(t, `\Seen $Forwarded`, f.String())
	assert.Equal(t, []Flag{FlagSeen, "$Forwarded"}, slices.Collect(f.All()))
	for range f.All() {
		break // safe
	}
	assert.True(t, f.Equal(NewFlags("$FORWARDED", FlagSeen)))
	assert.False(t, f.Equal(NewFlags(FlagSeen)))
	assert.False(t, NewFlags(FlagSeen).Equal(f))
	assert.True(t, Flags{}.Equal(NewFlags()))
	assert.Equal(t, Flags{}, NewFlags())
	assert.False(t, Flags{}.Has(FlagSeen))
	assert.Empty(t, Flags{}.String())
	in := []Flag{FlagSeen}
	g := NewFlags(in...)
	in[0] = FlagDeleted
	assert.True(t, g.Has(FlagSeen), "the list does not change with what it was made from")
	assert.Len(t, slices.Collect(g.All()), 1)
}

func TestBody(t *testing.T) {
	var none *Body
	assert.Zero(t, none.Size())
	assert.Nil(t, none.Bytes())
	assert.Empty(t, none.String())
	_, err := none.Read(make([]byte, 1))
	assert.Equal(t, io.EOF, err)
	n, err := none.WriteTo(io.Discard)
	assert.Zero(t, n)
	assert.NoError(t, err)

	require.NoError(t, iotest.TestReader(NewBody([]byte("hello world")), []byte("hello world")))
	b := NewBody([]byte("hello world"))
	_, err = io.ReadFull(b, make([]byte, 6))
	require.NoError(t, err)
	var out bytes.Buffer
	n, err = b.WriteTo(&out)
	assert.NoError(t, err)
	assert.Equal(t, int64(5), n)
	assert.Equal(t, "world", out.String())
	assert.Equal(t, "hello world", b.String())
	assert.Equal(t, int64(11), b.Size())
	n, err = b.WriteTo(&out)
	assert.Zero(t, n)
	assert.NoError(t, err)

	broken := errors.New("broken")
	n, err = NewBody([]byte("hello")).WriteTo(writer(func([]byte) (int, error) { return 2, broken }))
	assert.Equal(t, int64(2), n)
	assert.Equal(t, broken, err)
	_, err = NewBody([]byte("hello")).WriteTo(writer(func([]byte) (int, error) { return 2, nil }))
	assert.Equal(t, io.ErrShortWrite, err)
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestSource(t *testing.T) {
	for name, s := range map[string]Source{
		"bytes":  SourceBytes([]byte("hello")),
		"string": SourceString("hello"),
		"reader": SourceReader(strings.NewReader("hello"), 5),
	} {
		assert.Equal(t, int64(5), s.Size(), name)
		assert.False(t, s.IsZero(), name)
		assert.Equal(t, name != "reader", s.InMemory(), name)
		got, err := io.ReadAll(s.Reader())
		assert.NoError(t, err)
		assert.Equal(t, "hello", string(got), name)
	}
	assert.True(t, Source{}.IsZero())
	assert.False(t, Source{}.InMemory())
	empty := SourceBytes(nil)
	assert.False(t, empty.IsZero())
	got, err := io.ReadAll(empty.Reader())
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func TestQuoteText(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":           "plain text",
		"":                     "",
		"Grüße 日本":             "Grüße 日本",
		"a\x1b[31mb":           `a\x1b[31mb`,
		"a\r\nb\tc\x00\x7f":    `a\r\nb\tc\x00\x7f`,
		"\xff\xfe":             `\xff\xfe`,
		"a\u202eb\u200b\u0085": `a\u{202e}b\u{200b}\u{85}`,
		`C:\x`:                 `C:\\x`,
		"\U000e0001":           `\u{e0001}`,
		"\ufffd":               "\ufffd",
	} {
		assert.Equal(t, want, QuoteText(in))
	}
	assert.Equal(t, `\x1b`+strings.Repeat("x", 255)+"...", QuoteShort("\x1b"+strings.Repeat("x", 256)))
}

func TestIntern(t *testing.T) {
	d := &Decoder{}
	a := d.Intern([]byte("x-gm-msgid"))
	assert.Equal(t, "x-gm-msgid", a)
	octets := []byte("x-gm-msgid")
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = d.Intern(octets) }))
	for i := range 5 * maxInterned {
		d.Intern([]byte{'x', byte(i), byte(i >> 8)})
		require.LessOrEqual(t, len(d.names.m), maxInterned)
	}
	d.Intern(make([]byte, 1000))
	assert.LessOrEqual(t, len(d.names.m), maxInterned)
	assert.Empty(t, d.Intern(nil))
}

func TestFlagTableIsBounded(t *testing.T) {
	d := &Decoder{}
	for i := range 3 * maxInterned {
		d.Begin(frame(t, "* ("+strings.Repeat("k", 1+i%7)+itoa(i)+")\r\n"))
		d.pos = 3
		require.Equal(t, 1, d.FlagList().Len())
		require.LessOrEqual(t, len(d.flags.m), maxInterned)
	}
}

func TestFlagListsAreShared(t *testing.T) {
	d := &Decoder{}
	read := func(s string) Flags {
		d.Begin(frame(t, "* "+s+")\r\n"))
		d.pos = 2
		f := d.FlagFetchList()
		require.NoError(t, d.Err())
		return f
	}
	a, b := read(`\Seen x`), read(`\Seen y`)
	assert.Equal(t, a, read(`\Seen x`))
	assert.Same(t, a.list, read(`\Seen x`).list)
	assert.Same(t, b.list, read(`\Seen y`).list)
	assert.NotSame(t, read(`\Seen  x`).list, a.list, "a list that deviates is read, and warned of, each time")
	assert.Len(t, d.TakeWarnings(), 1)
	read(`\Seen  x`)
	assert.Len(t, d.TakeWarnings(), 1)
}

func TestDate(t *testing.T) {
	for in, want := range map[string]time.Time{
		"Mon, 10 Apr 2017 06:04:00 -0700":        at(2017, 4, 10, 6, 4, 0, -7*3600),
		"Mon, 3 Apr 2017 06:04:00 +0000":         at(2017, 4, 3, 6, 4, 0, 0),
		"3 Apr 2017 06:04:00 +0530":              at(2017, 4, 3, 6, 4, 0, 5*3600+1800),
		"Mon, 03 Apr 2017 06:04:00 +0200 (CEST)": at(2017, 4, 3, 6, 4, 0, 7200),
		"Mon, 03 Apr 2017 06:04:00 GMT":          at(2017, 4, 3, 6, 4, 0, 0),
		"Mon,  3 Apr 2017 06:04 +0200":           at(2017, 4, 3, 6, 4, 0, 7200),
	} {
		got, err := Date{Raw: in, Valid: true}.Time()
		assert.NoError(t, err, in)
		assert.True(t, want.Equal(got), "%s: %v", in, got)
	}
	for _, bad := range []string{"6/31/2005", "", "Mon, 31 Feb 2017 06:04:00 +0000", "Mon, 03 Apr 2017 26:04:00 +0000"} {
		_, err := Date{Raw: bad, Valid: true}.Time()
		assert.Error(t, err, bad)
	}
	_, err := Date{}.Time()
	assert.ErrorIs(t, err, errNoDate)
	moment := at(2017, 4, 3, 6, 4, 0, 7200)
	d := NewDate(moment)
	assert.Equal(t, "Mon, 03 Apr 2017 06:04:00 +0200", d.String())
	got, err := d.Time()
	assert.NoError(t, err)
	assert.True(t, moment.Equal(got))
}

func TestDaysSince1970(t *testing.T) {
	for day := time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC); day.Year() < 2500; day = day.AddDate(0, 0, 1) {
		if day.Year() >= 0 {
			require.Equal(t, day.Unix()/86400*86400, daysSince1970(day.Year(), int(day.Month()), day.Day())*86400, day)
			require.True(t, validDay(day.Year(), int(day.Month()), day.Day()))
		}
		next := day.AddDate(0, 0, 1)
		if day.Year() >= 0 && next.Month() != day.Month() {
			require.False(t, validDay(day.Year(), int(day.Month()), day.Day()+1), day)
		}
	}
}
