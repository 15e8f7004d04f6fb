package client

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// A Mechanism is the client's side of a SASL mechanism (RFC 4422). It has the methods of the Client interface of
// github.com/emersion/go-sasl, whose mechanisms can be used as they are.
type Mechanism interface {
	// Start begins the exchange. It returns the mechanism's name and the initial response; nil is none, which is not an empty one.
	Start() (mech string, ir []byte, err error)
	// Next answers a challenge. An error cancels the exchange.
	Next(challenge []byte) (response []byte, err error)
}

// A verifier is a Mechanism that knows what the server must have said before its OK counts, and why it said no.
type verifier interface {
	done(ok bool) error
}

// sasl runs AUTHENTICATE.
func (c *Client) sasl(ctx context.Context, m Mechanism) error {
	name, ir, err := m.Start()
	if err != nil {
		return fmt.Errorf("begin SASL: %w", err)
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
		if cmd.Empty = len(ir) == 0; !cmd.Empty {
			cmd.Initial = ir
		}
		dialog.initial = nil
	}
	p := startWith(ctx, c, cmd, conn.CallOptions{SASL: dialog})
	if _, err := p.Wait(ctx); err != nil {
		return err
	}
	return c.learn(ctx)
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

// Done holds an OK against what the mechanism knows.
func (x *exchange) Done(ok bool) error {
	if ok && x.initial != nil {
		return errors.New("the credentials were not asked for")
	}
	if v, is := x.m.(verifier); is {
		return v.done(ok)
	}
	return nil
}
