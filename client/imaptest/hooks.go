package imaptest

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/parley-go/parley/runtime/conn"
)

// Command is a command of a client, as Options.OnCommand sees it: one that can be read and may be given now.
type Command struct {
	// User is who is logged in; empty before the login.
	User string
	// Command is what was sent: *imap.Fetch, *imap.Append and so on, with their arguments.
	conn.Command
}

// Name is the name of the command as the RFCs write it, such as "FETCH"; "UID FETCH" is a FETCH.
func (c Command) Name() string { return c.Spec().Name }

// Reply is what Options.OnCommand makes of a command. The zero value runs it as if nobody had looked. The function may take its
// time: the client waits, and so does Server.Close. It is called on the goroutine of the connection, for several of them at once.
type Reply struct {
	// Lines are sent first, as they are but for the line end that is added to each: "* BYE so long", "* 23 EXISTS".
	Lines []string
	// Answer ends the command, which is not run: "NO [OVERQUOTA] the mailbox is full". Empty runs the command.
	Answer string
	// HangUp closes the connection after Lines, in the place of an answer; the command is not run.
	HangUp bool
}

// errHungUp ends a session because the test wants it so.
var errHungUp = errors.New("hung up for a test")

// intercepted lets the test answer a command; the answer is empty if it does not.
func (s *session) intercepted(cmd conn.Command) (answer, error) {
	if s.srv.options.OnCommand == nil {
		return answer{}, nil
	}
	c := Command{Command: cmd}
	if s.user != nil {
		c.User = s.user.name
	}
	if err := s.flush(); err != nil { // the function may be slow, and what came before is not its matter
		return answer{}, err
	}
	reply := s.srv.options.OnCommand(c)
	s.lines(reply.Lines)
	switch {
	case reply.HangUp:
		return answer{}, errHungUp
	case reply.Answer != "":
		kind, _, _ := strings.Cut(reply.Answer, " ")
		return answer{kind: conn.ConditionType(kind), line: reply.Answer}, nil
	}
	return answer{}, nil
}

// Push sends lines to every client that is connected, at once and as they are but for the line ends: "* OK [ALERT] backup at noon".
// Clients that have not been greeted yet, or are in the middle of STARTTLS or COMPRESS, get none. It returns when all lines are on
// their way, so that what the server answers later comes later.
func (s *Server) Push(lines ...string) {
	s.mu.Lock()
	sessions := slices.Collect(maps.Keys(s.sessions))
	s.mu.Unlock()
	for _, c := range sessions {
		c.push(lines)
	}
}

func (s *session) push(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready {
		return
	}
	s.write(lines)
	_ = s.out.flush() // the error stays; the session's own goroutine meets it
}

// lines sends lines as they are.
func (s *session) lines(list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(list)
}

func (s *session) write(lines []string) {
	for _, line := range lines {
		s.out.write([]byte(line + "\r\n"))
	}
}
