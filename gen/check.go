package gen

import "slices"

// A checker finds what is wrong with a merged grammar without knowing Go types.
type checker struct {
	*Grammar
	m        *merger
	faults   *Faults
	nullable map[string]bool // rules and terminals that can be nothing at all
}

func check(m *merger) {
	c := &checker{Grammar: m.g, m: m, faults: m.faults}
	c.findNullable()
	for _, r := range slices.Concat(c.Rules, c.Responses) {
		c.labels(r)
		c.nameless(r)
		for _, alts := range [][]*Alt{r.Alts, r.Lenient} {
			c.guards(alts, map[string]bool{}, false)
			c.repeats(alts)
		}
	}
	for _, t := range c.Terminals {
		c.terminal(t)
	}
	for _, cmd := range c.Commands {
		c.command(cmd)
	}
	for _, e := range m.entries {
		c.losses(e)
	}
	left := c.leftRecursion()
	c.endless(left)
	for _, r := range c.Rules {
		if !left[r.Name] {
			c.takesItselfIn(r)
		}
	}
	c.reach()
}

// labels checks where #Name stands: on an alternative of a union or record, once.
func (c *checker) labels(r *Rule) {
	c.innerLabels(r.Alts)
	c.innerLabels(r.Lenient)
	if r.By != "" && r.Kind != Union && r.Kind != Record {
		c.faults.add(r.Pos, "\"by\" stands in a union or record, whose alternatives begin with a keyword; %q is a %s", r.Name, r.Kind)
	}
	for _, alts := range [][]*Alt{r.Alts, r.Lenient} {
		first := map[string]*Alt{}
		for _, a := range alts {
			switch {
			case a.Label == "":
				continue
			case r.Kind != Union && r.Kind != Record:
				c.faults.add(a.Pos, "the label #%s names an alternative of a union or record; %q is a %s", a.Label, r.Name, r.Kind)
			case a.Many && r.Kind != Record:
				c.faults.add(a.Pos, "#%s* says that an item comes several times in a record; %q is a %s", a.Label, r.Name, r.Kind)
			case first[a.Label] != nil:
				c.faults.add(a.Pos, "the label #%s is used twice in %q: the first is at %s", a.Label, r.Name, first[a.Label].Pos)
			}
			if first[a.Label] == nil {
				first[a.Label] = a
			}
		}
	}
}

// nameless reports an alternative beside the items of a record that is none: it has no keyword to be known by, and no label.
func (c *checker) nameless(r *Rule) {
	if r.Kind != Record || !slices.ContainsFunc(r.Alts, isItem) {
		return
	}
	for _, a := range r.Alts {
		if t := a.Terms[0]; !isItem(a) && (len(a.Terms) > 1 || t.Kind != Ref || c.rules[t.Text] == nil) {
			c.faults.add(a.Pos, "an item of a record that does not begin with a keyword needs a label: #Name")
		}
	}
}

// innerLabels reports labels in groups: they name nothing.
func (c *checker) innerLabels(alts []*Alt) {
	walk(alts, func(t *Term) {
		for _, a := range t.Alts {
			if a.Label != "" {
				c.faults.add(a.Pos, "the label #%s stands in a group: it names a whole alternative of a union or record", a.Label)
			}
		}
	})
}

// guards checks that a guard on a field stands behind what binds it, and before what it guards. option: the alternatives are those of one.
func (c *checker) guards(alts []*Alt, bound map[string]bool, option bool) {
	for _, a := range alts {
		bound := cloneSet(bound)
		for i, t := range a.Terms {
			if t.Kind == Guard {
				if f := t.Guard.Field; f != "" && !bound[f] {
					c.faults.add(t.Pos, "the guard ?%s needs the field %q bound before it%s", f, f, suggest(f, sortedKeys(bound)))
				}
				if t.Guard.Unset {
					c.unset(t, alts, a, option)
				}
				if i == len(a.Terms)-1 {
					c.faults.add(t.Pos, "a guard stands before what it guards; nothing follows this one")
				}
				continue
			}
			c.guards(t.Alts, bound, t.Kind == Option)
			c.fieldsOf(t, bound, map[string]bool{})
		}
	}
}

// unset checks that ?unset begins an alternative of an option, beside others that bind something.
func (c *checker) unset(t *Term, alts []*Alt, a *Alt, option bool) {
	others := slices.DeleteFunc(slices.Clone(alts), func(o *Alt) bool { return o == a })
	if !option || a.Terms[0] != t || len(c.fields(others)) == 0 || slices.ContainsFunc(others, isUnset) {
		c.faults.add(t.Pos, "?unset begins one alternative of an option, for when what the others bind is not set")
	}
}

// takesItselfIn reports an unbound reference that leads back to a rule with bindings: its fields would be fields of itself.
func (c *checker) takesItselfIn(r *Rule) {
	if r.Kind == Union || len(c.fields(r.all())) == 0 {
		return
	}
	seen := map[string]bool{}
	var visit func(alts []*Alt) bool
	visit = func(alts []*Alt) bool {
		return slices.ContainsFunc(alts, func(a *Alt) bool {
			return slices.ContainsFunc(a.Terms, func(t *Term) bool {
				switch {
				case t.Bind != "":
					return false
				case t.Kind == Ref && t.Text == r.Name:
					c.faults.add(t.Pos, "%q would take its own bindings in here: bind it, name:%s", r.Name, r.Name)
					return true
				case t.Kind == Ref && c.rules[t.Text] != nil && c.rules[t.Text].Kind != Union && !seen[t.Text]:
					seen[t.Text] = true
					return visit(c.rules[t.Text].all())
				}
				return visit(t.Alts)
			})
		})
	}
	visit(r.all())
}

func cloneSet(s map[string]bool) map[string]bool {
	c := make(map[string]bool, len(s))
	for k := range s {
		c[k] = true
	}
	return c
}

// repeats reports repeated elements that can be empty: a loop over them has no end. And bindings that bind nothing.
func (c *checker) repeats(alts []*Alt) {
	walk(alts, func(t *Term) {
		once := *t
		once.Min, once.Max = 1, 1
		if (t.Max < 0 || t.Max > 1) && c.canBeEmpty(&once) {
			c.faults.add(t.Pos, "what is repeated here can be empty, so that the repeat has no end")
		}
		if t.Bind != "" && t.Kind == Ref && isLayout(t.Text) {
			c.faults.add(t.Pos, "%q binds %s, which has no value", t.Bind, t.Text)
		}
		if t.Bind != "" && ownBindings(t.Alts) {
			c.faults.add(t.Pos, "%q binds a group that has bindings in it: make the group a rule, or leave one of them out", t.Bind)
		}
		if r := c.rules[t.Text]; t.Bind != "" && t.Kind == Ref && r != nil && r.Kind == Record && isItem(r.Alts[0]) {
			c.faults.add(t.Pos, "%q binds one item of the record %q: its items stand together in the struct around them, without a binding", t.Bind, r.Name)
		}
	})
}

// isLayout tells the core rules that may stand outside terminals.
func isLayout(name string) bool { return name == "SP" || name == "CRLF" || name == "DQUOTE" }

// terminal reports what only rules have: a terminal is read by hand.
func (c *checker) terminal(t *Terminal) {
	for _, a := range t.Alts {
		if a.Label != "" {
			c.faults.add(a.Pos, "a terminal takes no label")
		}
	}
	c.innerLabels(t.Alts)
	walk(t.Alts, func(term *Term) {
		switch {
		case term.Kind == Guard:
			c.faults.add(term.Pos, "a terminal takes no guard: it is read by hand")
		case term.Bind != "":
			c.faults.add(term.Pos, "a terminal takes no binding: it is read by hand")
		}
	})
}

// losses reports bindings that a redefinition or a lenient form does not have any more: code that uses them would break.
func (c *checker) losses(e *entry) {
	old := e.def.alts
	if n := e.redefine; n != nil {
		c.lost(n.pos, "the redefinition of "+e.name, old, n.alts)
		old = n.alts
	}
	if n := e.lenient; n != nil {
		c.lost(n.pos, "the lenient form of "+e.name, old, n.alts)
	}
	for _, pair := range c.m.swapped {
		if len(e.lenientAdds) > 0 && slices.Contains(e.rule.Lenient, pair[1]) {
			c.lost(pair[1].Pos, "this lenient form of an alternative of "+e.name, pair[:1], pair[1:])
		}
	}
}

func (c *checker) lost(pos Pos, what string, old, alts []*Alt) {
	has := c.fields(alts)
	for _, f := range sortedKeys(c.fields(old)) {
		if !has[f] {
			c.faults.add(pos, "%s loses the binding %q", what, f)
		}
	}
}

// fields are the names bound in alternatives, those of unbound references included: they are inlined.
func (g *Grammar) fields(alts []*Alt) map[string]bool {
	set, busy := map[string]bool{}, map[string]bool{}
	for _, a := range alts {
		for _, t := range a.Terms {
			g.fieldsOf(t, set, busy)
		}
	}
	return set
}

func (g *Grammar) fieldsOf(t *Term, set, busy map[string]bool) {
	if t.Bind != "" {
		set[t.Bind] = true
		return
	}
	alts := t.Alts
	if t.Kind == Ref && g.rules[t.Text] != nil && !busy[t.Text] {
		busy[t.Text] = true
		alts = g.rules[t.Text].Alts
	}
	for _, a := range alts {
		for _, t := range a.Terms {
			g.fieldsOf(t, set, busy)
		}
	}
}
