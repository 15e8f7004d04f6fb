package imap_test

import (
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/gen"
	"github.com/parley-go/parley/grammar"
)

// realGrammar reads the grammar that this package was made from.
func realGrammar(t testing.TB) *gen.Grammar {
	t.Helper()
	names, err := fs.Glob(grammar.Files, "*.imap")
	require.NoError(t, err)
	var files []gen.File
	for _, name := range names {
		text, err := grammar.Files.ReadFile(name)
		require.NoError(t, err)
		files = append(files, gen.File{Name: name, Text: text})
	}
	g, faults := gen.Parse(files)
	require.Empty(t, faults)
	return g
}

// addRefs adds the names that alternatives refer to.
func addRefs(names map[string]bool, alts []*gen.Alt) {
	for _, a := range alts {
		for _, term := range a.Terms {
			addRefs(names, term.Alts)
			if term.Kind == gen.Ref {
				names[term.Text] = true
			}
		}
	}
}

// tapes decide what the sentences are beside the alternative that each is made for: as short as can be, and of all sorts.
func tapes() [][]byte {
	tapes := [][]byte{nil}
	r := rand.New(rand.NewPCG(3501, 9051))
	for range 4 {
		tape := make([]byte, 40+r.IntN(200))
		for i := range tape {
			tape[i] = byte(r.Uint32())
		}
		tapes = append(tapes, tape)
	}
	return tapes
}

// lineOf gives what one side reads of a sentence: of a dialog, the line that begins it.
func lineOf(x gen.Sentence) line {
	return line{at: x.String(), octets: x.Turns()[0], command: x.Command}
}

// TestAlternatives takes each alternative of each rule, in sentences of both directions: what is read strictly, written and read
// again is the same.
func TestAlternatives(t *testing.T) {
	sentences := gen.NewSentences(realGrammar(t), gen.SentenceOptions{})
	n := 0
	for _, tape := range tapes() {
		for x := range sentences.Every(tape) {
			n++
			lineOf(x).roundTrip(t)
		}
	}
	require.Greater(t, n, 2000)
}

// TestKeywordsAreKept: a keyword that is read into nothing makes two values equal that are not. In the shortest sentences that take
// each alternative, every keyword is in what is written again.
func TestKeywordsAreKept(t *testing.T) {
	for x := range gen.NewSentences(realGrammar(t), gen.SentenceOptions{}).Every(nil) {
		l := lineOf(x)
		r, err := l.decode(frame(t, l.octets), true)
		require.NoError(t, err)
		out, err := r.encode(l.modes()[0])
		require.NoError(t, err)
		require.Empty(t, lostKeyword(x, out), "%q was written as %q", l.octets, out)
	}
}

// lostKeyword gives a keyword of the sentence, as far as it is read at once, that is not in the octets as often as it stands there.
func lostKeyword(x gen.Sentence, octets string) string {
	octets = strings.ToUpper(octets)
	for _, p := range x.Parts {
		if p.Turn {
			break
		}
		word := strings.ToUpper(p.Text)
		if p.Rule != "" || strings.ToLower(word) == word {
			continue
		}
		before, after, ok := strings.Cut(octets, word)
		if !ok {
			return word
		}
		octets = before + after
	}
	return ""
}

// TestAlternativesSplit cuts sentences that take each alternative at every octet, and all of them into single octets.
func TestAlternativesSplit(t *testing.T) {
	sentences := gen.NewSentences(realGrammar(t), gen.SentenceOptions{MaxLen: 100})
	for _, tape := range tapes()[:2] {
		var lines []line
		for x := range sentences.Every(tape) {
			l := lineOf(x)
			l.split(t)
			lines = append(lines, l)
		}
		splitStream(t, lines)
	}
}

// TestAlternativesReached: the only alternatives that no sentence takes are those that terminals are made of.
func TestAlternativesReached(t *testing.T) {
	g := realGrammar(t)
	within := map[string]bool{}
	for _, x := range g.Terminals {
		addRefs(within, x.Alts)
	}
	for before := -1; before < len(within); {
		before = len(within)
		for _, r := range g.Rules {
			if within[r.Name] {
				addRefs(within, r.Alts)
			}
		}
	}
	places := map[gen.Pos]bool{}
	var collect func(alts []*gen.Alt)
	collect = func(alts []*gen.Alt) {
		for _, a := range alts {
			places[a.Pos] = true
			for _, term := range a.Terms {
				collect(term.Alts)
			}
		}
	}
	for _, r := range g.Rules {
		if within[r.Name] {
			collect(r.Alts)
		}
	}
	for _, p := range gen.NewSentences(g, gen.SentenceOptions{}).Unreached() {
		require.True(t, places[p], "no sentence takes the alternative at %s", p)
	}
}
