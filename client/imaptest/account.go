package imaptest

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/parley-go/parley/generated/imap"
)

var (
	errExists    = errors.New("mailbox exists already")
	errNoMailbox = errors.New("no such mailbox")
	errInbox     = errors.New("INBOX cannot be deleted")
	errUse       = errors.New("no mailbox can be for this")
	errChildren  = errors.New("mailbox is a name only and has others below it")
)

// account is a user and what belongs to him. Its lock guards all of it: mailboxes, messages, and the views that connections
// have of them. It is held while something is looked up or changed, never while anything is written to a connection.
type account struct {
	name, password string

	mu         sync.Mutex
	boxes      map[string]*mailbox
	subscribed map[string]bool
	validity   uint32            // the last UIDVALIDITY given out: no mailbox has one that another of the same name had
	messages   uint64            // how many were delivered
	threads    map[string]uint64 // the conversations, by the Message-IDs in them
}

func newAccount(u User) *account {
	a := &account{name: u.Name, password: u.Password, boxes: map[string]*mailbox{}, subscribed: map[string]bool{}, threads: map[string]uint64{}}
	a.add(inbox)
	return a
}

// add makes a mailbox, which must not exist, and the names above it.
func (a *account) add(name string) *mailbox {
	for _, above := range superiors(name) {
		if a.boxes[above] == nil {
			a.boxes[above] = a.newMailbox(above)
		}
	}
	box := a.newMailbox(name)
	a.boxes[name] = box
	return box
}

func (a *account) newMailbox(name string) *mailbox {
	a.validity++
	return &mailbox{name: name, validity: a.validity, uidNext: 1, modSeq: 1, views: map[*view]struct{}{}}
}

// find returns a mailbox that messages can be in.
func (a *account) find(name string) (*mailbox, error) {
	box := a.boxes[canonical(name)]
	if box == nil || box.nameOnly {
		return nil, errNoMailbox
	}
	return box, nil
}

// create is CREATE (RFC 3501 section 6.3.3).
func (a *account) create(name string, use ...imap.MailboxAttr) error {
	name = canonical(strings.TrimSuffix(name, string(delimiter)))
	if err := checkName(name); err != nil {
		return err
	}
	use, err := specialUse(use)
	if err != nil {
		return err
	}
	box := a.boxes[name]
	switch {
	case box == nil:
		box = a.add(name)
	case box.nameOnly:
		box = a.newMailbox(name)
		a.boxes[name] = box
	default:
		return errExists
	}
	box.use = use
	return nil
}

// uses are what a mailbox can be for (RFC 6154 section 2).
var uses = []imap.MailboxAttr{
	imap.MailboxAll, imap.MailboxArchive, imap.MailboxDrafts, imap.MailboxFlagged, imap.MailboxJunk, imap.MailboxSent, imap.MailboxTrash,
}

// specialUse spells uses as RFC 6154 does, each once.
func specialUse(asked []imap.MailboxAttr) ([]imap.MailboxAttr, error) {
	var list []imap.MailboxAttr
	for _, attr := range asked {
		i := slices.IndexFunc(uses, func(u imap.MailboxAttr) bool { return strings.EqualFold(string(u), string(attr)) })
		if i < 0 {
			return nil, errUse
		}
		if !slices.Contains(list, uses[i]) {
			list = append(list, uses[i])
		}
	}
	return list, nil
}

// remove is DELETE: a mailbox with others below it stays as a name (RFC 3501 section 6.3.4). Connections that have it selected
// keep what they see of it.
func (a *account) remove(name string) error {
	name = canonical(name)
	box := a.boxes[name]
	switch {
	case name == inbox:
		return errInbox
	case box == nil:
		return errNoMailbox
	case !a.hasBelow(name):
		delete(a.boxes, name)
		return nil
	case box.nameOnly:
		return errChildren
	}
	a.boxes[name] = &mailbox{name: name, nameOnly: true}
	return nil
}

// rename is RENAME with all that lies below; of INBOX only the messages move (RFC 3501 section 6.3.5).
func (a *account) rename(from, to string) error {
	from, to = canonical(from), canonical(to)
	if err := checkName(to); err != nil {
		return err
	}
	switch {
	case a.boxes[from] == nil:
		return errNoMailbox
	case a.boxes[to] != nil:
		return errExists
	case below(to, from):
		return errName // it would be below itself
	}
	if from == inbox {
		a.boxes[inbox].moveAll(a.add(to))
		return nil
	}
	for _, name := range a.names() {
		if name != from && !below(name, from) {
			continue
		}
		box := a.boxes[name]
		delete(a.boxes, name)
		box.name = to + strings.TrimPrefix(name, from)
		a.boxes[box.name] = box
	}
	for _, above := range superiors(to) {
		if a.boxes[above] == nil {
			a.boxes[above] = a.newMailbox(above)
		}
	}
	return nil
}

// names lists all names in order, INBOX first.
func (a *account) names() []string {
	return slices.SortedFunc(maps.Keys(a.boxes), byName)
}

// byName puts INBOX first.
func byName(x, y string) int {
	switch {
	case x == y:
		return 0
	case x == inbox:
		return -1
	case y == inbox:
		return 1
	}
	return strings.Compare(x, y)
}

// hasBelow reports whether there are mailboxes below a name.
func (a *account) hasBelow(name string) bool {
	for other := range a.boxes {
		if below(other, name) {
			return true
		}
	}
	return false
}
