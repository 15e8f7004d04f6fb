package gen

import "strconv"

// This file finds out whose bindings go into which struct, and which are emitted once because two need them.

// share finds the rules whose bindings two or more structs inline: those are emitted once, and embedded. The items of a record are fields of
// each of them: a response tells which items it carries.
func (r *resolver) share() {
	for {
		users := map[*ruleInfo]map[string]bool{}
		inlinedBy := map[*ruleInfo]map[*ruleInfo]bool{}
		for root, alts := range r.roots() {
			r.inlined(alts, func(i, by *ruleInfo) {
				if users[i] == nil {
					users[i] = map[string]bool{}
					inlinedBy[i] = map[*ruleInfo]bool{}
				}
				users[i][root] = true
				inlinedBy[i][by] = true
			}, nil)
		}
		var next *ruleInfo
		for _, rule := range r.live {
			i := r.rules[rule]
			i.taken = len(users[i])
			if i.shared || i.form != formStruct || i.taken < 2 || rule.Kind == Record {
				continue
			}
			inner := false
			for by := range inlinedBy[i] {
				inner = inner || by != nil && len(users[by]) > 1 && by.form == formStruct
			}
			if !inner {
				next = i
				break
			}
		}
		if next == nil {
			break
		}
		next.shared = true
	}
	for _, rule := range r.live {
		if i := r.rules[rule]; i.form == formStruct && (i.shared || r.isBound(rule)) {
			r.structOf(i)
		}
	}
}

// roots lists the bodies that are structs of their own, by a name that tells them apart.
func (r *resolver) roots() map[string][]*Alt {
	m := map[string][]*Alt{}
	for _, rule := range r.g.Responses {
		m["response "+rule.Name] = rule.all()
	}
	for _, c := range r.g.Commands {
		m["command "+c.Name] = c.Alts
	}
	for _, rule := range r.live {
		i := r.rules[rule]
		switch {
		case rule.Kind == Union:
			for n, a := range rule.all() {
				m["union "+rule.Name+strconv.Itoa(n)] = []*Alt{a}
			}
		case i.form == formStruct && (i.shared || r.isBound(rule)):
			m["rule "+rule.Name] = rule.all()
		}
		for n, a := range rule.all() {
			if a.Many {
				m["many "+rule.Name+strconv.Itoa(n)] = []*Alt{{Pos: a.Pos, Terms: a.Terms}}
			}
		}
	}
	return m
}

// inlined visits the rules whose bindings a body takes in.
func (r *resolver) inlined(alts []*Alt, f func(i, by *ruleInfo), by *ruleInfo) {
	for _, a := range alts {
		if a.Many {
			continue
		}
		for _, t := range a.Terms {
			if t.Kind == Ref && t.Bind == "" {
				if _, i := r.ref(t.Text); i != nil && len(i.names) > 0 && i.form != formUnion && (by == nil || len(by.names) > 0) {
					f(i, by)
					if !i.shared {
						r.inlined(i.rule.all(), f, i)
					}
				}
			}
			if t.Bind == "" {
				r.inlined(t.Alts, f, by)
			}
		}
	}
}

// isBound: some body binds the rule, or has it as a value in a rule without bindings.
func (r *resolver) isBound(rule *Rule) bool {
	bound := false
	look := func(alts []*Alt, value bool) {
		walk(alts, func(t *Term) {
			bound = bound || t.Kind == Ref && t.Text == rule.Name && (t.Bind != "" || value)
		})
	}
	for _, o := range r.live {
		look(o.all(), len(r.rules[o].names) == 0)
	}
	for _, o := range r.g.Responses {
		look(o.all(), false)
	}
	for _, o := range r.g.Commands {
		look(o.Alts, false)
	}
	return bound
}

func (r *resolver) structOf(i *ruleInfo) *Struct {
	if i.strct == nil {
		i.strct = &Struct{Go: i.Go, Doc: i.rule.Doc, Source: i.rule.Source, Section: i.rule.Section, alts: i.rule.Alts, lenient: i.rule.Lenient, pos: i.rule.Pos}
		r.byStruct[i.strct] = i
		r.claim(i.Go, i.rule.Pos)
		r.structs = append(r.structs, i.strct)
		r.fill(i.strct)
	}
	return i.strct
}
