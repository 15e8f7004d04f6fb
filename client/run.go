package client

import (
	"context"

	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

func (c *Client) start(ctx context.Context, cmd conn.Command, o conn.CallOptions) *conn.Call {
	return c.run(ctx, nil, selects(cmd), cmd, o)
}

func (c *Client) explain(err error) error { return err }

// run queues a command. on is the selection that it must find when its turn comes, nil for any; next is the one that it begins.
func (c *Client) run(ctx context.Context, on, next *selection, cmd conn.Command, o conn.CallOptions) *conn.Call {
	// An empty set with an epoch comes from the handle of an empty mailbox: there is no message to do anything with.
	if set := cmd.Scope().Set; set.Epoch() != 0 && set.IsZero() {
		return nil
	}
	spec := cmd.Spec()
	switch {
	case needsMore(spec, o):
		o.Check = func(*conn.Call) error { return ErrOwnMethod }
	case next != nil:
		next.check = func(k *conn.Call) error { return c.admit(next, nil, k) }
		o.Check = func(k *conn.Call) error { return c.admit(on, next, k) }
		cmd = entering{cmd, c, next}
	case on != nil:
		o.Check = on.check
	default:
		o.Check = c.check
	}
	if spec.Charset {
		cmd = &searching{Command: cmd, c: c}
	}
	if spec.Next != 0 || spec.Else != 0 {
		o.Result = &moving{o.Result, c, spec, next}
	}
	return c.conn.Start(ctx, cmd, o)
}

// needsMore tells whether a command needs more than its arguments, and it is not there.
func needsMore(spec *conn.Spec, o conn.CallOptions) bool {
	return spec.Dialog == conn.DialogIdle || spec.Dialog == conn.DialogSASL && o.SASL == nil || spec.Switch == conn.SwitchTLS && o.Upgrade == nil
}

// admit judges a command at the moment when it would be written, and the first octet has not been.
func (c *Client) admit(on, next *selection, k *conn.Call) error {
	spec, scope := k.Command().Spec(), k.Scope()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entering = nil // a SELECT has nothing beside it, so none is in flight
	if on != nil && (on != c.selected || on.renumbered) {
		return ErrMailboxChanged
	}
	if epoch := scope.Epoch; epoch != 0 && (c.selected == nil || epoch != c.selected.epoch) {
		return ErrStaleNumbers
	}
	if c.held != nil && on != c.held && next != c.held && spec.Next&(conn.StateSelected|conn.StateAuthenticated) != 0 {
		return ErrMailboxHeld
	}
	if logsIn(spec) && !c.secure && !c.insecureAuth {
		return ErrInsecureAuth
	}
	return nil
}

// entering is a command that selects. Its selection begins once it could be encoded, and so is on its way.
type entering struct {
	conn.Command
	c    *Client
	next *selection
}

func (e entering) AppendIMAP(enc *wire.Encoder) error {
	if err := e.Command.AppendIMAP(enc); err != nil {
		return err
	}
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	e.next.epoch = e.c.nextEpoch()
	e.c.entering = e.next
	return nil
}

// logsIn tells whether a command carries credentials to begin a session with.
func logsIn(spec *conn.Spec) bool {
	return spec.In == conn.StateNotAuthenticated && spec.Next == conn.StateAuthenticated
}

// moving is the result of a command that changes the state.
type moving struct {
	conn.Result // nil: nobody wants it
	c           *Client
	spec        *conn.Spec
	next        *selection
}

func (m *moving) Collect(r conn.Response) {
	if m.Result != nil {
		m.Result.Collect(r)
	}
}

func (m *moving) Complete(cond conn.Condition) {
	if m.Result != nil {
		m.Result.Complete(cond)
	}
	m.c.moved(m.spec, m.next, cond)
}

// moved follows a command that changed the state. It runs on the goroutine that reads the connection, at the tagged answer.
func (c *Client) moved(spec *conn.Spec, next *selection, cond conn.Condition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if next != nil {
		c.entering = nil
	}
	switch cond.Type {
	case conn.ConditionOK:
		if next != nil {
			next.note(cond.Code, false)
		}
		if c.held != nil && c.held == c.selected {
			c.held = next // only its own handle can have moved it
		}
		c.selected = next
	case conn.ConditionNO:
		// A SELECT that fails leaves no mailbox selected (RFC 3501 section 6.3.1).
		if spec.Else != 0 {
			c.selected = nil
		}
	default:
		// BAD changes nothing, so what came meanwhile was about the mailbox from before.
		if next != nil && c.selected != nil {
			c.selected.catchUp(next)
		}
	}
}
