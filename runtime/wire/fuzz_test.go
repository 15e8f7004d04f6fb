package wire

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzReader: whatever comes is cut into frames that together are what came, the same ones however it is split, within the limits.
func FuzzReader(f *testing.F) {
	f.Add([]byte("* 1 FETCH (BODY[] {5}\r\nhello\r\n FLAGS (\\Seen))\r\nA1 OK x {3}\r\n"), 3)
	f.Add([]byte("* 1 FETCH (ENVELOPE (\"d\" \"sub\r\nject\" NIL))\r\n* 1 EXISTS\n"), 20)
	f.Add([]byte("* X (\"a\\\") (\"b\")\r\n{4+}\r\n"), 0)
	f.Add([]byte(w1(1)+"A1 NO [X {2}\r\n]] {3}\r\n"), 600)
	f.Fuzz(func(t *testing.T, in []byte, at int) {
		limits := Limits{Response: 1 << 16, Literal: 1 << 20}
		want, err := cut(bytes.NewReader(in), limits)
		if err == nil {
			t.Fatal("a stream must end with an error")
		}
		if all := strings.Join(want, ""); !bytes.HasPrefix(in, []byte(all)) || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && len(all) != len(in) {
			t.Fatalf("frames %q of %q", want, in)
		}
		for _, frame := range want {
			if !strings.HasSuffix(frame, "\n") {
				t.Fatalf("a frame without a line end: %q", frame)
			}
		}
		at = min(max(at, 0), len(in))
		for _, src := range []io.Reader{
			iotest.OneByteReader(bytes.NewReader(in)),
			io.MultiReader(bytes.NewReader(in[:at]), bytes.NewReader(in[at:])),
		} {
			got, _ := cut(src, limits)
			require.Equal(t, want, got)
		}
	})
}

// FuzzDecoder: no octets make a terminal panic, read beyond the frame, go back, or go on after an error; what strict mode reads
// without an error, lenient mode reads the same without a warning.
func FuzzDecoder(f *testing.F) {
	for _, c := range readings {
		for i, r := range readers {
			if r.name == c.terminal {
				f.Add([]byte(c.in), uint8(i))
			}
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, which uint8) {
		if len(in) > 1<<16 {
			return
		}
		fr, err := NewReader(bytes.NewReader(append(append([]byte("* "), in...), "\r\n"...)), Limits{Literal: 1 << 20}).Next()
		if err != nil {
			return
		}
		read := readers[int(which)%len(readers)]
		run := func(strict bool) (*Decoder, any) {
			d := &Decoder{}
			d.SetStrict(strict)
			d.Begin(fr)
			d.pos = min(2, len(d.buf))
			start := d.pos
			got := read.do(d)
			if d.pos < start || d.pos > len(d.buf) || !d.OK() && d.pos != len(d.buf) {
				t.Fatalf("%s: cursor at %d of %d, error %v", read.name, d.pos, len(d.buf), d.err)
			}
			return d, got
		}
		strict, exact := run(true)
		lenient, got := run(false)
		warnings := lenient.TakeWarnings()
		if strict.OK() {
			require.True(t, lenient.OK(), "%v", lenient.Err())
			require.Empty(t, warnings)
			require.Equal(t, exact, got)
			require.Equal(t, strict.pos, lenient.pos)
		} else if lenient.OK() {
			require.NotEmpty(t, warnings, "strict: %v", strict.Err())
		}
		require.LessOrEqual(t, len(warnings), maxWarnings+1)

		lenient.Begin(fr)
		lenient.pos = min(2, len(lenient.buf))
		start := lenient.pos
		lenient.Fail("rule", "something")
		lenient.SkipItem(start, "item")
		if !lenient.OK() || lenient.pos < start || lenient.pos > len(lenient.buf) {
			t.Fatalf("SkipItem: cursor at %d of %d", lenient.pos, len(lenient.buf))
		}
	})
}

// FuzzRow: any octets where a FETCH is expected end in a row or an error, soon.
func FuzzRow(f *testing.F) {
	f.Add([]byte(w1(7)))
	f.Add([]byte(w3(7)))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in), Limits{Response: 1 << 16, Literal: 1 << 20})
		var d rowDecoder
		for {
			fr, err := r.Next()
			if err != nil {
				return
			}
			d.fetch(fr)
			d.search(fr)
			d.list(fr)
		}
	})
}

// FuzzEncoder: nothing that is written as an argument breaks out of it, and the other side reads what was written.
func FuzzEncoder(f *testing.F) {
	for _, s := range []string{"", "abc", "a b", "x\"\r\nX1 STORE 1:* +FLAGS (\\Deleted)", "{10}", "a\x00b", "é", "\xe9", "nil", "&AC4ALg-", "\xff\xfc", "[", "\\"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(255))
	}
	f.Fuzz(func(t *testing.T, s string, bits uint8) {
		mode := Mode{UTF8: bits&1 != 0, LiteralPlus: bits&2 != 0, LiteralMinus: bits&4 != 0, Server: bits&8 != 0}
		for _, c := range []struct {
			name  string
			write func(*Encoder)
			read  func(*Decoder) string
		}{
			{"astring", func(e *Encoder) { e.Astring(s) }, (*Decoder).Astring},
			{"quoted astring", func(e *Encoder) { e.AstringQuoted(s) }, (*Decoder).Astring},
			{"string", func(e *Encoder) { e.String(s) }, (*Decoder).String},
			{"quoted", func(e *Encoder) { e.Quoted(s) }, (*Decoder).Quoted},
			{"nstring", func(e *Encoder) { e.Nstring(NStr(s)) }, func(d *Decoder) string { return d.Nstring().Value }},
			{"text", func(e *Encoder) { e.EnvText(NewText(strings.ToValidUTF8(s, "?"))) }, func(d *Decoder) string {
				if got := d.EnvText().String(); got != strings.ToValidUTF8(s, "?") {
					return "not " + got
				}
				return s
			}},
			{"atom", func(e *Encoder) { e.Atom(s) }, (*Decoder).Atom},
			{"charset", func(e *Encoder) { e.Charset(s) }, (*Decoder).Charset},
			{"flag", func(e *Encoder) { e.FlagPerm(Flag(s)) }, func(d *Decoder) string {
				if got := d.FlagPerm(); got != Flag(s).canonical() {
					return "not " + string(got)
				}
				return s
			}},
			{"source", func(e *Encoder) { e.AppendSource(SourceString(s)) }, func(d *Decoder) string { return string(d.AppendSource().bytes) }},
			{"fetch name", func(e *Encoder) { e.FetchName(s) }, (*Decoder).FetchName},
			{"value", func(e *Encoder) { e.AnyValue(Value(s)) }, func(d *Decoder) string { return string(d.AnyValue()) }},
			{"mailbox", func(e *Encoder) { e.Mailbox(s) }, func(d *Decoder) string { return sameMailbox(d.Mailbox(), s, mode) }},
			{"pattern", func(e *Encoder) { e.ListMailbox(s) }, func(d *Decoder) string { return sameMailbox(d.ListMailbox(), s, mode) }},
		} {
			out, err := written(mode, func(e *Encoder) { e.Keyword("* "); c.write(e); e.Keyword(" .") })
			if err != nil {
				continue
			}
			out = strings.ReplaceAll(out, "\r\n<wait>", "\r\n")
			frames, _ := cut(strings.NewReader(out+"\r\n* NEXT\r\n"), Limits{})
			require.Len(t, frames, 2, "%s: %q", c.name, out)
			d := &Decoder{}
			d.SetUTF8(mode.UTF8)
			d.Begin(frame(t, out+"\r\n"))
			d.pos = 2
			got := c.read(d)
			require.NoError(t, d.Err(), "%s: %q", c.name, out)
			if strings.Contains(s, "<wait>") {
				continue // the mark of this test
			}
			require.Equal(t, s, got, "%s: %q", c.name, out)
			require.Equal(t, " .\r\n", d.rest(), c.name)
		}
	})
}

// sameMailbox gives name if got is what it must come back as: itself, but a raw name decoded if that can be, and the other way round.
func sameMailbox(got, name string, mode Mode) string {
	octets := name
	switch {
	case IsRawMailbox(name):
		octets = name[1:]
	case !mode.UTF8:
		octets = EncodeUTF7(name)
	}
	if want, _ := mailboxName(octets, mode.UTF8); got != want || !IsRawMailbox(name) && !IsRawMailbox(got) && got != name && got != Inbox {
		return "not " + got
	}
	return name
}

// FuzzSet: a set has the members of its text, and its text gives the set again.
func FuzzSet(f *testing.F) {
	f.Add("1,3:5,10:*", uint32(4), uint32(12))
	f.Add("9:3,3,*", uint32(2), uint32(2))
	f.Add("*:4", uint32(3), uint32(3))
	f.Fuzz(func(t *testing.T, s string, n, max uint32) {
		set, err := ParseSet(s, true)
		if err != nil || set.IsSaved() {
			return
		}
		again, err := ParseSet(set.String(), true)
		require.NoError(t, err)
		require.Equal(t, set.String(), again.String())
		n, max = n%64+1, max%64+1
		if n > max {
			return
		}
		want := false
		for part := range strings.SplitSeq(s, ",") {
			one, err := ParseSet(part, true)
			require.NoError(t, err)
			for r := range one.Ranges() {
				from, to := r.First, r.Last
				if from == 0 {
					from = max
				}
				if to == 0 {
					to = max
				}
				want = want || n >= min(from, to) && n <= maxOf(from, to)
			}
		}
		require.Equal(t, want, set.Contains(n, max), "%s has %d of %d", s, n, max)
		require.Equal(t, want, again.Contains(n, max))
		if !set.HasStar() {
			require.Equal(t, want, set.Contains(n, 0))
			require.Equal(t, want, set.Overlaps(Seqs(n)))
		}
		require.True(t, set.Union(Seqs(n)).Contains(n, max))
	})
}

func maxOf(a, b uint32) uint32 { return max(a, b) }

// FuzzUTF7: every name in UTF-8 comes back; what is decoded is encoded to the same octets.
func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"Entwürfe", "&APw-", "&AC4ALg-", "&2D3eAA-", "a&-b", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if utf8.ValidString(s) {
			got, err := DecodeUTF7(EncodeUTF7(s))
			require.NoError(t, err)
			require.Equal(t, s, got)
		}
		if got, err := DecodeUTF7(s); err == nil {
			require.True(t, utf8.ValidString(got))
			require.Equal(t, s, EncodeUTF7(got))
		}
	})
}

// FuzzText: a text is decoded without a panic, to UTF-8, and as the standard library does where that succeeds on one word.
func FuzzText(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?caf=C3=A9?=", "=?iso-8859-1?b?4Q==?= x", "a =?utf-8?q?", "=?utf-8?q?a?= =?utf-8?q?b?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text{Raw: s, Valid: true}.String()
		require.True(t, utf8.ValidString(got))
		valid := strings.ToValidUTF8(s, "?")
		require.Equal(t, valid, NewText(valid).String())
		if word, err := new(mime.WordDecoder).Decode(s); err == nil && len(s) <= 75 && strings.HasPrefix(strings.ToLower(s), "=?utf-8?") && strings.Count(s, "?") == 4 {
			require.Equal(t, string([]rune(word)), got)
		}
	})
}

// FuzzDate: the fast path agrees with the standard library.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 10 Apr 2017 06:04:00 -0700", "3 Apr 2017 06:04:00 +0530 (x)", "31 Feb 2017 06:04:00 +0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDate(s)
		if !ok {
			return
		}
		want, err := mail.ParseDate(s)
		if err != nil {
			return // it checks the name of the day, which we do not
		}
		require.True(t, want.Equal(got), "%q: %v, not %v", s, got, want)
	})
}
