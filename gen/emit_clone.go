package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits Clone of responses, and the methods by which all kinds of values show a wire.Cloner what they refer to.

// clones emits Clone of each response, and Detach of each struct but commands.
func (e *emitter) clones() {
	for _, s := range e.r.structs {
		if !e.own(s.Section) || e.isCommand(s) {
			continue
		}
		if e.isResponse(s) {
			f := e.file(fileOf(s.Section, "clone"))
			f.Comment("// Clone gives a copy that shares no memory with v. Responses that came one after the other stay in memory as long as one of them is used: who")
			f.Comment("// keeps a few of many keeps clones.")
			f.Func().Params(jen.Id("v").Op("*").Id(s.Go)).Id("Clone").Params().Op("*").Id(s.Go).Block(
				jen.Return(jen.Qual(wirePath, "Clone").Call(jen.Id("v"), detachOf(jen.Id(s.Go))))).Line()
		}
		e.detachMethod(s)
	}
	for _, u := range e.r.unions {
		if e.cloned(u) {
			e.cloneUnion(u)
		}
	}
}

func (e *emitter) isCommand(s *Struct) bool {
	return slices.ContainsFunc(e.r.commands, func(c *commandInfo) bool { return c.Struct == s })
}

// detachMethod emits Detach of a struct that refers to something, and of its part for what is rare.
func (e *emitter) detachMethod(s *Struct) {
	emit := func(typ string, body []jen.Code) {
		f := e.file(fileOf(s.Section, "clone"))
		f.Comment("// Detach shows a Cloner what it refers to.")
		f.Func().Params(jen.Id("v").Op("*").Id(typ)).Id("Detach").Params(jen.Id("c").Op("*").Qual(wirePath, "Cloner")).Block(body...).Line()
	}
	body := e.detachFields(s, func(f *Field) bool { return !f.rare })
	if e.isResponse(s) {
		body = append([]jen.Code{jen.Id("v").Dot("Ext").Dot("Detach").Call(jen.Id("c"))}, body...)
	}
	if s.hasRare() {
		detach := jen.Nil()
		if rare := e.detachFields(s, func(f *Field) bool { return f.rare }); rare != nil {
			detach = detachOf(jen.Id(rareType(s)))
			emit(rareType(s), rare)
		}
		body = append(body, clone("Pointer", jen.Op("&").Id("v").Dot("rare"), detach))
	}
	if body != nil {
		emit(s.Go, body)
	}
}

// detachOf is the method Detach of a type, as a function.
func detachOf(typ *jen.Statement) *jen.Statement {
	return jen.Parens(jen.Op("*").Add(typ)).Dot("Detach")
}

func clone(what string, at, detach jen.Code) *jen.Statement {
	return jen.Qual(wirePath, "Clone"+what).Call(at, jen.Id("c"), detach)
}

// detachFields emits what shows the fields of the struct v; nil if they refer to nothing.
func (e *emitter) detachFields(s *Struct, which func(*Field) bool) []jen.Code {
	var out []jen.Code
	for _, f := range s.Fields {
		switch v := jen.Id("v").Dot(f.Go); {
		case !which(f):
		case f.Embed != nil && e.refers(&Type{kind: structType, strct: f.Embed}, nil):
			out = append(out, v.Dot("Detach").Call(jen.Id("c")))
		case f.Embed == nil && e.refers(f.Type, nil):
			out = append(out, e.detach(f.Type, v, jen.Op("&").Add(v.Clone())))
		}
	}
	return out
}

// refers: values of the type refer to memory that they share with others. Immutable lists of interned values belong to the connection.
func (e *emitter) refers(t *Type, busy []*Struct) bool {
	switch t.kind {
	case tokenType:
		return t.token.Open != nil
	case termType:
		switch t.term.GoType {
		case "uint32", "uint64", "rune", "time.Time", "Source":
			return false
		}
		return true
	case structType:
		return !slices.Contains(busy, t.strct) && slices.ContainsFunc(t.strct.Fields, func(f *Field) bool {
			if f.Embed != nil {
				return e.refers(&Type{kind: structType, strct: f.Embed}, append(busy, t.strct))
			}
			return e.refers(f.Type, append(busy, t.strct))
		})
	case unionType:
		return e.cloned(t.union)
	}
	return t.kind == pointerType || t.kind == sliceType
}

// detach emits what shows v, which refers to something; at is its address.
func (e *emitter) detach(t *Type, v, at *jen.Statement) jen.Code {
	switch t.kind {
	case structType:
		return v.Dot("Detach").Call(jen.Id("c"))
	case pointerType:
		return clone("Pointer", at, e.detacher(&Type{kind: structType, strct: t.strct}))
	case sliceType:
		return clone("List", at, e.detacher(t.elem))
	case unionType:
		return e.id("Detach"+t.union.Go, t.union.Rule.Section).Call(at, jen.Id("c"))
	case termType:
		switch t.term.GoType {
		case "NString", "Text", "Date", "NumSet":
			return v.Dot("Detach").Call(jen.Id("c"))
		case "[]byte":
			return clone("List", at, jen.Nil())
		case "*Body":
			return jen.Qual(wirePath, "CloneBody").Call(at, jen.Id("c"))
		}
	}
	return jen.Qual(wirePath, "CloneString").Call(at, jen.Id("c"))
}

// detacher is the function that shows a value of the type; nil if it refers to nothing.
func (e *emitter) detacher(t *Type) *jen.Statement {
	switch {
	case !e.refers(t, nil):
		return jen.Nil()
	case t.kind == structType:
		return detachOf(e.structID(t.strct))
	case t.kind == unionType:
		return e.id("Detach"+t.union.Go, t.union.Rule.Section)
	case t.kind == tokenType:
		return jen.Qual(wirePath, "CloneString").Types(e.goType(t))
	case t.kind == termType:
		switch t.term.GoType {
		case "NString", "Text", "Date", "NumSet":
			return detachOf(termGo(t.term))
		case "*Body":
			return jen.Qual(wirePath, "CloneBody")
		case "string", "Flag", "Value":
			return jen.Qual(wirePath, "CloneString").Types(e.goType(t))
		}
	}
	return jen.Func().Params(jen.Id("v").Op("*").Add(e.goType(t)), jen.Id("c").Op("*").Qual(wirePath, "Cloner")).Block(
		e.detach(t, jen.Id("v"), jen.Id("v")))
}

// cloned: values of the union stand in responses of its module; elsewhere another module's may have them, too.
func (e *emitter) cloned(u *UnionInfo) bool {
	if e.foreign != nil && e.own(u.Rule.Section) {
		return true
	}
	return slices.ContainsFunc(e.r.g.Responses, func(rule *Rule) bool {
		return e.own(rule.Section) == e.own(u.Rule.Section) && holds(e.r.responses[rule], u, map[*Struct]bool{})
	})
}

// holds: values of the union stand in the struct, or in what it holds.
func holds(s *Struct, u *UnionInfo, seen map[*Struct]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	return slices.ContainsFunc(s.Fields, func(f *Field) bool {
		if f.Embed != nil {
			return holds(f.Embed, u, seen)
		}
		t := f.Type
		for t.elem != nil {
			t = t.elem
		}
		return t.union == u || t.strct != nil && holds(t.strct, u, seen)
	})
}

// cloneUnion emits the function that shows a value of a union, and what gives a copy of each alternative that refers to something.
func (e *emitter) cloneUnion(u *UnionInfo) {
	typ, method := e.id(u.Go, u.Rule.Section), "Clone"+u.Go
	params := []jen.Code{jen.Id("c").Op("*").Qual(wirePath, "Cloner")}
	if e.own(u.Rule.Section) {
		f := e.file(fileOf(u.Rule.Section, "clone"))
		f.Comment("// Detach" + u.Go + " shows a Cloner what a value of the union refers to.")
		f.Func().Id("Detach" + u.Go).Params(append([]jen.Code{jen.Id("v").Op("*").Add(typ.Clone())}, params...)...).Block(
			jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Parens(jen.Op("*").Id("v")).Assert(
				jen.Interface(jen.Id(method).Params(jen.Op("*").Qual(wirePath, "Cloner")).Add(typ.Clone()))), jen.Id("ok")).Block(
				jen.Op("*").Id("v").Op("=").Id("x").Dot(method).Call(jen.Id("c")))).Line()
	}
	for _, a := range u.Alts {
		if a.Struct == nil || !e.own(a.alt.Section) {
			continue
		}
		body := e.detachFields(a.Struct, func(*Field) bool { return true })
		if a.Named != nil {
			body = nil
			if e.refers(a.Named, nil) {
				body = []jen.Code{e.detach(a.Named, e.underlying(a.Named), jen.Op("&").Id("v"))}
			}
		}
		if body == nil {
			continue
		}
		f := e.file(fileOf(a.alt.Section, "clone"))
		f.Comment("// " + method + " gives a copy. Clone of a response calls it.")
		f.Func().Params(jen.Id("v").Id(a.Go)).Id(method).Params(params...).Add(typ.Clone()).Block(append(body, jen.Return(jen.Id("v")))...).Line()
	}
}

// underlying is v as a value of the type that its own type is made of, where that one's methods are wanted.
func (e *emitter) underlying(t *Type) *jen.Statement {
	if t.kind == structType || t.kind == termType && slices.Contains([]string{"NString", "Text", "Date", "NumSet"}, t.term.GoType) {
		return jen.Parens(jen.Op("*").Add(e.goType(t))).Parens(jen.Op("&").Id("v"))
	}
	return jen.Id("v")
}
