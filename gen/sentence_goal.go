package gen

import "slices"

// far is the cost of what has no end, and the distance to what cannot be reached.
const far = 1 << 30

// measure finds the length of the shortest sentence of everything. A rule costs one more than its octets, so that of a rule and
// what it stands for the latter is shorter, and a recursion ends.
func (s *Sentences) measure() {
	s.cost, s.ruleCost = map[*Alt]int{}, map[string]int{}
	for changed := true; changed; {
		changed = false
		settle := func(name string, alts []*Alt) {
			c := s.cheapest(alts)
			if old, ok := s.ruleCost[name]; !ok || c < old {
				s.ruleCost[name] = c
				changed = true
			}
		}
		for _, t := range s.g.Terminals {
			settle(t.Name, t.Alts)
		}
		for name, r := range s.g.rules {
			settle(name, s.of(r))
		}
	}
	for _, c := range s.g.Commands {
		s.cheapest(c.Alts)
	}
	for _, r := range s.g.Responses {
		s.cheapest(s.of(r))
	}
}

// cheapest measures alternatives and all within them, and gives the least.
func (s *Sentences) cheapest(alts []*Alt) int {
	least := far
	for _, a := range alts {
		sum := 0
		for _, t := range a.Terms {
			sum = min(sum+t.Min*s.termCost(t), far)
		}
		if !s.inForce(a.Section) {
			sum = far
		}
		s.cost[a] = sum
		least = min(least, sum)
	}
	return least
}

func (s *Sentences) termCost(t *Term) int {
	switch t.Kind {
	case Literal:
		return len(t.Text)
	case Number:
		return len(t.Lo)
	case Ref:
		if c, ok := s.ruleCost[t.Text]; ok {
			return min(c+1, far)
		}
		return far
	case Group:
		return s.cheapest(t.Alts)
	case Option:
		s.cheapest(t.Alts)
	}
	return 0
}

// connect notes where each alternative is used, so that the way to it can be found.
func (s *Sentences) connect() {
	s.parents = map[*Alt][]*Alt{}
	var within func(a *Alt)
	within = func(a *Alt) {
		for _, t := range a.Terms {
			inner := t.Alts
			if r := s.g.rules[t.Text]; t.Kind == Ref && r != nil && s.g.terminals[t.Text] == nil {
				inner = s.of(r)
			}
			for _, b := range inner {
				s.parents[b] = append(s.parents[b], a)
				if t.Kind != Ref {
					within(b)
				}
			}
		}
	}
	for _, a := range s.topAlts() {
		within(a)
	}
}

// topAlts gives the alternatives of all commands, responses and rules.
func (s *Sentences) topAlts() []*Alt {
	var all []*Alt
	for _, r := range s.roots() {
		all = append(all, r.alts(s)...)
	}
	for _, r := range s.g.Rules {
		all = append(all, s.of(r)...)
	}
	return all
}

func (s *Sentences) roots() []root {
	var roots []root
	for _, c := range s.g.Commands {
		roots = append(roots, root{command: c})
	}
	for _, r := range s.g.Responses {
		roots = append(roots, root{response: r})
	}
	return roots
}

// A goal is what a sentence of Every must take: an alternative, or the UID form of a command.
type goal struct {
	alt *Alt
	uid bool
}

func (s *Sentences) goals() []goal {
	var goals []goal
	var collect func(alts []*Alt)
	collect = func(alts []*Alt) {
		for _, a := range alts {
			uid := slices.ContainsFunc(a.Terms, func(t *Term) bool { return t.Kind == Guard && t.Guard.UID })
			goals = append(goals, goal{a, uid})
			for _, t := range a.Terms {
				collect(t.Alts)
			}
		}
	}
	collect(s.topAlts())
	for _, c := range s.g.Commands {
		if c.UID == "also" {
			goals = append(goals, goal{c.Alts[0], true})
		}
	}
	return goals
}

// distances tells of each alternative how many others lie between it and the goal.
func (s *Sentences) distances(to *Alt) map[*Alt]int {
	d := map[*Alt]int{to: 0}
	for queue := []*Alt{to}; len(queue) > 0; queue = queue[1:] {
		for _, p := range s.parents[queue[0]] {
			if _, ok := d[p]; !ok && s.inForce(p.Section) {
				d[p] = d[queue[0]] + 1
				queue = append(queue, p)
			}
		}
	}
	return d
}

// nearestRoot gives the command or response from which the way is shortest.
func (s *Sentences) nearestRoot(distance map[*Alt]int) (root, bool) {
	var best root
	least := far
	for _, r := range s.roots() {
		if !s.inForce(r.section()) {
			continue
		}
		for _, a := range r.alts(s) {
			if d, ok := distance[a]; ok && d < least {
				best, least = r, d
			}
		}
	}
	return best, least < far
}

func (w *walker) distanceOf(a *Alt) int {
	if d, ok := w.distance[a]; ok {
		return d
	}
	return far
}

// via gives the term of an alternative that leads to the goal; -1 if none does.
func (w *walker) via(a *Alt) int {
	if w.goal == nil {
		return -1
	}
	best, least := -1, far
	for i, t := range a.Terms {
		inner := t.Alts
		if r := w.s.g.rules[t.Text]; t.Kind == Ref && r != nil {
			inner = w.s.of(r)
		}
		for _, b := range inner {
			if d := w.distanceOf(b); d < least {
				best, least = i, d
			}
		}
	}
	return best
}

// planned adds to the plan what fields of an alternative must be so that its guards hold, and those of one of the guarded
// alternatives within it: the one on the way to the goal, or one, or none, as the tape says.
func (w *walker) planned(a *Alt, sc scope) scope {
	binds := map[string]bool{}
	for _, t := range a.Terms {
		if t.Bind != "" {
			binds[t.Bind] = true
		}
	}
	demands := guardSets(a.Terms, nil)
	if len(binds) == 0 || len(demands) == 0 {
		return sc
	}
	var demand []GuardTerm
	if w.goal != nil {
		demand = w.guardsOnTheWay(a)
	} else if n := w.tape.pick(len(demands) + 1); !w.short() && n > 0 {
		demand = demands[n-1]
	}
	for _, t := range a.Terms {
		if t.Kind == Guard && binds[t.Guard.Field] {
			demand = append(slices.Clone(demand), t.Guard)
		}
	}
	plan := map[string]string{}
	for f, v := range sc.plan {
		plan[f] = v
	}
	for _, g := range demand {
		if binds[g.Field] {
			plan[g.Field] = g.Values[w.tape.pick(len(g.Values))]
		}
	}
	if sc.bound == nil {
		sc.bound = map[string]string{}
	}
	return scope{bound: sc.bound, plan: plan}
}

// guardSets gives the guards about fields of each guarded alternative within terms.
func guardSets(terms []*Term, outer []GuardTerm) [][]GuardTerm {
	var sets [][]GuardTerm
	for _, t := range terms {
		for _, a := range t.Alts {
			set := slices.Clone(outer)
			for _, u := range a.Terms {
				if u.Kind == Guard && u.Guard.Field != "" {
					set = append(set, u.Guard)
				}
			}
			if len(set) > len(outer) {
				sets = append(sets, set)
			}
			sets = append(sets, guardSets(a.Terms, set)...)
		}
	}
	return sets
}

// guardsOnTheWay gives the guards about fields on the way to the goal, as far as it lies in this rule.
func (w *walker) guardsOnTheWay(a *Alt) []GuardTerm {
	var guards []GuardTerm
	for i := w.via(a); i >= 0; i = w.via(a) {
		alts := a.Terms[i].Alts
		if len(alts) == 0 {
			break
		}
		a = slices.MinFunc(alts, func(x, y *Alt) int { return w.distanceOf(x) - w.distanceOf(y) })
		for _, t := range a.Terms {
			if t.Kind == Guard && t.Guard.Field != "" {
				guards = append(guards, t.Guard)
			}
		}
		if a == w.goal {
			break
		}
	}
	return guards
}
