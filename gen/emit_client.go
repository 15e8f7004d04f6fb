package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

const imapPath = "github.com/parley-go/parley/generated/imap"

// client emits the methods of Client and Mailbox: a short form of each command that needs nothing but its arguments.
func (e *emitter) client() *jen.File {
	f := jen.NewFile("client")
	f.HeaderComment(header)
	f.ImportName(imapPath, "imap")
	for _, c := range e.r.commands {
		// What changes the state, the user, the stream or the talk is written by hand. A command that leaves the state as it was (ENABLE)
		// says so only to be alone.
		moves := c.cmd.Next != "" && !slices.Equal(c.cmd.In, []string{c.cmd.Next})
		identifies := c.cmd.Next != "" && slices.ContainsFunc(c.cmd.Returns, func(r *Return) bool { return r.Code && r.Name == "CAPABILITY" })
		if moves || identifies || c.cmd.Switch != "" || c.cmd.Dialog != "" || !c.cmd.Section.Base && e.pkg != "imap" {
			continue
		}
		e.clientMethod(f, c)
	}
	return f
}

// parameter names the parameter for a field otherwise than what the method itself uses.
func parameter(f *Field, recv string) string {
	name := unexported(f.Go)
	if name == recv || slices.Contains(strings.Fields("bool byte context ctx error imap iter rune string time uint32 uint64"), name) {
		name += "_"
	}
	return name
}

// handMethods are the methods that no command may be the name of: they are written by hand.
var handMethods = map[string][]string{
	"Client": strings.Fields(`Authenticate Caps Close Compress Done Err Examine Format Greeting Idle Login Logout Mailbox Protocol ProxyAuth
		Raw Select StartTLS State TLS With`),
	"Mailbox": strings.Fields("Close Download Exists FetchParts Flags Name Newest PermanentFlags Range ReadOnly Recent UIDNext UIDValidity Unseen Unselect"),
}

func (e *emitter) clientMethod(f *jen.File, c *commandInfo) {
	recv, on := "c", "Client"
	if len(c.cmd.In) == 1 && c.cmd.In[0] == "selected" {
		recv, on = "b", "Mailbox"
	}
	if slices.Contains(handMethods[on], c.Go) {
		e.r.faults.add(c.cmd.Pos, "%s has a method %s that is written by hand: rename the command with \"as\"", on, c.Go)
		return
	}
	params := []jen.Code{jen.Id("ctx").Qual("context", "Context")}
	lit := jen.Dict{}
	variadic := e.variadic(c)
	for _, fl := range c.Struct.Fields {
		if fl == variadic || !e.required(c, fl) || fl.Bind == c.cmd.Charset { // the charset is filled in
			continue
		}
		name := parameter(fl, recv)
		params = append(params, jen.Id(name).Add(e.clientType(fl.Type)))
		lit[jen.Id(fl.Go)] = jen.Id(name)
	}
	if variadic != nil {
		name := parameter(variadic, recv)
		params = append(params, jen.Id(name).Op("...").Add(e.clientType(variadic.Type.elem)))
		lit[jen.Id(variadic.Go)] = jen.Id(name)
	}
	value := jen.Qual(imapPath, c.Go).Values(lit)
	head := jen.Func().Params(jen.Id(recv).Op("*").Id(on)).Id(c.Go).Params(params...)
	text := lead(c.Go, c.cmd.Doc, "runs "+strings.ToUpper(c.cmd.Name)+".")
	run := func(fn string) *jen.Statement {
		return jen.Id(fn).Call(jen.Id("ctx"), jen.Id(recv), value)
	}
	var results int
	for _, x := range c.Results {
		if !x.row {
			results++
		}
	}
	row := jen.Null()
	if c.Row != nil {
		row = jen.Op("*").Qual(imapPath, c.Row.Go)
	}
	switch {
	case c.Row != nil && !e.changes(c):
		text += " It is sent when the iterator is ranged over, each time anew; an error is the last thing yielded."
		e.clientDoc(f, text, c)
		f.Add(head.Qual("iter", "Seq2").Types(row, jen.Error()).Block(jen.Return(run("iterate")))).Line()
	case c.Row != nil:
		text += " It gives the data that the server sent in answer."
		e.clientDoc(f, text, c)
		f.Add(head.Params(jen.Index().Add(row), jen.Error()).Block(jen.Return(run("collect")))).Line()
	case results == 0:
		e.clientDoc(f, text, c)
		f.Add(head.Error().Block(jen.Return(run("perform")))).Line()
	default:
		e.clientDoc(f, text, c)
		f.Add(head.Params(jen.Op("*").Qual(imapPath, c.Go+"Result"), jen.Error()).Block(jen.Return(run("Do")))).Line()
	}
}

// changes: the command is run for what it does, not for its rows. Those of one that asks bear its name.
func (e *emitter) changes(c *commandInfo) bool {
	return c.cmd.WritesFlags.Always || !strings.EqualFold(strings.ReplaceAll(c.cmd.Name, "-", ""), strings.TrimSuffix(c.Row.Go, "Data")) || slices.Contains(eventNames, strings.ToUpper(strings.TrimSuffix(c.Row.Go, "Data")))
}

func (e *emitter) clientDoc(f *jen.File, text string, c *commandInfo) {
	for line := range strings.SplitSeq(text, "\n") {
		f.Comment("// " + line)
	}
	f.Comment("// It is short for running imap." + c.Go + " (" + cite(c.cmd.Section) + ").")
}

// clientType is the type as package client writes it: under the names that package imap gives to those of the runtime.
func (e *emitter) clientType(t *Type) *jen.Statement {
	switch t.kind {
	case sliceType:
		return jen.Index().Add(e.clientType(t.elem))
	case listType:
		return jen.Qual(imapPath, t.term.GoType+"s")
	case termType:
		switch t.term.GoType {
		case "NumSet", "Source", "Flag", "NString", "Text", "Value":
			return jen.Qual(imapPath, t.term.GoType)
		}
	}
	return e.outside().goType(t)
}

// required: every alternative of the command binds it outside of options.
func (e *emitter) required(c *commandInfo, f *Field) bool {
	if f.Embed != nil {
		return false
	}
	w := &writer{e: e, s: c.Struct}
	for _, s := range e.r.lowerAll(c.Struct.alts) {
		if !w.requires(f, s.nodes) {
			return false
		}
	}
	return true
}

// variadic is the field that a method takes as its last, repeated argument: the list that the command cannot be without,
// or else the list of its options, or else the only list that it has.
func (e *emitter) variadic(c *commandInfo) *Field {
	var options, only *Field
	lists := 0
	for _, fl := range c.Struct.Fields {
		if fl.Type == nil || fl.Type.kind != sliceType {
			continue
		}
		if e.required(c, fl) || e.mayStand(c, fl) {
			return fl
		}
		if fl.Type.elem.kind == unionType {
			options = fl
		}
		only = fl
		lists++
	}
	if options == nil && lists == 1 {
		return only
	}
	return options
}

// mayStand: some alternative binds it outside of options: the items of FETCH, not its modifiers. What a list in parentheses may do
// without, "(" [limits:limit *(SP limits:limit)] ")", stands for an empty list.
func (e *emitter) mayStand(c *commandInfo, f *Field) bool {
	var in func(nodes []*node) bool
	in = func(nodes []*node) bool {
		for i, n := range nodes {
			alts := n.alts
			switch {
			case n.kind == valueNode && n.bind == f.Bind:
				return true
			case n.kind == inlineNode:
				if _, rule := e.r.ref(n.ref); rule != nil && rule.strct == nil {
					alts = e.r.lowerAll(rule.rule.Alts)
				}
			case n.kind == optionNode && i > 0 && nodes[i-1].kind == octetNode && nodes[i-1].octet == '(', n.kind == choiceNode:
			default:
				continue
			}
			if slices.ContainsFunc(alts, func(s *seq) bool { return in(s.nodes) }) {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(e.r.lowerAll(c.Struct.alts), func(s *seq) bool { return in(s.nodes) })
}
