package imaptest

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// capabilities are what the server can do in the present state of the session (RFC 3501 section 6.1.1).
func (s *session) capabilities() imap.CodeCapability {
	list := imap.CodeCapability{imap.CapIMAP4rev1, imap.CapLiteralPlus}
	add := func(when bool, c imap.Cap) {
		if when {
			list = append(list, c)
		}
	}
	if s.user == nil {
		clear := s.secure || s.srv.options.AllowClear
		add(!s.secure && !s.compressed, imap.CapStarttls)
		add(!clear, imap.CapLoginDisabled)
		add(clear, "AUTH=PLAIN")
	} else {
		list = append(list, imap.CapIdle, imap.CapUIDPlus, imap.CapCompressDeflate)
	}
	return slices.DeleteFunc(list, func(c imap.Cap) bool {
		return slices.ContainsFunc(s.srv.options.Without, func(w imap.Cap) bool { return strings.EqualFold(string(w), string(c)) })
	})
}

// offers reports whether the server says that it can do something. The base is nothing to be offered.
func (s *session) offers(name string) bool {
	return slices.ContainsFunc(s.capabilities(), func(c imap.Cap) bool { return strings.EqualFold(string(c), name) })
}

func (s *session) capability() answer {
	s.untagged(&imap.CapabilityData{Capabilities: s.capabilities()})
	return ok(nil, "CAPABILITY done")
}

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
func (s *session) authenticate(mechanism string) (answer, error) {
	if !strings.EqualFold(mechanism, "PLAIN") || !s.offers("AUTH=PLAIN") {
		return no(nil, "this mechanism is not offered"), nil
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
	parts := strings.Split(string(message), "\x00")
	if len(parts) != 3 || parts[0] != "" && parts[0] != parts[1] {
		return denied(), nil
	}
	return s.login(parts[1], parts[2]), nil
}
