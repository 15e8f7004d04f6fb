package imaptest

import (
	"regexp"
	"slices"
)

// messageID is one Message-ID in a header; its left side may stand in quotes.
var messageID = regexp.MustCompile(`<\s*(?:"((?:[^"\\]|\\.)*)"|([^<>@"\s]+))@([^<>@\s]+)\s*>`)

// messageIDs lists the Message-IDs in a header field, without the quotes that make no difference (RFC 5256 section 3).
func messageIDs(header []byte, field string) []string {
	value, _ := headerValue(header, field)
	var list []string
	for _, found := range messageID.FindAllStringSubmatch(value, -1) {
		list = append(list, unquote(`"`+found[1]+`"`)+found[2]+"@"+found[3])
	}
	return list
}

// references lists the messages that a message goes back to, its parent last.
func (r *row) references() []string {
	header := r.msg.entity().header
	if list := messageIDs(header, "References"); len(list) > 0 {
		return list
	}
	if list := messageIDs(header, "In-Reply-To"); len(list) > 0 {
		return list[:1]
	}
	return nil
}

// byReferences is the algorithm REFERENCES, by the numbered steps of RFC 5256 section 3.
func byReferences(found []row) []*node {
	var roots []*node
	for _, n := range linked(found) { // (1)
		if n.parent == nil {
			roots = append(roots, n) // (2)
		}
	}
	roots = prune(roots, true) // (3)
	for _, n := range roots {
		if n.row == nil {
			slices.SortFunc(n.children, bySent)
		}
	}
	slices.SortFunc(roots, bySent) // (4)
	roots = gather(roots)          // (5)
	sortBelow(roots)               // (6)
	return roots
}

// linked makes a node of each message, and of each that is referred to and not there, and links them as parents and children.
func linked(found []row) []*node {
	var all []*node
	byID := map[string]*node{}
	get := func(id string) *node {
		n := byID[id]
		if n == nil {
			n = &node{}
			byID[id], all = n, append(all, n)
		}
		return n
	}
	for i := range found {
		r := &found[i]
		own := newNode(r)
		if ids := messageIDs(r.msg.entity().header, "Message-ID"); len(ids) > 0 && get(ids[0]).row == nil {
			placed := get(ids[0])
			placed.row, placed.sent = own.row, own.sent
			own = placed
		} else { // it has none, or that of another
			all = append(all, own)
		}
		var last *node
		for _, id := range r.references() {
			n := get(id)
			if last != nil && n.parent == nil && !last.within(n) {
				last.link(n)
			}
			last = n
		}
		own.unlink() // what another one's references said, which may have been cut short
		if last != nil && !last.within(own) {
			last.link(own)
		}
	}
	return all
}

// prune takes the dummies out and puts their children in their places; among the roots only where there is one child.
func prune(list []*node, top bool) []*node {
	var kept []*node
	for _, n := range list {
		n.children = prune(n.children, false)
		if n.row != nil || top && len(n.children) > 1 {
			kept = append(kept, n)
			continue
		}
		for _, child := range n.children {
			child.parent = n.parent
		}
		kept = append(kept, n.children...)
	}
	return kept
}

// gather joins the conversations that have the same base subject.
func gather(roots []*node) []*node {
	table := map[string]*node{}
	for _, n := range roots {
		subject, reply := n.first().row.subject()
		t := table[subject]
		if t == nil || t.row != nil && (n.row == nil || isReply(t) && !reply) {
			table[subject] = n
		}
	}
	for _, n := range slices.Clone(roots) {
		subject, reply := n.first().row.subject()
		t := table[subject]
		switch {
		case subject == "" || t == n:
		case t.row == nil && n.row == nil:
			for _, child := range slices.Clone(n.children) {
				t.link(child)
			}
		case t.row == nil, reply && !isReply(t):
			t.link(n)
		default:
			both := &node{}
			both.link(t)
			both.link(n)
			table[subject], roots = both, append(roots, both)
		}
	}
	return slices.DeleteFunc(roots, func(n *node) bool { return n.parent != nil || n.row == nil && len(n.children) == 0 })
}

// isReply reports whether the subject of a conversation is that of a reply or a forward.
func isReply(n *node) bool {
	_, reply := n.first().row.subject()
	return reply
}

// sortBelow sorts siblings by when they were sent, the youngest generation first.
func sortBelow(siblings []*node) {
	for _, n := range siblings {
		sortBelow(n.children)
	}
	slices.SortFunc(siblings, bySent)
}
