package client_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
)

// TestNesting sends a million levels of whatever can be within itself: each costs its response, not the connection or the process.
func TestNesting(t *testing.T) {
	const (
		levels = 1_000_000
		bound  = 64 * mib // of heap, for responses of 3 MiB
	)
	tests := []struct{ name, head, open, middle, shut, tail string }{
		{"LIST", "* LIST ", "(", "", ")", ` "/" x`},
		{"LIST extended data", `* LIST () "/" x (`, "(", "", ")", ")"},
		{"LIST extended data, tagged", `* LIST () "/" x ("OLDNAME" `, "(", "x", ")", ")"},
		{"FLAGS", "* FLAGS ", "(", "", ")", ""},
		{"CAPABILITY", "* CAPABILITY ", "(", "", ")", ""},
		{"STATUS", "* STATUS x ", "(", "", ")", ""},
		{"STATUS item", "* STATUS x (X ", "(", "1", ")", ")"},
		{"STATUS wrapped", "* STATUS x ", "(", "MESSAGES 1", ")", ""},
		{"ESEARCH", "* ESEARCH ", "(", "", ")", ""},
		{"ESEARCH data", "* ESEARCH X ", "(", "1", ")", ""},
		{"NAMESPACE", "* NAMESPACE ", "(", "", ")", " NIL NIL"},
		{"NAMESPACE extension", `* NAMESPACE (("" "/" "X" `, "(", `"y"`, ")", ")) NIL NIL"},
		{"ID", "* ID ", "(", "", ")", ""},
		{"THREAD", "* THREAD ", "(", "1", ")", ""},
		{"THREAD chains", "* THREAD ", "(1 ", "2", ")", ""},
		{"THREAD forks", "* THREAD ", "((1)", "(2)", ")", ""},
		{"FETCH", "* 1 FETCH ", "(", "", ")", ""},
		{"FETCH wrapped", "* 1 FETCH ", "(", "UID 1", ")", ""},
		{"FETCH unknown item", "* 1 FETCH (X ", "(", "x", ")", ")"},
		{"FLAGS of FETCH", "* 1 FETCH (FLAGS ", "(", "x", ")", ")"},
		{"ENVELOPE", "* 1 FETCH (ENVELOPE ", "(", "NIL", ")", ")"},
		{"ENVELOPE addresses", `* 1 FETCH (ENVELOPE ("d" "s" `, "(", "NIL", ")", " NIL NIL NIL NIL NIL NIL NIL))"},
		{"BODYSTRUCTURE", "* 1 FETCH (BODYSTRUCTURE ", "(", `"text" "plain" NIL NIL NIL "7BIT" 1 1`, ` "mixed")`, ")"},
		{"BODYSTRUCTURE, open only", "* 1 FETCH (BODYSTRUCTURE ", "(", "", "", ""},
		{"BODY", "* 1 FETCH (BODY ", "(", `"text" "plain" NIL NIL NIL "7BIT" 1 1`, ` "mixed")`, ")"},
		{"messages within messages", "* 1 FETCH (BODYSTRUCTURE ",
			`("message" "rfc822" NIL NIL NIL "7BIT" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) `, `("a" "b" NIL NIL NIL "x" 1)`, " 1)", ")"},
		{"body extension", `* 1 FETCH (BODYSTRUCTURE ("a" "b" NIL NIL NIL "x" 1 NIL NIL NIL NIL `, "(", "1", ")", "))"},
		{"multipart body extension", `* 1 FETCH (BODYSTRUCTURE (("a" "b" NIL NIL NIL "x" 1) "mixed" NIL NIL NIL NIL `, "(", "1", ")", "))"},
		{"body parameters", `* 1 FETCH (BODYSTRUCTURE ("a" "b" `, "(", `"c" "d"`, ")", ` NIL NIL "x" 1))`},
		{"body disposition", `* 1 FETCH (BODYSTRUCTURE ("a" "b" NIL NIL NIL "x" 1 NIL `, "(", `"c" NIL`, ")", "))"},
		{"body language", `* 1 FETCH (BODYSTRUCTURE ("a" "b" NIL NIL NIL "x" 1 NIL NIL `, "(", `"c"`, ")", "))"},
		{"section", "* 1 FETCH (BODY[HEADER.FIELDS ", "(", "x", ")", "] NIL)"},
		{"section brackets", "* 1 FETCH (BODY", "[", "", "]", " NIL)"},
		{"code", "* OK [X ", "(", "", ")", "] x"},
		{"code brackets", "* OK ", "[", "", "]", " x"},
		{"PERMANENTFLAGS", "* OK [PERMANENTFLAGS ", "(", "", ")", "] x"},
		{"BADCHARSET", "* OK [BADCHARSET ", "(", "", ")", "] x"},
		{"unknown data", "* XFOO ", "(", "x", ")", ""},
		{"unknown data with strings", "* XFOO ", `("a" `, "x", ")", ""},
		{"unknown data with literals", "* XFOO ", "({1}\r\na ", "x", ")", ""},
		{"numbered unknown data", "* 1 XFOO ", "(", "x", ")", ""},
		{"MODSEQ", "* 1 FETCH (MODSEQ ", "(", "1", ")", ")"},
		{"X-GM-LABELS", "* 1 FETCH (X-GM-LABELS ", "(", "x", ")", ")"},
		{"SEARCH MODSEQ", "* SEARCH 1 ", "(", "MODSEQ 1", ")", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := min(levels, 3*mib/(len(test.open)+len(test.shut)))
			for name, octets := range map[string]string{
				"balanced": test.head + strings.Repeat(test.open, n) + test.middle + strings.Repeat(test.shut, n) + test.tail,
				"open":     test.head + strings.Repeat(test.open, n),
				"shut":     test.head + strings.Repeat(test.shut, n),
			} {
				t.Run(name, func(t *testing.T) {
					var log record
					o := inClear
					o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
					assertHeld(t, bound, func() {
						c, err := client.New(t.Context(), pipe(t, func(s *script) {
							s.send(preauth())
							tag := s.want("NOOP")
							s.send(octets, tag+" OK done")
							s.end()
						}), o)
						require.NoError(t, err)
						assert.NoError(t, c.Noop(t.Context()))
						assert.NoError(t, c.Close())
					})
					assert.Less(t, len(log.String()), 64<<10, "what is told of it is short")
				})
			}
		})
	}
}
