package imapjson

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

func TestValues(t *testing.T) {
	zone := time.FixedZone("", -7*3600)
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"string", str(nil, "a\"b\\c\r\n\t\x00\x1f\x7f é \u2028"), `"a\"b\\c\r\n\t\u0000\u001f` + "\x7f é \u2028" + `"`},
		{"octets", str(nil, []byte{0xff, 'a'}), `{"base64":"/2E="}`},
		{"no octets", octets(nil, nil), `null`},
		{"empty octets", octets(nil, []byte{}), `""`},
		{"mailbox", mailbox(nil, "日本語"), `"日本語"`},
		{"mailbox as it came", mailbox(nil, wire.RawMailbox("a&b")), `"a&b"`},
		{"mailbox of other octets", mailbox(nil, wire.RawMailbox("\xe0")), `{"base64":"4A=="}`},
		{"nstring", nstring(nil, wire.NStr("")), `""`},
		{"NIL", nstring(nil, wire.NString{}), `null`},
		{"NIL text", header(nil, wire.Text{}), `null`},
		{"text of a header", header(nil, wire.NewText("é")), `"=?utf-8?q?=C3=A9?="`},
		{"number", number(nil, uint64(math.MaxUint64)), `18446744073709551615`},
		{"negative number", number(nil, -1), `-1`},
		{"delimiter", char(nil, '\\'), `"\\"`},
		{"no delimiter", char(nil, 0), `null`},
		{"date and time", instant(nil, time.Date(1996, 7, 17, 2, 44, 25, 0, zone)), `"1996-07-17T02:44:25-07:00"`},
		{"no date", instant(nil, time.Time{}), `null`},
		{"day", day(nil, time.Date(1994, 2, 1, 0, 0, 0, 0, time.UTC)), `"1994-02-01"`},
		{"set", set(nil, wire.UIDs(5, 1, 2)), `"1:2,5"`},
		{"set with a star", set(nil, wire.SeqRange(4, 0).Union(wire.Seqs(1))), `"1,4:*"`},
		{"star", set(nil, wire.UIDRange(0, 0)), `"*"`},
		{"saved set", set(nil, wire.SavedResult()), `"$"`},
		{"empty set", set(nil, wire.NumSet{}), `""`},
		{"source", source(nil, wire.SourceString("a\r\n")), `"a\r\n"`},
		{"no source", source(nil, wire.Source{}), `null`},
		{"body", body(nil, wire.NewBody(nil)), `""`},
		{"NIL body", body(nil, nil), `null`},
		{"section", section(nil, &imap.Section{}), `""`},
		{"part", section(nil, &imap.Section{Part: []uint32{1, 2}}), `"1.2"`},
		{"header of a part", section(nil, &imap.Section{Part: []uint32{3}, Specifier: imap.SectionHeaderFields, Not: true, Fields: []string{"To", `a "b`, ""}}),
			`"3.HEADER.FIELDS.NOT (To \"a \\\"b\" \"\")"`},
		{"list", list(nil, wire.NewFlags(wire.FlagSeen, "$x").All()), `["\\Seen","$x"]`},
		{"empty list", list(nil, wire.Flags{}.All()), `[]`},
		{"array", array(nil, []string{"[", "a"}, str), `["[","a"]`},
		{"empty array", array(nil, nil, str[string]), `[]`},
		{"empty array where NIL may stand", arrayOrNull(nil, nil, str[string]), `null`},
		{"no object", object(nil, nil, addressFields), `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, string(tt.got))
			assert.True(t, json.Valid(tt.got))
		})
	}
}

// TestAlternatives: a string if there is nothing but a name, else an object.
func TestAlternatives(t *testing.T) {
	tests := []struct {
		name string
		code imap.Code
		want string
	}{
		{"constant", imap.CodeAlert, `"ALERT"`},
		{"one field", imap.CodeUIDNext(7), `{"name":"UIDNEXT","uid":7}`},
		{"optional field left out", imap.CodeBadCharset(nil), `"BADCHARSET"`},
		{"not in the grammar", imap.CodeOther{Name: "X-A", Text: `b "c`}, `{"name":"X-A","raw":"b \"c"}`},
		{"not in the grammar, no text", imap.CodeOther{Name: "X-A"}, `"X-A"`},
		{"a name that must be escaped", imap.CodeOther{Name: `X"`}, `{"name":"X\""}`},
		{"of another module", foreignCode{}, `{"name":"X-PIG","raw":"X-PIG \"oink oink\""}`},
		{"nil", nil, `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := codeValue([]byte("["), tt.code)
			require.Equal(t, "["+tt.want, string(got))
		})
	}
}

type foreignCode struct{}

func (foreignCode) Keyword() string { return "X-PIG" }

func (foreignCode) AppendCode(e *wire.Encoder) {
	e.Keyword("X-PIG")
	e.SP()
	e.Astring("oink oink")
}

// TestObjects: what every object has.
func TestObjects(t *testing.T) {
	flags := &imap.FlagsData{}
	flags.AddWarnings(wire.Warning{Rule: "SP", Want: "one blank", Offset: 7, Octets: "  ()\r\n"})
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"untagged", AppendResponse(nil, "", &imap.ExistsData{Count: 3}), `{"type":"untagged","name":"EXISTS","n":3}`},
		{"tagged", AppendResponse(nil, "a1", &imap.RespCondStateData{Type: imap.RespCondStateNo}), `{"type":"tagged","tag":"a1","name":"NO"}`},
		{"continue", AppendResponse(nil, "+", &imap.ContinueReqData{RespText: imap.RespText{Text: "go"}}), `{"type":"continue","text":"go"}`},
		{"warnings", AppendResponse(nil, "", flags), `{"type":"untagged","name":"FLAGS","flags":[],"warnings":[{"rule":"SP","offset":7,"want":"one blank","octets":"  ()\r\n"}]}`},
		{"unknown", AppendResponse(nil, "", &imap.UnknownData{Number: 2, Name: "XPIG", Raw: "oink"}), `{"type":"untagged","name":"XPIG","n":2,"raw":"oink"}`},
		{"command", AppendCommand(nil, "a1", &imap.Noop{}, nil), `{"type":"command","tag":"a1","name":"NOOP"}`},
		{"UID command", AppendCommand(nil, "a1", &imap.UIDExpunge{Set: imap.UIDs(4)}, nil), `{"type":"command","tag":"a1","name":"EXPUNGE","uid":true,"set":"4"}`},
		{"unknown command", AppendCommand(nil, "a1", &imap.UnknownCommand{Name: "XPIG", Args: "oink"}, nil), `{"type":"command","tag":"a1","name":"XPIG","raw":"oink"}`},
		{"unknown UID command", AppendCommand(nil, "a1", &imap.UnknownCommand{Name: "UID", Args: "xpig 5 oink"}, nil),
			`{"type":"command","tag":"a1","name":"XPIG","uid":true,"raw":"5 oink"}`},
		{"continuation", AppendContinuation(nil, "a1", "AUTHENTICATE", []byte("x")), `{"type":"continuation","tag":"a1","name":"AUTHENTICATE","octets":"x"}`},
		{"cancelled", AppendContinuation(nil, "a1", "AUTHENTICATE", nil), `{"type":"continuation","tag":"a1","name":"AUTHENTICATE","octets":null}`},
		{"refused", AppendRefused(nil, "a1", &wire.SyntaxError{Rule: "text", Want: "text", Offset: 3, Octets: "\xff"}),
			`{"type":"tagged","tag":"a1","error":{"rule":"text","offset":3,"want":"text","octets":{"base64":"/w=="}}}`},
		{"refused command", AppendRefusedCommand(nil, "", &wire.LimitError{What: "literal", Limit: 5}), `{"type":"command","error":{"want":"literal is longer than 5 octets"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, string(tt.got))
			assert.True(t, json.Valid(tt.got))
		})
	}
}
