package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

var (
	ctx    = context.Background()
	secret = os.Getenv("IMAP_PASSWORD")
)

// The shortest useful program: the newest messages of the inbox.
func Example() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("ada", secret)})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range box.Fetch(ctx, box.Newest(50), imap.FetchUID, imap.FetchEnvelope, imap.FetchFlags) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.Envelope.Subject, m.Flags.Has(imap.FlagSeen))
	}
}

// STARTTLS is demanded on imap://, certificates are checked against a company's own authority, and the connection is compressed.
func ExampleDial_starttls() {
	cfg := &tls.Config{RootCAs: nil /* an x509.CertPool */}
	c, err := client.Dial(ctx, "imap://mail.example.org", client.Options{
		Auth:     client.Password("ada", secret),
		TLS:      cfg,
		Compress: true,
		Timeouts: client.Timeouts{Dial: 20 * time.Second},
		Logger:   slog.Default(),
		Trace:    os.Stderr, // what went over the wire; passwords are not shown
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.Caps().Has(imap.CapIdle))
}

// A program that would rather dial again than wait, and one that waits for ever.
func ExampleTimeouts() {
	hasty := client.Timeouts{Dial: 5 * time.Second, Command: 30 * time.Second, Write: 10 * time.Second}
	patient := client.Timeouts{Dial: -1, Greeting: -1, Handshake: -1, Command: -1, Write: -1}
	for _, timeouts := range []client.Timeouts{hasty, patient} {
		c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("ada", secret), Timeouts: timeouts})
		if err != nil {
			log.Fatal(err)
		}
		defer c.Close()
		if err := c.Noop(ctx); errors.Is(err, imap.ErrConnectionLost) && errors.Is(err, os.ErrDeadlineExceeded) {
			fmt.Println("the server has fallen silent; dial again")
		}
	}
}

// viaProxy stands for a dialer such as those of golang.org/x/net/proxy.
type viaProxy struct{ net.Dialer }

func (d *viaProxy) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return d.Dialer.DialContext(ctx, network, "proxy.example.org:1080")
}

func ExampleDial_dialer() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Dialer: new(viaProxy)})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// A connection that is open already. It is in clear, so New begins with STARTTLS.
func ExampleNew() {
	nc, err := net.Dial("tcp", "mail.example.org:143")
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(ctx, nc, client.Options{TLS: &tls.Config{ServerName: "mail.example.org"}})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	if err := c.Authenticate(ctx, client.Password("ada", secret)); err != nil {
		log.Fatal(err)
	}
}

// A server that is reached by ssh, and knows who it is talking to.
func ExampleDialCommand() {
	c, err := client.DialCommand(ctx, exec.Command("ssh", "mail.example.org", "doveadm", "exec", "imap"), client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.Greeting().Text)
}

// Administrators may act as somebody else, which PLAIN has a place for.
func ExampleSASL() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.SASL(client.Plain("ada", "admin", secret))})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// Errors tell what the server said, and what became of the connection.
func ExampleClient_Create() {
	c := dial()
	defer c.Close()
	err := c.Create(ctx, "INBOX")
	if e := (*imap.Error)(nil); errors.As(err, &e) {
		fmt.Println(e.Type, e.Command)
	}
	fmt.Println(errors.Is(err, imap.ErrConnectionLost))
	// Output:
	// NO CREATE
	// false
}

func ExampleClient_List() {
	c := dial()
	defer c.Close()
	if err := c.Create(ctx, "Entwürfe"); err != nil {
		log.Fatal(err)
	}
	for l, err := range c.List(ctx, "", "*") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %q\n", l.Mailbox, l.Delim)
	}
	// Unordered output:
	// INBOX '/'
	// Entwürfe '/'
}

func ExampleClient_Status() {
	c := dial()
	defer c.Close()
	st, err := c.Status(ctx, "INBOX", imap.StatusMessages, imap.StatusUnseen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(st.Status.Messages, st.Status.Unseen)
	// Output: 3 2
}

func ExampleClient_Append() {
	c := dial()
	defer c.Close()
	message := "From: ada@example.org\r\nSubject: to myself\r\n\r\nhello\r\n"
	// imap.SourceReader is for what does not fit into memory.
	res, err := c.Append(ctx, "INBOX", imap.Message(imap.SourceString(message), imap.FlagSeen))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.AppendUID.UIDs)
	// Output: 4
}

// Both commands are on the wire before either is answered.
func ExampleStart() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	a := client.Start(ctx, c, imap.Status{Mailbox: "INBOX", Items: []imap.StatusAtt{imap.StatusUIDNext}})
	b := client.Start(ctx, box, imap.Search{Keys: []imap.SearchKey{imap.SearchAll}})
	st, err := a.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	found, err := b.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(st.Status.UIDNext, found.Search.IDs)
	// Output: 4 [1 2 3]
}

// A callback, as imaplib2 has them.
func ExamplePending_OnDone() {
	c := dial()
	defer c.Close()
	done := make(chan struct{})
	client.Start(ctx, c, imap.Noop{}).OnDone(func(res *imap.NoopResult, err error) {
		fmt.Println(err)
		close(done)
	})
	<-done
	// Output: <nil>
}

// Two FETCHes at once; each loop gets its own rows.
func ExampleStartRows() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	flags := client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchFlags}})
	sizes := client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDs(2, 3), Items: []imap.FetchAtt{imap.FetchRFC822Size}})
	for m, err := range sizes.All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.Size > 0)
	}
	for m, err := range flags.All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.UID, m.Flags.Has(imap.FlagSeen))
	}
	// Output:
	// 2 true
	// 3 true
	// 1 true
}

// New mail, as it comes. Any command interrupts IDLE, which resumes by itself.
func ExampleClient_Idle() {
	c := dial()
	defer c.Close()
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		log.Fatal(err)
	}
	go deliver()
	for ev, err := range c.Idle(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		switch ev := ev.(type) {
		case *imap.ExistsData:
			fmt.Println(ev.Count, "messages")
			for m, err := range box.Fetch(ctx, box.Range(ev.Count, ev.Count), imap.FetchEnvelope) {
				if err != nil {
					log.Fatal(err)
				}
				fmt.Println(m.Envelope.Subject)
			}
			return
		case *client.EventsLost:
			fmt.Println("look at it all again")
		}
	}
	// Output:
	// 4 messages
	// fresh
}

// A vendor's command. Whatever the arguments hold, it stays one command.
func ExampleClient_Raw() {
	c := dial()
	defer c.Close()
	res, err := c.Raw(ctx, "XFOO", client.RawString(`") A1 DELETE INBOX`), client.RawList{client.RawAtom("BAR"), client.RawNumber(7)})
	if e := (*imap.Error)(nil); errors.As(err, &e) {
		fmt.Println(e.Type) // this server knows no XFOO
		return
	}
	for _, d := range res.Data {
		fmt.Println(d.Name, d.Raw)
	}
	// Output: BAD
}

// A context ends one command, not the connection.
func Example_cancellation() {
	c := dial()
	defer c.Close()
	short, cancel := context.WithCancel(ctx)
	cancel()
	err := c.Noop(short)
	fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, imap.ErrOutcomeUnknown))
	fmt.Println(c.Noop(ctx))
	// Output:
	// true false
	// <nil>
}
