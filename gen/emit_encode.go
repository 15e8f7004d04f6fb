package gen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

// A writer emits the statements that write one body.
type writer struct {
	e      *emitter
	s      *Struct
	single bool // v is the value of the one field
	secret []string
	quote  []string
	v      string // the variable: v, or c of a command
	elem   map[*Field]string
	one    bool     // a slice that is written as one value has been found to hold just one
	have   []*Field // found not to be empty
}

func enc(method string, args ...jen.Code) *jen.Statement {
	return jen.Id("e").Dot(method).Call(args...)
}

func (w *writer) rhs(f *Field) *jen.Statement {
	if x, ok := w.elem[f]; ok {
		return jen.Id(x)
	}
	if w.single {
		return jen.Id(w.v)
	}
	return f.of(jen.Id(w.v))
}

func (w *writer) field(bind string) *Field { return w.s.field(bind) }

// encoders emits the writers of structs and rules.
func (e *emitter) encoders() {
	for _, s := range e.r.structs {
		if e.isCommandOrResponse(s) || !e.own(s.Section) {
			continue
		}
		f := e.file(fileOf(s.Section, "encode"))
		w := &writer{e: e, s: s, v: "v"}
		f.Comment("// AppendTo writes it.")
		f.Func().Params(jen.Id("v").Op("*").Id(s.Go)).Id("AppendTo").Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(w.body(e.r.lowerAll(s.alts))...).Line()
	}
	for _, t := range e.r.tokens {
		if e.own(t.Section) && t.Rule != nil && e.writes(t) {
			e.tokenWriter(t)
		}
	}
}

// writes: the token has a writer of its own.
func (e *emitter) writes(t *Token) bool {
	return t.Open == nil || !t.openAtom() || e.tokenNeeds(t) != nil
}

// tokenNeeds is needsOf for the keywords that the package of the token has.
func (e *emitter) tokenNeeds(t *Token) []jen.Code {
	return needsOf("v", t.Keywords, t.Section, func(s *Section) bool { return e.own(s) == e.own(t.Section) })
}

// openAtom: what is not a keyword is an atom or a flag, which Token writes.
func (t *Token) openAtom() bool { return t.Open.Name == "atom" || t.Open.GoType == "Flag" }

// writeOpen emits what writes a keyword, or the atom or flag that another value is.
func (t *Token) writeOpen(v *jen.Statement) jen.Code {
	if t.Open != nil && t.Open.GoType == "Flag" {
		return enc("Flag", jen.Qual(wirePath, "Flag").Parens(v))
	}
	if t.Open != nil && t.Open.Name == "atom" && !slices.ContainsFunc(t.Keywords, func(k Keyword) bool { return strings.Trim(k.Text, "\\ ()") != k.Text }) {
		return enc("Atom", jen.String().Parens(v))
	}
	return enc("Token", jen.String().Parens(v))
}

// tokenWriter emits the writer of a keyword set that is closed, or whose other values are not atoms.
func (e *emitter) tokenWriter(t *Token) {
	f := e.file(fileOf(t.Section, "encode"))
	var keys []jen.Code
	for _, k := range t.Keywords {
		keys = append(keys, jen.Id(k.Go))
	}
	text, other := "AppendTo writes it, if it is one of the constants.", enc("Fail", jen.Lit(t.Go), jen.Lit("one of its constants"))
	if t.Open != nil {
		text, other = "AppendTo writes it.", enc(e.r.names.camel(t.Open.Name), jen.String().Parens(jen.Id("v")))
	}
	body := e.tokenNeeds(t)
	if t.Open != nil && t.openAtom() {
		body = append(body, t.writeOpen(jen.Id("v")))
	} else {
		body = append(body, jen.Switch(jen.Id("v")).Block(
			jen.Case(keys...).Block(enc("Keyword", jen.String().Parens(jen.Id("v")))),
			jen.Default().Block(other)))
	}
	f.Comment("// " + text)
	f.Func().Params(jen.Id("v").Id(t.Go)).Id("AppendTo").Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(body...).Line()
}

func (w *writer) body(alts []*seq) []jen.Code {
	if len(alts) == 1 {
		return w.seq(alts[0].nodes)
	}
	return w.choice(alts)
}

// seq emits a sequence. What is a slice is written where its list stands: x *(SP x), or *(SP x).
func (w *writer) seq(nodes []*node) []jen.Code {
	var out []jen.Code
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		if n.kind == valueNode {
			if f := w.field(n.bind); f != nil && f.many && w.elem[f] == "" && (f.Type.kind == sliceType || f.Type.kind == listType) {
				least := 1 // 2*x is lowered to x x *x
				for i+1 < len(nodes) && nodes[i+1].kind == valueNode && nodes[i+1].bind == n.bind {
					least++
					i++
				}
				for more := repeated(nodes[i+1:], n.bind); more > 0; more = repeated(nodes[i+1:], n.bind) { // x 2*(SP x) to x SP x SP x *(SP x)
					least++
					i += more
				}
				if i+1 < len(nodes) && nodes[i+1].kind == loopNode && binds(nodes[i+1], n.bind) {
					out = append(out, w.list(f, n, nodes[i+1], least)...)
					i++
				} else {
					out = append(out, w.list(f, n, nil, 1)...)
				}
				w.again(f, n, nodes[i+1:])
				continue
			}
		}
		if rules := w.itemsOf(n); rules != nil {
			if i+1 < len(nodes) && nodes[i+1].kind == loopNode && w.itemsIn(nodes[i+1]) != nil {
				i++ // it has the rest of them
			}
			for _, n := range nodes[i+1:] {
				if w.itemsOf(n) != nil || w.itemsIn(n) != nil {
					w.e.r.faults.add(n.pos, "items of the record stand here a second time: all of them stand in one list, item *(SP item)")
				}
			}
			out = append(out, w.items(rules, false)...)
			continue
		}
		if n.kind == loopNode {
			if rules := w.itemsIn(n); rules != nil {
				out = append(out, w.items(rules, true)...)
				continue
			}
			if f := w.looped(n); f != nil {
				out = append(out, w.list(f, nil, n, 0)...)
				w.again(f, n, nodes[i+1:])
			}
			continue
		}
		out = append(out, w.node(n)...)
	}
	return out
}

// repeated counts the nodes that stand for one more element, as in the loop over the field behind them; 0 if there is none.
func repeated(nodes []*node, bind string) int {
	loop := slices.IndexFunc(nodes, func(n *node) bool { return n.kind == loopNode })
	if loop < 0 || !binds(nodes[loop], bind) {
		return 0
	}
	body := nodes[loop].alts[0].nodes
	if loop < len(body) || !slices.EqualFunc(nodes[:len(body)], body, func(a, b *node) bool {
		return a.kind == b.kind && a.bind == b.bind && a.ref == b.ref && a.octet == b.octet && len(a.alts)+len(a.words) == 0
	}) {
		return 0
	}
	return len(body)
}

// again reports a list of which more stands behind other things: which elements are meant there cannot be told when writing.
func (w *writer) again(f *Field, list *node, rest []*node) {
	for _, n := range rest {
		if binds(n, f.Bind) {
			w.e.r.faults.add(n.pos, "%s: is bound at %s already, and this is no more of that list: give it another name, or what is repeated a rule of its own", f.Bind, list.pos)
			return
		}
	}
}

// looped is the slice that a loop holds.
func (w *writer) looped(n *node) *Field {
	for _, f := range w.s.Fields {
		if f.Type != nil && f.many && binds(n, f.Bind) {
			return f
		}
	}
	return nil
}

// list emits the elements of a slice: the first by its own node, all others by the loop's.
func (w *writer) list(f *Field, first, loop *node, least int) []jen.Code {
	v := w.rhs(f)
	if f.Type.kind == listType {
		var out []jen.Code
		if least > 0 && loop != nil && first != nil {
			// An empty list is written as nothing: whether it may be empty stands around it.
			out = append(out, enc(w.e.r.names.camel(f.Type.term.Name)+"List", v))
			return out
		}
		return []jen.Code{enc(w.e.r.names.camel(f.Type.term.Name)+"List", v)}
	}
	x := &writer{e: w.e, s: w.s, single: w.single, secret: w.secret, quote: w.quote, v: w.v, have: w.have, elem: map[*Field]string{f: "x"}}
	var out []jen.Code
	if loop == nil && w.one {
		return append([]jen.Code{elemOf(v)}, x.node(first)...)
	}
	switch {
	case least > 1:
		out = append(out, jen.If(jen.Len(v).Op("<").Lit(least)).Block(enc("Fail", jen.Lit(f.Bind), jen.Lit("at least "+strconv.Itoa(least)))))
	case least > 0 && !slices.Contains(w.have, f):
		out = append(out, jen.If(jen.Len(v).Op("==").Lit(0)).Block(enc("Fail", jen.Lit(f.Bind), jen.Lit("at least one"))))
	}
	switch {
	case loop == nil:
		return append(out, w.each(f, false, x.node(first)...))
	case first == nil:
		return append(out, w.each(f, false, x.seqElem(loop.alts[0].nodes, f)...))
	}
	nodes := loop.alts[0].nodes
	k := slices.IndexFunc(nodes, func(n *node) bool { return binds(n, f.Bind) })
	var sep []jen.Code
	for _, n := range nodes[:k] {
		sep = append(sep, w.node(n)...)
	}
	if len(sep) == 0 {
		return append(out, w.each(f, false, x.node(first)...))
	}
	body := append([]jen.Code{jen.If(jen.Id("i").Op(">").Lit(0)).Block(sep...)}, x.node(first)...)
	return append(out, w.each(f, true, body...))
}

// each emits the loop over a slice. Structs are not copied.
func (w *writer) each(f *Field, index bool, body ...jen.Code) jen.Code {
	v := w.rhs(f)
	if f.Type.elem.kind == structType {
		at := jen.Id("x").Op(":=").Op("&").Add(w.rhs(f)).Index(jen.Id("i"))
		return jen.For(jen.Id("i").Op(":=").Range().Add(v)).Block(append([]jen.Code{at}, body...)...)
	}
	i := "_"
	if index {
		i = "i"
	}
	return jen.For(jen.List(jen.Id(i), jen.Id("x")).Op(":=").Range().Add(v)).Block(body...)
}

func elemOf(v *jen.Statement) jen.Code { return jen.Id("x").Op(":=").Add(v).Index(jen.Lit(0)) }

func (w *writer) seqElem(nodes []*node, f *Field) []jen.Code {
	var out []jen.Code
	for _, n := range nodes {
		if n.kind == loopNode {
			continue
		}
		out = append(out, w.node(n)...)
	}
	return out
}

func (w *writer) node(n *node) []jen.Code {
	switch n.kind {
	case spNode:
		return []jen.Code{enc("SP")}
	case octetNode:
		return []jen.Code{enc("Byte", octetLit(n.octet))}
	case wordNode:
		return w.words(n)
	case valueNode:
		return w.value(n)
	case inlineNode:
		return w.inline(n)
	case choiceNode:
		return w.choice(n.alts)
	case optionNode:
		return w.option(n)
	case guardNode:
		if n.guard.Cap != "" && !n.guard.Not {
			return needs(n.guard.Cap)
		}
	}
	return nil
}

// needs emits the check that what follows may be sent to the server.
func needs(capability string) []jen.Code { return []jen.Code{enc("Needs", jen.Lit(capability))} }

// adds: the alternative, or constant, is a later extension's: it needs more than the rule that it stands in.
func adds(alternative, rule *Section) bool {
	return alternative != nil && !alternative.Base && alternative != rule
}

// needsOf emits the check of the constants of a rule that another capability is needed for; nil if there are none. v is the variable.
func needsOf(v string, consts []Keyword, rule *Section, own func(*Section) bool) []jen.Code {
	var caps []string
	by := map[string][]jen.Code{}
	for _, k := range consts {
		// A capability is named whether or not the server has it, and an attribute is no request.
		if !adds(k.Section, rule) || !own(k.Section) || k.Text == k.Section.Name || strings.HasPrefix(k.Text, `\`) {
			continue
		}
		caps = appendNew(caps, []string{k.Section.Name})
		by[k.Section.Name] = append(by[k.Section.Name], jen.Id(k.Go))
	}
	if caps == nil {
		return nil
	}
	var cases []jen.Code
	for _, c := range caps {
		cases = append(cases, jen.Case(by[c]...).Block(needs(c)...))
	}
	return []jen.Code{jen.Switch(jen.Id(v)).Block(cases...)}
}

// words writes a keyword: what all variants share as it is, the rest by the fields that decide it.
func (w *writer) words(n *node) []jen.Code {
	if len(n.words) == 1 {
		return []jen.Code{enc("Keyword", jen.Lit(n.words[0].text))}
	}
	if len(n.words[0].sets) == 0 && len(n.words[len(n.words)-1].sets) == 0 {
		return []jen.Code{enc("Keyword", jen.Lit(n.words[0].text))}
	}
	var cases []jen.Code
	for _, v := range n.words {
		cond := w.settings(n, v)
		if cond == nil {
			cond = jen.True()
		}
		cases = append(cases, jen.Case(cond).Block(enc("Keyword", jen.Lit(v.text))))
	}
	return []jen.Code{jen.Switch().Block(append(cases, jen.Default().Block(enc("Fail", jen.Lit(w.s.Go), jen.Lit("known values"))))...)}
}

// settings is the condition under which a keyword has this text.
func (w *writer) settings(n *node, v variant) *jen.Statement {
	binds := map[string]bool{}
	var order []string
	for _, x := range n.words {
		for _, s := range x.sets {
			if !binds[s.bind] {
				binds[s.bind] = true
				order = append(order, s.bind)
			}
		}
	}
	var cond *jen.Statement
	and := func(x *jen.Statement) { cond = allOf(cond, x) }
	for _, b := range order {
		f := w.field(b)
		if f == nil {
			continue
		}
		val := ""
		for _, s := range v.sets {
			if s.bind == b {
				val = s.value
			}
		}
		switch {
		case f.Type.kind == boolType && val != "":
			and(w.rhs(f))
		case f.Type.kind == boolType:
			and(jen.Op("!").Add(w.rhs(f)))
		default:
			and(w.rhs(f).Op("==").Add(w.constOf(f, val)))
		}
	}
	return cond
}

func (w *writer) constOf(f *Field, value string) *jen.Statement {
	for _, k := range f.Type.token.Keywords {
		if strings.EqualFold(k.Text, value) {
			return w.e.id(k.Go, k.Section)
		}
	}
	return jen.Lit(value)
}

func (w *writer) value(n *node) []jen.Code {
	f := w.field(n.bind)
	v := w.rhs(f)
	t := f.Type
	if w.elem[f] != "" {
		t = t.elem
	}
	quote := slices.Contains(w.quote, n.bind)
	if term, _ := w.e.r.ref(n.ref); quote && term == nil {
		w.e.r.faults.add(n.pos, "quote names %s, which is no terminal: bind the string that is in %s", n.bind, n.ref)
	}
	out := w.write(n.ref, t, v, quote)
	if slices.Contains(w.secret, n.bind) {
		out = append(append([]jen.Code{enc("Secret")}, out...), enc("EndSecret"))
	}
	return out
}

// write emits what writes one value by a terminal or rule.
func (w *writer) write(ref string, t *Type, v *jen.Statement, quote bool) []jen.Code {
	term, i := w.e.r.ref(ref)
	if t.kind == optType && (i == nil || w.e.r.valueType(i).kind != optType) {
		v = v.Clone().Dot("Value")
		t = t.elem
	}
	if term != nil {
		name := w.e.r.names.camel(term.Name)
		if quote {
			name = "AstringQuoted"
		}
		return []jen.Code{enc(name, narrow(v, t, term))}
	}
	switch i.form {
	case formToken:
		if tok := i.typ.token; w.e.writes(tok) {
			return []jen.Code{v.Clone().Dot("AppendTo").Call(jen.Id("e"))}
		}
		return []jen.Code{i.typ.token.writeOpen(v)}
	case formUnion:
		return []jen.Code{w.e.unionWriter(w.e.r.unionOf(i)).Call(jen.Id("e"), v)}
	case formStruct:
		return []jen.Code{v.Clone().Dot("AppendTo").Call(jen.Id("e"))}
	}
	return []jen.Code{w.e.ruleWriter(i).Call(jen.Id("e"), v)}
}

func narrow(v *jen.Statement, t *Type, term *Terminal) *jen.Statement {
	if t.kind != termType || t.term.GoType == term.GoType {
		return v
	}
	switch {
	case term.GoType == "uint32" && t.term.GoType == "uint64":
		return jen.Uint32().Parens(v)
	case term.GoType == "string" && t.term.GoType == "NString":
		return v.Clone().Dot("Value")
	}
	return v
}

// ruleWriter is the function that writes the value of a rule.
func (e *emitter) ruleWriter(i *ruleInfo) *jen.Statement {
	name := "Append" + i.Go
	if !e.own(i.rule.Section) {
		return jen.Qual(imapPath, name)
	}
	e.want("write "+i.rule.Name, func() {
		f := e.file(fileOf(i.rule.Section, "encode"))
		f.Comment("// " + name + " writes the rule " + i.rule.Name + ".")
		params := []jen.Code{jen.Id("e").Op("*").Qual(wirePath, "Encoder")}
		w := &writer{e: e, s: &Struct{}, v: "v"}
		if i.form != formVoid {
			params = append(params, jen.Id("v").Add(e.goType(e.r.valueType(i))))
			w.s, w.single = e.r.shapeOf(i), true
		}
		f.Func().Id(name).Params(params...).Block(w.body(e.r.lowerAll(i.rule.Alts))...).Line()
	})
	return jen.Id(name)
}

// inline writes a reference without binding.
func (w *writer) inline(n *node) []jen.Code {
	term, i := w.e.r.ref(n.ref)
	if term != nil && term.GoType != "-" || i != nil && len(i.names) == 0 && i.form != formVoid {
		w.e.r.faults.add(n.pos, "%s has a value, which nothing keeps here: bind it, name:%s", n.ref, n.ref)
		return nil
	}
	switch {
	case term != nil:
		return []jen.Code{enc(w.e.r.names.camel(term.Name))}
	case i.rule.Kind == Record:
		return w.seq(w.e.r.lower(i.rule.Alts[0]).nodes)
	case i.form == formStruct && i.shared:
		return []jen.Code{jen.Id(w.v).Dot(i.strct.Go).Dot("AppendTo").Call(jen.Id("e"))}
	case i.form == formStruct:
		return []jen.Code{jen.Id(w.v).Dot(w.inlineWriter(i)).Call(jen.Id("e"))}
	case len(i.names) == 1:
		if f := w.field(i.names[0]); f != nil {
			return w.write(n.ref, f.Type, w.rhs(f), false)
		}
	}
	return []jen.Code{w.e.ruleWriter(i).Call(jen.Id("e"))}
}

// inlineWriter is the method that writes a rule from the struct that took its bindings in.
func (w *writer) inlineWriter(i *ruleInfo) string {
	name := "append" + i.Go
	s := w.s
	w.e.want("write "+i.rule.Name+" "+s.Go, func() {
		f := w.e.file(fileOf(i.rule.Section, "encode"))
		f.Comment("// " + name + " writes the rule " + i.rule.Name + ".")
		in := &writer{e: w.e, s: s, v: "v", secret: w.secret, quote: w.quote}
		f.Func().Params(jen.Id("v").Op("*").Id(s.Go)).Id(name).Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(in.body(w.e.r.lowerAll(i.rule.Alts))...).Line()
	})
	return name
}

// unionWriter is the function that writes a value of a union, which a caller may have left nil.
func (e *emitter) unionWriter(u *UnionInfo) *jen.Statement {
	name := "Append" + u.Go
	if !e.own(u.Rule.Section) {
		return jen.Qual(imapPath, name)
	}
	e.want("write "+u.Rule.Name, func() {
		f := e.file(fileOf(u.Rule.Section, "encode"))
		f.Comment("// " + name + " writes the rule " + u.Rule.Name + ".")
		f.Func().Id(name).Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder"), jen.Id("v").Id(u.Go)).Block(
			jen.If(jen.Id("v").Op("==").Nil()).Block(enc("Fail", jen.Lit(u.Rule.Name), jen.Lit("given, not nil")), jen.Return()),
			jen.Id("v").Dot("Append"+u.Go).Call(jen.Id("e"))).Line()
	})
	return jen.Id(name)
}

// unionEncode emits the Append method of an alternative.
func (e *emitter) unionEncode(f *jen.File, u *UnionInfo, a *unionAlt, method string) {
	w := &writer{e: e, s: a.Struct, single: a.Named != nil, v: "v"}
	var pre []jen.Code
	if a.Named != nil {
		w.v = "x"
		pre = []jen.Code{jen.Id("x").Op(":=").Add(e.goType(a.Named)).Parens(jen.Id("v"))}
	}
	f.Comment("// " + method + " writes it.")
	if s := a.alt.Section; adds(s, u.Rule.Section) && u.Rule.Name != codeRule { // codes are for servers to send
		pre = append(pre, needs(s.Name)...)
	}
	body := append(pre, w.body(e.r.lowerAll(a.Struct.alts))...)
	f.Func().Params(jen.Id("v").Id(a.Go)).Id(method).Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(body...).Line()
}
