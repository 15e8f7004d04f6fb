package imaptest

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// denied is the answer to wrong credentials (RFC 5530 section 3). It does not say which of them is wrong.
func denied() answer {
	return no(imap.CodeOther{Name: "AUTHENTICATIONFAILED"}, "user or password is wrong")
}

// login lets a user in.
func (s *session) login(user, password string) answer {
	a := s.srv.accounts[user]
	if a == nil || a.password != password {
		return denied()
	}
	s.user, s.state = a, conn.StateAuthenticated
	return ok(s.capabilities(), "welcome")
}

// authenticate is AUTHENTICATE PLAIN (RFC 4616): the client sends identity NUL user NUL password.
// It says so at once, if it likes (RFC 4959).
func (s *session) authenticate(c *imap.Authenticate) (answer, error) {
	switch {
	case !strings.EqualFold(c.Mechanism, "PLAIN") || !s.offers("AUTH=PLAIN"):
		return no(nil, "this mechanism is not offered"), nil
	case c.Empty || len(c.Initial) > 0:
		return s.plain(c.Initial), nil
	}
	s.continuation("")
	frame, err := s.reader.Next()
	if err != nil {
		return answer{}, err
	}
	line := bytes.TrimRight(frame.Text(), "\r\n")
	if string(line) == "*" {
		return bad("AUTHENTICATE was cancelled"), nil // RFC 3501 section 6.2.2
	}
	message, err := base64.StdEncoding.AppendDecode(nil, line)
	if err != nil {
		return bad("this is not base64"), nil
	}
	return s.plain(message), nil
}

// plain judges the message of PLAIN. Nobody acts for another.
func (s *session) plain(message []byte) answer {
	parts := strings.Split(string(message), "\x00")
	if len(parts) != 3 || parts[0] != "" && parts[0] != parts[1] {
		return denied()
	}
	return s.login(parts[1], parts[2])
}
