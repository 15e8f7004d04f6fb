package imaptest

import (
	"slices"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

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
	changes, fault := s.changes(c)
	if fault != "" {
		return bad(fault)
	}
	if changes.since > 0 || slices.Contains(items, imap.FetchAtt(imap.FetchModseq)) {
		s.enableModSeq()
	}
	if changes.since > 0 {
		items = append(slices.Clone(items), imap.FetchModseq) // RFC 7162 section 3.1.4.1
	}
	rows, fine := s.rows(c.Set)
	if !fine {
		return bad(noSuchMessage)
	}
	s.untagged(changes.vanished...)
	unknown := false
	for _, r := range rows {
		// One message at a time: the account's lock is not held while a body goes out.
		s.user.mu.Lock()
		var data *imap.FetchData
		switch {
		case r.msg.modSeq <= changes.since:
		case r.msg.entity().undecodable(items):
			unknown = true
		default:
			data = s.view.fetch(r, items, !c.Set.IsSeq())
		}
		s.user.mu.Unlock()
		if data != nil {
			s.untagged(data)
		}
	}
	if unknown {
		return no(imap.CodeUnknownCte, "a part has a transfer encoding that is not known") // RFC 3516 section 4.3
	}
	return ok(nil, "FETCH done")
}

// changes are what the modifiers of a FETCH ask for.
type changes struct {
	since    uint64     // messages with a higher mod-sequence only
	vanished []response // and what was expunged after it
}

// changes reads the modifiers (RFC 7162 sections 3.1.4.1 and 3.2.6), or says what is wrong with them.
func (s *session) changes(c *imap.Fetch) (list changes, fault string) {
	vanished := false
	for _, m := range c.Modifiers {
		switch m := m.(type) {
		case imap.FetchChangedsince:
			list.since = uint64(m)
		case imap.FetchModifierName:
			vanished = true // VANISHED, the only one that beyond lets through
		}
	}
	switch {
	case !vanished:
		return list, ""
	case c.Set.IsSeq() || list.since == 0 || !s.aware.vanished:
		return list, "VANISHED needs UID FETCH, CHANGEDSINCE and ENABLE QRESYNC"
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	list.vanished = s.view.box.vanished(list.since, c.Set, 0)
	return list, ""
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
	if data.Has(imap.MsgAttItemModseq) || seen && v.aware.modSeq {
		data.ModSeq = r.msg.modSeq
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
	case imap.FetchBinary:
		m.entity().fetchBinary(data, item)
		return !item.Peek
	case imap.FetchBinarySize:
		m.entity().fetchBinarySize(data, item)
	}
	return false
}

func (v *view) fetchName(data *imap.FetchData, m *message, name imap.FetchAttName) (seen bool) {
	switch name {
	case imap.FetchUID:
		data.UID = m.uid
	case imap.FetchFlags:
		data.Include(imap.MsgAttItemFlags) // their value is taken last: another item may set \Seen
	case imap.FetchModseq:
		data.Include(imap.MsgAttItemModseq) // likewise
	case imap.FetchXGmMsgid:
		data.SetGmMsgID(m.gmail.id)
	case imap.FetchXGmThrid:
		data.SetGmThreadID(m.gmail.thread)
	case imap.FetchXGmLabels:
		data.SetGmLabels(m.gmail.labels)
	case imap.FetchInternalDate:
		data.InternalDate = m.date
	case imap.FetchRFC822Size:
		data.Size = uint64(len(m.octets))
	case imap.FetchEnvelope:
		data.Envelope = m.entity().envelope()
	case imap.FetchBody:
		data.SetBody(m.entity().structure(false))
	case imap.FetchBodyStructure:
		data.BodyStructure = m.entity().structure(true)
	case imap.FetchRFC822:
		data.SetRFC822(wire.NewBody(m.octets))
		return true
	case imap.FetchRFC822Header:
		data.SetRFC822Header(wire.NewBody(m.entity().header))
	case imap.FetchRFC822Text:
		data.SetRFC822Text(wire.NewBody(m.entity().body))
		return true
	}
	return false
}

// news is a FETCH that nobody asked for: the flags of a message changed. The UID makes it useful whatever the client counts by.
func (v *view) news(r row) *imap.FetchData {
	data := &imap.FetchData{Seq: r.seq, UID: r.msg.uid, Flags: v.flags(r.msg)}
	data.Include(imap.MsgAttItemFlags)
	if v.aware.modSeq {
		data.ModSeq = r.msg.modSeq
	}
	return data
}
