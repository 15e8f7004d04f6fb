package gen

import (
	"slices"
	"strings"
)

// A nodeKind is one of the few things that reading and writing consist of.
type nodeKind int

const (
	wordNode   nodeKind = iota // a keyword, adjacent literals made one
	octetNode                  // one punctuation octet
	spNode                     // SP
	valueNode                  // a terminal or rule with a value, bound
	inlineNode                 // a rule whose bindings belong to the struct at hand, or that has none
	choiceNode
	optionNode
	loopNode
	guardNode
)

// A node is one step of reading or writing, after lowering: no repeats but loops, no groups but choices.
type node struct {
	kind  nodeKind
	pos   Pos
	words []variant // wordNode
	octet byte
	bind  string
	ref   string
	alts  []*seq // of a choice or option; of a loop, one
	unset *seq   // of an option: what is written when nothing in it is set, and never read
	guard GuardTerm
	list  bool // loopNode: *(SP x) after an x

	into, from string // valueNode: its value goes to this variable, or comes from it: see share
}

// A variant is one text that a keyword can have, and the fields that it sets.
type variant struct {
	text string
	sets []setting
}

type setting struct{ bind, value string }

// A seq is one lowered alternative.
type seq struct {
	pos   Pos
	nodes []*node
	alt   *Alt
	rule  *ruleInfo // whose alternative it is, when it was taken in from a record
}

// isWord: text that a keyword may consist of. A single octet of punctuation is none.
func isWord(s string) bool {
	letter := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
			letter = true
		case c == '\\' && i == 0:
		case !isAtomPunct(c):
			return false
		}
	}
	return letter
}

func isAtomPunct(c byte) bool {
	return c > ' ' && c < 0x7F && !strings.ContainsRune(`(){%*"\][`, rune(c))
}

func isAtomText(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || isAtomPunct(c) || c == '\\' && i == 0) {
			return false
		}
	}
	return s != ""
}

// wordish gives the variants of a term that can be part of a keyword: a literal, or a group or option of literals.
func wordish(t *Term) ([]variant, bool) {
	if t.Min != 1 || t.Max != 1 {
		return nil, false
	}
	switch t.Kind {
	case Literal:
		if !isAtomText(t.Text) {
			return nil, false
		}
		v := variant{text: t.Text}
		if t.Bind != "" {
			v.sets = []setting{{t.Bind, t.Text}}
		}
		return []variant{v}, true
	case Group, Option:
		var all []variant
		for _, a := range t.Alts {
			if len(a.Terms) != 1 {
				return nil, false
			}
			vs, ok := wordish(a.Terms[0])
			if !ok {
				return nil, false
			}
			for _, v := range vs {
				if t.Bind != "" {
					v.sets = append(slices.Clone(v.sets), setting{t.Bind, v.text})
				}
				all = append(all, v)
			}
		}
		if t.Kind == Option {
			all = append(all, variant{})
		}
		return all, true
	}
	return nil, false
}

// lower turns the terms of an alternative into nodes.
func (r *resolver) lower(a *Alt) *seq {
	s := &seq{pos: a.Pos, alt: a}
	terms := a.Terms
	for i := 0; i < len(terms); i++ {
		t := terms[i]
		// Adjacent literals are one keyword: "BODY" [".PEEK"].
		if n, vs := keywordRun(terms[i:]); n > 0 {
			s.nodes = append(s.nodes, &node{kind: wordNode, pos: t.Pos, words: vs})
			i += n - 1
			continue
		}
		s.nodes = append(s.nodes, r.lowerTerm(t, i > 0)...)
	}
	return s
}

// keywordRun finds how many terms from here make one keyword, one of them at least a plain literal.
func keywordRun(terms []*Term) (int, []variant) {
	all := []variant{{}}
	n, word := 0, false
	for _, t := range terms {
		vs, ok := wordish(t)
		if !ok {
			break
		}
		n++
		if t.Kind == Literal || t.Kind == Group {
			word = word || isWord(vs[0].text)
		}
		var next []variant
		for _, a := range all {
			for _, b := range vs {
				next = append(next, variant{a.text + b.text, slices.Concat(a.sets, b.sets)})
			}
		}
		all = next
	}
	if !word {
		return 0, nil
	}
	return n, all
}

func (r *resolver) lowerTerm(t *Term, after bool) []*node {
	if t.Min == 1 && t.Max == 1 {
		return r.lowerOnce(t)
	}
	one := *t
	one.Min, one.Max = 1, 1
	if t.Min == 0 && t.Max == 1 {
		return []*node{{kind: optionNode, pos: t.Pos, alts: []*seq{{pos: t.Pos, nodes: r.lowerOnce(&one)}}}}
	}
	var out []*node
	for range t.Min {
		out = append(out, r.lowerOnce(&one)...)
	}
	return append(out, &node{kind: loopNode, pos: t.Pos, alts: []*seq{{pos: t.Pos, nodes: r.lowerOnce(&one)}}, list: after || t.Min > 0})
}

func (r *resolver) lowerOnce(t *Term) []*node {
	switch t.Kind {
	case Literal:
		return lowerLiteral(t)
	case Ref:
		switch t.Text {
		case "SP":
			return []*node{{kind: spNode, pos: t.Pos}}
		case "DQUOTE":
			return []*node{{kind: octetNode, pos: t.Pos, octet: '"'}}
		}
		if t.Bind != "" {
			return []*node{{kind: valueNode, pos: t.Pos, bind: t.Bind, ref: t.Text}}
		}
		return []*node{{kind: inlineNode, pos: t.Pos, ref: t.Text}}
	case Guard:
		return []*node{{kind: guardNode, pos: t.Pos, guard: t.Guard}}
	case Group, Option:
		if vs, ok := wordish(t); ok && t.Kind == Group {
			return []*node{{kind: wordNode, pos: t.Pos, words: vs}}
		}
		n := &node{kind: choiceNode, pos: t.Pos}
		if t.Kind == Option {
			n.kind = optionNode
		}
		for _, a := range t.Alts {
			if t.Bind != "" {
				a = r.bindAll(a, t.Bind)
			}
			if n.kind == optionNode && isUnset(a) {
				n.unset = r.lower(a)
				continue
			}
			n.alts = append(n.alts, r.lower(a))
		}
		if n.kind == choiceNode && len(n.alts) == 1 {
			return n.alts[0].nodes
		}
		return []*node{n}
	}
	return nil
}

// isUnset: the alternative of an option that is written when nothing in the others is set.
func isUnset(a *Alt) bool {
	return len(a.Terms) > 0 && a.Terms[0].Kind == Guard && a.Terms[0].Guard.Unset
}

// bindAll gives the binding of a group to what has a value in it.
func (r *resolver) bindAll(a *Alt, bind string) *Alt {
	b := *a
	b.Terms = nil
	for _, t := range a.Terms {
		c := *t
		if c.Kind == Ref && r.hasValue([]*Alt{{Terms: []*Term{t}}}) || c.Kind == Literal {
			c.Bind = bind
		}
		b.Terms = append(b.Terms, &c)
	}
	return &b
}

// lowerLiteral takes a literal apart into keywords and punctuation: "(EARLIER)".
func lowerLiteral(t *Term) []*node {
	var out []*node
	text, bound := t.Text, t.Bind
	for text != "" {
		n := 0
		for n < len(text) && isAtomText(text[:n+1]) {
			n++
		}
		switch {
		case n > 0 && isWord(text[:n]):
			v := variant{text: text[:n]}
			if bound != "" {
				v.sets, bound = []setting{{bound, t.Text}}, ""
			}
			out = append(out, &node{kind: wordNode, pos: t.Pos, words: []variant{v}})
			text = text[n:]
		case text[0] == ' ':
			out = append(out, &node{kind: spNode, pos: t.Pos})
			text = text[1:]
		default:
			out = append(out, &node{kind: octetNode, pos: t.Pos, octet: text[0]})
			text = text[1:]
		}
	}
	if bound != "" && len(out) > 0 {
		out[len(out)-1].bind = bound
	}
	return out
}

// lowerAll lowers a choice.
func (r *resolver) lowerAll(alts []*Alt) []*seq {
	var out []*seq
	for _, a := range alts {
		out = append(out, r.lower(a))
	}
	return out
}

// altText writes an alternative as ABNF, shortened to its leading keyword for a doc comment.
func altText(a *Alt) string {
	if k := keywordOf(a); k != "" {
		return k
	}
	return a.Label
}
