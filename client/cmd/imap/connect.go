package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// connect is the first step: TLS, login, compression.
func (d *demo) connect(ctx context.Context) error {
	d.out.step("Connect and log in")
	c, err := client.Dial(ctx, d.srv.address, d.srv.options)
	if err != nil {
		return err
	}
	d.c = c
	d.out.show("connected to %s", d.srv.address)
	switch state, secure := c.TLS(); {
	case !secure:
		d.out.show("in clear: everybody on the way can read along")
	case strings.HasPrefix(d.srv.address, "imaps:"):
		d.out.show("encrypted with %s from the first octet", tls.VersionName(state.Version))
	default:
		d.out.show("encrypted with %s: STARTTLS turned the connection over before anything was said", tls.VersionName(state.Version))
	}
	d.out.show("logged in as %s; the server says that it can do:", safe(d.srv.user))
	for _, line := range wrap(safe(c.Caps().String())) {
		d.out.show("  %s", line)
	}
	if !c.Caps().Has(imap.CapCompressDeflate) {
		return nil
	}
	if err := c.Compress(ctx); refused(err) {
		d.out.show("the server offers compression but does not want it now")
		return nil
	} else if err != nil {
		return err
	}
	d.out.show("compressed with DEFLATE from here on")
	return nil
}

// refused reports whether the server said NO or BAD, after which the connection goes on.
func refused(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && (e.Type == "NO" || e.Type == "BAD")
}

// shown is how many mailboxes are printed.
const shown = 12

// list names the mailboxes of the account.
func (d *demo) list(ctx context.Context) error {
	d.out.step("List the mailboxes")
	n := 0
	for m, err := range d.c.List(ctx, "", "*") {
		if err != nil {
			return err
		}
		if n++; n <= shown {
			d.out.show("%s", safe(m.Mailbox))
		}
	}
	if n > shown {
		d.out.show("... and %d more", n-shown)
	}
	return nil
}

// create makes the scratch mailbox.
func (d *demo) create(ctx context.Context) error {
	d.out.step("Make a mailbox for this demo")
	name := "parley-demo-" + strings.ToLower(rand.Text()[:6])
	err := d.c.Create(ctx, name)
	if refused(err) {
		// Some servers want all mailboxes below INBOX.
		delim, listErr := d.delimiter(ctx)
		if listErr != nil || delim == 0 {
			return errors.Join(err, listErr)
		}
		name = fmt.Sprintf("INBOX%c%s", delim, name)
		err = d.c.Create(ctx, name)
	}
	if err != nil {
		return err
	}
	d.scratch = name
	d.out.show("made %s", safe(name))
	return nil
}

// delimiter is what parts the levels of mailbox names on this server; 0 if there are no levels.
func (d *demo) delimiter(ctx context.Context) (rune, error) {
	var delim rune
	for m, err := range d.c.List(ctx, "", "") {
		if err != nil {
			return 0, err
		}
		delim = m.Delim
	}
	return delim, nil
}
