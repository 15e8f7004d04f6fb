package peers

import (
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/parley-go/parley/generated/internal/workload"
)

// A goimapSink takes what the client of go-imap makes of a workload.
type goimapSink struct {
	message func(*imapclient.FetchMessageBuffer)
	mailbox func(*imap.ListData)
	uids    func(imap.UIDSet)
}

// runGoimap does what run does.
func runGoimap(w *workload.Workload, sink goimapSink) error {
	c := imapclient.New(newReplay(w), nil)
	defer func() { _ = c.Close() }()
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		return err
	}
	all := imap.UIDSet{{Start: 1, Stop: imap.UID(w.LastUID)}}
	switch w.Name {
	case "W1 ENVELOPE":
		return fetchGoimap(c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true, Envelope: true}), sink)
	case "W2 BODYSTRUCTURE":
		return fetchGoimap(c.Fetch(all, &imap.FetchOptions{UID: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}), sink)
	case "W3 FLAGS":
		return fetchGoimap(c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, ModSeq: true}), sink)
	case "W8 LIST":
		list := c.List("", "*", nil)
		for m := list.Next(); m != nil; m = list.Next() {
			sink.mailbox(m)
		}
		return list.Close()
	case "W8 SEARCH":
		return searchGoimap(c, nil, sink)
	case "W8 ESEARCH":
		return searchGoimap(c, &imap.SearchOptions{ReturnAll: true}, sink)
	}
	return fmt.Errorf("no command for %s", w.Name)
}

func fetchGoimap(cmd *imapclient.FetchCommand, sink goimapSink) error {
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		b, err := m.Collect()
		if err != nil {
			return err
		}
		sink.message(b)
	}
	return cmd.Close()
}

func searchGoimap(c *imapclient.Client, o *imap.SearchOptions, sink goimapSink) error {
	found, err := c.UIDSearch(&imap.SearchCriteria{}, o).Wait()
	if err != nil {
		return err
	}
	uids, ok := found.All.(imap.UIDSet)
	if !ok {
		return fmt.Errorf("search gave %T", found.All)
	}
	sink.uids(uids)
	return nil
}

// touchGoimap reads every field, as workload.Sum does.
func touchGoimap(s *workload.Sum) goimapSink {
	return goimapSink{
		message: func(m *imapclient.FetchMessageBuffer) {
			s.Number(uint64(m.SeqNum))
			s.Number(uint64(m.UID))
			for _, f := range m.Flags {
				s.Text(string(f))
			}
			s.Number(m.ModSeq)
			s.Number(uint64(m.RFC822Size))
			if !m.InternalDate.IsZero() {
				s.Number(uint64(m.InternalDate.Unix()))
			}
			if m.Envelope != nil {
				touchEnvelope(s, m.Envelope)
			}
			if m.BodyStructure != nil {
				touchStructure(s, m.BodyStructure)
			}
		},
		mailbox: func(m *imap.ListData) {
			for _, a := range m.Attrs {
				s.Text(string(a))
			}
			s.Number(uint64(m.Delim))
			s.Text(m.Mailbox)
		},
		uids: func(set imap.UIDSet) {
			for _, r := range set {
				s.Number(uint64(r.Start))
				s.Number(uint64(r.Stop))
			}
		},
	}
}

func touchEnvelope(s *workload.Sum, e *imap.Envelope) {
	s.Number(uint64(e.Date.Unix()))
	s.Text(e.Subject)
	for _, list := range [][]imap.Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		for i := range list {
			s.Text(list[i].Name)
			s.Text(list[i].Mailbox)
			s.Text(list[i].Host)
		}
	}
	for _, id := range e.InReplyTo {
		s.Text(id)
	}
	s.Text(e.MessageID)
}

func touchStructure(s *workload.Sum, b imap.BodyStructure) {
	params := func(m map[string]string) {
		for k, v := range m {
			s.Text(k)
			s.Text(v)
		}
	}
	disposition := func(d *imap.BodyStructureDisposition) {
		if d != nil {
			s.Text(d.Value)
			params(d.Params)
		}
	}
	switch b := b.(type) {
	case *imap.BodyStructureMultiPart:
		s.Text(b.Subtype)
		for _, child := range b.Children {
			touchStructure(s, child)
		}
		if x := b.Extended; x != nil {
			params(x.Params)
			disposition(x.Disposition)
			for _, l := range x.Language {
				s.Text(l)
			}
			s.Text(x.Location)
		}
	case *imap.BodyStructureSinglePart:
		s.Text(b.Type)
		s.Text(b.Subtype)
		params(b.Params)
		s.Text(b.ID)
		s.Text(b.Description)
		s.Text(b.Encoding)
		s.Number(uint64(b.Size))
		if b.Text != nil {
			s.Number(uint64(b.Text.NumLines))
		}
		if m := b.MessageRFC822; m != nil {
			touchEnvelope(s, m.Envelope)
			touchStructure(s, m.BodyStructure)
			s.Number(uint64(m.NumLines))
		}
		if x := b.Extended; x != nil {
			disposition(x.Disposition)
			for _, l := range x.Language {
				s.Text(l)
			}
			s.Text(x.Location)
		}
	}
}

// collectGoimap takes everything over into the common form.
func collectGoimap(v *values) goimapSink {
	return goimapSink{
		message: func(m *imapclient.FetchMessageBuffer) {
			out := message{Seq: m.SeqNum, UID: uint32(m.UID), ModSeq: m.ModSeq, InternalDate: momentOf(m.InternalDate), Size: uint64(m.RFC822Size)}
			for _, f := range m.Flags {
				out.Flags = append(out.Flags, string(f))
			}
			if m.Envelope != nil {
				out.Envelope = envelopeOfGoimap(m.Envelope)
			}
			if m.BodyStructure != nil {
				out.Structure = partOfGoimap(m.BodyStructure)
			}
			v.Messages = append(v.Messages, out)
		},
		mailbox: func(m *imap.ListData) {
			out := mailbox{Delim: m.Delim, Name: m.Mailbox}
			for _, a := range m.Attrs {
				out.Attrs = append(out.Attrs, string(a))
			}
			v.Mailboxes = append(v.Mailboxes, out)
		},
		uids: func(set imap.UIDSet) {
			for _, r := range set {
				v.Numbers = append(v.Numbers, span{uint32(r.Start), uint32(r.Stop)})
			}
		},
	}
}

func envelopeOfGoimap(e *imap.Envelope) *envelope {
	return &envelope{
		Date: momentOf(e.Date), Subject: e.Subject,
		From: addressesOfGoimap(e.From), Sender: addressesOfGoimap(e.Sender), ReplyTo: addressesOfGoimap(e.ReplyTo),
		To: addressesOfGoimap(e.To), Cc: addressesOfGoimap(e.Cc), Bcc: addressesOfGoimap(e.Bcc),
		InReplyTo: strings.Join(e.InReplyTo, " "), MessageID: e.MessageID,
	}
}

func addressesOfGoimap(list []imap.Address) (out []address) {
	for _, a := range list {
		out = append(out, address(a))
	}
	return out
}

func partOfGoimap(b imap.BodyStructure) *part {
	p := new(part)
	var disposition *imap.BodyStructureDisposition
	switch b := b.(type) {
	case *imap.BodyStructureMultiPart:
		p.Subtype = b.Subtype
		for _, child := range b.Children {
			p.Parts = append(p.Parts, partOfGoimap(child))
		}
		if x := b.Extended; x != nil {
			p.Params, disposition, p.Language, p.Location = x.Params, x.Disposition, x.Language, x.Location
		}
	case *imap.BodyStructureSinglePart:
		p.Type, p.Subtype, p.Params, p.ID, p.Description = b.Type, b.Subtype, b.Params, b.ID, b.Description
		p.Encoding, p.Octets = b.Encoding, uint64(b.Size)
		if b.Text != nil {
			p.Lines = uint64(b.Text.NumLines)
		}
		if m := b.MessageRFC822; m != nil {
			p.Envelope, p.Parts, p.Lines = envelopeOfGoimap(m.Envelope), []*part{partOfGoimap(m.BodyStructure)}, uint64(m.NumLines)
		}
		if x := b.Extended; x != nil {
			disposition, p.Language, p.Location = x.Disposition, x.Language, x.Location
		}
	}
	if disposition != nil {
		p.Disposition, p.DispositionParams = disposition.Value, disposition.Params
	}
	return p
}
