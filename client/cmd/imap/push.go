package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// pushTimeout is how long the server may take to tell what is new; Dovecot looks every half minute where the file system does not tell it.
const pushTimeout = 90 * time.Second

var errNoPush = errors.New("the server did not tell of the new message")

// push waits in IDLE while somebody else, a second connection, appends a message.
func (d *demo) push(ctx context.Context) error {
	d.out.step("Be told of new mail (IDLE)")
	if d.c.Caps().Has(imap.CapIdle) {
		d.out.explain("The client asks to be told. A second connection appends a message.")
	} else {
		d.out.explain("This server has no IDLE: the client asks every other second. A second connection appends a message.")
	}
	second, err := client.Dial(ctx, d.srv.address, d.srv.options)
	if err != nil {
		return fmt.Errorf("the second connection: %w", err)
	}
	defer second.Close()

	ctx, cancel := context.WithTimeoutCause(ctx, pushTimeout, errNoPush)
	defer cancel()
	before := d.box.Exists()
	appended := client.Start(ctx, second, imap.Append{
		Mailbox: d.scratch, Messages: letter("Radia <radia@example.org>", "A tree", "I think that I shall never see", time.Now()),
	})
	for ev, err := range d.c.Idle(ctx) {
		if err != nil {
			return err
		}
		exists, ok := ev.(*imap.ExistsData)
		if !ok || exists.Count <= before {
			continue
		}
		d.out.show("the server says: there are %d messages now", exists.Count)
		// A command may be run right here; IDLE gives way to it and comes back.
		for m, err := range d.box.Fetch(ctx, d.box.Newest(1), imap.FetchUID, imap.FetchEnvelope) {
			if err != nil {
				return fmt.Errorf("fetching the new message: %w", err)
			}
			d.out.show("the new one is UID %d: %s", m.UID, safe(m.Envelope.Subject.String()))
		}
		break
	}
	if _, err := appended.Wait(ctx); err != nil {
		return fmt.Errorf("appending on the second connection: %w", err)
	}
	return second.Logout(ctx)
}
