package gen

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	goabnf "github.com/pandatix/go-abnf"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/grammar"
)

// The rules that the harness adds: whole lines of either side, of which every command and response is a part.
const (
	serverLine = "line-of-server"
	clientLine = "line-of-client"
	lineRules  = serverLine + " = response-data / greeting / response-tagged / continue-req\r\n" + clientLine + " = command\r\n"
)

// ownPrefix stands before the names of our own rules among those of the RFCs.
const ownPrefix = "own-"

// rfcRules are the rules of all RFCs that the grammar has sections of, as texts, by their names in lower case.
type rfcRules struct {
	text  map[string]string
	name  map[string]string // as the RFC writes it
	files []string
}

// loadRFCs merges the files of testdata/rfc, the base first and then in the order in which the RFCs came out: "=" takes the place of
// an older rule, "=/" adds to it.
func loadRFCs(g *Grammar) (*rfcRules, error) {
	rules := &rfcRules{text: map[string]string{}, name: map[string]string{}}
	sections := slices.Clone(g.Sections)
	slices.SortStableFunc(sections, func(a, b *Section) int { return cmp.Compare(orderOfRFC(a), orderOfRFC(b)) })
	for _, s := range sections {
		file := "rfc" + s.RFC + ".abnf"
		if s.Vendor != "" {
			file = strings.ToLower(s.Name) + ".abnf"
		}
		if slices.Contains(rules.files, file) {
			continue
		}
		text, err := os.ReadFile(filepath.Join("testdata", "rfc", file))
		if err != nil {
			return nil, fmt.Errorf("the rules of section %s: %w", s.Name, err)
		}
		rules.files = append(rules.files, file)
		rules.add(string(text))
	}
	return rules, nil
}

func orderOfRFC(s *Section) int {
	if s.RFC == "3501" {
		return 0
	}
	return s.age()
}

var ruleHead = regexp.MustCompile(`(?m)^([A-Za-z][A-Za-z0-9-]*)[ ]*(=/?)[ ]*`)

// add merges the rules of one file.
func (r *rfcRules) add(text string) {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, ";") {
			lines = append(lines, line)
		}
	}
	text = strings.Join(lines, "")
	heads := ruleHead.FindAllStringSubmatchIndex(text, -1)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name, body := text[h[2]:h[3]], strings.Join(strings.Fields(text[h[1]:end]), " ")
		key := strings.ToLower(name)
		if old := r.text[key]; text[h[4]:h[5]] == "=/" && old != "" {
			body = old + " / " + body
		}
		r.text[key], r.name[key] = body, name
	}
}

// parse makes the oracle. Literals and the like are one rune outside of ASCII, as an ABNF cannot count.
func (r *rfcRules) parse() (*goabnf.Grammar, error) {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(r.text)) {
		b.WriteString(r.name[key] + " = " + r.text[key] + "\r\n")
	}
	return goabnf.ParseABNF([]byte(b.String() + lineRules))
}

// The runes that stand for a literal, and for one with NULs.
const (
	literalRune  = '\uE000'
	literal8Rune = '\uE001'
)

func runeRule(name string, r rune) *goabnf.Rule {
	elem := goabnf.ElemNumVal{Base: "x", Status: goabnf.StatSeries, Elems: []string{strconv.FormatInt(int64(r), 16)}}
	return &goabnf.Rule{Name: name, Alternation: alternation(concatenation(repetition(1, 1, elem)))}
}

func alternation(c ...goabnf.Concatenation) goabnf.Alternation {
	return goabnf.Alternation{Concatenations: c}
}

func concatenation(r ...goabnf.Repetition) goabnf.Concatenation {
	return goabnf.Concatenation{Repetitions: r}
}

func repetition(least, most int, e goabnf.ElemItf) goabnf.Repetition {
	return goabnf.Repetition{Min: least, Max: most, Element: e}
}

// hideLiterals replaces each literal by its rune. "{n}" CRLF stands nowhere else, as neither text nor a quoted string holds CR.
func hideLiterals(s string) string {
	var b strings.Builder
	for {
		m := literalHead.FindStringSubmatchIndex(s)
		if m == nil {
			return b.String() + s
		}
		n, err := strconv.Atoi(s[m[4]:m[5]])
		if err != nil || n > len(s)-m[1] {
			b.WriteString(s[:m[1]])
			s = s[m[1]:]
			continue
		}
		b.WriteString(s[:m[0]])
		if m[2] < m[3] {
			b.WriteRune(literal8Rune)
		} else {
			b.WriteRune(literalRune)
		}
		s = s[m[1]+n:]
	}
}

var literalHead = regexp.MustCompile(`(~?)\{(\d+)\+?\}\r\n`)

// oracles are what sentences are compared with.
type oracles struct {
	grammar   *Grammar
	sentences *Sentences
	rfcs      *rfcRules
	rfc       *goabnf.Grammar          // with the differences of the table
	ours      *goabnf.Grammar          // our own grammar, bindings and clauses erased
	lines     map[bool]*goabnf.Grammar // what the lines of clients and servers need of rfc
	wide      map[bool]*goabnf.Grammar // the same with alsoRead
}

// lineRule gives the rule of the lines of a side.
func lineRule(client bool) string {
	if client {
		return clientLine
	}
	return serverLine
}

// isLine asks go-abnf whether the RFCs know a line.
func (o *oracles) isLine(t testing.TB, line string, client bool) bool {
	t.Helper()
	return valid(t, o.lines[client], lineRule(client), line)
}

var sectionHead = regexp.MustCompile(`(?m)^(?:grammar|extension) (\S+) (rfc|vendor) (\S+)`)

// hasRules tells whether testdata/rfc has the rules of every section of a grammar file. One that was just added has none yet;
// TestRFCFilesAreUsed names it.
func hasRules(text []byte) bool {
	for _, m := range sectionHead.FindAllSubmatch(text, -1) {
		file := "rfc" + string(m[3]) + ".abnf"
		if string(m[2]) == "vendor" {
			file = strings.ToLower(string(m[1])) + ".abnf"
		}
		if _, err := os.Stat(filepath.Join("testdata", "rfc", file)); err != nil {
			return false
		}
	}
	return true
}

// parsed is the grammar of this module that testdata/rfc has the rules of, parsed once.
var parsed = sync.OnceValues(func() (*Grammar, error) {
	names, err := fs.Glob(grammar.Files, "*.imap")
	if err != nil {
		return nil, err
	}
	var files []File
	for _, n := range names {
		text, err := grammar.Files.ReadFile(n)
		if err != nil {
			return nil, err
		}
		if hasRules(text) {
			files = append(files, File{n, text})
		}
	}
	g, faults := Parse(files)
	if len(faults) > 0 {
		return nil, faults
	}
	return g, nil
})

var loadOracles = sync.OnceValues(func() (*oracles, error) {
	g, err := parsed()
	if err != nil {
		return nil, err
	}
	o := &oracles{grammar: g, sentences: NewSentences(g, SentenceOptions{})}
	if o.rfcs, err = loadRFCs(g); err != nil {
		return nil, err
	}
	patched := &rfcRules{text: maps.Clone(o.rfcs.text), name: o.rfcs.name}
	for _, d := range differences {
		patched.add(d.abnf + "\n")
	}
	for _, own := range ownRules {
		patched.add(ownPrefix + own.name + " = " + own.abnf + "\n")
	}
	if o.rfc, err = patched.parse(); err != nil {
		return nil, fmt.Errorf("the rules of the RFCs: %w", err)
	}
	hide(o.rfc)
	o.lines = linesOf(o.rfc)
	wide, err := replaced(o.rfc, alsoRead)
	if err != nil {
		return nil, fmt.Errorf("what is also read: %w", err)
	}
	o.wide = linesOf(wide)
	o.ours = erased(g)
	hide(o.ours)
	return o, nil
})

func linesOf(g *goabnf.Grammar) map[bool]*goabnf.Grammar {
	return map[bool]*goabnf.Grammar{true: needed(g, clientLine), false: needed(g, serverLine)}
}

// replaced puts rules in the places of those of their names.
func replaced(g *goabnf.Grammar, rows []difference) (*goabnf.Grammar, error) {
	out := &goabnf.Grammar{Rulemap: maps.Clone(g.Rulemap)}
	for _, row := range rows {
		one, err := goabnf.ParseABNF([]byte(row.abnf+"\r\n"), goabnf.WithValidation(false))
		if err != nil {
			return nil, err
		}
		for name, r := range one.Rulemap {
			delete(out.Rulemap, ruleNamed(g, name))
			out.Rulemap[name] = r
		}
	}
	return out, nil
}

func hide(g *goabnf.Grammar) {
	g.Rulemap["literal"] = runeRule("literal", literalRune)
	g.Rulemap["literal8"] = runeRule("literal8", literal8Rune)
}

func oracle(t testing.TB) *oracles {
	t.Helper()
	o, err := loadOracles()
	require.NoError(t, err)
	return o
}

// valid asks go-abnf whether a rule describes the octets.
func valid(t testing.TB, g *goabnf.Grammar, rule, octets string) bool {
	t.Helper()
	ok, err := g.IsValid(rule, []byte(hideLiterals(octets)))
	require.NoError(t, err)
	return ok
}
