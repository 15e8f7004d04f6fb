package imaptest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// A test starts a server, puts a message into it and lets the program under test read it.
func Example() {
	ctx := context.Background()
	srv := imaptest.NewServer(imaptest.Options{})
	defer srv.Close()
	date := time.Date(2024, 5, 17, 12, 0, 0, 0, time.UTC)
	if _, err := srv.Append("ada", "INBOX", imap.Flags{}, date, []byte("From: grace@example.org\r\nSubject: Lunch?\r\n\r\nAt one.\r\n")); err != nil {
		log.Fatal(err)
	}

	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range box.Fetch(ctx, imap.UIDRange(1, 0), imap.FetchEnvelope) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.Envelope.Subject, m.Envelope.From[0].Mailbox)
	}
	// Output: 1 Lunch? grace
}

// After the program under test is done, the test looks at what it left on the server.
func ExampleServer_Messages() {
	ctx := context.Background()
	srv := imaptest.NewTLSServer(imaptest.Options{Users: []imaptest.User{{Name: "grace", Password: "hopper"}}})
	defer srv.Close()

	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("grace", "hopper"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Create(ctx, "Drafts/2024"); err != nil {
		log.Fatal(err)
	}
	if _, err := c.Append(ctx, "Drafts/2024", imap.Message(imap.SourceString("Subject: to be written\r\n\r\n"), imap.FlagDraft)); err != nil {
		log.Fatal(err)
	}

	fmt.Println(srv.Mailboxes("grace"))
	for _, m := range srv.Messages("grace", "Drafts/2024") {
		fmt.Println(m.UID, m.Flags)
	}
	// Output:
	// [INBOX Drafts Drafts/2024]
	// 1 \Draft
}

// How does a program fare on a server that can do less?
func ExampleOptions_without() {
	ctx := context.Background()
	srv := imaptest.NewServer(imaptest.Options{Without: []imap.Cap{imap.CapIdle, imap.CapLiteralPlus}})
	defer srv.Close()
	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println("IDLE:", c.Caps().Has(imap.CapIdle), "UIDPLUS:", c.Caps().Has(imap.CapUIDPlus))
	// Output: IDLE: false UIDPLUS: true
}
