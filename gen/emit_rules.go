package gen

import (
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
	name := unexported(i.Go) + i.of(s)
	e.want("inline "+i.rule.Name+" "+s.Go, func() {
		e.emitFill(name, s, i.rule.Alts, i.rule.Lenient, i.rule.Name, i)
	})
	return e.invoke(name, jen.Id("v"))
}

// of ends the name of what reads a rule into one of several structs that take its bindings in.
func (i *ruleInfo) of(s *Struct) string {
	if i.taken < 2 {
		return ""
	}
	return "Of" + s.Go
}

// want emits a function once.
func (e *emitter) want(key string, emit func()) {
	if !e.done[key] {
		e.done[key] = true
		e.queue = append(e.queue, emit)
	}
}

// recursive tells whether a rule can contain itself: then its depth is counted.
func (e *emitter) recursive(rule *Rule) bool { return e.r.g.reaches(rule, rule) }

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
		body := b.body(e.r.lowerAll(alts), follow)
		if deep {
			body = append([]jen.Code{jen.If(jen.Op("!").Add(d("Enter"))).Block(jen.Return())}, append(body, d("Leave"))...)
		}
		body = append(first, body...)
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
			body := b.body(e.r.lowerAll(alts), follow)
			if e.recursive(i.rule) {
				body = append([]jen.Code{jen.If(jen.Op("!").Add(d("Enter"))).Block(jen.Return())}, append(body, d("Leave"))...)
			}
			body = append(append(first, body...), jen.Return(jen.Id("v")))
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
