package client_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
)

var crowdTime = flag.Duration("crowd", 3*time.Second, "how long many goroutines share a connection to each real server")

const crowdMail = 200 // messages that stay; those with higher UIDs come and go

// A crowd is many goroutines on one connection. Each command of theirs has one right answer, whatever the others do.
type crowd struct {
	*testing.T
	ctx     context.Context
	c       *client.Client
	box     *client.Mailbox
	folder  func(int) string // mailbox n holds n messages
	inbox   string           // where new mail goes
	esearch bool
	serial  atomic.Int64     // of the messages that are made
	done    [16]atomic.Int64 // commands by kind

	mu       sync.Mutex
	appended map[uint32]string // what was stored as which UID
}

// realGoroutines: a thousand goroutines on one connection for some seconds. Nothing is lost or given to the wrong one.
func realGoroutines(t *testing.T, r real) {
	const mailboxes = 4
	goroutines, lasting := 1000, *crowdTime
	if r.Kind != servers.KindDovecot {
		goroutines, lasting = goroutines/10, lasting/10 // they take milliseconds for a command, and answer one after the other
	}
	setup, _ := r.fill(t, "crowd", crowdMail)
	for n := range mailboxes {
		require.NoError(t, setup.Create(t.Context(), r.folder("count"+strconv.Itoa(n))))
		for i := range n {
			_, err := setup.Append(t.Context(), r.folder("count"+strconv.Itoa(n)), imap.Message(imap.SourceString(letter(i))))
			require.NoError(t, err)
		}
	}
	require.NoError(t, setup.Create(t.Context(), r.folder("new")))
	require.NoError(t, setup.Logout(t.Context()))

	var order overtaking
	c := r.dial(t, func(o *client.Options) { o.Trace = &order })
	box, err := c.Select(t.Context(), r.folder("crowd"))
	require.NoError(t, err)
	w := &crowd{T: t, ctx: t.Context(), c: c, box: box, inbox: r.folder("new"), esearch: c.Caps().Has(imap.CapEsearch), appended: map[uint32]string{}}
	w.folder = func(n int) string { return r.folder("count" + strconv.Itoa(n%mailboxes)) }

	w.serial.Store(1_000_000) // no other message has their IDs

	end := time.Now().Add(lasting)
	var wg sync.WaitGroup
	events, stop := context.WithCancel(t.Context())
	wg.Go(func() {
		for _, err := range c.Idle(events) {
			if err != nil {
				assert.ErrorIs(t, err, context.Canceled)
			}
		}
	})
	var users sync.WaitGroup
	for i := range goroutines {
		random := rand.New(rand.NewPCG(uint64(i), 0))
		users.Go(func() {
			for time.Now().Before(end) && !t.Failed() {
				w.step(random)
			}
		})
	}
	users.Wait()
	stop()
	wg.Wait()
	require.NoError(t, c.Err())
	w.checkAppended()
	assert.NoError(t, c.Logout(t.Context()))

	var total int64
	for kind := range w.done {
		total += w.done[kind].Load()
	}
	t.Logf("%d commands, %d of them answered before an earlier one", total, order.count())
	if r.Kind == servers.KindDovecot {
		assert.NotZero(t, order.count(), "Dovecot answers out of order")
	}
}

// step runs one command, or a few that belong together.
func (w *crowd) step(random *rand.Rand) {
	uid := 1 + random.Uint32N(crowdMail)
	first := 1 + random.Uint32N(crowdMail)
	last := min(first+random.Uint32N(10), crowdMail)
	kind := random.IntN(64)
	switch {
	case kind < 12:
		kind = 0
		w.envelopes(first, last)
	case kind < 20:
		kind = 1
		w.bodies(uid)
	case kind < 28:
		kind = 2
		w.search(uid)
	case kind < 36:
		kind = 3
		w.searchReturn(first, last)
	case kind < 44:
		kind = 4
		w.status(random.IntN(100))
	case kind < 50:
		kind = 5
		w.store(uid, random.IntN(2) == 0)
	case kind < 54:
		kind = 6
		assert.NoError(w, w.c.Noop(w.ctx))
	case kind < 58:
		kind = 7
		w.append()
	case kind < 60:
		kind = 8
		w.cancel(first, last, time.Duration(random.IntN(2000))*time.Microsecond)
	case kind < 62:
		kind = 9
		w.breakOff(first, last)
	case kind < 63:
		kind = 10
		w.numbers(first, last)
	default:
		kind = 11
		w.come()
	}
	w.done[kind].Add(1)
}

func messageID(uid uint32) string { return fmt.Sprintf("<%d@example.org>", uid) }

// envelopes are those of a range, with commands between the rows.
func (w *crowd) envelopes(first, last uint32) {
	want := first
	for m, err := range w.box.Fetch(w.ctx, imap.UIDRange(first, last), imap.FetchEnvelope, imap.FetchFlags, imap.FetchRFC822Size) {
		if !assert.NoError(w, err) {
			return
		}
		assert.Equal(w, want, m.UID)
		assert.Equal(w, messageID(want), m.Envelope.MessageID.String())
		assert.Equal(w, uint64(len(letter(int(want)))), m.Size)
		assert.True(w, m.Has(imap.MsgAttItemFlags))
		if want%16 == 0 {
			w.status(int(want))
		}
		want++
	}
	assert.Equal(w, last+1, want)
}

// bodies are two sections of one message.
func (w *crowd) bodies(uid uint32) {
	n := 0
	for m, err := range w.box.Fetch(w.ctx, imap.UIDs(uid), imap.FetchBodySection{Peek: true},
		imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}) {
		if !assert.NoError(w, err) || !assert.Len(w, m.BodySection, 2) {
			return
		}
		text := letter(int(uid))
		assert.Equal(w, text, m.BodySection[0].Data.String())
		assert.Equal(w, text[strings.Index(text, "\r\n\r\n")+4:], m.BodySection[1].Data.String())
		n++
	}
	assert.Equal(w, 1, n)
}

func (w *crowd) search(uid uint32) {
	found, err := w.box.Search(w.ctx, imap.SearchHeader{Field: "Message-ID", Text: messageID(uid)})
	if assert.NoError(w, err) {
		assert.Equal(w, []uint32{uid}, found.Search.IDs)
	}
}

// searchReturn is a SEARCH whose answer names its command, so that many are in flight (RFC 4731).
func (w *crowd) searchReturn(first, last uint32) {
	if !w.esearch {
		w.search(first)
		return
	}
	found, err := client.Do(w.ctx, w.box, imap.Search{
		Return: []imap.ReturnOpt{imap.ReturnOptName("MIN"), imap.ReturnOptName("MAX"), imap.ReturnOptName("COUNT")},
		Keys:   []imap.SearchKey{imap.SearchUID(imap.UIDRange(first, last))},
	})
	if assert.NoError(w, err) {
		assert.Equal(w, [3]uint32{first, last, last - first + 1}, [3]uint32{found.Esearch.Min, found.Esearch.Max, found.Esearch.Count})
	}
}

func (w *crowd) status(n int) {
	st, err := w.c.Status(w.ctx, w.folder(n), imap.StatusMessages, imap.StatusUIDNext)
	if assert.NoError(w, err) {
		assert.Equal(w, w.folder(n), st.Status.Mailbox)
		assert.Equal(w, st.Status.UIDNext-1, st.Status.Messages)
		assert.True(w, strings.HasSuffix(w.folder(n), strconv.Itoa(int(st.Status.Messages))), "%s has %d", w.folder(n), st.Status.Messages)
	}
}

// store sets or clears a flag that others set and clear meanwhile. Dovecot says nothing when the message was like that already.
func (w *crowd) store(uid uint32, set bool) {
	op := imap.StoreFlagsRemove
	if set {
		op = imap.StoreFlagsAdd
	}
	rows, err := w.box.Store(w.ctx, imap.UIDs(uid), imap.StoreFlags{Op: op, Flags: imap.NewFlags(imap.FlagFlagged)})
	assert.NoError(w, err)
	assert.LessOrEqual(w, len(rows), 1)
	for _, m := range rows {
		assert.Equal(w, uid, m.UID)
		assert.Equal(w, set, m.Flags.Has(imap.FlagFlagged), "%d %s: %v", uid, op, m.Flags)
	}
}

func (w *crowd) append() {
	text := letter(int(w.serial.Add(1)))
	done, err := w.c.Append(w.ctx, w.inbox, imap.Message(imap.SourceString(text)))
	if !assert.NoError(w, err) || !assert.NotNil(w, done.AppendUID) {
		return
	}
	for uid := range done.AppendUID.UIDs.All() {
		w.mu.Lock()
		assert.NotContains(w, w.appended, uid)
		w.appended[uid] = text
		w.mu.Unlock()
	}
}

// checkAppended reads back what append has stored.
func (w *crowd) checkAppended() {
	box, err := w.c.Select(w.ctx, w.inbox)
	require.NoError(w, err)
	n := 0
	for m, err := range box.Fetch(w.ctx, imap.UIDRange(1, 0), imap.FetchBodySection{Peek: true}) {
		if len(w.appended) == 0 {
			break // an empty mailbox: Courier says NO
		}
		require.NoError(w, err)
		require.Equal(w, w.appended[m.UID], m.BodySection[0].Data.String())
		n++
	}
	assert.Len(w, w.appended, n)
}

// cancel gives up in the middle; the connection and the others go on.
func (w *crowd) cancel(first, last uint32, after time.Duration) {
	ctx, cancel := context.WithTimeout(w.ctx, after)
	defer cancel()
	for m, err := range w.box.Fetch(ctx, imap.UIDRange(first, last), imap.FetchBodySection{Peek: true}) {
		if err != nil {
			assert.ErrorIs(w, err, context.DeadlineExceeded)
			return
		}
		assert.Equal(w, letter(int(m.UID)), m.BodySection[0].Data.String())
	}
}

func (w *crowd) breakOff(first, last uint32) {
	for m, err := range w.box.Fetch(w.ctx, imap.UIDRange(first, last), imap.FetchEnvelope) {
		if assert.NoError(w, err) {
			assert.Equal(w, first, m.UID)
		}
		break
	}
}

// numbers fetches by sequence number: the UIDs are the same for the messages that stay. An EXPUNGE meanwhile makes the set stale.
func (w *crowd) numbers(first, last uint32) {
	want := first
	for m, err := range w.box.Fetch(w.ctx, w.box.Range(first, last), imap.FetchUID, imap.FetchEnvelope) {
		if errors.Is(err, client.ErrStaleNumbers) && want == first {
			return
		}
		if !assert.NoError(w, err) {
			return
		}
		assert.Equal(w, want, m.Seq)
		assert.Equal(w, want, m.UID)
		assert.Equal(w, messageID(want), m.Envelope.MessageID.String())
		want++
	}
	assert.Equal(w, last+1, want)
}

// come lets a message come to the selected mailbox and go again.
func (w *crowd) come() {
	done, err := w.c.Append(w.ctx, w.box.Name(), imap.Message(imap.SourceString(letter(int(w.serial.Add(1))))))
	if !assert.NoError(w, err) || !assert.NotNil(w, done.AppendUID) {
		return
	}
	set := done.AppendUID.UIDs
	assert.NoError(w, w.c.Noop(w.ctx)) // now the server knows of it in this session
	_, err = w.box.Store(w.ctx, set, imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: imap.NewFlags(imap.FlagDeleted)})
	assert.NoError(w, err)
	_, err = w.box.UIDExpunge(w.ctx, set)
	assert.NoError(w, err)
	for m, err := range w.box.Fetch(w.ctx, set, imap.FetchFlags) {
		if assert.NoError(w, err) {
			w.Errorf("message %d is still there", m.UID)
		}
	}
}

// overtaking counts the tagged answers in a trace that came before that of an earlier command.
type overtaking struct {
	mu     sync.Mutex
	flying map[int]bool
	n      int
}

// Write takes a line: time, direction, tag of four letters and a number.
func (o *overtaking) Write(line []byte) (int, error) {
	words := strings.SplitN(string(line), " ", 4)
	if len(words) < 4 || len(words[2]) <= 4 {
		return len(line), nil
	}
	tag, err := strconv.Atoi(words[2][4:])
	if err != nil {
		return len(line), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case words[1] == "C:":
		if o.flying == nil {
			o.flying = map[int]bool{}
		}
		o.flying[tag] = true
	case words[1] == "S:" && o.flying[tag]:
		delete(o.flying, tag)
		for earlier := range o.flying {
			if earlier < tag {
				o.n++
				break
			}
		}
	}
	return len(line), nil
}

func (o *overtaking) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.n
}
