package client

import (
	"context"
	"iter"

	"github.com/parley-go/parley/runtime/conn"
)

// An Event is what the server said that no command had asked for, as the response itself: *imap.ExistsData (there are so many
// messages now), *imap.ExpungeData (one is gone), *imap.FetchData (its flags changed), *imap.FlagsData, *imap.RespCondStateData (a
// remark, perhaps an ALERT, which RFC 3501 section 7.1 wants shown), *imap.UnknownData, what an extension adds; or *EventsLost.
type Event interface{ conn.Response }

// EventsLost stands for events that were dropped because they were not read in time. Their effects are in the Mailbox.
type EventsLost struct {
	Count   int
	Mailbox *Mailbox // the selected one, with the numbers to go on from; nil if there is none
}

var lostKind = conn.Kind{Name: "EventsLost"}

// Kind makes EventsLost an Event.
func (*EventsLost) Kind() *conn.Kind { return &lostKind }

// Facts makes EventsLost an Event.
func (*EventsLost) Facts() conn.Facts { return conn.Facts{} }

// eventQueue is how many events wait for one loop over Idle before they become EventsLost.
const eventQueue = 1024

// Idle yields events as they come, for as long as the loop runs. Whenever no command is in flight the connection is in IDLE
// (RFC 2177), which any command interrupts and which resumes by itself; on a server without IDLE it asks with NOOP now and then.
// Commands may be run in the loop. Any number of loops may run at once, each gets every event.
//
// The loop ends by break, or with an error: that of the context when it ends, or why the connection ended. Events from before the
// loop are in the Mailbox.
func (c *Client) Idle(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		sub := c.conn.Subscribe(eventQueue)
		defer sub.Close()
		release := c.conn.HoldIdle()
		defer release()
		for {
			r, lost, err := sub.Next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if lost > 0 && !yield(&EventsLost{Count: lost, Mailbox: c.Mailbox()}, nil) {
				return
			}
			if r != nil && !yield(r, nil) {
				return
			}
		}
	}
}
