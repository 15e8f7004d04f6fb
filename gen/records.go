package gen

import (
	"slices"
	"strings"
)

// This file finds the items of records.

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
