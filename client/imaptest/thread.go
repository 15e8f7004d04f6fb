package imaptest

import (
	"cmp"
	"slices"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// thread is THREAD and UID THREAD (RFC 5256 section 3).
func (s *session) thread(c *imap.Thread) answer {
	found, a := s.find(c.Charset, c.Keys)
	if a.kind != "" {
		return a
	}
	s.user.mu.Lock()
	var roots []*node
	switch c.Algorithm {
	case imap.ThreadOrderedsubject:
		roots = orderedSubject(found)
	case imap.ThreadReferences:
		roots = byReferences(found)
	}
	s.user.mu.Unlock()
	data := &imap.ThreadData{}
	for _, n := range roots {
		data.Threads = append(data.Threads, n.list(c.ByNumber))
	}
	s.untagged(data)
	return ok(nil, "THREAD done")
}

// node is a message in a conversation, or a dummy for one that is not there.
type node struct {
	row      *row // nil for a dummy
	sent     time.Time
	parent   *node
	children []*node
}

// newNode makes the node of a message.
func newNode(r *row) *node { return &node{row: r, sent: r.msg.sent()} }

// list is a conversation as THREAD tells it: only children in a row are told without parentheses.
func (n *node) list(bySeq bool) imap.ThreadList {
	var list imap.ThreadList
	for {
		if n.row != nil {
			list.IDs = append(list.IDs, n.row.number(bySeq))
		}
		if len(n.children) != 1 {
			break
		}
		n = n.children[0]
	}
	for _, child := range n.children {
		list.Nested = append(list.Nested, child.list(bySeq))
	}
	return list
}

// link makes a node the child of another.
func (n *node) link(child *node) {
	child.unlink()
	child.parent = n
	n.children = append(n.children, child)
}

// unlink takes a node from its parent.
func (n *node) unlink() {
	if n.parent != nil {
		n.parent.children = slices.DeleteFunc(n.parent.children, func(c *node) bool { return c == n })
		n.parent = nil
	}
}

// within reports whether a node is another one or lies below it.
func (n *node) within(top *node) bool {
	for ; n != nil; n = n.parent {
		if n == top {
			return true
		}
	}
	return false
}

// first is the node of the message that a node is sorted by and has its subject from: itself, or for a dummy its first child.
func (n *node) first() *node {
	if n.row == nil {
		return n.children[0].first()
	}
	return n
}

// bySent compares nodes by when they were sent, and then by their places in the mailbox (RFC 5256 section 2.2).
func bySent(x, y *node) int {
	a, b := x.first(), y.first()
	return cmp.Or(a.sent.Compare(b.sent), cmp.Compare(a.row.seq, b.row.seq))
}

// subject is the base subject, ready to be compared, and whether the message is a reply or a forward.
func (r *row) subject() (base string, reply bool) {
	v, _ := headerValue(r.msg.entity().header, "Subject")
	base, reply = baseSubject(imap.Text{Raw: v, Valid: true}.String())
	return collate(base), reply
}

// orderedSubject threads by subject alone: the first message of each is the parent of all others.
func orderedSubject(found []row) []*node {
	roots := map[string]*node{}
	var list []*node
	nodes := make([]*node, len(found))
	for i := range found {
		nodes[i] = newNode(&found[i])
	}
	slices.SortFunc(nodes, bySent)
	for _, n := range nodes {
		base, _ := n.row.subject()
		if root := roots[base]; root != nil {
			root.link(n)
			continue
		}
		roots[base], list = n, append(list, n)
	}
	return list
}
