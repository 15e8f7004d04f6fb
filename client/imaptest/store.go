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
// and the answer is NO, unless nothing is to be told of them anyway (RFC 2180 sections 4.2.1 and 4.2.3).
func (s *session) store(c *imap.Store) answer {
	if s.view.readOnly {
		return no(nil, readOnly)
	}
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	change := c.Change.(imap.StoreFlags) // anything else was refused by beyond
	var news []response
	gone := false
	s.user.mu.Lock()
	for _, r := range rows {
		if r.msg.gone {
			gone = true
			continue
		}
		v := s.view
		v.box.changeFlags(r.msg, changed(r.msg.flags, change), v)
		if !change.Silent {
			data := &imap.FetchData{Seq: r.seq, Flags: v.flags(r.msg)}
			data.Include(imap.MsgAttItemFlags)
			if !c.Set.IsSeq() {
				data.UID = r.msg.uid
			}
			news = append(news, data)
		}
	}
	s.user.mu.Unlock()
	s.untagged(news...)
	if gone && !change.Silent {
		return no(nil, goneSince)
	}
	return ok(nil, "STORE done")
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

// copy is COPY and UID COPY, all or nothing (RFC 3501 section 6.4.7), and its code COPYUID (RFC 4315 section 3).
func (s *session) copy(c *imap.Copy) answer {
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	to, err := s.user.find(c.Mailbox)
	if err != nil {
		return missing(err)
	}
	if slices.ContainsFunc(rows, func(r row) bool { return r.msg.gone }) {
		return no(nil, goneSince) // RFC 2180 section 4.4.1
	}
	var source, dest []uint32
	for _, r := range rows {
		m := to.add(r.msg.octets, r.msg.flags, r.msg.date)
		source, dest = append(source, r.msg.uid), append(dest, m.uid)
	}
	a := ok(nil, "COPY done")
	if len(rows) == 0 {
		return a // UIDs that do not exist are no error, and there is nothing to name
	}
	return s.withUIDs(a, imap.CodeCopyUID{UIDValidity: to.validity, Source: imap.UIDs(source...), Dest: imap.UIDs(dest...)})
}

// expunge is EXPUNGE; the client is told as with any other news, before the answer (RFC 3501 section 6.4.3).
func (s *session) expunge(pick func(*message) bool) answer {
	if s.view.readOnly {
		return no(nil, readOnly)
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	s.view.box.expunge(pick)
	return ok(nil, "EXPUNGE done")
}

// expungeSet is UID EXPUNGE (RFC 4315 section 2.1).
func (s *session) expungeSet(set imap.NumSet) answer {
	rows, _ := s.rows(set)
	named := map[*message]bool{}
	for _, r := range rows {
		named[r.msg] = true
	}
	return s.expunge(func(m *message) bool { return named[m] })
}
