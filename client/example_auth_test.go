package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// The password is never shown to the server, not even to one that offers nothing better than PLAIN: that is an error.
func ExampleAuth_Only() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("ada", secret).Only(client.MechScram)})
	if errors.Is(err, client.ErrNotOffered) {
		log.Fatal("no SCRAM: ", err)
	} else if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// An administrator acts as a user.
func ExampleAuth_As() {
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("admin", secret).As("ada")})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// An access token, asked for when it is needed. Where the server does not like it, its reason is in the error.
func ExampleToken() {
	auth := client.Token("ada@example.org", func(ctx context.Context) (string, error) {
		return fetchToken(ctx) // of golang.org/x/oauth2, for example
	})
	c, err := client.Dial(ctx, "imaps://imap.example.org", client.Options{Auth: auth})
	if refused := (*client.OAuthError)(nil); errors.As(err, &refused) {
		log.Fatalf("status %s, wants scope %q", refused.Status, refused.Scope)
	} else if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

func fetchToken(context.Context) (string, error) { return "", errors.New("no token") }

// The client certificate says who logs in.
func ExampleExternal() {
	cert, err := tls.LoadX509KeyPair("ada.pem", "ada.key")
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{
		TLS:  &tls.Config{Certificates: []tls.Certificate{cert}},
		Auth: client.External(),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// A public archive lets anybody in.
func ExampleAnonymous() {
	c, err := client.Dial(ctx, "imaps://archive.example.org", client.Options{Auth: client.Anonymous("ada@example.org")})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}

// What may help after an error: another attempt, another connection, other credentials, or nothing.
func ExampleError() {
	c := dial()
	defer c.Close()
	err := c.Create(ctx, "Archive")
	switch e := (*imap.Error)(nil); {
	case err == nil, errors.Is(err, imap.ErrAlreadyExists):
		fmt.Println("it is there")
	case !errors.As(err, &e):
		log.Fatal(err) // the context's, or the caller's mistake
	case e.Recourse() == imap.RecourseRetry:
		time.Sleep(max(e.RetryAfter(), time.Minute)) // Office 365 says how long
	case e.Recourse() == imap.RecourseReconnect:
		fmt.Println("dial again")
	case e.Recourse() == imap.RecourseLogin:
		fmt.Println("ask for the password again")
	default:
		log.Printf("%+v", e) // with the last lines of the connection
	}
}

// A progress bar, and how long commands take.
func ExampleProgress() {
	begun := map[uint64]time.Time{} // by command; Progress is called by one goroutine
	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{
		Auth: client.Password("ada", secret),
		Progress: func(p client.Progress) {
			switch p.Step {
			case client.StepStarted:
				begun[p.Call] = p.Time
			case client.StepSending, client.StepReceiving:
				fmt.Printf("\r%d %%", 100*p.Octets/p.Size)
			case client.StepDone:
				fmt.Println(p.Command, p.Time.Sub(begun[p.Call]), p.Sent, p.Received, p.Err)
				delete(begun, p.Call)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
}
