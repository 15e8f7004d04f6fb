package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file emits what one value of a command is about: its messages, the data it asks for, whether it goes by number.

// commandScope emits what one value of the command asks for and touches.
func (e *emitter) commandScope(f *jen.File, c *commandInfo) {
	var body []jen.Code
	body = append(body, jen.Var().Id("s").Qual(connPath, "Scope"))
	used := false
	set := func(field string, v jen.Code) {
		used = true
		body = append(body, jen.Id("s").Dot(field).Op("=").Add(v))
	}
	sf := c.setField()
	switch {
	case c.byNumberField():
		set("UID", jen.Op("!").Id("c").Dot("ByNumber"))
	case c.cmd.UID == "also":
		set("UID", jen.Op("!").Id("c").Dot(sf.Go).Dot("IsSeq").Call())
	case c.cmd.UID == "only":
		set("UID", jen.True())
	}
	if sf != nil {
		set("Set", jen.Id("c").Dot(sf.Go))
	}
	if c.byNumberField() {
		set("ByNumber", jen.Id("c").Dot("ByNumber"))
	}
	for _, code := range e.touch(c.Struct.Fields, "c") {
		used = true
		body = append(body, code)
	}
	for _, ret := range c.Results {
		for _, wh := range ret.Return.Where {
			if fl := c.Struct.field(wh); wh != "set" && wh != "tag" && fl != nil && fl.Type.kind == termType && fl.Type.term.GoType == "string" {
				set("Key", jen.Id("c").Dot(fl.Go))
			}
		}
		if ret.Resp != nil && ret.Resp.Record != nil && slices.Contains(ret.Return.Where, "set") {
			for _, fl := range c.Struct.Fields {
				if fl.Type == nil || fl.Type.kind != sliceType || fl.Type.elem.kind != unionType && fl.Type.elem.kind != tokenType || !e.answers(fl.Type.elem, ret.Resp.Record) {
					continue
				}
				used = true
				key := jen.Id("x").Dot("Keyword").Call()
				if fl.Type.elem.kind == tokenType {
					key = jen.String().Parens(jen.Id("x"))
				}
				body = append(body, jen.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Id("c").Dot(fl.Go)).Block(
					jen.If(jen.Id("x").Op("==").Add(zeroOf(fl.Type.elem))).Block(jen.Continue()),
					jen.Id("item").Op(":=").Add(e.id(ret.Resp.Record.Go+"ItemOf", ret.Resp.Record.Section)).Call(key),
					jen.If(jen.Id("item").Op("==").Lit(0)).Block(jen.Comment("// Not known: any item may be its answer."), jen.Id("s").Dot("Items").Op("=").Lit(0), jen.Break()),
					jen.Id("s").Dot("Items").Op("|=").Uint64().Parens(jen.Id("item"))))
			}
		}
	}
	for _, name := range c.withs() {
		if code := e.withScope(c, name); code != nil {
			used = true
			body = append(body, code)
		}
	}
	for _, code := range e.flagUses(f, c) {
		used = true
		body = append(body, code)
	}
	f.Comment("// Scope tells which messages and data this value of the command is about.")
	recv := jen.Id("c").Id(c.Go)
	if !used {
		f.Func().Params(jen.Id(c.Go)).Id("Scope").Params().Qual(connPath, "Scope").Block(jen.Return(jen.Qual(connPath, "Scope").Values())).Line()
		return
	}
	f.Func().Params(recv).Id("Scope").Params().Qual(connPath, "Scope").Block(append(body, jen.Return(jen.Id("s")))...).Line()
}

// withs lists the arguments that "with" and "without" name, each of which has a bit.
func (c *commandInfo) withs() []string {
	var names []string
	for _, x := range c.Results {
		for _, w := range []string{x.Return.With, x.Return.Without} {
			if w != "" && !slices.Contains(names, plain(w)) {
				names = append(names, plain(w))
			}
		}
	}
	return names
}

// withBit is the bit of an argument; 0 for data that always comes.
func (c *commandInfo) withBit(name string) int {
	if name == "" {
		return 0
	}
	return 1 << slices.Index(c.withs(), plain(name))
}

// plain is a name without case and hyphens: "with Qresync" means the alternative "QRESYNC".
func plain(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }

// withScope emits what sets the bit of an argument: a field that is set, or an alternative in a list of options.
func (e *emitter) withScope(c *commandInfo, name string) jen.Code {
	set := jen.Id("s").Dot("With").Op("|=").Lit(1 << slices.Index(c.withs(), name))
	for _, fl := range c.Struct.Fields {
		if fl.Type == nil {
			continue
		}
		v := jen.Id("c").Dot(fl.Go)
		if plain(fl.Bind) == name {
			return jen.If(e.present(fl.Type, v)).Block(set)
		}
		if fl.Type.kind != sliceType || fl.Type.elem.kind != unionType {
			continue
		}
		for _, a := range fl.Type.elem.union.Alts {
			if plain(a.alt.Label) != name && plain(keywordOf(a.alt)) != name {
				continue
			}
			return jen.If(jen.Qual("slices", "ContainsFunc").Call(v, jen.Func().Params(jen.Id("x").Add(e.id(fl.Type.elem.union.Go, fl.Type.elem.union.Rule.Section))).Bool().Block(
				jen.Return(jen.Id("x").Op("!=").Nil().Op("&&").Id("x").Dot("Keyword").Call().Op("==").Lit(strings.ToUpper(keywordOf(a.alt))))))).Block(set)
		}
	}
	e.r.faults.add(c.cmd.Pos, "returns ... with %s: the command has no such argument", name)
	return nil
}

func zeroOf(t *Type) jen.Code {
	if t.kind == unionType {
		return jen.Nil()
	}
	return jen.Lit("")
}

// answers: the arguments' keywords are those of the record's items.
func (e *emitter) answers(t *Type, info *recordInfo) bool {
	has := func(text string) bool {
		return slices.ContainsFunc(info.Items, func(k Keyword) bool { return k.Text == text })
	}
	if t.kind == unionType {
		return slices.ContainsFunc(t.union.Alts, func(a *unionAlt) bool { return has(keywordOf(a.alt)) })
	}
	return slices.ContainsFunc(t.token.Keywords, func(k Keyword) bool { return has(k.Text) })
}

// touch emits what notes the sets of messages that fields hold.
func (e *emitter) touch(fields []*Field, v string) []jen.Code {
	var out []jen.Code
	for _, fl := range fields {
		if fl.Type == nil {
			continue
		}
		x := jen.Id(v).Dot(fl.Go)
		switch {
		case fl.Type.kind == termType && fl.Type.term.Name == "sequence-set":
			out = append(out, jen.Id("s").Dot("Touch").Call(x))
		case fl.Type.kind == sliceType && fl.Type.elem.kind == unionType && e.holdsSets(fl.Type.elem.union):
			out = append(out, jen.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Add(x)).Block(
				e.touchFunc(fl.Type.elem.union).Call(jen.Op("&").Id("s"), jen.Id("x"))))
		case fl.Type.kind == unionType && e.holdsSets(fl.Type.union):
			out = append(out, e.touchFunc(fl.Type.union).Call(jen.Op("&").Id("s"), x))
		}
	}
	return out
}

// touchFunc names what notes the sets of messages in a value of a union.
func (e *emitter) touchFunc(u *UnionInfo) *jen.Statement { return e.id("Touch"+u.Go, u.Rule.Section) }

func (e *emitter) holdsSets(u *UnionInfo) bool {
	return slices.ContainsFunc(u.Alts, func(a *unionAlt) bool {
		return a.Struct != nil && slices.ContainsFunc(a.Struct.Fields, func(f *Field) bool {
			return f.Type != nil && f.Type.kind == termType && f.Type.term.Name == "sequence-set"
		})
	})
}

// touchFuncs emits, for unions that may hold sets of messages, what notes them in a command's scope.
func (e *emitter) touchFuncs() {
	for _, u := range e.r.unions {
		if !e.holdsSets(u) || !e.own(u.Rule.Section) {
			continue
		}
		fn := "Touch" + u.Go
		scope := jen.Id("s").Op("*").Qual(connPath, "Scope")
		var cases []jen.Code
		for _, a := range u.Alts {
			if code := e.touchAlt(u, a, fn); code != nil {
				cases = append(cases, jen.Case(jen.Id(a.Go)).Block(code...))
			}
		}
		f := e.file(fileOf(u.Rule.Section, "commands"))
		f.Comment("// " + fn + " notes the sets of messages that x holds.")
		f.Func().Id(fn).Params(scope, jen.Id("x").Id(u.Go)).Block(
			jen.Switch(jen.Id("x").Op(":=").Id("x").Assert(jen.Type())).Block(cases...)).Line()
	}
}

// touchAlt emits what notes the sets in one alternative of a union; nil when it holds none.
func (e *emitter) touchAlt(u *UnionInfo, a *unionAlt, fn string) []jen.Code {
	if a.Struct == nil {
		return nil
	}
	var out []jen.Code
	for _, fl := range a.Struct.Fields {
		v := jen.Id("x").Dot(fl.Go)
		switch {
		case fl.Type == nil:
		case fl.Type.kind == termType && fl.Type.term.Name == "sequence-set":
			if a.Named != nil {
				v = e.goType(a.Named).Parens(jen.Id("x"))
			}
			out = append(out, jen.Id("s").Dot("Touch").Call(v))
		case fl.Type.kind == unionType && fl.Type.union == u:
			out = append(out, jen.Id(fn).Call(jen.Id("s"), v))
		case fl.Type.kind == sliceType && fl.Type.elem.kind == unionType && fl.Type.elem.union == u:
			if a.Named != nil {
				v = jen.Id("x")
			}
			out = append(out, jen.For(jen.List(jen.Id("_"), jen.Id("k")).Op(":=").Range().Add(v)).Block(jen.Id(fn).Call(jen.Id("s"), jen.Id("k"))))
		}
	}
	return out
}
