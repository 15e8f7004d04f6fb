package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// An OAuthError is what a server said about an access token that it did not take (RFC 7628 section 3.2.2). It is the cause of the
// *imap.Error of the login.
type OAuthError struct {
	Status              string // "invalid_token", "insufficient_scope"; servers with XOAUTH2 send "400", "401"
	Scope               string // the scope to ask for a token for; "": none was named
	OpenIDConfiguration string // the URL of what is known about the place that issues tokens; "": none was named
	JSON                string // all of it, as it came; not JSON if the server sent something else. Print it with %q
}

// Error gives the status and the scope, with control characters quoted, and cut short.
func (e *OAuthError) Error() string {
	text := "the server does not take the token"
	if e.Status != "" {
		text += ": " + wire.QuoteShort(e.Status)
	}
	if e.Scope != "" {
		text += " (scope " + wire.QuoteShort(e.Scope) + ")"
	}
	return text
}

// An oauth is the mechanism OAUTHBEARER (RFC 7628) or XOAUTH2.
type oauth struct {
	name, message string
	failed        *OAuthError
}

func newOAuth(a attempt, token string) (Mechanism, error) {
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New(a.name + ": the token is empty or has characters that no token has (RFC 6750 section 2.1)")
	}
	if strings.ContainsFunc(a.identity, func(r rune) bool { return r < ' ' }) {
		return nil, errors.New(a.name + ": control character in the user's name")
	}
	m := &oauth{name: a.name}
	if a.bit == MechXOAuth2 {
		m.message = "user=" + a.identity + "\x01auth=Bearer " + token + "\x01\x01"
		return m, nil
	}
	var b strings.Builder
	b.WriteString("n,")
	if a.identity != "" {
		b.WriteString("a=" + strings.NewReplacer("=", "=3D", ",", "=2C").Replace(a.identity)) // RFC 5801 section 4
	}
	b.WriteString(",\x01")
	if a.c.host != "" {
		b.WriteString("host=" + a.c.host + "\x01port=" + a.c.port + "\x01")
	}
	m.message = b.String() + "auth=Bearer " + token + "\x01\x01"
	return m, nil
}

func (m *oauth) Start() (string, []byte, error) { return m.name, []byte(m.message), nil }

// Next takes the server's complaint. It must be answered, so that the server can say NO: with %x01 (RFC 7628 section 3.2.3), in XOAUTH2
// with nothing.
func (m *oauth) Next(challenge []byte) ([]byte, error) {
	if m.failed != nil {
		return nil, fmt.Errorf("%s: more than one challenge", m.name)
	}
	m.failed = &OAuthError{JSON: string(challenge)}
	var said map[string]any
	if json.Unmarshal(challenge, &said) == nil { // whatever the types of its values
		text := func(key string) string {
			switch v := said[key].(type) {
			case string:
				return v
			case float64:
				return fmt.Sprint(v)
			}
			return ""
		}
		m.failed.Status, m.failed.Scope, m.failed.OpenIDConfiguration = text("status"), text("scope"), text("openid-configuration")
	}
	if m.name == "XOAUTH2" {
		return []byte{}, nil
	}
	return []byte{1}, nil
}

func (m *oauth) done(bool) error {
	if m.failed != nil {
		return m.failed
	}
	return nil
}
