package gen

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file emits the results of commands.

// commandResult emits the result, and the row of a command that returns rows.
func (e *emitter) commandResult(f *jen.File, c *commandInfo) {
	name := c.Go + "Result"
	fields := []jen.Code{e.id("Completion", e.baseSection()), jen.Qual(wirePath, "Ext")}
	var data, codes []jen.Code
	for _, x := range c.Results {
		fn := jen.Id("r").Dot(x.Go)
		switch {
		case x.row:
			continue
		case x.Return.Many:
			fields = append(fields, jen.Id(x.Go).Index().Op("*").Add(e.structID(x.Resp)))
			data = append(data, jen.Case(jen.Op("*").Add(e.structID(x.Resp))).Block(jen.Id("r").Dot(x.Go).Op("=").Append(jen.Id("r").Dot(x.Go), jen.Id("x"))))
		case x.Return.Code:
			text := "of the code " + x.Return.Name
			switch {
			case x.Alt.Struct == nil:
				fields = append(fields, jen.Id(x.Go).Bool().Comment("// "+text))
				codes = append(codes, jen.Case(jen.Lit(x.code)).Block(fn.Op("=").True()))
			case x.Alt.Named != nil:
				fields = append(fields, jen.Id(x.Go).Add(e.goType(x.Alt.Named)).Comment("// "+text))
				codes = append(codes, jen.Case(jen.Lit(x.code)).Block(
					jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Id("code").Assert(e.id(x.Alt.Go, x.Alt.alt.Section)), jen.Id("ok")).Block(
						fn.Op("=").Add(e.goType(x.Alt.Named)).Parens(jen.Id("x")))))
			default:
				fields = append(fields, jen.Id(x.Go).Op("*").Add(e.id(x.Alt.Go, x.Alt.alt.Section)).Comment("// "+text+"; nil when it was not sent"))
				codes = append(codes, jen.Case(jen.Lit(x.code)).Block(
					jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Id("code").Assert(e.id(x.Alt.Go, x.Alt.alt.Section)), jen.Id("ok")).Block(
						fn.Op("=").Op("&").Id("x"))))
			}
		default:
			// By value: what was not sent is zero, and a later RFC's field in the response changes nothing here.
			fields = append(fields, jen.Id(x.Go).Add(e.structID(x.Resp)))
			data = append(data, jen.Case(jen.Op("*").Add(e.structID(x.Resp))).Block(e.takeIn(fn, x.Resp)...))
		}
	}
	f.Comment("// " + name + " is what " + strings.ToUpper(c.cmd.Name) + " gives.")
	f.Type().Id(name).Struct(fields...).Line()
	f.Comment("// Result gives a new result for the answers to be collected in.")
	f.Func().Params(jen.Id(c.Go)).Id("Result").Params().Op("*").Id(name).Block(jen.Return(jen.Op("&").Id(name).Values())).Line()
	if c.Row != nil {
		f.Comment("// Row tells the type of its rows.")
		f.Func().Params(jen.Id(c.Go)).Id("Row").Params().Op("*").Add(e.structID(c.Row)).Block(jen.Return(jen.Nil())).Line()
		e.commandRows(f, c)
	}
	if len(codes) > 0 {
		f.Func().Params(jen.Id("r").Op("*").Id(name)).Id("code").Params(jen.Id("code").Add(e.id("Code", e.baseSection()))).Block(
			jen.If(jen.Id("code").Op("==").Nil()).Block(jen.Return()),
			jen.Switch(jen.Id("code").Dot("Keyword").Call()).Block(codes...)).Line()
		data = append(data, jen.Case(jen.Qual(connPath, "StatusResponse")).Block(
			jen.If(jen.List(jen.Id("code"), jen.Id("ok")).Op(":=").Id("x").Dot("Condition").Call().Dot("Code").Assert(e.id("Code", e.baseSection())), jen.Id("ok")).Block(
				jen.Id("r").Dot("code").Call(jen.Id("code")))))
	}
	f.Comment("// Collect takes in one response; the connection calls it.")
	if len(data) == 0 {
		f.Func().Params(jen.Op("*").Id(name)).Id("Collect").Params(jen.Qual(connPath, "Response")).Block().Line()
	} else {
		f.Func().Params(jen.Id("r").Op("*").Id(name)).Id("Collect").Params(jen.Id("x").Qual(connPath, "Response")).Block(
			jen.Switch(jen.Id("x").Op(":=").Id("x").Assert(jen.Type())).Block(data...)).Line()
	}
	if len(codes) > 0 {
		f.Comment("// Complete takes in the tagged OK; the connection calls it.")
		f.Func().Params(jen.Id("r").Op("*").Id(name)).Id("Complete").Params(jen.Id("ok").Qual(connPath, "Condition")).Block(
			jen.Id("r").Dot("Completion").Dot("Complete").Call(jen.Id("ok")),
			jen.Id("r").Dot("code").Call(jen.Id("r").Dot("Code"))).Line()
	}
}

// commandRows emits what takes other data for a row of the command, if it is answered so in another revision of the protocol.
func (e *emitter) commandRows(f *jen.File, c *commandInfo) {
	row := jen.Op("*").Add(e.structID(c.Row))
	var cases []jen.Code
	for _, x := range c.Results {
		if x.row && x.Resp != c.Row {
			cases = append(cases, jen.Case(jen.Op("*").Add(e.structID(x.Resp))).Block(jen.Return(jen.Parens(row.Clone()).Parens(jen.Id("x")), jen.True())))
		}
	}
	if cases == nil {
		return
	}
	f.Comment("// AsRow gives other data that answers it as a row; false if it is none.")
	f.Func().Params(jen.Id(c.Go)).Id("AsRow").Params(jen.Id("x").Qual(connPath, "Response")).Params(row, jen.Bool()).Block(
		jen.Switch(jen.Id("x").Op(":=").Id("x").Assert(jen.Type())).Block(cases...), jen.Return(jen.Nil(), jen.False())).Line()
}

// takeIn emits what keeps a response. A long list may come in several responses: their lists are joined.
func (e *emitter) takeIn(to *jen.Statement, s *Struct) []jen.Code {
	var out []jen.Code
	for _, f := range s.Fields {
		if f.Type != nil && f.Type.kind == sliceType && f.many && !f.rare {
			out = append(out, jen.Id("x").Dot(f.Go).Op("=").Append(to.Clone().Dot(f.Go), jen.Id("x").Dot(f.Go).Op("...")))
		}
	}
	return append(out, to.Clone().Op("=").Op("*").Id("x"))
}
