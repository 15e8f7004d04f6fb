package gen

import (
	"maps"
	"slices"
	"strings"
	"testing"

	goabnf "github.com/pandatix/go-abnf"
	"github.com/stretchr/testify/require"
)

// A token is a rule whose sentences go-abnf cannot know, since they have a meaning beyond their syntax: a rune stands for it, and
// is replaced by what our own generator writes. It has an ABNF where that says enough.
var tokens = []struct {
	rule string // of the RFC
	abnf string // what takes its place, with TOKEN for the rune; empty for the rune alone
	why  string
}{
	{"literal", "", "the octets are counted"},
	{"literal8", "", "the octets are counted"},
	{"date-text", "", "a day of the calendar"},
	{"date-time", "", "a day of the calendar, and a time of it"},
	{"mailbox", `"INBOX" / 1*(%x21 / %x23-24 / %x27 / %x2B-5B / %x5D-7A / %x7C-7E) / TOKEN`, "modified UTF-7: & is special"},
	{"list-mailbox", `1*(%x21 / %x23-25 / %x27 / %x2A-5B / %x5D-7A / %x7C-7E) / TOKEN`, "modified UTF-7: & is special"},
	{"Namespace-Descr", `"(" DQUOTE *(%x20-21 / %x23-25 / %x27-5B / %x5D-7E) DQUOTE SP own-delimiter *(Namespace-Response-Extension) ")"`,
		"modified UTF-7: & is special"},
	{"gm-id", "1*19DIGIT", "unsigned 64 bits"},
}

const firstToken = 0xE100

// meaningful gives the RFCs' rules with the tokens in their places.
func meaningful(t testing.TB, rfc *goabnf.Grammar) *goabnf.Grammar {
	t.Helper()
	out := &goabnf.Grammar{Rulemap: maps.Clone(rfc.Rulemap)}
	for i, tok := range tokens {
		name := ruleNamed(rfc, tok.rule)
		if name == "" {
			continue
		}
		r := runeRule(name, rune(firstToken+i))
		if tok.abnf != "" {
			text := name + " = " + strings.ReplaceAll(tok.abnf, "TOKEN", "%x"+strings.ToUpper(hex(firstToken+i))) + "\r\n"
			g, err := goabnf.ParseABNF([]byte(text), goabnf.WithValidation(false))
			require.NoError(t, err)
			r = g.Rulemap[name]
		}
		out.Rulemap[name] = r
	}
	return out
}

func hex(n int) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15]})
}

// ruleNamed gives the name of a rule as it is written; empty when there is none. Names ignore case.
func ruleNamed(g *goabnf.Grammar, name string) string {
	for n := range g.Rulemap {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	return ""
}

// fill puts sentences of our own generator in the places of the tokens.
func (o *oracles) fill(t testing.TB, s string, tape []byte) string {
	t.Helper()
	var b strings.Builder
	for _, c := range s {
		i := int(c) - firstToken
		if i < 0 || i >= len(tokens) {
			b.WriteRune(c)
			continue
		}
		tape = append(tape[min(1, len(tape)):], byte(i))
		w := o.sentences.walker(tape)
		text, ok := w.makeRule(tokens[i].rule)
		if !ok {
			made, err := o.sentences.Rule(tokens[i].rule, tape)
			require.NoError(t, err)
			text = made.String()
		}
		b.WriteString(text)
	}
	return b.String()
}

// reach gives the shortest way from each rule that a root needs back to the root: the rule that refers to it.
func reach(g *goabnf.Grammar, root string) (order []string, from map[string]string) {
	from = map[string]string{root: ""}
	for queue := []string{root}; len(queue) > 0; queue = queue[1:] {
		order = append(order, queue[0])
		visitRefs(g.Rulemap[queue[0]].Alternation, func(name string) {
			if name = ruleNamed(g, name); name == "" {
				return // a core rule
			}
			if _, ok := from[name]; !ok {
				from[name] = queue[0]
				queue = append(queue, name)
			}
		})
	}
	return order, from
}

// needed gives the part of a grammar that a rule needs, with the core rules and aliases in their places: go-abnf looks a name up by
// going through all of them.
func needed(g *goabnf.Grammar, rule string) *goabnf.Grammar {
	byName := map[string]*goabnf.Rule{}
	for _, r := range g.Rulemap {
		byName[strings.ToLower(r.Name)] = r
	}
	out := &goabnf.Grammar{Rulemap: map[string]*goabnf.Rule{}}
	var keep func(name string)
	var plain func(a goabnf.Alternation) goabnf.Alternation
	element := func(e goabnf.ElemItf) goabnf.ElemItf {
		for {
			x, ok := e.(goabnf.ElemRulename)
			if !ok {
				break
			}
			r := byName[strings.ToLower(x.Name)]
			if r == nil {
				r = goabnf.GetRule(x.Name, nil) // a core rule
			}
			c := r.Alternation.Concatenations
			if len(c) != 1 || len(c[0].Repetitions) != 1 || c[0].Repetitions[0].Min != 1 || c[0].Repetitions[0].Max != 1 {
				keep(r.Name)
				return x
			}
			e = c[0].Repetitions[0].Element
		}
		switch x := e.(type) {
		case goabnf.ElemGroup:
			return goabnf.ElemGroup{Alternation: plain(x.Alternation)}
		case goabnf.ElemOption:
			return goabnf.ElemOption{Alternation: plain(x.Alternation)}
		}
		return e
	}
	plain = func(a goabnf.Alternation) goabnf.Alternation {
		var out goabnf.Alternation
		for _, c := range a.Concatenations {
			var d goabnf.Concatenation
			for _, r := range c.Repetitions {
				d.Repetitions = append(d.Repetitions, repetition(r.Min, r.Max, element(r.Element)))
			}
			out.Concatenations = append(out.Concatenations, d)
		}
		return out
	}
	keep = func(name string) {
		r := byName[strings.ToLower(name)]
		if r == nil || out.Rulemap[r.Name] != nil {
			return // a core rule with alternatives, or kept already
		}
		kept := &goabnf.Rule{Name: r.Name}
		out.Rulemap[r.Name] = kept
		kept.Alternation = plain(r.Alternation)
	}
	keep(rule)
	return out
}

func visitRefs(a goabnf.Alternation, f func(name string)) {
	for _, c := range a.Concatenations {
		for _, r := range c.Repetitions {
			switch e := r.Element.(type) {
			case goabnf.ElemRulename:
				f(e.Name)
			case goabnf.ElemGroup:
				visitRefs(e.Alternation, f)
			case goabnf.ElemOption:
				visitRefs(e.Alternation, f)
			}
		}
	}
}

// through gives a grammar whose root has only sentences that contain one of the rule: each rule on the way takes the alternatives
// that lead on, once.
func through(g *goabnf.Grammar, root, rule string, from map[string]string) *goabnf.Grammar {
	out := &goabnf.Grammar{Rulemap: maps.Clone(g.Rulemap)}
	next, target := rule, rule
	for at := from[rule]; at != ""; next, at = at, from[at] {
		name := at
		if at != root {
			name = "via-" + at
		}
		out.Rulemap[name] = &goabnf.Rule{Name: name, Alternation: forced(g.Rulemap[at].Alternation, next, target)}
		target = name
	}
	return out
}

// forced keeps what refers to a rule, and refers to another in its place.
func forced(a goabnf.Alternation, rule, target string) goabnf.Alternation {
	var out goabnf.Alternation
	for _, c := range a.Concatenations {
		for i, r := range c.Repetitions {
			var e goabnf.ElemItf
			switch x := r.Element.(type) {
			case goabnf.ElemRulename:
				if !strings.EqualFold(x.Name, rule) {
					continue
				}
				e = goabnf.ElemRulename{Name: target}
			case goabnf.ElemGroup:
				e = goabnf.ElemGroup{Alternation: forced(x.Alternation, rule, target)}
			case goabnf.ElemOption:
				e = goabnf.ElemGroup{Alternation: forced(x.Alternation, rule, target)}
			default:
				continue
			}
			if group, ok := e.(goabnf.ElemGroup); ok && len(group.Alternation.Concatenations) == 0 {
				continue
			}
			kept := slices.Clone(c.Repetitions)
			kept[i] = repetition(1, 1, e)
			if r.Min > 1 || r.Max < 0 || r.Max > 1 { // those beside it
				kept = slices.Insert(kept, i+1, repetition(max(r.Min-1, 0), max(r.Max-1, -1), r.Element))
			}
			out.Concatenations = append(out.Concatenations, concatenation(kept...))
		}
	}
	return out
}
