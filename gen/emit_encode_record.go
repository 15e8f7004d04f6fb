package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits the writers of records.

// record writes the items that are there, with SP between them, and what stands around them.
func (w *writer) record(rule *Rule) []jen.Code {
	var out []jen.Code
	for _, n := range w.e.r.lower(rule.Alts[0]).nodes {
		switch {
		case n.kind == octetNode:
			out = append(out, enc("Byte", octetLit(n.octet)))
		case n.kind == choiceNode || n.kind == inlineNode:
			out = append(out, w.items(n, false)...)
		}
	}
	return out
}

// items writes the items of records: each that is marked as present or has a value.
func (w *writer) items(n *node, leading bool) []jen.Code {
	rules := w.e.itemRecords(n)
	if n.kind == inlineNode {
		_, i := w.e.r.ref(n.ref)
		rules = []*ruleInfo{i}
	}
	start := jen.Dict{jen.Id("Encoder"): jen.Id("e")}
	if leading { // every item has SP before it, the first as well
		start[jen.Id("Some")] = jen.True()
	}
	out := []jen.Code{jen.Id("items").Op(":=").Qual(wirePath, "ItemWriter").Values(start)}
	sep := func() []jen.Code { return []jen.Code{jen.Id("items").Dot("Next").Call()} }
	for _, i := range rules {
		for _, a := range i.rule.Alts {
			s := w.e.r.lower(a)
			if a.Many {
				f := w.field("#" + a.Label)
				out = append(out, jen.For(jen.Id("i").Op(":=").Range().Add(w.rhs(f))).Block(
					append(sep(), w.rhs(f).Index(jen.Id("i")).Dot("AppendTo").Call(jen.Id("e")))...))
				continue
			}
			cond := jen.Id(w.v).Dot("present").Op("&").Id(w.s.Record.itemGo(w.e.r.itemName(a))).Op("!=").Lit(0)
			for _, f := range w.fieldsOf(s.nodes) {
				cond = cond.Op("||").Add(w.e.present(f.Type, w.rhs(f)))
			}
			out = append(out, jen.If(cond).Block(append(sep(), w.seq(s.nodes)...)...))
		}
	}
	return out
}

// fieldsOf lists the fields that nodes bind, inlined rules included.
func (w *writer) fieldsOf(nodes []*node) []*Field {
	var out []*Field
	add := func(bind string) {
		if f := w.field(bind); f != nil && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	var visit func(nodes []*node)
	visit = func(nodes []*node) {
		for _, n := range nodes {
			if n.bind != "" {
				add(n.bind)
			}
			for _, v := range n.words {
				for _, s := range v.sets {
					add(s.bind)
				}
			}
			if n.kind == inlineNode {
				if _, i := w.e.r.ref(n.ref); i != nil {
					for _, name := range i.names {
						add(name)
					}
				}
			}
			for _, a := range n.alts {
				visit(a.nodes)
			}
		}
	}
	visit(nodes)
	return out
}

// embedsIn lists the embedded structs that nodes refer to.
func (w *writer) embedsIn(nodes []*node) []*ruleInfo {
	var out []*ruleInfo
	for _, n := range nodes {
		if n.kind == inlineNode {
			if _, i := w.e.r.ref(n.ref); i != nil && i.shared {
				out = append(out, i)
			}
		}
		for _, a := range n.alts {
			out = append(out, w.embedsIn(a.nodes)...)
		}
	}
	return out
}

func flat(alts []*seq) []*node {
	var out []*node
	for _, a := range alts {
		out = append(out, a.nodes...)
	}
	return out
}

// hasItems: the option holds the items of a record: [status-att-val *(SP status-att-val)].
func (w *writer) hasItems(n *node) bool {
	return slices.ContainsFunc(flat(n.alts), func(x *node) bool {
		if x.kind != inlineNode {
			return false
		}
		_, i := w.e.r.ref(x.ref)
		return i != nil && w.e.isItems(i.rule)
	})
}

func (w *writer) itemsIn(n *node) []jen.Code {
	for _, x := range flat(n.alts) {
		if x.kind == inlineNode {
			return w.items(x, n.kind == loopNode)
		}
	}
	return nil
}
