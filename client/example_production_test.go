package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// Watching a mailbox for weeks: whatever ends the connection, another is made, at growing intervals. What happened in between is found by
// looking at the mailbox when it is selected again.
func Example_reconnect() {
	ctx, stop := context.WithCancel(ctx)
	connect := func(ctx context.Context) (*client.Client, error) {
		return client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	}
	follow := func(c *client.Client) error {
		defer c.Close()
		box, err := c.Select(ctx, "INBOX")
		if err != nil {
			return err
		}
		fmt.Println("look at all that is new among", box.Exists())
		go deliver()
		for ev, err := range c.Idle(ctx) {
			if err != nil {
				return err
			}
			if ev, ok := ev.(*imap.ExistsData); ok {
				fmt.Println("now", ev.Count)
				if ev.Count == 5 {
					stop() // the program ends
				} else {
					c.Close() // stands for a router that forgets the connection
				}
			}
		}
		return nil
	}

	first := dial() // so that there is a server
	defer first.Close()
	for wait := time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 5*time.Minute) { // a second in a real program
		c, err := connect(ctx)
		if err == nil {
			wait = time.Millisecond
			err = follow(c)
		}
		if e := (*imap.Error)(nil); errors.As(err, &e) && e.Type == "NO" {
			log.Fatal(err) // a wrong password does not become right
		}
		select {
		case <-time.After(wait + rand.N(wait)): // not all programs at once
		case <-ctx.Done():
		}
	}
	// Output:
	// look at all that is new among 3
	// now 4
	// look at all that is new among 4
	// now 5
}

// What a program keeps of a mailbox between two sessions.
type known struct {
	validity uint32
	modSeq   uint64
	flags    map[uint32]imap.Flags // by UID
}

// Bringing a copy of a mailbox up to date: with QRESYNC (RFC 7162) the server tells what has changed; without, the UIDs of all messages
// and the flags of those that are there still have to be asked for.
func Example_synchronize() {
	c := dial()
	defer c.Close()
	// Right after the login, once for each connection: with a mailbox selected it is too late.
	if c.Caps().Has(imap.CapQresync) {
		if _, err := c.Enable(ctx, imap.CapQresync); err != nil {
			log.Fatal(err)
		}
	}
	k := &known{}
	if err := k.synchronize(c, "INBOX"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(k.flags), "messages, the first seen:", k.flags[1].Has(imap.FlagSeen))

	// Later, after other programs were at work.
	box := c.Mailbox()
	if _, err := box.Store(ctx, imap.UIDs(1), imap.StoreFlags{Flags: imap.NewFlags()}); err != nil {
		log.Fatal(err)
	}
	if _, err := box.Move(ctx, imap.UIDs(2), "INBOX"); err != nil {
		log.Fatal(err)
	}
	if err := k.synchronize(c, "INBOX"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(slices.Sorted(maps.Keys(k.flags)), "the first seen:", k.flags[1].Has(imap.FlagSeen))
	// Output:
	// 3 messages, the first seen: true
	// [1 3 4] the first seen: false
}

func (k *known) synchronize(c *client.Client, mailbox string) error {
	cmd := imap.Select{Mailbox: mailbox}
	if c.Caps().Has(imap.CapQresync) && k.modSeq > 0 {
		cmd.Params = []imap.SelectParam{imap.SelectQresync{UIDValidity: k.validity, ModSeq: k.modSeq}}
	}
	sel, err := client.Do(ctx, c, cmd)
	if err != nil {
		return err
	}
	resumed := len(cmd.Params) > 0 && sel.UIDValidity == k.validity
	if sel.UIDValidity != k.validity {
		k.flags = map[uint32]imap.Flags{} // no UID means what it meant
	}
	k.validity, k.modSeq = sel.UIDValidity, sel.Highestmodseq
	if resumed {
		for _, gone := range sel.Vanished {
			for uid := range gone.UIDs.All() {
				delete(k.flags, uid)
			}
		}
		for _, m := range sel.Fetch {
			k.flags[m.UID] = m.Flags
		}
		return nil
	}
	there := map[uint32]imap.Flags{}
	box := c.Mailbox()
	for m, err := range box.Fetch(ctx, box.Range(1, box.Exists()), imap.FetchUID, imap.FetchFlags) {
		if err != nil {
			return err
		}
		there[m.UID] = m.Flags
	}
	k.flags = there
	return nil
}

// A mailbox of any size is read in portions: each is one command, whose context limits it, and a lost connection costs one portion.
func Example_largeMailbox() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	found, err := box.Search(ctx, imap.SearchAll)
	if err != nil {
		log.Fatal(err)
	}
	const portion = 2 // 500 or so
	for uids := found.Search.IDs; len(uids) > 0; uids = uids[min(portion, len(uids)):] {
		set := imap.UIDs(uids[:min(portion, len(uids))]...)
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		for m, err := range box.Fetch(ctx, set, imap.FetchUID, imap.FetchRFC822Size) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(set, m.UID)
		}
		cancel()
	}
	// Output:
	// 1:2 1
	// 1:2 2
	// 3 3
}

// Which parts a message has, and the text of the first that is plain text: without the attachments.
func ExampleMailbox_Fetch_attachments() {
	c := dial()
	defer c.Close()
	message := "From: ada@example.org\nSubject: a picture\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nlook!\n--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=x.png\n\nPNG\n--b--\n"
	res, err := c.Append(ctx, "INBOX", imap.Message(imap.SourceText(message)))
	if err != nil {
		log.Fatal(err)
	}
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range box.Fetch(ctx, res.AppendUID.UIDs, imap.FetchBodyStructure) {
		if err != nil {
			log.Fatal(err)
		}
		for i, p := range m.BodyStructure.Parts {
			fmt.Println(i+1, p.MediaType(), p.Octets)
		}
	}
	part := imap.FetchBodySection{Peek: true, Section: imap.Section{Part: []uint32{1}}}
	for m, err := range box.Fetch(ctx, res.AppendUID.UIDs, part) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q\n", m.BodySection[0].Data.String())
	}
	// Output:
	// 1 text/plain 5
	// 2 image/png 3
	// "look!"
}
