package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
)

// view is what one connection knows of the mailbox that it has selected. The mailbox changes under it; the connection is told
// only when IMAP allows it, and until then its sequence numbers mean what they meant (RFC 3501 sections 5.5 and 7.4.1). The
// account's lock guards it.
type view struct {
	box      *mailbox
	readOnly bool
	aware    *awareness        // of the connection
	msgs     []*message        // by sequence number, as the client counts
	recent   map[*message]bool // those that this connection is the first to be told of
	saved    map[*message]bool // "$" (RFC 5182)
	keywords int               // how many of the mailbox's keywords the client was told of

	arrived []*message        // not in msgs yet
	changed map[*message]bool // whose flags another connection changed
	wake    chan struct{}     // something is there to be told; one token is enough
}

// open makes a view of all that is in the mailbox now.
func (b *mailbox) open(readOnly bool, aware *awareness) *view {
	v := &view{
		box: b, readOnly: readOnly, aware: aware, msgs: slices.Clone(b.msgs), keywords: len(b.keywords),
		recent: map[*message]bool{}, changed: map[*message]bool{}, wake: make(chan struct{}, 1),
	}
	for _, m := range v.msgs {
		v.claim(m)
	}
	b.views[v] = struct{}{}
	return v
}

// leave ends the view.
func (v *view) leave() { delete(v.box.views, v) }

// poke wakes the connection if it idles.
func (v *view) poke() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// claim gives the view's connection the \Recent of a message that nobody was told of. EXAMINE sees it and leaves it for the
// next (RFC 3501 section 6.3.2).
func (v *view) claim(m *message) {
	if m.recent {
		v.recent[m] = true
		m.recent = v.readOnly
	}
}

// flags is what the client sees: the flags of a message, with \Recent if it is that here.
func (v *view) flags(m *message) imap.Flags {
	if !v.recent[m] {
		return m.flags
	}
	return imap.NewFlags(slices.Insert(slices.Collect(m.flags.All()), 0, imap.FlagRecent)...)
}

// row is a message with its sequence number.
type row struct {
	seq uint32
	msg *message
}

// number is what the client calls the message: its sequence number, or its UID.
func (r row) number(bySeq bool) uint32 {
	if bySeq {
		return r.seq
	}
	return r.msg.uid
}

// rows lists the messages of a set, of sequence numbers or of UIDs, in the order of the mailbox. ok is false if a sequence
// number is beyond the end; UIDs that do not exist are passed over (RFC 3501 section 6.4.8).
func (v *view) rows(set imap.NumSet) (list []row, ok bool) {
	count := uint32(len(v.msgs))
	if set.IsSeq() {
		for r := range set.Ranges() {
			// An empty mailbox has no "*" either.
			if max(r.First, r.Last) > count || count == 0 {
				return nil, false
			}
		}
	}
	for i, m := range v.msgs {
		if v.in(set, uint32(i+1), m) {
			list = append(list, row{uint32(i + 1), m})
		}
	}
	return list, true
}

// in reports whether a message of the view is in the set.
func (v *view) in(set imap.NumSet, seq uint32, m *message) bool {
	if set.IsSaved() {
		return v.saved[m] && !m.gone // RFC 5182 section 2.1
	}
	last := v.msgs[len(v.msgs)-1].uid
	if set.IsSeq() {
		return set.Contains(seq, uint32(len(v.msgs)))
	}
	return set.Contains(m.uid, last)
}

// updates brings the view up to date and returns what the client has to be told: first what is gone, then how many there are
// now, then flags. Without numbersMayChange nothing is gone yet (RFC 3501 section 7.4.1); new messages come after all others and
// leave the numbers alone.
func (v *view) updates(numbersMayChange bool) []response {
	var out []response
	if numbersMayChange {
		out = v.leavings()
	}
	v.arrived = slices.DeleteFunc(v.arrived, func(m *message) bool {
		if m.gone {
			delete(v.recent, m)
		}
		return m.gone
	})
	if len(v.arrived) > 0 {
		v.msgs = append(v.msgs, v.arrived...)
		v.arrived = nil
		out = append(out, &imap.ExistsData{Count: uint32(len(v.msgs))}, &imap.RecentData{Count: uint32(len(v.recent))})
	}
	if v.keywords < len(v.box.keywords) {
		v.keywords = len(v.box.keywords)
		out = append(out, &imap.FlagsData{Flags: imap.NewFlags(v.box.flagList()...)})
	}
	if len(v.changed) > 0 {
		for i, m := range v.msgs {
			if v.changed[m] && !m.gone {
				out = append(out, v.news(row{uint32(i + 1), m}))
			}
		}
		clear(v.changed)
	}
	return out
}

// leavings takes what is gone out of the view and returns what says so.
func (v *view) leavings() []response {
	var out []response
	var uids []uint32
	// From the last to the first, so that each number is right whatever was told before.
	for i, m := range slices.Backward(v.msgs) {
		if m.gone {
			out, uids = append(out, &imap.ExpungeData{Seq: uint32(i + 1)}), append(uids, m.uid)
			v.msgs = slices.Delete(v.msgs, i, i+1)
			delete(v.recent, m)
		}
	}
	if v.aware.vanished && len(uids) > 0 {
		return []response{&imap.VanishedData{UIDs: imap.UIDs(uids...)}}
	}
	return out
}
