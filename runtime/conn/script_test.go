package conn

import (
	"bufio"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// server is the other end of a connection: a script that fails the test when the client does something else.
type server struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
	w    io.Writer
}

func (s *server) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("script: "+format, args...)
	_ = s.conn.Close()
	runtime.Goexit()
}

// line reads one line.
func (s *server) line() string {
	s.t.Helper()
	line, err := s.r.ReadString('\n')
	if err != nil {
		s.fail("read: %v (have %q)", err, line)
	}
	if !strings.HasSuffix(line, "\r\n") {
		s.fail("line without CRLF: %q", line)
	}
	return line[:len(line)-2]
}

// want reads this line, which has no tag.
func (s *server) want(line string) {
	s.t.Helper()
	if got := s.line(); got != line {
		s.fail("want %q, got %q", line, got)
	}
}

// command reads a command and gives its tag.
func (s *server) command(want string) string {
	s.t.Helper()
	tag, got, _ := strings.Cut(s.line(), " ")
	if got != want {
		s.fail("want %q, got %q", want, got)
	}
	return tag
}

// octets reads n octets.
func (s *server) octets(n int) string {
	s.t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(s.r, b); err != nil {
		s.fail("read: %v", err)
	}
	return string(b)
}

// send sends lines in one write.
func (s *server) send(lines ...string) {
	s.t.Helper()
	if _, err := io.WriteString(s.w, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		s.fail("write: %v", err)
	}
}

// answer reads a command and answers OK.
func (s *server) answer(want string) {
	s.t.Helper()
	s.send(s.command(want) + " OK done")
}

// silent checks that the client sends nothing, once all goroutines have nothing more to do.
func (s *server) silent() {
	s.t.Helper()
	synctest.Wait()
	_ = s.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if b, err := s.r.Peek(1); err == nil {
		s.fail("want nothing, got %q", b)
	}
	_ = s.conn.SetReadDeadline(time.Time{})
}

// ended waits for the client to close the connection, and checks that it sends nothing more.
func (s *server) ended() {
	s.t.Helper()
	if b, err := io.ReadAll(s.r); len(b) > 0 {
		s.fail("want the end, got %q, %v", b, err)
	}
}

// run plays a script against a test on the other end of a pipe, in a bubble. The script begins behind the greeting.
func run(t *testing.T, o Options, script func(*server), test func(*testing.T, *Conn)) {
	t.Helper()
	play(t, "* PREAUTH [CAPABILITY IMAP4rev1 IDLE STARTTLS] ready", o, script, test)
}

func play(t *testing.T, greeting string, o Options, script func(*server), test func(*testing.T, *Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		var wg sync.WaitGroup
		wg.Go(func() {
			defer func() { _ = far.Close() }()
			s := &server{t: t, conn: far, r: bufio.NewReader(far), w: far}
			s.send(greeting)
			if script != nil {
				script(s)
			}
			s.ended()
		})
		o.Codec = codec{}
		c, err := New(t.Context(), near, o)
		require.NoError(t, err)
		defer func() {
			_ = c.Close()
			wg.Wait()
		}()
		test(t, c)
	})
}
