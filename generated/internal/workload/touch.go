package workload

import (
	"fmt"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// A Sum reads values, so that no compiler and no laziness can leave the work out: texts are decoded and dates parsed. Equal
// values give equal sums.
type Sum uint64

func (s *Sum) Number(n uint64) { *s = *s*31 + Sum(n) }

// Text adds the length and the last octet: reading all of it would be the same work for every library.
func (s *Sum) Text(t string) {
	s.Number(uint64(len(t)))
	if t != "" {
		s.Number(uint64(t[len(t)-1]))
	}
}

func (s *Sum) nstring(n wire.NString) { s.Text(n.Value) }

// Response reads every field of a response of a workload.
func (s *Sum) Response(r conn.Response) error {
	switch r := r.(type) {
	case *imap.FetchData:
		return s.Message(r)
	case *imap.ListData:
		s.Mailbox(r)
	case *imap.SearchData:
		for _, n := range r.IDs {
			s.Number(uint64(n))
		}
	case *imap.EsearchData:
		for n := range r.All.Ranges() {
			s.Number(uint64(n.First))
			s.Number(uint64(n.Last))
		}
	default:
		return fmt.Errorf("touch: no workload has a %s", r.Kind().Name)
	}
	return nil
}

// Message reads every field of a message of W1, W2 and W3.
func (s *Sum) Message(m *imap.FetchData) error {
	s.Number(uint64(m.Seq))
	s.Number(uint64(m.UID))
	for f := range m.Flags.All() {
		s.Text(string(f))
	}
	s.Number(m.ModSeq)
	s.Number(m.Size)
	if !m.InternalDate.IsZero() {
		s.Number(uint64(m.InternalDate.Unix()))
	}
	if m.Envelope != nil {
		if err := s.envelope(m.Envelope); err != nil {
			return err
		}
	}
	if m.BodyStructure != nil {
		return s.structure(m.BodyStructure)
	}
	return nil
}

func (s *Sum) envelope(e *imap.Envelope) error {
	t, err := e.Date.Time()
	if err != nil {
		return fmt.Errorf("touch: %w", err)
	}
	s.Number(uint64(t.Unix()))
	s.Text(e.Subject.String())
	s.addresses(e.From)
	s.addresses(e.Sender)
	s.addresses(e.ReplyTo)
	s.addresses(e.To)
	s.addresses(e.Cc)
	s.addresses(e.Bcc)
	s.nstring(e.InReplyTo)
	s.nstring(e.MessageID)
	return nil
}

func (s *Sum) addresses(list []imap.Address) {
	for i := range list {
		a := &list[i]
		s.Text(a.Name.String())
		s.nstring(a.Adl)
		s.nstring(a.Mailbox)
		s.nstring(a.Host)
	}
}

func (s *Sum) structure(b *imap.BodyStructure) error {
	s.Text(b.Type)
	s.Text(b.Subtype)
	s.params(b.Params)
	s.nstring(b.ID)
	s.Text(b.Description.String())
	s.Text(b.Encoding)
	s.Number(b.Octets)
	s.Number(b.Lines)
	s.nstring(b.MD5)
	if x := b.Extension; x != nil {
		s.Text(x.Disposition.Type)
		s.params(x.Disposition.Params)
		for _, l := range x.Language {
			s.Text(l)
		}
		s.nstring(x.Location)
	}
	if b.Envelope != nil {
		if err := s.envelope(b.Envelope); err != nil {
			return err
		}
	}
	if b.Body != nil {
		if err := s.structure(b.Body); err != nil {
			return err
		}
	}
	for i := range b.Parts {
		if err := s.structure(&b.Parts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sum) params(list []imap.Param) {
	for i := range list {
		s.Text(list[i].Name)
		s.Text(list[i].Value)
	}
}

// Mailbox reads every field of a mailbox of W8.
func (s *Sum) Mailbox(m *imap.ListData) {
	for _, a := range m.Attrs {
		s.Text(string(a))
	}
	s.Number(uint64(m.Delim))
	s.Text(m.Mailbox)
}
