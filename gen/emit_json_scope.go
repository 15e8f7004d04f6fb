package gen

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"
)

// A jsonScope is a part of a rule that may be absent: an option, an alternative, an item of a record.
type jsonScope struct {
	parent   *jsonScope
	item     string // the constant of the item
	guard    *jen.Statement
	siblings []*jsonScope // the alternatives of its choice, itself among them; nil if it is no alternative
	variable string
	narrow   bool // a field of it may be set although its condition does not hold, by what servers really send
}

// item is the condition that the item of a record was sent that a scope lies in; nil outside records.
func (p *presence) item(s *jsonScope) *jen.Statement {
	for ; s != nil; s = s.parent {
		if s.item != "" {
			return p.taken(s)
		}
	}
	return nil
}

// taken is the condition that a scope was sent. One of several terms becomes a variable.
func (p *presence) taken(s *jsonScope) *jen.Statement {
	if s == nil {
		return nil
	}
	if s.variable != "" {
		return jen.Id(s.variable)
	}
	if s.item != "" {
		return p.val.v.Clone().Dot("Has").Call(jen.Qual(imapPath, s.item))
	}
	if s.guard != nil {
		s.narrow = true
		return allOf(p.taken(s.parent), s.guard)
	}
	fields := p.own(s)
	if len(fields) == 0 {
		return p.taken(s.parent)
	}
	var own, outer *jen.Statement
	for _, f := range fields {
		own = anyOf(own, p.j.e.present(f.Type, p.val.of(f)))
	}
	if !p.implied(fields, s.parent) {
		outer = p.taken(s.parent)
	}
	if len(fields) == 1 && outer == nil {
		return own
	}
	if s.narrow = outer != nil; s.narrow && len(fields) > 1 {
		own = jen.Parens(own)
	}
	s.variable = p.name("with" + fields[0].Go)
	p.vars = append(p.vars, jen.Id(s.variable).Op(":=").Add(allOf(outer, own)))
	return jen.Id(s.variable)
}

// implied: that one of the fields is set tells that the scope was sent.
func (p *presence) implied(fields []*Field, s *jsonScope) bool {
	if s == nil || s.guard != nil || s.item != "" {
		return false
	}
	own := p.own(s)
	return !slices.ContainsFunc(fields, func(f *Field) bool { return !slices.Contains(own, f) })
}

// own lists the fields that tell by being set that the scope was sent: those that are bound nowhere else in what is around it, or
// else all that it binds.
func (p *presence) own(s *jsonScope) []*Field {
	var own, all []*Field
	for _, f := range p.s.Fields {
		if f.Embed != nil || !p.within(f, s) {
			continue
		}
		all = append(all, f)
		if !p.elsewhere(f, s) {
			own = append(own, f)
		}
	}
	if len(own) == 0 {
		return all
	}
	return own
}

func (s *jsonScope) inside(o *jsonScope) bool {
	for ; s != nil; s = s.parent {
		if s == o {
			return true
		}
	}
	return o == nil
}

func (p *presence) within(f *Field, s *jsonScope) bool {
	return slices.ContainsFunc(p.places[f], func(at place) bool { return at.in.inside(s) })
}

// elsewhere: the field is bound outside the scope too, within what the scope is part of.
func (p *presence) elsewhere(f *Field, s *jsonScope) bool {
	return slices.ContainsFunc(p.places[f], func(at place) bool { return at.in.inside(s.parent) && !at.in.inside(s) })
}

func (p *presence) name(want string) string {
	name := want
	for n := 2; p.names[name]; n++ {
		name = fmt.Sprint(want, n)
	}
	p.names[name] = true
	return name
}

func (p *presence) locals() []jen.Code { return p.vars }

// goText tells conditions apart.
func goText(c *jen.Statement) string {
	if c == nil {
		return ""
	}
	return c.GoString()
}
