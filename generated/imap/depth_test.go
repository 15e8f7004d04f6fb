package imap_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/gen"
	"github.com/parley-go/parley/runtime/wire"
)

// A nest is how a rule stands within itself: head, so many times open, middle, as often shut, tail.
type nest struct {
	command                        bool
	head, open, middle, shut, tail string
}

func (n nest) line(levels int) string {
	return n.head + strings.Repeat(n.open, levels) + n.middle + strings.Repeat(n.shut, levels) + n.tail + "\r\n"
}

const plainPart = `("text" "plain" NIL NIL NIL "7BIT" 1 1)`

// nests are the ways back to each recursive rule of the grammar, by the rules on the way.
var nests = map[string][]nest{
	"body": {
		{head: "* 1 FETCH (BODY ", open: "(", middle: plainPart, shut: ` "mixed")`, tail: ")"},
		{head: "* 1 FETCH (BODYSTRUCTURE ", open: "(", middle: plainPart, shut: ` "mixed" NIL NIL NIL NIL)`, tail: ")"},
	},
	"body-type-mpart": {{head: "* 1 FETCH (BODY ", open: "(" + plainPart, middle: plainPart, shut: ` "mixed")`, tail: ")"}},
	"body-type-1part": {{head: "* 1 FETCH (BODY ", open: `("message" "rfc822" NIL NIL NIL "7BIT" 1 (` + strings.Repeat("NIL ", 9) + "NIL) ",
		middle: plainPart, shut: " 1)", tail: ")"}},
	"body-extension": {
		{head: `* 1 FETCH (BODYSTRUCTURE ("a" "b" NIL NIL NIL "x" 1 NIL NIL NIL NIL `, open: "(", middle: "1", shut: ")", tail: "))"},
		{head: `* 1 FETCH (BODYSTRUCTURE (` + plainPart + ` "mixed" NIL NIL NIL NIL `, open: `("x" `, middle: "NIL", shut: " NIL)", tail: "))"},
	},
	"thread-list": {
		{head: "* THREAD ", open: "(1 (2)", middle: "(3)", shut: ")"},
		{head: "* THREAD ", open: "((1)", middle: "(2)", shut: ")"},
	},
	"search-key": {
		{command: true, head: "A1 SEARCH ", open: "NOT ", middle: "ALL"},
		{command: true, head: "A1 UID SEARCH ", open: "OR ALL ", middle: "ALL"},
		{command: true, head: "A1 SEARCH ", open: "OR ", middle: "ALL", shut: " ALL"},
		{command: true, head: "A1 SORT (DATE) UTF-8 ", open: "(", middle: "ALL", shut: ")"},
		{command: true, head: "A1 THREAD REFERENCES UTF-8 ", open: "(ALL ", middle: "ALL", shut: " ALL)"},
	},
}

// TestDepthIsLimited: every rule that can stand within itself is read to the limit of depth, and beyond it is refused, or kept raw, at any
// depth.
func TestDepthIsLimited(t *testing.T) {
	require.ElementsMatch(t, recursiveRules(realGrammar(t)), slices.Collect(maps.Keys(nests)), "each recursive rule needs its nests, and no other")
	for rule, all := range nests {
		for _, n := range all {
			t.Run(rule+" "+n.open, func(t *testing.T) {
				l := line{octets: n.line(20), command: n.command}
				_, err := l.decode(frame(t, l.octets), true)
				require.NoError(t, err)
				for _, levels := range []int{wire.DefaultDepth + 1, min(1_000_000, 12<<20/len(n.open+n.shut))} {
					l.octets = n.line(levels)
					_, err = l.decode(frame(t, l.octets), true)
					assert.ErrorContains(t, err, "nesting: want fewer levels")
					_, _ = l.decode(frame(t, l.octets), false)
				}
			})
		}
	}
}

// recursiveRules gives the names of the rules that can stand within themselves.
func recursiveRules(g *gen.Grammar) (names []string) {
	next := map[string]map[string]bool{}
	for _, r := range g.Rules {
		to := next[r.Name]
		if to == nil {
			to = map[string]bool{}
			next[r.Name] = to
		}
		addRefs(to, r.Alts)
		addRefs(to, r.Lenient)
	}
	for name := range next {
		seen := map[string]bool{}
		var visit func(string)
		visit = func(at string) {
			for to := range next[at] {
				if !seen[to] {
					seen[to] = true
					visit(to)
				}
			}
		}
		if visit(name); seen[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
