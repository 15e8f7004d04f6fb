package client

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// Mechanisms is a set of the ways to log in that this package has, for Auth.Only. The zero value is the empty set.
type Mechanisms uint16

// The ways to log in. All but MechLoginCommand are mechanisms of SASL.
const (
	MechScramSHA512Plus Mechanisms = 1 << iota // RFC 5802, bound to the TLS connection: nobody sits in between
	MechScramSHA256Plus                        // RFC 7677
	MechScramSHA1Plus                          // RFC 5802
	MechScramSHA512                            // not bound; server and client prove to each other that they know the password
	MechScramSHA256                            // RFC 7677
	MechScramSHA1                              // RFC 5802
	MechPlain                                  // RFC 4616: shows the password to the server
	MechLoginCommand                           // the command LOGIN (RFC 3501 section 6.2.3): shows it as well
	MechLogin                                  // the obsolete mechanism LOGIN: as PLAIN, in two steps
	MechCramMD5                                // RFC 2195: hides the password, by MD5, from a server that must store it
	MechOAuthBearer                            // RFC 7628
	MechXOAuth2                                // what OAUTHBEARER was made from
	MechExternal                               // RFC 4422 appendix A
	MechAnonymous                              // RFC 4505

	MechScramPlus = MechScramSHA512Plus | MechScramSHA256Plus | MechScramSHA1Plus
	MechScram     = MechScramPlus | MechScramSHA512 | MechScramSHA256 | MechScramSHA1

	byPassword = MechScram | MechPlain | MechLoginCommand | MechLogin | MechCramMD5
	byToken    = MechOAuthBearer | MechXOAuth2
	inPlain    = MechPlain | MechLoginCommand | MechLogin       // what shows the password
	asAnother  = MechScram | MechPlain | byToken | MechExternal // what can carry an identity to act as
)

// A mechanism is one of Mechanisms.
type mechanism struct {
	bit  Mechanisms
	name string
}

// The mechanisms in groups, the strongest first.
var (
	hidesPassword = []mechanism{
		{MechScramSHA512Plus, "SCRAM-SHA-512-PLUS"}, {MechScramSHA256Plus, "SCRAM-SHA-256-PLUS"}, {MechScramSHA1Plus, "SCRAM-SHA-1-PLUS"},
		{MechScramSHA512, "SCRAM-SHA-512"}, {MechScramSHA256, "SCRAM-SHA-256"}, {MechScramSHA1, "SCRAM-SHA-1"},
	}
	showsPassword  = []mechanism{{MechPlain, "PLAIN"}, {MechLoginCommand, "the command LOGIN"}, {MechLogin, "LOGIN"}}
	storedPassword = []mechanism{{MechCramMD5, "CRAM-MD5"}}
	noPassword     = []mechanism{
		{MechOAuthBearer, "OAUTHBEARER"}, {MechXOAuth2, "XOAUTH2"}, {MechExternal, "EXTERNAL"}, {MechAnonymous, "ANONYMOUS"},
	}
)

// strongest gives all mechanisms, the strongest first. Inside TLS a password is safer with PLAIN than in the store that CRAM-MD5 needs,
// in clear it is not.
func strongest(secure bool) []mechanism {
	if secure {
		return slices.Concat(hidesPassword, showsPassword, storedPassword, noPassword)
	}
	return slices.Concat(hidesPassword, storedPassword, showsPassword, noPassword)
}

// String names them, joined by commas, the strongest first.
func (m Mechanisms) String() string {
	var names []string
	for _, x := range strongest(true) {
		if m&x.bit != 0 {
			names = append(names, x.name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// offered tells whether the server has a mechanism.
func (m mechanism) offered(caps Caps) bool {
	return m.bit == MechLoginCommand || caps.Has(imap.Cap("AUTH="+m.name))
}

// choose takes the strongest mechanism of a set that the server offers. What was named one by one may show the password under
// LOGINDISABLED, but inside TLS only, and not by the command LOGIN: it is the command that this forbids.
func (c *Client) choose(can, named Mechanisms) (mechanism, error) {
	caps, secure := c.Caps(), c.isSecure()
	disabled := caps.Has(imap.CapLoginDisabled)
	var refused, unbound bool
	canBind := len(c.bindings()) > 0
	for _, m := range strongest(secure) {
		switch {
		case can&m.bit == 0 || !m.offered(caps):
		case m.bit&MechScramPlus != 0 && !canBind:
			unbound = true
		case m.bit&inPlain != 0 && disabled && (!secure || m.bit&named == 0 || m.bit == MechLoginCommand):
			refused = true
		default:
			return m, nil
		}
	}
	switch {
	case refused:
		return mechanism{}, ErrLoginDisabled
	case unbound:
		return mechanism{}, fmt.Errorf("log in by %v: %w in a way that this connection can be bound to", can, ErrNotOffered)
	}
	var have []string
	for name := range caps.caps.With("AUTH=") {
		have = append(have, name)
	}
	return mechanism{}, fmt.Errorf("log in by %v: %w, which has: %s", can, ErrNotOffered, wire.QuoteShort(strings.Join(have, " ")))
}
