package conn

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// A modelServer has any number of commands in flight. It answers them in random order and interleaving, and checks when each comes
// that it may be there.
type modelServer struct {
	w        *world
	random   *rand.Rand // only answer
	conn     net.Conn
	vanished bool // it says VANISHED for EXPUNGE (RFC 7162)
	arrived  chan struct{}
	stopped  chan struct{} // closed when nothing more is sent

	writing bubbleLock // of what is sent, in the order of log
	log     []*sent
	out     []byte   // not written yet
	said    int64    // octets that went into out
	marks   []mark   // when they had gone out of it
	wire    []string // both ways, to show when it fails

	mu        sync.Mutex
	pending   []*modelCommand
	order     []*modelCommand // all
	commands  map[int]*modelCommand
	label     int  // of the last command
	ended     bool // the connection has, or nothing is left to do
	mailbox   int  // that is selected; 0: none
	mailboxes int
	uids      []int         // of its messages
	expunged  int           // EXPUNGEs that were sent
	saver     *modelCommand // the SEARCH that saves "$", of those that were received
	saved     []int         // "$", as far as they are executed
	savedBy   *modelCommand // by which; nil: none since the SELECT
	overtaken int
	crowd     int
	pipelined int  // commands with "$" that were executed before what saves it was answered
	burst     bool // many rows were said at once
	lent      int  // times when the reader was borrowed and nothing came
}

// A mark tells when the client had read so many octets.
type mark struct{ octets, at int64 }

// A bubbleLock is a lock that may be held over a write: who waits for a sync.Mutex keeps the time in a bubble from passing.
type bubbleLock chan struct{}

func (l bubbleLock) Lock()   { l <- struct{}{} }
func (l bubbleLock) Unlock() { <-l }

// sent is one response. Its place in the log is its serial, which it carries.
type sent struct {
	line     string
	kind     *Kind // nil: a tagged answer
	intent   *modelCommand
	mailbox  int
	seq, uid int
	items    uint64
	end      int64 // octets sent up to its end
}

type modelCommand struct {
	w             *world
	tag, line     string
	name          string
	first, last   int // the messages; 0 without
	items         uint64
	peek, unseen  bool
	mailbox       string        // of STATUS
	numbers       bool          // it is an ESEARCH by number
	saves, uses   bool          // "$"
	silent, least bool          // it saves and is answered by nothing else; it saves the first message only
	label         int           // numbers the commands in the order of their start; 0: of the connection's own
	rank          int           // in the order in which they were received
	saver         *modelCommand // what "$" is, by that order; nil: nothing was saved
	took          *modelCommand // what it was when the command was executed
	set           []int         // and the messages
	mailboxNumber int           // that the user meant
	expunged      int           // what the client knew of
	busy          bool          // not complete yet
	refused       bool          // its literal is not wanted, but the client does not know that yet
	from, to      int           // its time in the log
	outcome       string
	begun         bool
	burst         bool // many of its rows were sent at once
	parts         []modelPart
}

// modelPart is a row that is still to be sent.
type modelPart struct {
	number int
	items  uint64
}

func (m *modelCommand) is(names ...string) bool { return slices.Contains(names, m.name) }

func (m *modelCommand) String() string {
	if m == nil {
		return "nobody"
	}
	return strconv.Quote(m.line)
}

// quit: the user has given up the call, so what comes may be dropped.
func (m *modelCommand) quit() bool { return m.label > 0 && m.w.started[m.label-1].quit.Load() }

// parse reads what op.write writes.
func (w *world) parse(tag, line string) *modelCommand {
	m := &modelCommand{w: w, tag: tag, line: line, outcome: "OK"}
	words := strings.Fields(line)
	m.name, words = words[0], words[1:]
	if m.name == "UID" {
		m.name, words = "UID "+words[0], words[1:]
	}
	for _, word := range words {
		n, _ := strconv.Atoi(word[1:])
		switch word[0] {
		case '#':
			m.label = n
		case '@':
			m.mailboxNumber = n
		case '!':
			m.expunged = n
		}
		from, to, ranged := strings.Cut(word, ":")
		if n, err := strconv.Atoi(from); err == nil && m.first == 0 {
			m.first, m.last = n, n
			if ranged {
				m.last, _ = strconv.Atoi(to)
			}
		}
		m.items |= fetchItem[strings.Trim(strings.Replace(word, ".PEEK", "", 1), "()")]
		m.peek = m.peek || strings.Contains(word, ".PEEK")
		m.unseen = m.unseen || word == "UNSEEN"
		m.uses = m.uses || word == "$"
		m.saves = m.saves || strings.Trim(word, "()") == "SAVE"
		m.silent = m.silent || word == "(SAVE)"
		m.least = m.least || word == "MIN)"
	}
	switch {
	case m.is("STATUS"):
		m.mailbox = words[0]
	case m.is("STORE", "UID STORE"):
		m.items = itemFlags
	case strings.Contains(line, "RETURN"):
		m.name, m.numbers = "ESEARCH", m.is("SEARCH")
	}
	return m
}

// read takes commands until the client closes the connection.
func (s *modelServer) read() {
	r := bufio.NewReader(s.conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		tag, line, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), " ")
		m := s.w.parse(tag, line)
		s.arrive(m)
		if i := strings.Index(line, "{"); i >= 0 {
			var n int64
			_, _ = fmt.Sscanf(line[i:], "{%d}", &n)
			if n%3 == 0 {
				m.outcome, m.refused = "NO", true
			} else {
				s.write("+ go")
				if _, err := io.CopyN(io.Discard, r, n); err != nil {
					break
				}
				rest, err := r.ReadString('\n')
				assert.True(s.w.t, rest == "\r\n" || err != nil, "after the literal: %q", rest)
			}
		}
		if m.is("IDLE") {
			s.write("+ idling")
			done, err := r.ReadString('\n')
			assert.True(s.w.t, done == "DONE\r\n" || err != nil, "instead of DONE: %q", done)
		}
		s.mu.Lock()
		m.busy = false
		s.mu.Unlock()
		wake(s.arrived)
	}
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	wake(s.arrived)
}

// arrive checks that a command may be sent now.
func (s *modelServer) arrive(m *modelCommand) {
	t := s.w.t
	s.writing.Lock()
	m.from = len(s.log)
	s.wire = append(s.wire, "C: "+m.tag+" "+m.line)
	s.writing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	m.rank, m.saver = len(s.order), s.saver
	if m.saves {
		s.saver = m
	}
	for _, p := range s.pending {
		assert.Empty(t, forbidden(p, m), "%q was sent beside %q", m.line, p.line)
	}
	if m.needsSelected() {
		assert.NotZero(t, s.mailbox, "%q was sent without a mailbox", m.line)
		assert.Equal(t, s.mailbox, m.mailboxNumber, "%q was meant for another mailbox", m.line)
	}
	if m.byNumber() {
		assert.Equal(t, s.expunged, m.expunged, "%q was sent before the client knew of all that is gone", m.line)
	}
	if m.label > 0 {
		if p := s.commands[m.label]; p != nil {
			assert.True(t, p.outcome == "NO" && p.to > 0 && s.w.op(m.label).persists, "%q was sent again", m.line)
		} else {
			assert.Greater(t, m.label, s.label, "%q was started earlier than what was sent before it", m.line)
			s.label = m.label
		}
		if s.commands == nil {
			s.commands = map[int]*modelCommand{}
		}
		s.commands[m.label] = m
	}
	m.busy = true
	s.pending = append(s.pending, m)
	s.order = append(s.order, m)
	s.crowd = max(s.crowd, len(s.pending))
}

func (s *modelServer) write(line string) {
	s.writing.Lock()
	s.say(line)
	s.writing.Unlock()
	s.flush(math.MaxInt)
}

func (s *modelServer) say(line string) {
	s.wire = append(s.wire, "S: "+shown(line))
	s.out = append(append(s.out, line...), "\r\n"...)
	s.said += int64(len(line) + 2)
}

// shown gives a line as it is shown when a test fails.
func shown(line string) string {
	if len(line) > 200 {
		return fmt.Sprintf("%s... (%d octets)", line[:200], len(line))
	}
	return line
}

// flush writes what was said, but no more octets than that: the client reads many rows at once.
func (s *modelServer) flush(most int) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if most = min(most, len(s.out)); most == 0 {
		return
	}
	if s.w.long {
		defer s.watch()()
	}
	_, _ = s.conn.Write(s.out[:most]) // after Close nobody reads
	s.out = append(s.out[:0], s.out[most:]...)
	s.marks = append(s.marks, mark{s.said - int64(len(s.out)), s.w.now()})
}

// send sends a response with its serial in place of "%s".
func (s *modelServer) send(x sent) {
	s.writing.Lock()
	defer s.writing.Unlock()
	x.line = strings.ReplaceAll(x.line, "%s", "s"+strconv.Itoa(len(s.log)))
	x.mailbox = s.mailbox
	if x.kind == nil && x.intent != nil {
		x.intent.to = len(s.log)
	}
	s.log = append(s.log, &x)
	s.say(x.line)
	x.line, x.end = shown(x.line), s.said
}

// answer sends something of a pending command picked at random, or something unasked.
func (s *modelServer) answer() {
	defer close(s.stopped)
	for {
		if s.random.IntN(3) == 0 {
			s.flush(math.MaxInt)
			time.Sleep(time.Duration(s.random.IntN(60)) * time.Microsecond)
		}
		if s.random.IntN(4) == 0 {
			s.flush(math.MaxInt)
			synctest.Wait()
			s.settled()
		}
		if s.burst && s.random.IntN(2) == 0 || s.w.long && s.random.IntN(25) == 0 {
			s.silence()
		}
		s.burst = false
		s.mu.Lock()
		ended := s.ended
		ready := slices.DeleteFunc(slices.Clone(s.pending), func(m *modelCommand) bool { return m.busy })
		s.mu.Unlock()
		selecting := len(ready) == 1 && ready[0].is("SELECT")
		switch {
		case ended:
			s.flush(math.MaxInt)
			return
		case !selecting && s.random.IntN(5) == 0:
			s.unasked()
		case len(ready) > 0:
			s.progress(ready[s.random.IntN(len(ready))])
		default:
			s.flush(math.MaxInt)
			select {
			case <-s.arrived:
			case <-time.After(100 * time.Microsecond):
			}
		}
	}
}

// settled looks at a client that has nothing more to do: what heads the queue must not be sent now.
func (s *modelServer) settled() {
	c := s.w.c
	c.mu.Lock()
	head := c.queue.head
	c.mu.Unlock()
	if head == nil || head.wants.internal || s.w.asleep.Load() {
		return
	}
	next := s.w.parse("", head.cmd.(*op).text)
	s.mu.Lock()
	defer s.mu.Unlock()
	next.saver = s.saver
	for _, p := range s.pending {
		if p.busy || p.refused || forbidden(p, next) != "" {
			return
		}
	}
	assert.Fail(s.w.t, "waits for nothing", "%q is not sent beside %v", next.line, s.pending)
}

// finish waits until all is answered.
func (s *modelServer) finish() {
	c := s.w.c
	for range 10_000 {
		time.Sleep(100 * time.Microsecond)
		c.mu.Lock()
		idle := c.flying.n == 0 && c.queue.n == 0
		c.mu.Unlock()
		if idle {
			break
		}
	}
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	<-s.stopped
	time.Sleep(time.Second) // the client reads what was sent last
}
