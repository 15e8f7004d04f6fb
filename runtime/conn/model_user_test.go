package conn

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/runtime/wire"
)

// An op is a command of a user, which writes into it what the client knew when it was admitted: its place in the order, the mailbox
// it is for, and how many messages the client knew to be gone.
type op struct {
	command
	w        *world
	label    int
	text     string // all but that
	literal  int    // octets of an APPEND
	mailbox  int
	call     *Call
	quit     atomic.Bool // the user wants no more of it
	answered bool
	ctx      context.Context
	cancel   context.CancelFunc
}

func (o *op) AppendIMAP(e *wire.Encoder) error {
	w := o.w
	w.mu.Lock()
	expunged := w.expunged
	w.mu.Unlock()
	e.Keyword(fmt.Sprintf("%s #%d @%d !%d", o.text, o.label, o.mailbox, expunged))
	if o.literal > 0 {
		e.SP()
		e.AppendSource(source(strings.Repeat("x", o.literal)))
	}
	return e.Err()
}

func (o *op) sent() bool { return o.answered }

var errMoved = errors.New("another mailbox is selected")

// The commands of the model; they differ from those of the table tests in that they need a mailbox.
var (
	inMailbox = func(spec Spec, name string) *Spec { spec.Name, spec.In = name, StateSelected; return &spec }

	modelFetch     = inMailbox(*specFetch, "FETCH")
	modelUIDFetch  = inMailbox(*specUIDFetch, "UID FETCH")
	modelStore     = inMailbox(*specStore, "STORE")
	modelUIDStore  = inMailbox(*specStore, "UID STORE")
	modelExpunge   = inMailbox(*specExpunge, "EXPUNGE")
	modelCopy      = inMailbox(Spec{ReadsFlags: true}, "COPY")
	modelList      = &Spec{Name: "LIST", In: loggedIn, Returns: []Return{{Kind: kindList, Many: true}}}
	modelLsub      = &Spec{Name: "LSUB", In: loggedIn, Returns: []Return{{Kind: kindLsub, Many: true}}}
	modelUIDSearch = &Spec{Name: "SEARCH", In: StateSelected, KeepsNumbers: true, Returns: []Return{
		{Kind: kindSearch, Unless: 1}, {Kind: kindEsearch, Tag: true, With: 1}}}
)

// A user runs commands, some at a time.
type user struct {
	*world
	random *rand.Rand
}

func (u *user) run(steps int) {
	for range steps {
		ops := make([]*op, 1+u.random.IntN(3))
		for i := range ops {
			ops[i] = u.next()
			u.begin(ops[i])
		}
		u.random.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
		for _, o := range ops {
			u.end(o)
		}
		time.Sleep(time.Duration(u.random.IntN(200)) * time.Microsecond)
	}
}

// next makes a random command.
func (u *user) next() *op {
	u.mu.Lock()
	o := &op{w: u.world, mailbox: u.mailbox}
	u.mu.Unlock()
	first := 1 + u.random.IntN(45)
	last := min(first+u.random.IntN(8), 50)
	items := []uint64{itemFlags, itemFlags, itemBody, itemEnvelope, itemFlags | itemBody, itemFlags | itemEnvelope, itemBody | itemEnvelope}[u.random.IntN(7)]
	uid := func(spec *Spec) {
		base := o.mailbox * 1000
		o.spec, o.scope = spec, Scope{UID: true, Set: wire.UIDRange(uint32(base+first), uint32(base+last))}
		o.text = fmt.Sprintf("%s %d:%d", spec.Name, base+first, base+last)
	}
	seq := func(spec *Spec) {
		o.spec, o.scope = spec, Scope{ByNumber: true, Set: wire.SeqRange(uint32(first), uint32(last))}
		o.text = fmt.Sprintf("%s %d:%d", spec.Name, first, last)
	}
	plain := func(spec *Spec, text string) { o.spec, o.text = spec, text }
	kind := u.random.IntN(34)
	if o.mailbox == 0 && u.random.IntN(2) == 0 {
		kind = 33
	}
	switch {
	case kind < 10:
		uid(modelUIDFetch)
		u.items(o, items)
	case kind < 14:
		seq(modelFetch)
		u.items(o, items)
	case kind < 16:
		uid(modelUIDStore)
	case kind < 17:
		seq(modelStore)
	case kind < 18:
		seq(modelCopy)
	case kind < 19:
		uid(inMailbox(*modelCopy, "UID COPY"))
	case kind < 24:
		u.search(o)
	case kind < 25:
		plain(modelExpunge, "EXPUNGE")
	case kind < 26:
		uid(inMailbox(*modelExpunge, "UID EXPUNGE"))
	case kind < 28:
		name := string(rune('a' + u.random.IntN(3)))
		plain(specStatus, "STATUS "+name)
		o.scope.Key = name
	case kind < 29:
		plain(modelList, "LIST")
	case kind < 30:
		plain(modelLsub, "LSUB")
	case kind < 31:
		plain(specAppend, "APPEND")
		o.literal = 1 + u.random.IntN(5000)
	case kind < 32:
		plain(specCapability, "CAPABILITY")
	case kind < 33:
		plain(specNoop, "NOOP")
	default:
		plain(specSelect, "SELECT")
	}
	return o
}

// items makes a FETCH ask for items. BODY[] sets \Seen.
func (u *user) items(o *op, items uint64) {
	var words []string
	if items&itemFlags != 0 {
		words = append(words, "FLAGS")
	}
	switch {
	case items&itemBody == 0:
	case u.random.IntN(2) == 0:
		words = append(words, "BODY.PEEK[]")
	default:
		words = append(words, "BODY[]")
		o.scope.WritesFlags = true
	}
	if items&itemEnvelope != 0 {
		words = append(words, "ENVELOPE")
	}
	o.scope.Items = items
	o.text += " (" + strings.Join(words, " ") + ")"
}

// search makes a SEARCH of one of the kinds that answer differently: with the tag or without, by number or by UID.
func (u *user) search(o *op) {
	o.spec, o.text, o.scope = modelUIDSearch, "UID SEARCH", Scope{UID: true}
	switch u.random.IntN(4) {
	case 0:
		o.text, o.scope = "SEARCH", Scope{ByNumber: true}
	case 1:
		o.text += " 3:5"
		o.scope.ByNumber = true
	case 2, 3:
		o.text += " RETURN (ALL)"
		o.scope.With = 1
	}
	if u.random.IntN(2) == 0 {
		o.text += " UNSEEN"
		o.scope.ReadsFlags = true
	}
}

func (u *user) begin(o *op) {
	o.ctx, o.cancel = context.WithCancel(u.t.Context())
	switch n := u.random.IntN(12); {
	case o.literal > 0: // one that is cancelled halfway costs the connection
	case n == 0:
		o.quit.Store(true)
		o.ctx, o.cancel = context.WithTimeout(u.t.Context(), time.Duration(u.random.IntN(500))*time.Microsecond)
	case n == 1:
		o.quit.Store(true)
		o.cancel()
	}
	options := CallOptions{Result: u.result(o)}
	for _, r := range o.spec.Returns {
		options.Rows = options.Rows || r.Many && !r.Collect
	}
	if o.spec.In == StateSelected {
		options.Check = func(*Call) error {
			u.mu.Lock()
			defer u.mu.Unlock()
			if u.mailbox != o.mailbox {
				return errMoved
			}
			return nil
		}
	}
	u.world.start.Lock()
	defer u.world.start.Unlock()
	u.mu.Lock()
	u.started = append(u.started, o)
	o.label = len(u.started)
	u.mu.Unlock()
	o.call = u.c.Start(o.ctx, o, options)
}

func (u *user) result(o *op) Result {
	return result{
		collect: func(r Response) { u.give(r, o) },
		complete: func(cond Condition) {
			if o.spec != specSelect {
				return
			}
			u.mu.Lock()
			defer u.mu.Unlock()
			switch cond.Type {
			case ConditionOK:
				_, at, _ := strings.Cut(cond.Text, "@")
				_, _ = fmt.Sscan(at, &u.mailbox)
			case ConditionNO:
				u.mailbox = 0
			}
		},
	}
}

// end waits for a command, and reads its rows: perhaps not all of them, perhaps with other commands between.
func (u *user) end(o *op) {
	defer o.cancel()
	if o.call.wants.rows {
		for {
			r, err := o.call.Next(u.t.Context())
			if r == nil || err != nil {
				break
			}
			assert.NotEqual(u.t, kindVanished, r.Kind(), "it is for the result of %q, and no row", o.text)
			u.give(r, o)
			n := u.random.IntN(40)
			if n == 0 {
				o.quit.Store(true)
				o.call.Stop()
				break
			}
			switch n {
			case 1:
				o.quit.Store(true)
				o.cancel()
			case 2:
				between := u.next()
				u.begin(between)
				u.end(between)
			}
		}
	}
	wait := o.call.Wait
	if !o.call.wants.rows && u.random.IntN(2) == 0 {
		wait = o.call.WaitAndFree
		o.call = nil
	}
	cond, err := wait(u.t.Context())
	var e *Error
	switch {
	case err == nil, errors.As(err, &e) && (e.Type == ConditionNO || e.Type == ConditionBAD):
		o.answered = true
		if err != nil {
			cond = e.Condition
		}
		assert.True(u.t, strings.HasPrefix(cond.Text+" ", fmt.Sprintf("#%d ", o.label)), "#%d got the answer %q", o.label, cond.Text)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		assert.True(u.t, o.quit.Load(), "%q: %v", o.text, err)
	case errors.Is(err, ErrState), errors.Is(err, errMoved):
		assert.Equal(u.t, StateSelected, o.spec.In, "%q: %v", o.text, err)
		assert.NotErrorIs(u.t, err, ErrOutcomeUnknown)
	default:
		assert.NoError(u.t, err, "%q", o.text)
	}
}
