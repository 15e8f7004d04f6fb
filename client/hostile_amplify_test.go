package client_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
)

// TestAmplification fills one response with the shortest elements that there are. Its values take at most so many times the octets that
// came.
func TestAmplification(t *testing.T) {
	const (
		octets = mib / 2
		factor = 80 // as wire.Limits says
	)
	for name, test := range map[string]struct{ head, unit, tail string }{
		"flags":                {"* FLAGS (a", " a", ")"},
		"different flags":      {"* FLAGS (a", " ab ac ad ae af ag ah ai aj ak al am", ")"},
		"flags of a message":   {"* 1 FETCH (FLAGS (a", " a", "))"},
		"permanent flags":      {"* OK [PERMANENTFLAGS (a", " a", ")] x"},
		"capabilities":         {"* CAPABILITY IMAP4rev1", " a", ""},
		"attributes":           {"* LIST (a", " a", `) "/" x`},
		"numbers":              {"* SEARCH", " 1", ""},
		"a set":                {"* VANISHED 1", ",1", ""},
		"a set downwards":      {"* VANISHED 9", ",8,6,4,2,9", ""},
		"a set in a code":      {"* OK [COPYUID 1 9", ",8,6,4,2,9", " 1] x"},
		"threads":              {"* THREAD ", "(1)", ""},
		"threads in a chain":   {"* THREAD (1", " 1", ")"},
		"threads that fork":    {"* THREAD (1 ", "(1)", ")"},
		"addresses":            {`* 1 FETCH (ENVELOPE (NIL NIL (`, "(NIL NIL NIL NIL)", ") NIL NIL NIL NIL NIL NIL NIL))"},
		"addresses of nothing": {`* 1 FETCH (ENVELOPE (NIL NIL (`, "()", ") NIL NIL NIL NIL NIL NIL NIL))"},
		"no addresses":         {`* 1 FETCH (ENVELOPE (NIL NIL (`, "NIL ", ") NIL NIL NIL NIL NIL NIL NIL))"},
		"parts":                {"* 1 FETCH (BODY (", `("" "" NIL NIL NIL "" 0)`, ` "mixed"))`},
		"parts of nothing":     {"* 1 FETCH (BODY (", `()`, ` "mixed"))`},
		"parts of a word":      {"* 1 FETCH (BODY (", `("")`, ` "mixed"))`},
		"parameters":           {`* 1 FETCH (BODY ("a" "b" (`, `"" "" `, `"" "") NIL NIL "x" 1))`},
		"languages":            {`* 1 FETCH (BODYSTRUCTURE ("a" "b" NIL NIL NIL "x" 1 NIL NIL (`, `"" `, `"")))`},
		"body extensions":      {`* 1 FETCH (BODYSTRUCTURE ("a" "b" NIL NIL NIL "x" 1 NIL NIL NIL NIL (`, `1 `, `1)))`},
		"items":                {"* 1 FETCH (UID 1", " UID 1", ")"},
		"unknown items":        {"* 1 FETCH (UID 1", " X 1", ")"},
		"items without a name": {"* 1 FETCH (UID 1", " (", ")"},
		"broken items":         {"* 1 FETCH (UID 1", " UID a", ")"},
		"sections":             {"* 1 FETCH (UID 1", ` BODY[] ""`, ")"},
		"sections with fields": {"* 1 FETCH (UID 1", ` BODY[HEADER.FIELDS (A B C D)] ""`, ")"},
		"parts of sections":    {"* 1 FETCH (BODY[1", ".1", `] "")`},
		"fields":               {"* 1 FETCH (BODY[HEADER.FIELDS (A", " A", `)] "")`},
		"literals":             {"* XFOO", " {0}\r\n", ""},
		"short literals":       {"* 1 FETCH (UID 1", " BODY[] {1}\r\nx", ")"},
		"status items":         {"* STATUS x (MESSAGES 1", " X 1", ")"},
		"ID":                   {`* ID ("" ""`, ` "" ""`, ")"},
		"namespaces":           {`* NAMESPACE (`, `("" NIL)`, ") NIL NIL"},
		"labels":               {"* 1 FETCH (X-GM-LABELS (a", " a", "))"},
		"ESEARCH":              {`* ESEARCH (TAG "x")`, " X 1", ""},
		"extended data":        {`* LIST () "/" x (`, `X (1) `, "X (1))"},
		"blanks":               {"* FLAGS (a", " ", ")"},
		"words to decode":      {`* LIST () "/" "`, "&AOQ-", `"`},
		"escapes":              {`* LIST () "/" "`, `\\`, `"`},
	} {
		t.Run(name, func(t *testing.T) {
			response := test.head + strings.Repeat(test.unit, octets/len(test.unit)) + test.tail
			assertHeld(t, factor*octets, func() {
				c, err := client.New(t.Context(), pipe(t, func(s *script) {
					s.send(preauth("IDLE"))
					s.want("IDLE")
					s.send("+ idling", response, "* 4242 EXISTS")
					s.silence()
				}), inClear)
				require.NoError(t, err)
				var kept []client.Event
				for ev, err := range c.Idle(t.Context()) {
					require.NoError(t, err)
					if kept = append(kept, ev); len(kept) == 2 || ev.Kind().Name == "EXISTS" {
						break
					}
				}
				assert.NoError(t, c.Close())
			})
		})
	}
}
