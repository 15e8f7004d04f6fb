package gen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

// examples adds the examples that stand beside the rules to the output, with the tests that read and write them. How a line is
// read, written and cut is by hand beside them, in roundtrip_test.go: it is the same for every grammar.
func (e *emitter) examples(out Output) {
	lines := examplesOf(e.r.g)
	if len(lines) == 0 {
		return
	}
	f := jen.NewFilePathName("generated/imap_test", e.pkg+"_test")
	f.HeaderComment(header)
	field := func(name string, v *jen.Statement) jen.Code { return jen.Id(name).Op(":").Add(v) }
	var rows []jen.Code
	for _, x := range lines {
		row := []jen.Code{field("at", jen.Lit(x.Pos.File+":"+strconv.Itoa(x.Pos.Line))), field("octets", jen.Lit(x.Text+"\r\n"))}
		if isCommandLine(x.Text) {
			row = append(row, field("command", jen.True()))
		}
		if x.Lenient {
			row = append(row, field("lenient", jen.True()))
		}
		rows = append(rows, jen.Line().Values(row...))
	}
	f.Comment("// examples are the lines of the protocol that stand beside the rules, with their places in the grammar.")
	f.Var().Id("examples").Op("=").Index().Id("line").Values(append(rows, jen.Line())...).Line()

	each := func(method string) jen.Code {
		return jen.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Id("examples")).Block(
			jen.Id("t").Dot("Run").Call(jen.Id("x").Dot("at"), jen.Id("x").Dot(method)))
	}
	param := jen.Id("t").Op("*").Qual("testing", "T")
	f.Comment("// TestExamples reads each example as strictly as the grammar says, writes it and reads it again. What stands beside a \"~=\" is")
	f.Comment("// a deviation: it is read with a warning and refused in strict mode, and what is written of it has no deviation any more.")
	f.Func().Id("TestExamples").Params(param).Block(each("roundTrip")).Line()
	f.Comment("// TestExamplesSplit cuts each example at every octet, and all of them into single octets: what is read stays the same.")
	f.Func().Id("TestExamplesSplit").Params(param.Clone()).Block(each("split"), jen.Id("splitStream").Call(jen.Id("t"), jen.Id("examples")))
	out["generated/imap/examples_gen_test.go"] = render(f)
}

// examplesOf gives all examples in the order in which they stand in the files.
func examplesOf(g *Grammar) []Example {
	var all []Example
	for _, rules := range [][]*Rule{g.Rules, g.Responses} {
		for _, r := range rules {
			all = append(all, r.Examples...)
		}
	}
	for _, c := range g.Commands {
		all = append(all, c.Examples...)
	}
	for _, t := range g.Terminals {
		all = append(all, t.Examples...)
	}
	slices.SortFunc(all, func(a, b Example) int { return comparePos(a.Pos, b.Pos) })
	return all
}

// isCommandLine tells which side sends an example. A rule can be part of both sides' lines, so its kind does not tell: a server's
// line begins with "*", "+", or a tag and the outcome of a command.
func isCommandLine(text string) bool {
	tag, rest, _ := strings.Cut(text, " ")
	word, _, _ := strings.Cut(rest, " ")
	return tag != "*" && tag != "+" && !slices.Contains([]string{"OK", "NO", "BAD"}, strings.ToUpper(word))
}
