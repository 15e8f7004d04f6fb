package gen

import (
	"slices"
)

// This file gives unions their Go shape.

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
