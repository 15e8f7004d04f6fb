package wire

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Allocations are exact, unlike times: they are what the speed of PERFORMANCE.md rests on.

// perFrame gives the allocations of decoding one frame.
func perFrame(t *testing.T, fs []*Frame, decode func(*Frame)) float64 {
	for _, f := range fs {
		decode(f) // the tables fill
	}
	n := testing.AllocsPerRun(20, func() {
		for _, f := range fs {
			decode(f)
		}
	})
	return n / float64(len(fs))
}

func TestAllocations(t *testing.T) {
	var d rowDecoder
	t.Run("FETCH of flags", func(t *testing.T) {
		n := perFrame(t, frames(t, 1000, w3), func(f *Frame) {
			if r := d.fetch(f); d.Err() != nil || r.Flags.Len() != 2 {
				t.Fatal(d.Err())
			}
		})
		assert.LessOrEqual(t, n, 0.05)
	})
	t.Run("FETCH of envelopes", func(t *testing.T) {
		n := perFrame(t, frames(t, 1000, w1), func(f *Frame) {
			if r := d.fetch(f); d.Err() != nil || len(r.Envelope.To) != 2 || r.Envelope.To[1].Name.Raw != `John "J" Kl` {
				t.Fatal(d.Err())
			}
		})
		assert.LessOrEqual(t, n, 2.0)
	})
	t.Run("LIST", func(t *testing.T) {
		fs := frames(t, 1000, func(i int) string { return `* LIST (\HasNoChildren) "/" "Archive ` + strconv.Itoa(i) + `"` + "\r\n" })
		n := perFrame(t, fs, func(f *Frame) { d.list(f) })
		assert.LessOrEqual(t, n, 1.1)
	})
	t.Run("SEARCH", func(t *testing.T) {
		f := frame(t, "* SEARCH"+strings.Repeat(" 123456", 1000)+"\r\n")
		n := perFrame(t, []*Frame{f}, func(f *Frame) { d.search(f) })
		assert.LessOrEqual(t, n, 1.0, "the result")
		var first rowDecoder
		long := frame(t, "* SEARCH"+strings.Repeat(" 123456", 1000000)+"\r\n")
		n = testing.AllocsPerRun(1, func() { first = rowDecoder{}; first.search(long) })
		assert.LessOrEqual(t, n, 30.0)
	})
}

func TestTerminalsDoNotAllocate(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		read func(*Decoder)
	}{
		"flags":         {`\Seen \Answered $Forwarded)`, func(d *Decoder) { d.FlagFetchList() }},
		"one flag":      {`\SEEN`, func(d *Decoder) { d.Flag() }},
		"one keyword":   {`$Forwarded`, func(d *Decoder) { d.FlagPerm() }},
		"word":          {`RFC822.SIZE 1`, func(d *Decoder) { d.PeekWord(); d.Word() }},
		"long word":     {strings.Repeat("x", 200) + " 1", func(d *Decoder) { d.Word() }},
		"number":        {"4294967295", func(d *Decoder) { d.Number() }},
		"nz-number":     {"123456", func(d *Decoder) { d.NzNumber() }},
		"number64":      {"9223372036854775807", func(d *Decoder) { d.Number64() }},
		"date-time":     {`"17-Jul-1996 02:44:25 -0700"`, func(d *Decoder) { d.DateTime() }},
		"delimiter":     {`"/" x`, func(d *Decoder) { d.Delimiter() }},
		"delimiter nil": {"NIL", func(d *Decoder) { d.Delimiter() }},
		"inbox":         {"inbox", func(d *Decoder) { d.Mailbox() }},
		"empty string":  {`""`, func(d *Decoder) { d.EnvText() }},
		"nil":           {"NIL", func(d *Decoder) { d.Nstring() }},
		"fetch name":    {"X-GM-MSGID", func(d *Decoder) { d.FetchName() }},
	} {
		t.Run(name, func(t *testing.T) {
			f := frame(t, "* "+c.in+"\r\n")
			d := &Decoder{}
			read := func() {
				d.Begin(f)
				d.pos = 2
				c.read(d)
			}
			read()
			require.NoError(t, d.Err())
			require.NotEqual(t, 2, d.Pos())
			assert.Zero(t, testing.AllocsPerRun(100, read))
		})
	}
}

func TestReaderAllocations(t *testing.T) {
	r := NewReader(stream(w1), Limits{})
	n := testing.AllocsPerRun(2000, func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	})
	assert.LessOrEqual(t, n, 0.05)

	one := "* 1 FETCH (BODY[] {262144}\r\n" + strings.Repeat("x", 262144) + ")\r\n"
	r = NewReader(&loop{data: []byte(one)}, Limits{})
	n = testing.AllocsPerRun(50, func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	})
	most := 2.0
	if raceDetector {
		most += 2 // the race detector makes sync.Pool forget some buffers
	}
	assert.LessOrEqual(t, n, most, "the literal itself, and its Body")
}

func TestEncoderDoesNotAllocate(t *testing.T) {
	var e Encoder
	set, flags := UIDs(1, 2, 3, 9), NewFlags(FlagSeen, FlagDeleted)
	n := testing.AllocsPerRun(100, func() {
		e.Begin(Mode{})
		e.Keyword("A123 UID STORE ")
		e.SequenceSet(set)
		e.Keyword(" +FLAGS (")
		e.FlagList(flags)
		e.Keyword(") ")
		e.Mailbox("Archive/2024")
		e.SP()
		e.Astring("two words")
		e.CRLF()
		for p := range e.Pieces() {
			if len(p.Octets) == 0 {
				t.Fatal("nothing to write")
			}
		}
	})
	assert.Zero(t, n)
}

func TestValuesAllocateLittle(t *testing.T) {
	for name, c := range map[string]struct {
		most float64
		do   func()
	}{
		"date":                   {0, func() { _, _ = Date{"Mon, 10 Apr 2017 06:04:00 -0700", true}.Time() }},
		"date in UTC":            {0, func() { _, _ = Date{"Mon, 3 Apr 2017 06:04:00 +0000 (UTC)", true}.Time() }},
		"plain text":             {0, func() { _ = Text{"Re: the meeting", true}.String() }},
		"encoded text":           {1, func() { _ = Text{"=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?w7xiZXI=?= all", true}.String() }},
		"encoded Latin-1":        {1, func() { _ = Text{"=?iso-8859-1?q?Gr=FC=DFe?=", true}.String() }},
		"name in modified UTF-7": {1, func() { _, _ = DecodeUTF7("Archiv/Entw&APw-rfe &- mehr") }},
		"plain name":             {0, func() { _, _ = DecodeUTF7("Archive/2024") }},
	} {
		t.Run(name, func(t *testing.T) { assert.LessOrEqual(t, testing.AllocsPerRun(100, c.do), c.most) })
	}
}
