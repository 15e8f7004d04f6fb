package main

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// speed times the same commands sent one by one and sent together.
func (d *demo) speed(ctx context.Context) error {
	d.out.step(fmt.Sprintf("Time %d commands", d.commands))
	if d.srv.latency > 0 {
		d.out.explain(fmt.Sprintf("Of each, %v is the simulated round trip.", d.srv.latency))
	} else {
		d.out.explain("What pipelining saves is the waiting between command and answer: the further the server, the more.")
	}
	if d.srv.options.Trace != nil {
		d.out.explain("These commands are left out of the trace.")
		d.out.mute(true)
		defer d.out.mute(false)
	}

	begin := time.Now()
	for range d.commands {
		if err := d.c.Noop(ctx); err != nil {
			return err
		}
	}
	single := time.Since(begin)
	d.out.show("one by one, each waiting for the answer to the one before: %v", round(single))

	begin = time.Now()
	pending := make([]*client.Pending[*imap.NoopResult], d.commands)
	for i := range pending {
		pending[i] = client.Start(ctx, d.c, imap.Noop{})
	}
	for _, p := range pending {
		if _, err := p.Wait(ctx); err != nil {
			return err
		}
	}
	together := time.Since(begin)
	d.out.show("pipelined, all sent at once: %v, %.1f times as fast", round(together), single.Seconds()/together.Seconds())
	return nil
}

// round is a duration as people like to read it.
func round(t time.Duration) time.Duration {
	if t > time.Second {
		return t.Round(10 * time.Millisecond)
	}
	return t.Round(10 * time.Microsecond)
}
