package gen

import "slices"

// This file checks what the grammar of another module may say: it adds to the base, and changes nothing there.

// additions reports what the files of another module say beyond that.
func (m *merger) additions(own []File) Faults {
	var faults Faults
	isOwn := func(file string) bool {
		return slices.ContainsFunc(own, func(f File) bool { return f.Name == file })
	}
	if !slices.ContainsFunc(m.g.Sections, func(s *Section) bool { return isOwn(s.Pos.File) }) && len(own) > 0 {
		faults.add(Pos{own[0].Name, 1, 1}, "another module's grammar begins with a header of its own, extension CAP rfc N or extension CAP vendor NAME")
		return faults
	}
	for _, e := range m.entries {
		for _, d := range e.decls() {
			switch {
			case !isOwn(d.pos.File):
			case !isOwn(d.section.Pos.File):
				faults.add(d.pos, "this stands in the section of %s: what another module adds stands below a header of its own, with another RFC or vendor", d.section.Pos)
			case !isOwn(e.def.pos.File):
				m.addition(e, d, &faults)
			}
		}
	}
	return faults
}

// decls are all declarations of a name.
func (e *entry) decls() []*decl {
	all := slices.Concat([]*decl{e.def}, e.adds, e.lenientAdds, e.extends)
	for _, d := range []*decl{e.redefine, e.lenient} {
		if d != nil {
			all = append(all, d)
		}
	}
	return all
}

// addition checks one declaration of another module about something of the base.
func (m *merger) addition(e *entry, d *decl, faults *Faults) {
	switch {
	case d.op == "":
		for _, g := range d.given {
			if g.key != "returns" {
				faults.add(g.pos, "another module adds data to a command of the grammar, with returns, and no clause %q", g.key)
			}
		}
		for _, r := range d.clauses.Returns {
			if r.With != "" || r.Without != "" || len(r.Where) > 0 || r.Or {
				faults.add(r.Pos, "what another module adds to the data of a command comes with all its forms: it takes no where, with, without or \"/\"")
			}
		}
	case d.op != "=/":
		faults.add(d.pos, "another module adds to the grammar, with \"=/\" and extend, and changes nothing that is there: %q stands at %s", e.name, e.def.pos)
	case e.terminal != nil || e.rule.Kind == Plain && !slices.ContainsFunc(e.def.alts, isKeyword):
		faults.add(d.pos, "another module adds to unions, to the items of records and to sets of keywords: %q at %s is none of them", e.name, e.def.pos)
	}
}

// isKeyword: the alternative is one keyword, as those of a set of keywords are.
func isKeyword(a *Alt) bool {
	return len(a.Terms) == 1 && a.Terms[0].Kind == Literal && a.Terms[0].Bind == ""
}
