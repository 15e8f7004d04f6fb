package gen

import (
	"cmp"
	"slices"
	"strings"
)

// mergeCommand makes a command of its definition, its redefinition and what extends it.
func (m *merger) mergeCommand(e *entry) *Command {
	d := e.def
	c := d.clauses
	e.command = c
	c.Pos, c.Name, c.Doc, c.Section = d.pos, e.name, d.doc, d.section
	c.Alts, c.Examples, c.Source = d.alts, d.examples, sourceOf(d.name, "=", d.source)
	if n := e.redefine; n != nil {
		c.Alts = redefined(d.alts, n.alts)
		c.Source = sourceOf(d.name, "=", n.source)
		c.Doc = cmp.Or(n.doc, c.Doc)
		c.Examples = append(c.Examples, n.examples...)
		for _, g := range n.given {
			c.replaceClause(g.key, n.clauses)
		}
	}
	for _, x := range e.extends {
		m.extendCommand(c, d, x)
	}
	return c
}

// replaceClause takes one clause over from a redefinition.
func (c *Command) replaceClause(key string, from *Command) {
	switch key {
	case "in":
		c.In, c.Next, c.Else = from.In, from.Next, from.Else
	case "needs":
		c.Needs = from.Needs
	case "unless":
		c.Unless = from.Unless
	case "uid":
		c.UID = from.UID
	case "returns":
		for _, r := range from.Returns {
			i := slices.IndexFunc(c.Returns, func(o *Return) bool { return o.Name == r.Name && o.Code == r.Code })
			if i >= 0 {
				r.Section = c.Returns[i].Section // it came without the redefinition too
			}
		}
		c.Returns = from.Returns
	case "secret":
		c.Secret = from.Secret
	case "quote":
		c.Quote = from.Quote
	case "charset":
		c.Charset = from.Charset
	case "dialog":
		c.Dialog = from.Dialog
	case "switch":
		c.Switch = from.Switch
	case "keeps-numbers":
		c.KeepsNumbers = from.KeepsNumbers
	case "synchronizing":
		c.Synchronizing = from.Synchronizing
	case "reads":
		c.ReadsFlags = from.ReadsFlags
	case "writes":
		c.WritesFlags = from.WritesFlags
	case "saves":
		c.Saves = from.Saves
	}
}

// extendCommand adds the clauses of an "extend". What a command has one of cannot be changed by it.
func (m *merger) extendCommand(c *Command, d, x *decl) {
	single := func(key string, slot *string, value string) {
		if value == "" {
			return
		}
		if *slot != "" && *slot != value {
			m.faults.add(x.pos, "the command %q at %s has a clause %q already", c.Name, d.pos, key)
			return
		}
		*slot = value
	}
	single("uid", &c.UID, x.clauses.UID)
	single("charset", &c.Charset, x.clauses.Charset)
	c.Returns = append(c.Returns, x.clauses.Returns...)
	c.Secret = append(c.Secret, x.clauses.Secret...)
	c.Quote = append(c.Quote, x.clauses.Quote...)
	c.ReadsFlags.add(x.clauses.ReadsFlags)
	c.WritesFlags.add(x.clauses.WritesFlags)
	c.Saves.add(x.clauses.Saves)
	c.Examples = append(c.Examples, x.examples...)
	if !slices.Contains(c.Extends, x.section) {
		c.Extends = append(c.Extends, x.section)
	}
}

// dataNamed finds the response that a "returns" means by NAME: the one of that name, or the only one with that keyword.
func (g *Grammar) dataNamed(name string) *Rule {
	var found *Rule
	for _, r := range g.Responses {
		if strings.EqualFold(r.Name, name) {
			return r
		}
	}
	for _, r := range g.Responses {
		if slices.ContainsFunc(r.Alts, func(a *Alt) bool { return leadingKeyword(a) == strings.ToUpper(name) }) {
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}
