package imaptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

const (
	clearLiteral = 8 << 10  // the longest literal of somebody who has not logged in
	userLiteral  = 64 << 20 // the longest of somebody who has
	smallLiteral = 4 << 10  // the longest that LITERAL- sends without waiting (RFC 7888 section 5)
)

// session is one connection of a client. Its goroutine reads the commands and answers them in order. While the client idles a
// second one tells it what is new; nothing else is written then.
type session struct {
	srv    *Server
	nc     net.Conn  // what was accepted, below TLS and DEFLATE; never changed
	stream net.Conn  // nc, or TLS over it
	source io.Reader // what reader reads: stream, or what DEFLATE makes of it
	reader *wire.Reader
	dec    *imap.Decoder

	mu    sync.Mutex // guards these two: IDLE and Server.Push write from other goroutines
	out   output
	ready bool // the greeting was sent, and no handshake is under way

	secure     bool // TLS is there
	compressed bool
	state      conn.State
	user       *account  // nil before login
	view       *view     // of the selected mailbox, nil without one
	aware      awareness // of mod-sequences
	tag        string    // of the command that is run
}

func newSession(srv *Server, nc net.Conn) *session {
	s := &session{srv: srv, nc: nc, dec: imap.NewDecoder(), state: conn.StateNotAuthenticated}
	s.dec.SetStrict(true) // a client under test should hear of its faults
	s.reader = wire.NewReader(nil, wire.Limits{})
	s.reader.OnLiteral(s.literal)
	s.use(nc)
	return s
}

// use makes the session read from and write to another stream.
func (s *session) use(stream net.Conn) {
	s.stream = stream
	s.source = flushing{s, stream}
	s.reader.Reset(s.source)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.to(stream)
}

// run serves the client until it leaves, the connection fails, or the server closes.
func (s *session) run() {
	defer s.nc.Close()
	defer s.unselect()
	if s.srv.implicitTLS && s.startTLS() != nil {
		return
	}
	s.untagged(status(ok(s.capabilities(), "parley imaptest is ready")))
	s.setReady(true)
	for {
		if err := s.next(); err != nil {
			s.farewell(err)
			return
		}
	}
}

// next reads one command, runs it and answers. An error ends the session.
func (s *session) next() error {
	frame, err := s.reader.Next()
	if err != nil {
		return s.refused(err)
	}
	tag, cmd, err := s.dec.Command(frame)
	switch {
	case err != nil && tag == "":
		s.untagged(status(bad("want a tag and a command")))
		return nil
	case err != nil:
		s.tagged(tag, bad(fault(err)))
		return nil
	}
	s.tag = tag
	answer := s.inadmissible(cmd)
	if answer.kind == "" {
		if answer, err = s.intercepted(cmd); err != nil {
			return err
		}
	}
	if answer.kind == "" {
		if answer, err = s.dispatch(cmd); err != nil {
			return err
		}
	}
	s.unsave(cmd, answer)
	spec, scope := cmd.Spec(), cmd.Scope()
	s.tellNews(!spec.KeepsNumbers || !scope.ByNumber && !byNumber(cmd))
	s.tagged(tag, answer)
	if answer.then != nil {
		return answer.then()
	}
	return nil
}

// fault says what is wrong with a command, without its octets: they may be those of a password.
func fault(err error) string {
	var syntax *wire.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%s: want %s at octet %d", syntax.Rule, syntax.Want, syntax.Offset)
	}
	return err.Error()
}

// inadmissible answers a command that may not be given now; the answer is empty if it may. The table that the client's
// connection goes by says so here too.
func (s *session) inadmissible(cmd conn.Command) answer {
	spec := cmd.Spec()
	if spec.In&s.state == 0 {
		return bad(spec.Name + " is not for the state " + s.state.String())
	}
	for _, name := range spec.Needs {
		if !s.offers(imap.Cap(name)) {
			return bad(spec.Name + " needs " + name + ", which is not offered")
		}
	}
	for _, name := range spec.Unless {
		if s.offers(imap.Cap(name)) {
			return no(nil, spec.Name+" is not allowed: "+name)
		}
	}
	if what := s.beyond(cmd); what != "" {
		return bad("this server does not know " + what)
	}
	return answer{}
}

// flushing is a stream that sends what was answered before it waits for more, so that the answers to commands that came
// together leave together, and none waits for a command that is not there yet.
type flushing struct {
	s *session
	r io.Reader
}

func (f flushing) Read(p []byte) (int, error) {
	if err := f.s.flush(); err != nil {
		return 0, err
	}
	return f.r.Read(p)
}

// refusal says why a literal that the client announced is not taken.
type refusal struct{ answer answer }

func (r *refusal) Error() string { return "literal refused: " + r.answer.text }

// literal is told of a literal before it is read: it asks for it, or refuses it.
func (s *session) literal(size int64, nonSync bool) error {
	limit := int64(userLiteral)
	if s.user == nil {
		limit = clearLiteral
	}
	switch {
	case size > limit:
		return &refusal{no(imap.CodeTooBig, "this literal is too long")}
	case nonSync && !s.offers(imap.CapLiteralPlus) && (!s.offers(imap.CapLiteralMinus) || size > smallLiteral):
		return &refusal{bad("LITERAL+ is not offered")}
	case nonSync:
		return s.flush() // an answer may be what feeds the literal
	}
	s.continuation("go on")
	return s.flush()
}

// refused answers the command whose literal was refused; the client will not send the rest of it. What cannot be mended, such as
// a literal that is sent without waiting, stays an error.
func (s *session) refused(err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	command := s.reader.Buffered()
	tag, _, found := bytes.Cut(command, []byte(" "))
	if !found || !bytes.HasSuffix(command, []byte("}\r\n")) || bytes.HasSuffix(command, []byte("+}\r\n")) {
		return err
	}
	s.tagged(string(tag), r.answer)
	s.reader.Reset(s.source)
	return nil
}

// farewell says BYE where there is somebody to hear it.
func (s *session) farewell(err error) {
	var r *refusal
	var limit *wire.LimitError
	switch {
	case errors.As(err, &r):
		s.untagged(bye(r.answer.text))
	case errors.As(err, &limit):
		s.untagged(bye(limit.Error()))
	case s.srv.isClosing():
		s.untagged(bye("the server is closing"))
	}
	s.flush()
	if tc, ok := s.stream.(interface{ CloseWrite() error }); ok {
		tc.CloseWrite()
	}
}
