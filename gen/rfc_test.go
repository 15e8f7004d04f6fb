package gen

import (
	"hash/fnv"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	goabnf "github.com/pandatix/go-abnf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/grammar"
)

// tapeFor gives a tape that is the same on every run.
func tapeFor(name string, n int) []byte {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(n)))
	tape := make([]byte, r.IntN(200))
	for i := range tape {
		tape[i] = byte(r.Uint32())
	}
	return tape
}

// Sentences of the RFCs' rules are read by our decoder: for each rule that a line needs, lines that contain one of it.
func TestRFCsAreRead(t *testing.T) {
	t.Parallel()
	o := oracle(t)
	g := meaningful(t, o.rfc)
	seen := map[string]bool{}
	for _, root := range []string{serverLine, clientLine} {
		order, from := reach(g, root)
		for _, rule := range order {
			if seen[rule] {
				continue
			}
			seen[rule] = true
			t.Run(rule, func(t *testing.T) {
				maker := o.maker(t, g, root, rule, from)
				for n := range 12 {
					tape := tapeFor(rule, n)
					line := firstTurn(o.fill(t, string(maker.Generate(tape)), tape))
					require.NoError(t, readable(line, root == clientLine), "%q", line)
				}
			})
		}
	}
}

// maker makes lines that contain one of a rule.
func (o *oracles) maker(t testing.TB, g *goabnf.Grammar, root, rule string, from map[string]string) *goabnf.ASTGenerator {
	t.Helper()
	maker, err := goabnf.NewASTGenerator(needed(through(g, root, rule, from), root), root,
		goabnf.WithMaxRepeat(3), goabnf.WithMaxLen(120), goabnf.WithMaxDepth(20))
	require.NoError(t, err)
	return maker
}

// firstTurn cuts a command behind the first CRLF that the client waits at: a server reads it by itself.
func firstTurn(line string) string {
	_, rest, ok := strings.Cut(hideLiterals(line), "\r\n")
	if !ok || rest == "" {
		return line
	}
	return strings.TrimSuffix(line, rest)
}

// Our sentences are sentences of the RFCs, and read by our decoder: each alternative of each rule.
func TestOursAreRFC(t *testing.T) {
	t.Parallel()
	o := oracle(t)
	for x := range o.sentences.Every(tapeFor("every", 0)) {
		require.True(t, o.isLine(t, x.String(), x.Command), "not of the RFCs: %q", x.String())
		require.NoError(t, readable(x.Turns()[0], x.Command), "%q", x.String())
	}
}

// What is nearly a sentence is refused in strict mode.
func TestNearMisses(t *testing.T) {
	t.Parallel()
	o := oracle(t)
	misses := 0
	for x := range o.sentences.Every(tapeFor("near", 1)) {
		if len(x.Turns()) > 1 {
			continue // the other lines are not the decoder's
		}
		miss, ok := o.sentences.NearMiss(x, tapeFor(x.String(), 0), func(octets string) bool { return o.isLine(t, octets, x.Command) })
		if ok {
			misses++
			assert.True(t, o.refused(t, miss.Octets, x.Command), "%q: %s", miss.Octets, miss.Change)
		}
	}
	require.Greater(t, misses, 300)
}

// refused reports whether a line that is none of the RFCs is refused in strict mode, or one that may be kept raw.
func (o *oracles) refused(t testing.TB, line string, client bool) bool {
	return strictly(line, client) != nil || valid(t, o.wide[client], lineRule(client), line)
}

// Each rule is compared with that of its RFC by itself, in both directions, bindings and clauses erased.
func TestRules(t *testing.T) {
	t.Parallel()
	o := oracle(t)
	g := meaningful(t, o.rfc)
	ours := &goabnf.Grammar{Rulemap: maps.Clone(o.ours.Rulemap)}
	for _, x := range outlines { // with all that they need; go-abnf takes what was defined first
		order, _ := reach(o.rfc, ruleNamed(o.rfc, x.terminal))
		delete(ours.Rulemap, x.terminal)
		for _, name := range order {
			if ruleNamed(ours, name) == "" {
				ours.Rulemap[name] = o.rfc.Rulemap[name]
			}
		}
	}
	names := ruleNames(o.grammar)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			rfcName := ruleNamed(o.rfc, name)
			if slices.ContainsFunc(ownRules, func(r ownRule) bool { return r.name == name }) {
				require.Empty(t, rfcName, "an RFC has this rule: the row of ownRules is not needed")
				rfcName = ownPrefix + name
			}
			require.NotEmpty(t, rfcName, "no RFC has this rule: a row of ownRules says why we have it")
			theirs, mine := o.apart(t, name, rfcName, ours, g)
			require.Empty(t, theirs, "of the RFC, not of ours")
			require.Empty(t, mine, "of ours, not of the RFC")
		})
	}
	for _, own := range ownRules {
		require.Contains(t, names, own.name, "the grammar has no such rule any more: the row is not needed")
	}
	for _, x := range outlines {
		theirs, mine := o.apart(t, x.terminal, x.terminal, o.ours, g)
		require.NotEmpty(t, theirs+mine, "%s says the same as the RFC: the row is not needed", x.terminal)
	}
}

// ruleNames gives the names of all rules and terminals that a line can contain: not those that stand in "~=" only.
func ruleNames(g *Grammar) []string {
	var names []string
	var visit func(alts []*Alt)
	visit = func(alts []*Alt) {
		walk(alts, func(t *Term) {
			if t.Kind != Ref || slices.Contains(names, t.Text) {
				return
			}
			if term := g.terminals[t.Text]; term != nil {
				names = append(names, t.Text)
				visit(term.Alts)
			} else if r := g.rules[t.Text]; r != nil && r.Section != nil {
				names = append(names, t.Text)
				visit(r.Alts)
			}
		})
	}
	for _, c := range g.Commands {
		visit(c.Alts)
	}
	for _, r := range g.Responses {
		visit(r.Alts)
	}
	slices.Sort(names)
	return names
}

// apart looks for a sentence of the RFC's rule that is none of ours, and for one of ours that is none of the RFC's.
func (o *oracles) apart(t *testing.T, name, rfcName string, ours, meaningful *goabnf.Grammar) (theirs, mine string) {
	t.Helper()
	maker, err := goabnf.NewASTGenerator(needed(meaningful, rfcName), rfcName,
		goabnf.WithMaxRepeat(3), goabnf.WithMaxLen(60), goabnf.WithMaxDepth(12))
	require.NoError(t, err)
	ours, rfc := needed(ours, name), needed(o.rfc, rfcName)
	for n := range 6 {
		tape := tapeFor(name, n)
		if s := o.fill(t, string(maker.Generate(tape)), tape); theirs == "" && !valid(t, ours, name, s) {
			theirs = s
		}
		x, err := o.sentences.Rule(name, tape)
		require.NoError(t, err)
		if s := x.String(); mine == "" && !valid(t, rfc, rfcName, s) {
			mine = s
		}
	}
	return theirs, mine
}

// A row of the table of differences is there for a line about which the RFC and our decoder differ without it, and agree with it.
func TestDifferences(t *testing.T) {
	t.Parallel()
	o := oracle(t)
	for i, d := range differences {
		t.Run(d.abnf, func(t *testing.T) {
			require.NotEmpty(t, d.why)
			others := &rfcRules{text: maps.Clone(o.rfcs.text), name: maps.Clone(o.rfcs.name)}
			for j, e := range differences {
				if i != j {
					others.add(e.abnf + "\n")
				}
			}
			rule := strings.ToLower(strings.Fields(d.abnf)[0])
			if d.witness == nil {
				require.Empty(t, o.rfcs.text[rule], "an RFC has this rule, so there is a line about which we differ")
				return
			}
			without := &goabnf.Grammar{Rulemap: maps.Clone(o.rfc.Rulemap)}
			delete(without.Rulemap, ruleNamed(o.rfc, rule))
			if text, ok := others.text[rule]; ok {
				g, err := goabnf.ParseABNF([]byte(rule+" = "+text+"\r\n"), goabnf.WithValidation(false))
				require.NoError(t, err)
				without.Rulemap[rule] = g.Rulemap[rule]
			}
			for _, line := range d.witness {
				client := !strings.ContainsAny(line[:1], "*+")
				read := strictly(line, client) == nil
				require.Equal(t, o.isLine(t, line, client), read, "the row does not say what the decoder does with %q: %s", line, d.why)
				require.NotEqual(t, valid(t, without, lineRule(client), line), read, "the row is not needed for %q: %s", line, d.why)
			}
		})
	}
	for i, row := range alsoRead {
		without, err := replaced(o.rfc, slices.Delete(slices.Clone(alsoRead), i, i+1))
		require.NoError(t, err)
		for _, line := range row.witness {
			require.NoError(t, strictly(line, true), "the row is not needed: %s", row.abnf)
			require.True(t, valid(t, o.wide[true], clientLine, line), "the row does not allow its witness: %s", row.abnf)
			require.False(t, valid(t, without, clientLine, line), "the row is not needed: %s", row.abnf)
		}
	}
	for _, row := range notRead {
		require.True(t, o.isLine(t, row.witness, false))
		require.Error(t, strictly(row.witness, false), "the row is not needed: %s", row.why)
		require.NoError(t, readable(row.witness, false), "the row does not match its witness: %s", row.why)
	}
}

// Each file is that of a section of the grammar, and each token that of a rule.
func TestRFCFilesAreUsed(t *testing.T) {
	o := oracle(t)
	entries, err := os.ReadDir(filepath.Join("testdata", "rfc"))
	require.NoError(t, err)
	for _, e := range entries {
		require.Contains(t, o.rfcs.files, e.Name(), "the grammar has no section of this RFC")
	}
	for _, tok := range tokens {
		require.NotEmpty(t, ruleNamed(o.rfc, tok.rule), "no RFC has the rule %s", tok.rule)
	}
	names, err := fs.Glob(grammar.Files, "*.imap")
	require.NoError(t, err)
	for _, n := range names {
		text, err := grammar.Files.ReadFile(n)
		require.NoError(t, err)
		if !hasRules(text) {
			t.Logf("%s is not compared with an RFC: put the ABNF of its sections into testdata/rfc", n)
		}
	}
}
