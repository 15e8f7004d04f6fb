package client

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Plain is the mechanism PLAIN (RFC 4616). The identity is whom to act as, "" for the user. Password is the usual way to use it.
func Plain(identity, user, secret string) Mechanism {
	return &once{name: "PLAIN", message: identity + "\x00" + user + "\x00" + secret}
}

// once is a mechanism of a single message from the client: PLAIN, EXTERNAL, ANONYMOUS.
type once struct{ name, message string }

func (m *once) Start() (string, []byte, error) {
	nuls := 0
	if m.name == "PLAIN" {
		nuls = 2 // RFC 4616 section 2
	}
	switch {
	case strings.Count(m.message, "\x00") != nuls:
		return "", nil, errors.New(m.name + ": NUL in the identity, user or password")
	case m.name == "ANONYMOUS" && !strings.Contains(m.message, "@") && utf8.RuneCountInString(m.message) > 255:
		return "", nil, errors.New("ANONYMOUS: the trace is longer than 255 characters") // RFC 4505 section 2
	}
	return m.name, []byte(m.message), nil
}

func (m *once) Next([]byte) ([]byte, error) {
	return nil, errors.New(m.name + ": more than one challenge")
}

// Format keeps the password out of prints, whatever the verb.
func (m *once) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.name) }

// loginMech is the obsolete mechanism LOGIN (draft-murchison-sasl-login): the user's name, then the password. What the server asks is
// not looked at, for servers differ: "Username:", "User Name" with NUL behind it, or nothing.
type loginMech struct{ answers []string }

func (m *loginMech) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (m *loginMech) Next([]byte) ([]byte, error) {
	if len(m.answers) == 0 {
		return nil, errors.New("LOGIN: more than two challenges")
	}
	next := m.answers[0]
	m.answers = m.answers[1:]
	return []byte(next), nil
}

func (m *loginMech) done(ok bool) error {
	if ok && len(m.answers) > 0 {
		return errors.New("the password was not asked for")
	}
	return nil
}

// cramMD5 is the mechanism CRAM-MD5 (RFC 2195).
type cramMD5 struct {
	user   string
	secret []byte // nil: used
}

func (m *cramMD5) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (m *cramMD5) Next(challenge []byte) ([]byte, error) {
	if m.secret == nil {
		return nil, errors.New("CRAM-MD5: more than one challenge")
	}
	if len(challenge) == 0 {
		return nil, errors.New("CRAM-MD5: the challenge is empty, so that the answer would be the same for ever")
	}
	mac := hmac.New(md5.New, m.secret)
	mac.Write(challenge)
	m.secret = nil
	return []byte(m.user + " " + hex.EncodeToString(mac.Sum(nil))), nil
}

func (m *cramMD5) done(ok bool) error {
	if ok && m.secret != nil {
		return errors.New("no challenge was sent")
	}
	return nil
}
