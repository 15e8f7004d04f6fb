package gen

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
		s.value = true
		s.alts, s.lenient = r.bindValues(s.alts), r.bindValues(s.lenient)
		r.worthless(s.alts)
		i.rule.Alts, i.rule.Lenient = s.alts, s.lenient
	}
	r.fill(s)
	return s
}

// worthless reports a second alternative without a value in a rule that is the value it refers to: one may mean that there is none.
func (r *resolver) worthless(alts []*Alt) {
	var first *Alt
	for _, a := range alts {
		switch {
		case ownBindings([]*Alt{a}):
		case first == nil:
			first = a
		default:
			r.faults.add(a.Pos, "neither this alternative nor the one at %s has a value, so that nothing tells which it was: bind what differs", first.Pos)
		}
	}
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
