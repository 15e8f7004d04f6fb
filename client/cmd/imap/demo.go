package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parley-go/parley/client"
)

// demoCommand is `imap demo`.
type demoCommand struct {
	URL           string `arg:"" optional:"" name:"url" help:"The server: imap://user:password@host (with STARTTLS) or imaps://..., a port after the host if need be. The password may stand in $$IMAP_PASSWORD instead. Without a URL a server in memory is started."`
	CA            string `name:"ca" type:"existingfile" placeholder:"FILE" help:"Trust the certificates in this PEM file, for a server with a certificate of its own."`
	InsecureNoTLS bool   `name:"insecure-no-tls" help:"Stay in clear, password and all, if the URL is imap://. For tests on your own machine."`
	Trace         bool   `help:"Show what goes over the wire, without passwords."`
	Commands      int    `default:"200" help:"How many commands the last step times."`
}

// Help is what `imap demo --help` says beside the flags.
func (*demoCommand) Help() string {
	return "On a server of yours the demo works in a mailbox of its own, which it makes and deletes again; nothing else is changed."
}

// Run runs the demo.
func (d *demoCommand) Run(ctx context.Context, stdout io.Writer) error {
	if d.Commands < 1 {
		return usageError{errors.New("--commands must be at least 1")}
	}
	srv, err := d.server()
	if err != nil {
		return err
	}
	defer srv.close()
	run := &demo{out: &talk{w: stdout}, srv: srv, commands: d.Commands}
	if d.Trace {
		srv.options.Trace = run.out
	}
	srv.options.PollInterval = 2 * time.Second // for servers without IDLE
	return run.all(ctx)
}

// demo is one run of the demo.
type demo struct {
	out      *talk
	srv      *server
	commands int

	c       *client.Client
	box     *client.Mailbox // the scratch mailbox, selected
	scratch string          // its name; empty while it does not exist
}

// all runs the steps in order. What the demo made on the server is removed whatever happens.
func (d *demo) all(ctx context.Context) (err error) {
	d.welcome()
	defer func() {
		if d.c != nil {
			err = errors.Join(err, d.cleanUp(ctx, err != nil))
		}
	}()
	for _, step := range []struct {
		doing string
		run   func(context.Context) error
	}{
		{"connecting", d.connect},
		{"listing the mailboxes", d.list},
		{"making a mailbox", d.create},
		{"appending messages", d.fill},
		{"selecting the mailbox", d.open},
		{"fetching envelopes", d.envelopes},
		{"fetching a body", d.body},
		{"searching", d.search},
		{"setting a flag", d.flag},
		{"waiting for a push", d.push},
		{"timing", d.speed},
	} {
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	return nil
}

func (d *demo) welcome() {
	d.out.explain("Parley demo: an IMAP client talks to a mail server. Mail stays on the server, in mailboxes;\nthe client sends commands and the server answers, any number of them at the same time.")
	if d.srv.latency > 0 {
		d.out.explain(fmt.Sprintf("\nNo URL was given: the server is one in memory. It is made to seem %v away (a round trip),\nas a real one would be. Try also: imap demo imaps://user:password@your.server", d.srv.latency))
	}
}

// patience is how long cleaning up may take, even after an interrupt.
const patience = 10 * time.Second

// cleanUp deletes the scratch mailbox and logs out. After a failure it does what can be done and is silent about the rest.
func (d *demo) cleanUp(ctx context.Context, failed bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer d.c.Close()
	if !failed {
		d.out.step("Clean up")
	}
	if d.box != nil {
		d.box.Close(ctx) // deleting a selected mailbox is not to every server's liking; if this fails DELETE will tell
	}
	if d.scratch != "" {
		if err := d.c.Delete(ctx, d.scratch); err != nil {
			return fmt.Errorf("deleting the mailbox %s of the demo: %w", safe(d.scratch), err)
		}
		d.out.show("deleted %s", safe(d.scratch))
	}
	if failed {
		return nil
	}
	if err := d.c.Logout(ctx); err != nil {
		return fmt.Errorf("logging out: %w", err)
	}
	d.out.show("logged out")
	return nil
}
