package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file emits the choice between alternatives when writing: the first that can carry the fields that are set.

// option writes [ ... ] when one of the fields in it is set.
func (w *writer) option(n *node) []jen.Code {
	if slices.ContainsFunc(n.alts, func(s *seq) bool { return w.guard(s.nodes) != nil }) {
		return w.guardedOption(n)
	}
	fields := w.fieldsOf(flat(n.alts))
	var cond *jen.Statement
	or := func(x *jen.Statement) { cond = anyOf(cond, x) }
	for _, f := range fields {
		if f == w.mayBeEmpty(n) {
			or(w.rhs(f).Op("!=").Nil())
			continue
		}
		or(w.e.present(f.Type, w.rhs(f)))
	}
	if cond == nil {
		for _, i := range w.embedsIn(flat(n.alts)) {
			for _, f := range i.strct.Fields {
				if f.Embed == nil {
					or(w.e.present(f.Type, jen.Id(w.v).Dot(i.strct.Go).Dot(f.Go)))
				}
			}
		}
	}
	if w.s.Record != nil && w.holdsItems(n.alts) {
		or(jen.Id(w.v).Dot("present").Op("!=").Lit(0))
	}
	if cond == nil {
		return nil // nothing in it carries a value
	}
	known := len(fields) == 1 && slices.Contains(w.have, fields[0]) // an option around it has asked
	if len(fields) == 1 && w.mayBeEmpty(n) == nil {
		in := *w
		in.have = append(slices.Clone(w.have), fields[0])
		w = &in
	}
	var body []jen.Code
	if len(n.alts) == 1 {
		body = w.seq(n.alts[0].nodes)
		known = known || w.onlyItems(n.alts[0].nodes) // each asks for itself
	} else {
		body = w.choice(n.alts)
	}
	if known {
		return body
	}
	out := jen.If(cond).Block(body...)
	if n.unset != nil {
		out = out.Else().Block(w.seq(n.unset.nodes)...)
	}
	return []jen.Code{out}
}

// choice writes the first alternative that can carry the fields that are set.
func (w *writer) choice(alts []*seq) []jen.Code {
	all := w.fieldsOf(flat(alts))
	var cases []jen.Code
	var gone []*Field // that the cases before would have taken
	for n, s := range alts {
		var cond *jen.Statement
		parts := 0
		var have, maybeField *Field
		var maybe *jen.Statement // tells less: the zero value may be meant
		and := func(x *jen.Statement) {
			if x == nil {
				return
			}
			parts++
			cond = allOf(cond, x)
		}
		mine := w.fieldsOf(s.nodes)
		for _, f := range all {
			switch {
			case !slices.Contains(mine, f):
				and(w.e.absent(f.Type, w.rhs(f)))
			default:
				x, sure := w.carries(f, s, alts)
				switch {
				case x != nil && sure:
					have = f
					and(x)
				case x != nil && maybe == nil:
					maybe, maybeField = x, f
				case x != nil && w.othersEmpty(s, alts):
					maybe, maybeField = maybe.Op("||").Add(x), nil
				}
			}
		}
		and(w.guard(s.nodes))
		nodes := s.nodes
		if inForce := oppositeGuards(s, alts); inForce != nil {
			and(inForce)
			nodes = nodes[1:]
		}
		if cond == nil && maybe != nil {
			have = maybeField
			and(maybe)
			if w.othersEmpty(s, alts) {
				gone = append(gone, mine...)
			}
		}
		if cond == nil || n == len(alts)-1 {
			cases = append(cases, jen.Default().Block(append(w.leftOver(all, append(mine, gone...)), w.seq(nodes)...)...))
			break
		}
		one := *w
		one.one = true
		if parts == 1 && have != nil && w.requires(have, s.nodes) && have.Type.kind != tokenType {
			one.have = append(slices.Clone(w.have), have)
			gone = append(gone, have)
		}
		cases = append(cases, jen.Case(cond).Block(one.seq(nodes)...))
	}
	if len(cases) == 1 {
		return w.seq(alts[0].nodes)
	}
	return []jen.Code{jen.Switch().Block(cases...)}
}

// holdsItems: items of a record stand somewhere in the alternatives.
func (w *writer) holdsItems(alts []*seq) bool {
	return slices.ContainsFunc(flat(alts), func(n *node) bool {
		return w.itemsOf(n) != nil || w.holdsItems(n.alts)
	})
}

// onlyItems: the nodes are the items of records and nothing around them.
func (w *writer) onlyItems(nodes []*node) bool {
	return !slices.ContainsFunc(nodes, func(n *node) bool {
		return w.itemsOf(n) == nil && (n.kind != loopNode || w.itemsIn(n) == nil)
	})
}

// mayBeEmpty is the slice that is all an option holds, and that may be empty in it; nil when there is none.
func (w *writer) mayBeEmpty(n *node) *Field {
	if n.kind != optionNode || len(n.alts) != 1 {
		return nil
	}
	nodes := n.alts[0].nodes
	fields := w.fieldsOf(nodes)
	if len(fields) != 1 || fields[0].Type.kind != sliceType || !fields[0].many || w.requires(fields[0], nodes) {
		return nil
	}
	return fields[0]
}

// othersEmpty: no other alternative has fields: this one is meant as soon as any of its own is set.
func (w *writer) othersEmpty(s *seq, alts []*seq) bool {
	return !slices.ContainsFunc(alts, func(o *seq) bool { return o != s && len(w.fieldsOf(o.nodes)) > 0 })
}

// leftOver emits the check that no field is set that the last alternative cannot carry: it must not be dropped in silence.
func (w *writer) leftOver(all, mine []*Field) []jen.Code {
	var cond *jen.Statement
	var names []string
	for _, f := range all {
		if slices.Contains(mine, f) {
			continue
		}
		names = append(names, f.Bind)
		cond = anyOf(cond, w.e.present(f.Type, w.rhs(f)))
	}
	if cond == nil {
		return nil
	}
	return []jen.Code{jen.If(cond).Block(enc("Fail", jen.Lit(strings.Join(names, ", ")), jen.Lit("left out, or in a combination that the grammar has")))}
}

// carries is the condition under which an alternative can carry the value of a field that it binds; nil if always.
// It is sure unless the field's zero value may be meant as a value.
func (w *writer) carries(f *Field, s *seq, alts []*seq) (cond *jen.Statement, sure bool) {
	if w.elem[f] != "" {
		return nil, true
	}
	switch f.Type.kind {
	case tokenType:
		values, open := w.valuesIn(f, s.nodes)
		if open || len(values) == len(f.values) && !w.requires(f, s.nodes) {
			return nil, true
		}
		for _, v := range values {
			cond = anyOf(cond, w.rhs(f).Op("==").Add(w.constOf(f, v)))
		}
		if !w.requires(f, s.nodes) {
			cond = w.rhs(f).Op("==").Lit("").Op("||").Add(cond)
		}
		if len(values) > 1 || !w.requires(f, s.nodes) {
			cond = jen.Parens(cond)
		}
		return cond, true
	case boolType:
		if w.requires(f, s.nodes) && !w.requiredByAll(f, alts) {
			return w.rhs(f), true
		}
		return nil, true
	case sliceType:
		once := w.bindsOnce(f, s.nodes)
		for _, o := range alts {
			if o != s && once && !w.bindsOnce(f, o.nodes) && slices.Contains(w.fieldsOf(o.nodes), f) {
				return jen.Len(w.rhs(f)).Op("==").Lit(1), true
			}
		}
	}
	if w.requires(f, s.nodes) && !w.requiredByAll(f, alts) {
		return w.e.present(f.Type, w.rhs(f)), f.sure()
	}
	return nil, true
}

// sure: the zero value of the field cannot be meant as a value.
func (f *Field) sure() bool {
	switch f.Type.kind {
	case termType:
		return f.Type.term.NonZero
	case sliceType, listType:
		return f.many
	}
	return true
}

func (w *writer) requiredByAll(f *Field, alts []*seq) bool {
	return !slices.ContainsFunc(alts, func(s *seq) bool { return !w.requires(f, s.nodes) })
}

// requires: the nodes always bind the field.
func (w *writer) requires(f *Field, nodes []*node) bool {
	for _, n := range nodes {
		switch n.kind {
		case optionNode, loopNode:
		case choiceNode:
			if !slices.ContainsFunc(n.alts, func(s *seq) bool { return !w.requires(f, s.nodes) }) {
				return true
			}
		case wordNode:
			all := len(n.words) > 0
			for _, v := range n.words {
				all = all && slices.ContainsFunc(v.sets, func(s setting) bool { return s.bind == f.Bind })
			}
			if all {
				return true
			}
		case inlineNode:
			if _, i := w.e.r.ref(n.ref); i != nil && slices.Contains(i.names, f.Bind) {
				all := true
				for _, s := range w.e.r.lowerAll(i.rule.Alts) {
					all = all && w.requires(f, s.nodes)
				}
				if all {
					return true
				}
			}
		default:
			if n.bind == f.Bind {
				return true
			}
		}
	}
	return false
}

// bindsOnce: the nodes bind the field exactly once, not in a loop.
func (w *writer) bindsOnce(f *Field, nodes []*node) bool { return countBinds(f.Bind, nodes) == 1 }

// countBinds counts how often nodes bind a field; many is more than once.
func countBinds(bind string, nodes []*node) int {
	count := 0
	for _, n := range nodes {
		if n.bind == bind {
			count++
		}
		most := 0
		for _, a := range n.alts {
			most = max(most, countBinds(bind, a.nodes))
		}
		if n.kind == loopNode {
			most *= 2
		}
		count += most
	}
	return count
}

// valuesIn lists the literals that nodes bind to a field; open when something else may be bound.
func (w *writer) valuesIn(f *Field, nodes []*node) (values []string, open bool) {
	for _, n := range nodes {
		for _, v := range n.words {
			for _, s := range v.sets {
				if s.bind == f.Bind && !slices.Contains(values, s.value) {
					values = append(values, s.value)
				}
			}
		}
		if n.kind == valueNode && n.bind == f.Bind {
			open = true
		}
		var inner [][]*node
		for _, a := range n.alts {
			inner = append(inner, a.nodes)
		}
		if n.kind == inlineNode {
			if _, i := w.e.r.ref(n.ref); i != nil && !i.shared {
				for _, s := range w.e.r.lowerAll(i.rule.Alts) {
					inner = append(inner, s.nodes)
				}
			}
		}
		for _, x := range inner {
			vs, o := w.valuesIn(f, x)
			open = open || o
			for _, v := range vs {
				if !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
		}
	}
	return values, open
}
