package client_test

import (
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// Mailboxes for a purpose, made if they are not there.
func ExampleClient_Create_specialUse() {
	c := dial()
	defer c.Close()
	err := c.Create(ctx, "Sent", imap.CreateUse{imap.MailboxSent})
	if err != nil && !errors.Is(err, imap.ErrAlreadyExists) {
		log.Fatal(err)
	}
	list := imap.List{Patterns: []string{"*"}, Select: []imap.ListSelectOpt{imap.ListSelectSpecialUse}}
	for l, err := range client.StartRows(ctx, c, list).All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.Mailbox, slices.Contains(l.Attrs, imap.MailboxSent))
	}
	// Output: Sent true
}

func ExampleMailbox_Move() {
	c := dial()
	defer c.Close()
	if err := c.Create(ctx, "Archive"); err != nil {
		log.Fatal(err)
	}
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	if !c.Caps().Has(imap.CapMove) {
		log.Fatal("COPY, STORE \\Deleted and UIDExpunge do it in three steps")
	}
	if _, err := box.Move(ctx, imap.UIDs(1, 3), "Archive"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(box.Exists(), "left")
	// Output: 1 left
}

// Deleting is marking, and then removing what is marked.
func ExampleMailbox_UIDExpunge() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	uids := imap.UIDs(1)
	if _, err := box.Store(ctx, uids, imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: imap.NewFlags(imap.FlagDeleted)}); err != nil {
		log.Fatal(err)
	}
	// UIDExpunge leaves alone what others have marked; box.Expunge does not.
	if _, err := box.UIDExpunge(ctx, uids); err != nil {
		log.Fatal(err)
	}
	fmt.Println(box.Exists())
	// Output: 2
}

// Without SORT and THREAD on the server, fetch the envelopes and sort them here.
func ExampleMailbox_Sort() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	all := []imap.SearchKey{imap.SearchAll}
	sorted, err := box.Sort(ctx, all, imap.SortCriterion{Reverse: true, Key: imap.SortSubject})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sorted.Sort.IDs)
	// Output: [3 2 1]
}

func ExampleMailbox_Thread() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	found, err := box.Thread(ctx, imap.ThreadReferences, imap.SearchAll)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(found.Thread.Threads), "threads")
	// Output: 3 threads
}

// Who wrote, with the name decoded, in the form of net/mail.
func ExampleMailbox_Fetch_addresses() {
	c := dial()
	defer c.Close()
	message := "From: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <gruss@example.org>\nSubject: hello\n\nhello\n"
	// A file of the system has lines that end in LF; imap.SourceText makes CRLF of them.
	date := time.Date(2024, time.July, 5, 10, 0, 0, 0, time.FixedZone("", 7200))
	m := imap.AppendMessage{Date: date, Data: imap.AppendLiteral(imap.SourceText(message))}
	res, err := c.Append(ctx, "INBOX", m)
	if err != nil {
		log.Fatal(err)
	}
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range box.Fetch(ctx, res.AppendUID.UIDs, imap.FetchEnvelope, imap.FetchInternalDate) {
		if err != nil {
			log.Fatal(err)
		}
		from := m.Envelope.From[0].Mail()
		fmt.Println(from.Name, from.Address, m.InternalDate.Format(imap.DateTimeLayout))
	}
	// Output: Grüße gruss@example.org  5-Jul-2024 10:00:00 +0200
}

// A mailbox is shared: bob may look it up and read it, and the state of \Seen is kept for him.
func ExampleClient_SetACL() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("ada", secret)})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.SetACL(ctx, "Projects", "bob", "+lrs"); err != nil {
		log.Fatal(err)
	}
	list, err := c.GetACL(ctx, "Projects")
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range list.ACL.Entries {
		fmt.Println(e.Identifier, e.Rights)
	}
}

// What a mailbox is for, for everybody who may see it.
func ExampleClient_SetMetadata() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("ada", secret)})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.SetMetadata(ctx, "Projects", imap.MetadataValue{Entry: "/shared/comment", Value: imap.NStr("one mailbox for each")}); err != nil {
		log.Fatal(err) // errors.As gives an *imap.Error, whose Code may be an imap.CodeMetadata
	}
	found, err := c.GetMetadata(ctx, "Projects", "/shared/comment", "/private/comment")
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range found {
		for _, v := range m.Values {
			fmt.Println(v.Entry, v.Value) // a Value that is not Valid is NIL: there is none
		}
	}
}

// How full the account is.
func ExampleClient_GetQuotaRoot() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{
		Auth: client.Password("ada", secret),
		ID:   []imap.IDParam{{Field: "name", Value: imap.NStr("mailer")}, {Field: "version", Value: imap.NStr("1.2")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	quotas, err := c.GetQuotaRoot(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	for _, q := range quotas {
		for _, r := range q.Resources {
			fmt.Printf("%s: %s %d of %d\n", q.Root, r.Name, r.Usage, r.Limit)
		}
	}
}
