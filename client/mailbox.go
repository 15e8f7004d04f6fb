package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// A Mailbox is one selection of a mailbox: a handle to run commands on it, and a snapshot that follows what the server says. Its
// commands fail with ErrMailboxChanged once something else was selected, even the same mailbox again, or its UIDVALIDITY changed;
// its snapshot then stays as it was.
type Mailbox struct {
	c *Client
	s *selection
}

// Select opens a mailbox for reading and writing (RFC 3501 section 6.3.1). It ends the selection before it, even if it fails. It waits
// while With holds a selection. What extensions add to the answer is in the result of Do with an imap.Select.
func (c *Client) Select(ctx context.Context, mailbox string, params ...imap.SelectParam) (*Mailbox, error) {
	return c.enter(ctx, imap.Select{Mailbox: mailbox, Params: params}, nil)
}

// Examine opens a mailbox for reading only (RFC 3501 section 6.3.2), else it is as Select.
func (c *Client) Examine(ctx context.Context, mailbox string, params ...imap.SelectParam) (*Mailbox, error) {
	return c.enter(ctx, imap.Examine{Mailbox: mailbox, Params: params}, nil)
}

// With selects a mailbox and keeps it selected while f runs: what others select meanwhile waits until f has returned. So f must
// not call Select, Examine or With of this client itself. The mailbox stays selected afterwards. The error is that of Select, or of f.
func (c *Client) With(ctx context.Context, mailbox string, f func(*Mailbox) error) error {
	_, err := c.enter(ctx, imap.Select{Mailbox: mailbox}, f)
	return err
}

// enter selects a mailbox, and holds it while f runs if there is an f.
func (c *Client) enter(ctx context.Context, cmd conn.Command, f func(*Mailbox) error) (*Mailbox, error) {
	done, err := c.move(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	next, err := c.selectOnce(ctx, cmd, f != nil)
	if c.introduced(ctx, err) {
		next, err = c.selectOnce(ctx, cmd, f != nil)
	}
	if f != nil {
		defer c.setHeld(nil)
	}
	if err != nil {
		return nil, err
	}
	box := &Mailbox{c: c, s: next}
	if f != nil {
		return box, f(box)
	}
	return box, nil
}

// move waits until all who came before have selected, or held, their mailbox, and lets those who come wait until done.
func (c *Client) move(ctx context.Context) (func(), error) {
	mine := make(chan struct{})
	c.mu.Lock()
	before := c.moves
	c.moves = mine
	c.mu.Unlock()
	done := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.moves == mine {
			c.moves = nil
		}
		close(mine)
	}
	if before == nil {
		return done, nil
	}
	var err error
	select {
	case <-before:
		return done, nil
	case <-ctx.Done():
		err = fmt.Errorf("wait while another mailbox is held or being selected: %w", ctx.Err())
	case <-c.Done():
		err = c.Err()
	}
	go func() {
		<-before
		done()
	}()
	return nil, err
}

func (c *Client) selectOnce(ctx context.Context, cmd conn.Command, hold bool) (*selection, error) {
	next := selects(cmd)
	if hold {
		c.setHeld(next)
	}
	_, err := c.run(ctx, nil, next, cmd, conn.CallOptions{}).Wait(ctx)
	return next, err
}

func (c *Client) setHeld(s *selection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = s
}

// Mailbox is the mailbox that is selected now; nil if none is.
func (c *Client) Mailbox() *Mailbox {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.selected == nil {
		return nil
	}
	return &Mailbox{c: c, s: c.selected}
}

func (b *Mailbox) start(ctx context.Context, cmd conn.Command, o conn.CallOptions) *conn.Call {
	return b.c.run(ctx, b.s, selects(cmd), cmd, o)
}

// explain: a command that found no mailbox selected, so that it was not allowed, found the one of the handle gone.
func (b *Mailbox) explain(err error) error {
	if !errors.Is(err, conn.ErrState) {
		return err
	}
	b.c.mu.Lock()
	defer b.c.mu.Unlock()
	if b.s != b.c.selected {
		return fmt.Errorf("%w: %w", ErrMailboxChanged, err)
	}
	return err
}

// Close removes the messages flagged \Deleted for good, unless the mailbox is read-only, and leaves it (RFC 3501 section 6.4.2).
func (b *Mailbox) Close(ctx context.Context) error {
	return perform(ctx, b, imap.Close{})
}

// Unselect leaves the mailbox and removes nothing (RFC 3691). On a server without the command, the mailbox is opened for reading only
// before it is closed.
func (b *Mailbox) Unselect(ctx context.Context) error {
	switch {
	case b.c.Caps().Has(imap.CapUnselect):
		return perform(ctx, b, imap.Unselect{})
	case b.ReadOnly():
		return b.Close(ctx)
	}
	examine := imap.Examine{Mailbox: b.Name()}
	next := selects(examine)
	if _, err := b.c.run(ctx, b.s, next, examine, conn.CallOptions{}).Wait(ctx); err != nil {
		return b.explain(err)
	}
	err := (&Mailbox{c: b.c, s: next}).Close(ctx)
	if errors.Is(err, ErrMailboxChanged) {
		return nil // somebody has left it already
	}
	return err
}

// Name is the name that the mailbox was selected by.
func (b *Mailbox) Name() string { return b.s.name }

// Exists is how many messages there are.
func (b *Mailbox) Exists() uint32 { return b.snapshot().exists }

// Recent is how many of them have the flag \Recent (RFC 3501 section 7.3.2).
func (b *Mailbox) Recent() uint32 { return b.snapshot().recent }

// Unseen is the sequence number of the first message without \Seen when the mailbox was selected; 0 if the server did not say.
func (b *Mailbox) Unseen() uint32 { return b.snapshot().unseen }

// UIDNext is the least UID that the next message can have, as the server last said; 0 if it did not.
func (b *Mailbox) UIDNext() uint32 { return b.snapshot().uidNext }

// UIDValidity tells whether UIDs from another session are those of now (RFC 3501 section 2.3.1.1); 0 if the server did not say.
func (b *Mailbox) UIDValidity() uint32 { return b.snapshot().uidValidity }

// Flags are those that messages of the mailbox have or may have (RFC 3501 section 7.2.6).
func (b *Mailbox) Flags() imap.Flags { return b.snapshot().flags }

// PermanentFlags are those that can be changed for good; with \* among them new ones can be made up (RFC 3501 section 7.1).
func (b *Mailbox) PermanentFlags() imap.Flags { return b.snapshot().permanent }

// ReadOnly tells whether nothing in the mailbox can be changed.
func (b *Mailbox) ReadOnly() bool { return b.snapshot().readOnly }

func (b *Mailbox) snapshot() selection {
	b.c.mu.Lock()
	defer b.c.mu.Unlock()
	return *b.s
}

// Newest is the set of the n messages that came last, all of them if there are fewer, by their numbers as of now. See Range.
func (b *Mailbox) Newest(n int) imap.NumSet {
	exists := int64(b.Exists())
	return b.Range(uint32(max(1, exists-int64(max(n, 0))+1)), uint32(exists))
}

// Range is the set of the messages with the sequence numbers from first to last, as of now; those above Exists are left out. A command
// with a set that is older than the last EXPUNGE fails with ErrStaleNumbers, and nothing is sent. With an empty set it does nothing.
func (b *Mailbox) Range(first, last uint32) imap.NumSet {
	s := b.snapshot()
	if last = min(last, s.exists); first == 0 || first > last {
		return imap.Seqs().WithEpoch(s.epoch)
	}
	return imap.SeqRange(first, last).WithEpoch(s.epoch)
}
