package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
)

// with is a list of flags and one more.
func with(flags imap.Flags, more ...imap.Flag) imap.Flags {
	return imap.NewFlags(append(slices.Collect(flags.All()), more...)...) // the mailbox drops what is there twice
}

// without is a list of flags less some.
func without(flags, less imap.Flags) imap.Flags {
	return imap.NewFlags(slices.DeleteFunc(slices.Collect(flags.All()), less.Has)...)
}

const (
	readOnly  = "the mailbox is open for reading only"
	goneSince = "some of these messages no longer exist"
)

// store is STORE and UID STORE (RFC 3501 section 6.4.6). If messages were expunged by another connection, the others are changed
// and the answer is NO, unless nothing is to be told of them anyway (RFC 2180 sections 4.2.1 and 4.2.3). Under UNCHANGEDSINCE those that
// changed later are left alone and named (RFC 7162 section 3.1.3).
func (s *session) store(c *imap.Store) answer {
	if s.view.readOnly {
		return no(nil, readOnly)
	}
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	since, conditional := unchangedSince(c.Modifiers)
	if conditional {
		s.enableModSeq()
	}
	silent, byUID := isSilent(c.Change), !c.Set.IsSeq()
	var news []response
	var modified []row
	gone := false
	s.user.mu.Lock()
	for _, r := range rows {
		switch {
		case r.msg.gone:
			gone = true
			continue
		case conditional && r.msg.modSeq > since:
			modified = append(modified, r)
			continue
		}
		data := s.view.change(r, c.Change)
		if silent && !s.aware.modSeq {
			continue
		}
		if byUID || s.aware.vanished {
			data.UID = r.msg.uid
		}
		news = append(news, data)
	}
	s.user.mu.Unlock()
	s.untagged(news...)
	a := ok(nil, "STORE done")
	if gone && !silent {
		a = no(nil, goneSince)
	}
	if len(modified) > 0 {
		a.code = imap.CodeModified(setOf(modified, byUID))
	}
	return a
}

// unchangedSince finds the modifier UNCHANGEDSINCE.
func unchangedSince(modifiers []imap.StoreModifier) (uint64, bool) {
	for _, m := range modifiers {
		if since, is := m.(imap.StoreUnchangedsince); is {
			return uint64(since), true
		}
	}
	return 0, false
}

// isSilent reports whether a change is not to be told.
func isSilent(change imap.StoreChange) bool {
	switch c := change.(type) {
	case imap.StoreFlags:
		return c.Silent
	case imap.StoreGmLabels:
		return c.Silent
	}
	return false
}

// setOf names messages by their numbers or by their UIDs.
func setOf(rows []row, byUID bool) imap.NumSet {
	numbers := make([]uint32, len(rows))
	for i, r := range rows {
		numbers[i] = r.number(!byUID)
	}
	if byUID {
		return imap.UIDs(numbers...)
	}
	return imap.Seqs(numbers...)
}

// change changes the flags or the labels of a message and returns what STORE tells of it: a silent change tells the mod-sequence
// alone.
func (v *view) change(r row, change imap.StoreChange) *imap.FetchData {
	data := &imap.FetchData{Seq: r.seq}
	switch c := change.(type) {
	case imap.StoreFlags:
		v.box.changeFlags(r.msg, changed(r.msg.flags, c), v)
		if !c.Silent {
			data.Flags = v.flags(r.msg)
			data.Include(imap.MsgAttItemFlags)
		}
	case imap.StoreGmLabels:
		labels := r.msg.storeLabels(c)
		if !c.Silent {
			data.SetGmLabels(labels)
		}
	}
	if v.aware.modSeq {
		data.ModSeq = r.msg.modSeq
	}
	return data
}

// changed is what STORE makes of flags.
func changed(flags imap.Flags, change imap.StoreFlags) imap.Flags {
	switch change.Op {
	case imap.StoreFlagsAdd:
		return with(flags, slices.Collect(change.Flags.All())...)
	case imap.StoreFlagsRemove:
		return without(flags, change.Flags)
	}
	return change.Flags
}
