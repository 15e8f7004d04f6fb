package imaptest_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"sync/atomic"
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

// What does the program do when the mailbox is full? The test refuses its APPEND, once; everything else the server does as always.
func ExampleOptions_onCommand() {
	ctx := context.Background()
	var refused atomic.Bool
	srv := imaptest.NewServer(imaptest.Options{OnCommand: func(c imaptest.Command) imaptest.Reply {
		if c.Name() == "APPEND" && !refused.Swap(true) {
			return imaptest.Reply{Answer: "NO [OVERQUOTA] the mailbox is full"}
		}
		return imaptest.Reply{}
	}})
	defer srv.Close()
	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		_, err = c.Append(ctx, "INBOX", imap.Message(imap.SourceString("Subject: late\r\n\r\n")))
		fmt.Println("stored:", err == nil, len(srv.Messages("ada", "INBOX")))
	}
	// Output:
	// stored: false 0
	// stored: true 1
}

// Does the program come back when the connection is cut in the middle of a command?
func ExampleReply_hangUp() {
	ctx := context.Background()
	srv := imaptest.NewServer(imaptest.Options{OnCommand: func(c imaptest.Command) imaptest.Reply {
		fetch, is := c.Command.(*imap.Fetch) // the command with its arguments
		return imaptest.Reply{HangUp: is && fetch.Set.String() == "1"}
	}})
	defer srv.Close()
	if _, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte("Subject: x\r\n\r\n")); err != nil {
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
	for _, err := range box.Fetch(ctx, imap.UIDs(1), imap.FetchFlags) {
		fmt.Println("lost:", err != nil, "and the connection:", c.Err() != nil)
	}
	// Output: lost: true and the connection: true
}

// A server says something that nobody asked for, at once, to clients that idle as to others.
func ExampleServer_Push() {
	ctx := context.Background()
	srv := imaptest.NewServer(imaptest.Options{})
	defer srv.Close()
	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	srv.Push("* OK [ALERT] backup at noon", "* 23 EXISTS")
	if err := c.Noop(ctx); err != nil { // what was pushed comes before the answer
		log.Fatal(err)
	}
	fmt.Println("messages:", box.Exists())
	// Output: messages: 23
}

// A mailbox for what the program sends, as a real account would have one.
func ExampleServer_Create() {
	ctx := context.Background()
	srv := imaptest.NewServer(imaptest.Options{})
	defer srv.Close()
	if err := srv.Create("ada", "Outbox/Sent", imap.MailboxSent); err != nil {
		log.Fatal(err)
	}
	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for m, err := range c.List(ctx, "", "*") {
		if err != nil {
			log.Fatal(err)
		}
		if slices.Contains(m.Attrs, imap.MailboxSent) {
			fmt.Println("sent mail goes to", m.Mailbox)
		}
	}
	// Output: sent mail goes to Outbox/Sent
}

// How does a program look at Gmail?
func ExampleOptions_with() {
	ctx := context.Background()
	srv := imaptest.NewServer(imaptest.Options{With: []imap.Cap{imap.CapXGmExt1}})
	defer srv.Close()
	for _, text := range []string{"Message-ID: <1@example.org>\r\n\r\n", "In-Reply-To: <1@example.org>\r\n\r\n"} {
		if _, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(text)); err != nil {
			log.Fatal(err)
		}
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
	for m, err := range box.Fetch(ctx, imap.UIDRange(1, 0), imap.FetchXGmThrid) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.GmThreadID())
	}
	// Output:
	// 1 1152921504606846977
	// 2 1152921504606846977
}
