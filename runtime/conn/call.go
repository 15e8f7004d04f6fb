package conn

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// CallOptions say what becomes of the answers to one command. The zero value keeps nothing but the tagged answer.
type CallOptions struct {
	// Result takes the answers; nil: nobody does.
	Result Result
	// Check runs when the command is admitted to the wire, before an octet of it is written, and nothing that could
	// change the mailbox is admitted before the command. Its error fails the command. It runs on the writer.
	Check func(*Call) error
	// SASL answers the challenges of DialogSASL.
	SASL SASL
	// Upgrade makes the TLS connection of SwitchTLS; it returns when the handshake is done. It runs on the reader.
	Upgrade Upgrade
	// Rows queues the data of Return.Many for Next.
	Rows bool
	// Parts, with Rows, gives a row with long bodies when the first of them begins, as a *Begun.
	Parts bool

	internal bool // an IDLE or NOOP of the connection's own
}

// A Result takes the answers to one command. It runs on the reader.
type Result interface {
	// Collect takes the data that answers the command, without that which CallOptions.Rows queues. A command that was cancelled gets no
	// more, unless its answer still takes effect: a SELECT that nobody waits for still selects.
	Collect(Response)
	// Complete takes the tagged answer before anything after it is read, also if the command was cancelled.
	Complete(Condition)
}

// phase is how far a command has come.
type phase uint8

const (
	phaseQueued   phase = iota // nothing of it is written, and nothing will be if it is cancelled now
	phaseAdmitted              // it has a tag and is being encoded
	phaseBegun                 // a part is with the transport, or about to be; the server may refuse it
	phaseSent                  // all is
)

// A Call is a command that was started. Its methods may be called from any goroutine, Next from one at a time. A nil Call can be waited
// for as well: it is that of a command that had nothing to do, and has ended.
type Call struct {
	conn  *Conn
	cmd   Command
	spec  *Spec
	scope Scope
	ctx   context.Context

	// Set once, by Start.
	result     Result
	check      func(*Call) error
	login      *CallOptions  // where SASL and Upgrade are; nil: there is neither
	waiter     chan struct{} // gets a token when it has ended; nil: nobody waits in Wait as a rule
	wants      wants
	byNumber   bool
	mayExpunge bool
	reads      bool // flags
	writes     bool // flags
	bySet      bool // only messages tell what answers it

	// Guarded by conn.mu.
	phase     phase
	ended     bool // cond and err are final
	released  bool // who waits was told; later than ended only while the source is being read
	abandoned bool // cancelled after the write: what still comes is dropped
	stopped   bool // no more rows are wanted
	awaited   bool // somebody waits for the end and perhaps not for rows
	opened    bool // the server has answered an IDLE with "+"
	moved     bool // the numbers of its messages have changed: what comes is about others
	tag       uint32
	place     int32  // in its list of conn.spans
	link             // in the intake, in conn.queue or in conn.flying
	sameSlot  *Call  // the next one in its slot of conn.byTag
	watch     *watch // nil: its context does not end, or it has ended itself
	cond      Condition
	err       error
	followers *followers // nil: none
	told      *told      // nil: nobody asks for progress

	waited atomic.Bool // somebody has waiter

	*claim    // nil: nothing answers it but the tagged answer, and it is neither about flags nor about "$"
	*rowQueue // nil: nobody reads rows
}

// wants are the options of a call that are yes or no.
type wants struct{ rows, parts, internal bool }

// followers are told of the end of a call, besides who waits in Wait.
type followers struct {
	done      chan struct{} // closed when the call is released; nil: nobody has asked for it
	callbacks []func()
}

// A claim is what a call has besides if data may answer it, or if it is about flags: others must be compared with it.
type claim struct {
	// Set once, by Start.
	returns []Return // of the spec and of extensions; asks tells which hold for this value of the command
	bounds  bounds   // of scope.Set, to tell most sets apart at a glance

	// Guarded by conn.mu.
	amongClaims link
	followed    bool   // it saves "$", and a command about that was sent behind it, or it is one
	replaced    bool   // one of those saves another one that is not about this one
	gathered    int64  // octets of what is kept for its result
	singles     uint64 // which of its Returns that are not Many it has had: bits, indices of returns
	answered    answered
}

// A rowQueue is what a call with CallOptions.Rows has besides: most commands have none, and an IDLE that lasts is small.
type rowQueue struct {
	// Guarded by conn.mu.
	rows    []Response
	few     [1]Response // where rows begin
	octets  int64       // of rows, as they came
	held    int64       // octets in memory of the bodies of its rows that are Begun
	drained int64       // octets of rows that were dropped
	hungry  bool        // Next waits, and there is no row
	borrows bool        // Next can borrow the reader: no context ends its wait, for that ends no Read
	kept    map[kept]struct{}
	codec   Codec         // for what was stored; set by the reader before there is any
	wake    chan struct{} // gets a token when there is something for Next; nil: nothing will come any more

	// Only Next.
	batch   []Response
	at      int
	begun   *Begun  // the last row, if it is one
	loading *stored // has more rows
}

// Command gives what was started.
func (k *Call) Command() Command { return k.cmd }

// Scope gives what the command touches, as it said when it was started.
func (k *Call) Scope() Scope { return k.scope }

// newCall makes a call that is not queued yet.
func (c *Conn) newCall(ctx context.Context, cmd Command, o CallOptions) *Call {
	spec, scope := cmd.Spec(), cmd.Scope()
	returns := spec.Returns
	if more := c.opts.Returns[spec.Name]; len(more) > 0 {
		returns = slices.Concat(returns, more)
	}
	reads, writes := spec.ReadsFlags || scope.ReadsFlags, spec.WritesFlags || scope.WritesFlags
	k := c.emptyCall(len(returns) > 0 || reads || writes || scope.Saves || scope.UsesSaved, o.Rows)
	k.conn, k.cmd, k.spec, k.scope, k.ctx = c, cmd, spec, scope, ctx
	k.result, k.check, k.wants = o.Result, o.Check, wants{o.Rows, o.Parts, o.internal}
	if o.SASL != nil || o.Upgrade != nil {
		k.login = &CallOptions{SASL: o.SASL, Upgrade: o.Upgrade}
	}
	k.byNumber = scope.ByNumber
	k.mayExpunge = !spec.KeepsNumbers || scope.UID || !k.byNumber
	k.reads, k.writes = reads, writes
	k.bySet = true
	if k.claim != nil {
		k.returns, k.bounds = returns, boundsOf(scope.Set)
		for i := range returns {
			if r := &returns[i]; r.Kind != nil && !r.Set && k.mayAsk(r) {
				k.bySet = false
			}
		}
	}
	switch {
	case o.Rows:
		k.wake, k.rows = c.token(), k.few[:0]
	case !o.internal && k.waiter == nil:
		k.waiter = c.token()
	}
	return k
}

// Start queues a command and returns at once; it never waits for the network. The command is sent as soon as it is its turn and
// nothing in flight forbids it (see the package comment).
//
// ctx governs the command until it has ended. If it ends before the command is admitted to the wire, nothing is sent. After that the
// call ends at once with an error that matches both that of ctx and ErrOutcomeUnknown; the connection lives on and drops the
// answers. Only a literal from a Source that was announced cannot be taken back: it is still sent if it is that of a string, else the
// connection closes.
func (c *Conn) Start(ctx context.Context, cmd Command, o CallOptions) *Call {
	o.internal = false
	k := c.newCall(ctx, cmd, o)
	if c.over.Load() || ctx.Err() != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.enter(k)
		return k
	}
	c.submit(k)
	return k
}

// enter puts a call that was started at the end of the queue. The caller holds mu.
func (c *Conn) enter(k *Call) {
	c.note(StepStarted, k, 0, 0)
	switch {
	case c.err != nil:
		c.finish(k, Condition{}, c.err.of(k))
	case k.ctx.Err() != nil:
		c.finish(k, Condition{}, &Error{Command: k.spec.Name, cause: cancelled(k.ctx)})
	default:
		c.watch(k)
		c.queue.push(k)
	}
}

// enqueue puts a call of the connection's own at the end of the queue. The caller holds mu.
func (c *Conn) enqueue(k *Call) {
	c.enter(k)
	c.changed.Broadcast()
	c.kick()
}

// finish ends a call once; the caller holds mu. The call may stay in flight until its answer comes.
func (c *Conn) finish(k *Call, cond Condition, err error) {
	if k.ended {
		return
	}
	if k.rowQueue != nil {
		c.unread -= k.octets
	}
	k.ended, k.cond, k.err = true, cond, err
	c.written(k)
	c.note(StepDone, k, 0, 0)
	c.arrived.Broadcast()
	c.interrupt(k)
	c.unwatch(k)
	if c.reading == k {
		// Its source is being read: the writer releases the call when the Read returns.
		time.AfterFunc(sourceGrace, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.release(k)
		})
		return
	}
	c.release(k)
}

// release lets go all who wait for a call that has ended. The caller holds mu.
func (c *Conn) release(k *Call) {
	if k.released {
		return
	}
	k.released = true
	if k.rowQueue != nil {
		wake(k.wake)
	}
	if f := k.followers; f != nil {
		if f.done != nil {
			close(f.done)
		}
		for _, callback := range f.callbacks {
			go callback()
		}
		k.followers = nil
	}
	c.changed.Broadcast()
	switch { // last of all: whom this wakes may free the call
	case k.waiter == nil:
	case c.settling:
		c.answers.due = append(c.answers.due, k.waiter)
	default:
		k.waiter <- struct{}{}
	}
}

// cancel ends a call whose context has ended.
func (c *Conn) cancel(k *Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancelLocked(k)
}

// cancelLocked is cancel for who holds mu.
func (c *Conn) cancelLocked(k *Call) {
	c.takeIn()
	if k.ended {
		return
	}
	if k.phase == phaseQueued {
		c.queue.remove(k)
		c.finish(k, Condition{}, &Error{Command: k.spec.Name, cause: cancelled(k.ctx)})
		c.stuck = false // it may have been what the queue waited for
		c.kick()
		return
	}
	c.abandon(k, cancelled(k.ctx))
	if c.part.k == k && c.part.inSource && c.part.takenBack() {
		c.endLocked(cancelledWithin(k))
		return
	}
	c.kick()
}

// abandon ends a call that is in flight. The caller holds mu.
func (c *Conn) abandon(k *Call, cause error) {
	k.abandoned = true
	c.dropRows(k)
	c.finish(k, Condition{}, &Error{Command: k.spec.Name, Trace: c.trace.last(), cause: cause, unknown: k.phase >= phaseBegun})
	c.changed.Broadcast()
}
