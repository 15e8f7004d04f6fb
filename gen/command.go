package gen

import (
	"slices"
	"strings"
)

// command gives a command its struct and the fields of its result.
func (r *resolver) command(c *Command) {
	ci := &commandInfo{cmd: c, Go: r.names.camel(c.Name)}
	s := &Struct{Go: ci.Go, Doc: c.Doc, Source: c.Source, Section: c.Section, pos: c.Pos}
	for _, a := range c.Alts {
		// What follows a turn is the dialog's: it is not known when the command is made.
		b := *a
		if n := slices.IndexFunc(a.Terms, isTurn); n >= 0 {
			b.Terms = a.Terms[:n]
			ci.turns = true
		}
		s.alts = append(s.alts, &b)
	}
	r.claim(s.Go, c.Pos)
	r.claim(s.Go+"Result", c.Pos)
	r.structs = append(r.structs, s)
	r.fill(s)
	ci.Struct = s
	r.text(ci, "secret", c.Secret, "string", "[]byte")
	r.text(ci, "quote", c.Quote, "string")
	r.text(ci, "charset", []string{c.Charset}, "string")
	for _, ret := range c.Returns {
		r.returned(ci, ret)
	}
	r.commands = append(r.commands, ci)
}

// text reports fields that a clause names and that hold something else than text, or stand in a struct that others have, too.
func (r *resolver) text(c *commandInfo, clause string, names []string, types ...string) {
	for _, name := range names {
		for _, f := range c.Struct.Fields {
			if f.Embed != nil && f.Embed.field(name) != nil {
				r.faults.add(c.cmd.Pos, "%s names %s, which stands in %s that others take in as well: bind it in the command", clause, name, f.Embed.Go)
			}
		}
		if f := c.Struct.field(name); f != nil && (f.Type.kind != termType || !slices.Contains(types, f.Type.term.GoType)) {
			r.faults.add(f.pos, "%s is for a field of text (%s), and %s is none", clause, strings.Join(types, ", "), name)
		}
	}
}

// isTurn: CRLF within a command, or what is repeated after one.
func isTurn(t *Term) bool {
	if t.Kind == Ref && t.Text == "CRLF" {
		return true
	}
	return (t.Kind == Group || t.Kind == Option) && len(t.Alts) == 1 && isTurn(t.Alts[0].Terms[0])
}

func (r *resolver) returned(ci *commandInfo, ret *Return) {
	x := &returned{Return: ret}
	if ret.Code {
		if r.codes == nil {
			r.faults.add(ret.Pos, "returns a code, but there is no union resp-text-code")
			return
		}
		for _, a := range r.codes.Alts {
			for _, k := range a.codes() {
				switch {
				case k != ret.Name && !strings.HasPrefix(k, ret.Name+" "):
				case x.Alt != nil:
					r.faults.add(ret.Pos, "several codes begin with %s: bind what differs, %q SP kind:(\"A\" / \"B\")", ret.Name, ret.Name)
					return
				default:
					x.Alt, x.code = a, k
				}
			}
		}
		if x.Alt == nil {
			r.faults.add(ret.Pos, "returns code %s, which resp-text-code does not have", ret.Name)
			return
		}
		x.Go = r.names.camel(ret.Name)
		if !slices.ContainsFunc(ci.Results, func(o *returned) bool { return !o.row && o.Go == x.Go }) {
			ci.Results = append(ci.Results, x)
		}
		return
	}
	for rule, s := range r.responses {
		if keywordOfResponse(rule) == ret.Name {
			x.Resp = s
		}
	}
	if x.Resp == nil {
		r.faults.add(ret.Pos, "returns %s, which is no response", ret.Name)
		return
	}
	// The data that the command itself is there for are its rows; what an extension adds goes into the result.
	if ret.Many && ci.Row == nil && ret.With == "" && ret.Section == ci.cmd.Section {
		ci.Row, x.row = x.Resp, true
	}
	if ret.Or && ret.Many && ci.Row != nil {
		if !sameFields(ci.Row, x.Resp) || ci.underGuard() == "" {
			r.faults.add(ret.Pos, "%s in the place of the rows before it needs their fields, and a form of the command behind ?CAP", ret.Name)
		}
		x.row = true
	}
	x.Go = r.names.camel(ret.Name)
	ci.Results = append(ci.Results, x)
}

// codes are the keywords of a code, which may be two words: "URLMECH INTERNAL".
func (a *unionAlt) codes() []string {
	if a.Struct != nil {
		return []string{keywordOf(a.alt)}
	}
	var all []string
	for _, k := range a.Consts {
		all = append(all, k.Text)
	}
	return all
}

// sameFields: the one struct can be converted to the other.
func sameFields(a, b *Struct) bool {
	return slices.EqualFunc(a.Fields, b.Fields, func(f, g *Field) bool {
		return f.Go == g.Go && f.Embed == g.Embed && (f.Type == g.Type || f.Type != nil && g.Type != nil && f.Type.same(g.Type))
	})
}

// keywordOfResponse is the keyword that stands first, or after the number.
func keywordOfResponse(rule *Rule) string {
	for _, t := range rule.Alts[0].Terms {
		if t.Kind == Literal && isWord(t.Text) {
			return t.Text
		}
	}
	return ""
}
