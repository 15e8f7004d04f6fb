package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// A Client is one IMAP connection. All its methods may be called from any goroutine at any time.
type Client struct {
	conn         *conn.Conn
	handshake    time.Duration // Timeouts.Handshake
	insecureAuth bool
	grammars     []*imap.Extension // of other modules
	id           []imap.IDParam    // who the program is
	host         string            // that was dialled; "": New was given the connection
	port         string
	check        func(*conn.Call) error // admits commands that are on no handle

	mu       sync.Mutex
	secure   bool // TLS, or a transport that needs none
	tls      *tls.Conn
	moves    chan struct{} // closed when the last SELECT or With that was begun is done; nil: none is at work
	selected *selection    // nil: none
	entering *selection    // what the SELECT in flight selects
	held     *selection    // what With holds
	epoch    uint64        // the last one given out

	charsets atomic.Pointer[charsets] // what the server has said against those of searches; nil: nothing
}

// open begins the protocol on a transport: it reads the greeting and learns the capabilities.
func open(ctx context.Context, transport io.ReadWriteCloser, secure bool, o Options) (*Client, error) {
	c := &Client{handshake: o.Timeouts.Handshake, insecureAuth: o.InsecureAuth, grammars: o.Extensions, id: o.ID, secure: secure}
	c.check = func(k *conn.Call) error { return c.admit(nil, nil, k) }
	var err error
	c.conn, err = conn.New(ctx, transport, conn.Options{
		Codec:        imap.NewCodec(imap.CodecOptions{Strict: o.Strict, Limits: o.Limits, Extensions: o.Extensions}),
		Limits:       o.Limits,
		Strict:       o.Strict,
		Logger:       o.Logger,
		Trace:        traceTo(o.Trace),
		Progress:     o.Progress,
		Observe:      c.observe,
		Returns:      returnsOf(o.Extensions),
		Idle:         imap.Idle{},
		Noop:         imap.Noop{},
		IdleRenew:    o.IdleRenew,
		PollInterval: o.PollInterval,
		UnreadLimit:  o.UnreadLimit,
		Spill:        o.Spill,

		GreetingTimeout: o.Timeouts.Greeting,
		CommandTimeout:  o.Timeouts.Command,
		WriteTimeout:    o.Timeouts.Write,
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Caps are what the server says that it can do (RFC 3501 section 7.2.1), as it said last.
func (c *Client) Caps() Caps { return Caps{c.conn.Capabilities()} }

// Caps is an immutable set of capabilities.
type Caps struct{ caps conn.Caps }

// Has tells whether the server advertises a capability, whatever its case, or one that includes it: IMAP4rev2 includes MOVE.
func (c Caps) Has(name imap.Cap) bool { return c.caps.Has(string(name)) }

// All yields the capabilities as the server wrote them.
func (c Caps) All() iter.Seq[imap.Cap] {
	return func(yield func(imap.Cap) bool) {
		for name := range c.caps.All() {
			if !yield(imap.Cap(name)) {
				return
			}
		}
	}
}

// String joins the capabilities by blanks.
func (c Caps) String() string { return c.caps.String() }

// State is the state of the connection (RFC 3501 section 3).
func (c *Client) State() conn.State { return c.conn.State() }

// A Protocol is a revision of IMAP4.
type Protocol uint8

// The revisions of IMAP4.
const (
	IMAP4rev1 Protocol = 1 // RFC 3501
	IMAP4rev2 Protocol = 2 // RFC 9051
)

// String gives the capability that stands for it.
func (p Protocol) String() string { return "IMAP4rev" + string('0'+rune(p)) }

// Protocol is the revision in force: IMAP4rev2 once it was enabled by Enable, or where the server has nothing else (RFC 9051 section
// 6.3.1).
func (c *Client) Protocol() Protocol {
	if c.conn.Rev2() {
		return IMAP4rev2
	}
	return IMAP4rev1
}

// Greeting is what the server said first: OK or PREAUTH, and its text. Where TLS began with STARTTLS it came in clear, and anybody
// on the way may have written it.
func (c *Client) Greeting() imap.Condition { return c.conn.Greeting() }

// TLS is the state of TLS; false without it, and when it was begun before the connection was given to New in another way than by
// crypto/tls.
func (c *Client) TLS() (tls.ConnectionState, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tls == nil {
		return tls.ConnectionState{}, false
	}
	return c.tls.ConnectionState(), true
}

// Format prints the client for package fmt: no verb shows what is in it.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "IMAP client: "+c.State().String())
}

// Compress makes both directions DEFLATE from here on (RFC 4978). Options.Compress does it at the right moment.
func (c *Client) Compress(ctx context.Context) error {
	return perform(ctx, c, imap.Compress{})
}

// Logout ends the session politely and closes the connection, which it does in any case (RFC 3501 section 6.1.3). It waits for the
// commands in flight, for as long as its context lasts.
func (c *Client) Logout(ctx context.Context) error {
	err := perform(ctx, c, imap.Logout{})
	if errors.Is(err, imap.ErrClosed) {
		err = nil
	}
	return errors.Join(err, c.Close())
}

// Close closes the connection at once; every command in flight ends with an error that matches imap.ErrClosed. It may be called any
// number of times, and always returns.
func (c *Client) Close() error { return c.conn.Close() }

// Done is closed when the connection has ended, for whatever reason.
func (c *Client) Done() <-chan struct{} { return c.conn.Done() }

// Err is why the connection has ended; nil while it lasts.
func (c *Client) Err() error { return c.conn.Err() }
