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
	if x := e.byNumber(c); x != nil {
		set("ByNumber", x)
	}
	for _, ret := range c.Results {
		for _, wh := range ret.Return.Where {
			if fl := c.Struct.field(wh); wh != "set" && wh != "tag" && fl != nil && fl.Type.kind == termType && fl.Type.term.GoType == "string" {
				set("Key", jen.Id("c").Dot(fl.Go))
			}
		}
		if ret.Resp != nil && ret.Resp.Record != nil {
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
	f.Comment("// Scope tells which messages and data this value of the command is about.")
	recv := jen.Id("c").Id(c.Go)
	if !used {
		f.Func().Params(jen.Id(c.Go)).Id("Scope").Params().Qual(connPath, "Scope").Block(jen.Return(jen.Qual(connPath, "Scope").Values())).Line()
		return
	}
	f.Func().Params(recv).Id("Scope").Params().Qual(connPath, "Scope").Block(append(body, jen.Return(jen.Id("s")))...).Line()
}

// withs lists the arguments that "with" names, each of which has a bit.
func (c *commandInfo) withs() []string {
	var names []string
	for _, x := range c.Results {
		if w := x.Return.With; w != "" && !slices.Contains(names, plain(w)) {
			names = append(names, plain(w))
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

// byNumber is the expression that tells whether the command's value holds message sequence numbers.
func (e *emitter) byNumber(c *commandInfo) *jen.Statement {
	var out *jen.Statement
	or := func(x *jen.Statement) {
		if x == nil {
			return
		}
		if out == nil {
			out = x
		} else {
			out = out.Op("||").Add(x)
		}
	}
	if c.byNumberField() {
		or(jen.Id("c").Dot("ByNumber"))
	}
	for _, fl := range c.Struct.Fields {
		if fl.Type == nil {
			continue
		}
		v := jen.Id("c").Dot(fl.Go)
		switch {
		case fl.Type.kind == termType && fl.Type.term.Name == "sequence-set":
			or(v.Dot("IsSeq").Call())
		case fl.Type.kind == sliceType && fl.Type.elem.kind == unionType && e.holdsSets(fl.Type.elem.union):
			or(jen.Qual("slices", "ContainsFunc").Call(v, e.id(e.byNumberFunc(fl.Type.elem.union), fl.Type.elem.union.Rule.Section)))
		case fl.Type.kind == unionType && e.holdsSets(fl.Type.union):
			or(e.id(e.byNumberFunc(fl.Type.union), fl.Type.union.Rule.Section).Call(v))
		}
	}
	return out
}

func (e *emitter) byNumberFunc(u *UnionInfo) string { return u.Go + "ByNumber" }

func (e *emitter) holdsSets(u *UnionInfo) bool {
	return slices.ContainsFunc(u.Alts, func(a *unionAlt) bool {
		return a.Struct != nil && slices.ContainsFunc(a.Struct.Fields, func(f *Field) bool {
			return f.Type != nil && f.Type.kind == termType && f.Type.term.Name == "sequence-set"
		})
	})
}

// byNumberFuncs emits, for unions that may hold sets, what tells whether one holds sequence numbers.
func (e *emitter) byNumberFuncs() {
	for _, u := range e.r.unions {
		if !e.holdsSets(u) || !e.own(u.Rule.Section) {
			continue
		}
		fn := e.byNumberFunc(u)
		var cases []jen.Code
		for _, a := range u.Alts {
			if a.Struct == nil {
				continue
			}
			var cond *jen.Statement
			or := func(x *jen.Statement) {
				if cond == nil {
					cond = x
				} else {
					cond = cond.Op("||").Add(x)
				}
			}
			for _, fl := range a.Struct.Fields {
				v := jen.Id("x").Dot(fl.Go)
				if a.Named != nil {
					v = e.goType(a.Named).Parens(jen.Id("x"))
				}
				switch {
				case fl.Type == nil:
				case fl.Type.kind == termType && fl.Type.term.Name == "sequence-set":
					or(v.Dot("IsSeq").Call())
				case fl.Type.kind == unionType && fl.Type.union == u:
					or(jen.Id(fn).Call(v))
				case fl.Type.kind == sliceType && fl.Type.elem.kind == unionType && fl.Type.elem.union == u:
					if a.Named != nil {
						v = jen.Id("x")
					}
					or(jen.Qual("slices", "ContainsFunc").Call(v, jen.Id(fn)))
				}
			}
			if cond != nil {
				cases = append(cases, jen.Case(jen.Id(a.Go)).Block(jen.Return(cond)))
			}
		}
		f := e.file(fileOf(u.Rule.Section, "commands"))
		f.Comment("// " + fn + " tells whether x holds a set of message sequence numbers.")
		f.Func().Id(fn).Params(jen.Id("x").Id(u.Go)).Bool().Block(
			jen.Switch(jen.Id("x").Op(":=").Id("x").Assert(jen.Type())).Block(cases...), jen.Return(jen.False())).Line()
	}
}
