package gen

import (
	"maps"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// GenerateExtension makes the Go code of a module of somebody else's: of the grammar files own, which add to the base. The
// package has the types of what they add, and a function Extension that gives what plugs them into a connection. When there
// are faults nothing is made.
func GenerateExtension(base, own []File, pkg string) (Output, Faults) {
	m, faults := parse(slices.Concat(base, own))
	if len(faults) == 0 {
		faults = m.additions(own)
	}
	if len(faults) > 0 {
		return nil, sortFaults(faults)
	}
	g := m.g
	r, faults := resolve(g)
	if len(faults) > 0 {
		return nil, sortFaults(faults)
	}
	e := newEmitter(r, pkg)
	e.foreign = map[*Section]bool{}
	for _, s := range g.Sections {
		if slices.ContainsFunc(own, func(f File) bool { return f.Name == s.Pos.File }) {
			e.foreign[s] = true
		}
	}
	for _, t := range g.Terminals {
		if e.foreign[t.Section] {
			r.faults.add(t.Pos, "a terminal is written by hand in runtime/wire: say %s as a rule of the terminals there are", t.Name)
		}
	}
	e.types()
	e.commands()
	e.responses()
	e.encoders()
	e.clones()
	e.extensionFunc()
	e.run()
	e.decoderParts()
	if len(r.faults) > 0 {
		return nil, sortFaults(r.faults)
	}
	out := Output{}
	for name, f := range e.files {
		out[name] = render(f)
	}
	if e.takenTwice(out); len(e.r.faults) > 0 {
		return nil, sortFaults(e.r.faults)
	}
	return out, nil
}

// baseSection is any section that this run does not emit, of the base: names of hand-written code are qualified with it.
func (e *emitter) baseSection() *Section {
	for _, s := range e.r.g.Sections {
		if e.foreign != nil && !e.foreign[s] {
			return s
		}
	}
	return nil
}

// kindOf is the address of a response's kind.
func (e *emitter) kindOf(s *Struct) *jen.Statement {
	if e.own(s.Section) {
		return jen.Op("&").Id(kindVar(s))
	}
	return jen.Parens(jen.Op("*").Qual(imapPath, s.Go)).Parens(jen.Nil()).Dot("Kind").Call()
}

// own tells whether what stands in the section is emitted by this run. Another module's run emits its own sections only.
func (e *emitter) own(s *Section) bool { return e.foreign == nil || s != nil && e.foreign[s] }

// outside is the emitter as another package sees it: all that is generated is qualified.
func (e *emitter) outside() *emitter {
	o := *e
	o.foreign = map[*Section]bool{}
	return &o
}

// id names what stands in a section: qualified, when another run emitted it.
func (e *emitter) id(name string, s *Section) *jen.Statement {
	if e.own(s) {
		return jen.Id(name)
	}
	return jen.Qual(imapPath, name)
}

func (e *emitter) structID(s *Struct) *jen.Statement { return e.id(s.Go, s.Section) }

// method begins a function that reads: a method of the Decoder, or in another module a function that takes it.
func (e *emitter) method(f *jen.File, name string, params ...jen.Code) *jen.Statement {
	if e.foreign == nil {
		return f.Func().Params(jen.Id("d").Op("*").Id("Decoder")).Id(e.funcName(name)).Params(params...)
	}
	return f.Func().Id(e.funcName(name)).Params(append([]jen.Code{jen.Id("d").Op("*").Qual(imapPath, "Decoder")}, params...)...)
}

// decoderNames are what the Decoder has beside the readers of rules.
var decoderNames = strings.Fields("bareCode data extensions plainStatus response storage unknown")

// localNames are what the functions of another module, and the files that they stand in, use themselves.
var localNames = strings.Fields("any append bool byte c code conn d e error false i imap items k len name n new nil pos r read rune s slices string strings time to true uint32 uint64 v value wire word x")

// funcName is the name that method gives a function: another than usual where that is taken.
func (e *emitter) funcName(name string) string {
	taken := decoderNames
	if e.foreign != nil {
		name, taken = unexported(name), localNames
	}
	if slices.Contains(taken, name) {
		name += "Rule"
	}
	return name
}

// invoke calls a function that method began.
func (e *emitter) invoke(name string, args ...jen.Code) *jen.Statement {
	if e.foreign == nil {
		return d(e.funcName(name), args...)
	}
	return jen.Id(e.funcName(name)).Call(append([]jen.Code{jen.Id("d")}, args...)...)
}

// newStruct makes a struct: out of a slab that neighbours share, where the Decoder has one, or out of the chunks of its lists.
func (e *emitter) newStruct(s *Struct) *jen.Statement {
	switch {
	case e.foreign != nil:
		return jen.New(e.structID(s))
	case e.listed(s):
		return jen.Id("d").Dot(e.listOf(&Type{kind: structType, strct: s})).Dot("Alone").Call()
	}
	return jen.Id("d").Dot(e.slabOf(s)).Dot("New").Call()
}

// listed: there are lists of the struct.
func (e *emitter) listed(s *Struct) bool {
	return slices.ContainsFunc(e.r.structs, func(o *Struct) bool {
		return slices.ContainsFunc(o.Fields, func(f *Field) bool { return f.Type != nil && f.Type.kind == sliceType && f.Type.elem.strct == s })
	})
}

// extensionFunc emits the function that gives the Extension: a table for each place where the base is open.
func (e *emitter) extensionFunc() {
	var section *Section
	for _, s := range e.r.g.Sections {
		if e.foreign[s] && (section == nil || s.Pos.Line < section.Pos.Line) {
			section = s
		}
	}
	f := e.file("extension_gen.go")
	tables := map[string]jen.Dict{}
	types := map[string]*jen.Statement{}
	put := func(table string, typ *jen.Statement, key string, value jen.Code) {
		if tables[table] == nil {
			tables[table] = jen.Dict{}
		}
		types[table] = typ
		tables[table][jen.Lit(key)] = value
	}
	dec := jen.Id("d").Op("*").Qual(imapPath, "Decoder")
	for _, rule := range e.r.g.Responses {
		s := e.r.responses[rule]
		if !e.own(rule.Section) {
			continue
		}
		e.foreignResponse(rule, s, put)
	}
	for _, c := range e.r.commands {
		if e.own(c.cmd.Section) {
			e.foreignCommand(c, put)
		} else {
			e.foreignReturns(f, c, put)
		}
	}
	for _, u := range e.r.unions {
		if e.own(u.Rule.Section) {
			continue
		}
		typ := jen.Func().Params(jen.Op("*").Qual(imapPath, "Decoder")).Add(e.id(u.Go, u.Rule.Section))
		first := e.firstWords(u.Rule)
		open := len(first) > 0 // the base looks further at a keyword only
		for _, a := range u.Alts {
			if !e.own(a.alt.Section) {
				continue
			}
			if !open && e.received(u) {
				e.r.faults.add(a.alt.Pos, "no alternative of %q begins with a keyword in the grammar, which so reads none of another module", u.Rule.Name)
			}
			if !open {
				continue // it is only sent
			}
			b := &reader{e: e, rule: u.Rule.Name, union: true, to: target{s: &Struct{}}, open: map[string]bool{}}
			s := e.r.lower(a.alt)
			n := firstWord(s)
			if n < 0 {
				e.r.faults.add(a.alt.Pos, "what another module adds to a union must begin with a keyword")
				continue
			}
			for _, v := range s.nodes[n].words {
				e.onlyOne(first, v, a.alt)
				put(u.Go, typ, strings.ToUpper(v.text), jen.Func().Params(dec.Clone()).Add(e.id(u.Go, u.Rule.Section)).Block(
					b.unionAlt(a, s, s.nodes[n+1:], v, e.r.followOf(u.Rule.Name))...))
			}
		}
	}
	for _, rule := range e.r.live {
		if rule.Kind == Record && !e.own(rule.Section) && e.isItems(rule) {
			e.foreignItems(f, rule, put)
		}
	}
	fields := jen.Dict{jen.Id("Name"): jen.Lit(section.Name)}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		fields[jen.Id(name)] = jen.Map(jen.String()).Add(types[name]).Values(tables[name])
	}
	f.Comment("// Extension gives what plugs " + section.Name + " into a connection: see client.Options.Extensions.")
	f.Func().Id("Extension").Params().Op("*").Qual(imapPath, "Extension").Block(jen.Return(jen.Op("&").Qual(imapPath, "Extension").Values(fields))).Line()
}

type putter func(table string, typ *jen.Statement, key string, value jen.Code)

func (e *emitter) foreignResponse(rule *Rule, s *Struct, put putter) {
	nodes := e.r.lower(rule.Alts[0]).nodes
	name := unexported(s.Go)
	dec := jen.Id("d").Op("*").Qual(imapPath, "Decoder")
	v := jen.Id("v").Op(":=").New(jen.Id(s.Go))
	if nodes[0].kind == valueNode {
		if len(nodes) > 3 {
			f := e.decodeFile(rule.Section)
			b := &reader{e: e, rule: rule.Name, to: target{s: s}, open: map[string]bool{}}
			f.Comment("// " + name + " reads what follows the keyword of the response " + rule.Name + ".")
			e.method(f, name, jen.Id("v").Op("*").Id(s.Go)).Block(b.seq(nodes[3:], e.end())...).Line()
		}
		body := []jen.Code{v, jen.Id("v").Dot(s.field(nodes[0].bind).Go).Op("=").Id("n")}
		if len(nodes) > 3 {
			body = append(body, e.invoke(name, jen.Id("v")))
		}
		put("Numbered", jen.Func().Params(jen.Op("*").Qual(imapPath, "Decoder"), jen.Uint32()).Qual(connPath, "Response"), strings.ToUpper(nodes[2].words[0].text),
			jen.Func().Params(dec, jen.Id("n").Uint32()).Qual(connPath, "Response").Block(append(body, jen.Return(jen.Id("v")))...))
		return
	}
	e.plainResponse(rule, s, name)
	put("Untagged", jen.Func().Params(jen.Op("*").Qual(imapPath, "Decoder")).Qual(connPath, "Response"), strings.ToUpper(nodes[0].words[0].text),
		jen.Func().Params(dec).Qual(connPath, "Response").Block(v, e.invoke(name, jen.Id("v")), jen.Return(jen.Id("v"))))
}

func (e *emitter) foreignCommand(c *commandInfo, put putter) {
	for _, uid := range []bool{false, true} {
		table := "Commands"
		if uid {
			table = "UIDCommands"
		}
		if uid && c.cmd.UID == "" || !uid && c.cmd.UID == "only" {
			continue
		}
		name, _ := e.nameNodes(c)
		put(table, jen.Func().Params(jen.Op("*").Qual(imapPath, "Decoder")).Qual(connPath, "Command"), name,
			jen.Func().Params(jen.Id("d").Op("*").Qual(imapPath, "Decoder")).Qual(connPath, "Command").Block(e.newCommand(c, uid)...))
	}
}

// foreignReturns emits what own files add to the results of a base command: a key for each, and what keeps it.
func (e *emitter) foreignReturns(f *jen.File, c *commandInfo, put putter) {
	name := strings.ToUpper(keywordOf(c.cmd.Alts[0]))
	var rets, keep []jen.Code
	for _, x := range c.Results {
		if !e.own(x.Return.Section) {
			continue
		}
		key := c.Go + "Result" + x.Go
		if x.Return.Code {
			rets = append(rets, jen.Values(jen.Dict{jen.Id("Code"): jen.Lit(x.code)}))
			typ := jen.Bool()
			set := jen.If(jen.Id("code").Op("!=").Nil().Op("&&").Id("code").Dot("Keyword").Call().Op("==").Lit(x.code)).Block(
				jen.Id(key).Dot("Set").Call(jen.Id("to"), jen.True()))
			if x.Alt.Struct != nil {
				typ = e.id(x.Alt.Go, x.Alt.alt.Section)
				set = jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Id("code").Assert(typ.Clone()), jen.Id("ok")).Block(
					jen.Id(key).Dot("Set").Call(jen.Id("to"), jen.Id("x")))
			}
			keep = append(keep, set)
			e.keyVar(f, key, typ, "the code "+x.Return.Name+" in the result of "+name, jen.Nil())
			continue
		}
		rd := jen.Dict{jen.Id("Kind"): e.kindOf(x.Resp)}
		typ := jen.Op("*").Add(e.structID(x.Resp))
		if x.Return.Many {
			rd[jen.Id("Many")], rd[jen.Id("Collect")] = jen.True(), jen.True()
			typ = jen.Index().Add(typ)
		}
		rets = append(rets, jen.Values(rd))
		keep = append(keep, jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Id("r").Assert(jen.Op("*").Add(e.structID(x.Resp))), jen.Id("ok")).Block(keepIn(key, "x", x.Return.Many)...))
		e.keyVar(f, key, typ, "the response "+x.Return.Name+" in the result of "+name, jen.Nil())
	}
	if len(rets) == 0 {
		return
	}
	put("Returns", jen.Index().Qual(connPath, "Return"), name, jen.Values(rets...))
	put("Collect", jen.Func().Params(jen.Qual(connPath, "Response"), jen.Qual(imapPath, "Code"), jen.Op("*").Qual(wirePath, "Ext")), name,
		jen.Func().Params(jen.Id("r").Qual(connPath, "Response"), jen.Id("code").Qual(imapPath, "Code"), jen.Id("to").Op("*").Qual(wirePath, "Ext")).Block(keep...))
}

// received: values of the union stand in responses of the base.
func (e *emitter) received(u *UnionInfo) bool {
	return slices.ContainsFunc(e.r.g.Responses, func(rule *Rule) bool {
		return !e.own(rule.Section) && holds(e.r.responses[rule], u, map[*Struct]bool{})
	})
}

// firstWords are the keywords of the alternatives that the base has, and where.
func (e *emitter) firstWords(rule *Rule) map[string]Pos {
	first := map[string]Pos{}
	for _, a := range rule.Alts {
		if e.own(a.Section) {
			continue
		}
		s := e.r.lower(a)
		if n := firstWord(s); n >= 0 {
			for _, v := range s.nodes[n].words {
				first[strings.ToUpper(v.text)] = a.Pos
			}
		}
	}
	return first
}

// onlyOne reports a keyword that another alternative has: what another module adds is found by it alone.
func (e *emitter) onlyOne(first map[string]Pos, v variant, a *Alt) {
	w := strings.ToUpper(v.text)
	if old, ok := first[w]; ok {
		e.r.faults.add(a.Pos, "%q begins an alternative already, at %s: what another module adds needs a keyword of its own, and what differs a group behind it", w, old)
	}
	first[w] = a.Pos
}

// firstWord is the place of the keyword that an alternative begins with; -1 if it begins with something else.
func firstWord(s *seq) int {
	n := slices.IndexFunc(s.nodes, func(n *node) bool { return !n.readsNothing() })
	if n < 0 || s.nodes[n].kind != wordNode {
		return -1
	}
	return n
}

// keepIn emits what keeps a value under its key; many: behind those that came before.
func keepIn(key, value string, many bool) []jen.Code {
	set := func(x jen.Code) jen.Code { return jen.Id(key).Dot("Set").Call(jen.Id("to"), x) }
	if !many {
		return []jen.Code{set(jen.Id(value))}
	}
	return []jen.Code{
		jen.List(jen.Id("before"), jen.Id("_")).Op(":=").Id(key).Dot("Of").Call(jen.Id("to")),
		set(jen.Append(jen.Id("before"), jen.Id(value))),
	}
}

// keyVar emits the key of a field; detach shows a Cloner what its values refer to.
func (e *emitter) keyVar(f *jen.File, name string, typ *jen.Statement, what string, detach jen.Code) {
	f.Comment("// " + name + " is " + what + ".")
	f.Var().Id(name).Op("=").Qual(wirePath, "NewKey").Types(typ.Clone()).Call(jen.Lit(what), detach).Line()
}

// foreignItems emits the items that own files add to a record of the base: a key for each, and its reader.
func (e *emitter) foreignItems(f *jen.File, rule *Rule, put putter) {
	info := e.r.records[rule]
	typ := jen.Func().Params(jen.Op("*").Qual(imapPath, "Decoder"), jen.Op("*").Qual(wirePath, "Ext"))
	first := e.firstWords(rule)
	inResponse := slices.ContainsFunc(e.r.g.Responses, func(rule *Rule) bool { return !e.own(rule.Section) && e.r.responses[rule].Record == info })
	for _, a := range rule.Alts {
		if !e.own(a.Section) {
			continue
		}
		if !inResponse {
			e.r.faults.add(a.Pos, "the items of %q stand in no response itself, where another module's would be read", rule.Name)
			continue
		}
		seq := e.r.lower(a)
		n := firstWord(seq)
		if n < 0 {
			e.r.faults.add(a.Pos, "what another module adds to a record must begin with a keyword")
			continue
		}
		name := a.Label
		if name == "" {
			name = e.r.names.camel(keywordOf(a)) + "Item"
		}
		s := &Struct{Go: name + "Value", Doc: name + "Value is the item " + keywordOf(a) + " of " + rule.Name + ".", Section: a.Section, pos: a.Pos,
			alts: []*Alt{{Pos: a.Pos, Terms: a.Terms, Section: a.Section}}}
		e.r.fill(s)
		v := jen.Op("").Id(s.Go)
		value := &Type{kind: structType, strct: s}
		single := len(s.Fields) == 1 && s.Fields[0].Embed == nil
		if single {
			value = s.Fields[0].Type
			v = e.goType(value)
		} else {
			e.structType(e.file(fileOf(a.Section, "values")), s, nil)
			e.detachMethod(s)
		}
		kept, what := v, "the item "
		if a.Many {
			kept, what = jen.Index().Add(v.Clone()), "the items "
			value = &Type{kind: sliceType, elem: value}
		}
		e.keyVar(f, name, kept, what+keywordOf(a)+" of "+rule.Name, e.detacher(value))
		b := &reader{e: e, rule: rule.Name, to: target{s: s, single: single}, open: map[string]bool{}}
		for _, w := range seq.nodes[n].words {
			e.onlyOne(first, w, a)
			body := append([]jen.Code{jen.Var().Id("v").Add(v.Clone())}, b.sets(w.sets)...)
			body = append(body, b.seq(seq.nodes[n+1:], itemFollow())...)
			body = append(body, jen.If(endItem(info)).Block(keepIn(name, "v", a.Many)...))
			put(info.Go, typ, strings.ToUpper(w.text), jen.Func().Params(jen.Id("d").Op("*").Qual(imapPath, "Decoder"), jen.Id("to").Op("*").Qual(wirePath, "Ext")).Block(body...))
		}
	}
}
