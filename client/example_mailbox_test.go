package client_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

func ExampleClient_Select() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(box.Name(), box.Exists(), box.ReadOnly())

	if _, err := c.Examine(ctx, "INBOX"); err != nil {
		log.Fatal(err)
	}
	// The first handle is not the selected mailbox any more, and nothing is sent by it.
	err = box.Check(ctx)
	fmt.Println(errors.Is(err, client.ErrMailboxChanged))
	// Output:
	// INBOX 3 false
	// true
}

// While the function runs nobody else can select another mailbox on this connection.
func ExampleClient_With() {
	c := dial()
	defer c.Close()
	err := c.With(ctx, "INBOX", func(box *client.Mailbox) error {
		_, err := box.Store(ctx, imap.UIDs(2), imap.StoreFlags{Op: "+", Flags: imap.NewFlags(imap.FlagDeleted)})
		if err != nil {
			return err
		}
		_, err = box.UIDExpunge(ctx, imap.UIDs(2))
		fmt.Println(box.Exists())
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: 2
}

func ExampleMailbox_Fetch() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range box.Fetch(ctx, box.Newest(2), imap.FetchUID, imap.FetchEnvelope) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.Envelope.Subject)
		if m.UID == 2 {
			// Other commands may run within the loop, and leaving it early is fine.
			if err := c.Noop(ctx); err != nil {
				log.Fatal(err)
			}
		}
	}
	// Output:
	// 2 the second
	// 3 the third
}

// A few of many messages are kept as clones. A message that is kept as it came keeps those that came just before and after it in memory.
func ExampleMailbox_Fetch_keep() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	var unseen []*imap.FetchData
	for m, err := range box.Fetch(ctx, box.Newest(1000), imap.FetchUID, imap.FetchFlags, imap.FetchEnvelope) {
		if err != nil {
			log.Fatal(err)
		}
		if !m.Flags.Has(imap.FlagSeen) {
			unseen = append(unseen, m.Clone())
		}
	}
	for _, m := range unseen {
		fmt.Println(m.UID, m.Envelope.Subject)
	}
	// Output:
	// 2 the second
	// 3 the third
}

// The text of one message, without setting \Seen.
func ExampleMailbox_Fetch_body() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	text := imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}
	for m, err := range box.Fetch(ctx, imap.UIDs(1), text) {
		if err != nil {
			log.Fatal(err)
		}
		for _, part := range m.BodySection {
			fmt.Printf("%d octets: %q\n", part.Data.Size(), part.Data.String())
		}
	}
	// Output: 9 octets: "message\r\n"
}

// Bodies that are larger than memory, as they come.
func ExampleMailbox_FetchParts() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	text := imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}
	for m, err := range box.FetchParts(ctx, imap.UIDs(1), text) {
		if err != nil {
			log.Fatal(err)
		}
		for part, err := range m.Parts() {
			if err != nil {
				log.Fatal(err)
			}
			n, err := part.Data.WriteTo(io.Discard) // a file, for example
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(part.Section.Specifier, n, "of", part.Data.Size(), "octets")
		}
		fmt.Println(m.UID) // known in any case after the last part
	}
	// Output:
	// TEXT 9 of 9 octets
	// 1
}

// StartParts does not wait: the FETCH is on its way while something else is done.
func ExampleStartParts() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	messages := client.StartParts(ctx, box, imap.Fetch{
		Set:   imap.UIDRange(1, 2),
		Items: []imap.FetchAtt{imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}},
	})
	for m, err := range messages.All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Seq, len(m.BodyParts()))
	}
	// Output:
	// 1 1
	// 2 1
}

// A part as the sender meant it: text in UTF-8, anything else as octets.
func ExampleMailbox_Download() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	d, err := box.Download(ctx, 1, 1) // part 1 of the message with the UID 1
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	fmt.Println(d.Part.MediaType(), d.Part.Octets)
	if _, err := io.Copy(os.Stdout, d); err != nil {
		log.Fatal(err)
	}
	// Output:
	// text/plain 9
	// message
}

func ExampleMailbox_Search() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	res, err := box.Search(ctx, imap.SearchUnseen, imap.SearchOr{Left: imap.SearchFrom("ada"), Right: imap.SearchSubject("second")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Search.IDs)
	// Output: [2 3]
}

// What a SEARCH finds may stay at the server, which knows it as "$": the commands that use it go out right behind the SEARCH, and however
// many messages there are, no set of them goes over the wire.
func ExampleMailbox_Search_save() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	if !c.Caps().Has(imap.CapSearchres) {
		log.Fatal("SEARCH, and then FETCH of imap.UIDs(found.Search.IDs...)")
	}
	saved := imap.SavedResult()
	save := client.Start(ctx, box, imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchUnseen}})
	for m, err := range box.Fetch(ctx, saved, imap.FetchEnvelope) { // both are on the wire now
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.Envelope.Subject)
	}
	if _, err := save.Wait(ctx); err != nil {
		log.Fatal(err) // imap.ErrNotSaved, for example: then "$" held no message
	}
	rows, err := box.Store(ctx, saved, imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rows), "seen")
	// Output:
	// 2 the second
	// 3 the third
	// 2 seen
}

func ExampleMailbox_Store() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	rows, err := box.Store(ctx, imap.UIDs(1, 2), imap.StoreFlags{Op: "+", Flags: imap.NewFlags(imap.FlagFlagged)})
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range rows {
		fmt.Println(m.Seq, m.Flags.Has(imap.FlagSeen), m.Flags.Has(imap.FlagFlagged))
	}
	// Output:
	// 1 true true
	// 2 false true
}

func ExampleMailbox_Copy() {
	c := dial()
	defer c.Close()
	if err := c.Create(ctx, "Archive"); err != nil {
		log.Fatal(err)
	}
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	res, err := box.Copy(ctx, imap.UIDRange(1, 2), "Archive")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.CopyUID.Source, "became", res.CopyUID.Dest)
	// Output: 1:2 became 1:2
}
