package gen

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"
)

// A jsonValue is what the fields of a struct are read from: v, or v itself when it is the value of the one field.
type jsonValue struct {
	v      *jen.Statement
	single bool
	taken  []string // keys that are in the object already
}

func (x jsonValue) of(f *Field) *jen.Statement {
	if x.single {
		return x.v.Clone()
	}
	return f.of(x.v.Clone())
}

// fields emits what appends each field of a struct that was sent: key and value. Neighbours that come together share a condition.
func (j *jsonWriter) fields(s *Struct, val jsonValue, skip []*Field) []jen.Code {
	p := j.presence(s, val)
	var out, group []jen.Code
	var cond *jen.Statement
	flush := func() {
		if cond != nil && len(group) > 0 {
			group = []jen.Code{jen.If(cond).Block(group...)}
		}
		out, group, cond = append(out, group...), nil, nil
	}
	for _, f := range s.Fields {
		if slices.Contains(skip, f) {
			continue
		}
		c, code := p.sent(f), j.field(s, f, val, p)
		if code == nil {
			continue
		}
		if goText(c) != goText(cond) {
			flush()
			cond = c
		}
		group = append(group, code...)
	}
	flush()
	return append(p.locals(), out...)
}

// field emits what appends one field; nil if it holds nothing.
func (j *jsonWriter) field(s *Struct, f *Field, val jsonValue, p *presence) []jen.Code {
	if f.Embed != nil {
		if len(j.fields(f.Embed, jsonValue{v: jen.Id("v")}, nil)) == 0 {
			return nil
		}
		return []jen.Code{assign(j.fieldsFunc(f.Embed).Call(jen.Id("b"), jen.Op("&").Add(val.of(f))))}
	}
	var out []jen.Code
	name := key(j.key(s, f, val.taken))
	if k := jsonKeys[f.Bind]; k.choose != "" && s.Record != nil && s.Record.Rule.Name == jsonRecord {
		name = jen.Id("key").Call(jen.Id("b"), jen.Id(k.choose).Call(val.of(s.field(k.by))))
	}
	if isBody(f.Type) && s.Record == nil && s.field("size") == nil && !val.single {
		size := assign(jen.Id("number").Call(key("size"), val.of(f).Dot("Size").Call()))
		out = append(out, jen.If(j.e.present(f.Type, val.of(f))).Block(size))
	}
	if p.null(f) && f.Type.kind == structType {
		v := val.of(f)
		var zero *jen.Statement
		for _, in := range f.Type.strct.Fields {
			if in.Embed == nil {
				zero = allOf(zero, j.e.absent(in.Type, v.Clone().Dot(in.Go)))
			}
		}
		if zero != nil {
			return append(out, jen.If(zero).Block(assign(jen.Id("null").Call(name.Clone()))).Else().Block(assign(j.value(f.Type, name.Clone(), v, false))))
		}
	}
	return append(out, assign(j.value(f.Type, name.Clone(), val.of(f), p.null(f))))
}

// key is the key of a field: its binding, but for what the project promises by other names, and for what has no type of its own.
func (j *jsonWriter) key(s *Struct, f *Field, taken []string) string {
	name := f.Bind
	label := strings.HasPrefix(name, "#")
	if label {
		name = kebab(name[1:])
	}
	if s.Record != nil && s.Record.Rule.Name == jsonRecord {
		if n, ok := jsonNames[f.Bind]; ok {
			name = n
		} else if n := j.itemKey(s, f); n != "" {
			name = n
		}
	}
	if label && slices.ContainsFunc(f.Type.elem.strct.Fields, func(in *Field) bool { return in.Type != nil && untyped(in.Type) }) {
		name = "raw"
	}
	if f.Type.kind == termType && untyped(f.Type) && s.field("raw") == nil {
		name = "raw"
	}
	if slices.Contains(taken, name) {
		name += "-value"
	}
	return name
}

// itemKey is the name of the item of an extension that a field is the only value of; empty for others.
func (j *jsonWriter) itemKey(s *Struct, f *Field) string {
	for _, rule := range j.e.r.live {
		if j.e.r.records[rule] != s.Record {
			continue
		}
		for _, a := range rule.Alts {
			if !isItem(a) || a.Section == nil || a.Section.Base || keywordOf(a) == "" {
				continue
			}
			only := 0
			for _, o := range s.Fields {
				if o.item != "" && o.item == s.Record.itemGo(j.e.r.itemName(a)) {
					only++
				}
			}
			if f.item == s.Record.itemGo(j.e.r.itemName(a)) && only == 1 {
				return strings.ToLower(keywordOf(a))
			}
		}
	}
	return ""
}

// untyped: the type holds octets of something that the grammar does not have.
func untyped(t *Type) bool {
	return t.kind == termType && (t.term.GoType == "Value" || t.term.Name == "code-text")
}

func isBody(t *Type) bool { return t.kind == termType && t.term.GoType == "*Body" }

// kebab turns a label into a key: BodySection is body-section.
func kebab(label string) string {
	var b strings.Builder
	for i, r := range label {
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(rune(label[i-1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// value is the expression that appends a value to what b is.
func (j *jsonWriter) value(t *Type, b, v *jen.Statement, null bool) *jen.Statement {
	call := func(fn string, more ...jen.Code) *jen.Statement {
		return jen.Id(fn).Call(append([]jen.Code{b, v}, more...)...)
	}
	switch t.kind {
	case boolType:
		return jen.Id("yes").Call(b)
	case tokenType:
		if t.token.Open != nil {
			return call(termFunc(t.token.Open))
		}
		return call("str")
	case structType:
		if fn := j.byHand(t.strct); fn != "" {
			return jen.Id(fn).Call(b, jen.Op("&").Add(v))
		}
		return jen.Id("object").Call(b, jen.Op("&").Add(v), j.fieldsFunc(t.strct))
	case pointerType:
		if fn := j.byHand(t.strct); fn != "" {
			return call(fn)
		}
		return call("object", j.fieldsFunc(t.strct))
	case unionType:
		return call(unionName(t.union))
	case optType:
		return j.value(t.elem, b, v.Clone().Dot("Value"), false)
	case listType:
		return jen.Id("list").Call(b, v.Clone().Dot("All").Call())
	case sliceType:
		fn := "array"
		if null {
			fn = "arrayOrNull"
		}
		return call(fn, j.element(t.elem))
	}
	if stringer(t.term) {
		return jen.Id("str").Call(b, v.Clone().Dot("String").Call())
	}
	return call(termFunc(t.term))
}

// byHand is the hand-written function that writes a struct, or empty.
func (j *jsonWriter) byHand(s *Struct) string {
	i := j.e.r.byStruct[s]
	if i == nil {
		return ""
	}
	if fn := jsonRules[i.rule.Name]; fn != "" {
		j.fieldsFunc(s) // which it calls
		return fn
	}
	return jsonTexts[i.rule.Name]
}

// element is the function that appends one element of an array.
func (j *jsonWriter) element(t *Type) *jen.Statement {
	switch t.kind {
	case unionType:
		return jen.Id(unionName(t.union))
	case structType:
		if j.byHand(t.strct) == "" {
			return jen.Id("each").Call(j.fieldsFunc(t.strct))
		}
	case tokenType:
		if t.token.Open == nil {
			return jen.Id("str")
		}
		return jen.Id(termFunc(t.token.Open))
	case termType:
		if !stringer(t.term) {
			return jen.Id(termFunc(t.term))
		}
	}
	return jen.Func().Params(jen.Id("b").Add(octetSlice()), jen.Id("x").Add(j.goType(t))).Add(octetSlice()).Block(
		jen.Return(j.value(t, jen.Id("b"), jen.Id("x"), false)))
}

// termFuncs are the functions that append values of terminals, by their Go type; jsonTerms by name, where the type does not tell it.
var (
	termFuncs = map[string]string{"string": "str", "Flag": "str", "Value": "str", "uint32": "number", "uint64": "number", "rune": "char",
		"[]byte": "octets", "NString": "nstring", "Text": "header", "Date": "headerDate", "time.Time": "instant", "NumSet": "set", "*Body": "body", "Source": "source"}
	jsonTerms = map[string]string{"mailbox": "mailbox", "list-mailbox": "mailbox", "date": "day"}
)

func termFunc(t *Terminal) string {
	if fn := jsonTerms[t.Name]; fn != "" {
		return fn
	}
	return termFuncs[t.GoType]
}

// stringer: a type of the runtime that has no form of its own here is written as its String method gives it.
func stringer(t *Terminal) bool { return termFunc(t) == "" }
