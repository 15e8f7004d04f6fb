package gen

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A File is one grammar file. The name stands in faults and orders the files; nothing else depends on it.
type File struct {
	Name string
	Text []byte
}

// Parse reads all files of a grammar, merges them and checks what can be checked without knowing Go types. Every fault of the
// run is reported, sorted by position. The grammar is never nil; when there are faults it lacks what they are about.
func Parse(files []File) (*Grammar, Faults) {
	m, faults := parse(files)
	return m.g, faults
}

// parse is Parse that gives what each declaration says besides.
func parse(files []File) (*merger, Faults) {
	var faults Faults
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	p := &parser{faults: &faults, sections: map[sectionKey]*Section{}, broken: map[string]bool{}, inFile: map[string][]*Section{}}
	for i, f := range files {
		if i > 0 && f.Name == files[i-1].Name {
			faults.add(Pos{f.Name, 1, 1}, "two files have this name")
			continue
		}
		p.file(f)
	}
	m := merge(p)
	check(m)
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Or(comparePos(a.Pos, b.Pos), strings.Compare(a.Msg, b.Msg)) })
	return m, slices.Compact(faults)
}

func comparePos(a, b Pos) int {
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// A nameSpace tells apart what may bear one name: command search, response search and a rule search are three things.
type nameSpace int

const (
	ruleSpace nameSpace = iota // plain rules, unions, records and terminals
	responseSpace
	commandSpace
)

func (s nameSpace) String() string { return [...]string{"rule", "response", "command"}[s] }

// A decl is one declaration of a file, parsed but not merged with the others of its name.
type decl struct {
	pos      Pos
	section  *Section
	space    nameSpace
	name     string
	op       string // "=", "=/", "~=", "~=/"; "" is extend
	redefine bool
	kind     Kind
	as       string
	by       string
	byPos    Pos
	doc      string
	source   string // its body in ABNF, bindings erased
	alts     []*Alt
	terminal *Terminal // of a terminal
	clauses  *Command  // of a command or extend: what the clauses say
	given    []pieceClause
	examples []Example
	rare     []string // of a record
}

type sectionKey struct {
	base              bool
	name, rfc, vendor string
}

// A parser gathers the declarations of all files.
type parser struct {
	faults   *Faults
	sections map[sectionKey]*Section
	inFile   map[string][]*Section // the sections with a header in a file
	decls    []*decl
	broken   map[string]bool // names of declarations with a syntax error

	section *Section // the current one
}

func (p *parser) file(f File) {
	p.section = nil
	for _, pc := range splitFile(f, p.faults) {
		switch kind := pc.kind(); {
		case pc.bad:
			p.broken[pc.guessName()] = true
		case kind == "grammar" || kind == "extension":
			p.header(pc)
		default:
			if p.section == nil {
				p.faults.add(Pos{f.Name, pc.line, 1}, "a declaration before the first header: a file begins with \"grammar NAME rfc N\" or \"extension CAP rfc N\"")
				p.section = &Section{Base: true}
			}
			p.declaration(pc)
		}
	}
}

// header begins a section, or goes on with one that another file began.
func (p *parser) header(pc *piece) {
	at := Pos{pc.file, pc.line, 1}
	syn := parsePiece(sectionParser, at, pc.head, p.faults)
	if syn == nil {
		p.section = &Section{Base: true}
		return
	}
	key := sectionKey{syn.Kind == "grammar", syn.Name, syn.RFC, syn.Vendor}
	if _, err := strconv.Atoi(syn.RFC); err != nil && syn.Vendor == "" {
		p.faults.add(at, "an RFC is named by its number, not %q", syn.RFC)
	}
	s := p.sections[key]
	if s == nil {
		s = &Section{Pos: at, Base: key.base, Name: key.name, RFC: key.rfc, Vendor: key.vendor}
		p.sections[key] = s
	}
	if s.Doc == "" {
		s.Doc = pc.doc
	}
	if !slices.Contains(p.inFile[pc.file], s) {
		p.inFile[pc.file] = append(p.inFile[pc.file], s)
	}
	p.section = s
	for _, c := range pc.clauses {
		p.sectionClause(s, c)
	}
}

func (p *parser) declaration(pc *piece) {
	at := Pos{pc.file, pc.line, 1}
	syn := parsePiece(headParser, at, pc.head, p.faults)
	if syn == nil {
		p.broken[pc.guessName()] = true
		return
	}
	d := &decl{section: p.section, doc: pc.doc}
	c := converter{at: at, section: p.section, faults: p.faults}
	switch {
	case syn.Terminal != nil:
		p.terminal(d, &c, syn.Terminal)
	case syn.Extend != nil:
		d.space, d.name, d.pos = commandSpace, syn.Extend.Text, placeIn(at, syn.Extend.Pos)
		d.clauses = &Command{}
	default:
		if !p.rule(d, &c, syn.Rule) {
			return
		}
		d.source = eraseBindings(pc.head)
	}
	for _, cl := range pc.clauses {
		p.declClause(d, cl)
	}
	p.decls = append(p.decls, d)
}

func (p *parser) terminal(d *decl, c *converter, syn *terminalSyntax) {
	d.name, d.pos, d.op = syn.Name.Text, placeIn(c.at, syn.Name.Pos), "="
	d.alts = c.choice(syn.Body)
	d.terminal = &Terminal{Pos: d.pos, Name: d.name, GoType: syn.Go, Doc: d.doc, Section: d.section}
	for _, f := range syn.Flags {
		switch f.Text {
		case "nonzero":
			d.terminal.NonZero = true
		case "stream":
			d.terminal.Stream = true
		case "interned":
			d.terminal.Interned = true
		default:
			p.faults.add(placeIn(c.at, f.Pos), "unknown property %q of a terminal: it is nonzero, stream or interned", f.Text)
		}
	}
}

// rule reads a rule or command. It reports whether there is one to keep.
func (p *parser) rule(d *decl, c *converter, syn *ruleSyntax) bool {
	d.name, d.pos, d.op, d.redefine = syn.Name.Text, placeIn(c.at, syn.Name.Pos), syn.Op, syn.Redefine
	switch syn.Kind {
	case "command":
		d.space, d.clauses = commandSpace, &Command{}
	case "response":
		d.space, d.kind = responseSpace, Response
	case "union":
		d.kind = Union
	case "record":
		d.kind = Record
	}
	if syn.As != nil {
		d.as = syn.As.Text
	}
	if syn.By != nil {
		d.by, d.byPos = syn.By.Text, placeIn(c.at, syn.By.Pos)
	}
	d.alts = c.choice(syn.Body)
	switch {
	case d.space == commandSpace && d.op != "=":
		p.faults.add(d.pos, "a command takes \"=\", not %q: give it a rule that can be added to, or redefine it", d.op)
		return false
	case d.space == commandSpace && (d.as != "" || d.by != ""):
		p.faults.add(d.pos, "a command takes neither \"as\" nor \"by\"")
	case d.redefine && d.op != "=":
		p.faults.add(d.pos, "redefine takes \"=\", not %q", d.op)
		return false
	}
	return true
}

// A converter turns syntax into terms of the model.
type converter struct {
	at      Pos
	section *Section
	faults  *Faults
}

func (c *converter) choice(syn *choiceSyntax) []*Alt {
	var alts []*Alt
	for _, a := range syn.Alts {
		alt := &Alt{Pos: placeIn(c.at, a.Pos), Section: c.section}
		if a.Label != "" {
			alt.Label, alt.Many = strings.CutSuffix(a.Label[1:], "*")
		}
		for _, t := range a.Terms {
			alt.Terms = append(alt.Terms, c.term(t))
		}
		alts = append(alts, alt)
	}
	return alts
}

func (c *converter) term(syn *termSyntax) *Term {
	t := &Term{Pos: placeIn(c.at, syn.Pos), Min: 1, Max: 1, Bind: syn.Bind + syn.Inner}
	if syn.Bind != "" && syn.Inner != "" {
		c.faults.add(t.Pos, "%q and %q bind the same element", syn.Bind, syn.Inner)
		t.Bind = syn.Bind
	}
	if syn.Repeat != "" {
		c.repeat(t, syn.Repeat)
	}
	switch {
	case syn.Guard != "":
		t.Kind = Guard
		t.Guard = c.guard(t.Pos, syn.Guard)
	case syn.String != nil:
		t.Kind = Literal
		from := strings.IndexByte(*syn.String, '"')
		t.Exact = from > 0 && (*syn.String)[1]|0x20 == 's'
		t.Text = strings.Trim((*syn.String)[from:], `"`)
		if strings.ContainsFunc(t.Text, func(r rune) bool { return r > '~' }) {
			c.faults.add(t.Pos, "a string is printable ASCII (RFC 5234, section 2.3): other octets stand in terminals, %%xE9")
		}
		if t.Text == "" {
			c.faults.add(t.Pos, "an empty string says nothing: use [ ] for what may be absent")
		}
	case syn.Number != "":
		t.Kind = Number
		c.number(t, syn.Number)
	case syn.Group != nil:
		t.Kind, t.Alts = Group, c.choice(syn.Group)
	case syn.Option != nil:
		t.Kind, t.Alts = Option, c.choice(syn.Option)
	default:
		t.Kind, t.Text = Ref, syn.Ref
	}
	return t
}

// repeat reads "2", "*", "1*", "*3" or "1*20".
func (c *converter) repeat(t *Term, s string) {
	low, high, ranged := strings.Cut(s, "*")
	t.Min, t.Max = 0, -1
	var err error
	if low != "" {
		t.Min, err = strconv.Atoi(low)
	}
	if !ranged {
		t.Max = t.Min
	} else if high != "" && err == nil {
		t.Max, err = strconv.Atoi(high)
	}
	if err != nil || t.Max == 0 || t.Max > 0 && t.Max < t.Min {
		c.faults.add(t.Pos, "the repeat %q allows nothing", s)
		t.Min, t.Max = 1, 1
	}
}

// number reads %x41, %x41-5A or %x0D.0A.
func (c *converter) number(t *Term, s string) {
	base := map[byte]int{'x': 16, 'd': 10, 'b': 2}[s[1]|0x20]
	pieces := strings.Split(s[2:], ".")
	for _, piece := range pieces {
		lo, hi, ranged := strings.Cut(piece, "-")
		if !ranged {
			hi = lo
		}
		from, err := strconv.ParseUint(lo, base, 8)
		to, err2 := strconv.ParseUint(hi, base, 8)
		if err != nil || err2 != nil || to < from || ranged && len(pieces) > 1 {
			c.faults.add(t.Pos, "%q is neither an octet (%%x41), a range of octets (%%x41-5A) nor a row of octets (%%x0D.0A)", s)
			from, to = 'x', 'x'
		}
		t.Lo, t.Hi = append(t.Lo, int(from)), append(t.Hi, int(to))
	}
}

// guard reads ?field="V"/"W", ?uid, ?unset, ?dialog=sasl, ?CAP or ?!CAP.
func (c *converter) guard(pos Pos, s string) GuardTerm {
	s = s[1:]
	if field, values, ok := strings.Cut(s, `="`); ok {
		if strings.HasPrefix(field, "!") {
			c.faults.add(pos, "only a capability can be negated: ?!%s", "CAP")
		}
		return GuardTerm{Field: strings.TrimPrefix(field, "!"), Values: strings.Split(strings.TrimSuffix(values, `"`), `"/"`)}
	}
	switch s {
	case "uid":
		return GuardTerm{UID: true}
	case "unset":
		return GuardTerm{Unset: true}
	}
	if dialog, ok := strings.CutPrefix(s, "dialog="); ok {
		if !slices.Contains(dialogs, dialog) {
			c.faults.add(pos, "unknown dialog %q: it is %s", dialog, orList(dialogs))
		}
		return GuardTerm{Dialog: dialog}
	}
	name, not := strings.CutPrefix(s, "!")
	if name == strings.ToLower(name) {
		c.faults.add(pos, "the guard ?%s is neither ?uid, ?unset, ?dialog=sasl, ?field=\"V\" nor a capability", s)
	}
	return GuardTerm{Cap: name, Not: not}
}
