package gen

import (
	"slices"
	"strings"
)

// codeRule is the union of response codes, in every RFC; "returns code X" is looked up in it.
const codeRule = "resp-text-code"

// command checks the clauses of a command against what it and its data bind.
func (c *checker) command(cmd *Command) {
	c.guards(cmd.Alts, map[string]bool{}, false)
	c.repeats(cmd.Alts)
	c.innerLabels(cmd.Alts)
	for _, a := range cmd.Alts {
		if a.Label != "" {
			c.faults.add(a.Pos, "the label #%s names an alternative of a union or record, not of a command", a.Label)
		}
	}
	if len(cmd.In) == 0 && !c.m.clauseBroken(cmd.Name, "in") {
		c.faults.add(cmd.Pos, "the command %q lacks the clause \"in\": the states in which it may be sent", cmd.Name)
	}
	fields := c.fields(cmd.Alts)
	named := func(clause string, names ...string) {
		for _, f := range names {
			if f != "" && !fields[f] {
				c.faults.add(c.m.clausePos(cmd, clause, f), "%s names the field %q, which %s does not bind%s", clause, f, cmd.Name, suggest(f, sortedKeys(fields)))
			}
		}
	}
	named("secret", cmd.Secret...)
	named("quote", cmd.Quote...)
	named("charset", cmd.Charset)
	for _, r := range cmd.Returns {
		c.returned(cmd, r, fields)
	}
	for _, a := range slices.Concat(cmd.ReadsFlags.With, cmd.WritesFlags.With, cmd.Saves.With) {
		c.argument(cmd, a.Pos, "with", a.Name)
		c.argument(cmd, a.Pos, "unless", a.Unless)
	}
}

// clausePos finds the clause of a command, or of what extends it, that names an argument.
func (m *merger) clausePos(cmd *Command, key, arg string) Pos {
	for _, d := range m.declsOf(cmd.Name) {
		for _, g := range d.given {
			if g.key == key && slices.Contains(strings.Fields(g.text), arg) {
				return g.pos
			}
		}
	}
	return cmd.Pos
}

// clauseBroken reports whether a command has a clause all the same, with a fault of its own.
func (m *merger) clauseBroken(name, key string) bool {
	return slices.ContainsFunc(m.declsOf(name), func(d *decl) bool {
		return slices.ContainsFunc(d.given, func(g pieceClause) bool { return g.key == key })
	})
}

func (m *merger) declsOf(command string) []*decl {
	var decls []*decl
	for _, e := range m.byName[commandSpace][command] {
		decls = append(decls, e.def)
		if e.redefine != nil {
			decls = append(decls, e.redefine)
		}
		decls = append(decls, e.extends...)
	}
	return decls
}

// returned checks one entry of "returns" and finds the response it means.
func (c *checker) returned(cmd *Command, r *Return, fields map[string]bool) {
	var data map[string]bool
	if r.Code {
		c.code(r)
		if codes := c.rules[codeRule]; codes != nil {
			data = c.fields(codes.Alts)
		}
	} else {
		r.Response = c.dataNamed(r.Name)
		if r.Response == nil {
			c.unknownData(r.Pos, r.Name)
			return
		}
		data = c.fields(r.Response.Alts)
	}
	for _, f := range r.Where {
		switch {
		case f == "tag":
		case r.InReturn != "":
			if !data[f] {
				c.faults.add(r.Pos, "%s does not bind the field %q%s", r.Name, f, suggest(f, sortedKeys(data)))
			}
		case !fields[f]:
			c.faults.add(r.Pos, "where names the field %q, which %s does not bind%s", f, cmd.Name, suggest(f, sortedKeys(fields)))
		}
	}
	if r.InReturn != "" {
		c.returnedIn(cmd, r)
	}
	c.argument(cmd, r.Pos, "with", r.With)
	c.argument(cmd, r.Pos, "without", r.Without)
}

// argument checks a name behind a word such as "with": that of an argument of the command, or of an alternative of one. "" is none.
func (c *checker) argument(cmd *Command, pos Pos, word, name string) {
	names := c.argumentNames(cmd)
	if name == "" || names[looseName(name)] != "" {
		return
	}
	var known []string
	for _, n := range names {
		known = append(known, n)
	}
	c.faults.add(pos, "%s names %q, which is neither an argument of %s nor an alternative of one%s", word, name, cmd.Name, suggest(name, known))
}

// returnedIn checks "in DATA.field": the command returns DATA as well.
func (c *checker) returnedIn(cmd *Command, r *Return) {
	i := slices.IndexFunc(cmd.Returns, func(o *Return) bool { return !o.Code && o.Name == r.InReturn })
	if i < 0 {
		c.faults.add(r.Pos, "%s is not among what %s returns", r.InReturn, cmd.Name)
		return
	}
	if data := c.dataNamed(r.InReturn); data != nil {
		if has := c.fields(data.Alts); !has[r.InField] {
			c.faults.add(r.Pos, "%s does not bind the field %q%s", r.InReturn, r.InField, suggest(r.InField, sortedKeys(has)))
		}
	}
}

// code checks that a code is one of the union of codes.
func (c *checker) code(r *Return) {
	codes := c.rules[codeRule]
	if codes == nil {
		if !c.m.broken[codeRule] {
			c.faults.add(r.Pos, "unknown code %q: there is no rule %s", r.Name, codeRule)
		}
		return
	}
	var known []string
	for _, a := range codes.Alts {
		known = append(known, leadingKeyword(a))
	}
	if !slices.Contains(known, strings.ToUpper(r.Name)) {
		c.faults.add(r.Pos, "unknown code %q: no alternative of %s begins with it%s", r.Name, codeRule, suggest(r.Name, slices.DeleteFunc(known, func(k string) bool { return k == "" })))
	}
}

func (c *checker) unknownData(pos Pos, name string) {
	if c.m.broken[strings.ToLower(name)] {
		return
	}
	var known []string
	for _, r := range c.Responses {
		known = append(known, strings.ToUpper(r.Name))
	}
	c.faults.add(pos, "unknown response %q%s", name, suggest(name, known))
}

// argumentNames are what "with" may name: the fields of a command, and the labels and keywords of the alternatives its arguments
// have. They are compared without case and hyphens, because a keyword (PREVIEW) gets its Go name (Preview) only later.
func (c *checker) argumentNames(cmd *Command) map[string]string {
	names := map[string]string{}
	busy := map[string]bool{}
	var visit func(alts []*Alt)
	visit = func(alts []*Alt) {
		for _, a := range alts {
			if a.Label != "" {
				names[looseName(a.Label)] = a.Label
			} else if k := leadingKeyword(a); k != "" {
				names[looseName(k)] = k
			}
		}
		walk(alts, func(t *Term) {
			if t.Bind != "" {
				names[looseName(t.Bind)] = t.Bind
			}
			if rule := c.rules[t.Text]; t.Kind == Ref && rule != nil && !busy[t.Text] {
				busy[t.Text] = true
				visit(rule.Alts)
			}
		})
	}
	visit(cmd.Alts)
	return names
}

func looseName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}
