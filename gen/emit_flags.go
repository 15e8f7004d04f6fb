package gen

import "github.com/dave/jennifer/jen"

// This file emits what tells whether one value of a command reads or writes flags, or saves its result, where that depends on its arguments.

// flagUses emits what notes it in the scope, and the functions that look at the arguments.
func (e *emitter) flagUses(f *jen.File, c *commandInfo) []jen.Code {
	var out []jen.Code
	for _, x := range []struct {
		field string
		use   FlagUse
	}{{"ReadsFlags", c.cmd.ReadsFlags}, {"WritesFlags", c.cmd.WritesFlags}, {"Saves", c.cmd.Saves}} {
		for _, fl := range c.Struct.Fields {
			if x.use.Always || fl.Type == nil || fl.Type.kind != sliceType || fl.Type.elem.kind != unionType {
				continue
			}
			u := fl.Type.elem.union
			alts := x.use.alternatives(u)
			if len(alts) == 0 {
				continue
			}
			name := unexported(c.Go) + x.field
			e.flagFunc(f, name, u, alts)
			out = append(out, jen.Id("s").Dot(x.field).Op("=").Qual("slices", "ContainsFunc").Call(jen.Id("c").Dot(fl.Go), jen.Id(name)))
		}
	}
	return out
}

// alternatives gives those of a union that the clause names, each with the field that takes it back.
func (u FlagUse) alternatives(info *UnionInfo) map[*unionAlt]string {
	named := map[*unionAlt]string{}
	for _, arg := range u.With {
		for _, a := range info.Alts {
			if plain(arg.Name) == plain(a.alt.Label) || a.alt.Label == "" && plain(arg.Name) == plain(keywordOf(a.alt)) {
				named[a] = arg.Unless
			}
		}
	}
	return named
}

// flagFunc emits what tells whether an argument is one of these alternatives, or holds one.
func (e *emitter) flagFunc(f *jen.File, name string, u *UnionInfo, named map[*unionAlt]string) {
	section := u.Rule.Section
	typ := e.id(u.Go, section)
	cases := []jen.Code{jen.Case(jen.Nil()).Block(jen.Return(jen.False()))}
	var keywords []jen.Code
	uses := false
	for _, a := range u.Alts {
		unless, is := named[a]
		var tell jen.Code
		switch {
		case is && a.Struct == nil:
			for _, k := range a.Consts {
				keywords = append(keywords, jen.Lit(k.Text))
			}
			continue
		case is:
			if fl := a.Struct.field(unless); fl != nil && a.Named == nil {
				uses = true
				tell = jen.Op("!").Id("x").Dot(fl.Go)
			} else {
				tell = jen.True()
			}
		case a.Struct != nil:
			if tell = flagsWithin(name, u, a); tell == nil {
				continue
			}
			uses = true
		default:
			continue
		}
		cases = append(cases, jen.Case(e.id(a.Go, a.alt.Section)).Block(jen.Return(tell)))
	}
	subject := jen.Id("x").Assert(jen.Type())
	if uses {
		subject = jen.Id("x").Op(":=").Id("x").Assert(jen.Type())
	}
	body := []jen.Code{jen.Switch(subject).Block(cases...)}
	if len(keywords) > 0 {
		body = append(body, jen.Switch(jen.Id("x").Dot("Keyword").Call()).Block(jen.Case(keywords...).Block(jen.Return(jen.True()))))
	}
	f.Comment("// " + name + " tells whether x makes the command do so.")
	f.Func().Id(name).Params(jen.Id("x").Add(typ)).Bool().Block(append(body, jen.Return(jen.False()))...).Line()
}

// flagsWithin emits the question to the values of the same union that an alternative holds; nil when it holds none.
func flagsWithin(name string, u *UnionInfo, a *unionAlt) jen.Code {
	var tell *jen.Statement
	or := func(x *jen.Statement) { tell = anyOf(tell, x) }
	for _, fl := range a.Struct.Fields {
		v := jen.Id("x").Dot(fl.Go)
		if a.Named != nil {
			v = jen.Id("x")
		}
		switch {
		case fl.Type == nil:
		case fl.Type.kind == unionType && fl.Type.union == u:
			or(jen.Id(name).Call(v))
		case fl.Type.kind == sliceType && fl.Type.elem.kind == unionType && fl.Type.elem.union == u:
			or(jen.Qual("slices", "ContainsFunc").Call(v, jen.Id(name)))
		}
	}
	if tell == nil {
		return nil
	}
	return tell
}
