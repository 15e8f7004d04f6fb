package gen

import (
	"slices"
	"strconv"
	"strings"
)

// A set of octets.
type octets [4]uint64

func (o *octets) add(c byte)      { o[c>>6] |= 1 << (c & 63) }
func (o *octets) remove(c byte)   { o[c>>6] &^= 1 << (c & 63) }
func (o *octets) has(c byte) bool { return o[c>>6]&(1<<(c&63)) != 0 }
func (o octets) isZero() bool     { return o == octets{} }
func (o octets) and(p octets) (q octets) {
	for i := range o {
		q[i] = o[i] & p[i]
	}
	return q
}
func (o *octets) or(p octets) {
	for i := range o {
		o[i] |= p[i]
	}
}

func (o octets) list() []byte {
	var l []byte
	for c := range 256 {
		if o.has(byte(c)) {
			l = append(l, byte(c))
		}
	}
	return l
}

// A look is what a sequence can start with: the octet, the keyword, and what comes after a leading SP or ".".
// The decoder looks at nothing more (DESIGN: one token, never further).
type look struct {
	octets octets
	words  []string // upper case
	sp     *look    // after a leading SP
	dot    *look    // after a leading "."
	empty  bool     // it may be nothing at all
}

func (l *look) merge(m *look) bool {
	before := l.weight()
	l.octets.or(m.octets)
	for _, w := range m.words {
		if !slices.Contains(l.words, w) {
			l.words = append(l.words, w)
		}
	}
	if m.sp != nil {
		if l.sp == nil {
			l.sp = &look{}
		}
		l.sp.mergeFlat(m.sp)
	}
	if m.dot != nil {
		if l.dot == nil {
			l.dot = &look{}
		}
		l.dot.mergeFlat(m.dot)
	}
	l.empty = l.empty || m.empty
	return l.weight() != before
}

// mergeFlat is merge without what comes after a second SP: nobody looks that far.
func (l *look) mergeFlat(m *look) {
	l.octets.or(m.octets)
	for _, w := range m.words {
		if !slices.Contains(l.words, w) {
			l.words = append(l.words, w)
		}
	}
}

func (l *look) weight() int {
	n := len(l.words) + len(l.octets.list())
	for _, x := range []*look{l.sp, l.dot} {
		if x != nil {
			n += 1 + len(x.words) + len(x.octets.list())
		}
	}
	return n
}

// lookOf gives what a sequence can start with, given what can follow it.
func (r *resolver) lookOf(nodes []*node, follow *look) *look {
	l := &look{empty: true}
	for i, n := range nodes {
		var x *look
		if n.readsNothing() {
			continue
		}
		switch n.kind {
		case wordNode:
			x = &look{}
			for _, v := range n.words {
				if v.text == "" {
					x.empty = true
				} else {
					x.words = append(x.words, strings.ToUpper(v.text))
				}
			}
		case octetNode, spNode:
			x = &look{}
			c := n.octet
			if n.kind == spNode {
				c = ' '
			}
			x.octets.add(c)
			if c == ' ' || c == '.' {
				rest := &look{}
				rest.mergeFlat(r.lookOf(nodes[i+1:], follow))
				if c == ' ' {
					x.sp = rest
				} else {
					x.dot = rest
				}
			}
		case valueNode, inlineNode:
			x = r.lookOfRef(n.ref)
			if x.octets.has(' ') && x.sp == nil {
				x.sp = &look{}
			}
		case choiceNode, optionNode, loopNode:
			x = &look{empty: n.kind != choiceNode}
			rest := r.lookOf(nodes[i+1:], follow)
			for _, a := range n.alts {
				y := r.lookOf(a.nodes, rest)
				e := r.nullable(a.nodes)
				y.empty = false
				x.merge(y)
				x.empty = x.empty || e
			}
		}
		e := x.empty
		x.empty = false
		l.merge(x)
		if !e {
			l.empty = false
			return l
		}
	}
	if follow != nil {
		f := *follow
		f.empty = false
		l.merge(&f)
	}
	return l
}

func (r *resolver) nullable(nodes []*node) bool {
	for _, n := range nodes {
		if n.readsNothing() {
			continue
		}
		switch n.kind {
		case optionNode, loopNode:
		case wordNode:
			if !slices.ContainsFunc(n.words, func(v variant) bool { return v.text == "" }) {
				return false
			}
		case choiceNode:
			if !slices.ContainsFunc(n.alts, func(s *seq) bool { return r.nullable(s.nodes) }) {
				return false
			}
		case valueNode, inlineNode:
			if !r.lookOfRef(n.ref).empty {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// lookOfRef gives what a terminal or rule can start with. Those of "=" and "~=" count together.
func (r *resolver) lookOfRef(name string) *look {
	if l, ok := r.looks[name]; ok {
		c := *l
		c.words = slices.Clone(l.words)
		return &c
	}
	l := &look{}
	r.looks[name] = l // a left recursion ends here; the front end has reported it
	term, i := r.ref(name)
	if term != nil {
		r.terminalLook(l, term.Alts)
	} else if i != nil {
		for _, s := range r.lowerAll(i.rule.all()) {
			x := r.lookOf(s.nodes, nil)
			l.merge(x)
		}
		if i.form == formToken {
			// A keyword of a token is read as the token: by its octets.
			for _, w := range l.words {
				l.octets.add(w[0])
				l.octets.add(strings.ToLower(w)[0])
			}
			l.words = nil
		}
	}
	return l
}

// terminalLook gives the first octets of a terminal's ABNF. A terminal starts with octets only, keywords included.
func (r *resolver) terminalLook(l *look, alts []*Alt) {
	for _, a := range alts {
		done := false
		for _, t := range a.Terms {
			x := &look{}
			switch t.Kind {
			case Literal:
				if t.Text == "" {
					x.empty = true
				} else {
					x.octets.add(strings.ToLower(t.Text)[0])
					x.octets.add(strings.ToUpper(t.Text)[0])
				}
			case Number:
				for i := range t.Lo {
					for c := t.Lo[i]; c <= t.Hi[i] && c < 256; c++ {
						x.octets.add(byte(c))
					}
				}
			case Ref:
				if term := r.g.terminals[t.Text]; term != nil {
					r.terminalLook(x, term.Alts)
				} else if rule := r.g.rules[t.Text]; rule != nil {
					r.terminalLook(x, rule.Alts)
				}
			case Group, Option:
				r.terminalLook(x, t.Alts)
				x.empty = x.empty || t.Kind == Option
			}
			x.empty = x.empty || t.Min == 0
			e := x.empty
			x.empty = false
			l.merge(x)
			if !e {
				done = true
				break
			}
		}
		l.empty = l.empty || !done
	}
}

// follows computes what can follow each rule, by going round until nothing new comes.
func (r *resolver) follows() {
	r.follow = map[string]*look{}
	end := &look{}
	end.octets.add('\r')
	end.octets.add('\n')
	for changed := true; changed; {
		changed = false
		for _, rule := range r.g.Responses {
			changed = r.followIn(r.lowerAll(rule.all()), end) || changed
		}
		for _, c := range r.commands {
			changed = r.followIn(r.lowerAll(c.Struct.alts), end) || changed
		}
		for _, rule := range r.live {
			changed = r.followIn(r.lowerAll(rule.all()), r.followOf(rule.Name)) || changed
		}
	}
}

func (r *resolver) followOf(name string) *look {
	if r.follow[name] == nil {
		r.follow[name] = &look{}
	}
	return r.follow[name]
}

func (r *resolver) followIn(seqs []*seq, follow *look) bool {
	changed := false
	for _, s := range seqs {
		for i, n := range s.nodes {
			rest := r.lookOf(s.nodes[i+1:], follow)
			switch n.kind {
			case valueNode, inlineNode:
				if r.g.rules[n.ref] != nil {
					rest.empty = false
					changed = r.followOf(n.ref).merge(rest) || changed
				}
			case choiceNode, optionNode:
				changed = r.followIn(n.alts, rest) || changed
			case loopNode:
				again := r.lookOf(n.alts[0].nodes, rest)
				again.merge(rest)
				changed = r.followIn(n.alts, again) || changed
			}
		}
	}
	return changed
}

// clash gives an example of what both can start with, or "". A keyword and an open token do not clash: the keyword wins.
func (l *look) clash(m *look) string {
	for _, w := range l.words {
		if slices.Contains(m.words, w) {
			return `"` + w + `"`
		}
	}
	both := l.octets.and(m.octets)
	for _, c := range both.list() {
		switch {
		case c == ' ' && l.sp != nil && m.sp != nil:
			if x := l.sp.clash(m.sp); x != "" {
				return "SP " + x
			}
		case c == '.' && l.dot != nil && m.dot != nil:
			if x := l.dot.clash(m.dot); x != "" {
				return `"." ` + x
			}
		default:
			return strconv.QuoteRune(rune(c))
		}
	}
	return ""
}
