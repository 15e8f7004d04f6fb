package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// stateNames are the states of a command's "in" clause, as runtime/conn names them.
var stateNames = map[string]string{"any": "StateAny", "nonauth": "StateNotAuthenticated", "auth": "StateAuthenticated",
	"selected": "StateSelected", "logout": "StateLogout"}

func (e *emitter) commands() {
	for _, c := range e.r.commands {
		if !e.own(c.cmd.Section) {
			continue
		}
		f := e.file(fileOf(c.cmd.Section, "commands"))
		e.commandType(f, c)
		e.commandSpec(f, c)
		e.commandScope(f, c)
		e.commandResult(f, c)
		e.commandEncode(c)
		e.commandDecode(c)
	}
	e.commandTable()
	e.byNumberFuncs()
}

// hasSet: one of the command's own fields is a set of messages, whose kind decides between the two forms.
func (c *commandInfo) setField() *Field {
	for _, f := range c.Struct.Fields {
		if f.Type != nil && f.Type.kind == termType && f.Type.term.Name == "sequence-set" {
			return f
		}
	}
	return nil
}

// byNumberField: both forms exist and no set tells which is meant.
func (c *commandInfo) byNumberField() bool { return c.cmd.UID == "also" && c.setField() == nil }

func (e *emitter) commandType(f *jen.File, c *commandInfo) {
	text := lead(c.Go, c.cmd.Doc, "is the command "+strings.ToUpper(c.cmd.Name)+".")
	var extra []jen.Code
	switch {
	case c.byNumberField():
		text += " It is sent as UID " + strings.ToUpper(c.cmd.Name) + " unless ByNumber is set."
		extra = append(extra, jen.Comment("// ByNumber asks for message sequence numbers in place of UIDs."), jen.Id("ByNumber").Bool())
	case c.cmd.UID == "also":
		text += " A set of UIDs is sent with UID " + strings.ToUpper(c.cmd.Name) + ", one of sequence numbers without."
	}
	s := *c.Struct
	s.Doc = text
	e.structType(f, &s, extra)
}

func specVar(c *commandInfo) string { return unexported(c.Go) + "Spec" }

func (e *emitter) commandSpec(f *jen.File, c *commandInfo) {
	name := strings.ToUpper(keywordOf(c.cmd.Alts[0]))
	d := jen.Dict{jen.Id("Name"): jen.Lit(name)}
	var in *jen.Statement
	for _, s := range c.cmd.In {
		x := jen.Qual(connPath, stateNames[s])
		if in == nil {
			in = x
		} else {
			in = in.Op("|").Add(x)
		}
	}
	if in != nil {
		d[jen.Id("In")] = in
	}
	state := func(key, s string) {
		if s != "" {
			d[jen.Id(key)] = jen.Qual(connPath, stateNames[s])
		}
	}
	state("Next", c.cmd.Next)
	state("Else", c.cmd.Else)
	list := func(key string, l []string) {
		if len(l) > 0 {
			var v []jen.Code
			for _, x := range l {
				v = append(v, jen.Lit(x))
			}
			d[jen.Id(key)] = jen.Index().String().Values(v...)
		}
	}
	needs := c.cmd.Needs
	if !c.cmd.Section.Base && len(needs) == 0 {
		needs = []string{c.cmd.Section.Name}
	}
	list("Needs", needs)
	list("Unless", c.cmd.Unless)
	switch c.cmd.Dialog {
	case "idle":
		d[jen.Id("Dialog")] = jen.Qual(connPath, "DialogIdle")
	case "sasl":
		d[jen.Id("Dialog")] = jen.Qual(connPath, "DialogSASL")
	}
	switch c.cmd.Switch {
	case "tls":
		d[jen.Id("Switch")] = jen.Qual(connPath, "SwitchTLS")
	case "deflate":
		d[jen.Id("Switch")] = jen.Qual(connPath, "SwitchDeflate")
	}
	flag := func(key string, v bool) {
		if v {
			d[jen.Id(key)] = jen.True()
		}
	}
	flag("KeepsNumbers", c.cmd.KeepsNumbers)
	flag("ReadsFlags", c.cmd.ReadsFlags)
	flag("WritesFlags", c.cmd.WritesFlags)
	var rets []jen.Code
	for _, x := range c.Results {
		rd := jen.Dict{}
		if x.Return.Code {
			rd[jen.Id("Code")] = jen.Lit(x.Return.Name)
		} else {
			rd[jen.Id("Kind")] = e.kindOf(x.Resp)
		}
		if x.Return.Many {
			rd[jen.Id("Many")] = jen.True()
		}
		if x.Return.Many && !x.row {
			rd[jen.Id("Collect")] = jen.True()
		}
		if bit := c.withBit(x.Return.With); bit > 0 {
			rd[jen.Id("With")] = jen.Lit(bit)
		}
		for _, wh := range x.Return.Where {
			switch wh {
			case "set":
				rd[jen.Id("Set")] = jen.True()
			case "tag":
				rd[jen.Id("Tag")] = jen.True()
			default:
				rd[jen.Id("Key")] = jen.True()
			}
		}
		rets = append(rets, jen.Values(rd))
	}
	if len(rets) > 0 {
		d[jen.Id("Returns")] = jen.Index().Qual(connPath, "Return").Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, rets...)
	}
	f.Var().Id(specVar(c)).Op("=").Qual(connPath, "Spec").Values(d).Line()
	f.Comment("// Spec gives what the connection must know about " + name + ".")
	f.Func().Params(jen.Id(c.Go)).Id("Spec").Params().Op("*").Qual(connPath, "Spec").Block(jen.Return(jen.Op("&").Id(specVar(c)))).Line()
}

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
				codes = append(codes, jen.Case(jen.Lit(x.Return.Name)).Block(fn.Op("=").True()))
			case x.Alt.Named != nil:
				fields = append(fields, jen.Id(x.Go).Add(e.goType(x.Alt.Named)).Comment("// "+text))
				codes = append(codes, jen.Case(jen.Lit(x.Return.Name)).Block(
					jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Id("code").Assert(e.id(x.Alt.Go, x.Alt.alt.Section)), jen.Id("ok")).Block(
						fn.Op("=").Add(e.goType(x.Alt.Named)).Parens(jen.Id("x")))))
			default:
				fields = append(fields, jen.Id(x.Go).Op("*").Add(e.id(x.Alt.Go, x.Alt.alt.Section)).Comment("// "+text+"; nil when it was not sent"))
				codes = append(codes, jen.Case(jen.Lit(x.Return.Name)).Block(
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

// takeIn emits what keeps a response. A long list may come in several responses: their lists are joined.
func (e *emitter) takeIn(to *jen.Statement, s *Struct) []jen.Code {
	var out []jen.Code
	for _, f := range s.Fields {
		if f.Type != nil && f.Type.kind == sliceType && f.many {
			out = append(out, jen.Id("x").Dot(f.Go).Op("=").Append(to.Clone().Dot(f.Go), jen.Id("x").Dot(f.Go).Op("...")))
		}
	}
	return append(out, to.Clone().Op("=").Op("*").Id("x"))
}

func (e *emitter) commandEncode(c *commandInfo) {
	f := e.file(fileOf(c.cmd.Section, "encode"))
	w := &writer{e: e, s: c.Struct, v: "c", secret: c.cmd.Secret, quote: c.cmd.Quote}
	var body []jen.Code
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
	choose := []jen.Code{jen.If(field.Clone().Op("==").Lit("").Op("&&").Add(enc("EightBit", jen.Id("c").Dot("append")))).Block(field.Clone().Op("=").Lit("UTF-8"))}
	if e.required(c, fl) {
		choose = []jen.Code{jen.If(field.Clone().Op("==").Lit("")).Block(
			field.Clone().Op("=").Lit("US-ASCII"),
			jen.If(enc("EightBit", jen.Id("c").Dot("append"))).Block(field.Clone().Op("=").Lit("UTF-8")))}
	}
	encoder := jen.Id("e").Op("*").Qual(wirePath, "Encoder")
	f.Comment("// AppendIMAP writes the command: all between its tag and the end of the line. Without " + fl.Go + " it names UTF-8 when there is text that is not ASCII.")
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

// argumentNodes are the nodes after the command's name.
func (e *emitter) argumentNodes(c *commandInfo) []*node {
	nodes := e.r.lower(c.Struct.alts[0]).nodes
	if c.cmd.UID == "only" {
		return nodes[3:] // "UID" SP name
	}
	return nodes[1:]
}

// commandTable emits the switch that finds a command by its name.
func (e *emitter) commandTable() {
	if len(e.r.commands) == 0 || e.foreign != nil {
		return
	}
	f := e.file("commands_gen.go")
	var plain, uid []jen.Code
	for _, c := range e.r.commands {
		name := strings.ToUpper(e.r.lower(c.Struct.alts[0]).nodes[0].words[0].text)
		if c.cmd.UID == "only" {
			name = strings.ToUpper(e.r.lower(c.Struct.alts[0]).nodes[2].words[0].text)
		}
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
