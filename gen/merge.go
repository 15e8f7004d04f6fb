package gen

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A merger makes one grammar of the declarations of all files.
type merger struct {
	*table
	faults  *Faults
	entries []*entry  // by age of their definitions
	swapped [][2]*Alt // alternatives, and the lenient ones that take their place
	g       *Grammar
}

// merge applies every "=/", "~=", "redefine" and "extend" and resolves every name.
func merge(p *parser) *merger {
	m := &merger{faults: p.faults, table: &table{inFile: p.inFile, broken: p.broken, core: coreRules()}}
	for i := range m.byName {
		m.byName[i] = map[string][]*entry{}
	}
	decls := slices.SortedStableFunc(slices.Values(p.decls), compareDecls)
	for _, d := range decls {
		if d.op == "=" && !d.redefine {
			m.define(d)
		}
	}
	m.nameApart()
	for _, d := range decls {
		if d.op != "=" || d.redefine {
			m.attach(d)
		}
	}
	for _, d := range decls {
		m.resolveRefs(d, d.alts)
		if d.by != "" {
			m.resolveBy(d)
		}
	}
	m.grammar(p)
	return m
}

// define takes a definition with "=". A second one is a fault, except that two RFCs may mean different things by one name.
func (m *merger) define(d *decl) {
	if d.space == ruleSpace && m.core[d.name] != nil {
		m.faults.add(d.pos, "%q is a core rule of RFC 5234 and known already", d.name)
		return
	}
	for _, o := range m.byName[d.space][d.name] {
		o := o.def
		switch {
		case d.space != ruleSpace || d.terminal != nil && o.terminal != nil || d.pos.File == o.pos.File ||
			d.section.source() == o.section.source() || d.section.Base && o.section.Base:
			m.faults.add(d.pos, "a second definition of the %s %q: the first is at %s (\"=/\" adds alternatives, \"redefine\" replaces)", d.what(), d.name, o.pos)
			return
		case d.source == o.source && d.kind == o.kind && d.terminal == nil && o.terminal == nil:
			m.faults.add(d.pos, "%q is defined with the same content at %s: leave it out here", d.name, o.pos)
			return
		}
	}
	e := &entry{def: d, name: d.name}
	m.byName[d.space][d.name] = append(m.byName[d.space][d.name], e)
	m.entries = append(m.entries, e)
}

// what names the kind of a declaration in a message.
func (d *decl) what() string {
	switch {
	case d.terminal != nil:
		return "terminal"
	case d.space == commandSpace:
		return "command"
	default:
		return d.kind.String()
	}
}

// nameApart gives rules of one name that mean different things names of their own: the first of them keeps it (a terminal, the
// base, then by RFC number), the others get their source behind it (partial-range-rfc9394).
func (m *merger) nameApart() {
	for _, all := range m.byName[ruleSpace] {
		keeps := all[0]
		for _, e := range all {
			if e.def.terminal != nil {
				keeps = e
			}
		}
		for _, e := range all {
			if e != keeps {
				e.name += "-" + e.def.section.source()
			}
		}
	}
}

// attach gives a declaration that changes something to what it changes.
func (m *merger) attach(d *decl) {
	verb := map[string]string{"=": "redefine", "=/": "extend", "~=": "relax", "~=/": "relax", "": "extend"}[d.op]
	e, fault := m.find(d.space, d.name, d)
	if e == nil {
		if fault != "" {
			m.faults.add(d.pos, "nothing to %s here: %s", verb, fault)
		}
		return
	}
	if e.def.terminal != nil && d.op != "=/" {
		m.faults.add(d.pos, "%q is a terminal, read by hand: there is nothing to %s", d.name, verb)
		return
	}
	if e.def.kind != d.kind {
		m.faults.add(d.pos, "%q is a %s at %s, and a %s here", d.name, e.def.kind, e.def.pos, d.kind)
	}
	if d.as != "" && d.as != e.def.as {
		m.faults.add(d.pos, "the Go name of %q is given where it is defined, at %s", d.name, e.def.pos)
	}
	if d.by != "" && d.by != e.def.by {
		m.faults.add(d.byPos, "what reads the keyword of %q is given where it is defined, at %s", d.name, e.def.pos)
	}
	once := func(slot **decl, how string) {
		if *slot != nil {
			m.faults.add(d.pos, "%q is %s a second time: the first is at %s", d.name, how, (*slot).pos)
			return
		}
		*slot = d
	}
	switch d.op {
	case "=":
		once(&e.redefine, "redefined")
	case "=/":
		e.adds = append(e.adds, d)
	case "~=":
		once(&e.lenient, "relaxed with \"~=\"")
	case "~=/":
		e.lenientAdds = append(e.lenientAdds, d)
	default:
		e.extends = append(e.extends, d)
	}
}

// resolveRefs replaces every name in the alternatives by the unique name of what it means there.
func (m *merger) resolveRefs(d *decl, alts []*Alt) {
	walk(alts, func(t *Term) {
		if t.Kind != Ref || m.core[t.Text] != nil {
			return
		}
		e, fault := m.find(ruleSpace, t.Text, d)
		if e != nil {
			t.Text = e.name
		} else if fault != "" {
			m.faults.add(t.Pos, "%s", fault)
		}
	})
}

func (m *merger) resolveBy(d *decl) {
	e, fault := m.find(ruleSpace, d.by, d)
	switch {
	case e != nil && e.def.terminal != nil:
		d.by = e.name
	case e != nil:
		m.faults.add(d.byPos, "\"by\" names a terminal, and %q is a rule", d.by)
	case fault != "":
		m.faults.add(d.byPos, "%s", fault)
	}
}

func (m *merger) grammar(p *parser) {
	g := &Grammar{terminals: map[string]*Terminal{}, rules: maps.Clone(m.core)}
	m.g = g
	for _, e := range m.entries {
		switch d := e.def; {
		case d.terminal != nil:
			g.Terminals = append(g.Terminals, m.mergeTerminal(e))
			g.terminals[e.name] = e.terminal
		case d.space == commandSpace:
			g.Commands = append(g.Commands, m.mergeCommand(e))
		case d.space == responseSpace:
			g.Responses = append(g.Responses, m.mergeRule(e))
		default:
			g.Rules = append(g.Rules, m.mergeRule(e))
			g.rules[e.name] = e.rule
		}
	}
	// Which alternative is an open one is known only when every rule is there.
	for _, e := range m.entries {
		if e.rule != nil {
			g.openLast(e)
		}
	}
	byName := func(a, b *Rule) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(g.Rules, byName)
	slices.SortFunc(g.Responses, byName)
	slices.SortFunc(g.Terminals, func(a, b *Terminal) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(g.Commands, func(a, b *Command) int { return strings.Compare(a.Name, b.Name) })
	g.Sections = slices.SortedFunc(maps.Values(p.sections), func(a, b *Section) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.age(), b.age()), comparePos(a.Pos, b.Pos))
	})
}

func (m *merger) mergeTerminal(e *entry) *Terminal {
	e.terminal = e.def.terminal
	e.terminal.Alts = e.def.alts
	for _, d := range e.adds {
		e.terminal.Alts = append(e.terminal.Alts, d.alts...)
		e.terminal.Examples = append(e.terminal.Examples, d.examples...)
	}
	return e.terminal
}

func (m *merger) mergeRule(e *entry) *Rule {
	d := e.def
	r := &Rule{Pos: d.pos, Name: e.name, Kind: d.kind, As: d.as, By: d.by, Doc: d.doc, Section: d.section, Examples: d.examples, Alts: slices.Clone(d.alts), Rare: d.rare}
	e.rule = r
	source := []string{sourceOf(d.name, "=", d.source)}
	if n := e.redefine; n != nil {
		r.Alts = redefined(d.alts, n.alts)
		r.Examples, r.Rare = append(r.Examples, n.examples...), n.rare
		source[0] = sourceOf(d.name, "=", n.source)
		r.Doc, r.As, r.By = cmp.Or(n.doc, r.Doc), cmp.Or(n.as, r.As), cmp.Or(n.by, r.By)
	}
	plain := len(r.Alts) // how many are of "=", which "~=" replaces
	for _, a := range e.adds {
		r.Alts = append(r.Alts, a.alts...)
		r.Examples, r.Rare = append(r.Examples, a.examples...), append(r.Rare, a.rare...)
		source = append(source, sourceOf(d.name, "=/", a.source))
	}
	r.Source = strings.Join(source, "\n")
	if e.lenient == nil && e.lenientAdds == nil {
		return r
	}
	r.Lenient = slices.Clone(r.Alts)
	if n := e.lenient; n != nil {
		r.Lenient = slices.Concat(n.alts, r.Alts[plain:])
		r.Examples, r.Rare = append(r.Examples, n.examples...), append(r.Rare, n.rare...)
	}
	for _, n := range e.lenientAdds {
		r.Examples, r.Rare = append(r.Examples, n.examples...), append(r.Rare, n.rare...)
		for _, a := range n.alts {
			r.Lenient = m.replaceAlike(r.Lenient, a)
		}
	}
	return r
}

// redefined gives the alternatives of a redefinition. They need the capability of its section only if the old rule had none with
// their keyword: a redefinition accepts what the old rule did.
func redefined(old, alts []*Alt) []*Alt {
	for _, a := range alts {
		if i := slices.IndexFunc(old, func(o *Alt) bool { return leadingKeyword(o) == leadingKeyword(a) }); i >= 0 {
			a.Section = old[i].Section
		}
	}
	return alts
}

// replaceAlike puts a lenient alternative in the place of the one with the same keyword, or behind all.
func (m *merger) replaceAlike(alts []*Alt, a *Alt) []*Alt {
	var alike []int
	keyword := leadingKeyword(a)
	for i, o := range alts {
		if keyword != "" && leadingKeyword(o) == keyword {
			alike = append(alike, i)
		}
	}
	if len(alike) > 1 {
		alike = slices.DeleteFunc(alike, func(i int) bool { return alts[i].Label != a.Label })
		if len(alike) != 1 {
			m.faults.add(a.Pos, "several alternatives begin with %q: give this one the label of the one it replaces", keyword)
			return alts
		}
	}
	if len(alike) == 0 {
		return append(alts, a)
	}
	m.swapped = append(m.swapped, [2]*Alt{alts[alike[0]], a})
	alts[alike[0]] = a
	return alts
}
