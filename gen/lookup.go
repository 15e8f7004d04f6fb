package gen

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An entry is what one name means in one place: its definition with "=", and all that changes it.
type entry struct {
	def         *decl
	redefine    *decl
	adds        []*decl // "=/"
	lenient     *decl   // "~="
	lenientAdds []*decl // "~=/"
	extends     []*decl // of a command
	name        string  // unique in its name space

	rule     *Rule // exactly one of these is set once merged
	terminal *Terminal
	command  *Command
}

// A table finds entries by name.
type table struct {
	byName [3]map[string][]*entry // for each nameSpace
	inFile map[string][]*Section
	broken map[string]bool
	core   map[string]*Rule
}

// find looks a name up as somebody who reads the file would: first in the same section, then in the file's other sections, then in
// those it uses, then in the base, and at last anywhere. The fault is empty when there is an entry, or when the name's own
// declaration could not be read.
func (t *table) find(space nameSpace, name string, from *decl) (e *entry, fault string) {
	all := t.byName[space][name]
	tiers := []func(s *Section) bool{
		func(s *Section) bool { return s == from.section },
		func(s *Section) bool { return slices.Contains(t.inFile[from.pos.File], s) },
		func(s *Section) bool {
			return s.RFC != "" && slices.Contains(from.section.Uses, s.RFC) || slices.Contains(from.section.Uses, s.Name)
		},
		func(s *Section) bool { return s.Base },
		func(*Section) bool { return true },
	}
	for _, holds := range tiers {
		var found []*entry
		for _, e := range all {
			if holds(e.def.section) {
				found = append(found, e)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], ""
		default:
			return nil, fmt.Sprintf("%q means different things at %s and at %s: name one RFC in a clause \"uses\"", name, found[0].def.pos, found[1].def.pos)
		}
	}
	if t.broken[name] {
		return nil, ""
	}
	return nil, fmt.Sprintf("unknown %s %q%s", space, name, t.suggest(space, name))
}

func (t *table) suggest(space nameSpace, name string) string {
	for other, names := range t.byName {
		if names[name] != nil {
			return fmt.Sprintf(" (the %s of that name is another thing)", nameSpace(other))
		}
	}
	known := slices.Collect(maps.Keys(t.byName[space]))
	if space == ruleSpace {
		known = slices.AppendSeq(known, maps.Keys(t.core))
	}
	return suggest(name, known)
}

// suggest gives the known word that is most like a misspelt one, as the end of a message; nothing when none is like it.
func suggest(word string, known []string) string {
	best, least := "", max(len(word)/3, 1)+1
	slices.Sort(known)
	for _, k := range known {
		if d := editDistance(strings.ToLower(word), strings.ToLower(k), least); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// editDistance counts the letters to insert, remove, replace or swap; what is not below the limit may come out too small.
func editDistance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// source is where a section comes from: "rfc3501", or the vendor's name. Two definitions of one name by one source are a fault.
func (s *Section) source() string {
	if s.Vendor != "" {
		return strings.ToLower(s.Vendor)
	}
	return "rfc" + s.RFC
}

// age orders sections: the base, then RFCs as they came out, then vendors.
func (s *Section) age() int {
	n, err := strconv.Atoi(s.RFC)
	if err != nil {
		n = math.MaxInt
	}
	return n
}

// compareDecls orders what several files say about one name, whatever order the files come in.
func compareDecls(a, b *decl) int {
	base := func(d *decl) int {
		if d.section.Base {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(base(a), base(b)), cmp.Compare(a.section.age(), b.section.age()), comparePos(a.pos, b.pos))
}
