package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits what guards decide when writing.

// guard is the condition of the guards that an alternative begins with: ?type="TEXT". Nil when it has none.
func (w *writer) guard(nodes []*node) *jen.Statement {
	var cond *jen.Statement
	for _, n := range nodes {
		if n.kind != guardNode {
			continue
		}
		f := w.field(n.guard.Field)
		if n.guard.Field == "" || f == nil {
			continue
		}
		var any *jen.Statement
		for _, v := range n.guard.Values {
			any = anyOf(any, jen.Qual("strings", "EqualFold").Call(jen.String().Parens(w.rhs(f)), jen.Lit(v)))
		}
		if len(n.guard.Values) > 1 {
			any = jen.Parens(any)
		}
		cond = allOf(cond, any)
	}
	return cond
}

// guardedOption writes an option whose alternatives are decided by guards: what a guard asks for is written even when it is zero.
func (w *writer) guardedOption(n *node) []jen.Code {
	var cases []jen.Code
	for _, s := range n.alts {
		cond := w.guard(s.nodes)
		if cond == nil {
			cond = jen.True()
		}
		for _, f := range w.fieldsOf(s.nodes) {
			if k := f.Type.kind; (k == pointerType || k == unionType) && w.requires(f, s.nodes) {
				cond = cond.Op("&&").Add(w.e.present(f.Type, w.rhs(f)))
			}
		}
		cases = append(cases, jen.Case(cond).Block(w.seq(s.nodes)...))
	}
	return []jen.Code{jen.Switch().Block(cases...)}
}

// oppositeGuards is the condition of an alternative that ?CAP begins while ?!CAP begins another, or the other way round; nil if none does.
func oppositeGuards(s *seq, alts []*seq) *jen.Statement {
	of := func(s *seq) GuardTerm {
		if startsGuarded(s) {
			return s.nodes[0].guard
		}
		return GuardTerm{}
	}
	g := of(s)
	if g.Cap == "" || !slices.ContainsFunc(alts, func(o *seq) bool { return of(o).Cap == g.Cap && of(o).Not != g.Not }) {
		return nil
	}
	if g.Not {
		return jen.Op("!").Add(enc("InForce", jen.Lit(g.Cap)))
	}
	return enc("InForce", jen.Lit(g.Cap))
}
