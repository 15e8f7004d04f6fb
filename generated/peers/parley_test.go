package peers

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/generated/internal/workload"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// decode gives what the decoder makes of a workload.
func decode(w *workload.Workload, each func(conn.Response) error) error {
	r, codec := wire.NewReader(bytes.NewReader(w.Lines), wire.Limits{}), imap.NewCodec(imap.CodecOptions{})
	for range w.Responses {
		f, err := r.Next()
		if err != nil {
			return err
		}
		_, resp, err := codec.Decode(f, conn.DialogNone)
		if err != nil {
			return err
		}
		if err := each(resp); err != nil {
			return err
		}
	}
	return nil
}

// run gives what the client makes of a workload.
func run(ctx context.Context, w *workload.Workload, each func(conn.Response) error) error {
	c, err := client.New(ctx, newReplay(w), client.Options{InsecureNoTLS: true})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		return err
	}
	all := imap.UIDRange(1, w.LastUID)
	switch w.Name {
	case "W1 ENVELOPE":
		return rows(box.Fetch(ctx, all, imap.FetchUID, imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope), each)
	case "W2 BODYSTRUCTURE":
		return rows(box.Fetch(ctx, all, imap.FetchUID, imap.FetchBodyStructure), each)
	case "W3 FLAGS":
		return rows(box.Fetch(ctx, all, imap.FetchUID, imap.FetchFlags, imap.FetchModseq), each)
	case "W8 LIST":
		return rows(client.StartRows(ctx, c, imap.List{Patterns: []string{"*"}}).All(), each)
	case "W8 SEARCH":
		found, err := client.Do(ctx, box, imap.Search{Keys: []imap.SearchKey{imap.SearchAll}})
		if err != nil {
			return err
		}
		return each(&found.Search)
	case "W8 ESEARCH":
		found, err := client.Do(ctx, box, imap.Search{Return: []imap.ReturnOpt{imap.ReturnAll}, Keys: []imap.SearchKey{imap.SearchAll}})
		if err != nil {
			return err
		}
		return each(&found.Esearch)
	}
	return fmt.Errorf("no command for %s", w.Name)
}

func rows[R conn.Response](all iter.Seq2[R, error], each func(conn.Response) error) error {
	for row, err := range all {
		if err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

// add takes a response over into the common form.
func (v *values) add(r conn.Response) error {
	switch r := r.(type) {
	case *imap.FetchData:
		m, err := messageOf(r)
		v.Messages = append(v.Messages, m)
		return err
	case *imap.ListData:
		m := mailbox{Delim: r.Delim, Name: r.Mailbox}
		for _, a := range r.Attrs {
			m.Attrs = append(m.Attrs, string(a))
		}
		v.Mailboxes = append(v.Mailboxes, m)
	case *imap.SearchData:
		for _, n := range r.IDs {
			v.number(n)
		}
	case *imap.EsearchData:
		for n := range r.All.Ranges() {
			v.Numbers = append(v.Numbers, span(n))
		}
	default:
		return fmt.Errorf("unexpected %s", r.Kind().Name)
	}
	return nil
}

func messageOf(r *imap.FetchData) (message, error) {
	m := message{Seq: r.Seq, UID: r.UID, ModSeq: r.ModSeq, InternalDate: momentOf(r.InternalDate), Size: r.Size}
	for f := range r.Flags.All() {
		m.Flags = append(m.Flags, string(f))
	}
	var err error
	if r.Envelope != nil {
		if m.Envelope, err = envelopeOf(r.Envelope); err != nil {
			return m, err
		}
	}
	if r.BodyStructure != nil {
		m.Structure, err = partOf(r.BodyStructure)
	}
	return m, err
}

func envelopeOf(e *imap.Envelope) (*envelope, error) {
	date, err := e.Date.Time()
	if err != nil {
		return nil, err
	}
	return &envelope{
		Date: momentOf(date), Subject: e.Subject.String(),
		From: addressesOf(e.From), Sender: addressesOf(e.Sender), ReplyTo: addressesOf(e.ReplyTo),
		To: addressesOf(e.To), Cc: addressesOf(e.Cc), Bcc: addressesOf(e.Bcc),
		InReplyTo: strings.Trim(e.InReplyTo.Value, "<>"), MessageID: strings.Trim(e.MessageID.Value, "<>"),
	}, nil
}

func addressesOf(list []imap.Address) (out []address) {
	for _, a := range list {
		out = append(out, address{a.Name.String(), a.Mailbox.Value, a.Host.Value})
	}
	return out
}

func partOf(b *imap.BodyStructure) (*part, error) {
	p := &part{
		Type: b.Type, Subtype: b.Subtype, Params: paramsOf(b.Params), ID: b.ID.Value, Description: b.Description.String(),
		Encoding: b.Encoding, Octets: b.Octets, Lines: b.Lines,
	}
	if x := b.Extension; x != nil {
		p.Disposition, p.DispositionParams = x.Disposition.Type, paramsOf(x.Disposition.Params)
		p.Language, p.Location = x.Language, x.Location.Value
	}
	parts := b.Parts
	if b.Body != nil {
		parts = []imap.BodyStructure{*b.Body}
	}
	for i := range parts {
		child, err := partOf(&parts[i])
		if err != nil {
			return nil, err
		}
		p.Parts = append(p.Parts, child)
	}
	var err error
	if b.Envelope != nil {
		p.Envelope, err = envelopeOf(b.Envelope)
	}
	return p, err
}

func paramsOf(list []imap.Param) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string)
	for _, p := range list {
		m[strings.ToLower(p.Name)] = p.Value
	}
	return m
}
