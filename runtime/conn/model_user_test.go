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
	persists bool // it is sent again if it is refused
	again    bool // it was

	cancelled, stopped atomic.Int64 // when, as a time of world.now; 0: it was not
	ctx                context.Context
	cancel             context.CancelFunc
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
		if u.closed.Load() > 0 {
			return
		}
		n := 1 + u.random.IntN(3)
		if u.long && u.random.IntN(3) > 0 {
			n = 1
		}
		ops := make([]*op, n)
		saved := false
		for i := range ops {
			ops[i] = u.next(saved)
			u.begin(ops[i])
			saved = ops[i].scope.Saves
		}
		u.random.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
		for _, o := range ops {
			u.end(o)
		}
		pause := 200
		if u.long { // longer than most answers take, so that others come in their midst
			pause = 8000
		}
		time.Sleep(time.Duration(u.random.IntN(pause)) * time.Microsecond)
	}
}

// next makes a random command, often about what was saved a moment ago.
func (u *user) next(saved bool) *op {
	u.mu.Lock()
	o := &op{w: u.world, mailbox: u.mailbox}
	u.mu.Unlock()
	first := 1 + u.random.IntN(45)
	last := min(first+u.random.IntN(8), 50)
	items := []uint64{itemFlags, itemFlags, itemBody, itemEnvelope, itemFlags | itemBody, itemFlags | itemEnvelope, itemBody | itemEnvelope}[u.random.IntN(7)]
	kind := u.random.IntN(40)
	if o.mailbox == 0 && u.random.IntN(2) == 0 {
		kind = 39
	}
	switch {
	case u.long && o.mailbox > 0 && u.random.IntN(2) == 0:
		first, last = 1+u.random.IntN(50), u.size()-10-u.random.IntN(50)
		if kind = u.random.IntN(16); kind > 13 {
			kind = 28 // LIST
		}
	case saved && u.random.IntN(4) > 0:
		kind = 38
	}
	uid := func(spec *Spec) {
		base := o.mailbox * mailboxSpan
		o.spec, o.scope = spec, Scope{UID: true, Set: wire.UIDRange(uint32(base+first), uint32(base+last))}
		o.text = fmt.Sprintf("%s %d:%d", spec.Name, base+first, base+last)
	}
	seq := func(spec *Spec) {
		o.spec, o.scope = spec, Scope{ByNumber: true, Set: wire.SeqRange(uint32(first), uint32(last))}
		o.text = fmt.Sprintf("%s %d:%d", spec.Name, first, last)
	}
	plain := func(spec *Spec, text string) { o.spec, o.text = spec, text }
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
	case kind < 36:
		u.save(o)
	case kind < 39:
		u.useSaved(o, items)
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
	o.persists = u.random.IntN(4) == 0
}

func (u *user) begin(o *op) {
	o.ctx, o.cancel = context.WithCancel(u.t.Context())
	switch n := u.random.IntN(12); {
	case o.literal > 0: // one that is cancelled halfway costs the connection
	case n == 0:
		o.quit.Store(true)
		limit := time.Duration(u.random.IntN(500)) * time.Microsecond
		o.cancelled.Store(u.now() + int64(limit))
		o.ctx, o.cancel = context.WithTimeout(u.t.Context(), limit)
	case n == 1:
		o.giveUp(false)
	}
	options := CallOptions{Result: u.result(o)}
	for _, r := range o.spec.Returns {
		options.Rows = options.Rows || r.Many && !r.Collect
	}
	options.Parts = options.Rows && u.random.IntN(2) == 0
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
		u.rows(o)
	}
	since := u.now()
	wait := o.call.Wait
	if !o.call.wants.rows && u.random.IntN(2) == 0 {
		wait = o.call.WaitAndFree
		o.call = nil
	}
	cond, err := wait(u.t.Context())
	u.prompt(o, since, false)
	var e *Error
	switch {
	case err == nil, errors.As(err, &e) && (e.Type == ConditionNO || e.Type == ConditionBAD):
		o.answered = true
		if o.literal == 0 {
			u.waited(modelWait{label: o.label, since: since})
		}
		if err != nil {
			cond = e.Condition
		}
		assert.True(u.t, strings.HasPrefix(cond.Text+" ", fmt.Sprintf("#%d ", o.label)), "#%d got the answer %q", o.label, cond.Text)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		assert.True(u.t, o.quit.Load(), "%q: %v", o.text, err)
	case errors.Is(err, ErrClosed):
		assert.NotZero(u.t, u.closed.Load(), "%q: %v", o.text, err)
		o.quit.Store(true)
	case errors.Is(err, ErrState), errors.Is(err, errMoved):
		assert.Equal(u.t, StateSelected, o.spec.In, "%q: %v", o.text, err)
		assert.NotErrorIs(u.t, err, ErrOutcomeUnknown)
	default:
		assert.NoError(u.t, err, "%q", o.text)
	}
}
