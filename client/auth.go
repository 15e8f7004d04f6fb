package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/xdg-go/scram"
)

// Auth is a way to log in, for any number of connections. The zero value is none. Printing it shows no secret.
type Auth struct {
	own      bool       // the caller's mechanism
	can      Mechanisms // else the ways that it knows and may take
	named    Mechanisms // those that the caller has named
	identity string     // whom to act as; "": the one who logs in
	// begin makes the mechanism of one login; MechLoginCommand is none, and what it needs comes from login. Secrets are in closures,
	// which nothing prints.
	begin func(context.Context, attempt) (Mechanism, error)
	login func(context.Context, *Client) error // the command LOGIN; nil: it cannot
}

// An attempt is what a mechanism is made for.
type attempt struct {
	mechanism
	c        *Client
	identity string
	binding  scram.ChannelBinding // for SCRAM with it
}

// Password logs in with a user's name and password, in the strongest way that the server offers: SCRAM bound to the TLS connection,
// SCRAM (RFC 5802, RFC 7677), then AUTHENTICATE PLAIN (RFC 4616) and the command LOGIN, and CRAM-MD5 (RFC 2195) where there is nothing
// else. What was chosen is the only one tried: a refusal is an error. To be sure that the password is never shown to a server, not
// even one that offers nothing better, say which ways are allowed:
//
//	client.Password("ada", secret).Only(client.MechScram)
//
// It fails with ErrInsecureAuth over a connection in clear, and with ErrLoginDisabled where only ways are left that show the password
// and the server forbids them by LOGINDISABLED; then nothing is sent.
func Password(user, secret string) Auth {
	return Auth{
		can: byPassword,
		begin: func(_ context.Context, a attempt) (Mechanism, error) {
			switch a.bit {
			case MechPlain:
				return Plain(a.identity, user, secret), nil
			case MechLogin:
				return &loginMech{answers: []string{user, secret}}, nil
			case MechCramMD5:
				return &cramMD5{user, []byte(secret)}, nil
			}
			return newScram(a, user, secret)
		},
		login: func(ctx context.Context, c *Client) error { return c.Login(ctx, user, secret) },
	}
}

// Token logs in with an access token of OAuth 2.0 (RFC 6749), by OAUTHBEARER (RFC 7628) or, where the server does not offer it,
// XOAUTH2. The token is asked for once for each connection, with the context of Dial or Authenticate: so what it gives is fresh. The
// oauth2.TokenSource of golang.org/x/oauth2 fits:
//
//	client.Token("ada@example.org", func(context.Context) (string, error) {
//		t, err := source.Token()
//		if err != nil {
//			return "", err
//		}
//		return t.AccessToken, nil
//	})
//
// A token that the server does not like is an error that holds an *OAuthError, with what the server said about it.
func Token(user string, token func(context.Context) (string, error)) Auth {
	return Auth{can: byToken, begin: func(ctx context.Context, a attempt) (Mechanism, error) {
		if a.identity == "" {
			a.identity = user
		}
		text, err := token(ctx)
		if err != nil {
			return nil, fmt.Errorf("get a token: %w", err)
		}
		return newOAuth(a, text)
	}}
}

// External logs in as whom the server knows already, by the client certificate of Options.TLS as a rule (RFC 4422 appendix A).
func External() Auth {
	return Auth{can: MechExternal, begin: func(_ context.Context, a attempt) (Mechanism, error) {
		return &once{name: a.name, message: a.identity}, nil
	}}
}

// Anonymous logs in as nobody, where the server lets anybody in (RFC 4505). The trace says who it is: a mail address, or a text of up
// to 255 characters without "@"; "" is nothing.
func Anonymous(trace string) Auth {
	return Auth{can: MechAnonymous, begin: func(_ context.Context, a attempt) (Mechanism, error) {
		return &once{name: a.name, message: trace}, nil
	}}
}

// SASL logs in with a mechanism of the caller's (RFC 3501 section 6.2.2), which the server must offer. Whether the Auth may be used for
// more than one connection is up to the mechanism. Only and As do not reach it.
func SASL(m Mechanism) Auth {
	return Auth{own: true, begin: func(context.Context, attempt) (Mechanism, error) { return m, nil }}
}

// Only gives the Auth with less to choose from: the strongest of these is taken. A server that offers none of them is an error that
// matches ErrNotOffered, and learns nothing.
func (a Auth) Only(m Mechanisms) Auth {
	a.can &= m
	a.named = m
	return a
}

// As gives the Auth for an administrator who acts as another user (the authorization identity of RFC 4422 section 3.4.1), which the
// server must allow. Only ways that can carry it are taken: SCRAM, PLAIN, EXTERNAL and those of Token.
func (a Auth) As(identity string) Auth {
	a.identity = identity
	return a
}

// isZero tells whether there is no way to log in.
func (a Auth) isZero() bool { return a.begin == nil }

// logIn chooses how to log in, and does it.
func (a Auth) logIn(ctx context.Context, c *Client) error {
	at := attempt{c: c, identity: a.identity}
	if a.own {
		m, err := a.begin(ctx, at)
		if err != nil {
			return err
		}
		return c.sasl(ctx, m)
	}
	can := a.can
	if a.identity != "" {
		can &= asAnother
	}
	if can == 0 {
		return errors.New("log in: none of the mechanisms that are allowed can be used with this Auth")
	}
	var err error
	switch at.mechanism, err = c.choose(can, a.named); {
	case err != nil:
		return err
	case at.bit == MechLoginCommand:
		return a.login(ctx, c)
	case at.bit&MechScramPlus == 0:
		_, err = a.try(ctx, at)
		return err
	}
	for _, at.binding = range c.bindings() {
		var m Mechanism
		if m, err = a.try(ctx, at); err == nil {
			return nil
		}
		if s, ok := m.(*scramMech); !ok || !s.wrongBinding(err) {
			return err
		}
	}
	return fmt.Errorf("%w (the server offers %s and takes no binding to TLS that is known here; Only can allow what is not bound)", err, at.name)
}

func (a Auth) try(ctx context.Context, at attempt) (Mechanism, error) {
	m, err := a.begin(ctx, at)
	if err != nil {
		return nil, err
	}
	return m, at.c.sasl(ctx, m)
}

// String keeps secrets out of prints.
func (a Auth) String() string {
	switch {
	case a.isZero():
		return "no login"
	case a.own:
		return "SASL"
	}
	return a.can.String()
}

// GoString does so for %#v.
func (a Auth) GoString() string { return "client.Auth{" + a.String() + "}" }
