package conn

import (
	"iter"
	"slices"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// Caps are the capabilities that the server advertised last (RFC 3501 section 7.2.1). It is a snapshot
// that never changes. The zero value: they are not known, because none were sent yet, or because a login
// or TLS made those from before it worthless (RFC 3501 sections 6.2.1 to 6.2.3).
type Caps struct{ list *capabilities }

type capabilities struct {
	text  string // joined by blanks: that is less than a list, and there may be thousands of connections
	codec Codec  // knows which include others; nil: none do
}

func newCaps(names []string, codec Codec) Caps {
	return Caps{&capabilities{strings.Join(names, " "), codec}}
}

// Known reports whether the server has said what it can do.
func (c Caps) Known() bool { return c.list != nil }

// Has reports whether a capability was advertised, letter case aside, or one that includes it.
func (c Caps) Has(name string) bool {
	return c.lists(name) || c.list != nil && c.list.codec != nil && slices.ContainsFunc(c.list.codec.Including(name), c.lists)
}

func (c Caps) lists(name string) bool {
	for s := range c.All() {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// All gives the capabilities in the order and writing of the server.
func (c Caps) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := c.String(); rest != ""; {
			var s string
			if s, rest, _ = strings.Cut(rest, " "); !yield(s) {
				return
			}
		}
	}
}

// With gives what follows a prefix in the capabilities that have it: With("AUTH=") the SASL mechanisms.
func (c Caps) With(prefix string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for s := range c.All() {
			if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) && !yield(s[len(prefix):]) {
				return
			}
		}
	}
}

// String joins the capabilities by blanks.
func (c Caps) String() string {
	if c.list == nil {
		return ""
	}
	return c.list.text
}

// encoding derives from what is advertised and enabled how commands are written. IMAP4rev2 is in force when it is
// enabled or when there is nothing else (RFC 9051 section 6.3.1); it brings UTF-8 (section 5.1).
func encoding(caps, enabled Caps) wire.Mode {
	inForce := func(name string) bool {
		return enabled.Has(name) || strings.EqualFold(name, rev2) && caps.Has(rev2) && !caps.Has("IMAP4rev1")
	}
	return wire.Mode{
		UTF8:         inForce(rev2) || inForce("UTF8=ACCEPT"), // RFC 6855 section 3
		LiteralPlus:  caps.Has("LITERAL+"),
		LiteralMinus: caps.Has("LITERAL-"),
		Literal8:     caps.Has("BINARY"),
		Has:          caps.Has,
		InForce:      inForce,
	}
}

// setMode takes over what was advertised or enabled. It runs on the reader, or in New; the caller holds mu.
func (c *Conn) setMode() {
	c.mode = encoding(c.caps, c.enabled)
	c.opts.Codec.SetUTF8(c.mode.UTF8)
}

const rev2 = "IMAP4rev2"

// Rev2 reports whether IMAP4rev2 is in force, and not IMAP4rev1.
func (c *Conn) Rev2() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inForce(rev2)
}

// inForce tells so of a capability; the caller holds mu. It does not change while a command is in flight: ENABLE is alone on the wire.
func (c *Conn) inForce(capability string) bool {
	return c.mode.InForce != nil && c.mode.InForce(capability)
}
