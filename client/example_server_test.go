package client_test

import (
	"log"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// srv is the server of the example that runs.
var srv *imaptest.Server

// dial gives a client of a fresh server, whose inbox holds three messages, the first of them seen.
func dial() *client.Client {
	srv = imaptest.NewServer(imaptest.Options{})
	for i, subject := range []string{"the first", "the second", "the third"} {
		var flags imap.Flags
		if i == 0 {
			flags = imap.NewFlags(imap.FlagSeen)
		}
		add(flags, subject)
	}
	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
	if err != nil {
		log.Fatal(err)
	}
	go func(srv *imaptest.Server) {
		<-c.Done()
		srv.Close()
	}(srv)
	return c
}

func add(flags imap.Flags, subject string) {
	message := "From: ada@example.org\r\nSubject: " + subject + "\r\n\r\nmessage\r\n"
	if _, err := srv.Append("ada", "INBOX", flags, time.Time{}, []byte(message)); err != nil {
		log.Fatal(err)
	}
}

// deliver lets a message arrive.
func deliver() { add(imap.Flags{}, "fresh") }
