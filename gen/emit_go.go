package gen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"
)

const (
	wirePath = "github.com/parley-go/parley/runtime/wire"
	connPath = "github.com/parley-go/parley/runtime/conn"
)

// goType writes a Go type.
func (e *emitter) goType(t *Type) *jen.Statement {
	switch t.kind {
	case boolType:
		return jen.Bool()
	case tokenType:
		return e.id(t.token.Go, t.token.Section)
	case termType:
		return termGo(t.term)
	case structType:
		return e.structID(t.strct)
	case pointerType:
		return jen.Op("*").Add(e.structID(t.strct))
	case unionType:
		return e.id(t.union.Go, t.union.Rule.Section)
	case sliceType:
		return jen.Index().Add(e.goType(t.elem))
	case listType:
		return jen.Qual(wirePath, t.term.GoType+"s")
	case optType:
		return jen.Qual(wirePath, "Opt").Types(e.goType(t.elem))
	}
	panic("gen: a type without a kind")
}

// termGo writes the Go type of a terminal: those that are not Go's own are runtime/wire's.
func termGo(t *Terminal) *jen.Statement {
	switch g := t.GoType; g {
	case "string", "uint32", "uint64", "rune":
		return jen.Id(g)
	case "[]byte":
		return jen.Index().Byte()
	case "time.Time":
		return jen.Qual("time", "Time")
	default:
		if name, ok := strings.CutPrefix(g, "*"); ok {
			return jen.Op("*").Qual(wirePath, name)
		}
		return jen.Qual(wirePath, g)
	}
}

// present writes the condition that a field holds something.
func (e *emitter) present(t *Type, v *jen.Statement) *jen.Statement {
	switch t.kind {
	case boolType:
		return v
	case tokenType:
		return v.Op("!=").Lit("")
	case pointerType, unionType:
		return v.Op("!=").Nil()
	case sliceType:
		return jen.Len(v).Op(">").Lit(0)
	case listType:
		return v.Dot("Len").Call().Op(">").Lit(0)
	case optType:
		return v.Dot("Set")
	case structType:
		return e.presentIn(t.strct, v)
	}
	switch g := t.term.GoType; g {
	case "string", "Flag", "Value":
		return v.Op("!=").Lit("")
	case "uint32", "uint64", "rune":
		return v.Op("!=").Lit(0)
	case "[]byte":
		return v.Op("!=").Nil()
	case "NString", "Text", "Date":
		return v.Dot("Valid")
	case "time.Time", "NumSet", "Source":
		return jen.Op("!").Add(v).Dot("IsZero").Call()
	default:
		if strings.HasPrefix(g, "*") {
			return v.Op("!=").Nil()
		}
		return jen.True()
	}
}

// presentIn is the condition that a struct by value holds something.
func (e *emitter) presentIn(s *Struct, v *jen.Statement) *jen.Statement {
	var any *jen.Statement
	for _, f := range s.Fields {
		var x *jen.Statement
		if f.Embed != nil {
			x = e.presentIn(f.Embed, v.Clone().Dot(f.Go))
		} else {
			x = e.present(f.Type, f.of(v.Clone()))
		}
		any = anyOf(any, x)
	}
	return jen.Parens(any)
}

// absent is the opposite of present.
func (e *emitter) absent(t *Type, v *jen.Statement) *jen.Statement {
	switch t.kind {
	case boolType, optType:
		return jen.Op("!").Add(e.present(t, v))
	case tokenType:
		return v.Op("==").Lit("")
	case pointerType, unionType:
		return v.Op("==").Nil()
	case sliceType:
		return jen.Len(v).Op("==").Lit(0)
	case listType:
		return v.Dot("Len").Call().Op("==").Lit(0)
	case structType:
		return jen.Op("!").Add(e.presentIn(t.strct, v))
	case termType:
		switch g := t.term.GoType; {
		case g == "string" || g == "Flag" || g == "Value":
			return v.Op("==").Lit("")
		case g == "uint32" || g == "uint64" || g == "rune":
			return v.Op("==").Lit(0)
		case g == "[]byte" || strings.HasPrefix(g, "*"):
			return v.Op("==").Nil()
		case g == "NString" || g == "Text" || g == "Date":
			return jen.Op("!").Add(v).Dot("Valid")
		case g == "time.Time" || g == "NumSet" || g == "Source":
			return v.Dot("IsZero").Call()
		}
	}
	return jen.False()
}

// zero is the zero value of a field.
func (e *emitter) zero(t *Type) *jen.Statement {
	switch t.kind {
	case boolType:
		return jen.False()
	case tokenType:
		return jen.Lit("")
	case pointerType, unionType, sliceType:
		return jen.Nil()
	case termType:
		switch g := t.term.GoType; {
		case g == "string" || g == "Flag" || g == "Value":
			return jen.Lit("")
		case g == "uint32" || g == "uint64" || g == "rune":
			return jen.Lit(0)
		case g == "[]byte" || strings.HasPrefix(g, "*"):
			return jen.Nil()
		}
	}
	return e.goType(t).Values()
}

// octetCond writes the condition that c is one of the octets.
func (e *emitter) octetCond(c *jen.Statement, o octets) *jen.Statement {
	type span struct{ lo, hi byte }
	var spans []span
	l := o.list()
	for i := 0; i < len(l); {
		j := i
		for j+1 < len(l) && l[j+1] == l[j]+1 {
			j++
		}
		spans = append(spans, span{l[i], l[j]})
		i = j + 1
	}
	if len(spans) > 4 {
		return jen.Id(e.octetSet(o)).Dot("Has").Call(c)
	}
	var out *jen.Statement
	for _, s := range spans {
		var x *jen.Statement
		switch {
		case s.lo == s.hi:
			x = c.Clone().Op("==").Add(octetLit(s.lo))
		case s.lo+1 == s.hi:
			x = c.Clone().Op("==").Add(octetLit(s.lo)).Op("||").Add(c.Clone()).Op("==").Add(octetLit(s.hi))
		default:
			x = octetLit(s.lo).Op("<=").Add(c.Clone()).Op("&&").Add(c.Clone()).Op("<=").Add(octetLit(s.hi))
		}
		out = anyOf(out, x)
	}
	return out
}

// take emits what takes an octet.
func take(c byte) *jen.Statement {
	if c == '(' {
		return d("Open")
	}
	return d("Expect", octetLit(c))
}

func octetLit(c byte) *jen.Statement {
	if c >= ' ' && c < 0x7F {
		return jen.LitRune(rune(c))
	}
	switch c {
	case '\r', '\n':
		return jen.LitRune(rune(c))
	}
	return jen.Op(fmt.Sprintf("0x%02X", c))
}

// octetSet names the package-level set of octets, after the terminal that starts with just these.
func (e *emitter) octetSet(o octets) string {
	if n, ok := e.octetSets[o]; ok {
		return n
	}
	name := ""
	for _, t := range e.r.g.Terminals {
		if l := e.r.lookOfRef(t.Name); l.octets == o {
			name = unexported(e.r.names.camel(t.Name)) + "Start"
			break
		}
	}
	for _, rule := range e.r.live {
		if l := e.r.lookOfRef(rule.Name); name == "" && l.octets == o {
			name = unexported(e.r.rules[rule].Go) + "Start"
		}
	}
	if name == "" {
		name = fmt.Sprintf("octets%d", len(e.octetSets)+1)
	}
	e.octetSets[o] = name
	return name
}

// doc writes a doc comment: the text, the source, and the ABNF.
func doc(name, text string, sec *Section, source string) *jen.Statement {
	var b strings.Builder
	text = strings.TrimSpace(text)
	if text == "" {
		text = name + " is a rule of the grammar."
	}
	b.WriteString(text)
	if source != "" {
		b.WriteString("\n\n" + cite(sec) + ":\n")
		for line := range strings.SplitSeq(strings.TrimRight(source, "\n"), "\n") {
			b.WriteString("\n\t" + strings.TrimRight(line, " "))
		}
	} else if sec != nil && !strings.Contains(text, "RFC") {
		b.WriteString(" (" + cite(sec) + ")")
	}
	lines := strings.Split(b.String(), "\n")
	s := jen.Null()
	for i, l := range lines {
		if i > 0 {
			s.Line()
		}
		s.Comment("// " + l)
	}
	return s
}

func cite(sec *Section) string {
	switch {
	case sec == nil:
		return ""
	case sec.RFC != "":
		return "RFC " + sec.RFC
	default:
		return sec.Name + " (" + sec.Vendor + ")"
	}
}

// fileOf names the file of what stands in a section.
func fileOf(sec *Section, what string) string {
	name := "rfc" + sec.RFC
	if sec.RFC == "" {
		name = strings.ToLower(strings.NewReplacer("-", "", "=", "", "+", "").Replace(sec.Name))
	}
	if !sec.Base {
		return name + "_gen.go"
	}
	return name + "_" + what + "_gen.go"
}
