package client

import (
	"context"
	"errors"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// Auth is a way to log in. The zero value is none. Printing it shows no secret.
type Auth struct {
	login func(ctx context.Context, c *Client) error
}

// Password logs in with a user's name and password: by AUTHENTICATE PLAIN (RFC 4616) where the server offers it, else by LOGIN. It
// fails with ErrLoginDisabled under LOGINDISABLED, and with ErrInsecureAuth over a connection in clear; then nothing is sent.
func Password(user, secret string) Auth {
	return Auth{func(ctx context.Context, c *Client) error {
		switch caps := c.Caps(); {
		case caps.Has(imap.CapLoginDisabled):
			return ErrLoginDisabled
		case caps.Has("AUTH=PLAIN"):
			return c.sasl(ctx, Plain("", user, secret))
		}
		return c.Login(ctx, user, secret)
	}}
}

// SASL logs in with a mechanism of SASL (RFC 3501 section 6.2.2), which the server must offer. Whether the Auth may be used for more
// than one connection is up to the mechanism.
func SASL(m Mechanism) Auth {
	return Auth{func(ctx context.Context, c *Client) error { return c.sasl(ctx, m) }}
}

// A Mechanism is the client's side of a SASL mechanism (RFC 4422). It has the methods of the Client interface of
// github.com/emersion/go-sasl, whose mechanisms can be used as they are.
type Mechanism interface {
	// Start begins the exchange. It returns the mechanism's name and the initial response; nil is none, which is not an empty one.
	Start() (mech string, ir []byte, err error)
	// Next answers a challenge. An error cancels the exchange.
	Next(challenge []byte) (response []byte, err error)
}

// Plain is the mechanism PLAIN (RFC 4616). The identity is whom to act as, "" for the user. Password is the usual way to use it.
func Plain(identity, user, secret string) Mechanism {
	return &plain{identity + "\x00" + user + "\x00" + secret}
}

// plain holds the message of RFC 4616 section 2.
type plain struct{ message string }

func (p *plain) Start() (string, []byte, error) {
	if strings.Count(p.message, "\x00") != 2 {
		return "", nil, errors.New("PLAIN: NUL in the identity, user or password")
	}
	return "PLAIN", []byte(p.message), nil
}

func (p *plain) Next([]byte) ([]byte, error) {
	return nil, errors.New("PLAIN: more than one challenge")
}

// String keeps the password out of prints.
func (p *plain) String() string { return "PLAIN" }

// GoString does so for %#v.
func (p *plain) GoString() string { return "client.Plain(...)" }
