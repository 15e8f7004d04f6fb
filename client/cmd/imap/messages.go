package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// letters are the messages that the demo appends.
var letters = []struct{ from, subject, text string }{
	{"Grace <grace@example.org>", "A moth in the relay", "It is taped into the log book now."},
	{"Alan <alan@example.org>", "Can it think?", "Ask it yourself."},
	{"=?utf-8?q?J=C3=BCrgen?= <juergen@example.org>", "=?utf-8?b?R3LDvMOfZSBhdXMgS8O2bG4=?=", "Headers know ASCII only; this one was decoded."},
	{"Barbara <barbara@example.org>", "Substitution", "What works for the parent works for the child."},
	{"Edsger <edsger@example.org>", "Considered harmful", "You know what."},
}

// letter is one of them as it goes over the wire.
func letter(from, subject, text string, date time.Time) []imap.AppendMessage {
	return []imap.AppendMessage{{Date: date, Data: imap.AppendLiteral(imap.SourceString("From: " + from + "\r\nTo: ada@example.org\r\nSubject: " + subject +
		"\r\nDate: " + date.Format(time.RFC1123Z) + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n"))}}
}

// fill appends the letters, all on their way at the same time.
func (d *demo) fill(ctx context.Context) error {
	d.out.step(fmt.Sprintf("Append %d messages", len(letters)))
	if d.c.Caps().Has(imap.CapLiteralPlus) {
		d.out.explain("All are sent before the first is answered.")
	} else {
		d.out.explain("This server wants to be asked before each, so that they go one after the other.")
	}
	var pending []*client.Pending[*imap.AppendResult]
	for i, l := range letters {
		date := time.Date(2024, 5, 17, 12, i, 0, 0, time.UTC)
		pending = append(pending, client.Start(ctx, d.c, imap.Append{Mailbox: d.scratch, Messages: letter(l.from, l.subject, l.text, date)}))
	}
	for i, p := range pending {
		result, err := p.Wait(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("message %d: %w", i+1, err)
		case result.AppendUID != nil:
			d.out.show("message %d is stored as UID %s", i+1, result.AppendUID.UIDs)
		default:
			d.out.show("message %d is stored", i+1)
		}
	}
	return nil
}

// open selects the scratch mailbox.
func (d *demo) open(ctx context.Context) error {
	d.out.step("Select the mailbox")
	box, err := d.c.Select(ctx, d.scratch)
	if err != nil {
		return err
	}
	d.box = box
	d.out.show("%d messages", box.Exists())
	if box.UIDNext() > 0 { // not every server tells
		d.out.show("the next one will have UID %d", box.UIDNext())
	}
	d.out.explain("A UID names a message for good; the numbers 1, 2, 3 shift when one goes.")
	return nil
}

// everything is all messages of the mailbox.
func everything() imap.NumSet { return imap.UIDRange(1, 0) }

// envelopes fetches who wrote what, while other commands run on the same connection.
func (d *demo) envelopes(ctx context.Context) error {
	d.out.step("Fetch the envelopes, and run other commands meanwhile")
	d.out.explain("An envelope is a message's header in brief. Between the rows the same connection answers others.")
	search := client.Start(ctx, d.box, imap.Search{Keys: []imap.SearchKey{imap.SearchUnseen}})
	status := client.Start(ctx, d.c, imap.Status{Mailbox: "INBOX", Items: []imap.StatusAtt{imap.StatusMessages, imap.StatusUnseen}})
	noops := 0
	for m, err := range d.box.Fetch(ctx, everything(), imap.FetchUID, imap.FetchEnvelope, imap.FetchRFC822Size) {
		if err != nil {
			return err
		}
		if m.Envelope == nil || len(m.Envelope.From) == 0 {
			return fmt.Errorf("UID %d came without an envelope", m.UID)
		}
		from := m.Envelope.From[0].Name.String()
		d.out.show("UID %d, %d octets, from %s: %s", m.UID, m.Size, safe(from), safe(m.Envelope.Subject.String()))
		if err := d.c.Noop(ctx); err != nil {
			return fmt.Errorf("a NOOP within the loop: %w", err)
		}
		noops++
	}
	found, err := search.Wait(ctx)
	if err != nil {
		return err
	}
	inbox, err := status.Wait(ctx)
	if err != nil {
		return err
	}
	d.out.show("meanwhile: %d NOOPs were answered, SEARCH found %d unread messages here,", noops, len(found.Search.IDs))
	if inbox.Status.Mailbox != "" {
		d.out.show("STATUS counted %d messages in INBOX, %d of them unread", inbox.Status.Messages, inbox.Status.Unseen)
	}
	return nil
}

// body fetches the text of the first message.
func (d *demo) body(ctx context.Context) error {
	d.out.step("Fetch the text of one message")
	d.out.explain("A client takes what it needs: here the body of one message, without its header.")
	text := imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}
	found, err := d.box.Search(ctx, imap.SearchAll)
	if err != nil {
		return err
	}
	if len(found.Search.IDs) == 0 {
		return fmt.Errorf("the mailbox has no messages")
	}
	for m, err := range d.box.Fetch(ctx, imap.UIDs(found.Search.IDs[0]), text) {
		if err != nil {
			return err
		}
		for _, section := range m.BodySection {
			d.out.show("UID %d: %s", m.UID, safe(strings.TrimSpace(section.Data.String())))
		}
	}
	return nil
}

// search lets the server look for something.
func (d *demo) search(ctx context.Context) error {
	d.out.step("Search on the server")
	d.out.explain("The server looks; only UIDs come back.")
	for _, q := range []struct {
		what string
		keys []imap.SearchKey
	}{
		{"from Alan or from Grace", []imap.SearchKey{imap.SearchOr{Left: imap.SearchFrom("alan@"), Right: imap.SearchFrom("grace@")}}},
		{"with \"moth\" in the subject, not deleted", []imap.SearchKey{imap.SearchSubject("moth"), imap.SearchUndeleted}},
	} {
		found, err := d.box.Search(ctx, q.keys...)
		if err != nil {
			return fmt.Errorf("%s: %w", q.what, err)
		}
		d.out.show("%s: UID %s", q.what, imap.UIDs(found.Search.IDs...))
	}
	return nil
}

// flag marks the first message.
func (d *demo) flag(ctx context.Context) error {
	d.out.step("Flag a message")
	d.out.explain("Flags are kept by the server, so that every program of the user sees them.")
	found, err := d.box.Search(ctx, imap.SearchSubject("moth"))
	if err != nil {
		return err
	}
	if len(found.Search.IDs) == 0 {
		return fmt.Errorf("the message to flag is not there")
	}
	set := imap.UIDs(found.Search.IDs...)
	rows, err := d.box.Store(ctx, set, imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagFlagged)})
	if err != nil {
		return err
	}
	for _, m := range rows {
		d.out.show("message %d now has %s", m.Seq, safe(m.Flags.String()))
	}
	found, err = d.box.Search(ctx, imap.SearchFlagged)
	if err != nil {
		return err
	}
	d.out.show("a search for flagged messages finds UID %s", imap.UIDs(found.Search.IDs...))
	return nil
}
