package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// callRule reads a rule and gives its value.
func (e *emitter) callRule(i *ruleInfo) *jen.Statement {
	if !e.own(i.rule.Section) {
		return d(readName(i))
	}
	e.want("rule "+i.rule.Name, func() { e.emitRule(i) })
	return e.invoke(readName(i))
}

// readName names what reads a rule. It is exported, so that the code of other modules' grammars can read it too.
func readName(i *ruleInfo) string { return "Read" + i.Go }

// callStruct fills a struct of its own.
func (e *emitter) callStruct(s *Struct, to jen.Code) *jen.Statement {
	name := "Read" + s.Go
	if !e.own(s.Section) {
		return d(name, to)
	}
	e.want("struct "+s.Go, func() {
		e.emitFill(name, s, s.alts, s.lenient, s.Go, e.r.byStruct[s])
	})
	return e.invoke(name, to)
}

// callInline reads a rule into the struct that takes its bindings in.
func (e *emitter) callInline(i *ruleInfo, s *Struct) *jen.Statement {
	name := unexported(i.Go)
	e.want("inline "+i.rule.Name+" "+s.Go, func() {
		if e.inlineRoot[i] != nil && e.inlineRoot[i] != s {
			e.r.faults.add(i.rule.Pos, "%s is inlined by %s and by %s", i.rule.Name, e.inlineRoot[i].Go, s.Go)
			return
		}
		e.inlineRoot[i] = s
		e.emitFill(name, s, i.rule.Alts, i.rule.Lenient, i.rule.Name, i)
	})
	return e.invoke(name, jen.Id("v"))
}

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

// want emits a function once.
func (e *emitter) want(key string, emit func()) {
	if !e.done[key] {
		e.done[key] = true
		e.queue = append(e.queue, emit)
	}
}

// recursive tells whether a rule can contain itself: then its depth is counted.
func (e *emitter) recursive(rule *Rule) bool {
	seen := map[*Rule]bool{}
	var visit func(x *Rule) bool
	visit = func(x *Rule) bool {
		found := false
		walk(x.all(), func(t *Term) {
			if t.Kind != Ref || found {
				return
			}
			if y := e.r.g.rules[t.Text]; y != nil {
				if y == rule {
					found = true
				} else if !seen[y] {
					seen[y] = true
					found = visit(y)
				}
			}
		})
		return found
	}
	return visit(rule)
}

// emitFill emits a method that reads alternatives into a struct: func (d *Decoder) section(v *Section).
func (e *emitter) emitFill(name string, s *Struct, alts, lenient []*Alt, rule string, i *ruleInfo) {
	f := e.decodeFile(s.Section)
	deep := false
	comment := e.funcName(name) + " reads what follows the keyword of " + s.Go + "."
	follow := e.end()
	if i != nil {
		f = e.decodeFile(i.rule.Section)
		deep = e.recursive(i.rule)
		rule = i.rule.Name
		comment = e.funcName(name) + " reads the rule " + rule + "."
		follow = e.r.followOf(rule)
	}
	emit := func(name string, alts []*Alt, lenient bool, first []jen.Code) {
		b := &reader{e: e, rule: rule, to: target{s: s}, lenient: lenient, open: map[string]bool{}}
		body := append(first, b.body(e.r.lowerAll(alts), follow)...)
		if deep {
			body = append([]jen.Code{jen.If(jen.Op("!").Add(d("Enter"))).Block(jen.Return())}, append(body, d("Leave"))...)
		}
		e.method(f, name, jen.Id("v").Op("*").Add(e.structID(s))).Block(body...).Line()
	}
	f.Comment("// " + comment)
	if lenient == nil {
		emit(name, alts, false, nil)
		return
	}
	ln := name + "Lenient"
	emit(name, alts, false, []jen.Code{jen.If(d("Lenient")).Block(e.invoke(ln, jen.Id("v")), jen.Return())})
	f.Comment("// " + e.funcName(ln) + " reads the rule " + rule + " as servers send it.")
	emit(ln, lenient, true, nil)
}

func (b *reader) body(alts []*seq, follow *look) []jen.Code {
	if len(alts) == 1 {
		return b.seq(alts[0].nodes, follow)
	}
	return b.choice(alts, follow, false, b.seqAfter)
}

func (e *emitter) end() *look {
	l := &look{}
	l.octets.add('\r')
	l.octets.add('\n')
	return l
}

// emitRule emits a method that returns the value of a rule.
func (e *emitter) emitRule(i *ruleInfo) {
	f := e.decodeFile(i.rule.Section)
	name := readName(i)
	follow := e.r.followOf(i.rule.Name)
	switch i.form {
	case formToken:
		e.emitToken(f, name, i.typ.token)
	case formUnion:
		e.emitUnion(f, name, e.r.unionOf(i), follow)
	case formVoid:
		b := &reader{e: e, rule: i.rule.Name, to: target{s: &Struct{}}, open: map[string]bool{}}
		f.Comment("// " + e.funcName(name) + " reads the rule " + i.rule.Name + ", which has no value.")
		e.method(f, name).Block(b.body(e.r.lowerAll(i.rule.Alts), follow)...).Line()
	default:
		t := e.r.valueType(i)
		s := e.r.shapeOf(i)
		emit := func(name string, alts []*Alt, lenient bool, first []jen.Code) {
			b := &reader{e: e, rule: i.rule.Name, to: target{s: s, single: true}, lenient: lenient, open: map[string]bool{}}
			body := append(first, b.body(e.r.lowerAll(alts), follow)...)
			if e.recursive(i.rule) {
				body = append([]jen.Code{jen.If(jen.Op("!").Add(d("Enter"))).Block(jen.Return())}, append(body, d("Leave"))...)
			}
			body = append(body, jen.Return(jen.Id("v")))
			e.method(f, name).Params(jen.Id("v").Add(e.goType(t))).Block(body...).Line()
		}
		f.Comment("// " + e.funcName(name) + " reads the rule " + i.rule.Name + ".")
		if i.rule.Lenient == nil {
			emit(name, i.rule.Alts, false, nil)
			return
		}
		ln := name + "Lenient"
		emit(name, i.rule.Alts, false, []jen.Code{jen.If(d("Lenient")).Block(jen.Return(e.invoke(ln)))})
		f.Comment("// " + e.funcName(ln) + " reads the rule " + i.rule.Name + " as servers send it.")
		emit(ln, i.rule.Lenient, true, nil)
	}
}

// emitToken emits the reader of a named string type: keywords in the grammar's spelling, anything else as it came.
func (e *emitter) emitToken(f *jen.File, name string, t *Token) {
	var cases []jen.Code
	for _, k := range t.Keywords {
		cases = append(cases, jen.Case(jen.Lit(strings.ToUpper(k.Text))).Block(jen.Return(jen.Id(k.Go))))
	}
	f.Comment("// " + e.funcName(name) + " reads the rule " + t.Rule.rule.Name + ".")
	var body []jen.Code
	if t.Open != nil {
		body = append(body, jen.Id("pos").Op(":=").Add(d("Pos")))
	}
	body = append(body, jen.Switch(jen.String().Parens(d("Word"))).Block(cases...))
	if t.Open != nil {
		body = append(body, d("Rewind", jen.Id("pos")), jen.Return(e.id(t.Go, t.Section).Parens(d(e.r.names.camel(t.Open.Name)))))
	} else {
		body = append(body, d("Fail", jen.Lit(t.Rule.rule.Name), jen.Lit("a keyword")), jen.Return(jen.Lit("")))
	}
	e.method(f, name).Add(e.id(t.Go, t.Section)).Block(body...).Line()
}

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
		if e.own(u.Rule.Section) {
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
	if len(s.nodes) > 0 && s.nodes[0].kind == wordNode && len(s.nodes[0].words) > 1 && len(nodes) > 1 {
		name := b.e.tailFunc(a.Struct, nodes, follow, b.rule)
		out = append(out, b.e.invoke(name, jen.Op("&").Id("v")))
	} else {
		out = append(out, in.seq(nodes, follow)...)
	}
	return append(out, jen.Return(jen.Id("v")))
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

// callItem reads one item of a record into a struct, and recovers when it cannot be read.
func (e *emitter) callItem(s *Struct, rules []*ruleInfo) *jen.Statement {
	info := e.r.records[rules[0].rule]
	name := unexported(info.Go) + "Item"
	e.want("items "+info.Go+" "+s.Go, func() {
		f := e.decodeFile(rules[0].rule.Section)
		one := name + "Alternatives"
		hasLenient, additive := false, true
		for _, i := range rules {
			hasLenient = hasLenient || i.rule.Lenient != nil
			additive = additive && (i.rule.Lenient == nil || !slices.ContainsFunc(i.rule.Alts, func(a *Alt) bool { return !slices.Contains(i.rule.Lenient, a) }))
		}
		ends := func() *jen.Statement { return d("OK").Op("&&").Add(jen.Qual(wirePath, "ItemEnds").Call(d("Peek"))) }
		f.Comment("// " + e.funcName(name) + " reads one item. One that cannot be read is read once more as servers send it, else it is skipped with a warning.")
		body := []jen.Code{
			jen.Id("pos").Op(":=").Add(d("Pos")),
			e.invoke(one, jen.Id("v")),
			jen.If(ends()).Block(jen.Return()),
			jen.If(d("OK")).Block(d("Fail", jen.Lit(info.Rule.Name), jen.Lit("the end of the item"))),
			jen.If(d("Retry", jen.Id("pos"))).Block(
				e.invoke(one, jen.Id("v")),
				jen.If(d("OK").Op("&&").Op("!").Qual(wirePath, "ItemEnds").Call(d("Peek"))).Block(
					d("Fail", jen.Lit(info.Rule.Name), jen.Lit("the end of the item"))),
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
	for _, f := range s.Fields {
		if f.Type == nil || f.Type.kind != sliceType || f.Bind[0] != '#' || f.Type.elem.kind != structType {
			continue
		}
		el := f.Type.elem.strct
		name, value := el.field("name"), el.field("value")
		if len(el.Fields) != 2 || name == nil || value == nil || value.Type.kind != termType || value.Type.term.GoType != "Value" {
			continue
		}
		return []jen.Code{jen.If(jen.List(jen.Id("name"), jen.Id("value")).Op(":=").Add(skip).Dot("Cut").Call(), jen.Id("name").Op("!=").Lit("")).Block(
			jen.Id("v").Dot(f.Go).Op("=").Append(jen.Id("v").Dot(f.Go), e.structID(el).Values(jen.Dict{jen.Id(name.Go): jen.Id("name"), jen.Id(value.Go): jen.Id("value")})),
			jen.Id("v").Dot("present").Op("|=").Id(f.item))}
	}
	return []jen.Code{skip}
}

// undo emits what takes back the half of an item that was read before it failed. Scalars are zero then anyway.
func (e *emitter) undo(s *Struct, nodes []*node) []jen.Code {
	w := &writer{e: e, s: s}
	var out []jen.Code
	for _, f := range w.fieldsOf(nodes) {
		switch f.Type.kind {
		case pointerType, unionType, sliceType:
			out = append(out, jen.Id("v").Dot(f.Go).Op("=").Nil())
		case structType:
			out = append(out, jen.Id("v").Dot(f.Go).Op("=").Add(e.structID(f.Type.strct)).Values())
		}
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

func (e *emitter) emitAlternatives(f *jen.File, name string, s *Struct, rules []*ruleInfo, info *recordInfo, lenient, split bool) {
	b := &reader{e: e, rule: info.Rule.Name, to: target{s: s}, lenient: lenient, by: rules[0].rule.By, open: map[string]bool{}}
	if e.isResponse(s) && e.own(info.Section) {
		b.hook = e.recordHook(info)
	}
	var alts []*seq
	for _, i := range rules {
		alts = append(alts, &seq{pos: i.rule.Pos, nodes: []*node{{kind: inlineNode, pos: i.rule.Pos, ref: i.rule.Name}}})
	}
	follow := &look{}
	follow.octets.add(' ')
	follow.octets.add(')')
	fin := func(sq *seq, nodes []*node, word variant, follow *look) []jen.Code {
		a := sq.alt
		out := e.lenientOnly(b, rules, a, name)
		bit := jen.Id(info.itemGo(e.r.itemName(a)))
		if a.Many {
			field := s.field("#" + a.Label)
			el := field.Type.elem.strct
			in := &reader{e: e, rule: b.rule, to: target{s: el}, lenient: lenient, open: map[string]bool{}}
			out = append(out, jen.Var().Id("x").Id(el.Go))
			fn := unexported(el.Go)
			if strings.HasSuffix(name, "Lenient") {
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
			out = append(out, jen.If(d("OK")).Block(
				jen.Id("v").Dot(field.Go).Op("=").Append(jen.Id("v").Dot(field.Go), jen.Id("x")),
				jen.Id("v").Dot("present").Op("|=").Add(bit)))
			return out
		}
		out = append(out, b.seqAfter(sq, nodes, word, follow)...)
		mark := jen.If(d("OK")).Block(jen.Id("v").Dot("present").Op("|=").Add(bit))
		if undo := e.undo(s, nodes); len(undo) > 0 {
			mark = mark.Else().Block(undo...)
		}
		return append(out, mark)
	}
	var body []jen.Code
	if split {
		body = append(body, jen.If(d("Lenient")).Block(e.invoke(name+"Lenient", jen.Id("v")), jen.Return()))
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
