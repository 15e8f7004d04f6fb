package gen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

// readsNothing: a guard, or a value that was read before.
func (n *node) readsNothing() bool { return n.kind == guardNode || n.from != "" }

// share makes one of the alternatives of "~=" that begin with the same terminal, rule or punctuation: it is read once, what follows
// decides, and the field of that alternative gets it. (In "=" alternatives that begin alike are a fault.)
func (b *reader) share(alts []*seq) []*seq {
	if !b.lenient || b.union {
		return alts
	}
	var out []*seq
	done := map[*seq]bool{}
	for i, s := range alts {
		if done[s] {
			continue
		}
		same, clash := []*seq{s}, false
		for _, o := range alts[i+1:] {
			if !done[o] && b.beginAlike(firstNode(s), firstNode(o)) {
				clash = clash || b.e.r.lookOf(s.nodes, nil).clash(b.e.r.lookOf(o.nodes, nil)) != ""
				same = append(same, o)
			}
		}
		// What begins with SP is told apart behind it, if all does.
		if len(same) > 1 && (clash || firstNode(s).kind == spNode && len(same) < len(alts)) {
			for _, o := range same {
				done[o] = true
			}
			s = b.sharing(same)
		}
		out = append(out, s)
	}
	return out
}

// beginAlike: both nodes read the same, and it can be read before it is known whose it is.
func (b *reader) beginAlike(n, m *node) bool {
	value := func(n *node) bool { return n.kind == valueNode || n.kind == inlineNode }
	switch {
	case n.kind == octetNode && m.kind == octetNode:
		return n.octet == m.octet && n.bind == "" && m.bind == ""
	case value(n) && value(m) && n.ref == m.ref:
		expr, _ := b.read(n.ref)
		return expr != nil
	}
	return n.kind == spNode && m.kind == spNode
}

// sharing gives the alternative that begins with the node that all of these begin with.
func (b *reader) sharing(alts []*seq) *seq {
	first := *firstNode(alts[0])
	for _, s := range alts {
		if n := firstNode(s); n.kind == valueNode && n.bind != "" && first.into == "" {
			b.variables++
			first.kind, first.bind, first.into = valueNode, "", "x"+strconv.Itoa(b.variables)
		}
	}
	rests := &node{kind: choiceNode, pos: first.pos}
	for _, s := range alts {
		rest := &seq{pos: s.pos, alt: s.alt, rule: s.rule}
		for i, n := range s.nodes {
			if n.readsNothing() {
				rest.nodes = append(rest.nodes, n)
				continue
			}
			if n.kind == valueNode && n.bind != "" {
				again := *n
				again.from = first.into
				rest.nodes = append(rest.nodes, &again)
			}
			rest.nodes = append(rest.nodes, s.nodes[i+1:]...)
			break
		}
		rests.alts = append(rests.alts, rest)
	}
	return &seq{pos: alts[0].pos, alt: alts[0].alt, rule: alts[0].rule, nodes: []*node{&first, rests}}
}

// guarded adds the guards of an alternative to its condition where octets do not tell it from another.
func (b *reader) guarded(cond *jen.Statement, s *seq, alts []*seq) *jen.Statement {
	g := b.guard(s.nodes)
	if g == nil {
		return cond
	}
	l := b.e.r.lookOf(s.nodes, nil)
	for _, o := range alts {
		if o != s && l.clash(b.e.r.lookOf(o.nodes, nil)) != "" {
			return jen.Parens(cond).Op("&&").Add(g)
		}
	}
	return cond
}

// guard is the condition of the guards on fields that an alternative begins with; nil when it has none.
func (b *reader) guard(nodes []*node) *jen.Statement {
	var all *jen.Statement
	from := map[string]string{}
	for _, n := range nodes {
		if !n.readsNothing() {
			break
		}
		if n.from != "" {
			from[n.bind] = n.from
			continue
		}
		f := b.to.s.field(n.guard.Field)
		if n.guard.Field == "" || f == nil {
			continue
		}
		of := b.lhs(f)
		if v := from[n.guard.Field]; v != "" {
			of = jen.Id(v)
		}
		var any *jen.Statement
		for _, v := range n.guard.Values {
			any = anyOf(any, jen.Qual("strings", "EqualFold").Call(jen.String().Parens(of.Clone()), jen.Lit(v)))
		}
		if len(n.guard.Values) > 1 {
			any = jen.Parens(any)
		}
		all = allOf(all, any)
	}
	return all
}

// notDue emits the check of an alternative that the octets say is there: its guards say whether it may be.
func (b *reader) notDue(s *seq) []jen.Code {
	g := b.guard(s.nodes)
	if g == nil || b.lenient {
		return nil
	}
	return []jen.Code{jen.If(jen.Op("!").Parens(g)).Block(d("Deviate", jen.Lit(b.rule), jen.Lit("no "+firstBound(s)+" here")))}
}

// missing emits the check of an option of which nothing is there: the guards say whether something must be.
func (b *reader) missing(alts []*seq) []jen.Code {
	var due *jen.Statement
	var want []string
	for _, s := range alts {
		g := b.guard(s.nodes)
		if g == nil {
			continue
		}
		want = append(want, firstBound(s))
		due = anyOf(due, g)
	}
	if due == nil || b.lenient {
		return nil
	}
	return []jen.Code{jen.If(due).Block(d("Deviate", jen.Lit(b.rule), jen.Lit(strings.Join(want, " or "))))}
}

// firstBound is the first field of an alternative, for messages.
func firstBound(s *seq) string {
	for _, n := range s.nodes {
		if n.bind != "" {
			return n.bind
		}
	}
	return "more"
}

// wrapped emits what reads items with parentheses of their own round them (QUIRKS Q52), where none begins with one.
func (b *reader) wrapped(s *Struct, rules []*ruleInfo, alts []*seq) []jen.Code {
	if slices.ContainsFunc(b.flatten(alts), func(a *seq) bool { l := b.e.r.lookOf(a.nodes, nil); return l.octets.has('(') }) {
		return nil
	}
	item := b.e.callItem(s, rules)
	return []jen.Code{jen.If(d("Unwrap")).Block(
		item,
		jen.For(d("AcceptSP")).Block(item.Clone()),
		d("Expect", jen.LitRune(')')),
		d("Leave"),
		d("EndItem", jen.Lit(b.rule)),
		jen.Return(),
	)}
}
