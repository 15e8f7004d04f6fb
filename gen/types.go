package gen

import (
	"slices"
	"strings"
)

// An occurrence is one place where a body binds a field.
type occurrence struct {
	term     *Term
	many     bool // under a repeat, or not the first on its path
	optional bool
	item     string // the record item that it belongs to
	guarded  bool   // a guard decides whether it is there, not its value
	section  *Section
}

// A gather collects the occurrences of a struct's fields, in the order of the text.
type gather struct {
	r      *resolver
	s      *Struct
	order  []string
	occurs map[string][]occurrence
	embeds map[string]*ruleInfo
	many   map[string]*Alt
}

// fill finds the fields of a struct and their types.
func (r *resolver) fill(s *Struct) {
	g := &gather{r: r, s: s, occurs: map[string][]occurrence{}, embeds: map[string]*ruleInfo{}, many: map[string]*Alt{}}
	g.alts(s.alts, occurrence{}, nil)
	g.alts(s.lenient, occurrence{}, nil)
	for _, name := range g.order {
		switch {
		case g.embeds[name] != nil:
			i := g.embeds[name]
			e := r.structOf(i)
			s.Fields = append(s.Fields, &Field{Go: e.Go, Embed: e, pos: i.rule.Pos})
			if e.Record != nil {
				s.Record = nil
			}
		case g.many[name] != nil:
			s.Fields = append(s.Fields, r.manyField(s, g.many[name]))
		default:
			s.Fields = append(s.Fields, r.field(s, name, g.occurs[name]))
		}
	}
	seen := map[string]*Field{}
	for _, f := range s.Fields {
		if old := seen[f.Go]; old != nil {
			r.faults.add(f.pos, "the fields at %s and here are both called %s in Go", old.pos, f.Go)
		}
		seen[f.Go] = f
	}
}

// alts collects from a choice. How often a name was met is counted along each path apart: in two alternatives it is one field.
func (g *gather) alts(alts []*Alt, ctx occurrence, met map[string]bool) map[string]bool {
	after := map[string]bool{}
	for n := range met {
		after[n] = true
	}
	for _, a := range alts {
		here := map[string]bool{}
		for n := range met {
			here[n] = true
		}
		ctx := ctx
		if ctx.section == nil || a.Section != nil {
			ctx.section = a.Section
		}
		if a.Many {
			g.note(a.Label)
			g.many[a.Label] = a
			continue
		}
		for _, t := range a.Terms {
			ctx.guarded = ctx.guarded || t.Kind == Guard && t.Guard.Field != ""
			g.term(t, ctx, here)
		}
		for n := range here {
			after[n] = true
		}
	}
	return after
}

func (g *gather) note(name string) {
	if !slices.Contains(g.order, name) {
		g.order = append(g.order, name)
	}
}

func (g *gather) term(t *Term, ctx occurrence, met map[string]bool) {
	ctx.many = ctx.many || t.Max != 1
	ctx.optional = ctx.optional || t.Min == 0 || t.Kind == Option
	if t.Bind != "" {
		o := ctx
		o.term = t
		o.many = ctx.many || met[t.Bind]
		met[t.Bind] = true
		g.note(t.Bind)
		g.occurs[t.Bind] = append(g.occurs[t.Bind], o)
		return
	}
	switch t.Kind {
	case Group, Option:
		for n := range g.alts(t.Alts, ctx, met) {
			met[n] = true
		}
	case Ref:
		_, i := g.r.ref(t.Text)
		if i == nil || len(i.names) == 0 || i.form == formUnion {
			return
		}
		if i.shared && i.form == formStruct && i.strct != g.s {
			g.note("embed " + i.Go)
			g.embeds["embed "+i.Go] = i
			return
		}
		rule := i.rule
		if rule.Kind == Record {
			info := g.r.records[rule]
			g.s.Record = info
			ctx.many = false // items of a record: any number, each once
			for _, a := range rule.all() {
				c := ctx
				if isItem(a) {
					c.item = info.itemGo(g.r.itemName(a))
				}
				g.alts([]*Alt{a}, c, map[string]bool{})
			}
			return
		}
		for n := range g.alts(rule.all(), ctx, met) {
			met[n] = true
		}
	}
}

// field gives one field its type, from all the places that bind it.
func (r *resolver) field(s *Struct, bind string, occurs []occurrence) *Field {
	first := occurs[0]
	f := &Field{Bind: bind, Go: r.names.camel(bind), pos: first.term.Pos, item: first.item}
	var typ *Type
	many, optional, guarded := false, false, true
	for _, o := range occurs {
		guarded = guarded && o.guarded
		many = many || o.many
		optional = optional || o.optional
		if vals, ok := literals(o.term); ok {
			for _, v := range vals {
				if !slices.Contains(f.values, v) {
					f.values = append(f.values, v)
				}
			}
			continue
		}
		t := r.termType(o.term)
		switch {
		case t == nil:
			r.faults.add(o.term.Pos, "%s: is bound to something that has no value", bind)
		case typ == nil:
			typ = t
		default:
			w := wider(typ, t)
			if w == nil {
				r.faults.add(o.term.Pos, "%s: is bound to %s here and to %s at %s", bind, t.name(), typ.name(), first.term.Pos)
			} else {
				typ = w
			}
		}
	}
	switch {
	case typ == nil && len(f.values) == 1:
		typ = &Type{kind: boolType}
	case typ == nil && len(f.values) > 1:
		base := strings.TrimSuffix(s.Go, "Data")
		tok := &Token{Go: base + f.Go, Prefix: base, Section: s.Section}
		tok.Doc = tok.Go + " is the field " + f.Go + " of " + s.Go + "."
		for _, v := range f.values {
			name := r.names.camel(v)
			switch v {
			case "+":
				name = "Add"
			case "-":
				name = "Remove"
			}
			k := Keyword{base + name, v, s.Section}
			r.claim(k.Go, first.term.Pos)
			tok.Keywords = append(tok.Keywords, k)
		}
		r.claim(tok.Go, first.term.Pos)
		r.tokens = append(r.tokens, tok)
		typ = &Type{kind: tokenType, token: tok}
	case typ != nil && len(f.values) > 0:
		r.faults.add(first.term.Pos, "%s: is bound to a literal and to %s", bind, typ.name())
	case typ == nil:
		typ = &Type{kind: boolType}
	}
	f.many = many
	switch {
	case many && typ.kind == termType && typ.term.Interned:
		typ = &Type{kind: listType, term: typ.term}
	case many:
		typ = &Type{kind: sliceType, elem: typ}
	case typ.kind == structType && (optional && f.item == "" || typ.strct.size() > 4 || f.item != "" && typ.strct.size() > 2):
		typ = &Type{kind: pointerType, strct: typ.strct}
	case optional && !guarded && f.item == "" && typ.kind == termType && !typ.term.NonZero && isNumber(typ.term):
		typ = &Type{kind: optType, elem: typ}
	}
	f.Type = typ
	return f
}

func isNumber(t *Terminal) bool { return t.GoType == "uint32" || t.GoType == "uint64" }

// manyField is the slice of an alternative with #Label*.
func (r *resolver) manyField(s *Struct, a *Alt) *Field {
	prefix, item := s.Go, ""
	if s.Record != nil {
		prefix, item = s.Record.Go, s.Record.itemGo(a.Label)
	}
	f := &Field{Bind: "#" + a.Label, Go: a.Label, pos: a.Pos, item: item}
	name := prefix + a.Label
	for _, old := range r.structs {
		if old.Go == name && old.pos == a.Pos {
			f.Type = &Type{kind: sliceType, elem: &Type{kind: structType, strct: old}}
			return f
		}
	}
	el := &Struct{Go: name, Section: a.Section, pos: a.Pos, alts: []*Alt{{Pos: a.Pos, Terms: a.Terms, Section: a.Section}}}
	el.Doc = name + " is the item " + altText(a) + "."
	r.claim(name, a.Pos)
	r.structs = append(r.structs, el)
	r.fill(el)
	f.Type = &Type{kind: sliceType, elem: &Type{kind: structType, strct: el}}
	return f
}

// literals gives the texts that a bound literal, or a bound group or option of literals, can have.
func literals(t *Term) ([]string, bool) {
	switch t.Kind {
	case Literal:
		return []string{t.Text}, true
	case Group, Option:
		var all []string
		for _, a := range t.Alts {
			for _, x := range a.Terms {
				if x.Kind == Ref && x.Text == "SP" { // ["REVERSE" SP]
					continue
				}
				v, ok := literals(x)
				if !ok || x.Bind != "" {
					return nil, false
				}
				all = append(all, v...)
			}
		}
		return all, true
	}
	return nil, false
}

// termType is the type of the value that a term reads.
func (r *resolver) termType(t *Term) *Type {
	switch t.Kind {
	case Ref:
		term, i := r.ref(t.Text)
		if term != nil {
			if term.GoType == "-" {
				return nil
			}
			return &Type{kind: termType, term: term}
		}
		if i != nil {
			return r.valueType(i)
		}
	case Group, Option:
		var typ *Type
		for _, a := range t.Alts {
			for _, x := range a.Terms {
				if v := r.termType(x); v != nil {
					if typ == nil {
						typ = v
					} else if typ = wider(typ, v); typ == nil {
						return nil
					}
				}
			}
		}
		return typ
	}
	return nil
}

// valueType is the Go type of a rule's value.
func (r *resolver) valueType(i *ruleInfo) *Type {
	if i.typ != nil {
		return i.typ
	}
	switch i.form {
	case formStruct:
		i.typ = &Type{kind: structType, strct: r.structOf(i)}
	case formUnion:
		i.typ = &Type{kind: unionType, union: r.unionOf(i)}
	case formValue:
		i.typ = &Type{kind: boolType} // while it is being found: a recursive value rule
		s := r.shapeOf(i)
		if len(s.Fields) == 1 {
			i.typ = s.Fields[0].Type
		}
	}
	return i.typ
}

// shapeOf gives the shape of a value rule; it is found once.
func (r *resolver) shapeOf(i *ruleInfo) *Struct {
	if i.shape == nil {
		i.shape = r.findShape(i)
	}
	return i.shape
}

// findShape treats a value rule as a struct with one field, to find its type. A rule without bindings has its
// references as values: under a repeat, or twice, they are a slice.
func (r *resolver) findShape(i *ruleInfo) *Struct {
	s := &Struct{Go: i.Go, Section: i.rule.Section, alts: i.rule.Alts, lenient: i.rule.Lenient, pos: i.rule.Pos}
	if len(i.names) == 0 {
		s.alts, s.lenient = r.bindValues(s.alts), r.bindValues(s.lenient)
		i.rule.Alts, i.rule.Lenient = s.alts, s.lenient
	}
	r.fill(s)
	return s
}

// valueField is the name of the field that stands for the value of a rule without bindings.
const valueField = "value"

// bindValues gives the references of a body to what has a value the binding valueField.
func (r *resolver) bindValues(alts []*Alt) []*Alt {
	var out []*Alt
	for _, a := range alts {
		b := *a
		b.Terms = nil
		for _, t := range a.Terms {
			c := *t
			c.Alts = r.bindValues(t.Alts)
			if t.Kind == Ref {
				if term, i := r.ref(t.Text); term != nil && term.GoType != "-" || i != nil && i.form != formVoid {
					c.Bind = valueField
				}
			}
			b.Terms = append(b.Terms, &c)
		}
		out = append(out, &b)
	}
	return out
}

// wider gives the type that holds the values of both, or nil.
func wider(a, b *Type) *Type {
	if a.same(b) {
		return a
	}
	if a.kind != termType || b.kind != termType {
		return nil
	}
	for _, pair := range [][2]string{{"uint32", "uint64"}, {"string", "NString"}, {"string", "Text"}} {
		switch {
		case a.term.GoType == pair[0] && b.term.GoType == pair[1]:
			return b
		case b.term.GoType == pair[0] && a.term.GoType == pair[1]:
			return a
		}
	}
	if a.term.GoType == b.term.GoType {
		return a
	}
	return nil
}

func (t *Type) same(o *Type) bool {
	if t.kind != o.kind {
		return false
	}
	switch t.kind {
	case tokenType:
		return t.token == o.token
	case termType, listType:
		return t.term == o.term
	case structType, pointerType:
		return t.strct == o.strct
	case unionType:
		return t.union == o.union
	case sliceType, optType:
		return t.elem.same(o.elem)
	}
	return true
}

func (t *Type) name() string {
	switch t.kind {
	case boolType:
		return "a literal"
	case tokenType:
		return t.token.Go
	case termType:
		return t.term.Name
	case structType, pointerType:
		return t.strct.Go
	case unionType:
		return t.union.Go
	case listType:
		return "a list of " + t.term.Name
	case sliceType, optType:
		return "a list of " + t.elem.name()
	}
	return "nothing"
}

// unionOf gives a union its Go shape; its alternatives are filled by buildUnions, so that unions may refer to each other.
func (r *resolver) unionOf(i *ruleInfo) *UnionInfo {
	for _, u := range r.unions {
		if u.Rule == i.rule {
			return u
		}
	}
	u := &UnionInfo{Go: i.Go, Prefix: prefix(i.Go), Rule: i.rule}
	r.claim(u.Go, i.rule.Pos)
	r.claim(u.Go+"Name", i.rule.Pos)
	r.unions = append(r.unions, u)
	return u
}

func (r *resolver) buildUnions() {
	for _, rule := range r.live {
		if rule.Kind != Union {
			continue
		}
		u := r.unionOf(r.rules[rule])
		if rule.Name == "resp-text-code" {
			r.codes = u
		}
		for _, a := range rule.all() {
			if slices.ContainsFunc(u.Alts, func(x *unionAlt) bool { return x.alt == a }) {
				continue
			}
			u.Alts = append(u.Alts, r.unionAlt(u, a, !slices.Contains(rule.Alts, a)))
		}
	}
}

func (r *resolver) unionAlt(u *UnionInfo, a *Alt, lenient bool) *unionAlt {
	x := &unionAlt{alt: a, lenient: lenient}
	x.Go = u.Prefix + a.Label
	if a.Label == "" {
		x.Go = u.Prefix + r.names.camel(keywordOf(a))
		if keywordOf(a) == "" {
			r.faults.add(a.Pos, "an alternative of a union that does not begin with a keyword needs a label: #Name")
			return x
		}
	}
	s := &Struct{Go: x.Go, Section: a.Section, alts: []*Alt{{Pos: a.Pos, Terms: a.Terms, Section: a.Section}}, pos: a.Pos}
	s.Doc = x.Go + " is the alternative " + altText(a) + " of " + u.Go + "."
	r.fill(s)
	switch {
	case len(s.Fields) == 0:
		for _, k := range keywordVariants(a) {
			c := Keyword{u.Prefix + r.names.camel(k), k, a.Section}
			if a.Label != "" {
				c.Go = u.Prefix + a.Label
			}
			r.claim(c.Go, a.Pos)
			x.Consts = append(x.Consts, c)
		}
		return x
	case len(s.Fields) == 1 && s.Fields[0].Embed == nil && named(s.Fields[0].Type):
		x.Named = s.Fields[0].Type
	}
	x.Struct = s
	r.claim(x.Go, a.Pos)
	return x
}

// named: a type over this one may have methods.
func named(t *Type) bool {
	switch t.kind {
	case boolType, pointerType, unionType, optType:
		return false
	case termType:
		return t.term.GoType[0] != '*'
	}
	return true
}

// keywordVariants lists the texts of an alternative without fields: "BODY" ["STRUCTURE"] has two.
func keywordVariants(a *Alt) []string {
	texts := []string{""}
	for _, t := range a.Terms {
		var next []string
		switch t.Kind {
		case Guard:
			continue
		case Literal:
			for _, s := range texts {
				next = append(next, s+t.Text)
			}
		case Group, Option:
			if t.Kind == Option {
				next = append(next, texts...)
			}
			for _, b := range t.Alts {
				for _, v := range keywordVariants(b) {
					for _, s := range texts {
						next = append(next, s+v)
					}
				}
			}
		case Ref:
			for _, s := range texts {
				next = append(next, s+" ")
			}
		}
		texts = next
	}
	return texts
}
