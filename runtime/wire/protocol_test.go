package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKeyword(t *testing.T) {
	d := decoder(t, "fetch (x)\r\n")
	d.Keyword("FETCH")
	assert.Equal(t, " (x)\r\n", d.rest())
	d.SP()
	d.Keyword("FLAGS")
	assert.ErrorContains(t, d.Err(), "FLAGS")
}

func TestAsSeq(t *testing.T) {
	s := UIDs(1, 3)
	assert.True(t, s.AsSeq().IsSeq())
	assert.Equal(t, "1,3", s.AsSeq().String())
	assert.False(t, s.IsSeq())
}

func TestEncodeModes(t *testing.T) {
	got, err := written(Mode{LiteralPlus: true, LiteralMinus: true}, func(e *Encoder) { e.Synchronize(); e.String("a\nb") })
	assert.NoError(t, err)
	assert.Equal(t, "{3}\r\n<wait>a\nb", got)

	text := func(s string) func(*Encoder) { return func(e *Encoder) { e.Astring(s) } }
	e := Encoder{}
	e.Begin(Mode{})
	assert.False(t, e.EightBit(text("cafe")))
	assert.True(t, e.EightBit(text("café")))
	assert.Empty(t, e.Bytes())
	assert.NoError(t, e.Err())
	e.Begin(Mode{UTF8: true})
	assert.False(t, e.EightBit(text("café")))
}

func TestEncodeExtended(t *testing.T) {
	for want, write := range map[string]func(*Encoder){
		"x-y":            func(e *Encoder) { e.TaggedExtLabel("x-y") },
		"1:5":            func(e *Encoder) { e.TaggedExtVal("1:5") },
		"(a)":            func(e *Encoder) { e.OptionValue("(a)") },
		"{1}\r\na":       func(e *Encoder) { e.BinaryData(NewBody([]byte("a"))) },
		"~{3}\r\na\x00b": func(e *Encoder) { e.BinaryData(NewBody([]byte("a\x00b"))) },
		"NIL":            func(e *Encoder) { e.BinaryData(nil) },
		"~{1}\r\n\x00":   func(e *Encoder) { e.Nstring8(NStr("\x00")) },
		`"a"`:            func(e *Encoder) { e.Nstring8(NStr("a")) },
	} {
		got, err := written(Mode{Server: true}, write)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for name, write := range map[string]func(*Encoder){
		"label": func(e *Encoder) { e.TaggedExtLabel("1x") },
		"word":  func(e *Encoder) { e.TaggedExtLabel("x[") },
		"value": func(e *Encoder) { e.TaggedExtVal("abc") },
		"saved": func(e *Encoder) { e.TaggedExtVal("$1") },
		"digit": func(e *Encoder) { e.TaggedExtVal("0A") },
		"two":   func(e *Encoder) { e.TaggedExtVal("1 2") },
		"list":  func(e *Encoder) { e.OptionValue("a") },
	} {
		_, err := written(Mode{Server: true}, write)
		assert.Error(t, err, name)
	}
}
