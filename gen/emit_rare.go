package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits what is rare in a record: a part of its struct that is allocated for the first such item, and the methods that read
// and set its fields.

func (s *Struct) hasRare() bool {
	return slices.ContainsFunc(s.Fields, func(f *Field) bool { return f.rare })
}

// rareType names the part of a struct.
func rareType(s *Struct) string { return unexported(s.Go) + "Rare" }

// of is the field of the struct v, to be read.
func (f *Field) of(v *jen.Statement) *jen.Statement {
	if f.rare {
		return v.Dot(f.Go).Call()
	}
	return v.Dot(f.Go)
}

// rarePart gives a decoder's v that part.
func (e *emitter) rarePart(s *Struct) *jen.Statement {
	name := "rare" + s.Go
	e.want(name, func() {
		f := e.decodeFile(s.Section)
		f.Comment("// " + name + " gives the part of v for rare items, which is made for the first of them.")
		e.method(f, name, jen.Id("v").Op("*").Id(s.Go)).Op("*").Id(rareType(s)).Block(
			jen.If(jen.Id("v").Dot("rare").Op("==").Nil()).Block(
				jen.Id("v").Dot("rare").Op("=").Add(e.newStruct(&Struct{Go: rareType(s), Section: s.Section}))),
			jen.Return(jen.Id("v").Dot("rare"))).Line()
	})
	return e.invoke(name, jen.Id("v"))
}

// rareFields emits the type of that part, and the methods for its fields, each in the file of its item's section.
func (e *emitter) rareFields(f *jen.File, s *Struct) {
	part := rareType(s)
	var fields []jen.Code
	for _, fl := range s.Fields {
		if fl.rare {
			fields = append(fields, jen.Id(fl.Go).Add(e.goType(fl.Type)))
		}
	}
	f.Comment("// " + part + " is the part of a " + s.Go + " for items that few have. Its methods read and set them.")
	f.Type().Id(part).Struct(fields...).Line()
	recv := jen.Id("v").Op("*").Id(s.Go)
	f.Comment("// rarePart gives that part, which is made for the first of them.")
	f.Func().Params(recv.Clone()).Id("rarePart").Params().Op("*").Id(part).Block(
		jen.If(jen.Id("v").Dot("rare").Op("==").Nil()).Block(jen.Id("v").Dot("rare").Op("=").New(jen.Id(part))),
		jen.Return(jen.Id("v").Dot("rare"))).Line()
	what := "values"
	if e.isResponse(s) {
		what = "responses"
	}
	for _, fl := range s.Fields {
		if !fl.rare {
			continue
		}
		item := s.Record.Items[slices.IndexFunc(s.Record.Items, func(k Keyword) bool { return k.Go == fl.item })]
		name, many := item.Text, fl.Bind[0] == '#'
		if name == "" {
			name = fl.Go
		}
		f := e.file(fileOf(item.Section, what))
		typ, include := e.goType(fl.Type), jen.Id("v").Dot("present").Op("|=").Add(e.id(item.Go, s.Record.Section))
		text := " gives the value of the item " + name + ", the zero value when it was not sent. ("
		if many {
			text = " gives the items " + name + " that were sent. ("
		}
		f.Comment("// " + fl.Go + text + cite(item.Section) + ")")
		f.Func().Params(recv.Clone()).Id(fl.Go).Params().Add(typ.Clone()).Block(
			jen.If(jen.Id("v").Dot("rare").Op("==").Nil()).Block(jen.Return(e.zero(fl.Type))),
			jen.Return(jen.Id("v").Dot("rare").Dot(fl.Go))).Line()
		if many {
			f.Comment("// Add" + fl.Go + " adds an item " + name + ".")
			f.Func().Params(recv.Clone()).Id("Add"+fl.Go).Params(jen.Id("x").Add(e.goType(fl.Type.elem))).Block(
				jen.Id("rare").Op(":=").Id("v").Dot("rarePart").Call(),
				jen.Id("rare").Dot(fl.Go).Op("=").Append(jen.Id("rare").Dot(fl.Go), jen.Id("x")),
				include).Line()
			continue
		}
		f.Comment("// Set" + fl.Go + " gives the item " + name + " a value, and makes it present.")
		f.Func().Params(recv.Clone()).Id("Set"+fl.Go).Params(jen.Id("x").Add(typ.Clone())).Block(
			jen.Id("v").Dot("rarePart").Call().Dot(fl.Go).Op("=").Id("x"),
			include).Line()
	}
}
