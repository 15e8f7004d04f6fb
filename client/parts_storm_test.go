package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// TestStorm does at random, all at once over one connection, what makes other clients hang: commands inside loops over messages, bodies and
// events, loops that are left, rows that nobody reads, callbacks that run commands, bodies appended over the connection that they come
// from, cancellation, Close. Whatever happens each call must end, and what is read be what was sent.
//
// It takes two seconds; PARLEY_STORM is another duration, such as 1m, and PARLEY_SEED another course.
func TestStorm(t *testing.T) {
	long, seed := 2*time.Second, uint64(1)
	if s := os.Getenv("PARLEY_STORM"); s != "" {
		var err error
		long, err = time.ParseDuration(s)
		require.NoError(t, err)
	}
	if s := os.Getenv("PARLEY_SEED"); s != "" {
		_, err := fmt.Sscan(s, &seed)
		require.NoError(t, err)
	}
	srv := imaptest.NewServer(imaptest.Options{})
	defer srv.Close()
	messages := map[uint32]string{}
	appended := map[string]bool{}
	for i, size := range []int{100, 5 * kib, 70 * kib, 200 * kib, 1000 * kib, 64*kib + 1, 300 * kib, 20} {
		octets := fmt.Sprintf("Subject: %d\r\n\r\n%s\r\n", i, text(size, byte(i)))
		uid, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(octets))
		require.NoError(t, err)
		messages[uid] = octets
		_, body, _ := cutText(octets)
		appended[octets], appended[body] = true, true
	}
	_, err := srv.Append("ada", "Copy", imap.Flags{}, time.Time{}, []byte(messages[1]))
	require.NoError(t, err)
	for end := time.Now().Add(long); time.Now().Before(end); seed++ {
		random := rand.New(rand.NewPCG(seed, 0))
		o := client.Options{
			Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig(), Compress: random.IntN(4) == 0,
			UnreadLimit: []int64{1, 100 * kib, 0}[random.IntN(3)],
		}
		if random.IntN(4) == 0 {
			o.Spill = client.SpillNone
		}
		c, err := client.Dial(t.Context(), srv.URL, o)
		require.NoError(t, err)
		box, err := c.Select(t.Context(), "INBOX")
		require.NoError(t, err)
		s := &storm{t: t, c: c, box: box, messages: messages, mayFail: o.Spill != nil}
		done := make(chan struct{})
		go func() {
			defer close(done)
			var all sync.WaitGroup
			for i := range 1 + random.IntN(6) {
				r := rand.New(rand.NewPCG(seed, uint64(i)+1))
				all.Go(func() {
					for range 8 {
						s.act(r)
					}
				})
			}
			if random.IntN(4) == 0 {
				time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond) // Close at any time
				s.closing()
			}
			all.Wait()
			s.pending.Wait()
			s.closing()
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			t.Fatalf("seed %d: something does not end", seed)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	copies := srv.Messages("ada", "Copy")
	for _, m := range copies {
		assert.True(t, appended[string(m.Octets)], "message %d of the copies is none that was sent", m.UID)
	}
	assert.Greater(t, len(copies), 1)
}

type storm struct {
	t        *testing.T
	c        *client.Client
	box      *client.Mailbox
	messages map[uint32]string
	mayFail  bool
	pending  sync.WaitGroup // callbacks

	mu     sync.Mutex
	closed bool
}

func (s *storm) closing() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	_ = s.c.Close()
}

// check judges an error.
func (s *storm) check(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		return true
	case s.closed && errors.Is(err, imap.ErrClosed), errors.Is(err, context.Canceled), s.mayFail && errors.Is(err, imap.ErrUnread):
	default:
		assert.NoError(s.t, err)
	}
	return false
}

var items = []imap.FetchAtt{imap.FetchUID, peek, imap.FetchFlags, imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}}

// calm is in the context of what is not cancelled and does not fail.
type calm struct{}

// act does one thing.
func (s *storm) act(r *rand.Rand) {
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	if r.IntN(6) > 0 && !s.mayFail {
		ctx = context.WithValue(ctx, calm{}, true)
	} else {
		stop := time.AfterFunc(time.Duration(r.IntN(5000))*time.Microsecond, cancel)
		defer stop.Stop()
	}
	first := 1 + r.Uint32N(uint32(len(s.messages)))
	set := imap.UIDRange(first, first+r.Uint32N(4))
	if r.IntN(4) == 0 {
		set = imap.SeqRange(first, min(first+r.Uint32N(4), uint32(len(s.messages))))
	}
	switch r.IntN(8) {
	case 0, 1, 2:
		for m, err := range s.box.FetchParts(ctx, set, items...) {
			if !s.check(err) || !s.parts(ctx, r, m) || r.IntN(10) == 0 {
				return
			}
			s.between(ctx, r)
		}
	case 3:
		for m, err := range s.box.Fetch(ctx, set, items...) {
			if !s.check(err) {
				return
			}
			assert.True(s.t, s.messages[m.UID] == m.BodySection[0].Data.String())
			if r.IntN(10) == 0 {
				return
			}
			s.between(ctx, r)
		}
	case 4: // not read until other commands are done, or at all
		rows := client.StartParts(ctx, s.box, imap.Fetch{Set: set, Items: items})
		s.between(ctx, r)
		s.check(s.c.Noop(ctx))
		if r.IntN(2) == 0 {
			for m, err := range rows.All() {
				if !s.check(err) || !s.parts(ctx, r, m) {
					return
				}
			}
		}
		_, err := rows.Result()
		s.check(err)
	case 5:
		rows := client.StartRows(ctx, s.box, imap.Fetch{Set: set, Items: items})
		s.pending.Add(1)
		client.Start(ctx, s.c, imap.Noop{}).OnDone(func(_ *imap.NoopResult, err error) {
			defer s.pending.Done()
			if s.check(err) {
				s.check(s.c.Noop(s.t.Context()))
			}
		})
		_, err := rows.Result()
		s.check(err)
	case 6:
		short, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(3000))*time.Microsecond)
		defer cancel()
		for _, err := range s.c.Idle(short) {
			if errors.Is(err, context.DeadlineExceeded) || !s.check(err) {
				return
			}
			s.check(s.c.Noop(ctx))
		}
	default:
		s.between(ctx, r)
	}
}

// between runs a command, or none.
func (s *storm) between(ctx context.Context, r *rand.Rand) {
	switch r.IntN(6) {
	case 0:
		s.check(s.c.Noop(ctx))
	case 1:
		_, err := s.c.Status(ctx, "INBOX", imap.StatusMessages)
		s.check(err)
	case 2:
		for m, err := range s.box.Fetch(ctx, imap.UIDs(1+r.Uint32N(uint32(len(s.messages)))), imap.FetchRFC822Size) {
			if s.check(err) {
				assert.NotZero(s.t, m.Size)
			}
		}
	}
}

// parts reads the parts of a message, or some of them, or something of some.
func (s *storm) parts(ctx context.Context, r *rand.Rand, m *client.Message) bool {
	if r.IntN(8) == 0 {
		return true
	}
	for part, err := range m.Parts() {
		if !s.check(err) {
			return false
		}
		want := s.messages[m.Seq] // the UIDs are the numbers
		if part.Section.Specifier == imap.SectionText {
			_, want, _ = cutText(want)
		}
		assert.Equal(s.t, int64(len(want)), part.Data.Size())
		switch r.IntN(6) {
		case 0: // passed over
		case 1:
			some := make([]byte, min(len(want), r.IntN(100*kib)))
			if _, err := io.ReadFull(part.Data, some); !s.check(err) {
				return false
			}
			s.between(ctx, r)
			rest, err := io.ReadAll(part.Data)
			if !s.check(err) {
				return false
			}
			assert.True(s.t, want == string(some)+string(rest), "message %d", m.Seq)
		case 2:
			if ctx.Value(calm{}) == nil {
				continue // a body that fails would cost the connection, to which it was announced
			}
			_, err := s.c.Append(ctx, "Copy", imap.Message(imap.SourceReader(part.Data, part.Data.Size())))
			if !s.check(err) {
				return false
			}
		case 3:
			return true
		default:
			var got bytes.Buffer
			if _, err := part.Data.WriteTo(&got); !s.check(err) {
				return false
			}
			assert.True(s.t, want == got.String(), "message %d", m.Seq)
		}
	}
	return true
}

func cutText(s string) (header, body string, ok bool) {
	i := bytes.Index([]byte(s), []byte("\r\n\r\n"))
	return s[:i], s[i+4:], true
}
