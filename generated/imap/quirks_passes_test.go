package imap_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/gen"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// The valid sentences beside the cases of QUIRKS.md.
var controls = []string{
	`* 1 FETCH (UID 1 FLAGS (\Seen) ENVELOPE ("Mon, 10 Apr 2017 06:04:00 -0700" "s" (("F" NIL "f" "d.com")) NIL NIL (("T" NIL "t" "d.com")) NIL NIL NIL "<id@x>")` +
		` BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 3 1 NIL NIL NIL NIL))`,
	`* STATUS INBOX (MESSAGES 1)`,
	`* ID ("name" "Aox" "version" "1")`,
	`* NAMESPACE (("" "/")) NIL NIL`,
	`* LIST (\HasNoChildren) "/" INBOX`,
	`a1 OK [COPYUID 1 10 233] COPY completed`,
	`* SEARCH 1 2 3`,
	"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[] {5}\r\nhello)",
}

// TestUnknownControl: what no grammar has is kept raw.
func TestUnknownControl(t *testing.T) {
	got, warned := lenient(t, "* XFROB \"\" (STORAGE 0 2147483647)\r\n")
	require.Equal(t, imap.Value(`"" (STORAGE 0 2147483647)`), got[0].(*imap.UnknownData).Raw)
	require.Len(t, warned[0], 1)
}

// TestBothPasses: a "~=" rule gives the same values as "=" on every valid sentence, and none of these is warned of.
func TestBothPasses(t *testing.T) {
	for _, s := range append(controls, responses...) {
		t.Run(s, func(t *testing.T) { bothPasses(t, s+"\r\n") })
	}
}

// TestBothPassesOfSentences does the same with sentences through each alternative of each rule, and with some of every response.
func TestBothPassesOfSentences(t *testing.T) {
	g := realGrammar(t)
	sentences := gen.NewSentences(g, gen.SentenceOptions{})
	for _, tape := range tapes() {
		for s := range sentences.Every(tape) {
			if !s.Command {
				bothPasses(t, s.String())
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 108))
	for _, r := range g.Responses {
		for range 300 {
			tape := make([]byte, 20+random.IntN(600))
			for i := range tape {
				tape[i] = byte(random.Uint32())
			}
			s, err := sentences.Response(r.Name, tape)
			require.NoError(t, err)
			bothPasses(t, s.String())
		}
	}
}

// bothPasses reads a valid response in the first pass, then in the second, and expects the same values.
func bothPasses(t *testing.T, octets string) {
	t.Helper()
	strict, err := strictly(t, octets, 0)
	require.NoError(t, err, "%q", octets)
	first, warned := lenient(t, octets)
	require.Empty(t, warned[0], "%q", octets)
	require.Equal(t, bare(strict), bare(first[0]), "%q", octets)
	if text, ok := respText(first[0]); ok {
		require.Equal(t, text, secondPassOfText(t, octets), "%q", octets)
		return
	}
	// A parenthesis too many makes the whole response be read again.
	second, warned := lenient(t, strings.TrimSuffix(octets, "\r\n")+")\r\n")
	require.NotEmpty(t, warned[0], "%q", octets)
	require.Equal(t, "CRLF", warned[0][0].Rule, "%q", octets)
	require.Equal(t, bare(first[0]), bare(second[0]), "%q", octets)
}

// bare gives a response without its warnings.
func bare(r conn.Response) conn.Response {
	v := reflect.New(reflect.TypeOf(r).Elem())
	v.Elem().Set(reflect.ValueOf(r).Elem())
	v.Elem().FieldByName("Ext").SetZero()
	return v.Interface().(conn.Response)
}

// respText gives the text of the responses that end in one. No octet is too many there.
func respText(r conn.Response) (imap.RespText, bool) {
	switch r := r.(type) {
	case *imap.RespCondStateData:
		return r.RespText, true
	case *imap.RespCondAuthData:
		return r.RespText, true
	case *imap.RespCondByeData:
		return r.RespText, true
	case *imap.ContinueReqData:
		return r.RespText, true
	}
	return imap.RespText{}, false
}

// secondPassOfText reads the text of a response as the second pass does.
func secondPassOfText(t *testing.T, octets string) (v imap.RespText) {
	t.Helper()
	d := imap.NewDecoder()
	d.Begin(frames(t, octets)[0])
	d.Fail("response", "a second pass")
	require.True(t, d.Retry(0))
	switch {
	case d.Accept('+'):
	case d.Accept('*'):
		d.SP()
		d.Word()
	default:
		d.Tag()
		d.SP()
		d.Word()
	}
	d.SP()
	d.ReadRespText(&v)
	d.CRLF()
	require.NoError(t, d.Err(), "%q", octets)
	return v
}
