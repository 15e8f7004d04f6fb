package client

import (
	"context"
	"fmt"
	"iter"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// FetchParts is Fetch for bodies that are larger than memory, or that are wanted as they come: it yields a message when it starts, and its
// Parts stream. Messages without a body above 64 KiB come whole, as those of Fetch do. It is sent when the iterator is ranged over, each
// time anew; an error is the last thing yielded.
//
//	for m, err := range box.FetchParts(ctx, uids, imap.FetchUID, imap.FetchBodySection{Peek: true}) {
//		if err != nil {
//			return err
//		}
//		for part, err := range m.Parts() {
//			if err != nil {
//				return err
//			}
//			_, err := part.Data.WriteTo(file)
//			...
//		}
//	}
//
// While a part is not read and nothing else needs the connection, the server waits. Other commands may run in the loop: what has come
// by then and was not read is kept, up to Options.UnreadLimit in memory, then in a temporary file (Options.Spill).
func (b *Mailbox) FetchParts(ctx context.Context, set imap.NumSet, items ...imap.FetchAtt) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		StartParts(ctx, b, imap.Fetch{Set: set, Items: items}).All()(yield)
	}
}

// StartParts sends a FETCH whose bodies stream, and returns without waiting. The context governs the command until it is done.
func StartParts(ctx context.Context, on Runner, c RowCommand[*imap.FetchData, *imap.FetchResult]) *Messages {
	return &Messages{startWith(ctx, on, Command[*imap.FetchResult](c), conn.CallOptions{Rows: true, Parts: true})}
}

// Messages are the messages of a FETCH whose bodies stream. They are read once, by one goroutine.
type Messages struct {
	p Pending[*imap.FetchResult]
}

// Format prints the command as Pending does.
func (r Messages) Format(f fmt.State, verb rune) { r.p.Format(f, verb) }

// All yields the messages as they start. An error is the last thing it yields. Breaking out of the loop is safe: what was not read is
// dropped.
func (r *Messages) All() iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		defer r.p.call.Stop()
		for {
			m, err := r.next()
			if m == nil && err == nil || !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// Result drops what was not read and waits for the command to end.
func (r *Messages) Result() (*imap.FetchResult, error) {
	r.p.call.Stop()
	return r.p.Wait(context.Background())
}

// next gives the next message, nil after the last one.
func (r *Messages) next() (*Message, error) {
	for {
		row, err := r.p.call.Next(context.Background())
		if err != nil {
			return nil, r.p.on.explain(err)
		}
		switch row := row.(type) {
		case nil:
			return nil, nil
		case *imap.FetchData:
			return &Message{FetchData: row, on: r.p.on}, nil
		case *conn.Begun:
			if _, err := row.Next(); err != nil {
				return nil, r.p.on.explain(err)
			}
			if data, ok := row.Row().(*imap.FetchData); ok {
				return &Message{FetchData: data, on: r.p.on, begun: row}, nil
			}
		}
	}
}

// A Message is a message that is being fetched. It belongs to the loop over the messages: with the next one it ends.
type Message struct {
	// FetchData is the message as far as it has come. After the last of Parts it is complete.
	*imap.FetchData

	on    Runner
	begun *conn.Begun             // nil: it is complete
	given map[imap.MsgAttItem]int // how many of its parts were yielded, by item
}

// Parts yields what of the message carries octets, in the order in which the server sends it, each as soon as it begins. What was not
// read of a part when the next one is asked for is passed over, and cannot be read any more. An error is the last thing it yields; for a
// message that the server sends in a form that cannot be read it is not that of the messages after it.
//
// The loop may be left and taken up again. After the last part everything else of the message has come as well.
func (m *Message) Parts() iter.Seq2[imap.Part, error] {
	return func(yield func(imap.Part, error) bool) {
		for {
			part, err := m.nextPart()
			if part == nil && err == nil {
				return
			}
			if err != nil {
				yield(imap.Part{}, err)
				return
			}
			if !yield(*part, nil) {
				return
			}
		}
	}
}

// nextPart gives the next part, nil after the last one.
func (m *Message) nextPart() (*imap.Part, error) {
	for {
		seen := map[imap.MsgAttItem]int{}
		for _, part := range m.BodyParts() {
			if seen[part.Item]++; seen[part.Item] > m.given[part.Item] {
				if m.given == nil {
					m.given = map[imap.MsgAttItem]int{}
				}
				m.given[part.Item]++
				return &part, nil
			}
		}
		if m.begun == nil {
			return nil, nil
		}
		body, err := m.begun.Next()
		if err != nil {
			return nil, m.on.explain(err)
		}
		if data, ok := m.begun.Row().(*imap.FetchData); ok {
			m.FetchData = data
		}
		if body == nil {
			m.begun = nil
		}
	}
}
