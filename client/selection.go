package client

import (
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// A selection is one mailbox as it was selected once, with what the server has said about it since. The Client's lock guards it.
type selection struct {
	name        string
	readOnly    bool
	counted     bool // exists was told
	renumbered  bool // UIDVALIDITY changed: its UIDs mean nothing any more
	exists      uint32
	recent      uint32
	unseen      uint32
	uidNext     uint32
	uidValidity uint32
	flags       imap.Flags
	permanent   imap.Flags
	epoch       uint64

	check func(*conn.Call) error // admits the commands of its handles
}

// observe keeps the snapshot. It runs on the goroutine that reads the connection, for every response, before anybody is given it.
func (c *Client) observe(r conn.Response, _ *conn.Call) {
	switch r.(type) {
	case *imap.ExistsData, *imap.RecentData, *imap.ExpungeData, *imap.VanishedData, *imap.FlagsData, *imap.RespCondStateData:
	default:
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// While SELECT is in flight nothing else is: what comes is about the new mailbox, but for what is removed before its EXISTS.
	s := c.entering
	if s == nil || removes(r) && !s.counted {
		s = c.selected
	}
	if s == nil {
		return
	}
	switch d := r.(type) {
	case *imap.ExistsData:
		// Fewer than before without an EXPUNGE is against RFC 3501 section 7.3.1, but then no number can be trusted.
		if d.Count < s.exists {
			s.epoch = c.nextEpoch()
		}
		s.exists, s.counted = d.Count, true
	case *imap.RecentData:
		s.recent = d.Count
	case *imap.ExpungeData:
		s.remove(1, c.nextEpoch())
	case *imap.VanishedData:
		if !d.Earlier { // else they are not in EXISTS either (RFC 7162 section 3.2.10.1)
			s.remove(d.UIDs.Count(), c.nextEpoch())
		}
	case *imap.FlagsData:
		s.flags = d.Flags
	case *imap.RespCondStateData:
		if d.Code == imap.CodeClosed && s == c.entering {
			// What came before was about the mailbox that is left (RFC 7162 section 3.2.11).
			*s = selection{name: s.name, readOnly: s.readOnly, epoch: s.epoch, check: s.check}
		}
		s.note(d.Code, s == c.selected)
	}
}

func removes(r conn.Response) bool {
	switch r.(type) {
	case *imap.ExpungeData, *imap.VanishedData:
		return true
	}
	return false
}

// remove takes out n messages, so that the numbers of others change.
func (s *selection) remove(n, epoch uint64) {
	s.epoch = epoch
	s.exists -= uint32(min(n, uint64(s.exists)))
}

// note takes what a response code says about the mailbox, while it is being selected or later.
func (s *selection) note(code conn.Code, later bool) {
	switch code := code.(type) {
	case imap.CodeName:
		switch code {
		case imap.CodeReadOnly:
			s.readOnly = true
		case imap.CodeReadWrite:
			s.readOnly = false
		}
	case imap.CodePermanentFlags:
		s.permanent = imap.Flags(code)
	case imap.CodeUIDNext:
		s.uidNext = uint32(code)
	case imap.CodeUnseen:
		s.unseen = uint32(code)
	case imap.CodeUIDValidity:
		if later && s.uidValidity != uint32(code) {
			s.renumbered = true
		}
		s.uidValidity = uint32(code)
	}
}

// nextEpoch gives the number of another state of the sequence numbers; no two selections of a connection share one.
func (c *Client) nextEpoch() uint64 {
	c.epoch++
	return c.epoch
}

// selects tells whether a command selects a mailbox, and begins a selection for it if so.
func selects(cmd conn.Command) *selection {
	switch cmd := cmd.(type) {
	case imap.Select:
		return &selection{name: cmd.Mailbox}
	case *imap.Select:
		return &selection{name: cmd.Mailbox}
	case imap.Examine:
		return &selection{name: cmd.Mailbox, readOnly: true}
	case *imap.Examine:
		return &selection{name: cmd.Mailbox, readOnly: true}
	}
	if cmd.Spec().Next&conn.StateSelected != 0 {
		return &selection{name: cmd.Scope().Key}
	}
	return nil
}

// catchUp takes over what was observed as next, which did not come to be.
func (s *selection) catchUp(next *selection) {
	s.epoch = next.epoch
	if next.counted {
		s.exists = next.exists
	}
}
