package gen

import (
	"maps"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

func kindVar(s *Struct) string { return "kind" + strings.TrimSuffix(s.Go, "Data") }

// eventNames are the responses that tell of a change in the mailbox: subscribers see them even when a command claims them.
var eventNames = []string{"FLAGS", "EXISTS", "RECENT", "EXPUNGE", "VANISHED"}

// removalNames are those of them after which sequence numbers mean other messages.
var removalNames = []string{"EXPUNGE", "VANISHED"}

// responses emits the types of untagged data, and the switches that read them.
func (e *emitter) responses() {
	if len(e.r.g.Responses) == 0 {
		return
	}
	for _, rule := range e.r.g.Responses {
		s := e.r.responses[rule]
		if !e.own(rule.Section) {
			continue
		}
		f := e.file(fileOf(rule.Section, "responses"))
		e.structType(f, s, []jen.Code{jen.Qual(wirePath, "Ext")})
		e.responseMethods(f, rule, s)
		e.responseEncode(rule, s)
	}
	if e.foreign == nil {
		e.responseTable()
	}
}

// status: a response whose bindings are a code of resp-text-code and its text.
func (e *emitter) status(s *Struct) bool {
	if e.r.codes == nil || e.r.lower(s.alts[0]).nodes[0].kind != wordNode {
		return false
	}
	return slices.ContainsFunc(s.Fields, func(f *Field) bool {
		return f.Embed != nil && f.Embed.field("code") != nil && f.Embed.field("code").Type.kind == unionType && f.Embed.field("code").Type.union == e.r.codes
	})
}

func (e *emitter) responseMethods(f *jen.File, rule *Rule, s *Struct) {
	name := strings.ToUpper(keywordOfResponse(rule))
	if s.field("type") != nil && e.status(s) {
		name = "OK, NO or BAD"
	}
	if name == "" {
		name = "+"
	}
	kd := jen.Dict{jen.Id("Name"): jen.Lit(name)}
	if slices.Contains(eventNames, name) {
		kd[jen.Id("Event")] = jen.True()
	}
	if slices.Contains(removalNames, name) {
		kd[jen.Id("Removes")] = jen.True()
	}
	if s.Record != nil {
		var un *jen.Statement
		for _, k := range s.Record.Items {
			if k.Text == "FLAGS" || k.Text == "UID" || k.Text == "MODSEQ" {
				if un == nil {
					un = e.id(k.Go, s.Record.Section)
				} else {
					un = un.Op("|").Add(e.id(k.Go, s.Record.Section))
				}
			}
		}
		if un != nil {
			kd[jen.Id("Unasked")] = jen.Uint64().Parens(un)
		}
	}
	f.Var().Id(kindVar(s)).Op("=").Qual(connPath, "Kind").Values(kd).Line()
	f.Comment("// Kind tells what response it is.")
	f.Func().Params(jen.Op("*").Id(s.Go)).Id("Kind").Params().Op("*").Qual(connPath, "Kind").Block(jen.Return(jen.Op("&").Id(kindVar(s)))).Line()
	facts := jen.Dict{}
	for _, fl := range s.Fields {
		if fl.Type == nil || fl.Type.kind != termType {
			continue
		}
		switch {
		case fl.Bind == "seq" && isNumber(fl.Type.term):
			facts[jen.Id("Seq")] = fl.of(jen.Id("v"))
		case fl.Bind == "uid" && isNumber(fl.Type.term):
			facts[jen.Id("UID")] = fl.of(jen.Id("v"))
		case fl.Bind == "tag":
			facts[jen.Id("Tag")] = fl.of(jen.Id("v"))
		case e.isKey(rule, fl.Bind):
			facts[jen.Id("Key")] = fl.of(jen.Id("v"))
		}
	}
	var body []jen.Code
	if s.Record != nil {
		items := jen.Id("v").Dot("present")
		if skipped, name, _ := skippedItems(s); skipped != nil {
			// An item that cannot be read has come all the same: who asked for it gets the rest, and what stands for it.
			body = append(body,
				jen.Id("items").Op(":=").Add(items),
				jen.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Add(skipped.of(jen.Id("v")))).Block(
					jen.Id("items").Op("|=").Add(e.id(s.Record.Go+"ItemOf", s.Record.Section)).Call(jen.Qual(wirePath, "ItemKeyword").Call(jen.Id("x").Dot(name.Go)))))
			items = jen.Id("items")
		}
		facts[jen.Id("Items")] = jen.Uint64().Parens(items)
	}
	recv := jen.Id("v").Op("*").Id(s.Go)
	if len(facts) == 0 {
		recv = jen.Op("*").Id(s.Go)
	}
	f.Comment("// Facts gives what matches it to the command that asked for it.")
	f.Func().Params(recv).Id("Facts").Params().Qual(connPath, "Facts").Block(append(body, jen.Return(jen.Qual(connPath, "Facts").Values(facts)))...).Line()
	if e.status(s) {
		typ := jen.Code(jen.Qual(connPath, "ConditionType").Parens(jen.Id("v").Dot("Type")))
		if s.field("type") == nil {
			typ = jen.Qual(connPath, "Condition"+name)
		}
		f.Comment("// Condition gives the outcome that it tells.")
		f.Func().Params(jen.Id("v").Op("*").Add(e.structID(s))).Id("Condition").Params().Qual(connPath, "Condition").Block(
			jen.Return(jen.Qual(connPath, "Condition").Values(jen.Dict{jen.Id("Type"): typ, jen.Id("Code"): jen.Id("v").Dot("Code"), jen.Id("Text"): jen.Id("v").Dot("Text")}))).Line()
	}
}

// isKey: some command's "where" names this field of the response.
func (e *emitter) isKey(rule *Rule, bind string) bool {
	for _, c := range e.r.commands {
		for _, x := range c.Results {
			if x.Resp == e.r.responses[rule] && slices.Contains(x.Return.Where, bind) {
				return true
			}
		}
	}
	return false
}

func (e *emitter) responseEncode(rule *Rule, s *Struct) {
	f := e.file(fileOf(rule.Section, "encode"))
	w := &writer{e: e, s: s, v: "v"}
	body := append(w.body(e.r.lowerAll(rule.Alts)), jen.Return(enc("Err")))
	f.Comment(`// AppendIMAP writes the response, without "* " before it and CRLF after it.`)
	f.Func().Params(jen.Id("v").Op("*").Add(e.structID(s))).Id("AppendIMAP").Params(jen.Id("e").Op("*").Qual(wirePath, "Encoder")).Error().Block(body...).Line()
}

// responseTable emits the switches that find a response: those after a number, and the others.
func (e *emitter) responseTable() {
	f := e.file("responses_gen.go")
	var plain, numbered []jen.Code
	for _, rule := range e.r.g.Responses {
		s := e.r.responses[rule]
		nodes := e.r.lower(rule.Alts[0]).nodes
		first := nodes[0]
		name := unexported(s.Go)
		switch {
		case first.kind == valueNode: // number SP keyword
			if len(nodes) > 3 {
				df := e.decodeFile(rule.Section)
				b := &reader{e: e, rule: rule.Name, to: target{s: s}, open: map[string]bool{}}
				df.Comment("// " + name + " reads what follows the keyword of the response " + rule.Name + ".")
				e.method(df, name, jen.Id("v").Op("*").Add(e.structID(s))).Block(b.seq(nodes[3:], e.end())...).Line()
			}
			fl := s.field(first.bind)
			check := []jen.Code{jen.Id("v").Op(":=").Add(e.newResponse(s)), jen.Id("v").Dot(fl.Go).Op("=").Id("n")}
			if fl.Type.term.NonZero {
				check = append(check, jen.If(jen.Id("n").Op("==").Lit(0)).Block(d("Deviate", jen.Lit(rule.Name), jen.Lit("a message number above 0"))))
			}
			if len(nodes) > 3 {
				check = append(check, e.invoke(name, jen.Id("v")))
			}
			check = append(check, jen.Return(jen.Id("v")))
			numbered = append(numbered, jen.Case(jen.Lit(strings.ToUpper(nodes[2].words[0].text))).Block(check...))
		case first.kind == wordNode:
			e.plainResponse(rule, s, name)
			var names []jen.Code
			for _, v := range first.words {
				names = append(names, jen.Lit(strings.ToUpper(v.text)))
			}
			body := []jen.Code{jen.Id("v").Op(":=").Add(e.newResponse(s))}
			if len(first.words) > 1 {
				fl := s.field(first.words[0].sets[0].bind)
				body = append(body, jen.Id("v").Dot(fl.Go).Op("=").Id(fl.Type.token.Go).Parens(d("Intern", jen.Id("word"))))
			}
			body = append(body, e.invoke(name, jen.Id("v")))
			body = append(body, setsByForm(s)...)
			body = append(body, jen.Return(jen.Id("v")))
			plain = append(plain, jen.Case(names...).Block(body...))
		default: // "+"
			e.plainResponse(rule, s, name)
		}
	}
	e.enabledFunc(f)
	e.includingFunc(f)
	f.Comment("// numbered reads the response n SP word: its keyword has been read; nil when it is not known.")
	e.method(f, "numbered", jen.Id("n").Uint32(), jen.Id("word").Index().Byte()).Qual(connPath, "Response").Block(
		jen.Switch(jen.String().Parens(jen.Id("word"))).Block(numbered...), jen.Return(jen.Nil())).Line()
	f.Comment("// untagged reads the response with this keyword, which has been read; nil when it is not known.")
	e.method(f, "untagged", jen.Id("word").Index().Byte()).Qual(connPath, "Response").Block(
		jen.Switch(jen.String().Parens(jen.Id("word"))).Block(plain...), jen.Return(jen.Nil())).Line()
}

// setsByForm emits, for a response that says UID when its sets hold UIDs, that they hold sequence numbers otherwise.
func setsByForm(s *Struct) []jen.Code {
	form := s.field("uid")
	if form == nil || form.Type.kind != boolType {
		return nil
	}
	var body []jen.Code
	for _, f := range s.Fields {
		if f.Type != nil && f.Type.kind == termType && f.Type.term.GoType == "NumSet" {
			set := jen.Id("v").Dot(f.Go)
			body = append(body, set.Clone().Op("=").Add(set.Clone()).Dot("AsSeq").Call())
		}
	}
	if body == nil {
		return nil
	}
	return []jen.Code{jen.If(jen.Op("!").Id("v").Dot(form.Go)).Block(body...)}
}

// enabledFunc emits what gives the capabilities that ENABLED lists: the connection changes its ways by them.
func (e *emitter) enabledFunc(f *jen.File) {
	list := ""
	for _, rule := range e.r.g.Responses {
		if s := e.r.responses[rule]; keywordOfResponse(rule) == "ENABLED" {
			list = s.Go
		}
	}
	cap := ""
	for _, t := range e.r.tokens {
		if t.Rule != nil && t.Rule.rule.Name == "capability" {
			cap = t.Go
		}
	}
	if list == "" || cap == "" {
		return
	}
	f.Comment("// enabledBy gives the capabilities that a response says are in force from now on.")
	f.Func().Id("enabledBy").Params(jen.Id("r").Qual(connPath, "Response")).Params(jen.Index().Id(cap), jen.Bool()).Block(
		jen.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Id("r").Assert(jen.Op("*").Id(list)), jen.Id("ok")).Block(
			jen.Return(jen.Id("x").Dot("Capabilities"), jen.True())),
		jen.Return(jen.Nil(), jen.False())).Line()
}

// includingFunc emits the capabilities that stand for others as well.
func (e *emitter) includingFunc(f *jen.File) {
	including := map[string][]string{}
	for _, s := range e.r.g.Sections {
		including[s.Name] = appendNew(including[s.Name], s.Also)
		for _, name := range s.Implies {
			including[name] = appendNew(including[name], []string{s.Name})
		}
	}
	var cases []jen.Code
	for _, name := range slices.Sorted(maps.Keys(including)) {
		if list := including[name]; len(list) > 0 {
			var names []jen.Code
			for _, n := range list {
				names = append(names, jen.Lit(n))
			}
			cases = append(cases, jen.Case(jen.Lit(strings.ToUpper(name))).Block(jen.Return(jen.Index().String().Values(names...))))
		}
	}
	if cases == nil {
		return
	}
	f.Comment("// including gives the capabilities that include the one with this name, which is in upper case.")
	f.Func().Id("including").Params(jen.Id("name").String()).Index().String().Block(
		jen.Switch(jen.Id("name")).Block(cases...), jen.Return(jen.Nil())).Line()
}

// newResponse takes a response from a slab if it has a record, or if it is an answer to a command: those come by the thousand.
func (e *emitter) newResponse(s *Struct) *jen.Statement {
	if s.Record != nil || len(s.Fields) == 1 && s.Fields[0].Embed != nil && !e.status(s) || len(s.Fields) > 1 && e.status(s) {
		return e.newStruct(s)
	}
	return jen.Op("&").Id(s.Go).Values()
}

func (e *emitter) plainResponse(rule *Rule, s *Struct, name string) {
	f := e.decodeFile(rule.Section)
	emit := func(name string, alts []*Alt, lenient bool, first []jen.Code) {
		b := &reader{e: e, rule: rule.Name, to: target{s: s}, lenient: lenient, open: map[string]bool{}}
		nodes := e.r.lower(alts[0]).nodes[1:]
		e.method(f, name, jen.Id("v").Op("*").Add(e.structID(s))).Block(append(first, b.seq(nodes, e.end())...)...).Line()
	}
	f.Comment("// " + name + " reads what follows the keyword of the response " + rule.Name + ".")
	if rule.Lenient == nil {
		emit(name, rule.Alts, false, nil)
		return
	}
	emit(name, rule.Alts, false, []jen.Code{jen.If(d("Lenient")).Block(e.invoke(name+"Lenient", jen.Id("v")), jen.Return())})
	f.Comment("// " + name + "Lenient reads it as servers send it.")
	emit(name+"Lenient", rule.Lenient, true, nil)
}
