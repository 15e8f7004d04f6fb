package imaptest

import (
	"bufio"
	"fmt"
	"io"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// response is one response of the server half of the generated codec.
type response interface {
	conn.Response
	AppendIMAP(*wire.Encoder) error
}

// answer is the outcome of a command. The zero value is none.
type answer struct {
	kind conn.ConditionType
	code imap.Code
	text string
	line string       // in the place of all three: what a test wants to be answered, as it is
	then func() error // what the answer begins, once it is sent: TLS, DEFLATE, the end
}

func ok(code imap.Code, text string) answer {
	return answer{kind: conn.ConditionOK, code: code, text: text}
}
func no(code imap.Code, text string) answer {
	return answer{kind: conn.ConditionNO, code: code, text: text}
}
func bad(text string) answer { return answer{kind: conn.ConditionBAD, text: text} }

// status is an answer as a response.
func status(a answer) response {
	return &imap.RespCondStateData{Type: imap.RespCondStateType(a.kind), RespText: imap.RespText{Code: a.code, Text: wire.QuoteText(a.text)}}
}

func bye(text string) response {
	return &imap.RespCondByeData{RespText: imap.RespText{Text: wire.QuoteText(text)}}
}

// output encodes and writes what the server says. The first error stays.
type output struct {
	enc  wire.Encoder
	buf  *bufio.Writer
	push func() error // sends what DEFLATE holds back; nil without it
	held bool         // something was written and not sent
	err  error
}

// to begins to write to w.
func (o *output) to(w io.Writer) { o.buf, o.push = bufio.NewWriter(w), nil }

// write adds octets.
func (o *output) write(octets []byte) {
	if o.err == nil {
		o.held = true
		_, o.err = o.buf.Write(octets)
	}
}

// response writes prefix, the response and a line end.
func (o *output) response(prefix string, r response) {
	if o.err != nil {
		return
	}
	o.enc.Begin(wire.Mode{Server: true})
	o.enc.Keyword(prefix)
	err := r.AppendIMAP(&o.enc)
	o.enc.CRLF()
	if err == nil {
		err = o.enc.Err()
	}
	if err != nil {
		// Whoever wrote the test put something into the server that IMAP cannot say: he should read what.
		err = fmt.Errorf("encoding %s: %w", r.Kind().Name, err)
		o.write([]byte("* BYE " + wire.QuoteText(err.Error()) + "\r\n"))
		o.flush()
		o.err = err
		return
	}
	o.write(o.enc.Bytes())
}

// flush sends all that was written.
func (o *output) flush() error {
	if o.err != nil || !o.held {
		return o.err
	}
	o.held = false
	if o.err = o.buf.Flush(); o.err == nil && o.push != nil {
		o.err = o.push()
	}
	return o.err
}

// The session's side: the lock is taken because of IDLE and Server.Push, which write from other goroutines.

func (s *session) untagged(list ...response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range list {
		s.out.response("* ", r)
	}
}

func (s *session) tagged(tag string, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.line != "" {
		s.out.write([]byte(tag + " " + a.line + "\r\n"))
		return
	}
	s.out.response(tag+" ", status(a))
}

// setReady says whether lines may be pushed.
func (s *session) setReady(ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = ready
}

// continuation asks for more of a command: "+", a blank, text or base64.
func (s *session) continuation(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.write([]byte("+ " + text + "\r\n"))
}

func (s *session) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.flush()
}
