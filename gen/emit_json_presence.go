package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// A presence tells which fields of a struct were sent. Values do not say it: NIL and nothing are the same zero value. The grammar
// does: what stands in no option was always sent, and all of an option was, when something of it is set.
type presence struct {
	j      *jsonWriter
	s      *Struct
	val    jsonValue
	places map[*Field][]place
	bare   map[*Field]bool // its list stands in no brackets
	vars   []jen.Code
	names  map[string]bool
}

// A place is where a body binds a field.
type place struct {
	in   *jsonScope // nil: always there
	loop bool       // the list may be empty here
	null bool       // NIL may stand here instead
}

func (j *jsonWriter) presence(s *Struct, val jsonValue) *presence {
	p := &presence{j: j, s: s, val: val, places: map[*Field][]place{}, bare: map[*Field]bool{}, names: map[string]bool{}}
	if i := j.e.r.byStruct[s]; i != nil && i.rule.Kind == Record {
		p.record(i.rule, nil)
	} else {
		p.alts(j.e.r.lowerAll(s.alts), place{})
	}
	return p
}

func (p *presence) put(f *Field, at place) {
	if f != nil {
		p.places[f] = append(p.places[f], at)
	}
}

// alts visits the alternatives of a choice. Beside nil the others are always there: they are null.
func (p *presence) alts(alts []*seq, at place) {
	if len(alts) == 1 {
		p.walk(alts[0].nodes, at)
		return
	}
	if slices.ContainsFunc(alts, func(a *seq) bool { return p.j.e.r.isNil(a.alt) }) {
		at.null = true
		for _, a := range alts {
			p.walk(a.nodes, at)
		}
		return
	}
	var siblings []*jsonScope
	for _, a := range alts {
		siblings = append(siblings, &jsonScope{parent: at.in, guard: p.guard(a.nodes)})
	}
	for n, a := range alts {
		siblings[n].siblings = siblings
		in := at
		in.in = siblings[n]
		if p.isItems(a) {
			in.in = at.in
		}
		p.walk(a.nodes, in)
	}
}

func (p *presence) isItems(a *seq) bool {
	if len(a.nodes) != 1 || a.nodes[0].kind != inlineNode {
		return false
	}
	_, i := p.j.e.r.ref(a.nodes[0].ref)
	return i != nil && i.rule.Kind == Record
}

func (p *presence) walk(nodes []*node, at place) {
	for _, n := range nodes {
		switch n.kind {
		case wordNode:
			for _, v := range n.words {
				for _, set := range v.sets {
					p.put(p.s.field(set.bind), at)
				}
			}
		case octetNode, spNode:
			if n.bind != "" {
				p.put(p.s.field(n.bind), at)
			}
		case valueNode:
			here := at
			here.null = at.null || p.nilRule(n.ref)
			p.put(p.s.field(n.bind), here)
		case inlineNode:
			p.inline(n, at)
		case choiceNode:
			p.alts(n.alts, at)
		case optionNode:
			p.option(n, at)
		case loopNode:
			in := at
			in.loop = true
			p.walk(n.alts[0].nodes, in)
			for _, x := range n.alts[0].nodes {
				if f := p.s.field(x.bind); f != nil && x.kind == valueNode && !at.loop {
					p.bare[f] = true
				}
			}
		}
	}
}

// nilRule: the rule is a value or NIL.
func (p *presence) nilRule(ref string) bool {
	_, i := p.j.e.r.ref(ref)
	return i != nil && slices.ContainsFunc(i.rule.Alts, p.j.e.r.isNil)
}

func (p *presence) inline(n *node, at place) {
	_, i := p.j.e.r.ref(n.ref)
	switch {
	case i == nil || len(i.names) == 0 || i.form == formUnion:
	case i.rule.Kind == Record && !(i.shared && i.strct != p.s):
		p.record(i.rule, at.in)
	case i.shared && i.form == formStruct && i.strct != p.s:
		for _, f := range p.s.Fields {
			if f.Embed == i.strct {
				p.put(f, at)
			}
		}
	default:
		p.alts(p.j.e.r.lowerAll(i.rule.Alts), at)
	}
}

// record visits the items of a record: each was sent or not.
func (p *presence) record(rule *Rule, in *jsonScope) {
	for _, a := range rule.Alts {
		switch {
		case a.Many:
		case isItem(a):
			p.walk(p.j.e.r.lower(a).nodes, place{in: &jsonScope{parent: in, item: p.s.Record.itemGo(p.j.e.r.itemName(a))}})
		default:
			p.walk(p.j.e.r.lower(a).nodes, place{in: in})
		}
	}
}

// option visits [ ... ].
func (p *presence) option(n *node, at place) {
	if p.list(n, at) {
		at.loop = true
		p.walk(n.alts[0].nodes, at)
		return
	}
	if slices.ContainsFunc(n.alts, func(a *seq) bool { return p.guard(a.nodes) != nil }) {
		for _, a := range n.alts {
			in := at
			in.in = &jsonScope{parent: at.in, guard: p.guard(a.nodes)}
			p.walk(a.nodes, in)
		}
		return
	}
	at.in = &jsonScope{parent: at.in}
	p.alts(n.alts, at)
}

// list: an option that holds the elements of a list alone is an empty list when they are absent: "(" [flag *(SP flag)] ")". So is one
// that a response ends with.
func (p *presence) list(n *node, at place) bool {
	if len(n.alts) > 1 {
		return false
	}
	nodes := n.alts[0].nodes
	if at.in == nil && p.response() && nodes[0].kind == spNode && len(nodes) > 1 {
		nodes = nodes[1:]
	}
	first := nodes[0]
	if first.kind == valueNode {
		f := p.s.field(first.bind)
		return f != nil && f.many
	}
	return p.isItems(&seq{nodes: nodes[:1]})
}

func (p *presence) response() bool {
	for _, s := range p.j.e.r.responses {
		if s == p.s {
			return true
		}
	}
	return false
}

// guard is the condition of the guards on fields that an alternative begins with; nil when it has none.
func (p *presence) guard(nodes []*node) *jen.Statement {
	var all *jen.Statement
	for _, n := range nodes {
		if n.kind != guardNode || n.guard.Field == "" {
			continue
		}
		f := p.s.field(n.guard.Field)
		if f == nil {
			continue
		}
		var one *jen.Statement
		for _, v := range n.guard.Values {
			one = anyOf(one, jen.Id("same").Call(p.val.of(f), jen.Lit(v)))
		}
		if len(n.guard.Values) > 1 {
			one = jen.Parens(one)
		}
		all = allOf(all, one)
	}
	return all
}

// null: NIL may stand for the field's value.
func (p *presence) null(f *Field) bool {
	return slices.ContainsFunc(p.places[f], func(at place) bool { return at.null })
}

// sent is the condition that a field was sent; nil if it always is.
func (p *presence) sent(f *Field) *jen.Statement {
	if f.Embed != nil {
		return p.sentEmbed(f)
	}
	self, places := p.j.e.present(f.Type, p.val.of(f)), p.lifted(f)
	if len(places) == 0 {
		return self
	}
	if f.Type.kind == boolType || f.Type.kind == optType || len(f.values) > 0 {
		return allOf(p.item(places[0].in), self)
	}
	onlyLoops := !slices.ContainsFunc(places, func(at place) bool { return !at.loop })
	var some *jen.Statement
	narrow := false
	for _, at := range places {
		switch {
		case at.loop && !onlyLoops:
			continue // the further elements of a list
		case at.in == nil && onlyLoops && !p.response() && p.bare[f]:
			return self
		case at.in == nil:
			return nil
		case at.in.item != "":
			return p.taken(at.in)
		case at.loop || f.sure() && !at.null:
			some = anyOf(some, allOf(p.item(at.in), self))
		default:
			if some = anyOf(some, p.taken(at.in)); at.in.narrow {
				narrow = true
			}
		}
	}
	if narrow {
		return anyOf(some, self)
	}
	return some
}

// lifted gives the places of a field. What every alternative of a choice binds belongs to what is around the choice.
func (p *presence) lifted(f *Field) []place {
	places := slices.Clone(p.places[f])
	for i := 0; i < len(places); i++ {
		at := places[i]
		if at.in == nil || at.in.siblings == nil {
			continue
		}
		everywhere := !slices.ContainsFunc(at.in.siblings, func(s *jsonScope) bool {
			return !slices.ContainsFunc(places, func(o place) bool { return o.in == s })
		})
		if everywhere {
			at.in = at.in.parent
			places = append(places, at) // and that may be lifted once more
		}
	}
	return slices.DeleteFunc(places, func(at place) bool {
		return slices.ContainsFunc(places, func(o place) bool { return o.in != at.in && at.in.inside(o.in) && !o.loop })
	})
}

// sentEmbed: an embedded struct in an option was sent when one of its fields is set.
func (p *presence) sentEmbed(f *Field) *jen.Statement {
	if at := p.places[f]; len(at) == 0 || at[0].in == nil {
		return nil
	}
	var some *jen.Statement
	for _, in := range f.Embed.Fields {
		if in.Embed == nil {
			some = anyOf(some, p.j.e.present(in.Type, p.val.of(f).Dot(in.Go)))
		}
	}
	return some
}
