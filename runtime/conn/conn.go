package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-go/parley/runtime/wire"
)

// Options configure a connection. Only Codec is needed.
type Options struct {
	Codec  Codec
	Limits wire.Limits
	// Logger is told of deviations (Warn) and of every line, redacted (Debug). nil: nobody is told.
	Logger *slog.Logger
	// Trace is told of every line, redacted. It is called by the reader and the writer, not always in the order of the wire, and must
	// return promptly.
	Trace func(TraceEvent)
	// Progress is told of each step of each command, on a goroutine of its own, and in order; it may take its time, and is called for a
	// moment longer than the connection lasts. nil costs nothing.
	Progress func(Progress)
	// TraceLines is how many of the last lines an Error carries: 20 if it is 0, none if it is negative. Long lines are cut.
	TraceLines int
	// Observe is told of every untagged response on the reader, before it is delivered, with the call whose answer it is or nil. Rows are
	// left out, unless they tell of the mailbox (Kind.Event).
	Observe func(Response, *Call)
	// Returns are what extensions of other modules add to the data that commands collect, by Spec.Name.
	Returns map[string][]Return
	// Idle and Noop are what the connection sends by itself while HoldIdle is in force: Idle where it is allowed, else Noop every
	// PollInterval. nil: never.
	Idle, Noop Command
	// IdleDelay is how long the connection must have had nothing to do before it idles; 50 ms if it is 0.
	IdleDelay time.Duration
	// IdleRenew is how long an IDLE lasts before it is begun anew, 9 minutes if it is 0: servers drop clients that are silent for
	// longer, some after 10 minutes instead of the 30 of RFC 2177. Up to a tenth of it is left out at random, so that thousands of
	// connections that began together do not renew together.
	IdleRenew time.Duration
	// PollInterval is the time between two Noops, with a random tenth left out as well; 1 minute if it is 0.
	PollInterval time.Duration
	// TagPrefix begins every tag; "" is a random one. It must be of letters.
	TagPrefix string
	// GreetingTimeout bounds the wait for the greeting besides the context of New; 30 s if it is 0, none if it is negative.
	GreetingTimeout time.Duration
	// CommandTimeout is how long the server may say nothing at all while a command waits for it; then the connection ends. It does not
	// bound a command whose answer is long, nor an IDLE. 5 minutes if it is 0, none if it is negative.
	CommandTimeout time.Duration
	// WriteTimeout is how long the server may take none of what is written, and a Source may give nothing, before the connection ends;
	// 1 minute if it is 0, none if it is negative.
	WriteTimeout time.Duration
	// DrainLimit is how many octets of rows may come for one command that was cancelled before the connection is closed instead;
	// 64 MiB if it is 0.
	DrainLimit int64
	// UnreadLimit is how many octets of rows and bodies that nobody has read yet are kept in memory while the connection is needed for
	// something else; 16 MiB if it is 0. What is more goes to Spill.
	UnreadLimit int64
	// Spill makes the store for it; nil is a temporary file without a name. SpillNone has none.
	Spill Spill
	// Strict closes the connection at the first deviation that would only be logged otherwise.
	Strict bool
}

const (
	batchOctets = 64 << 10 // of commands go into one write
	smallBuffer = 4 << 10  // larger ones are not kept while a connection has nothing to do
	smallCrowd  = 64       // nor is what more commands in flight need
)

func (o *Options) setDefaults() {
	o.Limits = o.Limits.WithDefaults()
	if o.TagPrefix == "" {
		o.TagPrefix = randomTags().prefix
	}
	setDefault(&o.IdleDelay, 50*time.Millisecond)
	setDefault(&o.IdleRenew, 9*time.Minute)
	setDefault(&o.PollInterval, time.Minute)
	setDefault(&o.GreetingTimeout, 30*time.Second)
	setDefault(&o.CommandTimeout, 5*time.Minute)
	setDefault(&o.WriteTimeout, time.Minute)
	setDefault(&o.DrainLimit, 64<<20)
	setDefault(&o.TraceLines, 20)
	setDefault(&o.UnreadLimit, 16<<20)
	if o.Spill == nil {
		o.Spill = spillFile
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

func setDefault[T ~int | ~int64](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}

// A Conn is one connection to a server. Its methods may be called from any goroutine. Thousands may have nothing to do: what is not needed
// then is behind pointers that are nil, and what is small lies together.
type Conn struct {
	opts     Options
	trace    tracer
	greeting string                 // as it came
	over     atomic.Bool            // err is set
	barred   atomic.Bool            // a barrier is in flight
	claimed  atomic.Uint32          // counts the changes of claims, under mu
	dialog   atomic.Uint32          // Dialog of the command in flight that decides how "+" is read
	borrower atomic.Pointer[Call]   // may read instead of the reading goroutine
	timer    *time.Timer            // for tick; set by New, armed under mu
	writer   func()                 // write: "go c.write()" would allocate each time
	intake   intake                 // of calls that were started
	spares   atomic.Pointer[spares] // nil: none yet
	base     *Base                  // what is waited on at rest; nil: the transport, or what is on it, must be read for that
	stalls   stalls
	store    spillStore

	*input // only who reads: the reading goroutine, or who has borrowed the reader. nil while that goroutine rests

	box *outbox // only the writer: the goroutine that runs write. There is one at most, while writing is true

	mu        sync.Mutex    // never held while anything of the network or of the user runs
	changed   gate          // what the reader waits for while it pauses
	arrived   gate          // what who reads a body waits for
	err       *Error        // why the connection ended
	done      chan struct{} // closed then; nil: nobody has asked for it
	raw       io.ReadWriteCloser
	transport io.ReadWriteCloser // raw, or what TLS and DEFLATE made of it
	caps      Caps
	enabled   Caps
	mode      wire.Mode
	farewell  *Condition // the BYE that answers LOGOUT
	subs      []*Subscription

	state       State
	switched    Switch
	settling    bool // the reader tells calls of their end in a moment: answers.due
	writing     bool // the writer runs
	yielding    bool // it lets others run first
	mute        bool // a write failed
	stuck       bool // the head of the queue waits for something in flight
	lending     bool // the reading goroutine waits, so that the reader can be borrowed
	borrowed    bool // the reader is
	interrupted bool // the Read of who has borrowed it was ended
	idleOver    bool // the IDLE in flight is to be renewed
	noIdle      bool // the server refused IDLE
	capsCame    bool // caps were learnt while barrier was in flight

	issued    uint32    // the last tag
	numbered  int32     // in flight by number
	expunging int32     // in flight and may expunge
	held      int32     // HoldIdle
	queue     callList  // not admitted yet
	flying    callList  // admitted and not answered
	claims    callList  // those in flight that others are compared with
	spans     *spans    // the same; nil: there were none
	byTag     *tagTable // those in flight, but for the barrier; nil: there was none yet
	barrier   *Call     // in flight
	reading   *Call     // the call whose source the writer reads from right now
	unread    int64     // octets in memory of rows and bodies that were not read
	part      part      // the command that is written in part
	sasl      *dialogue // of the login in flight; nil: there is none
	progress  *progress // nil: nobody wants to know
	watches   watches

	due int64 // when timer has something to do, as a time of stalls.clock: while an IDLE lasts, to renew it
}

// New begins a connection on a transport and waits for the greeting. A greeting of BYE, or what is no greeting, is an error that
// holds it. The transport is closed if New fails, else by Close or when the connection ends.
func New(ctx context.Context, transport io.ReadWriteCloser, o Options) (*Conn, error) {
	o.setDefaults()
	c := &Conn{
		opts:   o,
		raw:    transport,
		claims: callList{ofClaims: true},
		stalls: stalls{born: time.Now()},
	}
	if o.Progress != nil {
		c.progress = new(progress)
	}
	c.base, c.transport = onBase(transport)
	c.reads(c.transport)
	c.trace.opts = &c.opts
	c.writer = c.write
	if err := c.greet(ctx); err != nil {
		_ = transport.Close() // err says what went wrong
		return nil, err
	}
	c.timer = time.AfterFunc(time.Hour, c.tick)
	c.timer.Stop()
	go c.read()
	return c, nil
}

// greet reads the greeting (RFC 3501 section 7.1).
func (c *Conn) greet(ctx context.Context) error {
	limited := ctx
	if limit := c.opts.GreetingTimeout; limit > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("none within %v", limit))
		defer cancel()
	}
	stop := context.AfterFunc(limited, func() { _ = c.raw.Close() })
	defer stop()
	f, err := c.reader.Next()
	if err != nil {
		if limited.Err() != nil {
			err = cancelled(limited)
		}
		return &Error{cause: lost("read greeting", err)}
	}
	c.traceFrame(f, DialogNone)
	tag, r, err := c.opts.Codec.Decode(f, DialogNone)
	status, ok := r.(StatusResponse)
	if err != nil || len(tag) > 0 || !ok || f.Len() > int64(len(f.Text())) {
		return &Error{Trace: c.trace.last(), cause: violation("greeting: %s", wire.QuoteText(line(f)))}
	}
	cond := status.Condition()
	switch cond.Type {
	case ConditionOK:
		c.state = StateNotAuthenticated
	case ConditionPREAUTH:
		c.state = StateAuthenticated
	case ConditionBYE:
		return &Error{Condition: cond, Trace: c.trace.last(), cause: fmt.Errorf("greeting: %w", ErrConnectionLost)}
	default:
		return &Error{Condition: cond, Trace: c.trace.last(), cause: violation("greeting")}
	}
	if !stop() {
		return &Error{cause: lost("read greeting", cancelled(limited))}
	}
	c.greeting = string(f.Text())
	c.learn(status, nil)
	return nil
}

// Greeting gives the greeting. It is kept as it came and decoded again, for hardly anybody asks.
func (c *Conn) Greeting() (cond Condition) {
	c.mu.Lock()
	codec := c.opts.Codec.Fork()
	c.mu.Unlock()
	if f, err := wire.KeptText(len(c.greeting)).Frame(strings.NewReader(c.greeting)); err == nil {
		if _, r, err := codec.Decode(f, DialogNone); err == nil {
			cond = r.(StatusResponse).Condition()
		}
	}
	return cond
}

// State gives the state of the connection as far as answers have come.
func (c *Conn) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Capabilities gives what the server advertised last.
func (c *Conn) Capabilities() Caps {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.caps
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return closed
	case c.done == nil:
		c.done = make(chan struct{})
	}
	return c.done
}

// Err says why the connection ended, nil as long as it has not.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return c.err
}

// Close ends the connection and every call on it. It sends nothing; the polite way is LOGOUT before it. It may be called at any
// time, any number of times, also from within the functions of Options and CallOptions.
func (c *Conn) Close() error {
	return c.end(&Error{cause: ErrClosed})
}

// end ends the connection for a reason, once.
func (c *Conn) end(e *Error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endLocked(e)
}

// endLocked is end for who holds mu; it is given up while the transport is closed.
func (c *Conn) endLocked(e *Error) error {
	if c.err != nil {
		return nil
	}
	if e.Trace == nil && !errors.Is(e.cause, ErrClosed) {
		e.Trace = c.trace.last()
	}
	c.err = e
	c.over.Store(true)
	c.state = StateLogout
	for k := range c.queue.all() {
		c.queue.remove(k)
		c.finish(k, Condition{}, e.of(k))
	}
	for k := range c.flying.all() {
		c.finish(k, Condition{}, e.of(k))
	}
	c.watches.dropSpare()
	c.timer.Stop()
	c.disarm()
	if c.done != nil {
		close(c.done)
	}
	for _, s := range c.subs {
		wake(s.wake)
	}
	c.changed.Broadcast()
	transport := c.transport
	c.mu.Unlock()
	defer c.mu.Lock()
	c.trim()
	// TLS takes its leave with a last record, which may not get through.
	impatient := time.AfterFunc(lastWords, func() { _ = below(c.raw).Close() })
	defer impatient.Stop()
	if err := transport.Close(); err != nil {
		return fmt.Errorf("close connection: %w", err)
	}
	return nil
}

// below gives what TLS was put on before New, else the transport itself.
func below(transport io.Closer) io.Closer {
	if t, ok := transport.(interface{ NetConn() net.Conn }); ok {
		return t.NetConn()
	}
	return transport
}

// deviation tells of something wrong that costs nothing but itself.
func (c *Conn) deviation(msg, octets string) {
	c.opts.Logger.Warn(msg, "line", wire.QuoteText(octets))
	if c.opts.Strict {
		_ = c.end(&Error{cause: violation("%s: %s", msg, wire.QuoteText(octets))})
	}
}
