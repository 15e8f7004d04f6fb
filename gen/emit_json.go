package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// A jsonWriter emits generated/imapjson: functions that append the JSON of every response, command, record and value to a slice. What
// the forms are is said in the package comment there; what is the same for every grammar is written by hand beside it.
type jsonWriter struct {
	e     *emitter
	files map[string]*jen.File
	used  []*Struct // whose functions others call
}

// jsonRecord is the record whose keys the project promises by name (see the comment of package imapjson); jsonNames are those that its bindings do not give.
const jsonRecord = "msg-att"

var jsonNames = map[string]string{
	"body-structure": "bodystructure",
	"#BodySection":   "sections",
}

// jsonKeys are hand-written functions that choose the key of a field of that record by another one: BODY and BODYSTRUCTURE tell the same
// thing.
var jsonKeys = map[string]struct{ choose, by string }{"body": {"bodyKey", "body-structure"}}

// jsonTexts are the rules that are written as they stand on the wire, by hand-written functions; jsonRules those that hand-written
// functions write with the generated one's help.
var (
	jsonTexts = map[string]string{"section": "section"}
	jsonRules = map[string]string{"body": "bodyStructure"}
)

// json adds the files of generated/imapjson to the output.
func (e *emitter) json(out Output) {
	j := &jsonWriter{e: e, files: map[string]*jen.File{}}
	j.responseTable()
	j.commandTable()
	for _, u := range e.r.unions {
		j.unionFunc(u)
	}
	heads := map[*Struct]*node{}
	for _, rule := range e.r.g.Responses {
		heads[e.r.responses[rule]] = j.head(rule)
	}
	for i := 0; i < len(j.used); i++ { // it grows
		j.structFunc(j.used[i], heads[j.used[i]])
	}
	for name, f := range j.files {
		out["generated/imapjson/"+name] = render(f)
	}
}

func (j *jsonWriter) file(name string) *jen.File {
	f := j.files[name]
	if f == nil {
		f = jen.NewFile("imapjson")
		f.HeaderComment(header)
		f.ImportName(imapPath, "imap")
		f.ImportName(connPath, "conn")
		f.ImportName(wirePath, "wire")
		j.files[name] = f
	}
	return f
}

// head is what a response begins with if it is told apart by its own key: its number, or the keywords that a field holds.
func (j *jsonWriter) head(rule *Rule) *node {
	n := j.e.r.lower(rule.Alts[0]).nodes[0]
	if n.kind == valueNode || n.kind == wordNode && len(n.words) > 1 {
		return n
	}
	return nil
}

func octetSlice() *jen.Statement { return jen.Index().Byte() }

// fieldsFunc is the function that appends the fields of a struct.
func (j *jsonWriter) fieldsFunc(s *Struct) *jen.Statement {
	if !slices.Contains(j.used, s) {
		j.used = append(j.used, s)
	}
	return jen.Id(unexported(s.Go) + "Fields")
}

func unionName(u *UnionInfo) string { return unexported(u.Go) + "Value" }

// structFunc emits the function that appends the fields of a struct, without braces around them.
func (j *jsonWriter) structFunc(s *Struct, head *node) {
	what := "values"
	if j.e.isCommandOrResponse(s) {
		what = "commands"
		if head != nil || strings.HasSuffix(s.Go, "Data") {
			what = "responses"
		}
	}
	body := j.fields(s, jsonValue{v: jen.Id("v"), taken: j.taken(s)}, j.headFields(s, head))
	j.file(fileOf(s.Section, what)).Func().Add(j.fieldsFunc(s)).Params(jen.Id("b").Add(octetSlice()), jen.Id("v").Op("*").Qual(imapPath, s.Go)).Add(octetSlice()).Block(
		append(body, jen.Return(jen.Id("b")))...).Line()
}

// taken lists the keys that every object of a response or command has, for those and for what they embed.
func (j *jsonWriter) taken(s *Struct) []string {
	var keys []string
	holds := func(top *Struct) bool {
		return top == s || slices.ContainsFunc(top.Fields, func(f *Field) bool { return f.Embed == s })
	}
	for _, rule := range j.e.r.g.Responses {
		if holds(j.e.r.responses[rule]) {
			keys = append(keys, "type", "name", "warnings")
			if n := j.head(rule); n != nil && n.kind == valueNode {
				keys = append(keys, "n")
			}
		}
	}
	for _, c := range j.e.r.commands {
		if holds(c.Struct) {
			keys = append(keys, "type", "tag", "name", "uid", "warnings")
		}
	}
	return keys
}

// headFields are the fields that the head holds: they are written as name or n.
func (j *jsonWriter) headFields(s *Struct, head *node) []*Field {
	if head == nil {
		return nil
	}
	if head.kind == valueNode {
		return []*Field{s.field(head.bind)}
	}
	return []*Field{s.field(head.words[0].sets[0].bind)}
}

// responseTable emits the switch over the types of responses.
func (j *jsonWriter) responseTable() {
	var cases []jen.Code
	for _, rule := range j.e.r.g.Responses {
		s, head := j.e.r.responses[rule], j.head(rule)
		var body []jen.Code
		switch name := keywordOfResponse(rule); {
		case head != nil && head.kind == wordNode:
			body = append(body, assign(jen.Id("str").Call(key("name"), jen.Id("v").Dot(j.headFields(s, head)[0].Go))))
		case name != "":
			body = append(body, assign(jen.Id("str").Call(key("name"), jen.Lit(strings.ToUpper(name)))))
		}
		if head != nil && head.kind == valueNode {
			body = append(body, assign(jen.Id("number").Call(key("n"), jen.Id("v").Dot(j.headFields(s, head)[0].Go))))
		}
		if len(j.fields(s, jsonValue{v: jen.Id("v")}, j.headFields(s, head))) > 0 {
			body = append(body, assign(j.fieldsFunc(s).Call(jen.Id("b"), jen.Id("v"))))
		}
		cases = append(cases, jen.Case(jen.Op("*").Qual(imapPath, s.Go)).Block(body...))
	}
	f := j.file("responses_gen.go")
	f.Comment("// responseFields appends the name of a response, its number and its fields.")
	f.Func().Id("responseFields").Params(jen.Id("b").Add(octetSlice()), jen.Id("r").Qual(connPath, "Response")).Add(octetSlice()).Block(
		typeSwitch("r", cases), jen.Return(jen.Id("b"))).Line()
}

// commandTable emits the switch over the types of commands.
func (j *jsonWriter) commandTable() {
	var cases []jen.Code
	for _, c := range j.e.r.commands {
		if len(j.fields(c.Struct, jsonValue{v: jen.Id("v")}, nil)) > 0 {
			cases = append(cases, jen.Case(jen.Op("*").Qual(imapPath, c.Go)).Block(assign(j.fieldsFunc(c.Struct).Call(jen.Id("b"), jen.Id("v")))))
		}
	}
	f := j.file("commands_gen.go")
	f.Comment("// commandFields appends the fields of a command.")
	f.Func().Id("commandFields").Params(jen.Id("b").Add(octetSlice()), jen.Id("c").Qual(connPath, "Command")).Add(octetSlice()).Block(
		typeSwitch("c", cases), jen.Return(jen.Id("b"))).Line()
}

// typeSwitch is the switch over the type of v; v itself is not used without cases.
func typeSwitch(v string, cases []jen.Code) jen.Code {
	if len(cases) == 0 {
		return jen.Null()
	}
	return jen.Switch(jen.Id("v").Op(":=").Id(v).Assert(jen.Type())).Block(cases...)
}

// unionFunc emits the function that appends a value of a union: a constant is a string, any other alternative an object.
func (j *jsonWriter) unionFunc(u *UnionInfo) {
	cases := []jen.Code{jen.Case(jen.Nil()).Block(jen.Return(jen.Id("null").Call(jen.Id("b"))))}
	if slices.ContainsFunc(u.Alts, func(a *unionAlt) bool { return len(a.Consts) > 0 }) {
		cases = append(cases, jen.Case(jen.Qual(imapPath, u.Go+"Name")).Block(jen.Return(jen.Id("str").Call(jen.Id("b"), jen.Id("v")))))
	}
	for _, a := range u.Alts {
		if a.Struct != nil {
			cases = append(cases, jen.Case(jen.Qual(imapPath, a.Go)).Block(j.alternative(a)...))
		}
	}
	from := jen.Null()
	if slices.ContainsFunc(u.Alts, func(a *unionAlt) bool { return a.Struct != nil }) {
		from = jen.Id("from").Op(":=").Len(jen.Id("b"))
	}
	f := j.file(fileOf(u.Rule.Section, "values"))
	f.Comment("// " + unionName(u) + " appends the rule " + u.Rule.Name + ".")
	f.Func().Id(unionName(u)).Params(jen.Id("b").Add(octetSlice()), jen.Id("v").Qual(imapPath, u.Go)).Add(octetSlice()).Block(
		from, jen.Switch(jen.Id("v").Op(":=").Id("v").Assert(jen.Type())).Block(cases...),
		jen.Return(jen.Id("foreign").Call(jen.Id("b"), jen.Id("v").Dot("Keyword").Call(), jen.Id("v").Dot("Append"+u.Go)))).Line()
}

// alternative emits what appends one: its keyword under "name", and its fields.
func (j *jsonWriter) alternative(a *unionAlt) []jen.Code {
	val := jsonValue{v: jen.Id("v"), taken: []string{"name"}}
	keyword := strings.ToUpper(keywordOf(a.alt))
	if keyword == "" {
		val.taken = nil
	}
	var pre []jen.Code
	if a.Named != nil {
		val.single, val.v = true, jen.Id("x")
		pre = []jen.Code{jen.Id("x").Op(":=").Add(j.goType(a.Named)).Parens(jen.Id("v"))}
	}
	out := append(pre, assign(jen.Append(jen.Id("b"), jen.LitRune('{'))))
	if keyword != "" {
		out = append(out, assign(jen.Id("str").Call(key("name"), jen.Lit(keyword))))
	}
	out = append(out, j.fields(a.Struct, val, nil)...)
	return append(out, jen.Return(jen.Id("alternative").Call(jen.Id("b"), jen.Id("from"))))
}

// goType is a type of generated/imap, seen from here.
func (j *jsonWriter) goType(t *Type) *jen.Statement { return j.e.outside().goType(t) }

func assign(x jen.Code) *jen.Statement { return jen.Id("b").Op("=").Add(x) }

func key(name string) *jen.Statement { return jen.Id("key").Call(jen.Id("b"), jen.Lit(name)) }
