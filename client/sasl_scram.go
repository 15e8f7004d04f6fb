package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"

	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// How often a server may have a password hashed. Fewer rounds make it easy to guess from what goes over the wire (RFC 7677 section 4),
// more are an attack on the client (RFC 7804 section 3.2 tells to have a maximum).
const (
	minIterations = 4096
	maxIterations = 1_000_000
)

// scramHash are the hashes of the family.
var scramHash = []struct {
	of   Mechanisms
	hash scram.HashGeneratorFcn
}{
	{MechScramSHA512Plus | MechScramSHA512, scram.SHA512},
	{MechScramSHA256Plus | MechScramSHA256, scram.SHA256},
	{MechScramSHA1Plus | MechScramSHA1, scram.SHA1},
}

// A scramMech is a mechanism of the SCRAM family (RFC 5802). The server must prove that it knows the password, too.
type scramMech struct {
	name        string
	conv        *scram.ClientConversation
	step        int
	failed      error // what the server said in the place of its proof
	unsupported bool  // that it was the type of channel binding
}

func newScram(a attempt, user, secret string) (Mechanism, error) {
	var client *scram.Client
	for _, h := range scramHash {
		if h.of&a.bit == 0 {
			continue
		}
		var err error
		if client, err = h.hash.NewClient(user, secret, a.identity); err != nil {
			return nil, errors.New(a.name + ": the user's name or password has characters that it cannot have (RFC 4013)")
		}
	}
	client.WithMinIterations(minIterations)
	m := &scramMech{name: a.name}
	switch {
	case a.bit&MechScramPlus != 0:
		m.conv = client.NewConversationWithChannelBinding(a.binding)
	case len(a.c.bindings()) > 0 && !a.c.offersBinding():
		// If the server could have bound the login after all, somebody in between has hidden it; the server refuses then
		// (RFC 5802 section 6).
		m.conv = client.NewConversationAdvertisingChannelBinding()
	default:
		m.conv = client.NewConversation()
	}
	return m, nil
}

func (m *scramMech) Start() (string, []byte, error) {
	first, err := m.conv.Step("")
	return m.name, []byte(first), err
}

func (m *scramMech) Next(challenge []byte) ([]byte, error) {
	text := string(challenge)
	m.step++
	if m.step > 2 || m.failed != nil {
		return nil, fmt.Errorf("%s: more challenges than it has", m.name)
	}
	if reason, ok := strings.CutPrefix(text, "e="); ok {
		m.failed = fmt.Errorf("%s: the server says %s", m.name, wire.QuoteShort(reason))
		m.unsupported = reason == "unsupported-channel-binding-type"
		return []byte{}, nil // it may say more in its NO
	}
	if m.step == 1 {
		if err := checkServerFirst(text); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	} else if !strings.HasPrefix(text, "v=") {
		return nil, fmt.Errorf("%s: the server's last message is malformed", m.name)
	}
	response, err := m.conv.Step(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	return []byte(response), nil
}

// checkServerFirst checks the server's first message (RFC 5802 section 5.1) before the password is hashed as often as it says.
func checkServerFirst(text string) error {
	fields := strings.Split(text, ",")
	if len(fields) < 3 || !strings.HasPrefix(fields[0], "r=") || !strings.HasPrefix(fields[1], "s=") || !strings.HasPrefix(fields[2], "i=") {
		return errors.New("the server's first message is malformed")
	}
	n, err := strconv.ParseUint(fields[2][len("i="):], 10, 32)
	if err != nil || n < minIterations || n > maxIterations {
		return fmt.Errorf("the server's iteration count is not from %d to %d", minIterations, maxIterations)
	}
	return nil
}

func (m *scramMech) done(ok bool) error {
	if m.failed != nil {
		return m.failed
	}
	if ok && !m.conv.Valid() {
		return fmt.Errorf("%s: the server has not proved that it knows the password", m.name)
	}
	return nil
}

// wrongBinding tells whether a server refused what the login was to be bound to, rather than the password: it said so, or said no before
// it had seen any proof, and not why.
func (m *scramMech) wrongBinding(err error) bool {
	var e *conn.Error
	if !errors.As(err, &e) || e.Type != conn.ConditionNO {
		return false
	}
	return m.unsupported || m.step == 0 && e.Code == nil && e.Unwrap() == nil
}

// bindings gives what can tie a login to the TLS connection, the best first: tls-exporter (RFC 9266) in TLS 1.3, tls-unique (RFC 5929)
// before, then tls-server-end-point, which is the server's certificate alone.
func (c *Client) bindings() (all []scram.ChannelBinding) {
	state, ok := c.TLS()
	if !ok {
		return nil
	}
	switch {
	case state.Version < tls.VersionTLS13:
		if len(state.TLSUnique) > 0 {
			all = append(all, scram.NewTLSUniqueBinding(state.TLSUnique))
		}
	case strings.Contains(c.Greeting().Text, "Cyrus IMAP"):
		// Cyrus 3.6 offers to bind in TLS 1.3 and knows nothing but tls-unique, which TLS 1.3 has not.
		return nil
	default:
		if b, err := scram.NewTLSExporterBinding(&state); err == nil {
			all = append(all, b)
		}
	}
	if b, err := scram.NewTLSServerEndpointBinding(&state); err == nil {
		all = append(all, b)
	}
	return all
}

// offersBinding tells whether the server has any mechanism of the family with channel binding.
func (c *Client) offersBinding() bool {
	for name := range c.Caps().caps.With("AUTH=SCRAM-") {
		if strings.HasSuffix(strings.ToUpper(name), "-PLUS") {
			return true
		}
	}
	return false
}
