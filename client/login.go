package client

import (
	"context"

	"github.com/parley-go/parley/generated/imap"
)

// Authenticate logs in on a connection that was made without Options.Auth, and learns what the server can do for this user.
func (c *Client) Authenticate(ctx context.Context, a Auth) error {
	if a.isZero() {
		return nil
	}
	if err := c.clearToAuth(); err != nil {
		return err
	}
	if err := c.learn(ctx); err != nil {
		return err
	}
	return a.logIn(ctx, c)
}

// Login logs in by the command LOGIN (RFC 3501 section 6.2.3); Authenticate with Password is better where the server can do better.
// It is refused under LOGINDISABLED and over a connection in clear as Password is.
func (c *Client) Login(ctx context.Context, user, password string) error {
	if err := c.learn(ctx); err != nil {
		return err
	}
	if c.Caps().Has(imap.CapLoginDisabled) {
		return ErrLoginDisabled
	}
	if err := perform(ctx, c, imap.Login{User: user, Password: password}); err != nil {
		return err
	}
	return c.learn(ctx)
}

// ProxyAuth goes on as another user, on servers with X-NETSCAPE (iPlanet, Sun, Oracle) and for their administrators. A mailbox that is
// selected must be left before. Others have SASL for this: Password(...).As(user).
func (c *Client) ProxyAuth(ctx context.Context, user string) error {
	if err := perform(ctx, c, imap.ProxyAuth{User: user}); err != nil {
		return err
	}
	return c.learn(ctx)
}

// learn asks what the server can do, unless it has said so since the last change of what it says.
func (c *Client) learn(ctx context.Context) error {
	if c.conn.Capabilities().Known() {
		return nil
	}
	return perform(ctx, c, imap.Capability{})
}

// clearToAuth refuses to begin a login in clear before anything of it is made; run refuses to send it.
func (c *Client) clearToAuth() error {
	if c.isSecure() || c.insecureAuth {
		return nil
	}
	return ErrInsecureAuth
}

func (c *Client) isSecure() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secure
}
