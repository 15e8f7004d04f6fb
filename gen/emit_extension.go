package gen

import (
	"maps"
	"slices"

	"github.com/dave/jennifer/jen"
)

// This file emits how other modules plug their grammars in: the type Extension, with a table for each place where the base
// grammar is open, and the look-ups. Keywords of the base never come here.

func (e *emitter) isResponse(s *Struct) bool {
	for _, x := range e.r.responses {
		if x == s {
			return true
		}
	}
	return false
}

// unionHook looks for a keyword among the alternatives that extensions add to a union.
func (e *emitter) unionHook(u *UnionInfo) func() []jen.Code {
	return func() []jen.Code {
		e.hooked[u.Go] = e.id(u.Go, u.Rule.Section)
		return []jen.Code{jen.If(jen.Id("read").Op(":=").Id("d").Dot("extended"+u.Go).Call(jen.String().Parens(jen.Id("word"))), jen.Id("read").Op("!=").Nil()).Block(
			jen.Return(jen.Id("read").Call(jen.Id("d"))))}
	}
}

// recordHook looks for a keyword among the items that extensions add to a record.
func (e *emitter) recordHook(info *recordInfo) func() []jen.Code {
	return func() []jen.Code {
		e.hooked[info.Go] = nil
		return []jen.Code{jen.If(jen.Id("read").Op(":=").Id("d").Dot("extended"+info.Go).Call(jen.String().Parens(jen.Id("word"))), jen.Id("read").Op("!=").Nil()).Block(
			jen.Id("read").Call(jen.Id("d"), jen.Op("&").Id("v").Dot("Ext")), jen.Return())}
	}
}

// extensionType emits the type that holds what another module adds.
func (e *emitter) extensionType() {
	if e.foreign != nil {
		return
	}
	f := e.file("extension_gen.go")
	dec := jen.Op("*").Id("Decoder")
	fields := []jen.Code{
		jen.Id("Name").String().Comment("// of the capability"),
		jen.Id("Untagged").Map(jen.String()).Func().Params(dec.Clone()).Qual(connPath, "Response").Comment("// by keyword, in upper case as all keywords here"),
		jen.Id("Numbered").Map(jen.String()).Func().Params(dec.Clone(), jen.Uint32()).Qual(connPath, "Response").Comment("// responses after a number"),
		jen.Id("Commands").Map(jen.String()).Func().Params(dec.Clone()).Qual(connPath, "Command").Comment("// for servers"),
		jen.Id("UIDCommands").Map(jen.String()).Func().Params(dec.Clone()).Qual(connPath, "Command").Comment("// the same after UID"),
		jen.Id("Returns").Map(jen.String()).Index().Qual(connPath, "Return").Comment("// what it adds to the data of commands, by their names"),
		jen.Id("Collect").Map(jen.String()).Func().Params(jen.Qual(connPath, "Response"), jen.Id("Code"), jen.Op("*").Qual(wirePath, "Ext")).Comment("// keeps that data in their results"),
	}
	names := slices.Sorted(maps.Keys(e.hooked))
	for _, n := range names {
		if t := e.hooked[n]; t != nil {
			fields = append(fields, jen.Id(n).Map(jen.String()).Func().Params(dec.Clone()).Add(t.Clone()).Comment("// alternatives of the union"))
		} else {
			fields = append(fields, jen.Id(n).Map(jen.String()).Func().Params(dec.Clone(), jen.Op("*").Qual(wirePath, "Ext")).Comment("// items of the record"))
		}
	}
	f.Comment("// An Extension is what the grammar of another module adds to this one. Code that imapgen makes from that grammar fills it in;")
	f.Comment("// client.Options.Extensions plugs it in for one connection. Its fields are read only after that.")
	f.Type().Id("Extension").Struct(fields...).Line()
	for _, n := range names {
		result := jen.Func().Params(dec.Clone(), jen.Op("*").Qual(wirePath, "Ext"))
		if t := e.hooked[n]; t != nil {
			result = jen.Func().Params(dec.Clone()).Add(t.Clone())
		}
		f.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id("extended"+n).Params(jen.Id("word").String()).Add(result).Block(
			jen.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Id("d").Dot("extensions")).Block(
				jen.If(jen.Id("read").Op(":=").Id("x").Dot(n).Index(jen.Id("word")), jen.Id("read").Op("!=").Nil()).Block(jen.Return(jen.Id("read")))),
			jen.Return(jen.Nil())).Line()
	}
}
