package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// types emits the Go types of tokens, structs, records and unions.
func (e *emitter) types() {
	for _, t := range e.r.tokens {
		e.tokenType(t)
	}
	seen := map[*recordInfo]bool{}
	for _, rule := range e.r.live {
		if info := e.r.records[rule]; info != nil && !seen[info] && e.own(info.Section) {
			seen[info] = true
			e.recordItems(info)
		}
	}
	for _, s := range e.r.structs {
		if !e.isCommandOrResponse(s) && e.own(s.Section) {
			e.structType(e.file(fileOf(s.Section, "values")), s, nil)
		}
	}
	for _, u := range e.r.unions {
		e.unionType(u)
	}
}

func (e *emitter) isCommandOrResponse(s *Struct) bool {
	for _, c := range e.r.commands {
		if c.Struct == s {
			return true
		}
	}
	for _, x := range e.r.responses {
		if x == s {
			return true
		}
	}
	return false
}

// constants emits keywords, those of another section into that section's file.
func (e *emitter) constants(typ *jen.Statement, name string, keys []Keyword, what string, value func(Keyword) jen.Code) {
	var order []string
	groups := map[string][]jen.Code{}
	for _, k := range keys {
		if !e.own(k.Section) {
			continue
		}
		file := fileOf(k.Section, what)
		if groups[file] == nil {
			order = append(order, file)
		}
		groups[file] = append(groups[file], jen.Id(k.Go).Add(typ.Clone()).Op("=").Add(value(k)))
	}
	for _, file := range order {
		e.file(file).Comment("// Values of " + name + ".")
		e.file(file).Const().Defs(groups[file]...).Line()
	}
}

func text(k Keyword) jen.Code { return jen.Lit(k.Text) }

func (e *emitter) tokenType(t *Token) {
	if !e.own(t.Section) {
		e.constants(e.id(t.Go, t.Section), t.Go, t.Keywords, "values", text)
		return
	}
	f := e.file(fileOf(t.Section, "values"))
	d := strings.TrimSpace(t.Doc)
	if t.Rule != nil {
		d = lead(t.Go, d, "is the rule "+t.Rule.rule.Name+".")
		if t.Open != nil {
			d += " Values that are not among the constants are kept as they came."
		}
	}
	f.Add(doc(t.Go, d, t.Section, t.Source))
	f.Type().Id(t.Go).String().Line()
	e.constants(e.id(t.Go, t.Section), t.Go, t.Keywords, "values", text)
}

// lead makes a comment of the grammar begin with the Go name, as Go's convention has it.
func lead(name, text, otherwise string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return name + " " + otherwise
	case strings.HasPrefix(text, name+" "), strings.HasPrefix(text, name+": "):
		return text
	}
	if first, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(first, name) {
		return name + " " + rest
	}
	return name + ": " + strings.ToLower(text[:1]) + text[1:]
}

func (e *emitter) recordItems(info *recordInfo) {
	f := e.file(fileOf(info.Section, "values"))
	typ := info.Go + "Item"
	f.Comment("// " + typ + " is a set of items of " + info.Rule.Name + ": those that a response carries, or that a command asks for.")
	f.Type().Id(typ).Uint64().Line()
	var defs []jen.Code
	for i, k := range info.Items {
		if i == 0 {
			defs = append(defs, jen.Id(k.Go).Id(typ).Op("=").Lit(1).Op("<<").Iota())
		} else {
			defs = append(defs, jen.Id(k.Go))
		}
	}
	f.Comment("// The items of " + info.Rule.Name + ".")
	f.Const().Defs(defs...).Line()
	var cases []jen.Code
	for _, w := range info.words {
		var items *jen.Statement
		for _, name := range info.byWord[w] {
			if items == nil {
				items = jen.Id(name)
			} else {
				items = items.Op("|").Id(name)
			}
		}
		cases = append(cases, jen.Case(jen.Lit(w)).Block(jen.Return(items)))
	}
	fn := info.Go + "ItemOf"
	f.Comment("// " + fn + " gives the items that answer what is asked for by the keyword; 0 when it is not known.")
	f.Func().Id(fn).Params(jen.Id("keyword").String()).Id(typ).Block(
		jen.Switch(jen.Id("keyword")).Block(cases...), jen.Return(jen.Lit(0))).Line()
}

// structType emits a struct; extra are fields before its own.
func (e *emitter) structType(f *jen.File, s *Struct, extra []jen.Code) {
	f.Add(doc(s.Go, lead(s.Go, s.Doc, "is the rule "+kebabOf(e, s)+"."), s.Section, s.Source))
	fields := append([]jen.Code{}, extra...)
	for _, fl := range s.Fields {
		if fl.Embed != nil {
			fields = append(fields, e.structID(fl.Embed))
			continue
		}
		if fl.rare {
			continue
		}
		field := jen.Id(fl.Go).Add(e.goType(fl.Type))
		if slices.Contains(s.secret, fl.Bind) {
			field.Tag(map[string]string{"json": "-"}) // log/slog has a JSON handler
		}
		fields = append(fields, field)
	}
	if s.Record != nil {
		fields = append(fields, jen.Line().Id("present").Add(e.id(s.Record.Go+"Item", s.Record.Section)))
	}
	if s.hasRare() {
		fields = append(fields, jen.Id("rare").Op("*").Id(rareType(s)))
	}
	f.Type().Id(s.Go).Struct(fields...).Line()
	if s.Record != nil {
		e.hasMethod(f, s)
	}
	if s.hasRare() {
		e.rareFields(f, s)
	}
}

func kebabOf(e *emitter, s *Struct) string {
	if i := e.r.byStruct[s]; i != nil {
		return i.rule.Name
	}
	return s.Go
}

func (e *emitter) hasMethod(f *jen.File, s *Struct) {
	typ := e.id(s.Record.Go+"Item", s.Record.Section)
	f.Comment("// Has tells whether all of the items were sent. A zero value in a field alone does not tell it.")
	f.Func().Params(jen.Id("v").Op("*").Id(s.Go)).Id("Has").Params(jen.Id("items").Add(typ)).Bool().Block(
		jen.Return(jen.Id("v").Dot("present").Op("&").Id("items").Op("==").Id("items"))).Line()
	f.Comment("// Include marks items as present: those whose field has its zero value are sent only then.")
	f.Func().Params(jen.Id("v").Op("*").Id(s.Go)).Id("Include").Params(jen.Id("items").Add(typ.Clone())).Block(
		jen.Id("v").Dot("present").Op("|=").Id("items")).Line()
}

// unionType emits the interface of a union, and a type for each alternative.
func (e *emitter) unionType(u *UnionInfo) {
	method := "Append" + u.Go
	var consts []Keyword
	for _, a := range u.Alts {
		consts = append(consts, a.Consts...)
	}
	if e.own(u.Rule.Section) {
		e.unionInterface(u, method, consts)
	}
	if len(consts) > 0 {
		typ := e.id(u.Go+"Name", u.Rule.Section)
		if own := e.ownNames(u); own != nil {
			e.unionNames(e.file(fileOf(own[0].Section, "values")), u, method, own)
			typ = jen.Id(u.Go + "Name")
		}
		e.constants(typ, u.Go+"Name", consts, "values", text)
	}
	for _, a := range u.Alts {
		if a.Struct == nil || !e.own(a.alt.Section) {
			continue
		}
		f := e.file(fileOf(a.alt.Section, "values"))
		key := strings.ToUpper(keywordOf(a.alt))
		if a.Named != nil {
			f.Add(doc(a.Go, a.Go+" is the alternative "+altText(a.alt)+" of "+u.Go+".", a.alt.Section, ""))
			f.Type().Id(a.Go).Add(e.goType(a.Named)).Line()
		} else {
			a.Struct.Doc = a.Go + " is the alternative " + altText(a.alt) + " of " + u.Go + "."
			e.structType(f, a.Struct, nil)
		}
		if name := a.Struct.field("name"); key == "" && name != nil && a.Named != nil {
			f.Comment("// Keyword gives the name, in upper case.")
			f.Func().Params(jen.Id("v").Id(a.Go)).Id("Keyword").Params().String().Block(
				jen.Return(jen.Qual("strings", "ToUpper").Call(jen.String().Parens(jen.Id("v"))))).Line()
		} else if key == "" && name != nil {
			f.Comment("// Keyword gives the name, in upper case.")
			f.Func().Params(jen.Id("v").Id(a.Go)).Id("Keyword").Params().String().Block(
				jen.Return(jen.Qual("strings", "ToUpper").Call(jen.String().Parens(jen.Id("v").Dot(name.Go))))).Line()
		} else {
			f.Comment("// Keyword gives " + quoteOrNone(key) + ".")
			f.Func().Params(jen.Id(a.Go)).Id("Keyword").Params().String().Block(jen.Return(jen.Lit(key))).Line()
		}
		e.unionEncode(f, u, a, method)
	}
}

// nameWriter is what writes a name that is no constant: the terminal of the alternative for names that are not known, else Word.
func (e *emitter) nameWriter(u *UnionInfo) string {
	for _, a := range u.Alts {
		if a.Struct == nil {
			continue
		}
		if name := a.Struct.field("name"); name != nil && name.Type.kind == termType && name.Type.term.Name == "tagged-ext-label" {
			return e.r.names.camel(name.Type.term.Name)
		}
	}
	return "Word"
}

// isSpecial: the keyword is no atom.
func isSpecial(k Keyword) bool { return strings.ContainsAny(k.Text, " []()") }

// nameEncode writes a constant: some have a blank inside, anything else must be an atom that begins with a letter.
func (e *emitter) nameEncode(u *UnionInfo, consts []Keyword) []jen.Code {
	var special []jen.Code
	for _, k := range consts {
		if isSpecial(k) {
			special = append(special, jen.Id(k.Go))
		}
	}
	var out []jen.Code
	if u.Rule.Name != codeRule {
		out = needsOf("n", consts, u.Rule.Section, e.own)
	}
	word := jen.Id("e").Dot(e.nameWriter(u)).Call(jen.String().Parens(jen.Id("n")))
	if len(special) == 0 {
		return append(out, word)
	}
	return append(out, jen.Switch(jen.Id("n")).Block(
		jen.Case(special...).Block(jen.Id("e").Dot("Keyword").Call(jen.String().Parens(jen.Id("n")))),
		jen.Default().Block(word)))
}

func quoteOrNone(k string) string {
	if k == "" {
		return "nothing: it begins with its argument"
	}
	return k
}

// unionInterface emits the interface of a union, and the type of its alternatives without arguments.
func (e *emitter) unionInterface(u *UnionInfo, method string, consts []Keyword) {
	f := e.file(fileOf(u.Rule.Section, "values"))
	f.Add(doc(u.Go, lead(u.Go, u.Rule.Doc, "is the rule "+u.Rule.Name+"."), u.Rule.Section, u.Rule.Source))
	f.Type().Id(u.Go).Interface(
		jen.Comment("// "+method+" writes it, with its arguments."),
		jen.Id(method).Params(jen.Op("*").Qual(wirePath, "Encoder")),
		jen.Comment("// Keyword is what it begins with, in upper case; empty when it has none."),
		jen.Id("Keyword").Params().String(),
	).Line()
	if len(consts) > 0 {
		e.unionNames(f, u, method, consts)
	}
}

// ownNames are the constants of another module that need a type of its own: the base has none for the union, or it does not write them.
func (e *emitter) ownNames(u *UnionInfo) []Keyword {
	var own []Keyword
	base, special := e.own(u.Rule.Section), false
	if base {
		return nil
	}
	for _, a := range u.Alts {
		for _, k := range a.Consts {
			if e.own(k.Section) {
				own = append(own, k)
				special = special || isSpecial(k)
			} else {
				base = true
			}
		}
	}
	if base && !special {
		return nil
	}
	return own
}

// unionNames emits the type of a union's alternatives without arguments.
func (e *emitter) unionNames(f *jen.File, u *UnionInfo, method string, consts []Keyword) {
	name := u.Go + "Name"
	f.Comment("// " + name + " is an alternative of " + u.Go + " without arguments. Others than the constants are sent as they are, if they are atoms that begin with a letter.")
	f.Type().Id(name).String().Line()
	f.Comment("// Keyword gives the name.")
	f.Func().Params(jen.Id("n").Id(name)).Id("Keyword").Params().String().Block(jen.Return(jen.Qual("strings", "ToUpper").Call(jen.String().Parens(jen.Id("n"))))).Line()
	f.Comment("// " + method + " writes the name.")
	f.Func().Params(jen.Id("n").Id(name)).Id(method).Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Block(e.nameEncode(u, consts)...).Line()
}
