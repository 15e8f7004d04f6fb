package client_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// injections are what has broken out of an argument of some library: CVE-2026-42257, -42258, -47240, -47241 and -47242 (net-imap),
// CVE-2025-15366 (imaplib), imapclient #657, git imap-send.
var injections = []string{
	"x\r\nA1 DELETE victim\r\n", "x\"\r\nX1 STORE 1:* +FLAGS (\\Deleted)", "\\Seen)\r\nA1 NOOP", "{5+}\r\nhello", "x {0+}\r\nA1 NOOP", "{10}", "~{10}", "x {10+}", "{10}\r",
	"\x00", "a\x00b", "a\tb", "a\x0bb", "\x7f", "ü", "\xff\xfe", "\u2028", "\"", "\\", "\\\"", ")", "(", "() ()", "]", "[", "%", "*", "", " ", "NIL", "nil", "INBOX", "+", "&",
	"&AC4ALg-", "\xff&AC4ALg-", "\xffx\r\nA1 NOOP", "A001", "\r", "\n", "\r\n", "1:*", "$", "0", "OK", "BODY[]<0.5>", "HEADER.FIELDS (X", "X:Y", "\\", "\\*", "\\Seen \\Deleted",
	"0A", "1", "1:5,7", "\\0", "A}", "[)",
	strings.Repeat("a", 1001), strings.Repeat("a", 4097), strings.Repeat("\"", 600), strings.Repeat("ü", 3000),
}

// argumentModes are what a connection may allow when a command is written.
var argumentModes = []wire.Mode{
	{}, {UTF8: true}, {LiteralPlus: true}, {LiteralMinus: true}, {Literal8: true}, {UTF8: true, LiteralPlus: true, Literal8: true},
}

// FuzzArguments puts a text into every field of every command, Raw included, in every mode. Each time nothing is written and the error says why,
// or a server reads one command, with the text where it was put.
func FuzzArguments(f *testing.F) {
	for _, text := range injections {
		f.Add(text)
	}
	for _, text := range hostileTexts("victim") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, x := range trials(text) {
			for _, mode := range argumentModes {
				tryArgument(t, text, x, mode)
			}
		}
	})
}

// TestInjections runs the seeds of FuzzArguments for one that does not fuzz, and wants every command to take some of them.
func TestInjections(t *testing.T) {
	sent := map[string]bool{}
	for _, text := range injections {
		for _, x := range trials(text) {
			if tryArgument(t, text, x, wire.Mode{}) {
				sent[x.where] = true
			}
		}
	}
	for _, x := range trials("x") {
		assert.True(t, sent[x.where] || !writable(x), "%s takes nothing", x.where)
	}
}

func writable(x trial) bool {
	var e wire.Encoder
	e.Begin(wire.Mode{})
	return x.cmd.AppendIMAP(&e) == nil && e.Err() == nil
}

// tryArgument tells whether the command could be written.
func tryArgument(t *testing.T, text string, x trial, mode wire.Mode) bool {
	t.Helper()
	e := new(wire.Encoder)
	e.Begin(mode)
	e.Keyword("A1 ")
	if err := x.cmd.AppendIMAP(e); err != nil {
		refusal := new(wire.ArgumentError)
		if err != client.ErrOwnMethod {
			require.ErrorAs(t, err, &refusal, x.where)
		}
		return false
	}
	e.CRLF()
	require.NoError(t, e.Err())
	var sent bytes.Buffer
	turns := 0
	for p := range e.Pieces() {
		sent.Write(p.Octets)
		if p.Source != nil {
			_, err := io.Copy(&sent, p.Source.Reader())
			require.NoError(t, err)
		}
		if p.Then == wire.PauseTurn {
			turns++
		}
	}
	lines, literals := asDumbServer(sent.Bytes())
	require.Equal(t, 1+turns, lines, "%s in %+v is more than one command: %q", x.where, mode, sent.Bytes())
	for _, l := range literals {
		allowed := mode.LiteralPlus || mode.LiteralMinus && l.size <= 4096
		require.True(t, !l.nonSync || allowed, "%s in %+v: %q", x.where, mode, sent.Bytes())
	}
	r := wire.NewReader(&sent, wire.Limits{})
	frame, err := r.Next()
	require.NoError(t, err)
	d := imap.NewDecoder()
	d.SetUTF8(mode.UTF8)
	d.SetStrict(!wire.IsRawMailbox(text)) // such a name is in no encoding
	tag, got, err := d.Command(frame)
	if word := new(wire.SyntaxError); errors.As(err, &word) && isUnknownWord(x.where, text) {
		return true
	}
	require.NoError(t, err, "%s in %+v cannot be read: %q", x.where, mode, frame.Text())
	require.Equal(t, "A1", tag)
	if raw, ok := x.cmd.(client.RawCommand); ok {
		sameRaw(t, raw, frame, mode)
		return true
	}
	if turns == 0 {
		require.Empty(t, r.Buffered())
	}
	wantSame(t, x, got, mode)
	return true
}

// isUnknownWord tells that the text is a bare word where the grammar has a set of them that others may add to: it is written as it is, and a
// server that does not know it says so.
func isUnknownWord(where, text string) bool {
	return strings.HasSuffix(where, "Name") && text != "" && !strings.ContainsAny(text, " \"\\(){%*\r\n\x00")
}

// A literal is what announces one.
type literal struct {
	size    int
	nonSync bool
}

// asDumbServer reads commands as the simplest server would, by lines and by what they end in, and knows nothing of this module.
func asDumbServer(b []byte) (commands int, literals []literal) {
	for len(b) > 0 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if i := bytes.LastIndexByte(line, '{'); i >= 0 && bytes.HasSuffix(line, []byte("}")) {
			digits, nonSync := bytes.CutSuffix(line[i+1:len(line)-1], []byte("+"))
			if n, err := strconv.Atoi(string(digits)); err == nil && n <= len(b) {
				literals = append(literals, literal{n, nonSync})
				b = b[n:]
				continue
			}
		}
		commands++
	}
	return commands, literals
}

// wantSame wants what a server has read to be the command that was written.
func wantSame(t *testing.T, x trial, got conn.Command, mode wire.Mode) {
	t.Helper()
	want, have := reflect.ValueOf(x.cmd), reflect.Indirect(reflect.ValueOf(got))
	require.Equal(t, want.Type(), have.Type(), x.where)
	if at := differs(want, have); at != "" {
		require.Fail(t, "not the same", "%s in %+v: %s: wrote %+v, read %+v", x.where, mode, at, x.cmd, got)
	}
}

// differs tells where two values differ, "" if they do not.
func differs(want, have reflect.Value) string {
	for want.Kind() == reflect.Interface || want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	for have.Kind() == reflect.Interface || have.Kind() == reflect.Pointer {
		have = have.Elem()
	}
	if !want.IsValid() || !have.IsValid() {
		if want.IsValid() == have.IsValid() {
			return ""
		}
		return "nothing"
	}
	if other := have; other.Kind() == reflect.Struct && want.Kind() == reflect.String && strings.HasSuffix(want.Type().Name(), "Name") {
		if name := other.FieldByName("Name"); name.IsValid() {
			have = name.Convert(want.Type()) // a word that is not known, without a value
		}
	}
	if want.Type() != have.Type() {
		return want.Type().String() + " is " + have.Type().String()
	}
	t := want.Type()
	same := true
	switch {
	case t.ConvertibleTo(reflect.TypeFor[imap.NumSet]()) && t.Kind() == reflect.Struct:
		of := func(v reflect.Value) string {
			return v.Convert(reflect.TypeFor[imap.NumSet]()).Interface().(imap.NumSet).String()
		}
		same = of(want) == of(have)
	case t == flagsType:
		of := func(v reflect.Value) []imap.Flag { return slices.Collect(v.Interface().(imap.Flags).All()) }
		same = slices.Equal(of(want), of(have))
	case t.ConvertibleTo(sourceType) && t.Kind() == reflect.Struct:
		of := func(v reflect.Value) []byte {
			b, _ := io.ReadAll(v.Convert(sourceType).Interface().(wire.Source).Reader())
			return b
		}
		same = bytes.Equal(of(want), of(have))
	case t.ConvertibleTo(reflect.TypeFor[time.Time]()) && t.Kind() == reflect.Struct:
		of := func(v reflect.Value) string {
			return v.Convert(reflect.TypeFor[time.Time]()).Interface().(time.Time).Format(time.DateOnly)
		}
		same = of(want) == of(have)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() || f.Name == "Ext" || f.Name == "Charset" && want.Field(i).String() == "" {
				continue // what is not said of the charset is filled in
			}
			if at := differs(want.Field(i), have.Field(i)); at != "" {
				return f.Name + ": " + at
			}
		}
	case t.Kind() == reflect.Slice:
		if same = want.Len() == have.Len(); !same {
			break
		}
		for i := range want.Len() {
			if at := differs(want.Index(i), have.Index(i)); at != "" {
				return strconv.Itoa(i) + ": " + at
			}
		}
	case t.Kind() == reflect.String:
		same = sameText(want.String(), have.String(), t)
	default:
		same = want.Equal(have)
	}
	if !same {
		return t.String()
	}
	return ""
}

// sameText compares texts. Keywords ignore case; the INBOX has many names, and a raw name is not raw any more when it can be decoded.
func sameText(want, have string, t reflect.Type) bool {
	if wire.IsRawMailbox(want) {
		if decoded, err := wire.DecodeUTF7(want[1:]); err == nil && decoded == have {
			return true
		}
	}
	switch {
	case want == have, wire.IsRawMailbox(want) && want[1:] == have:
		return true
	case strings.EqualFold(want, have):
		return t.Name() != "string" || have == wire.Inbox
	case wire.IsRawMailbox(want) && strings.EqualFold(want[1:], have):
		return have == wire.Inbox
	}
	return false
}

// sameRaw wants what a server has read of a command that it does not know to be the words and arguments that were written.
func sameRaw(t *testing.T, want client.RawCommand, frame *wire.Frame, mode wire.Mode) {
	t.Helper()
	d := new(wire.Decoder)
	d.SetUTF8(mode.UTF8)
	d.Begin(frame)
	require.Equal(t, "A1", string(d.Atom()))
	for _, word := range strings.Split(want.Name, " ") {
		d.Expect(' ')
		require.Equal(t, word, d.Atom())
	}
	for _, a := range want.Args {
		d.Expect(' ')
		rawSame(t, a, d)
	}
	d.CRLF()
	require.NoError(t, d.Err(), "%q", frame.Text())
}

func rawSame(t *testing.T, a client.RawArg, d *wire.Decoder) {
	t.Helper()
	switch a := a.(type) {
	case client.RawAtom:
		require.Equal(t, string(a), d.Atom())
	case client.RawString:
		require.Equal(t, string(a), d.String())
	case client.RawSecret:
		require.Equal(t, string(a), d.String())
	case client.RawAstring:
		require.Equal(t, string(a), d.Astring())
	case client.RawMailbox:
		name := d.Mailbox()
		require.True(t, sameText(string(a), name, reflect.TypeFor[string]()), "%q, %q", a, name)
	case client.RawNumber:
		require.Equal(t, uint64(a), d.Number64())
	case client.RawFlag:
		require.Equal(t, imap.Flag(a), d.Flag())
	case client.RawSet:
		require.Equal(t, imap.NumSet(a).String(), d.SequenceSet().String())
	case client.RawList:
		d.Expect('(')
		for i, x := range a {
			if i > 0 {
				d.Expect(' ')
			}
			rawSame(t, x, d)
		}
		d.Expect(')')
	}
}
