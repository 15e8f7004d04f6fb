package gen

import (
	"slices"
	"strings"
)

// alternatives gives those of a rule or terminal, lenient ones included; nil for an unknown name.
func (g *Grammar) alternatives(name string) []*Alt {
	if t := g.terminals[name]; t != nil {
		return t.Alts
	}
	if r := g.rules[name]; r != nil {
		return r.all()
	}
	return nil
}

// allNames are the names of all rules and terminals, sorted by where they are defined.
func (g *Grammar) allNames() []string {
	type place struct {
		name string
		pos  Pos
	}
	var places []place
	for _, r := range g.Rules {
		places = append(places, place{r.Name, r.Pos})
	}
	for _, t := range g.Terminals {
		places = append(places, place{t.Name, t.Pos})
	}
	slices.SortFunc(places, func(a, b place) int { return comparePos(a.pos, b.pos) })
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.name
	}
	return names
}

// findNullable finds the rules that can be nothing at all, by going on until nothing changes.
func (c *checker) findNullable() {
	c.nullable = map[string]bool{}
	names := c.allNames()
	for changed := true; changed; {
		changed = false
		for _, name := range names {
			if !c.nullable[name] && slices.ContainsFunc(c.alternatives(name), c.altCanBeEmpty) {
				c.nullable[name] = true
				changed = true
			}
		}
	}
}

func (c *checker) altCanBeEmpty(a *Alt) bool {
	return !slices.ContainsFunc(a.Terms, func(t *Term) bool { return !c.canBeEmpty(t) })
}

func (c *checker) canBeEmpty(t *Term) bool {
	switch {
	case t.Min == 0 || t.Kind == Option || t.Kind == Guard:
		return true
	case t.Kind == Ref:
		return c.nullable[t.Text]
	case t.Kind == Group:
		return slices.ContainsFunc(t.Alts, c.altCanBeEmpty)
	default:
		return false
	}
}

// leftmost calls f for every reference that alternatives can begin with.
func (c *checker) leftmost(alts []*Alt, f func(*Term)) {
	for _, a := range alts {
		for _, t := range a.Terms {
			if t.Kind == Ref {
				f(t)
			}
			c.leftmost(t.Alts, f)
			if !c.canBeEmpty(t) {
				break
			}
		}
	}
}

// leftRecursion reports every rule that can begin with itself, each circle once and by its shortest way. It returns them all.
func (c *checker) leftRecursion() (known map[string]bool) {
	known = map[string]bool{}
	for _, name := range c.allNames() {
		if known[name] {
			continue
		}
		if way, pos := c.wayBack(name); way != nil {
			for _, n := range way {
				known[n] = true
			}
			c.faults.add(pos, "left recursion: %s", strings.Join(way, " → "))
		}
	}
	return known
}

// wayBack finds the shortest way from a rule to itself over what rules begin with, and the reference it starts at.
func (c *checker) wayBack(name string) ([]string, Pos) {
	type step struct {
		name  string
		from  *step
		start Pos
	}
	queue := []*step{{name: name}}
	seen := map[string]bool{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		var end *step
		c.leftmost(c.alternatives(at.name), func(t *Term) {
			next := &step{t.Text, at, at.start}
			if at.from == nil {
				next.start = t.Pos
			}
			if t.Text == name && end == nil {
				end = next
			}
			if !seen[t.Text] {
				seen[t.Text] = true
				queue = append(queue, next)
			}
		})
		if end != nil {
			var way []string
			for s := end; s != nil; s = s.from {
				way = append(way, s.name)
			}
			slices.Reverse(way)
			return way, end.start
		}
	}
	return nil, Pos{}
}

// endless reports rules of which every alternative leads back to the rule: no sentence has an end. Those with a fault already are
// left out, and so are those that only use such a rule.
func (c *checker) endless(reported map[string]bool) {
	ends := map[string]bool{}
	names := c.allNames()
	var altEnds func(a *Alt) bool
	altEnds = func(a *Alt) bool {
		return !slices.ContainsFunc(a.Terms, func(t *Term) bool {
			switch {
			case t.Min == 0 || t.Kind == Option:
				return false
			case t.Kind == Ref && c.alternatives(t.Text) != nil:
				return !ends[t.Text]
			case t.Kind == Group:
				return !slices.ContainsFunc(t.Alts, altEnds)
			default:
				return false
			}
		})
	}
	for n := range c.m.core {
		ends[n] = true
	}
	for changed := true; changed; {
		changed = false
		for _, n := range names {
			if !ends[n] && slices.ContainsFunc(c.alternatives(n), altEnds) {
				ends[n] = true
				changed = true
			}
		}
	}
	for _, n := range names {
		if !ends[n] && !reported[n] && c.comesBack(n, ends) {
			c.faults.add(c.posOf(n), "%q never ends: every alternative leads back to it", n)
		}
	}
}

// comesBack reports whether an endless rule comes back to itself over endless rules.
func (c *checker) comesBack(name string, ends map[string]bool) bool {
	seen := map[string]bool{}
	queue := []string{name}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		back := false
		walk(c.alternatives(at), func(t *Term) {
			if t.Kind != Ref || ends[t.Text] || c.alternatives(t.Text) == nil {
				return
			}
			back = back || t.Text == name
			if !seen[t.Text] {
				seen[t.Text] = true
				queue = append(queue, t.Text)
			}
		})
		if back {
			return true
		}
	}
	return false
}

// reaches tells whether a rule can contain another.
func (g *Grammar) reaches(from, to *Rule) bool {
	seen := map[*Rule]bool{}
	var visit func(x *Rule) bool
	visit = func(x *Rule) bool {
		found := false
		walk(x.all(), func(t *Term) {
			if t.Kind != Ref || found {
				return
			}
			if y := g.rules[t.Text]; y != nil {
				if y == to {
					found = true
				} else if !seen[y] {
					seen[y] = true
					found = visit(y)
				}
			}
		})
		return found
	}
	return visit(from)
}

func (g *Grammar) posOf(name string) Pos {
	if t := g.terminals[name]; t != nil {
		return t.Pos
	}
	return g.rules[name].Pos
}

// reach reports rules that no command, response or terminal leads to, and octets (%x41, DIGIT) in rules that are not of terminals:
// the decoder reads tokens there.
func (c *checker) reach() {
	used := map[string]bool{}
	var visit func(alts []*Alt, byHand bool)
	visit = func(alts []*Alt, byHand bool) {
		walk(alts, func(t *Term) {
			rule := c.rules[t.Text]
			switch {
			case t.Kind == Number && !byHand:
				c.faults.add(t.Pos, "octets stand in terminals only")
			case t.Kind != Ref || rule == nil:
			case rule.Section == nil:
				if !byHand && !isLayout(t.Text) {
					c.faults.add(t.Pos, "%s stands in terminals only: here a terminal is read", t.Text)
				}
			case !used[t.Text]:
				used[t.Text] = true
				visit(rule.all(), byHand)
			}
		})
	}
	for _, cmd := range c.Commands {
		visit(cmd.Alts, false)
	}
	for _, r := range c.Responses {
		visit(r.all(), false)
	}
	for _, t := range c.Terminals {
		visit(t.Alts, true)
	}
	if len(c.m.broken) > 0 {
		return // the broken declaration may have used them
	}
	for _, r := range c.Rules {
		if !used[r.Name] {
			c.faults.add(r.Pos, "the %s %q is not used: no command, response or terminal leads to it", r.Kind, r.Name)
		}
	}
}
