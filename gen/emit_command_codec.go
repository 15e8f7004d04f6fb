package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file emits the writers and readers of commands.

func (e *emitter) commandEncode(c *commandInfo) {
	f := e.file(fileOf(c.cmd.Section, "encode"))
	w := &writer{e: e, s: c.Struct, v: "c", secret: c.cmd.Secret, quote: c.cmd.Quote}
	var body []jen.Code
	if c.cmd.Synchronizing {
		body = append(body, enc("Synchronize"))
	}
	sf := c.setField()
	switch {
	case c.byNumberField():
		body = append(body, jen.If(jen.Op("!").Id("c").Dot("ByNumber")).Block(enc("Keyword", jen.Lit("UID "))))
	case c.cmd.UID == "also":
		body = append(body, jen.If(jen.Op("!").Id("c").Dot(sf.Go).Dot("IsSeq").Call()).Block(enc("Keyword", jen.Lit("UID "))))
	}
	body = append(body, w.body(e.r.lowerAll(c.Struct.alts))...)
	if c.turns && c.cmd.Dialog == "idle" {
		// The last turn of IDLE is known: DONE.
		a := c.cmd.Alts[0]
		n := slices.IndexFunc(a.Terms, isTurn)
		body = append(body, enc("Turn"))
		body = append(body, w.seq(e.r.lower(&Alt{Pos: a.Pos, Terms: a.Terms[n+1:]}).nodes)...)
	}
	if c.cmd.Charset != "" {
		e.charsetEncode(f, c, body)
		return
	}
	body = append(body, jen.Return(enc("Err")))
	f.Comment("// AppendIMAP writes the command: all between its tag and the end of the line.")
	f.Func().Params(jen.Id("c").Id(c.Go)).Id("AppendIMAP").Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Error().Block(body...).Line()
}

// charsetEncode emits the writer of a command that must name the character set of its text (RFC 3501 section 6.4.4): it is
// filled in when there is text that is not ASCII, and left out where all text is UTF-8 (RFC 6855 section 3).
func (e *emitter) charsetEncode(f *jen.File, c *commandInfo, body []jen.Code) {
	fl := c.Struct.field(c.cmd.Charset)
	field := jen.Id("c").Dot(fl.Go)
	choice := enc("TextCharset", jen.Id("c").Dot("append"))
	if e.required(c, fl) {
		choice = jen.Qual("cmp", "Or").Call(choice, jen.Lit("US-ASCII"))
	}
	choose := []jen.Code{jen.If(field.Clone().Op("==").Lit("")).Block(field.Clone().Op("=").Add(choice))}
	encoder := jen.Id("e").Op("*").Qual(wirePath, "Encoder")
	f.Comment("// AppendIMAP writes the command: all between its tag and the end of the line. Without " + fl.Go + " it names one, UTF-8 as a rule, when there is text that is not ASCII.")
	f.Func().Params(jen.Id("c").Id(c.Go)).Id("AppendIMAP").Params(encoder).Error().Block(
		append(choose, jen.Id("c").Dot("append").Call(jen.Id("e")), jen.Return(enc("Err")))...).Line()
	f.Func().Params(jen.Id("c").Id(c.Go)).Id("append").Params(encoder.Clone()).Block(body...).Line()
}

// commandDecode emits the reader of a command's arguments, for servers.
func (e *emitter) commandDecode(c *commandInfo) {
	f := e.file(fileOf(c.cmd.Section, "commands_decode"))
	name := unexported(c.Go) + "Command"
	nodes := e.argumentNodes(c)
	if len(nodes) == 0 {
		return
	}
	b := &reader{e: e, rule: c.cmd.Name, to: target{s: c.Struct}, open: map[string]bool{}}
	body := b.seq(nodes, e.end())
	f.Comment("// " + name + " reads the arguments of " + strings.ToUpper(c.cmd.Name) + ".")
	e.method(f, name, jen.Id("v").Op("*").Id(c.Go)).Block(body...).Line()
}

// argumentNodes are the nodes after the command's name. A command that is another one under ?CAP is read as that one.
func (e *emitter) argumentNodes(c *commandInfo) []*node {
	_, arguments := e.nameNodes(c)
	return arguments
}

// nameNodes gives the name of a command, without UID, and the nodes after it.
func (e *emitter) nameNodes(c *commandInfo) (name string, arguments []*node) {
	nodes := e.r.lower(c.Struct.alts[0]).nodes
	nodes = nodes[slices.IndexFunc(nodes, func(n *node) bool { return n.kind == wordNode }):]
	if c.cmd.UID == "only" {
		nodes = nodes[2:] // "UID" SP
	}
	return strings.ToUpper(nodes[0].words[0].text), nodes[1:]
}

// commandTable emits the switch that finds a command by its name.
func (e *emitter) commandTable() {
	if len(e.r.commands) == 0 || e.foreign != nil {
		return
	}
	f := e.file("commands_gen.go")
	var plain, uid []jen.Code
	for _, c := range e.r.commands {
		name, _ := e.nameNodes(c)
		if c.cmd.UID != "only" {
			plain = append(plain, jen.Case(jen.Lit(name)).Block(e.newCommand(c, false)...))
		}
		if c.cmd.UID != "" {
			uid = append(uid, jen.Case(jen.Lit(name)).Block(e.newCommand(c, true)...))
		}
	}
	f.Comment("// command reads the command with this name, and its arguments; nil when the name is not known.")
	e.method(f, "command", jen.Id("name").String()).Qual(connPath, "Command").Block(
		jen.Switch(jen.Id("name")).Block(plain...), jen.Return(jen.Nil())).Line()
	f.Comment("// uidCommand reads the command with this name in its UID form; nil when there is none.")
	e.method(f, "uidCommand", jen.Id("name").String()).Qual(connPath, "Command").Block(
		jen.Switch(jen.Id("name")).Block(uid...), jen.Return(jen.Nil())).Line()
}

// newCommand emits what makes a command and reads its arguments.
func (e *emitter) newCommand(c *commandInfo, uid bool) []jen.Code {
	out := []jen.Code{jen.Id("v").Op(":=").Op("&").Id(c.Go).Values()}
	if c.byNumberField() && !uid {
		out = append(out, jen.Id("v").Dot("ByNumber").Op("=").True())
	}
	if len(e.argumentNodes(c)) > 0 {
		out = append(out, e.invoke(unexported(c.Go)+"Command", jen.Id("v")))
	}
	if sf := c.setField(); sf != nil && c.cmd.UID == "also" && !uid {
		out = append(out, jen.Id("v").Dot(sf.Go).Op("=").Id("v").Dot(sf.Go).Dot("AsSeq").Call())
	}
	return append(out, jen.Return(jen.Id("v")))
}
