package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file emits the readers of unions.

// emitUnion emits the reader of a union: it returns the alternative that it finds.
func (e *emitter) emitUnion(f *jen.File, name string, u *UnionInfo, follow *look) {
	byAlt := map[*Alt]*unionAlt{}
	for _, a := range u.Alts {
		byAlt[a.alt] = a
	}
	deep := e.recursive(u.Rule)
	emit := func(name string, alts []*Alt, lenient bool) {
		b := &reader{e: e, rule: u.Rule.Name, lenient: lenient, union: true, open: map[string]bool{}}
		fin := func(s *seq, nodes []*node, v variant, follow *look) []jen.Code {
			return b.unionAlt(byAlt[s.alt], s, nodes, v, follow)
		}
		b.to = target{s: &Struct{}}
		if e.foreign == nil {
			b.hook = e.unionHook(u)
		}
		body := b.choice(e.r.lowerAll(alts), follow, false, fin)
		if deep {
			body = append([]jen.Code{jen.If(jen.Op("!").Add(d("Enter"))).Block(jen.Return(jen.Nil())), jen.Defer().Add(d("Leave"))}, body...)
		}
		e.method(f, name).Add(e.id(u.Go, u.Rule.Section)).Block(body...).Line()
	}
	f.Comment("// " + e.funcName(name) + " reads the rule " + u.Rule.Name + ".")
	emit(name, u.Rule.Alts, false)
	if u.Rule.Lenient != nil {
		e.r.faults.add(u.Rule.Pos, "a union is changed by ~=: say it in the rules of its alternatives")
	}
}

// constFor is the constant of an alternative without fields that has the keyword.
func (a *unionAlt) constFor(keyword string) string {
	for _, k := range a.Consts {
		if k.Text == keyword || strings.HasPrefix(k.Text, keyword+" ") {
			return k.Go
		}
	}
	return a.Go
}

// unionAlt emits what reads one alternative and returns it.
func (b *reader) unionAlt(a *unionAlt, s *seq, nodes []*node, word variant, follow *look) []jen.Code {
	if a == nil {
		b.e.r.faults.add(s.pos, "an alternative of a union cannot be taken apart here")
		return nil
	}
	if a.Struct == nil {
		in := &reader{e: b.e, rule: b.rule, to: target{s: &Struct{}}, lenient: b.lenient, open: map[string]bool{}}
		return append(in.seq(nodes, follow), jen.Return(jen.Id(a.constFor(word.text))))
	}
	in := &reader{e: b.e, rule: b.rule, to: target{s: a.Struct, single: a.Named != nil}, lenient: b.lenient, open: map[string]bool{}}
	if a.Named != nil {
		// The value in one expression, where there is one.
		if last := nodes[len(nodes)-1]; last.kind == valueNode && (len(nodes) == 1 || len(nodes) == 2 && nodes[0].kind == spNode) && a.Named.kind != sliceType {
			if expr, t := in.read(last.ref); expr != nil {
				out := in.seq(nodes[:len(nodes)-1], follow)
				return append(out, jen.Return(jen.Id(a.Go).Parens(convert(expr, t, a.Named))))
			}
		}
		out := []jen.Code{jen.Var().Id("v").Add(b.e.goType(a.Named))}
		out = append(out, in.sets(word.sets)...)
		out = append(out, in.seq(nodes, follow)...)
		return append(out, jen.Return(jen.Id(a.Go).Parens(jen.Id("v"))))
	}
	out := []jen.Code{jen.Var().Id("v").Id(a.Go)}
	out = append(out, in.sets(word.sets)...)
	if len(s.nodes) > 0 && s.nodes[0].kind == wordNode && len(s.nodes[0].words) > 1 && len(nodes) > 1 || b.takesIn(nodes) {
		name := b.e.tailFunc(a.Struct, nodes, follow, b.rule)
		out = append(out, b.e.invoke(name, jen.Op("&").Id("v")))
	} else {
		out = append(out, in.seq(nodes, follow)...)
	}
	return append(out, jen.Return(jen.Id("v")))
}

// takesIn: a rule among the nodes is read into the struct at hand, by a method that wants its address.
func (b *reader) takesIn(nodes []*node) bool {
	return slices.ContainsFunc(nodes, func(n *node) bool {
		_, i := b.e.r.ref(n.ref)
		return n.kind == inlineNode && i != nil && i.form == formStruct && !i.shared ||
			slices.ContainsFunc(n.alts, func(s *seq) bool { return b.takesIn(s.nodes) })
	})
}

// tailFunc is the method that reads what follows the keyword of a struct with several keywords.
func (e *emitter) tailFunc(s *Struct, nodes []*node, follow *look, rule string) string {
	name := unexported(s.Go)
	e.want("tail "+s.Go, func() {
		f := e.decodeFile(s.Section)
		b := &reader{e: e, rule: rule, to: target{s: s}, open: map[string]bool{}}
		f.Comment("// " + e.funcName(name) + " reads what follows the keyword of a " + s.Go + ".")
		e.method(f, name, jen.Id("v").Op("*").Add(e.structID(s))).Block(b.seq(nodes, follow)...).Line()
	})
	return name
}
