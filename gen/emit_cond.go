package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits what is decided by the next octets: loops, options, and their conditions.

// loop emits *( ... ): it goes on as long as the first octet of the element is there.
func (b *reader) loop(n *node, follow *look) []jen.Code {
	nodes := n.alts[0].nodes
	l := b.e.r.lookOf(nodes, nil)
	again := b.e.r.lookOf(nodes, follow)
	again.merge(follow)
	if x := l.clash(follow); x != "" && !b.lenient && b.guard(nodes) == nil {
		b.e.r.faults.add(n.pos, "what is repeated and what follows it both start with %s: a keyword before one of them tells them apart", x)
	}
	switch first := nodes[0]; {
	case b.numbers(nodes) != nil:
		list := b.e.listOf(b.numbers(nodes).Type.elem)
		return []jen.Code{d("NzNumbers", jen.Op("&").Id("d").Dot(list))}
	case first.kind == spNode && !follow.octets.has(' '):
		return []jen.Code{jen.For(d("AcceptSP")).Block(b.seq(nodes[1:], again)...)}
	case first.kind == octetNode && first.bind == "" && !follow.octets.has(first.octet):
		return []jen.Code{jen.For(d("Accept", octetLit(first.octet))).Block(b.seq(nodes[1:], again)...)}
	}
	b.looping = true // never by what follows: after an error that would hold for ever
	cond := b.cond(l, follow)
	b.looping = false
	return []jen.Code{jen.For(cond).Block(b.seq(nodes, again)...)}
}

// numbers recognises *(SP nz-number), which is read in one go: a search finds a million. It gives the field, or nil.
func (b *reader) numbers(nodes []*node) *Field {
	if len(nodes) != 2 || nodes[0].kind != spNode || nodes[1].kind != valueNode || nodes[1].ref != "nz-number" || b.e.foreign != nil {
		return nil
	}
	f := b.to.s.field(nodes[1].bind)
	if f == nil || f.Type.kind != sliceType || f.Type.elem.kind != termType || f.Type.elem.term.GoType != "uint32" {
		return nil
	}
	return f
}

// option emits [ ... ].
func (b *reader) option(n *node, follow *look) []jen.Code {
	if len(n.alts) > 1 {
		return b.choice(n.alts, follow, true, b.seqAfter)
	}
	nodes := n.alts[0].nodes
	l := b.e.r.lookOf(nodes, nil)
	var words *jen.Statement // the keyword that tells the option from a list that follows
	if x := l.clash(follow); x != "" && !b.lenient {
		for _, w := range b.keywordsInside(nodes) {
			words = anyOf(words, jen.String().Parens(d("PeekWordAt", jen.Lit(2))).Op("==").Lit(w))
		}
		if x != "SP '('" || words == nil {
			b.e.r.faults.add(n.pos, "an optional part and what follows it both start with %s: a keyword before one of them, or behind its \"(\", tells them apart", x)
		}
	}
	there := func(nodes []*node) []jen.Code { return append(b.seq(nodes, follow), b.emptyList(n)...) }
	switch first := nodes[0]; {
	case words != nil:
		return []jen.Code{jen.If(d("AfterSP").Op("==").LitRune('(').Op("&&").Parens(words)).Block(there(nodes)...)}
	case first.kind == spNode && len(nodes) > 1 && !follow.octets.has(' ') && !l.sp.octets.has(')'): // AcceptSP takes "SP )" for an end
		return []jen.Code{jen.If(d("AcceptSP")).Block(there(nodes[1:])...)}
	case first.kind == octetNode && first.bind == "" && !follow.octets.has(first.octet):
		return []jen.Code{jen.If(d("Accept", octetLit(first.octet))).Block(there(nodes[1:])...)}
	}
	out := jen.If(b.cond(l, follow)).Block(append(b.notDue(n.alts[0]), there(nodes)...)...)
	if missing := b.missing(n.alts); missing != nil {
		out = out.Else().Block(missing...)
	}
	return []jen.Code{out}
}

// emptyList emits what tells "RETURN ()" from no RETURN at all: the slice is empty, not nil.
func (b *reader) emptyList(n *node) []jen.Code {
	f := (&writer{e: b.e, s: b.to.s}).mayBeEmpty(n)
	if f == nil {
		return nil
	}
	return []jen.Code{jen.If(b.lhs(f).Op("==").Nil()).Block(b.lhs(f).Op("=").Add(b.e.goType(f.Type)).Values())}
}

// cond is the condition that what starts like l stands here rather than what follows.
func (b *reader) cond(l, follow *look) *jen.Statement {
	if l.octets.has(' ') && l.sp != nil && len(l.octets.list()) == 1 {
		// AfterSP gives 0 where there is no SP: only what is wanted there tells, not what is not.
		looping := b.looping
		b.looping = true
		defer func() { b.looping = looping }()
		if follow.octets.has(' ') && follow.sp != nil && l.sp.weight() > 0 {
			return b.condAt(l.sp, follow.sp, d("AfterSP"), d("PeekWordAfterSP"))
		}
		return d("Peek").Op("==").LitRune(' ')
	}
	if l.octets.has('.') && l.dot != nil && len(l.octets.list()) == 1 && follow.octets.has('.') {
		looping := b.looping
		b.looping = true
		defer func() { b.looping = looping }()
		return d("Peek").Op("==").LitRune('.').Op("&&").Add(b.condAt(l.dot, follow.dot, d("PeekAt", jen.Lit(1)), d("PeekWordAt", jen.Lit(1))))
	}
	return b.condAt(l, follow, d("Peek"), d("PeekWord"))
}

func (b *reader) condAt(l, follow *look, peek, word *jen.Statement) *jen.Statement {
	var out *jen.Statement
	if list := l.octets.list(); len(list)+4*len(l.words) > 4 || len(list) > 0 {
		if !b.looping && len(list)+4*len(l.words) > 8 && follow != nil && len(follow.words) == 0 && len(follow.octets.list()) <= 2 && !follow.octets.isZero() {
			// What follows is simpler to tell.
			var not *jen.Statement
			for _, c := range follow.octets.list() {
				if c == '\n' && follow.octets.has('\r') {
					continue
				}
				if c == '\r' {
					not = allOf(not, jen.Op("!").Add(d("AtEnd")))
					continue
				}
				not = allOf(not, peek.Clone().Op("!=").Add(octetLit(c)))
			}
			return not
		}
		if len(list) > 0 {
			out = b.e.octetCond(peek, l.octets)
		}
	}
	for _, w := range l.words {
		out = anyOf(out, jen.String().Parens(word.Clone()).Op("==").Lit(w))
	}
	return b.noKeyword(out, l, follow, word)
}

// noKeyword adds to a condition that holds for an open token that it is none of the keywords that may follow: those go first.
func (b *reader) noKeyword(cond *jen.Statement, l, follow *look, word *jen.Statement) *jen.Statement {
	if follow == nil {
		return cond
	}
	var not *jen.Statement
	for _, w := range follow.words {
		if !slices.Contains(l.words, w) && (l.octets.has(w[0]) || l.octets.has(w[0]|0x20)) {
			not = allOf(not, jen.String().Parens(word.Clone()).Op("!=").Lit(w))
		}
	}
	if not == nil {
		return cond
	}
	return jen.Parens(cond).Op("&&").Add(not)
}

// allOf joins two conditions, of which either may be nil: there is none so far.
func allOf(a, b *jen.Statement) *jen.Statement { return joined(a, "&&", b) }

// anyOf does the same with "or".
func anyOf(a, b *jen.Statement) *jen.Statement { return joined(a, "||", b) }

func joined(a *jen.Statement, op string, b *jen.Statement) *jen.Statement {
	switch {
	case a == nil:
		return b
	case b == nil || goText(a) == goText(b):
		return a
	}
	return a.Clone().Op(op).Add(b)
}
