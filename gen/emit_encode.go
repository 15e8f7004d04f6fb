package gen

import (
	"slices"
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
	return jen.Id(w.v).Dot(f.Go)
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
		if e.own(t.Section) && t.Rule != nil && (t.Open == nil || !t.openAtom()) {
			e.tokenWriter(t)
		}
	}
}

// openAtom: what is not a keyword is an atom or a flag, which Token writes.
func (t *Token) openAtom() bool { return t.Open.Name == "atom" || t.Open.GoType == "Flag" }

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
	f.Comment("// " + text)
	f.Func().Params(jen.Id("v").Id(t.Go)).Id("AppendTo").Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(
		jen.Switch(jen.Id("v")).Block(
			jen.Case(keys...).Block(enc("Keyword", jen.String().Parens(jen.Id("v")))),
			jen.Default().Block(other))).Line()
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
				if i+1 < len(nodes) && nodes[i+1].kind == loopNode && binds(nodes[i+1], n.bind) {
					out = append(out, w.list(f, n, nodes[i+1], 1)...)
					i++
					continue
				}
				out = append(out, w.list(f, n, nil, 1)...)
				continue
			}
		}
		if n.kind == loopNode && w.hasItems(n) {
			out = append(out, w.itemsIn(n)...)
			continue
		}
		if n.kind == loopNode {
			if f := w.looped(n); f != nil {
				out = append(out, w.list(f, nil, n, 0)...)
			}
			continue
		}
		out = append(out, w.node(n)...)
	}
	return out
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
	if least > 0 && !slices.Contains(w.have, f) {
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
		if items := w.e.itemRecords(n); items != nil {
			return nil // written by the record
		}
		return w.choice(n.alts)
	case optionNode:
		return w.option(n)
	}
	return nil
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
	and := func(x *jen.Statement) {
		if cond == nil {
			cond = x
		} else {
			cond = cond.Op("&&").Add(x)
		}
	}
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
	out := w.write(n.ref, t, v, slices.Contains(w.quote, n.bind))
	if slices.Contains(w.secret, n.bind) {
		out = append(append([]jen.Code{enc("Secret")}, out...), enc("EndSecret"))
	}
	return out
}

// write emits what writes one value by a terminal or rule.
func (w *writer) write(ref string, t *Type, v *jen.Statement, quote bool) []jen.Code {
	term, i := w.e.r.ref(ref)
	if t.kind == optType {
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
		if tok := i.typ.token; tok.Open == nil || !tok.openAtom() {
			return []jen.Code{v.Clone().Dot("AppendTo").Call(jen.Id("e"))}
		}
		return []jen.Code{enc("Token", jen.String().Parens(v))}
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
	switch {
	case term != nil:
		return []jen.Code{enc(w.e.r.names.camel(term.Name))}
	case i.rule.Kind == Record && w.e.isItems(i.rule):
		return nil
	case i.rule.Kind == Record:
		return w.record(i.rule)
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
		in := &writer{e: w.e, s: s, v: "v"}
		f.Func().Params(jen.Id("v").Op("*").Id(s.Go)).Id(name).Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(in.body(w.e.r.lowerAll(i.rule.Alts))...).Line()
	})
	return name
}

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

// option writes [ ... ] when one of the fields in it is set.
func (w *writer) option(n *node) []jen.Code {
	if slices.ContainsFunc(n.alts, func(s *seq) bool { return w.guard(s.nodes) != nil }) {
		return w.guardedOption(n)
	}
	fields := w.fieldsOf(flat(n.alts))
	var cond *jen.Statement
	or := func(x *jen.Statement) {
		if cond == nil {
			cond = x
		} else {
			cond = cond.Op("||").Add(x)
		}
	}
	for _, f := range fields {
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
	if cond == nil && w.hasItems(n) {
		cond = jen.True()
	}
	if cond == nil {
		return nil // nothing in it carries a value
	}
	if len(fields) == 1 {
		in := *w
		in.have = append(slices.Clone(w.have), fields[0])
		w = &in
	}
	var body []jen.Code
	if len(n.alts) == 1 {
		body = w.seq(n.alts[0].nodes)
		if w.hasItems(n) {
			return w.itemsIn(n)
		}
	} else {
		body = w.choice(n.alts)
	}
	return []jen.Code{jen.If(cond).Block(body...)}
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
			if cond == nil {
				cond = x
			} else {
				cond = cond.Op("&&").Add(x)
			}
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
				}
			}
		}
		and(w.guard(s.nodes))
		if cond == nil && maybe != nil {
			have = maybeField
			and(maybe)
		}
		if cond == nil || n == len(alts)-1 {
			cases = append(cases, jen.Default().Block(append(w.leftOver(all, append(mine, gone...)), w.seq(s.nodes)...)...))
			break
		}
		one := *w
		one.one = true
		if parts == 1 && have != nil && w.requires(have, s.nodes) && have.Type.kind != tokenType {
			one.have = append(slices.Clone(w.have), have)
			gone = append(gone, have)
		}
		cases = append(cases, jen.Case(cond).Block(one.seq(s.nodes)...))
	}
	if len(cases) == 1 {
		return w.seq(alts[0].nodes)
	}
	return []jen.Code{jen.Switch().Block(cases...)}
}

// guard is the condition of the guards that an alternative begins with: ?type="TEXT". Nil when it has none.
func (w *writer) guard(nodes []*node) *jen.Statement {
	var cond *jen.Statement
	and := func(x *jen.Statement) {
		if cond == nil {
			cond = x
		} else {
			cond = cond.Op("&&").Add(x)
		}
	}
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
			x := jen.Qual("strings", "EqualFold").Call(jen.String().Parens(w.rhs(f)), jen.Lit(v))
			if any == nil {
				any = x
			} else {
				any = any.Op("||").Add(x)
			}
		}
		if len(n.guard.Values) > 1 {
			any = jen.Parens(any)
		}
		and(any)
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

// leftOver emits the check that no field is set that the last alternative cannot carry: it must not be dropped in silence.
func (w *writer) leftOver(all, mine []*Field) []jen.Code {
	var cond *jen.Statement
	var names []string
	for _, f := range all {
		if slices.Contains(mine, f) {
			continue
		}
		names = append(names, f.Bind)
		x := w.e.present(f.Type, w.rhs(f))
		if cond == nil {
			cond = x
		} else {
			cond = cond.Op("||").Add(x)
		}
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
			x := w.rhs(f).Op("==").Add(w.constOf(f, v))
			if cond == nil {
				cond = x
			} else {
				cond = cond.Op("||").Add(x)
			}
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
		if f.Type.kind == structType {
			return nil, true
		}
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
func (w *writer) bindsOnce(f *Field, nodes []*node) bool {
	count, loop := 0, false
	for _, n := range nodes {
		if binds(n, f.Bind) {
			count++
			loop = loop || n.kind == loopNode
		}
	}
	return count == 1 && !loop
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
	body := append(pre, w.body(e.r.lowerAll(a.Struct.alts))...)
	f.Func().Params(jen.Id("v").Id(a.Go)).Id(method).Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(body...).Line()
}
