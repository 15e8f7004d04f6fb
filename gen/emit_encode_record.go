package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits the writers of records.

// items writes the items of records: each that is marked as present or has a value, with SP between them.
func (w *writer) items(rules []*ruleInfo, leading bool) []jen.Code {
	start := jen.Dict{jen.Id("Encoder"): jen.Id("e")}
	if leading { // every item has SP before it, the first as well
		start[jen.Id("Some")] = jen.True()
	}
	out := []jen.Code{jen.Id("items").Op(":=").Qual(wirePath, "ItemWriter").Values(start)}
	sep := func() []jen.Code { return []jen.Code{jen.Id("items").Dot("Next").Call()} }
	for _, i := range rules {
		for _, a := range i.rule.Alts {
			if !isItem(a) {
				w.e.r.faults.add(a.Pos, "a rule stands among the items of %q: write its items here, or a record that refers to both, (a / b)", i.rule.Name)
				continue
			}
			s := w.e.r.lower(a)
			if a.Many {
				f := w.field("#" + a.Label)
				out = append(out, jen.For(jen.Id("i").Op(":=").Range().Add(w.rhs(f))).Block(
					append(sep(), w.rhs(f).Index(jen.Id("i")).Dot("AppendTo").Call(jen.Id("e")))...))
				continue
			}
			cond := jen.Id(w.v).Dot("present").Op("&").Add(w.e.id(w.s.Record.itemGo(w.e.r.itemName(a)), w.s.Record.Section)).Op("!=").Lit(0)
			for _, f := range w.fieldsOf(s.nodes) {
				if f.item == "" {
					continue // it is bound outside of the items, too: its value tells nothing of them
				}
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

// itemsOf gives the records whose items a node stands for: msg-att-item, or (msg-att-dynamic / msg-att-static); nil if it is no such node.
func (w *writer) itemsOf(n *node) []*ruleInfo {
	switch n.kind {
	case inlineNode:
		if _, i := w.e.r.ref(n.ref); i != nil && w.e.isItems(i.rule) {
			return []*ruleInfo{i}
		}
	case choiceNode:
		return w.e.itemRecords(n)
	}
	return nil
}

// itemsIn gives the records whose items stand in an option or a loop: [status-att-val *(SP status-att-val)]; nil if there are none.
func (w *writer) itemsIn(n *node) []*ruleInfo {
	for _, x := range flat(n.alts) {
		if rules := w.itemsOf(x); rules != nil {
			return rules
		}
	}
	return nil
}
