package wire

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The decoder below is what the generator emits, shortened: the benchmarks and the allocation tests measure this package as it is
// used.

type address struct {
	Name               Text
	Adl, Mailbox, Host NString
}

type envelope struct {
	Date                               Date
	Subject                            Text
	From, Sender, ReplyTo, To, Cc, Bcc []address
	InReplyTo, MessageID               NString
}

type row struct {
	Seq, UID uint32
	Flags    Flags
	Date     time.Time
	Size     uint64
	ModSeq   uint64
	Envelope *envelope
}

type rowDecoder struct {
	Decoder
	rows      Slab[row]
	envelopes Slab[envelope]
	addresses List[address]
	numbers   List[uint32]
	tokens    List[string]
}

func (d *rowDecoder) fetch(f *Frame) *row {
	d.Begin(f)
	r := d.rows.New()
	d.Expect('*')
	d.SP()
	r.Seq = d.NzNumber()
	d.SP()
	if string(d.Word()) != "FETCH" {
		d.Fail("fetch", "FETCH")
	}
	d.SP()
	d.Expect('(')
	for d.OK() {
		d.item(r)
		if !d.AcceptSP() {
			break
		}
	}
	d.Expect(')')
	d.CRLF()
	return r
}

func (d *rowDecoder) item(r *row) {
	switch string(d.Word()) {
	case "UID":
		d.SP()
		r.UID = d.Uniqueid()
	case "FLAGS":
		d.SP()
		d.Expect('(')
		r.Flags = d.FlagFetchList()
		d.Expect(')')
	case "INTERNALDATE":
		d.SP()
		r.Date = d.DateTime()
	case "RFC822.SIZE":
		d.SP()
		r.Size = d.Number64()
	case "MODSEQ":
		d.SP()
		d.Expect('(')
		r.ModSeq = d.Number64()
		d.Expect(')')
	case "ENVELOPE":
		d.SP()
		r.Envelope = d.envelope()
	default:
		d.Fail("msg-att", "an item")
	}
}

func (d *rowDecoder) envelope() *envelope {
	e := d.envelopes.New()
	d.Expect('(')
	e.Date = d.EnvDate()
	d.SP()
	e.Subject = d.EnvText()
	for _, list := range []*[]address{&e.From, &e.Sender, &e.ReplyTo, &e.To, &e.Cc, &e.Bcc} {
		d.SP()
		*list = d.addressList()
	}
	d.SP()
	e.InReplyTo = d.Nstring()
	d.SP()
	e.MessageID = d.Nstring()
	d.Expect(')')
	return e
}

func (d *rowDecoder) addressList() []address {
	if d.Peek() != '(' {
		d.Nil()
		return nil
	}
	d.Expect('(')
	mark := d.addresses.Mark()
	for d.Peek() == '(' {
		d.Expect('(')
		var a address
		a.Name = d.EnvText()
		d.SP()
		a.Adl = d.Nstring()
		d.SP()
		a.Mailbox = d.Nstring()
		d.SP()
		a.Host = d.Nstring()
		d.Expect(')')
		d.addresses.Push(a)
	}
	d.Expect(')')
	return d.addresses.Cut(mark)
}

func (d *rowDecoder) search(f *Frame) []uint32 {
	d.Begin(f)
	d.Expect('*')
	d.SP()
	if string(d.Word()) != "SEARCH" {
		d.Fail("search", "SEARCH")
	}
	mark := d.numbers.Mark()
	d.NzNumbers(&d.numbers)
	d.CRLF()
	return d.numbers.Cut(mark)
}

func (d *rowDecoder) list(f *Frame) (attrs []string, delim rune, name string) {
	d.Begin(f)
	d.Expect('*')
	d.SP()
	if string(d.Word()) != "LIST" {
		d.Fail("list", "LIST")
	}
	d.SP()
	d.Expect('(')
	mark := d.tokens.Mark()
	for d.Peek() == '\\' {
		d.tokens.Push(d.Intern(d.Word()))
		if !d.AcceptSP() {
			break
		}
	}
	attrs = d.tokens.Cut(mark)
	d.Expect(')')
	d.SP()
	delim = d.Delimiter()
	d.SP()
	name = d.Mailbox()
	d.CRLF()
	return attrs, delim, name
}

// w1 is a message of 603 octets as in the workload W1 of PERFORMANCE.md: quoted strings, a literal, NIL, encoded words.
func w1(i int) string {
	n := strconv.Itoa(100000 + i)
	return `* ` + n + ` FETCH (UID ` + n + ` FLAGS (\Seen \Answered $Forwarded) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ` +
		`ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700" "=?utf-8?q?Gr=C3=BC=C3=9Fe_aus?= the working group ` + n + `" ` +
		`(("Terry Gray of the meeting" NIL "gray" "cac.washington.example")) (("Terry Gray of the meeting" NIL "gray" "cac.washington.example")) ` +
		`((NIL NIL "gray" "cac.washington.example")) ((NIL NIL "imap" "cac.washington.example")(` + "{11}\r\nJohn \"J\" Kl" + ` NIL "KLENSIN" "MIT.EXAMPLE")) ` +
		`NIL NIL "<parent-` + n + `@washington.example>" "<B27397-0100000-` + n + `@cac.washington.example>"))` + "\r\n"
}

func w3(i int) string {
	n := strconv.Itoa(100000 + i)
	return `* ` + n + ` FETCH (UID ` + n + ` FLAGS (\Seen \Answered) MODSEQ (1234` + n + `))` + "\r\n"
}

func frame(t testing.TB, s string) *Frame {
	t.Helper()
	f, err := NewReader(strings.NewReader(s), Limits{}).Next()
	require.NoError(t, err)
	return f
}

func frames(t testing.TB, n int, one func(int) string) []*Frame {
	out := make([]*Frame, n)
	for i := range out {
		out[i] = frame(t, one(i))
	}
	return out
}

func BenchmarkW1(b *testing.B) {
	fs := frames(b, 1000, w1)
	b.SetBytes(fs[0].Len())
	b.ReportAllocs()
	var d rowDecoder
	for i := 0; b.Loop(); i++ {
		r := d.fetch(fs[i%len(fs)])
		if d.Err() != nil || r.Envelope == nil {
			b.Fatal(d.Err())
		}
	}
}

func BenchmarkW3(b *testing.B) {
	fs := frames(b, 1000, w3)
	b.SetBytes(fs[0].Len())
	b.ReportAllocs()
	var d rowDecoder
	for i := 0; b.Loop(); i++ {
		if r := d.fetch(fs[i%len(fs)]); r.ModSeq == 0 {
			b.Fatal(d.Err())
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	var s strings.Builder
	s.WriteString("* SEARCH")
	for i := range 10000 {
		s.WriteString(" " + strconv.Itoa(1000000+3*i))
	}
	f := frame(b, s.String()+"\r\n")
	b.ReportAllocs()
	var d rowDecoder
	for b.Loop() {
		if got := d.search(f); len(got) != 10000 {
			b.Fatal(d.Err())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10000, "ns/number")
}

func BenchmarkList(b *testing.B) {
	fs := frames(b, 1000, func(i int) string {
		return `* LIST (\HasNoChildren \Marked) "/" "Archive/Year ` + strconv.Itoa(i) + `/Project"` + "\r\n"
	})
	b.ReportAllocs()
	var d rowDecoder
	for i := 0; b.Loop(); i++ {
		if _, _, name := d.list(fs[i%len(fs)]); name == "" {
			b.Fatal(d.Err())
		}
	}
}

// loop is a stream that never ends.
type loop struct {
	data []byte
	at   int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.data[l.at:])
	l.at = (l.at + n) % len(l.data)
	return n, nil
}

func stream(one func(int) string) *loop {
	var b bytes.Buffer
	for i := range 2000 {
		b.WriteString(one(i))
	}
	return &loop{data: b.Bytes()}
}

func BenchmarkReader(b *testing.B) {
	for name, one := range map[string]func(int) string{"W1": w1, "W3": w3} {
		b.Run(name, func(b *testing.B) {
			r := NewReader(stream(one), Limits{})
			b.SetBytes(int64(len(one(0))))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadBody(b *testing.B) {
	const size = 256 << 10
	one := "* 1 FETCH (UID 1 BODY[] {" + strconv.Itoa(size) + "}\r\n" + strings.Repeat("x", size) + ")\r\n"
	r := NewReader(&loop{data: []byte(one)}, Limits{})
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for b.Loop() {
		if f, err := r.Next(); err != nil || f.Len() != int64(len(one)) {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	var e Encoder
	set, flags := UIDs(1, 2, 3, 4, 9, 11), NewFlags(FlagSeen, FlagDeleted)
	b.ReportAllocs()
	for b.Loop() {
		e.Begin(Mode{LiteralPlus: true})
		e.Keyword("A123 UID STORE ")
		e.SequenceSet(set)
		e.Keyword(" +FLAGS.SILENT (")
		e.FlagList(flags)
		e.Keyword(")\r\n")
		for p := range e.Pieces() {
			if _, err := io.Discard.Write(p.Octets); err != nil || e.Err() != nil {
				b.Fatal(err)
			}
		}
	}
}
