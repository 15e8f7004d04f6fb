package gen

import (
	"slices"
	"strings"
)

var (
	commandClauses = wordSet("in needs unless uid returns secret quote charset dialog switch keeps-numbers reads writes saves synchronizing example")
	extendClauses  = wordSet("returns secret quote charset uid reads writes saves example")
	sectionClauses = wordSet("also implies enable uses")
	ruleClauses    = wordSet("example rare")

	states  = []string{"any", "nonauth", "auth", "selected"}
	dialogs = []string{"idle", "sasl"}
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

func sortedKeys(set map[string]bool) []string {
	var keys []string
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (p *parser) sectionClause(s *Section, c pieceClause) {
	if !sectionClauses[c.key] {
		p.unknownClause(c, "among those of a section", sectionClauses)
		return
	}
	args := p.words(c)
	if len(args) == 0 {
		return
	}
	switch c.key {
	case "also":
		s.Also = appendNew(s.Also, args)
	case "implies":
		s.Implies = appendNew(s.Implies, args)
	case "uses":
		s.Uses = appendNew(s.Uses, args)
	case "enable":
		if len(args) > 1 || s.Enable != "" && s.Enable != args[0] {
			p.faults.add(c.pos, "a section is put in force by one name of ENABLE")
		}
		s.Enable = args[0]
	}
}

// orList joins words as a sentence does: a, b or c.
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func appendNew(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	return list
}

// declClause reads a clause of a declaration that is not a header.
func (p *parser) declClause(d *decl, c pieceClause) {
	switch {
	case c.key == "example" && d.terminal == nil:
		d.examples = append(d.examples, Example{c.pos, exampleText(c.text), strings.HasPrefix(d.op, "~")})
		return
	case c.key == "rare" && d.kind == Record:
		p.rareClause(d, c)
		return
	case c.key == "rare" && d.clauses == nil && d.terminal == nil:
		p.faults.add(c.pos, "rare is for the items of a record, and this is a %s", d.kind)
		return
	case d.clauses == nil && d.terminal == nil:
		p.faults.add(c.pos, "a rule takes no clause %q, only example, and rare if it is a record", c.key)
		return
	case d.clauses == nil:
		p.faults.add(c.pos, "a terminal takes no clause")
		return
	case !commandClauses[c.key]:
		p.unknownClause(c, "among those of a command", commandClauses)
		return
	case d.op == "" && !extendClauses[c.key]:
		p.faults.add(c.pos, "extend adds to a command and takes no clause %q", c.key)
		return
	}
	switch c.key {
	case "in", "uid", "charset", "dialog", "switch", "keeps-numbers", "synchronizing":
		for _, o := range d.given {
			if o.key == c.key {
				p.faults.add(c.pos, "a second clause %q: the first is in line %d", c.key, o.pos.Line)
				return
			}
		}
	}
	d.given = append(d.given, c)
	p.commandClause(d, c)
}

func (p *parser) commandClause(d *decl, c pieceClause) {
	cmd := d.clauses
	switch c.key {
	case "in":
		p.inClause(cmd, c)
	case "returns":
		p.returnsClause(d, c)
	case "needs":
		cmd.Needs = append(cmd.Needs, p.words(c)...)
	case "unless":
		cmd.Unless = append(cmd.Unless, p.words(c)...)
	case "secret":
		cmd.Secret = append(cmd.Secret, p.words(c)...)
	case "quote":
		cmd.Quote = append(cmd.Quote, p.words(c)...)
	case "uid":
		cmd.UID = p.oneOf(c, "also", "only")
	case "dialog":
		cmd.Dialog = p.oneOf(c, dialogs...)
	case "switch":
		cmd.Switch = p.oneOf(c, "tls", "deflate")
	case "reads":
		cmd.ReadsFlags.add(p.flagUse(c))
	case "writes":
		cmd.WritesFlags.add(p.flagUse(c))
	case "saves":
		for _, w := range p.places(c) {
			cmd.Saves.With = append(cmd.Saves.With, FlagArg{Pos: placeIn(c.textPos, w.Pos), Name: w.Text})
		}
	case "charset":
		if args := p.words(c); len(args) > 0 {
			if len(args) > 1 {
				p.faults.add(c.pos, "charset names one field")
				return
			}
			cmd.Charset = args[0]
		}
	case "keeps-numbers":
		cmd.KeepsNumbers = p.bare(c)
	case "synchronizing":
		cmd.Synchronizing = p.bare(c)
	}
}

// bare reads a clause that takes no argument, and gives true.
func (p *parser) bare(c pieceClause) bool {
	if syn := parsePiece(wordsParser, c.textPos, c.text, p.faults); syn != nil && len(syn.Words) > 0 {
		p.faults.add(placeIn(c.textPos, syn.Words[0].Pos), "%s takes no argument", c.key)
	}
	return true
}

// rareClause reads the names of fields that few responses have: those that items of this declaration bind, or their labels.
func (p *parser) rareClause(d *decl, c pieceClause) {
	var fields []string
	for _, a := range d.alts {
		switch {
		case !isItem(a):
		case a.Many:
			fields = append(fields, a.Label)
		default:
			walk([]*Alt{a}, func(t *Term) {
				if t.Bind != "" {
					fields = append(fields, t.Bind)
				}
			})
		}
	}
	for _, w := range p.places(c) {
		switch {
		case !slices.Contains(fields, w.Text):
			p.faults.add(placeIn(c.textPos, w.Pos), "no item of this declaration has the field %q%s", w.Text, suggest(w.Text, fields))
		case slices.Contains(d.rare, w.Text):
			p.faults.add(placeIn(c.textPos, w.Pos), "%q is rare already", w.Text)
		default:
			d.rare = append(d.rare, w.Text)
		}
	}
}

func (p *parser) inClause(cmd *Command, c pieceClause) {
	syn := parsePiece(inParser, c.textPos, c.text, p.faults)
	if syn == nil {
		return
	}
	state := func(w *fieldSyntax, known []string) string {
		if w == nil {
			return ""
		}
		if !slices.Contains(known, w.Text) {
			p.faults.add(placeIn(c.textPos, w.Pos), "unknown state %q: it is %s", w.Text, orList(known))
		}
		return w.Text
	}
	for _, w := range syn.States {
		cmd.In = append(cmd.In, state(w, states))
	}
	after := []string{"nonauth", "auth", "selected", "logout"}
	cmd.Next, cmd.Else = state(syn.Next, after), state(syn.Else, after)
}

func (p *parser) returnsClause(d *decl, c pieceClause) {
	syn := parsePiece(returnsParser, c.textPos, c.text, p.faults)
	if syn == nil {
		return
	}
	for i, e := range syn.Entries {
		r := &Return{
			Pos: placeIn(c.textPos, e.Pos), Many: e.Many, Optional: e.Optional, Code: e.Code || e.Untagged, Untagged: e.Untagged,
			Name: e.Name, Or: e.Or, Section: d.section,
		}
		if r.Or && i == 0 {
			p.faults.add(r.Pos, "\"/\" stands between two entries of one clause")
		}
		for _, w := range e.Where {
			r.Where = append(r.Where, w.Text)
		}
		if e.In != nil {
			var ok bool
			if r.InReturn, r.InField, ok = strings.Cut(e.In.Text, "."); !ok || len(e.Where) != 1 {
				p.faults.add(placeIn(c.textPos, e.In.Pos), "write \"where FIELD in DATA.field\": the field of this data, and the data and its field that hold the wanted ones")
				r.InReturn, r.InField = "", ""
			}
		}
		if e.With != nil {
			r.With = e.With.Text
		}
		if e.Without != nil {
			r.Without = e.Without.Text
		}
		d.clauses.Returns = append(d.clauses.Returns, r)
	}
}

// flagUse reads "flags", or "flags with NAME... unless FIELD".
func (p *parser) flagUse(c pieceClause) (use FlagUse) {
	syn := parsePiece(wordsParser, c.textPos, c.text, p.faults)
	if syn == nil {
		return use
	}
	words := syn.Words
	if len(words) == 0 || words[0].Text != "flags" || len(words) == 2 || len(words) > 2 && words[1].Text != "with" {
		p.faults.add(c.pos, "%s takes flags, or flags with the arguments that it depends on", c.key)
		return use
	}
	if len(words) == 1 {
		use.Always = true
		return use
	}
	words = words[2:]
	unless := ""
	if n := len(words); n > 2 && words[n-2].Text == "unless" {
		unless, words = words[n-1].Text, words[:n-2]
	}
	for _, w := range words {
		use.With = append(use.With, FlagArg{placeIn(c.textPos, w.Pos), w.Text, unless})
	}
	return use
}

// words reads the arguments of a clause that needs at least one.
func (p *parser) words(c pieceClause) []string {
	var words []string
	for _, w := range p.places(c) {
		words = append(words, w.Text)
	}
	return words
}

// places is words, with their places.
func (p *parser) places(c pieceClause) []*wordSyntax {
	syn := parsePiece(wordsParser, c.textPos, c.text, p.faults)
	if syn == nil {
		return nil
	}
	if len(syn.Words) == 0 {
		p.faults.add(c.pos, "%s needs an argument", c.key)
	}
	return syn.Words
}

// oneOf reads the argument of a clause that takes one of a few words.
func (p *parser) oneOf(c pieceClause, known ...string) string {
	args := p.words(c)
	if len(args) == 0 {
		return ""
	}
	if len(args) > 1 || !slices.Contains(known, args[0]) {
		p.faults.add(c.pos, "%s takes %s, not %q", c.key, orList(known), strings.Join(args, " "))
		return ""
	}
	return args[0]
}

func (p *parser) unknownClause(c pieceClause, of string, known map[string]bool) {
	hint := suggest(c.key, sortedKeys(known))
	if hint == "" {
		hint = ", which are " + strings.Join(sortedKeys(known), ", ")
	}
	p.faults.add(c.pos, "unknown clause %q %s%s", c.key, of, hint)
}

// exampleText is the text of an example, without the CRLF that ends it: what follows is the protocol's, so nothing in it is a
// comment. Further lines are joined with CRLF, as a literal's octets are. No line of IMAP can contain \r\n as such, so that stands
// for CRLF; at the end it is the one that ends the example, and keeps the blanks before it.
func exampleText(s string) string {
	var lines []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, strings.ReplaceAll(l, `\r\n`, "\r\n"))
		}
	}
	return strings.TrimSuffix(strings.Join(lines, "\r\n"), "\r\n")
}
