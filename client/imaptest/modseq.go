package imaptest

import (
	"iter"

	"github.com/parley-go/parley/generated/imap"
)

// awareness is what a connection has said that it understands of mod-sequences (RFC 7162). Once said it holds to the end.
type awareness struct {
	modSeq   bool // CONDSTORE: FETCH that nobody asked for tells the mod-sequence (section 3.1)
	vanished bool // QRESYNC: VANISHED comes in the place of EXPUNGE (section 3.2.10)
}

// tombstone is what is left of a message: the mod-sequence at which it was expunged.
type tombstone struct {
	uid    uint32
	modSeq uint64
}

// nextModSeq gives out the next mod-sequence of the mailbox.
func (b *mailbox) nextModSeq() uint64 {
	b.modSeq++
	return b.modSeq
}

// vanished lists what was expunged after a mod-sequence, as far as the client knew of it: UIDs in known, above floor.
func (b *mailbox) vanished(since uint64, known imap.NumSet, floor uint32) []response {
	var uids []uint32
	for _, t := range b.gone {
		if t.modSeq > since && t.uid > floor && known.Contains(t.uid, b.uidNext-1) {
			uids = append(uids, t.uid)
		}
	}
	if len(uids) == 0 {
		return nil
	}
	return []response{&imap.VanishedData{Earlier: true, UIDs: imap.UIDs(uids...)}}
}

// enableModSeq notes that the client understands mod-sequences. The first command to show it is told the highest of the mailbox
// that is selected (RFC 7162 section 3.1).
func (s *session) enableModSeq() {
	if s.aware.modSeq || !s.offers(imap.CapCondstore) {
		return
	}
	s.aware.modSeq = true
	if s.view == nil {
		return
	}
	s.user.mu.Lock()
	news := s.view.box.highest()
	s.user.mu.Unlock()
	s.untagged(news)
}

// highest tells the highest mod-sequence of the mailbox.
func (b *mailbox) highest() response {
	return status(ok(imap.CodeHighestmodseq(b.modSeq), "the highest mod-sequence"))
}

// withHighest adds the highest mod-sequence to the answer to a command that expunged something (RFC 7162 sections 3.2.7 and 3.2.9).
func (s *session) withHighest(a answer, expunged bool) answer {
	if s.aware.vanished && expunged && a.code == nil {
		a.code = imap.CodeHighestmodseq(s.view.box.modSeq)
	}
	return a
}

// resync is what SELECT tells a client that was here before (RFC 7162 section 3.2.5): what was expunged and what was changed since.
func (v *view) resync(q imap.SelectQresync) []response {
	if q.UIDValidity != v.box.validity {
		return nil // the client sees it, and that nothing it knew holds
	}
	known := q.KnownUIDs
	if known.IsZero() {
		known = imap.UIDRange(1, 0)
	}
	out := v.box.vanished(q.ModSeq, known, v.matched(q))
	for i, m := range v.msgs {
		if m.modSeq > q.ModSeq && known.Contains(m.uid, v.box.uidNext-1) {
			out = append(out, v.news(row{uint32(i + 1), m}))
		}
	}
	return out
}

// matched is the highest UID up to which the client has the right sequence numbers: it knows of all that was expunged below it
// (RFC 7162 section 3.2.5.2).
func (v *view) matched(q imap.SelectQresync) (floor uint32) {
	next, stop := iter.Pull(q.MatchUIDs.All())
	defer stop()
	for seq := range q.MatchSeqs.All() {
		uid, found := next()
		if !found || int64(seq) > int64(len(v.msgs)) || v.msgs[seq-1].uid != uid {
			break
		}
		floor = uid
	}
	return floor
}
