package gen

import (
	"fmt"
	"strconv"
	"strings"
)

// dump writes a grammar so that a person can read what a file means after merging. Sections stand behind what is of another
// section than the rule it belongs to.
func dump(g *Grammar) string {
	var d dumper
	for _, s := range g.Sections {
		d.section(s)
	}
	for _, t := range g.Terminals {
		d.terminal(t)
	}
	for _, r := range g.Rules {
		d.rule(r)
	}
	for _, r := range g.Responses {
		d.rule(r)
	}
	for _, c := range g.Commands {
		d.command(c)
	}
	return d.String()
}

type dumper struct{ strings.Builder }

func (d *dumper) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

func (d *dumper) list(name string, items []string) {
	if len(items) > 0 {
		d.line("    %s: %s", name, strings.Join(items, " "))
	}
}

func (d *dumper) doc(s string) {
	if s != "" {
		d.line("    ; %s", strings.ReplaceAll(s, "\n", "\n    ; "))
	}
}

func (d *dumper) section(s *Section) {
	d.line("section %s at %s", sectionText(s), s.Pos)
	d.doc(s.Doc)
	d.list("also", s.Also)
	d.list("implies", s.Implies)
	d.list("enable", strings.Fields(s.Enable))
	d.list("uses", s.Uses)
}

func sectionText(s *Section) string {
	kind := "extension"
	if s.Base {
		kind = "grammar"
	}
	if s.Vendor != "" {
		return kind + " " + s.Name + " vendor " + s.Vendor
	}
	return kind + " " + s.Name + " rfc " + s.RFC
}

func (d *dumper) terminal(t *Terminal) {
	flags := ""
	if t.NonZero {
		flags += " nonzero"
	}
	if t.Stream {
		flags += " stream"
	}
	if t.Interned {
		flags += " interned"
	}
	d.line("\nterminal %s, Go %s%s, of %s at %s", t.Name, t.GoType, flags, sectionText(t.Section), t.Pos)
	d.doc(t.Doc)
	d.alts("=", t.Alts, t.Section)
}

func (d *dumper) rule(r *Rule) {
	how := ""
	if r.As != "" {
		how += " as " + r.As
	}
	if r.By != "" {
		how += " by " + r.By
	}
	d.line("\n%s %s%s, of %s at %s", r.Kind, r.Name, how, sectionText(r.Section), r.Pos)
	d.doc(r.Doc)
	d.alts("=", r.Alts, r.Section)
	d.alts("~", r.Lenient, r.Section)
	d.list("rare", r.Rare)
	d.tail(r.Examples, r.Source)
}

func (d *dumper) alts(mark string, alts []*Alt, section *Section) {
	for _, a := range alts {
		foreign := ""
		if a.Section != section {
			foreign = "   <- " + sectionText(a.Section)
		}
		d.line("    %s %s%s", mark, altString(a), foreign)
	}
}

func (d *dumper) tail(examples []Example, source string) {
	for _, e := range examples {
		d.line("    example at %s: %q", e.Pos, e.Text)
	}
	d.line("    | %s", strings.ReplaceAll(source, "\n", "\n    | "))
}

func (d *dumper) command(c *Command) {
	d.line("\ncommand %s, of %s at %s", c.Name, sectionText(c.Section), c.Pos)
	d.doc(c.Doc)
	d.alts("=", c.Alts, c.Section)
	d.list("in", c.In)
	d.list("next", strings.Fields(c.Next))
	d.list("else", strings.Fields(c.Else))
	d.list("needs", c.Needs)
	d.list("unless", c.Unless)
	d.list("uid", strings.Fields(c.UID))
	d.list("secret", c.Secret)
	d.list("quote", c.Quote)
	d.list("charset", strings.Fields(c.Charset))
	d.list("dialog", strings.Fields(c.Dialog))
	d.list("switch", strings.Fields(c.Switch))
	if c.KeepsNumbers || c.ReadsFlags.Always || c.WritesFlags.Always {
		d.line("    keeps-numbers %t, reads flags %t, writes flags %t", c.KeepsNumbers, c.ReadsFlags.Always, c.WritesFlags.Always)
	}
	if c.Synchronizing {
		d.line("    synchronizing")
	}
	for _, a := range c.ReadsFlags.With {
		d.line("    reads flags with %s %s", a.Name, a.Unless)
	}
	for _, a := range c.WritesFlags.With {
		d.line("    writes flags with %s %s", a.Name, a.Unless)
	}
	for _, a := range c.Saves.With {
		d.line("    saves %s", a.Name)
	}
	for _, r := range c.Returns {
		d.returned(r, c.Section)
	}
	for _, s := range c.Extends {
		d.line("    extended by %s", sectionText(s))
	}
	d.tail(c.Examples, c.Source)
}

func (d *dumper) returned(r *Return, section *Section) {
	var how []string
	for _, f := range []struct {
		is   bool
		name string
	}{{r.Or, "or"}, {r.Many, "many"}, {r.Untagged, "untagged"}, {r.Code, "code"}, {r.Optional, "optional"}} {
		if f.is {
			how = append(how, f.name)
		}
	}
	if r.Where != nil {
		how = append(how, "where "+strings.Join(r.Where, "+"))
	}
	if r.InReturn != "" {
		how = append(how, "in "+r.InField+" of "+r.InReturn)
	}
	if r.With != "" {
		how = append(how, "with "+r.With)
	}
	if r.Without != "" {
		how = append(how, "without "+r.Without)
	}
	if r.Response != nil {
		how = append(how, "= response "+r.Response.Name)
	}
	if r.Section != section {
		how = append(how, "<- "+sectionText(r.Section))
	}
	d.line("    returns %s %s", r.Name, strings.Join(how, ", "))
}

func altString(a *Alt) string {
	var s []string
	for _, t := range a.Terms {
		s = append(s, termString(t))
	}
	if a.Label != "" {
		label := "#" + a.Label
		if a.Many {
			label += "*"
		}
		s = append(s, label)
	}
	return strings.Join(s, " ")
}

func termString(t *Term) string {
	s := ""
	if t.Bind != "" {
		s = t.Bind + ":"
	}
	switch {
	case t.Min == 1 && t.Max == 1:
	case t.Max < 0:
		s += strconv.Itoa(t.Min) + "*"
	default:
		s += strconv.Itoa(t.Min) + "*" + strconv.Itoa(t.Max)
	}
	var alts []string
	for _, a := range t.Alts {
		alts = append(alts, altString(a))
	}
	switch t.Kind {
	case Literal:
		if t.Exact {
			s += "%s"
		}
		return s + `"` + t.Text + `"`
	case Number:
		for i := range t.Lo {
			s += fmt.Sprintf("<%02X-%02X>", t.Lo[i], t.Hi[i])
		}
		return s
	case Group:
		return s + "(" + strings.Join(alts, " / ") + ")"
	case Option:
		return s + "[" + strings.Join(alts, " / ") + "]"
	case Guard:
		return fmt.Sprintf("%s?%+v", s, t.Guard)
	default:
		return s + t.Text
	}
}
