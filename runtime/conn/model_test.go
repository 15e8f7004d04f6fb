package conn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// A modelServer has any number of commands in flight and answers them in random order and interleaving, as section 5.5 allows, with
// data that nobody asked for between. It checks what comes against the rules themselves, by the names of the commands.
type modelServer struct {
	t      *testing.T
	random *rand.Rand
	conn   net.Conn

	mu      sync.Mutex
	pending []*modelCommand
	arrived chan struct{}
	ended   bool
}

type modelCommand struct {
	tag, line string
	rows      []string // still to be sent
}

// is tells whether the command is one of these, by the start of its line.
func (m *modelCommand) is(names ...string) bool {
	for _, n := range names {
		if m.line == n || strings.HasPrefix(m.line, n+" ") {
			return true
		}
	}
	return false
}

// numbers gives the messages n or n:m that the command names.
func (m *modelCommand) numbers() (first, last int) {
	set := strings.TrimPrefix(m.line, "UID ")
	set = strings.Fields(set)[1]
	a, b, _ := strings.Cut(set, ":")
	first, _ = strconv.Atoi(a)
	if last, _ = strconv.Atoi(b); last == 0 {
		last = first
	}
	return first, last
}

// mayNotBeBeside is section 5.5, and what makes data ambiguous.
func mayNotBeBeside(a, b *modelCommand) bool {
	if a.is("SELECT", "IDLE") || b.is("SELECT", "IDLE") {
		return true
	}
	if a.is("FETCH") != b.is("FETCH") { // one is by number, and all others may expunge
		return true
	}
	ranged := func(m *modelCommand) bool { return m.is("FETCH", "UID FETCH", "UID STORE") }
	if ranged(a) && ranged(b) {
		af, al := a.numbers()
		bf, bl := b.numbers()
		return af <= bl && bf <= al
	}
	return a.is("STATUS") && a.line == b.line
}

// read takes commands until the client closes the connection.
func (s *modelServer) read() {
	r := bufio.NewReader(s.conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		line = strings.TrimSuffix(line, "\r\n")
		tag, rest, _ := strings.Cut(line, " ")
		m := &modelCommand{tag: tag, line: rest}
		switch {
		case m.is("APPEND"):
			var n int
			_, _ = fmt.Sscanf(rest[strings.Index(rest, "{"):], "{%d}", &n)
			if s.coin() {
				s.send(tag + " NO refused")
				continue
			}
			s.send("+ go")
			if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
				continue
			}
			if rest, _ := r.ReadString('\n'); rest != "\r\n" && rest != "" {
				s.t.Errorf("after the literal: %q", rest)
			}
		case m.is("IDLE"):
			s.send("* 5 EXISTS", "+ idling")
			if done, _ := r.ReadString('\n'); done != "DONE\r\n" && done != "" {
				s.t.Errorf("instead of DONE: %q", done)
			}
		case m.is("FETCH", "UID FETCH", "UID STORE"):
			first, last := m.numbers()
			for n := first; n <= last; n++ {
				m.rows = append(m.rows, fmt.Sprintf("* %d FETCH (UID %d FLAGS ())", n, n))
			}
			s.shuffle(m.rows)
		case m.is("STATUS"):
			m.rows = []string{"* STATUS " + strings.Fields(rest)[1] + " ()"}
		}
		s.mu.Lock()
		for _, p := range s.pending {
			if mayNotBeBeside(p, m) {
				s.t.Errorf("%q sent beside %q", m.line, p.line)
			}
		}
		s.pending = append(s.pending, m)
		s.mu.Unlock()
		s.wake()
	}
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.wake()
}

func (s *modelServer) wake() { wake(s.arrived) }

func (s *modelServer) coin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.IntN(2) == 0
}

func (s *modelServer) shuffle(rows []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

func (s *modelServer) send(lines ...string) {
	// After the client has closed there is nobody to read; read finds out.
	_, _ = io.WriteString(s.conn, strings.Join(lines, "\r\n")+"\r\n")
}

// answer sends something of a pending command picked at random: a row, or the end if all rows are sent.
func (s *modelServer) answer() {
	for {
		s.mu.Lock()
		ended := s.ended
		var line string
		if n := len(s.pending); n > 0 {
			i := s.random.IntN(n)
			m := s.pending[i]
			switch {
			case s.random.IntN(8) == 0:
				line = "* 900 FETCH (FLAGS (x) UID 900)" // of nobody
			case len(m.rows) > 0:
				line, m.rows = m.rows[0], m.rows[1:]
			default:
				line = m.tag + " OK " + m.line
				s.pending = append(s.pending[:i], s.pending[i+1:]...)
			}
		}
		s.mu.Unlock()
		switch {
		case line != "":
			s.send(line)
		case ended:
			return
		default:
			<-s.arrived
		}
	}
}

// user runs random commands and checks that each got its own answers.
type user struct {
	t      *testing.T
	c      *Conn
	random *rand.Rand
}

func (u *user) run(ctx context.Context, n int) {
	for range n {
		switch u.random.IntN(9) {
		case 0:
			name := string(rune('a' + u.random.IntN(3)))
			var got []string
			k := u.c.Start(ctx, statusOf(name), CallOptions{Result: result{collect: func(r Response) { got = append(got, r.Facts().Key) }}})
			if _, err := k.Wait(ctx); assert.NoError(u.t, err) {
				assert.Equal(u.t, []string{name}, got)
			}
		case 1:
			_, err := u.c.Start(ctx, command{spec: specSelect}, CallOptions{}).Wait(ctx)
			assert.NoError(u.t, err)
		case 2:
			_, err := u.c.Start(ctx, appendTo("box", source(strings.Repeat("x", u.random.IntN(70_000)))), CallOptions{}).Wait(ctx)
			var e *Error
			assert.True(u.t, err == nil || errors.As(err, &e) && e.Type == ConditionNO, "%v", err)
		case 3:
			short, cancel := context.WithTimeout(ctx, time.Duration(u.random.IntN(200))*time.Microsecond)
			_, err := u.c.Start(short, fetch(wire.UIDs(u.number()), itemFlags), CallOptions{Rows: true}).Wait(ctx)
			assert.True(u.t, err == nil || errors.Is(err, context.DeadlineExceeded), "%v", err)
			cancel()
		case 4:
			u.fetch(ctx, wire.SeqRange, true)
		case 5, 6:
			u.fetch(ctx, wire.UIDRange, false)
		case 7:
			k := u.c.Start(ctx, store(wire.UIDs(u.number())), CallOptions{Rows: true})
			got, err := rows(ctx, k)
			assert.NoError(u.t, err)
			assert.Len(u.t, got, 1)
		default:
			_, err := u.c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			assert.NoError(u.t, err)
		}
	}
}

func (u *user) number() uint32 { return 1 + u.random.Uint32N(50) }

// fetch reads some messages, perhaps with commands between the rows, perhaps not all of them.
func (u *user) fetch(ctx context.Context, set func(a, b uint32) wire.NumSet, byNumber bool) {
	first := u.number()
	last := first + u.random.Uint32N(20)
	k := u.c.Start(ctx, fetch(set(first, last), itemFlags), CallOptions{Rows: true})
	seen := map[uint32]bool{}
	for {
		r, err := k.Next(ctx)
		if !assert.NoError(u.t, err) {
			return
		}
		if r == nil {
			break
		}
		n := r.Facts().UID
		if byNumber {
			n = r.Facts().Seq
		}
		assert.True(u.t, n >= first && n <= last && !seen[n], "message %d for %d:%d", n, first, last)
		seen[n] = true
		switch u.random.IntN(20) {
		case 0:
			k.Stop()
			return
		case 1:
			_, err := u.c.Start(ctx, noop, CallOptions{}).Wait(ctx)
			assert.NoError(u.t, err)
		}
	}
	assert.Len(u.t, seen, int(last-first)+1)
}

// TestModel runs random commands of several goroutines against a server that answers at random.
func TestModel(t *testing.T) {
	seeds, steps := 40, 40
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			near, far := net.Pipe()
			s := &modelServer{t: t, random: rand.New(rand.NewPCG(uint64(seed), 0)), conn: far, arrived: make(chan struct{}, 1)}
			var server sync.WaitGroup
			server.Go(func() {
				s.send("* PREAUTH [CAPABILITY IDLE] hi")
				server.Go(s.answer)
				s.read()
			})
			c, err := New(t.Context(), near, Options{Codec: codec{}, Idle: idle, Noop: noop, IdleDelay: time.Microsecond, IdleRenew: time.Millisecond})
			require.NoError(t, err)
			release := c.HoldIdle()
			var users sync.WaitGroup
			for i := range 1 + seed%8 {
				u := &user{t: t, c: c, random: rand.New(rand.NewPCG(uint64(seed), uint64(i)+1))}
				users.Go(func() { u.run(t.Context(), steps) })
			}
			users.Wait()
			release()
			require.NoError(t, c.Err())
			require.NoError(t, c.Close())
			server.Wait()
			_ = far.Close()
			assert.Zero(t, c.queue.n)
		})
	}
}
