package client

import (
	"context"
	"fmt"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// Authenticate logs in on a connection that was made without Options.Auth, and learns what the server can do for this user.
func (c *Client) Authenticate(ctx context.Context, a Auth) error {
	if a.login == nil {
		return nil
	}
	return a.login(ctx, c)
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
	if _, err := Do(ctx, c, imap.Login{User: user, Password: password}); err != nil {
		return err
	}
	return c.learn(ctx)
}

// sasl runs AUTHENTICATE.
func (c *Client) sasl(ctx context.Context, m Mechanism) error {
	if err := c.clearToAuth(); err != nil {
		return err
	}
	name, ir, err := m.Start()
	if err != nil {
		return fmt.Errorf("begin SASL: %w", err)
	}
	if err := c.learn(ctx); err != nil {
		return err
	}
	caps := c.Caps()
	if !caps.Has(imap.Cap("AUTH=" + name)) {
		return fmt.Errorf("SASL mechanism %q: %w", name, ErrNotOffered)
	}
	if caps.Has(imap.CapLoginDisabled) && !c.isSecure() && (strings.EqualFold(name, "PLAIN") || strings.EqualFold(name, "LOGIN")) {
		return fmt.Errorf("SASL mechanism %s: %w", name, ErrLoginDisabled)
	}
	cmd, dialog := imap.Authenticate{Mechanism: name}, &exchange{m: m, initial: ir}
	if ir != nil && caps.Has(imap.CapSaslIr) { // RFC 4959
		cmd.Initial, cmd.Empty, dialog.initial = ir, len(ir) == 0, nil
	}
	p := startWith(ctx, c, cmd, conn.CallOptions{SASL: dialog})
	if _, err := p.Wait(ctx); err != nil {
		return err
	}
	return c.learn(ctx)
}

// learn asks what the server can do, unless it has said so since the last change of what it says.
func (c *Client) learn(ctx context.Context) error {
	if c.conn.Capabilities().Known() {
		return nil
	}
	_, err := Do(ctx, c, imap.Capability{})
	return err
}

// clearToAuth refuses to begin a login in clear before anything of it is made; run refuses to send it.
func (c *Client) clearToAuth() error {
	if c.isSecure() || c.opts.InsecureAuth {
		return nil
	}
	return ErrInsecureAuth
}

func (c *Client) isSecure() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secure
}

// An exchange answers the first challenge of a server, which is empty then, with the initial response of a mechanism that has one
// (RFC 3501 section 6.2.2).
type exchange struct {
	m       Mechanism
	initial []byte // nil: none, or sent
}

func (x *exchange) Next(challenge []byte) ([]byte, error) {
	if ir := x.initial; ir != nil {
		x.initial = nil
		return ir, nil
	}
	return x.m.Next(challenge)
}
