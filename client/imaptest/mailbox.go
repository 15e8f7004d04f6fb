package imaptest

import (
	"slices"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// systemFlags are those that every mailbox keeps (RFC 3501 section 2.3.2).
var systemFlags = []imap.Flag{imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft}

// mailbox holds messages in the order of their UIDs. The account's lock guards it.
type mailbox struct {
	name     string
	nameOnly bool // \Noselect: a name with others below it, no messages
	validity uint32
	uidNext  uint32
	modSeq   uint64 // the highest mod-sequence given out (RFC 7162)
	use      []imap.MailboxAttr
	msgs     []*message
	gone     []tombstone
	keywords []imap.Flag // flags other than the system's that any message ever had
	views    map[*view]struct{}
}

// message is one message. Its octets never change; the rest is guarded by the account's lock.
type message struct {
	uid    uint32
	flags  imap.Flags // without \Recent, which is a matter of the view
	date   time.Time
	modSeq uint64
	gmail  *identity
	octets []byte
	recent bool // no connection has been told of it yet
	gone   bool // expunged; a view that was not told still shows it

	parsed *entity // set by entity
}

// entity is the message cut into its parts, once.
func (m *message) entity() *entity {
	if m.parsed == nil {
		m.parsed = parseMessage(m.octets)
	}
	return m.parsed
}

// add puts a message at the end and tells the views.
func (b *mailbox) add(octets []byte, flags imap.Flags, date time.Time, gmail *identity) *message {
	m := &message{uid: b.uidNext, date: date, octets: octets, gmail: gmail, recent: true}
	b.uidNext++
	b.setFlags(m, flags)
	m.modSeq = b.nextModSeq()
	b.msgs = append(b.msgs, m)
	for v := range b.views {
		v.arrived = append(v.arrived, m)
		v.claim(m)
		v.poke()
	}
	return m
}

// copy puts a copy of a message at the end.
func (b *mailbox) copy(m *message) *message { return b.add(m.octets, m.flags, m.date, m.gmail) }

// expunge removes the messages with \Deleted that pick wants and tells the views.
func (b *mailbox) expunge(pick func(*message) bool) (dropped bool) {
	return b.drop(func(m *message) bool { return m.flags.Has(imap.FlagDeleted) && pick(m) })
}

// drop removes the messages that pick wants and tells the views. It reports whether there were any.
func (b *mailbox) drop(pick func(*message) bool) (dropped bool) {
	b.msgs = slices.DeleteFunc(b.msgs, func(m *message) bool {
		if !pick(m) {
			return false
		}
		if !dropped {
			dropped = true
			b.nextModSeq()
		}
		m.gone = true
		b.gone = append(b.gone, tombstone{m.uid, b.modSeq})
		return true
	})
	if dropped {
		for v := range b.views {
			v.poke()
		}
	}
	return dropped
}

// moveAll moves all messages into an empty mailbox.
func (b *mailbox) moveAll(to *mailbox) {
	for _, m := range b.msgs {
		to.copy(m)
	}
	b.drop(func(*message) bool { return true })
}

// setFlags gives a message these flags and reports whether they differ from what it had. \Recent is not the client's to set.
func (b *mailbox) setFlags(m *message, flags imap.Flags) bool {
	kept := make([]imap.Flag, 0, flags.Len())
	for f := range flags.All() {
		switch {
		case f.Is(imap.FlagRecent) || hasFlag(kept, f):
			continue
		case !hasFlag(systemFlags, f) && !hasFlag(b.keywords, f):
			b.keywords = append(b.keywords, f)
		}
		kept = append(kept, f)
	}
	now := imap.NewFlags(kept...)
	if m.flags.Equal(now) {
		return false
	}
	m.flags = now
	return true
}

// changeFlags gives a message these flags and tells the views other than by.
func (b *mailbox) changeFlags(m *message, flags imap.Flags, by *view) {
	if !b.setFlags(m, flags) {
		return
	}
	m.modSeq = b.nextModSeq()
	for v := range b.views {
		if v != by {
			v.changed[m] = true
			v.poke()
		}
	}
}

// flagList is what FLAGS says: the flags that messages here can have.
func (b *mailbox) flagList() []imap.Flag { return slices.Concat(systemFlags, b.keywords) }

// count counts the messages that are such.
func (b *mailbox) count(such func(*message) bool) uint32 {
	var n uint32
	for _, m := range b.msgs {
		if such(m) {
			n++
		}
	}
	return n
}

// hasFlag reports whether a flag is in a list, in any case.
func hasFlag(list []imap.Flag, f imap.Flag) bool { return slices.ContainsFunc(list, f.Is) }
