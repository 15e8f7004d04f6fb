package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// A target is where a body's bindings go: the fields of v, or v itself when it is the value of one field.
type target struct {
	s      *Struct
	single bool
}

// A reader emits the statements that read one body.
type reader struct {
	e       *emitter
	rule    string // for error messages
	to      target
	lenient bool
	by      string            // the terminal that reads the deciding keyword; "" is the usual scan
	hook    func() []jen.Code // what a keyword may be that is not among the alternatives: another module's
	items   bool              // the alternatives are the items of a record
	looping bool              // the condition of a loop is being made
	union   bool              // every alternative returns its value
	open    map[string]bool   // slices whose mark has been taken

	variables int // of values that alternatives share
}

// lhs is where a field is put.
func (b *reader) lhs(f *Field) *jen.Statement {
	if b.to.single {
		return jen.Id("v")
	}
	return b.e.put(b.to.s, f)
}

// put is where a field of the struct v is put.
func (e *emitter) put(s *Struct, f *Field) *jen.Statement {
	if f.rare {
		return e.rarePart(s).Dot(f.Go)
	}
	return jen.Id("v").Dot(f.Go)
}

func d(method string, args ...jen.Code) *jen.Statement {
	return jen.Id("d").Dot(method).Call(args...)
}

// fail emits the error that something else was wanted; the reader of a union returns with it.
func (b *reader) fail(want string) []jen.Code {
	out := []jen.Code{d("Fail", jen.Lit(b.rule), jen.Lit(want))}
	if b.union {
		out = append(out, jen.Return(jen.Nil()))
	}
	return out
}

// seq emits a sequence; follow is what can come after it.
func (b *reader) seq(nodes []*node, follow *look) []jen.Code {
	var out []jen.Code
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		rest := b.e.r.lookOf(nodes[i+1:], follow)
		// A list of interned values is read as a whole.
		if f, used := b.internedList(nodes[i:]); used > 0 {
			out = append(out, b.lhs(f).Op("=").Add(d(b.e.r.names.camel(f.Type.term.Name)+"List")))
			i += used - 1
			continue
		}
		starts, ends := b.slicesAt(nodes, i)
		for _, f := range starts {
			if b.isOne(nodes, i, f) {
				continue
			}
			b.open[f.Bind] = true
			if b.e.foreign == nil {
				out = append(out, jen.Id(markOf(f)).Op(":=").Add(jen.Id("d").Dot(b.e.listOf(f.Type.elem))).Dot("Mark").Call())
			}
		}
		if code := b.node(n, rest); b.hasVariable(n) && slices.ContainsFunc(nodes[:i], b.hasVariable) {
			out = append(out, jen.Block(code...)) // each has its variable
		} else {
			out = append(out, code...)
		}
		for _, f := range ends {
			if !b.open[f.Bind] {
				continue
			}
			delete(b.open, f.Bind)
			if b.e.foreign != nil {
				continue
			}
			out = append(out, b.lhs(f).Op("=").Add(jen.Id("d").Dot(b.e.listOf(f.Type.elem))).Dot("Cut").Call(jen.Id(markOf(f))))
		}
	}
	return out
}

// hasVariable: what the node reads is read into a variable first, and then put into a slice.
func (b *reader) hasVariable(n *node) bool {
	if n.kind != valueNode || n.into != "" || n.from != "" {
		return false
	}
	f := b.to.s.field(n.bind)
	expr, t := b.read(n.ref)
	return f.Type.kind == sliceType && expr == nil && !t.same(f.Type)
}

func markOf(f *Field) string { return unexported(f.Go) + "Mark" }

// binds tells whether a field is bound in the node itself, inlined rules apart.
func binds(n *node, bind string) bool {
	if n.bind == bind {
		return true
	}
	for _, a := range n.alts {
		if slices.ContainsFunc(a.nodes, func(x *node) bool { return binds(x, bind) }) {
			return true
		}
	}
	return false
}

// slicesAt finds the slice fields whose first or last occurrence in the sequence is node i. A field that occurs in one
// choice or option only is left to that.
func (b *reader) slicesAt(nodes []*node, i int) (starts, ends []*Field) {
	for _, f := range b.to.s.Fields {
		if f.Type == nil || f.Type.kind != sliceType || !f.many || f.Bind[0] == '#' || b.open[f.Bind] && !b.startedHere(nodes, f) {
			continue
		}
		first, last := -1, -1
		for j, n := range nodes {
			if binds(n, f.Bind) {
				if first < 0 {
					first = j
				}
				last = j
			}
		}
		if first < 0 || first == last && (nodes[first].kind == choiceNode || nodes[first].kind == optionNode) {
			continue
		}
		if first == i && !b.open[f.Bind] {
			starts = append(starts, f)
			b.e.started[f] = nodes
		}
		if last == i {
			ends = append(ends, f)
		}
	}
	return starts, ends
}

func (b *reader) startedHere(nodes []*node, f *Field) bool {
	s := b.e.started[f]
	return len(s) > 0 && &s[0] == &nodes[0]
}

// isOne: the field is bound by this value node alone: no list is needed.
func (b *reader) isOne(nodes []*node, i int, f *Field) bool {
	if nodes[i].kind != valueNode {
		return false
	}
	n := 0
	for _, x := range nodes {
		if binds(x, f.Bind) {
			n++
		}
	}
	return n == 1
}

// internedList recognises x *(SP x), or [x *(SP x)], of a field that is an immutable list.
func (b *reader) internedList(nodes []*node) (*Field, int) {
	n := nodes[0]
	if n.kind == optionNode && len(n.alts) == 1 {
		if f, used := b.internedList(n.alts[0].nodes); used > 0 && used == len(n.alts[0].nodes) {
			return f, 1
		}
		return nil, 0
	}
	if n.kind != valueNode || len(nodes) < 2 || nodes[1].kind != loopNode || !binds(nodes[1], n.bind) {
		return nil, 0
	}
	f := b.to.s.field(n.bind)
	if f == nil || f.Type.kind != listType {
		return nil, 0
	}
	return f, 2
}

func (b *reader) node(n *node, follow *look) []jen.Code {
	switch n.kind {
	case guardNode:
		return nil
	case spNode:
		if follow.octets.has(' ') { // what follows may begin with a blank of its own: take just one
			return []jen.Code{d("Expect", jen.LitRune(' '))}
		}
		return []jen.Code{d("SP")}
	case octetNode:
		out := []jen.Code{take(n.octet)}
		if n.bind != "" {
			out = append(out, b.setTo(n.bind, string(n.octet))...)
		}
		return out
	case wordNode:
		return b.words(n)
	case valueNode:
		return b.value(n)
	case inlineNode:
		return b.inline(n)
	case choiceNode:
		if items := b.e.itemRecords(n); items != nil {
			return []jen.Code{b.e.callItem(b.to.s, items)}
		}
		return b.choice(n.alts, follow, false, b.seqAfter)
	case optionNode:
		return b.option(n, follow)
	case loopNode:
		return b.loop(n, follow)
	}
	panic("gen: a node without a kind")
}

// words emits a keyword that stands where nothing else can.
func (b *reader) words(n *node) []jen.Code {
	if len(n.words) == 1 {
		w := n.words[0]
		return append([]jen.Code{d("Keyword", jen.Lit(strings.ToUpper(w.text)))}, b.sets(w.sets)...)
	}
	var cases []jen.Code
	var want []string
	for _, w := range n.words {
		cases = append(cases, jen.Case(jen.Lit(strings.ToUpper(w.text))).Block(b.sets(w.sets)...))
		want = append(want, w.text)
	}
	cases = append(cases, jen.Default().Block(b.fail(strings.Join(want, " or "))...))
	return []jen.Code{jen.Switch(jen.String().Parens(d("Word"))).Block(cases...)}
}

func (b *reader) sets(sets []setting) []jen.Code {
	var out []jen.Code
	for _, s := range sets {
		out = append(out, b.setTo(s.bind, s.value)...)
	}
	return out
}

func (b *reader) setTo(bind, value string) []jen.Code {
	f := b.to.s.field(bind)
	switch {
	case f == nil || value == "":
		return nil
	case f.Type.kind == tokenType:
		for _, k := range f.Type.token.Keywords {
			if strings.EqualFold(k.Text, value) {
				return []jen.Code{b.lhs(f).Op("=").Add(b.e.id(k.Go, k.Section))}
			}
		}
	}
	return []jen.Code{b.lhs(f).Op("=").True()}
}

// read is the expression that reads a value of the type; nil for a struct, which is filled.
func (b *reader) read(ref string) (*jen.Statement, *Type) {
	term, i := b.e.r.ref(ref)
	if term != nil {
		return d(b.e.r.names.camel(term.Name)), &Type{kind: termType, term: term}
	}
	t := b.e.r.valueType(i)
	if i.form == formStruct {
		return nil, t
	}
	return b.e.callRule(i), t
}

func (b *reader) value(n *node) []jen.Code {
	expr, t := b.read(n.ref)
	if n.into != "" {
		return []jen.Code{jen.Id(n.into).Op(":=").Add(expr)}
	}
	f := b.to.s.field(n.bind)
	if n.from != "" {
		expr = jen.Id(n.from)
	}
	ft := f.Type
	if ft.kind == sliceType && !(expr != nil && t.same(ft)) {
		if b.e.foreign != nil {
			return b.foreignPush(f, expr, t)
		}
		list := jen.Id("d").Dot(b.e.listOf(ft.elem))
		push := "Push"
		if !b.open[f.Bind] {
			push = "One"
		}
		if i := b.e.r.byStruct[t.strct]; expr == nil && push == "Push" && i != nil && b.e.recursive(i.rule) {
			return []jen.Code{jen.Id("x").Op(":=").Add(list).Dot("New").Call(jen.Op("&").Id("d").Dot("Decoder")), b.e.callStruct(t.strct, jen.Id("x")), list.Clone().Dot("Take").Call(jen.Id("x"))}
		}
		if expr == nil {
			x := []jen.Code{jen.Var().Id("x").Add(b.e.structID(t.strct)), b.e.callStruct(t.strct, jen.Op("&").Id("x"))}
			if push == "Push" {
				return []jen.Code{b.e.callStruct(t.strct, list.Clone().Dot("Add").Call())}
			}
			if push == "One" {
				return append(x, b.lhs(f).Op("=").Add(list).Dot("One").Call(jen.Id("x")))
			}
			return append(x, list.Dot("Push").Call(jen.Id("x")))
		}
		expr = convert(expr, t, ft.elem)
		if push == "One" {
			return []jen.Code{b.lhs(f).Op("=").Add(list).Dot("One").Call(expr)}
		}
		return []jen.Code{list.Dot("Push").Call(expr)}
	}
	switch {
	case expr == nil && ft.kind == pointerType:
		return []jen.Code{b.lhs(f).Op("=").Add(b.e.newStruct(ft.strct)),
			b.e.callStruct(ft.strct, b.lhs(f))}
	case expr == nil && b.to.single:
		return []jen.Code{b.e.callStruct(ft.strct, jen.Op("&").Id("v"))}
	case expr == nil:
		return []jen.Code{b.e.callStruct(ft.strct, jen.Op("&").Add(b.lhs(f)))}
	case ft.kind == optType && t.kind != optType:
		return []jen.Code{b.lhs(f).Op("=").Qual(wirePath, "Some").Call(convert(expr, t, ft.elem))}
	}
	return []jen.Code{b.lhs(f).Op("=").Add(convert(expr, t, ft))}
}

// foreignPush adds an element without the base decoder's storage, which another package cannot reach.
func (b *reader) foreignPush(f *Field, expr *jen.Statement, t *Type) []jen.Code {
	if expr == nil {
		return []jen.Code{jen.Var().Id("x").Add(b.e.structID(t.strct)), b.e.callStruct(t.strct, jen.Op("&").Id("x")),
			b.lhs(f).Op("=").Append(b.lhs(f), jen.Id("x"))}
	}
	return []jen.Code{b.lhs(f).Op("=").Append(b.lhs(f), convert(expr, t, f.Type.elem))}
}

// convert widens a value to the type of its field.
func convert(x *jen.Statement, from, to *Type) *jen.Statement {
	if from == nil || from.kind != termType || to.kind != termType || from.term.GoType == to.term.GoType {
		return x
	}
	switch to.term.GoType {
	case "uint64":
		return jen.Uint64().Parens(x)
	case "NString":
		return jen.Qual(wirePath, "NStr").Call(x)
	}
	return x
}

// inline emits a reference without binding.
func (b *reader) inline(n *node) []jen.Code {
	term, i := b.e.r.ref(n.ref)
	switch {
	case term != nil:
		read := d(b.e.r.names.camel(term.Name))
		if term.GoType != "-" {
			read = jen.Id("_").Op("=").Add(read)
		}
		return []jen.Code{read}
	case i.rule.Kind == Record && b.e.isItems(i.rule):
		return []jen.Code{b.e.callItem(b.to.s, []*ruleInfo{i})}
	case i.form == formStruct && i.shared:
		return []jen.Code{b.e.callStruct(i.strct, jen.Op("&").Id("v").Dot(i.strct.Go))}
	case i.form == formStruct:
		return []jen.Code{b.e.callInline(i, b.to.s)}
	case len(i.names) == 1:
		if f := b.to.s.field(i.names[0]); f != nil {
			return []jen.Code{b.lhs(f).Op("=").Add(b.e.callRule(i))}
		}
	}
	return []jen.Code{b.e.callRule(i)}
}

// seqAfter emits what is left of an alternative once its keyword has been read as the variant.
func (b *reader) seqAfter(_ *seq, nodes []*node, v variant, follow *look) []jen.Code {
	return append(b.sets(v.sets), b.seq(nodes, follow)...)
}
