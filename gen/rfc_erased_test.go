package gen

import (
	"fmt"
	"unicode/utf8"

	goabnf "github.com/pandatix/go-abnf"
)

// erased gives our grammar as plain ABNF: without bindings, labels, guards and clauses, and without "~=". Commands and responses
// have names of their own, as a rule may have the same.
func erased(g *Grammar) *goabnf.Grammar {
	out := &goabnf.Grammar{Rulemap: map[string]*goabnf.Rule{}}
	add := func(name string, alts []*Alt) {
		out.Rulemap[name] = &goabnf.Rule{Name: name, Alternation: erasedAlts(alts)}
	}
	for _, t := range g.Terminals {
		add(t.Name, t.Alts)
	}
	for _, r := range g.Rules {
		add(r.Name, r.Alts)
	}
	for _, r := range g.Responses {
		add("response-"+r.Name, r.Alts)
	}
	for _, c := range g.Commands {
		add("command-"+c.Name, c.Alts)
	}
	return out
}

func erasedAlts(alts []*Alt) goabnf.Alternation {
	var out goabnf.Alternation
	for _, a := range alts {
		var c goabnf.Concatenation
		for _, t := range a.Terms {
			if t.Kind != Guard {
				c.Repetitions = append(c.Repetitions, repetition(t.Min, t.Max, erasedElement(t)))
			}
		}
		out.Concatenations = append(out.Concatenations, c)
	}
	return out
}

func erasedElement(t *Term) goabnf.ElemItf {
	switch t.Kind {
	case Literal:
		return goabnf.ElemCharVal{Sensitive: t.Exact, Values: []rune(t.Text)}
	case Number:
		e := goabnf.ElemNumVal{Base: "x", Status: goabnf.StatSeries}
		for i, hi := range t.Hi {
			if hi == 0xFF {
				hi = utf8.MaxRune // go-abnf reads runes, not octets
			}
			e.Elems = append(e.Elems, fmt.Sprintf("%x", t.Lo[i]))
			if hi != t.Lo[i] {
				e.Status, e.Elems = goabnf.StatRange, append(e.Elems, fmt.Sprintf("%x", hi))
			}
		}
		return e
	case Group:
		return goabnf.ElemGroup{Alternation: erasedAlts(t.Alts)}
	case Option:
		return goabnf.ElemOption{Alternation: erasedAlts(t.Alts)}
	default:
		return goabnf.ElemRulename{Name: t.Text}
	}
}
