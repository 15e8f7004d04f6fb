package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
)

// listing is one LIST: the options that RFC 5258, RFC 5819 and RFC 6154 gave it, and what it is about.
type listing struct {
	patterns []string

	subscribed, special, recursive bool // which mailboxes are selected; by nothing: all
	showSubscribed, showChildren   bool // what is told of each
	status                         []imap.StatusAtt
	withUse                        bool // the server knows of special uses
}

// list is LIST (RFC 3501 section 6.3.8; RFC 5258). An empty pattern asks for the delimiter only, unless there are options.
func (s *session) list(c *imap.List) answer {
	extended := c.Select != nil || c.Return != nil || len(c.Patterns) > 1
	if !extended && c.Patterns[0] == "" {
		s.untagged(&imap.ListData{MailboxList: imap.MailboxList{Attrs: []imap.MailboxAttr{imap.MailboxNoselect}, Delim: delimiter}})
		return ok(nil, "LIST done")
	}
	// Real servers tell of children unless the client picked what it wants to hear (RFC 5258 section 4 lets them).
	l := listing{withUse: s.offers(imap.CapSpecialUse), showChildren: !extended}
	for _, p := range c.Patterns {
		if p != "" {
			l.patterns = append(l.patterns, c.Reference+p)
		}
	}
	l.read(c)
	if l.recursive && !l.subscribed && !l.special {
		return bad("RECURSIVEMATCH needs another option beside it") // RFC 5258 section 3.1
	}
	if a := s.statusItems(l.status); a.kind != "" {
		return a
	}
	s.user.mu.Lock()
	found := s.user.list(&l)
	s.user.mu.Unlock()
	s.untagged(found...)
	return ok(nil, "LIST done")
}

// read takes in the options. REMOTE changes nothing: no mailbox here is.
func (l *listing) read(c *imap.List) {
	for _, o := range c.Select {
		switch o {
		case imap.ListSelectSubscribed:
			l.subscribed, l.showSubscribed = true, true
		case imap.ListSelectSpecialUse:
			l.special = true
		case imap.ListSelectRecursivematch:
			l.recursive = true
		}
	}
	for _, o := range c.Return {
		switch o := o.(type) {
		case imap.ListReturnStatus:
			l.status = o
		case imap.ListReturnOptName:
			l.showSubscribed = l.showSubscribed || o == imap.ListReturnSubscribed
			l.showChildren = l.showChildren || o == imap.ListReturnChildren
		}
	}
}

// matches reports whether a name matches one of the patterns.
func (l *listing) matches(name string) bool {
	return slices.ContainsFunc(l.patterns, func(p string) bool { return matchPattern(p, name) })
}

// selects reports whether a name is selected, whatever the patterns say. One that is subscribed may not exist.
func (a *account) selects(l *listing, name string) bool {
	box := a.boxes[name]
	return (!l.subscribed || a.subscribed[name]) && (!l.special || box != nil && len(box.use) > 0) && (l.subscribed || box != nil)
}

// list finds the mailboxes of a listing, in order. Under RECURSIVEMATCH one is there as well for others below it that are selected and
// do not match themselves (RFC 5258 section 3.5).
func (a *account) list(l *listing) []response {
	var found []response
	names := a.candidates(l)
	inside := map[string]bool{}  // names below which something is selected
	hidden := map[string]bool{}  // and is not listed itself
	parents := map[string]bool{} // names below which there are others
	for _, name := range names {
		for _, above := range superiors(name) {
			parents[above] = parents[above] || a.boxes[name] != nil
			if l.recursive && a.selects(l, name) {
				inside[above], hidden[above] = true, hidden[above] || !l.matches(name)
			}
		}
	}
	for _, name := range names {
		if !l.matches(name) || !a.selects(l, name) && !hidden[name] {
			continue
		}
		data := a.listed(l, name, parents[name])
		if inside[name] {
			data.Extended = &imap.MboxListExtended{ChildInfo: l.criteria()}
		}
		found = append(found, &imap.ListData{MailboxList: data})
		if box := a.boxes[name]; l.status != nil && box != nil && !box.nameOnly {
			found = append(found, box.status(l.status))
		}
	}
	return found
}

// candidates are the names that LIST may list: all mailboxes, and what is subscribed, and what lies above that.
func (a *account) candidates(l *listing) []string {
	if !l.subscribed {
		return a.names()
	}
	names := a.names()
	for name := range a.subscribed {
		names = append(append(names, superiors(name)...), name)
	}
	slices.SortFunc(names, byName)
	return slices.Compact(names)
}

// criteria names what the listing selects by.
func (l *listing) criteria() []string {
	var list []string
	if l.subscribed {
		list = append(list, "SUBSCRIBED")
	}
	if l.special {
		list = append(list, "SPECIAL-USE")
	}
	return list
}

// listed is what LIST says of a name, which is a parent of others or not.
func (a *account) listed(l *listing, name string, parent bool) imap.MailboxList {
	data := imap.MailboxList{Delim: delimiter, Mailbox: name}
	add := func(when bool, attrs ...imap.MailboxAttr) {
		if when {
			data.Attrs = append(data.Attrs, attrs...)
		}
	}
	switch box := a.boxes[name]; {
	case box == nil:
		add(true, imap.MailboxNonExistent)
	case box.nameOnly:
		add(true, imap.MailboxNoselect)
	default:
		marked := box.count(func(m *message) bool { return m.recent }) > 0 // something came since it was last selected
		add(marked, imap.MailboxMarked)
		add(!marked, imap.MailboxUnmarked)
		add(l.withUse, box.use...)
	}
	add(l.showSubscribed && a.subscribed[name], imap.MailboxSubscribed)
	add(l.showChildren && parent, imap.MailboxHasChildren)
	add(l.showChildren && !parent, imap.MailboxHasNoChildren)
	return data
}
