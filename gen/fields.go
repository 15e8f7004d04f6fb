package gen

import (
	"maps"
	"slices"
	"strings"
)

// This file gives structs their fields, from all the places that bind them.

// An occurrence is one place where a body binds a field.
type occurrence struct {
	term     *Term
	many     bool // under a repeat, or not the first on its path
	optional bool
	orNil    bool   // or nil stands in its place
	item     string // the record item that it belongs to
	guarded  bool   // a guard decides whether it is there, not its value
	lenient  bool   // stands in "~=" only
	section  *Section
}

// A gather collects the occurrences of a struct's fields, in the order of the text.
type gather struct {
	r       *resolver
	s       *Struct
	order   []string
	occurs  map[string][]occurrence
	embeds  map[string]*ruleInfo
	many    map[string]*Alt
	relaxed map[string]*Alt // those of "~=" that replace one of many
	rare    map[string]bool
	mixed   bool // that items of several records are mixed has been said
}

// fill finds the fields of a struct and their types.
func (r *resolver) fill(s *Struct) {
	g := &gather{r: r, s: s, occurs: map[string][]occurrence{}, embeds: map[string]*ruleInfo{}, many: map[string]*Alt{}, relaxed: map[string]*Alt{}, rare: map[string]bool{}}
	g.alts(s.alts, occurrence{}, nil)
	g.alts(s.lenient, occurrence{lenient: true}, nil)
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
			s.Fields = append(s.Fields, r.manyField(s, g.many[name], g.relaxed[name]))
		default:
			s.Fields = append(s.Fields, r.field(s, name, g.occurs[name]))
		}
		if f := s.Fields[len(s.Fields)-1]; g.rare[name] {
			f.rare = true
			if f.Type.kind == structType {
				f.Type = &Type{kind: pointerType, strct: f.Type.strct} // nil when it is absent
			}
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
	ctx.orNil = ctx.orNil || slices.ContainsFunc(alts, g.r.isNil)
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
			if g.many[a.Label] == nil {
				g.many[a.Label] = a
			} else if a != g.many[a.Label] {
				g.relaxed[a.Label] = a
			}
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
			if old := g.s.Record; old != nil && old != info && !g.mixed {
				g.mixed = true
				g.r.faults.add(t.Pos, "the items of %q stand beside those of %q: one record that refers to both makes them one set", rule.Name, old.Rule.Name)
			}
			g.s.Record = info
			ctx.many = false // items of a record: any number, each once
			for _, name := range rule.Rare {
				g.rare[name] = true
			}
			for _, a := range rule.all() {
				c := ctx
				if isItem(a) {
					c.item = info.itemGo(g.r.itemName(a))
				}
				g.alts([]*Alt{a}, c, map[string]bool{})
			}
			return
		}
		after := g.alts(rule.Alts, ctx, met)
		ctx.lenient = true
		maps.Copy(after, g.alts(rule.Lenient, ctx, met))
		maps.Copy(met, after)
	}
}

// isNil: the alternative is "nil", or another terminal without a value: nothing stands here.
func (r *resolver) isNil(a *Alt) bool {
	if len(a.Terms) != 1 || a.Terms[0].Kind != Ref {
		return false
	}
	term, _ := r.ref(a.Terms[0].Text)
	return term != nil && term.GoType == "-"
}

// field gives one field its type, from all the places that bind it.
func (r *resolver) field(s *Struct, bind string, occurs []occurrence) *Field {
	first := occurs[0]
	f := &Field{Bind: bind, Go: r.names.camel(bind), pos: first.term.Pos, item: first.item}
	var typ *Type
	many, optional, orNil, guarded := false, false, false, true
	for _, o := range occurs {
		guarded = guarded && (o.guarded || o.lenient)
		many = many || o.many
		optional = optional || o.optional && !o.lenient
		orNil = orNil || o.orNil && !o.lenient
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
				r.twoTypes(s, bind, o.term.Pos, first.term.Pos, t, typ)
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
	case typ.kind == structType && (optional && f.item == "" || orNil || r.contains(typ.strct, s) || typ.strct.size() > 4 || f.item != "" && typ.strct.size() > 2):
		typ = &Type{kind: pointerType, strct: typ.strct}
	case (optional && !guarded && f.item == "" || orNil) && typ.kind == termType && !typ.term.NonZero && isNumber(typ.term):
		typ = &Type{kind: optType, elem: typ}
	}
	f.Type = typ
	return f
}

// twoTypes reports a field, or a rule that is the value it refers to, with values of two types.
func (r *resolver) twoTypes(s *Struct, bind string, pos, first Pos, t, typ *Type) {
	if s.value {
		r.faults.add(pos, "this rule is the value it refers to: %s here and %s at %s; bind both, under names of their own", t.name(), typ.name(), first)
		return
	}
	r.faults.add(pos, "%s: is bound to %s here and to %s at %s: give one of them another name", bind, t.name(), typ.name(), first)
}

// contains: the struct can hold another one, or itself.
func (r *resolver) contains(s, in *Struct) bool {
	i, o := r.byStruct[s], r.byStruct[in]
	return i != nil && o != nil && r.g.reaches(i.rule, o.rule)
}

func isNumber(t *Terminal) bool { return t.GoType == "uint32" || t.GoType == "uint64" }

// manyField is the slice of an alternative with #Label*.
func (r *resolver) manyField(s *Struct, a, relaxed *Alt) *Field {
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
	if relaxed != nil {
		el.lenient = []*Alt{{Pos: relaxed.Pos, Terms: relaxed.Terms, Section: relaxed.Section}}
	}
	r.claim(name, a.Pos)
	r.structs = append(r.structs, el)
	r.fill(el)
	f.Type = &Type{kind: sliceType, elem: &Type{kind: structType, strct: el}}
	return f
}
