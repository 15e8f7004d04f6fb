package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file tells apart what begins with "(" by what comes behind it: punctuation is looked through, up to one token.

// inside gives what can come behind the "(" that nodes begin with; empty when they begin with none, nil when it is not known.
func (r *resolver) inside(nodes []*node, busy []string) *look {
	for i, n := range nodes {
		if n.readsNothing() {
			continue
		}
		all := &look{}
		var alts []*seq
		switch n.kind {
		case octetNode:
			if n.octet == '(' {
				return r.lookOf(nodes[i+1:], nil)
			}
			return all
		case wordNode, spNode:
			return all
		case choiceNode:
			alts = n.alts
		case valueNode, inlineNode:
			term, rule := r.ref(n.ref)
			switch {
			case term != nil && r.lookOfRef(n.ref).octets.has('('), rule != nil && slices.Contains(busy, n.ref):
				return nil
			case term != nil:
				return all
			}
			alts, busy = r.lowerAll(rule.rule.all()), append(busy, n.ref)
		default:
			return nil
		}
		for _, s := range alts {
			x := r.inside(s.nodes, busy)
			if x == nil || r.nullable(s.nodes) {
				return nil
			}
			all.merge(x)
		}
		return all
	}
	return nil
}

// clashOf is clash for two alternatives: what is behind a "(" of both may tell them apart.
func (b *reader) clashOf(s, o *seq, follow *look) string {
	l, m := b.e.r.lookOf(s.nodes, follow), b.e.r.lookOf(o.nodes, follow)
	if b.apartInside(s, o) {
		l.octets.remove('(')
	}
	return l.clash(m)
}

// apartInside: both alternatives may begin with "(", and what comes behind it is never the same.
func (b *reader) apartInside(s, o *seq) bool {
	if !b.e.r.lookOf(s.nodes, nil).octets.has('(') || !b.e.r.lookOf(o.nodes, nil).octets.has('(') {
		return false
	}
	l, m := b.e.r.inside(s.nodes, nil), b.e.r.inside(o.nodes, nil)
	return l != nil && m != nil && l.clash(m) == ""
}

// octetsOf is the condition that an alternative begins with the octet c; if others begin with "(" too, by what is behind it.
func (b *reader) octetsOf(s *seq, alts []*seq) *jen.Statement {
	l := b.e.r.lookOf(s.nodes, nil)
	var others *look
	for _, o := range alts {
		if o != s && !b.lenient && b.apartInside(s, o) {
			if others == nil {
				others = &look{}
			}
			others.merge(b.e.r.inside(o.nodes, nil))
		}
	}
	if others == nil {
		return b.e.octetCond(jen.Id("c"), l.octets)
	}
	looping := b.looping
	b.looping = true // by what is wanted there, not by what is not
	in := b.condAt(b.e.r.inside(s.nodes, nil), others, d("PeekAt", jen.Lit(1)), d("PeekWordAt", jen.Lit(1)))
	b.looping = looping
	cond := jen.Id("c").Op("==").LitRune('(').Op("&&").Parens(in)
	l.octets.remove('(')
	if !l.octets.isZero() {
		cond = b.e.octetCond(jen.Id("c"), l.octets).Op("||").Add(cond)
	}
	return cond
}

// keywordsInside gives the keywords that can stand behind SP "(" of an option, if nothing else can: they tell it from a list that follows.
func (b *reader) keywordsInside(nodes []*node) []string {
	if len(nodes) < 3 || nodes[0].kind != spNode || nodes[1].kind != octetNode || nodes[1].octet != '(' {
		return nil
	}
	n := nodes[2]
	if _, i := b.e.r.ref(n.ref); n.kind == valueNode && i != nil && i.form == formToken && i.typ.token.Open == nil {
		var words []string
		for _, k := range i.typ.token.Keywords {
			words = append(words, strings.ToUpper(k.Text))
		}
		return words
	}
	if l := b.e.r.lookOf(nodes[2:], nil); l.octets.isZero() && !l.empty {
		return l.words
	}
	return nil
}
