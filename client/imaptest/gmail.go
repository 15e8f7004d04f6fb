package imaptest

import (
	"slices"
	"strings"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// identity is what Gmail knows a message by, in whatever mailboxes it lies (X-GM-EXT-1): its copies share one. The account's lock
// guards it.
type identity struct {
	id     uint64 // X-GM-MSGID
	thread uint64 // X-GM-THRID: the id of the first message of the conversation
	labels []imap.GmLabel
}

// deliver puts a new message into a mailbox. It belongs to the conversation of the messages that it answers.
func (a *account) deliver(box *mailbox, octets []byte, flags imap.Flags, date time.Time) *message {
	m := box.add(octets, flags, date, &identity{id: a.nextID()})
	m.gmail.thread = m.gmail.id
	header, _ := cutHeader(octets)
	own := messageIDs(header, "Message-ID")
	for _, id := range slices.Concat(own, messageIDs(header, "References"), messageIDs(header, "In-Reply-To")) {
		if thread, found := a.threads[id]; found {
			m.gmail.thread = thread
			break
		}
	}
	for _, id := range own {
		a.threads[id] = m.gmail.thread
	}
	return m
}

// nextID gives out numbers that look like those of Gmail: too large for a float64, which is what clients get wrong.
func (a *account) nextID() uint64 {
	a.messages++
	return 1<<60 | a.messages
}

// storeLabels is STORE of X-GM-LABELS and gives the labels that the message has then. Labels are only labels here: Gmail shows them as
// mailboxes as well.
func (m *message) storeLabels(change imap.StoreGmLabels) []imap.GmLabel {
	labels := m.gmail.labels
	switch change.Op {
	case "":
		labels = nil
		fallthrough
	case imap.StoreGmLabelsAdd:
		labels = slices.Clone(labels)
		for _, l := range change.Labels {
			if !hasLabel(labels, l) {
				labels = append(labels, l)
			}
		}
	case imap.StoreGmLabelsRemove:
		labels = slices.DeleteFunc(slices.Clone(labels), func(l imap.GmLabel) bool { return hasLabel(change.Labels, l) })
	}
	m.gmail.labels = labels
	return labels
}

// hasLabel reports whether a label is in a list, in any case.
func hasLabel(list []imap.GmLabel, l imap.GmLabel) bool {
	return slices.ContainsFunc(list, func(x imap.GmLabel) bool { return strings.EqualFold(string(x), string(l)) })
}
