package gen

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A walker writes one sentence.
type walker struct {
	s    *Sentences
	tape sentenceTape

	out      []Part
	size     int
	depth    int
	token    int           // > 0 within a terminal: its octets are one part
	used     map[*Alt]bool // alternatives of records that came already
	uid      bool
	command  bool
	goal     *Alt         // to be taken; nil when there is none, or when it was
	distance map[*Alt]int // from each alternative to the goal
	err      error
}

// A scope holds the fields that were bound in a rule, for guards. Plan says what some must be, so that a guard holds.
type scope struct {
	bound map[string]string
	plan  map[string]string
}

func (w *walker) sentence() (Sentence, error) {
	if w.err != nil {
		return Sentence{}, fmt.Errorf("making a sentence: %w", w.err)
	}
	return Sentence{Parts: w.out, Command: w.command}, nil
}

func (w *walker) fail(msg string) {
	if w.err == nil {
		w.err = errors.New(msg)
	}
}

// text writes octets of the grammar; within a token they become part of it.
func (w *walker) text(s string) {
	if w.token > 0 {
		w.out[len(w.out)-1].Text += s
	} else {
		w.out = append(w.out, Part{Text: s})
	}
	w.size += len(s)
}

// short reports whether the shortest way is to be taken.
func (w *walker) short() bool {
	return w.tape.done() || w.size >= w.s.o.MaxLen || w.depth >= w.s.o.MaxDepth
}

// choice writes one of the alternatives. In a record one that came already is not taken again if there is another.
func (w *walker) choice(alts []*Alt, sc scope, record bool) {
	if w.err != nil {
		return
	}
	if class := w.s.classes[alts[0]]; class != nil {
		w.octet(class, sc)
		return
	}
	var allowed, fresh []*Alt
	for _, a := range alts {
		if w.allowed(a, sc) {
			allowed = append(allowed, a)
			if !w.used[a] {
				fresh = append(fresh, a)
			}
		}
	}
	if len(fresh) > 0 {
		allowed = fresh
	}
	if len(allowed) == 0 {
		w.fail("no alternative at " + alts[0].Pos.String() + " is allowed")
		return
	}
	a := w.pick(allowed)
	if record && !a.Many {
		w.used[a] = true
	}
	w.sequence(a, sc)
}

// pick takes an alternative: the one that leads to the goal, the shortest, or what the tape says.
func (w *walker) pick(alts []*Alt) *Alt {
	if w.goal != nil {
		best, least := alts[0], far
		for _, a := range alts {
			if d := w.distanceOf(a); d < least {
				best, least = a, d
			}
		}
		if least < far {
			return best
		}
	}
	if w.short() {
		return slices.MinFunc(alts, func(a, b *Alt) int { return w.s.cost[a] - w.s.cost[b] })
	}
	return alts[w.tape.pick(len(alts))]
}

// allowed reports whether an alternative may be written here: its capability is in force and its guards hold, as far as they are
// about what came before it.
func (w *walker) allowed(a *Alt, sc scope) bool {
	if !w.s.inForce(a.Section) || w.s.cost[a] >= far {
		return false
	}
	inside := map[string]bool{}
	for _, t := range a.Terms {
		if t.Kind == Guard && !inside[t.Guard.Field] && !w.holds(t.Guard, sc) {
			return false
		}
		if t.Bind != "" {
			inside[t.Bind] = true
		}
	}
	return true
}

func (w *walker) holds(g GuardTerm, sc scope) bool {
	switch {
	case g.Field != "":
		value := sc.bound[g.Field]
		return slices.ContainsFunc(g.Values, func(v string) bool { return strings.EqualFold(v, value) })
	case g.UID:
		return w.uid
	case g.Unset:
		return true // what is written is of the rule as well
	case g.Dialog != "":
		return w.s.o.Dialog == g.Dialog
	default:
		return w.s.o.Caps == nil || w.s.o.Caps(g.Cap) != g.Not
	}
}

// sequence writes the terms of an alternative. Only one of them leads to the goal, if any does.
func (w *walker) sequence(a *Alt, sc scope) {
	if a == w.goal {
		w.goal = nil
	}
	goal, via := w.goal, w.via(a)
	sc = w.planned(a, sc)
	for i, t := range a.Terms {
		w.goal = nil
		if i == via {
			w.goal = goal
		}
		w.term(t, sc)
		if i == via {
			goal = w.goal
		}
	}
	w.goal = goal
}

func (w *walker) term(t *Term, sc scope) {
	if w.err != nil || t.Kind == Guard {
		return
	}
	from := len(w.out)
	if value, ok := sc.plan[t.Bind]; ok && t.Bind != "" && t.Kind == Ref {
		w.planValue(t, value)
	} else {
		for n := w.times(t); n > 0; n-- {
			w.once(t, sc)
		}
	}
	if t.Bind != "" && sc.bound != nil {
		value := ""
		for _, p := range w.out[min(from, len(w.out)):] {
			value += p.Text
		}
		sc.bound[t.Bind] = unquoted(value)
	}
}

// times says how often a term with a repeat is written.
func (w *walker) times(t *Term) int {
	least := t.Min
	if least == 0 && w.goal != nil {
		least = 1 // the goal lies within
	}
	most := t.Max
	if most < 0 {
		most = t.Min + w.repeats()
	}
	if w.short() || most <= least {
		return least
	}
	return least + w.tape.pick(most-least+1)
}

// repeats bounds what the grammar leaves open: octets of a token may be more than elements of a list.
func (w *walker) repeats() int {
	if w.token > 0 {
		return 12
	}
	return 3
}

func (w *walker) once(t *Term, sc scope) {
	switch t.Kind {
	case Literal:
		w.keyword(t)
	case Number:
		for i := range t.Lo {
			w.text(string([]byte{byte(t.Lo[i] + w.tape.pick(t.Hi[i]-t.Lo[i]+1))}))
		}
	case Ref:
		w.ref(t, sc)
	case Group:
		w.choice(t.Alts, sc, false)
	case Option:
		if w.wantsOption(t, sc) {
			w.choice(t.Alts, sc, false)
		}
	}
}

// wantsOption: an option whose alternatives all begin with guards about fields is there exactly when one of them holds.
func (w *walker) wantsOption(t *Term, sc scope) bool {
	some := slices.ContainsFunc(t.Alts, func(a *Alt) bool { return w.allowed(a, sc) })
	switch {
	case !some:
		return false
	case w.goal != nil || guardedOption(t):
		return true
	default:
		return !w.short() && w.tape.pick(2) == 1
	}
}

func guardedOption(t *Term) bool {
	return !slices.ContainsFunc(t.Alts, func(a *Alt) bool {
		return len(a.Terms) == 0 || a.Terms[0].Kind != Guard || a.Terms[0].Guard.Field == ""
	})
}

// ref writes what a rule or terminal describes. What a rule without a binding binds is bound in the rule around it.
func (w *walker) ref(t *Term, sc scope) {
	name := t.Text
	if w.command && name == "CRLF" && w.token == 0 {
		w.out = append(w.out, Part{Text: "\r\n", Turn: true})
		return
	}
	if term := w.s.g.terminals[name]; term != nil {
		w.open(name)
		if text, ok := w.make(term); ok {
			w.text(text)
		} else {
			w.choice(term.Alts, scope{}, false)
		}
		w.token--
		return
	}
	rule := w.s.g.rules[name]
	if text, ok := w.makeRule(name); ok {
		w.open(name)
		w.text(text)
		w.token--
		return
	}
	if t.Bind != "" || sc.bound == nil {
		sc = scope{bound: map[string]string{}}
	}
	w.depth++
	w.choice(w.s.of(rule), sc, rule.Kind == Record)
	w.depth--
}

// open begins a token, unless one is being written.
func (w *walker) open(rule string) {
	if w.token == 0 {
		w.out = append(w.out, Part{Rule: rule})
	}
	w.token++
}

// keyword writes text of the grammar, now and then in another case.
func (w *walker) keyword(t *Term) {
	text := t.Text
	if !t.Exact && strings.ToLower(text) != strings.ToUpper(text) && !w.short() {
		switch w.tape.pick(8) {
		case 6:
			text = strings.ToLower(text)
		case 7:
			text = mixedCase(text)
		}
	}
	w.text(text)
}

func mixedCase(s string) string {
	b := []byte(strings.ToLower(s))
	for i := 0; i < len(b); i += 2 {
		if 'a' <= b[i] && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// unquoted gives the value of a token that a guard asks for.
func unquoted(s string) string {
	if _, content, ok := strings.Cut(s, "}\r\n"); ok && strings.HasPrefix(s, "{") {
		return content
	}
	return strings.Trim(s, `"`)
}
