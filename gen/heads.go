package gen

import (
	"cmp"
	"slices"
	"strings"
)

// This file checks what responses and commands begin with: the decoder finds them by that, and reads one sequence behind it.

// heads reports those that the decoder could not find, or not tell apart.
func (r *resolver) heads() {
	first := map[string]Pos{}
	claim := func(what, word string, pos Pos) {
		key := what + " " + strings.ToUpper(word)
		if old, ok := first[key]; ok {
			r.faults.add(pos, "two %ss begin with %q: the other is at %s", what, word, old)
			return
		}
		first[key] = pos
	}
	older := func(a, b *Section, p, q Pos) int {
		return cmp.Or(cmp.Compare(a.age(), b.age()), comparePos(p, q))
	}
	responses := slices.SortedFunc(slices.Values(r.g.Responses), func(a, b *Rule) int { return older(a.Section, b.Section, a.Pos, b.Pos) })
	commands := slices.SortedFunc(slices.Values(r.commands), func(a, b *commandInfo) int {
		return older(a.cmd.Section, b.cmd.Section, a.cmd.Pos, b.cmd.Pos)
	})
	for _, rule := range responses {
		for _, alts := range [][]*Alt{rule.Alts, rule.Lenient} {
			if len(alts) > 1 {
				r.faults.add(alts[1].Pos, "a response is one sequence: what differs stands in a group behind its keyword, and another keyword begins another response")
			}
		}
		r.responseHead(rule, claim)
	}
	for _, c := range commands {
		r.commandHead(c, claim)
	}
}

func (r *resolver) responseHead(rule *Rule, claim func(what, word string, pos Pos)) {
	nodes := r.lower(rule.Alts[0]).nodes
	what, word := "response", nodes[0]
	if n := nodes[0]; n.kind == valueNode {
		term, _ := r.ref(n.ref)
		if term == nil || term.GoType != "uint32" || len(nodes) < 3 || nodes[1].kind != spNode || len(nodes[2].words) != 1 {
			r.faults.add(n.pos, "a response begins with a keyword, or with a number (32 bits), SP and a keyword")
			return
		}
		what, word = "numbered response", nodes[2]
	}
	switch {
	case word.kind == octetNode && word.octet == '+': // the request to continue
		return
	case word.kind != wordNode:
		r.faults.add(word.pos, "a response begins with a keyword, or with a number (32 bits), SP and a keyword")
		return
	}
	for _, v := range word.words {
		if f := r.responses[rule].field(boundBy(v)); len(word.words) > 1 && (f == nil || f.Type.kind != tokenType || v.text == "") {
			r.faults.add(word.pos, "the keyword of this response varies, and nothing says which it is: bind it, type:(\"A\" / \"B\"), or make it two responses")
			return
		}
		claim(what, v.text, word.pos)
	}
}

// boundBy is the field that a keyword is bound to.
func boundBy(v variant) string {
	if len(v.sets) != 1 {
		return ""
	}
	return v.sets[0].bind
}

func (r *resolver) commandHead(c *commandInfo, claim func(what, word string, pos Pos)) {
	alts := c.Struct.alts
	if c.turns && c.cmd.Dialog == "" {
		r.faults.add(c.cmd.Pos, "CRLF within a command is a turn of a dialog: it needs the clause dialog")
	}
	if len(alts) > 1 && slices.ContainsFunc(alts, func(a *Alt) bool { return a.Terms[0].Kind != Guard || a.Terms[0].Guard.Cap == "" }) {
		r.faults.add(alts[1].Pos, "the alternatives of a command are its forms without and with a capability, ?!CAP ... / ?CAP ...: what else differs stands in a group behind its name")
		return
	}
	for n, a := range alts {
		terms := slices.DeleteFunc(slices.Clone(a.Terms), func(t *Term) bool { return t.Kind == Guard })
		if c.cmd.UID == "only" {
			if len(terms) < 3 || !strings.EqualFold(terms[0].Text, "UID") || terms[1].Text != "SP" {
				r.faults.add(a.Pos, "a command with the clause \"uid only\" is written \"UID\" SP \"NAME\"")
				return
			}
			terms = terms[2:]
		} else if len(terms) > 0 && strings.EqualFold(terms[0].Text, "UID") {
			r.faults.add(a.Pos, "a command that is written \"UID\" SP \"NAME\" needs the clause \"uid only\"")
			return
		}
		if len(terms) == 0 || terms[0].Kind != Literal || terms[0].Bind != "" || !isWord(terms[0].Text) || !isAtomText(terms[0].Text) {
			r.faults.add(a.Pos, "a command begins with its name, which is one keyword")
			return
		}
		if n > 0 {
			continue // the first is read
		}
		if c.cmd.UID != "only" {
			claim("command", terms[0].Text, terms[0].Pos)
		}
		if c.cmd.UID != "" {
			claim("UID command", terms[0].Text, terms[0].Pos)
		}
	}
}
