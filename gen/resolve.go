package gen

import (
	"slices"
	"strings"
)

// A form is what a rule becomes in Go.
type form int

const (
	formVoid   form = iota // syntax only
	formToken              // a named string type: keywords, and at most one open token
	formValue              // the value of its one binding, or of the references in it
	formStruct             // several bindings
	formUnion              // an interface
)

// A typeKind tells the forms of a Type apart.
type typeKind int

const (
	boolType    typeKind = iota
	tokenType            // a named string type
	termType             // a terminal's
	structType           // by value
	pointerType          // to a struct
	unionType
	sliceType
	listType // the immutable list of an interned terminal
	optType  // wire.Opt
)

// A Type is the Go type of a field or value.
type Type struct {
	kind  typeKind
	term  *Terminal
	token *Token
	strct *Struct
	union *UnionInfo
	elem  *Type
}

// A Token is a named string type: the keywords of a rule, or the literals bound to one field.
type Token struct {
	Go       string
	Doc      string
	Prefix   string
	Section  *Section
	Source   string
	Keywords []Keyword
	Open     *Terminal // reads what is no keyword; nil when the set is closed
	Rule     *ruleInfo
}

// A Keyword is one constant of a Token or of a union.
type Keyword struct {
	Go, Text string
	Section  *Section
}

// A Struct is a Go struct that holds the bindings of a rule, response, command or alternative.
type Struct struct {
	Go      string
	Doc     string
	Source  string
	Section *Section
	Fields  []*Field
	Record  *recordInfo // of the items whose presence it records; nil if none
	alts    []*Alt
	lenient []*Alt
	pos     Pos
}

// size is the number of fields, those of embedded structs included.
func (s *Struct) size() int {
	n := 0
	for _, f := range s.Fields {
		if f.Embed != nil {
			n += f.Embed.size()
		} else {
			n++
		}
	}
	return n
}

func (s *Struct) field(bind string) *Field {
	for _, f := range s.Fields {
		if f.Embed == nil && f.Bind == bind {
			return f
		}
	}
	return nil
}

// A Field is one binding in a Struct, or an embedded struct.
type Field struct {
	Bind   string
	Go     string
	Type   *Type
	Embed  *Struct
	pos    Pos
	values []string // the literals bound to it
	item   string   // the Go name of the record item it belongs to
	many   bool     // its elements are bound one by one
}

// recordInfo is one record with those it is made of: the items of msg-att, msg-att-dynamic and msg-att-static.
type recordInfo struct {
	Go      string // MsgAtt
	Rule    *Rule
	Section *Section
	Items   []Keyword // in order; their bits are 1<<index
	words   []string  // the keywords of the items, in order
	byWord  map[string][]string
}

// answer notes that items with the keyword are the named one: "BODY" is two.
func (i *recordInfo) answer(word, item string) {
	if i.byWord[word] == nil {
		i.words = append(i.words, word)
	}
	if !slices.Contains(i.byWord[word], item) {
		i.byWord[word] = append(i.byWord[word], item)
	}
}

// itemGo names the constant of an item.
func (i *recordInfo) itemGo(name string) string { return i.Go + "Item" + name }

// A UnionInfo is the Go shape of a union.
type UnionInfo struct {
	Go     string
	Prefix string
	Rule   *Rule
	Alts   []*unionAlt
}

// A unionAlt is one alternative of a union: constants when it has no fields, a named type for one, a struct for several.
type unionAlt struct {
	alt     *Alt
	Go      string
	Consts  []Keyword // without fields
	Struct  *Struct   // with fields
	Named   *Type     // with one field: the type that it names
	lenient bool      // stands in "~=" only
}

type ruleInfo struct {
	rule   *Rule
	form   form
	Go     string
	typ    *Type   // of formToken, formValue, formUnion, and of formStruct as a value
	strct  *Struct // formStruct: its own struct, once it has one
	shape  *Struct // formValue: its one field
	names  []string
	shared bool // embedded: inlined by two or more structs
}

// A returned is a field of a command's result.
type returned struct {
	Return *Return
	Go     string
	Resp   *Struct   // the response
	Alt    *unionAlt // of a code
	row    bool      // it comes as rows
}

// A commandInfo is a command with its Go shape.
type commandInfo struct {
	cmd     *Command
	Go      string
	Struct  *Struct
	Row     *Struct // of "returns *NAME"
	Results []*returned
	turns   bool
}

// resolver gives every rule its Go form.
type resolver struct {
	g         *Grammar
	live      []*Rule // those that commands and responses lead to, not terminals alone
	faults    Faults
	names     *namer
	taken     map[string]Pos
	rules     map[*Rule]*ruleInfo
	structs   []*Struct
	tokens    []*Token
	unions    []*UnionInfo
	responses map[*Rule]*Struct
	commands  []*commandInfo
	records   map[*Rule]*recordInfo
	byStruct  map[*Struct]*ruleInfo
	codes     *UnionInfo
	looks     map[string]*look // of rules and terminals
	follow    map[string]*look // what can follow a rule
}

func resolve(g *Grammar) (*resolver, Faults) {
	r := &resolver{g: g, names: &namer{used: map[string]bool{}}, taken: map[string]Pos{}, rules: map[*Rule]*ruleInfo{},
		responses: map[*Rule]*Struct{}, records: map[*Rule]*recordInfo{}, byStruct: map[*Struct]*ruleInfo{}, looks: map[string]*look{}}
	r.findLive()
	for _, rule := range r.live {
		name := rule.As
		if name == "" {
			name = r.names.camel(rule.Name)
		}
		r.rules[rule] = &ruleInfo{rule: rule, Go: name}
	}
	r.forms()
	r.findRecords()
	r.share()
	r.buildUnions()
	for _, rule := range g.Responses {
		name := rule.As
		if name == "" {
			name = r.names.camel(rule.Name)
		}
		s := &Struct{Go: name + "Data", Doc: rule.Doc, Source: rule.Source, Section: rule.Section, alts: rule.Alts, lenient: rule.Lenient, pos: rule.Pos}
		r.claim(s.Go, rule.Pos)
		r.responses[rule] = s
		r.structs = append(r.structs, s)
		r.fill(s)
	}
	for _, c := range g.Commands {
		r.command(c)
	}
	r.follows()
	return r, r.faults
}

// findLive finds the rules that become Go. Others only say what a terminal looks like.
func (r *resolver) findLive() {
	seen := map[*Rule]bool{}
	var visit func(alts []*Alt)
	visit = func(alts []*Alt) {
		walk(alts, func(t *Term) {
			if t.Kind == Ref && r.g.terminals[t.Text] == nil {
				if rule := r.g.rules[t.Text]; rule != nil && !seen[rule] {
					seen[rule] = true
					visit(rule.all())
				}
			}
		})
	}
	for _, rule := range r.g.Responses {
		visit(rule.all())
	}
	for _, c := range r.g.Commands {
		visit(c.Alts)
	}
	for _, rule := range r.g.Rules {
		if seen[rule] && rule.Name != "SP" && rule.Name != "CRLF" && rule.Name != "DQUOTE" {
			r.live = append(r.live, rule)
		}
	}
}

// claim takes a package-level Go name, which no other definition may have.
func (r *resolver) claim(name string, pos Pos) {
	if old, ok := r.taken[name]; ok {
		r.faults.add(pos, "the Go name %s is taken by the definition at %s: rename one with \"as\" or a label", name, old)
		return
	}
	r.taken[name] = pos
}

// walk visits every term of the alternatives, groups and options included.
func walk(alts []*Alt, f func(*Term)) {
	for _, a := range alts {
		for _, t := range a.Terms {
			f(t)
			walk(t.Alts, f)
		}
	}
}

// all gives a rule's alternatives of "=" and "~=".
func (rule *Rule) all() []*Alt {
	if rule.Lenient == nil {
		return rule.Alts
	}
	return slices.Concat(rule.Alts, rule.Lenient)
}

func (r *resolver) ref(name string) (*Terminal, *ruleInfo) {
	if t := r.g.terminals[name]; t != nil {
		return t, nil
	}
	if rule := r.g.rules[name]; rule != nil {
		return nil, r.rules[rule]
	}
	return nil, nil
}

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
				t.Open = r.g.terminals[term.Text]
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
		case t.Kind == Ref && r.g.terminals[t.Text] != nil && isText(r.g.terminals[t.Text]):
			open++
		default:
			return false
		}
	}
	return literals > 0 && open <= 1 && r.usedAsValue(rule)
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

// findRecords gives every record the outermost record that it is part of.
func (r *resolver) findRecords() {
	parent := map[*Rule]*Rule{}
	for _, rule := range r.live {
		if rule.Kind != Record {
			continue
		}
		walk(rule.all(), func(t *Term) {
			if t.Kind == Ref && t.Bind == "" {
				if in := r.g.rules[t.Text]; in != nil && in.Kind == Record && in != rule {
					parent[in] = rule
				}
			}
		})
	}
	for _, rule := range r.live {
		if rule.Kind != Record {
			continue
		}
		top := rule
		for n := 0; parent[top] != nil && n < len(r.live); n++ {
			top = parent[top]
		}
		info := r.records[top]
		if info == nil {
			info = &recordInfo{Go: r.rules[top].Go, Rule: top, Section: top.Section, byWord: map[string][]string{}}
			r.records[top] = info
		}
		r.records[rule] = info
	}
	for _, rule := range r.live {
		if rule.Kind != Record {
			continue
		}
		for _, a := range rule.all() {
			if isItem(a) {
				name := r.records[rule].itemGo(r.itemName(a))
				if !slices.ContainsFunc(r.records[rule].Items, func(k Keyword) bool { return k.Go == name }) {
					r.records[rule].Items = append(r.records[rule].Items, Keyword{name, keywordOf(a), a.Section})
				}
				if n, vs := keywordRun(a.Terms); n > 0 {
					for _, v := range vs {
						r.records[rule].answer(strings.ToUpper(v.text), name)
					}
				}
			}
		}
	}
}

// isItem: an alternative of a record that is an item, not the parentheses around the items.
func isItem(a *Alt) bool {
	return a.Terms[0].Kind == Literal && isWord(a.Terms[0].Text) || a.Label != ""
}

func (r *resolver) itemName(a *Alt) string {
	if a.Label != "" {
		return a.Label
	}
	return r.names.camel(keywordOf(a))
}

// keywordOf joins the literals that an alternative starts with: "METADATA" SP "TOOMANY" is "METADATA TOOMANY".
func keywordOf(a *Alt) string {
	var words []string
	for _, t := range a.Terms {
		if t.Kind == Guard {
			continue
		}
		if t.Kind == Literal && t.Bind == "" && isWord(t.Text) {
			words = append(words, t.Text)
		} else if t.Kind != Ref || t.Text != "SP" {
			break
		}
	}
	return strings.Join(words, " ")
}

// share finds the rules whose bindings two or more structs inline: those are emitted once, and embedded.
func (r *resolver) share() {
	for {
		users := map[*ruleInfo]map[string]bool{}
		inlinedBy := map[*ruleInfo]map[*ruleInfo]bool{}
		for root, alts := range r.roots() {
			r.inlined(alts, func(i, by *ruleInfo) {
				if users[i] == nil {
					users[i] = map[string]bool{}
					inlinedBy[i] = map[*ruleInfo]bool{}
				}
				users[i][root] = true
				inlinedBy[i][by] = true
			}, nil)
		}
		var next *ruleInfo
		for _, rule := range r.live {
			i := r.rules[rule]
			if i.shared || i.form != formStruct || len(users[i]) < 2 {
				continue
			}
			inner := false
			for by := range inlinedBy[i] {
				inner = inner || by != nil && len(users[by]) > 1 && by.form == formStruct
			}
			if !inner {
				next = i
				break
			}
		}
		if next == nil {
			break
		}
		next.shared = true
	}
	for _, rule := range r.live {
		if i := r.rules[rule]; i.form == formStruct && (i.shared || r.isBound(rule)) {
			r.structOf(i)
		}
	}
}

// roots lists the bodies that are structs of their own, by a name that tells them apart.
func (r *resolver) roots() map[string][]*Alt {
	m := map[string][]*Alt{}
	for _, rule := range r.g.Responses {
		m["response "+rule.Name] = rule.all()
	}
	for _, c := range r.g.Commands {
		m["command "+c.Name] = c.Alts
	}
	for _, rule := range r.live {
		i := r.rules[rule]
		switch {
		case rule.Kind == Union:
			for n, a := range rule.all() {
				m["union "+rule.Name+string(rune('A'+n))] = []*Alt{a}
			}
		case i.form == formStruct && (i.shared || r.isBound(rule)):
			m["rule "+rule.Name] = rule.all()
		}
		for n, a := range rule.all() {
			if a.Many {
				m["many "+rule.Name+string(rune('A'+n))] = []*Alt{{Pos: a.Pos, Terms: a.Terms}}
			}
		}
	}
	return m
}

// inlined visits the rules whose bindings a body takes in.
func (r *resolver) inlined(alts []*Alt, f func(i, by *ruleInfo), by *ruleInfo) {
	for _, a := range alts {
		if a.Many {
			continue
		}
		for _, t := range a.Terms {
			if t.Kind == Ref && t.Bind == "" {
				if _, i := r.ref(t.Text); i != nil && len(i.names) > 0 && i.form != formUnion && (by == nil || len(by.names) > 0) {
					f(i, by)
					if !i.shared {
						r.inlined(i.rule.all(), f, i)
					}
				}
			}
			if t.Bind == "" {
				r.inlined(t.Alts, f, by)
			}
		}
	}
}

// isBound: some body binds the rule, or has it as a value in a rule without bindings.
func (r *resolver) isBound(rule *Rule) bool {
	bound := false
	look := func(alts []*Alt, value bool) {
		walk(alts, func(t *Term) {
			bound = bound || t.Kind == Ref && t.Text == rule.Name && (t.Bind != "" || value)
		})
	}
	for _, o := range r.live {
		look(o.all(), len(r.rules[o].names) == 0)
	}
	for _, o := range r.g.Responses {
		look(o.all(), false)
	}
	for _, o := range r.g.Commands {
		look(o.Alts, false)
	}
	return bound
}

func (r *resolver) structOf(i *ruleInfo) *Struct {
	if i.strct == nil {
		i.strct = &Struct{Go: i.Go, Doc: i.rule.Doc, Source: i.rule.Source, Section: i.rule.Section, alts: i.rule.Alts, lenient: i.rule.Lenient, pos: i.rule.Pos}
		r.byStruct[i.strct] = i
		r.claim(i.Go, i.rule.Pos)
		r.structs = append(r.structs, i.strct)
		r.fill(i.strct)
	}
	return i.strct
}
