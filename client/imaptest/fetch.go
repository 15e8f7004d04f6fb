package imaptest

import (
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// fetchNames are the items that are one word.
var fetchNames = []imap.FetchAttName{
	imap.FetchUID, imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope, imap.FetchRFC822,
	imap.FetchRFC822Header, imap.FetchRFC822Text, imap.FetchBody, imap.FetchBodyStructure,
}

// macros are what the words ALL, FAST and FULL stand for (RFC 3501 section 6.4.5).
var macros = map[imap.FetchMacro][]imap.FetchAtt{
	imap.FetchAll:  {imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope},
	imap.FetchFast: {imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size},
	imap.FetchFull: {imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope, imap.FetchBody},
}

// fetch is FETCH and UID FETCH (RFC 3501 section 6.4.5). Messages that another connection expunged are still given to one that
// was not told of it (RFC 2180 section 4.1.1).
func (s *session) fetch(c *imap.Fetch) answer {
	items := c.Items
	if c.Macro != "" {
		items = macros[c.Macro]
	}
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	for _, r := range rows {
		// One message at a time: the account's lock is not held while a body goes out.
		s.user.mu.Lock()
		data := s.view.fetch(r, items, !c.Set.IsSeq())
		s.user.mu.Unlock()
		s.untagged(data)
	}
	return ok(nil, "FETCH done")
}

const noSuchMessage = "there is no message with this number"

// rows lists the messages of a set.
func (s *session) rows(set imap.NumSet) ([]row, bool) {
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	return s.view.rows(set)
}

// fetch collects items of one message. What shows its text sets \Seen, and the client is told so.
func (v *view) fetch(r row, items []imap.FetchAtt, uid bool) *imap.FetchData {
	data := &imap.FetchData{Seq: r.seq}
	seen := false
	for _, item := range items {
		seen = v.fetchItem(data, r.msg, item) || seen
	}
	if uid {
		data.UID = r.msg.uid
	}
	if seen && !v.readOnly && !r.msg.flags.Has(imap.FlagSeen) {
		v.box.changeFlags(r.msg, with(r.msg.flags, imap.FlagSeen), v)
		data.Include(imap.MsgAttItemFlags)
	}
	if data.Has(imap.MsgAttItemFlags) {
		data.Flags = v.flags(r.msg)
	}
	return data
}

// fetchItem adds one item and reports whether the client sees the text of the message by it.
func (v *view) fetchItem(data *imap.FetchData, m *message, item imap.FetchAtt) (seen bool) {
	switch item := item.(type) {
	case imap.FetchAttName:
		return v.fetchName(data, m, item)
	case imap.FetchBodySection:
		octets, found := m.entity().section(item.Section)
		section := imap.MsgAttBodySection{Section: item.Section}
		if found {
			section.Data = wire.NewBody(cutPartial(octets, item.Partial))
		}
		if item.Partial != nil {
			section.Origin = wire.Some(item.Partial.Offset)
		}
		data.BodySection = append(data.BodySection, section)
		return !item.Peek
	}
	return false
}

func (v *view) fetchName(data *imap.FetchData, m *message, name imap.FetchAttName) (seen bool) {
	switch name {
	case imap.FetchUID:
		data.UID = m.uid
	case imap.FetchFlags:
		data.Include(imap.MsgAttItemFlags) // their value is taken last: another item may set \Seen
	case imap.FetchInternalDate:
		data.InternalDate = m.date
	case imap.FetchRFC822Size:
		data.Size = uint64(len(m.octets))
	case imap.FetchEnvelope:
		data.Envelope = m.entity().envelope()
	case imap.FetchBody:
		data.Body = m.entity().structure(false)
	case imap.FetchBodyStructure:
		data.BodyStructure = m.entity().structure(true)
	case imap.FetchRFC822:
		data.RFC822 = wire.NewBody(m.octets)
		return true
	case imap.FetchRFC822Header:
		data.RFC822Header = wire.NewBody(m.entity().header)
	case imap.FetchRFC822Text:
		data.RFC822Text = wire.NewBody(m.entity().body)
		return true
	}
	return false
}

// news is a FETCH that nobody asked for: the flags of a message changed. The UID makes it useful whatever the client counts by.
func (v *view) news(r row) *imap.FetchData {
	data := &imap.FetchData{Seq: r.seq, UID: r.msg.uid, Flags: v.flags(r.msg)}
	data.Include(imap.MsgAttItemFlags)
	return data
}
