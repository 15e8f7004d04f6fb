package imap_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// A quirk is something that a real server sent: a case of QUIRKS.md, in whose numbers the grammar's quirks.imap speaks too.
type quirk struct {
	id, server string
	wire       string
	want       values
	warn       []string // the rules of the warnings; none: the sentence is valid, and the strict decoder reads it too
	later      string   // why it is not read as it should be yet
}

// values checks what the responses of a quirk were read as.
type values func(t *testing.T, got []conn.Response)

// The classes of section 2.3 of QUIRKS.md. The conversations are those that only a connection can show.
func quirkClasses() map[string][]quirk {
	return map[string][]quirk{
		"1 blanks":                 blankQuirks(),
		"2 NIL or () out of place": nilQuirks(),
		"3 numbers":                numberQuirks(),
		"4 quoting and 8 bits":     textQuirks(),
		"5 missing fields":         missingQuirks(),
		"6 surplus":                surplusQuirks(),
		"7 unknown things":         unknownQuirks(),
		"8 dates, flags, names":    nameQuirks(),
		"9 framing":                frameQuirks(),
	}
}

// TestQuirks: each case is read with the values that QUIRKS.md wants, nothing that deviates goes without a warning or costs more than
// its item, and strict refuses exactly the responses that were warned of.
func TestQuirks(t *testing.T) {
	for class, quirks := range quirkClasses() {
		for _, q := range quirks {
			t.Run(class+"/"+q.id, func(t *testing.T) {
				got, warned := lenient(t, q.wire)
				q.want(t, got)
				var rules []string
				for i, w := range warned {
					for _, w := range w {
						rules = append(rules, w.Rule)
						assert.NotEmpty(t, w.Want)
						assert.NotEmpty(t, w.Octets)
						assert.GreaterOrEqual(t, w.Offset, 0)
					}
					_, err := strictly(t, q.wire, i)
					if len(w) == 0 {
						require.NoError(t, err, "response %d deviates in nothing", i)
						continue
					}
					var syntax *wire.SyntaxError
					require.ErrorAs(t, err, &syntax, "response %d", i)
				}
				assert.Equal(t, q.warn, rules)
			})
		}
	}
}

// lenient reads every response of a stream as clients do, and gives the warnings of each.
func lenient(t *testing.T, octets string) ([]conn.Response, [][]wire.Warning) {
	t.Helper()
	d := imap.NewDecoder()
	var got []conn.Response
	var warned [][]wire.Warning
	for i, f := range frames(t, octets) {
		_, r, err := d.Response(f, conn.DialogNone)
		require.NoError(t, err, "response %d", i)
		got = append(got, r)
		warned = append(warned, r.(interface{ Warnings() []wire.Warning }).Warnings())
	}
	return got, warned
}

// strictly reads response n of a stream.
func strictly(t *testing.T, octets string, n int) (conn.Response, error) {
	t.Helper()
	_, r, err := strictDecoder().Response(frames(t, octets)[n], conn.DialogNone)
	return r, err
}

// frames cuts a stream; each frame has a reader of its own, as a frame lasts only until the next is read.
func frames(t *testing.T, octets string) []*wire.Frame {
	t.Helper()
	var all []*wire.Frame
	for n := 1; ; n++ {
		r := wire.NewReader(strings.NewReader(octets), wire.Limits{})
		var f *wire.Frame
		var err error
		for range n {
			f, err = r.Next()
		}
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, f)
	}
}

// TestQuirksAreComplete counts: every case of QUIRKS.md has its row, and so many are read as they should be.
func TestQuirksAreComplete(t *testing.T) {
	seen := map[string]bool{}
	read := 0
	for class, quirks := range quirkClasses() {
		n := 0
		for _, q := range quirks {
			require.False(t, seen[q.id], q.id)
			seen[q.id] = true
			if q.later == "" {
				n++
			} else {
				t.Logf("%s is not read as it should be yet: %s", q.id, q.later)
			}
		}
		t.Logf("class %s: %d of %d", class, n, len(quirks))
		read += n
	}
	for _, q := range conversations() {
		require.False(t, seen[q.id], q.id)
		seen[q.id] = true
		if q.later == "" {
			read++
		}
	}
	for n := 1; n <= 108; n++ {
		id := fmt.Sprintf("Q%02d", n)
		if n > 99 {
			id = fmt.Sprintf("QA%d", n-100)
		}
		assert.True(t, seen[id], "%s has no row", id)
	}
	assert.Len(t, seen, 108)
	assert.Equal(t, 105, read)
	t.Logf("%d of 108", read)
}

// The constructors of expectations.

// item puts an item into a response that has others, which it must not cost.
func item(octets string) string { return `* 1 FETCH (UID 1 FLAGS (\Seen) ` + octets + ")\r\n" }

// message expects the response that item makes.
func message(check func(t *testing.T, m *imap.FetchData)) values {
	return func(t *testing.T, got []conn.Response) {
		require.Len(t, got, 1)
		m := got[0].(*imap.FetchData)
		assert.EqualValues(t, 1, m.Seq)
		assert.EqualValues(t, 1, m.UID)
		assert.Equal(t, `\Seen`, flagText(m.Flags))
		check(t, m)
	}
}

func structure(want imap.BodyStructure) values {
	return message(func(t *testing.T, m *imap.FetchData) {
		require.True(t, m.Has(imap.MsgAttItemBodyStructure))
		assert.Equal(t, &want, m.BodyStructure)
		assert.Empty(t, m.Unknown())
	})
}

func envelope(want imap.Envelope) values {
	return message(func(t *testing.T, m *imap.FetchData) {
		require.True(t, m.Has(imap.MsgAttItemEnvelope))
		assert.Equal(t, &want, m.Envelope)
		assert.Empty(t, m.Unknown())
	})
}

func each(want ...values) values {
	return func(t *testing.T, got []conn.Response) {
		require.Len(t, got, len(want))
		for i, check := range want {
			check(t, got[i:i+1])
		}
	}
}

// one expects a response of a type.
func one[R conn.Response](check func(t *testing.T, r R)) values {
	return func(t *testing.T, got []conn.Response) {
		require.Len(t, got, 1)
		r, ok := got[0].(R)
		require.True(t, ok, "%T", got[0])
		check(t, r)
	}
}

// untilKnown expects what want does while no grammar has the response. Whoever adds one writes the row anew.
func untilKnown(want values) values {
	return func(t *testing.T, got []conn.Response) {
		if _, ok := got[0].(*imap.UnknownData); !ok {
			t.Skipf("the grammar has this response now, as %T: let the row say what is wanted", got[0])
		}
		want(t, got)
	}
}

func exists(n uint32) values {
	return one(func(t *testing.T, r *imap.ExistsData) { assert.Equal(t, n, r.Count) })
}

func flags(want string) values {
	return one(func(t *testing.T, r *imap.FlagsData) { assert.Equal(t, want, flagText(r.Flags)) })
}

func capabilities(want ...imap.Cap) values {
	return one(func(t *testing.T, r *imap.CapabilityData) { assert.Equal(t, want, r.Capabilities) })
}

func search(want ...uint32) values {
	return one(func(t *testing.T, r *imap.SearchData) { assert.Equal(t, want, r.IDs) })
}

// status expects OK with a code and a text.
func status(code conn.Code, text string) values {
	return one(func(t *testing.T, r *imap.RespCondStateData) {
		assert.Equal(t, imap.RespCondStateOK, r.Type)
		assert.Equal(t, code, r.Code)
		assert.Equal(t, text, r.Text)
	})
}

func permanentFlags(want, text string) values {
	return one(func(t *testing.T, r *imap.RespCondStateData) {
		code, ok := r.Code.(imap.CodePermanentFlags)
		require.True(t, ok)
		assert.Equal(t, want, flagText(wire.Flags(code)))
		assert.Equal(t, text, r.Text)
	})
}

func list(delim rune, mailbox string, attrs ...imap.MailboxAttr) values {
	return one(func(t *testing.T, r *imap.ListData) {
		assert.Equal(t, attrs, r.Attrs)
		assert.Equal(t, delim, r.Delim)
		assert.Equal(t, mailbox, r.Mailbox)
	})
}

func flagText(f wire.Flags) string {
	var s []string
	for x := range f.All() {
		s = append(s, string(x))
	}
	return strings.Join(s, " ")
}

func text(s string) wire.Text { return wire.Text{Raw: s, Valid: true} }
func date(s string) wire.Date { return wire.Date{Raw: s, Valid: true} }

func address(name, mailbox, host string) []imap.Address {
	return []imap.Address{{Name: text(name), Mailbox: wire.NStr(mailbox), Host: wire.NStr(host)}}
}

// part is a body of one part.
func part(media, encoding string, octets, lines uint64, params ...imap.Param) imap.BodyStructure {
	typ, subtype, _ := strings.Cut(media, "/")
	return imap.BodyStructure{Type: typ, Subtype: subtype, Encoding: encoding, Octets: octets, Lines: lines, Params: slices.Clip(params)}
}

// extended is a body with its extension data, all of it NIL.
func extended(b imap.BodyStructure) imap.BodyStructure {
	b.Extension = &imap.BodyExtension{}
	return b
}

func param(name, value string) imap.Param { return imap.Param{Name: name, Value: value} }

func only(r conn.Response) []conn.Response { return []conn.Response{r} }
