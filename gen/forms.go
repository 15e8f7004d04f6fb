package gen

import (
	"slices"
)

// This file decides what form a rule has in Go: a keyword set, a value, a struct, a union, or nothing.

// forms decides the form of every rule; what depends on another rule's form is decided after it.
func (r *resolver) forms() {
	seen := map[*ruleInfo]bool{}
	var visit func(i *ruleInfo)
	visit = func(i *ruleInfo) {
		if seen[i] {
			return
		}
		seen[i] = true
		walk(i.rule.all(), func(t *Term) {
			if t.Kind == Ref {
				if _, other := r.ref(t.Text); other != nil {
					visit(other)
				}
			}
		})
		r.form(i)
	}
	for _, rule := range r.live {
		visit(r.rules[rule])
	}
}

func (r *resolver) form(i *ruleInfo) {
	rule := i.rule
	i.names = r.bindings(rule.all(), map[*Rule]bool{rule: true})
	switch {
	case rule.Kind == Union:
		i.form = formUnion
	case rule.Kind == Record:
		i.form = formStruct
	case r.isToken(rule):
		i.form = formToken
		t := &Token{Go: i.Go, Doc: rule.Doc, Prefix: prefix(i.Go), Section: rule.Section, Source: rule.Source, Rule: i}
		r.claim(t.Go, rule.Pos)
		for _, a := range rule.Alts {
			if term := a.Terms[0]; term.Kind == Literal {
				k := Keyword{t.Prefix + r.names.camel(term.Text), term.Text, a.Section}
				if a.Label != "" {
					k.Go = t.Prefix + a.Label
				}
				r.claim(k.Go, a.Pos)
				t.Keywords = append(t.Keywords, k)
			} else {
				t.Open = r.openText(term)
			}
		}
		if rule.Name == "capability" {
			r.capabilities(t)
		}
		i.typ = &Type{kind: tokenType, token: t}
		r.tokens = append(r.tokens, t)
	case len(i.names) > 1:
		i.form = formStruct
	case len(i.names) == 1:
		i.form = formValue
	case r.hasValue(rule.all()):
		i.form = formValue
	default:
		i.form = formVoid
	}
}

// capabilities adds a constant for every extension: its header names the capability.
func (r *resolver) capabilities(t *Token) {
	for _, s := range r.g.Sections {
		if s.Base || slices.ContainsFunc(t.Keywords, func(k Keyword) bool { return k.Text == s.Name }) {
			continue
		}
		k := Keyword{t.Prefix + r.names.camel(s.Name), s.Name, s}
		r.claim(k.Go, s.Pos)
		t.Keywords = append(t.Keywords, k)
	}
}

// isToken: every alternative is one keyword, or one token of text; and there is a keyword.
func (r *resolver) isToken(rule *Rule) bool {
	if rule.Kind != Plain || rule.Lenient != nil {
		return false
	}
	literals, open := 0, 0
	for _, a := range rule.Alts {
		if len(a.Terms) != 1 {
			return false
		}
		switch t := a.Terms[0]; {
		case t.Bind != "" || t.Min != 1 || t.Max != 1:
			return false
		case t.Kind == Literal && isWord(t.Text):
			literals++
		case r.openText(t) != nil:
			open++
		default:
			return false
		}
	}
	return literals > 0 && open <= 1 && r.usedAsValue(rule)
}

// openText gives the terminal of text that a term is, or that a rule which is nothing else is: resource-name-ext = atom
// (RFC 9208, section 7).
func (r *resolver) openText(t *Term) *Terminal {
	if t.Kind != Ref || t.Bind != "" || t.Min != 1 || t.Max != 1 {
		return nil
	}
	if term := r.g.terminals[t.Text]; term != nil {
		if isText(term) {
			return term
		}
		return nil
	}
	rule := r.g.rules[t.Text]
	if rule == nil || rule.Kind != Plain || rule.Lenient != nil || len(rule.Alts) != 1 || len(rule.Alts[0].Terms) != 1 {
		return nil
	}
	if next := rule.Alts[0].Terms[0]; next.Kind == Ref && r.g.terminals[next.Text] != nil {
		return r.openText(next)
	}
	return nil
}

// usedAsValue tells a keyword set from a piece of syntax such as date-month, which only terminals refer to.
func (r *resolver) usedAsValue(rule *Rule) bool {
	used := false
	look := func(alts []*Alt) {
		walk(alts, func(t *Term) { used = used || t.Kind == Ref && t.Text == rule.Name })
	}
	for _, o := range r.live {
		look(o.all())
	}
	for _, o := range r.g.Responses {
		look(o.all())
	}
	for _, o := range r.g.Commands {
		look(o.Alts)
	}
	return used
}

func isText(t *Terminal) bool { return t.GoType == "string" || t.GoType == "Flag" }

// hasValue: a rule without bindings whose references are values.
func (r *resolver) hasValue(alts []*Alt) bool {
	found := false
	walk(alts, func(t *Term) {
		if t.Kind != Ref {
			return
		}
		if term, i := r.ref(t.Text); term != nil {
			found = found || term.GoType != "-"
		} else if i != nil {
			found = found || i.form != formVoid
		}
	})
	return found
}

// bindings lists the distinct field names of a body, those of inlined rules included. In a body without bindings of its
// own a reference under a repeat is a value: it inlines nothing.
func (r *resolver) bindings(alts []*Alt, busy map[*Rule]bool) []string {
	var values map[string]bool
	if !ownBindings(alts) {
		values = repeatedRefs(alts)
	}
	return r.bindingsIn(alts, busy, values)
}

// repeatedRefs gives the names that a body refers to under a repeat.
func repeatedRefs(alts []*Alt) map[string]bool {
	names := map[string]bool{}
	var visit func(alts []*Alt, repeated bool)
	visit = func(alts []*Alt, repeated bool) {
		for _, a := range alts {
			for _, t := range a.Terms {
				again := repeated || t.Max != 1
				if t.Kind == Ref && again {
					names[t.Text] = true
				}
				visit(t.Alts, again)
			}
		}
	}
	visit(alts, false)
	return names
}

// ownBindings: the body itself binds something.
func ownBindings(alts []*Alt) bool {
	own := false
	walk(alts, func(t *Term) { own = own || t.Bind != "" })
	for _, a := range alts {
		own = own || a.Many
	}
	return own
}

func (r *resolver) bindingsIn(alts []*Alt, busy map[*Rule]bool, values map[string]bool) []string {
	var names []string
	add := func(s string) {
		if !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	for _, a := range alts {
		if a.Many {
			add("#" + a.Label)
			continue
		}
		for _, t := range a.Terms {
			switch {
			case t.Bind != "":
				add(t.Bind)
			case t.Kind == Ref:
				if rule := r.g.rules[t.Text]; rule != nil && rule.Kind != Union && !busy[rule] &&
					(rule.Kind == Record || !values[t.Text]) {
					busy[rule] = true
					for _, n := range r.bindings(rule.all(), busy) {
						add(n)
					}
					delete(busy, rule)
				}
			default:
				for _, n := range r.bindingsIn(t.Alts, busy, values) {
					add(n)
				}
			}
		}
	}
	return names
}
