package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// server is where the demo connects to, and how.
type server struct {
	address string // a URL without user and password
	user    string
	options client.Options
	latency time.Duration // simulated by a server in memory; 0 on a real one
	close   func()
}

// roundTrip is what a round trip to the server in memory takes: that of a server in the next country.
const roundTrip = 5 * time.Millisecond

// passwordVariable keeps a password off the command line, where every user of the machine can see it.
const passwordVariable = "IMAP_PASSWORD"

// server finds out where to connect to. Without a URL it starts a server in memory.
func (d *demoCommand) server() (*server, error) {
	if d.URL == "" {
		if d.CA != "" || d.InsecureNoTLS {
			return nil, usageError{errors.New("--ca and --insecure-no-tls are for a server of your own: give its URL")}
		}
		return embedded()
	}
	s := &server{options: client.Options{InsecureNoTLS: d.InsecureNoTLS, InsecureAuth: d.InsecureNoTLS}, close: func() {}}
	u, err := url.Parse(d.URL)
	if err != nil {
		return nil, usageError{errors.New("the URL cannot be read")} // the error would show the password
	}
	password, given := u.User.Password()
	if !given {
		password, given = os.LookupEnv(passwordVariable)
	}
	if u.User.Username() == "" || !given {
		return nil, usageError{fmt.Errorf("the URL needs a user, and a password there or in $%s: imap://user:password@%s", passwordVariable, u.Host)}
	}
	s.user = u.User.Username()
	s.options.Auth = client.Password(s.user, password)
	u.User = nil
	s.address = u.String()
	if d.CA != "" {
		if s.options.TLS, err = trust(d.CA); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// trust is a TLS configuration that trusts the certificates of a PEM file and no others.
func trust(file string) (*tls.Config, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the certificates to trust: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("there is no certificate in %s", file)
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// embedded starts a server in memory that has some mail in it.
func embedded() (*server, error) {
	srv := imaptest.NewServer(imaptest.Options{Latency: roundTrip})
	for _, m := range mail {
		if _, err := srv.Append(imaptest.DefaultUser.Name, m.mailbox, imap.Flags{}, m.date, []byte(m.text)); err != nil {
			srv.Close()
			return nil, fmt.Errorf("filling the server: %w", err)
		}
	}
	return &server{
		address: srv.URL,
		user:    imaptest.DefaultUser.Name,
		options: client.Options{Auth: client.Password(imaptest.DefaultUser.Name, imaptest.DefaultUser.Password), TLS: srv.TLSConfig()},
		latency: roundTrip,
		close:   srv.Close,
	}, nil
}

// mail is what the server in memory holds when the demo begins.
var mail = []struct {
	mailbox string
	date    time.Time
	text    string
}{
	{"INBOX", time.Date(2024, 5, 16, 9, 30, 0, 0, time.UTC), "From: Grace <grace@example.org>\r\nTo: ada@example.org\r\nSubject: The compiler works\r\n\r\nReally.\r\n"},
	{"INBOX", time.Date(2024, 5, 17, 8, 0, 0, 0, time.UTC), "From: Alan <alan@example.org>\r\nTo: ada@example.org\r\nSubject: Chess?\r\n\r\nTonight?\r\n"},
	{"Sent", time.Date(2024, 5, 17, 8, 10, 0, 0, time.UTC), "From: Ada <ada@example.org>\r\nTo: alan@example.org\r\nSubject: Re: Chess?\r\n\r\nAt eight.\r\n"},
	{"Lists/Engines", time.Date(2024, 5, 15, 7, 0, 0, 0, time.UTC), "From: charles@example.org\r\nSubject: Cards\r\n\r\nMore are needed.\r\n"},
}
