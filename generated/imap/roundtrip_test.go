package imap_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// A line is a command or response with all its literals and the CRLF at its end.
type line struct {
	at      string // where it comes from
	octets  string
	command bool // a client sends it
	lenient bool // it deviates from the grammar
}

// A reading is what was read of a line.
type reading struct {
	tag      string
	value    appender // a pointer to a command or response
	warnings []wire.Warning
}

// decode reads the frame of a line with a decoder of its own.
func (l line) decode(f *wire.Frame, strict bool) (reading, error) {
	d := imap.NewDecoder()
	d.SetStrict(strict)
	if l.command {
		tag, c, err := d.Command(f)
		x, _ := c.(appender)
		return reading{tag, x, d.TakeWarnings()}, err
	}
	tag, r, err := d.Response(f, conn.DialogNone)
	x, _ := r.(appender)
	got := reading{tag: string(tag), value: x}
	if w, ok := r.(interface{ Warnings() []wire.Warning }); ok && err == nil {
		got.warnings = w.Warnings()
	}
	return got, err
}

// encode gives the octets of what was read, up to the CRLF at which a client waits for "+" before it goes on with a dialog.
func (r reading) encode(mode wire.Mode) (string, error) {
	e := new(wire.Encoder)
	e.Begin(mode)
	if err := r.value.AppendIMAP(e); err != nil {
		return "", err
	}
	var b strings.Builder
	switch r.tag {
	case "":
		b.WriteString("* ")
	case "+":
	default:
		b.WriteString(r.tag + " ")
	}
	for p := range e.Pieces() {
		b.Write(p.Octets)
		if p.Then == wire.PauseTurn {
			return b.String(), nil
		}
		if p.Source == nil {
			continue
		}
		if _, err := io.Copy(&b, p.Source.Reader()); err != nil {
			return "", err
		}
	}
	return b.String() + "\r\n", nil
}

// modes are how a line may be written. In the first all can be written: a client writes no literals within raw values.
func (l line) modes() []wire.Mode {
	all := wire.Mode{Server: true, Literal8: true}
	if l.command {
		return []wire.Mode{all, {Literal8: true}, {LiteralPlus: true, Literal8: true}}
	}
	return []wire.Mode{all}
}

// roundTrip reads the line strictly, writes it and reads it again, and wants the same values.
func (l line) roundTrip(t *testing.T) {
	f := frame(t, l.octets)
	require.EqualValues(t, len(l.octets), f.Len(), "more than one frame: %q", l.octets)
	first, err := l.decode(f, !l.lenient)
	require.NoError(t, err, "%q", l.octets)
	requireClone(t, first.value)
	if l.lenient {
		require.NotEmpty(t, first.warnings, "%q", l.octets)
		_, err = l.decode(frame(t, l.octets), true)
		require.Error(t, err, "%q", l.octets)
		first.forget()
	} else {
		require.Empty(t, first.warnings, "%q", l.octets)
	}
	for i, mode := range l.modes() {
		out, err := first.encode(mode)
		if raw := new(wire.ArgumentError); i > 0 && errors.As(err, &raw) && raw.Field == "any-value" {
			continue
		}
		require.NoError(t, err, "%q", l.octets)
		again, err := l.decode(frame(t, out), true)
		require.NoError(t, err, "%q was written as %q", l.octets, out)
		first.fillIn(again)
		first.requireSame(t, again, "%q was written as %q", l.octets, out)
	}
}

// fillIn sets what is filled in when a line is written: the charset where it has none, and ALL for RETURN () (RFC 4731 section 3.1).
func (r reading) fillIn(again reading) {
	x, y := reflect.ValueOf(r.value).Elem().FieldByName("Charset"), reflect.ValueOf(again.value).Elem().FieldByName("Charset")
	if x.IsValid() && x.IsZero() && slices.Contains([]string{"UTF-8", "US-ASCII"}, y.String()) {
		x.Set(y)
	}
	if s, ok := r.value.(*imap.Search); ok && s.Return != nil && len(s.Return) == 0 {
		s.Return = []imap.ReturnOpt{imap.ReturnAll}
	}
}

// forget drops the warnings, which what is written has no more.
func (r *reading) forget() {
	r.warnings = nil
	if x := reflect.ValueOf(r.value).Elem().FieldByName("Ext"); x.IsValid() {
		x.SetZero()
	}
}

// requireSame wants the same values; sets of numbers are the same in any order, since a client writes them ascending.
func (r reading) requireSame(t *testing.T, got reading, msg string, args ...any) {
	t.Helper()
	if !sameReading(r, got) {
		require.Equal(t, r, got, append([]any{msg}, args...)...)
		require.Fail(t, "not the same", append([]any{msg}, args...)...)
	}
}

func sameReading(a, b reading) bool {
	return a.tag == b.tag && slices.Equal(a.warnings, b.warnings) && same(reflect.ValueOf(a.value), reflect.ValueOf(b.value))
}

var setType = reflect.TypeFor[wire.NumSet]()

// same is reflect.DeepEqual but for sets of numbers.
func same(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	switch {
	case !a.IsValid():
		return true
	case a.CanConvert(setType) && a.CanInterface():
		x, y := a.Convert(setType).Interface().(wire.NumSet), b.Convert(setType).Interface().(wire.NumSet)
		return x.String() == y.String() && x.IsSeq() == y.IsSeq()
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		return a.IsNil() == b.IsNil() && same(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}

// split reads the line in two parts, cut at every octet, and octet by octet, and wants the same frame and the same values.
func (l line) split(t *testing.T) {
	want, err := l.decode(frame(t, l.octets), !l.lenient)
	require.NoError(t, err, "%q", l.octets)
	check := func(src io.Reader, at int) {
		r := wire.NewReader(src, wire.Limits{})
		f, err := r.Next()
		require.NoError(t, err, "%q cut at %d", l.octets, at)
		got, err := l.decode(f, !l.lenient)
		require.NoError(t, err, "%q cut at %d", l.octets, at)
		want.requireSame(t, got, "%q cut at %d", l.octets, at)
		require.Empty(t, r.Buffered())
	}
	for i := 1; i < len(l.octets); i++ {
		check(io.MultiReader(strings.NewReader(l.octets[:i]), strings.NewReader(l.octets[i:])), i)
	}
	check(iotest.OneByteReader(strings.NewReader(l.octets)), -1)
}

// splitStream reads all lines as one stream, at once and octet by octet, and wants each line as one frame.
func splitStream(t *testing.T, lines []line) {
	t.Helper()
	var all bytes.Buffer
	for _, l := range lines {
		all.WriteString(l.octets)
	}
	for _, src := range []io.Reader{bytes.NewReader(all.Bytes()), iotest.OneByteReader(bytes.NewReader(all.Bytes()))} {
		r := wire.NewReader(src, wire.Limits{})
		for _, l := range lines {
			f, err := r.Next()
			require.NoError(t, err, l.at)
			require.EqualValues(t, len(l.octets), f.Len(), l.at)
			require.Equal(t, l.octets, string(f.Text()), l.at)
		}
		_, err := r.Next()
		require.ErrorIs(t, err, io.EOF)
	}
}
