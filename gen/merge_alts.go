package gen

import (
	"cmp"
	"slices"
	"strings"
)

// leadingKeyword is the literal that an alternative begins with, in upper case; "" if it begins with something else.
func leadingKeyword(a *Alt) string {
	for _, t := range a.Terms {
		switch t.Kind {
		case Guard:
		case Literal:
			return strings.ToUpper(t.Text)
		default:
			return ""
		}
	}
	return ""
}

// openLast puts the alternatives that anything matches (name:atom ... #Other) behind the others: in a union or record, and in a
// rule that was added to. Other rules keep the order they were written in; the encoder takes the first that fits.
func (g *Grammar) openLast(e *entry) {
	r := e.rule
	if r.Kind != Union && r.Kind != Record && len(e.adds)+len(e.lenientAdds) == 0 {
		return
	}
	for _, alts := range [][]*Alt{r.Alts, r.Lenient} {
		slices.SortStableFunc(alts, func(a, b *Alt) int { return cmp.Compare(g.openness(a), g.openness(b)) })
	}
}

func (g *Grammar) openness(a *Alt) int {
	if g.isOpen(a, map[string]bool{}) {
		return 1
	}
	return 0
}

// isOpen reports whether an alternative begins with a terminal that is no keyword.
func (g *Grammar) isOpen(a *Alt, busy map[string]bool) bool {
	for _, t := range a.Terms {
		switch t.Kind {
		case Guard:
			continue
		case Ref:
			if term := g.terminals[t.Text]; term != nil {
				return slices.ContainsFunc(term.Alts, func(a *Alt) bool { return len(a.Terms) != 1 || a.Terms[0].Kind != Literal })
			}
			rule := g.rules[t.Text]
			if rule == nil || rule.Section == nil || rule.Kind != Plain || busy[t.Text] {
				return false
			}
			busy[t.Text] = true
			return !slices.ContainsFunc(rule.Alts, func(a *Alt) bool { return !g.isOpen(a, busy) })
		}
		return false
	}
	return false
}
