package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file emits the readers of records: item by item, each of which may fail alone.

// isItems: a record whose alternatives are items, not the parentheses around them.
func (e *emitter) isItems(rule *Rule) bool {
	return rule.Kind == Record && isItem(rule.Alts[0])
}

// itemRecords gives the records that a choice consists of, when it is a choice of items: (msg-att-dynamic / msg-att-static).
func (e *emitter) itemRecords(n *node) []*ruleInfo {
	var out []*ruleInfo
	for _, s := range n.alts {
		if len(s.nodes) != 1 || s.nodes[0].kind != inlineNode {
			return nil
		}
		_, i := e.r.ref(s.nodes[0].ref)
		if i == nil || !e.isItems(i.rule) {
			return nil
		}
		out = append(out, i)
	}
	return out
}

// callItem reads one item of a record into a struct, and recovers when it cannot be read.
func (e *emitter) callItem(s *Struct, rules []*ruleInfo) *jen.Statement {
	info := e.r.records[rules[0].rule]
	name := unexported(info.Go) + "Item" + rules[0].of(s)
	e.want("items "+info.Go+" "+s.Go, func() {
		f := e.decodeFile(rules[0].rule.Section)
		one := name + "Alternatives"
		hasLenient, additive := false, true
		for _, i := range rules {
			hasLenient = hasLenient || i.rule.Lenient != nil
			additive = additive && (i.rule.Lenient == nil || !slices.ContainsFunc(i.rule.Alts, func(a *Alt) bool { return !slices.Contains(i.rule.Lenient, a) }))
		}
		f.Comment("// " + e.funcName(name) + " reads one item. One that cannot be read is read once more as servers send it, else it is skipped with a warning.")
		body := []jen.Code{
			jen.Id("pos").Op(":=").Add(d("Pos")),
			e.invoke(one, jen.Id("v")),
			jen.If(d("OK")).Block(jen.Return()),
			jen.If(d("Retry", jen.Id("pos"))).Block(
				e.invoke(one, jen.Id("v")),
				d("EndRetry"),
				jen.If(d("OK")).Block(jen.Return()),
			),
		}
		body = append(body, e.keepSkipped(s, info)...)
		e.method(f, name, jen.Id("v").Op("*").Add(e.structID(s))).Block(body...).Line()
		if hasLenient && additive {
			e.emitAlternatives(f, one, s, rules, info, true, false)
			return
		}
		e.emitAlternatives(f, one, s, rules, info, false, hasLenient)
		if hasLenient {
			e.emitAlternatives(f, one+"Lenient", s, rules, info, true, false)
		}
	})
	return e.invoke(name, jen.Id("v"))
}

// keepSkipped emits the end of an item that cannot be read: it is kept raw, where the record has an alternative of a name and a value.
func (e *emitter) keepSkipped(s *Struct, info *recordInfo) []jen.Code {
	skip := d("SkipItem", jen.Id("pos"), jen.Lit(info.Rule.Name))
	f, name, value := skippedItems(s)
	if f == nil {
		return []jen.Code{skip}
	}
	return []jen.Code{jen.If(jen.List(jen.Id("name"), jen.Id("value")).Op(":=").Add(skip).Dot("Cut").Call(), jen.Id("name").Op("!=").Lit("")).Block(
		e.put(s, f).Op("=").Append(f.of(jen.Id("v")), e.structID(f.Type.elem.strct).Values(jen.Dict{jen.Id(name.Go): jen.Id("name"), jen.Id(value.Go): jen.Id("value")})),
		jen.Id("v").Dot("present").Op("|=").Add(e.id(f.item, info.Section)))}
}

// skippedItems gives the field of a record that keeps the items that cannot be read, with the two of its elements; nil if it has none.
func skippedItems(s *Struct) (f, name, value *Field) {
	for _, f := range s.Fields {
		if f.Type == nil || f.Type.kind != sliceType || f.Bind[0] != '#' || f.Type.elem.kind != structType {
			continue
		}
		el := f.Type.elem.strct
		name, value := el.field("name"), el.field("value")
		if len(el.Fields) == 2 && name != nil && value != nil && value.Type.kind == termType && value.Type.term.GoType == "Value" {
			return f, name, value
		}
	}
	return nil, nil, nil
}

// endItem emits the condition that an item was read to its end: what is read of one that goes on is not its value.
func endItem(info *recordInfo) *jen.Statement { return d("EndItem", jen.Lit(info.Rule.Name)) }

// undo emits what takes back the part of an item that was read before it failed.
func (e *emitter) undo(s *Struct, nodes []*node) []jen.Code {
	w := &writer{e: e, s: s}
	var out []jen.Code
	for _, f := range w.fieldsOf(nodes) {
		out = append(out, e.put(s, f).Op("=").Add(e.zero(f.Type)))
	}
	return out
}

// lenientOnly emits the check of an alternative that only "~=/" gives, in a function that reads both.
func (e *emitter) lenientOnly(b *reader, rules []*ruleInfo, a *Alt, name string) []jen.Code {
	if !b.lenient || strings.HasSuffix(name, "Lenient") {
		return nil
	}
	for _, i := range rules {
		if slices.Contains(i.rule.Alts, a) {
			return nil
		}
	}
	return []jen.Code{jen.If(jen.Op("!").Add(d("Lenient"))).Block(d("Fail", jen.Lit(b.rule), jen.Lit("a known item")), jen.Return())}
}

// itemFollow is what can follow an item: the end of the list, or SP and the next, whose keyword begins with a letter.
func itemFollow() *look {
	follow := &look{sp: &look{}}
	follow.octets.add(' ')
	follow.octets.add(')')
	for c := byte('a'); c <= 'z'; c++ {
		follow.sp.octets.add(c)
		follow.sp.octets.add(c - 'a' + 'A')
	}
	return follow
}

func (e *emitter) emitAlternatives(f *jen.File, name string, s *Struct, rules []*ruleInfo, info *recordInfo, lenient, split bool) {
	b := &reader{e: e, rule: info.Rule.Name, to: target{s: s}, lenient: lenient, by: rules[0].rule.By, items: true, open: map[string]bool{}}
	if e.foreign == nil && e.isResponse(s) {
		b.hook = e.recordHook(info)
	}
	var alts []*seq
	for _, i := range rules {
		alts = append(alts, &seq{pos: i.rule.Pos, nodes: []*node{{kind: inlineNode, pos: i.rule.Pos, ref: i.rule.Name}}})
	}
	follow := itemFollow()
	if lenient {
		follow.sp = nil // what servers send may be followed by anything
	}
	fin := func(sq *seq, nodes []*node, word variant, follow *look) []jen.Code {
		a := sq.alt
		out := e.lenientOnly(b, rules, a, name)
		bit := e.id(info.itemGo(e.r.itemName(a)), info.Section)
		if a.Many {
			field := s.field("#" + a.Label)
			el := field.Type.elem.strct
			in := &reader{e: e, rule: b.rule, to: target{s: el}, lenient: lenient, open: map[string]bool{}}
			out = append(out, jen.Var().Id("x").Add(e.structID(el)))
			fn := unexported(el.Go)
			if strings.HasSuffix(name, "Lenient") && !slices.ContainsFunc(rules, func(i *ruleInfo) bool { return slices.Contains(i.rule.Alts, a) }) {
				fn += "Lenient"
			}
			e.want("tail "+fn, func() {
				tf := e.decodeFile(a.Section)
				tf.Comment("// " + fn + " reads what follows the keyword of a " + el.Go + ".")
				e.method(tf, fn, jen.Id("v").Op("*").Add(e.structID(el))).Block(in.seq(nodes, follow)...).Line()
			})
			for _, set := range word.sets {
				out = append(out, jen.Id("x").Dot(el.field(set.bind).Go).Op("=").True())
			}
			out = append(out, e.invoke(fn, jen.Op("&").Id("x")))
			out = append(out, jen.If(endItem(info)).Block(
				e.put(s, field).Op("=").Append(field.of(jen.Id("v")), jen.Id("x")),
				jen.Id("v").Dot("present").Op("|=").Add(bit)))
			return out
		}
		out = append(out, b.seqAfter(sq, nodes, word, follow)...)
		mark := jen.If(endItem(info)).Block(jen.Id("v").Dot("present").Op("|=").Add(bit))
		if undo := e.undo(s, nodes); len(undo) > 0 {
			mark = mark.Else().Block(append(undo, jen.Id("v").Dot("present").Op("&^=").Add(bit.Clone()))...)
		}
		return append(out, mark)
	}
	var body []jen.Code
	if split {
		body = append(body, jen.If(d("Lenient")).Block(e.invoke(name+"Lenient", jen.Id("v")), jen.Return()))
	}
	if lenient {
		body = append(body, b.wrapped(s, rules, alts)...)
	}
	body = append(body, b.choice(alts, follow, false, fin)...)
	var names []string
	for _, i := range rules {
		names = append(names, i.rule.Name)
	}
	how := "."
	if strings.HasSuffix(name, "Lenient") {
		how = ", as servers send them."
	}
	f.Comment("// " + e.funcName(name) + " reads one of the alternatives of " + strings.Join(names, " and ") + how)
	e.method(f, name, jen.Id("v").Op("*").Add(e.structID(s))).Block(body...).Line()
}
