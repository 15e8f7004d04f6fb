package client

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// Raw runs a command that no grammar knows, such as a vendor's: the name, then the arguments with one space between them. It waits
// for every command that might be confused by it. No argument can end the command or begin another. Commands that change what the
// connection is doing (SELECT, ENABLE, STARTTLS, LOGIN, IDLE ...) are refused with ErrOwnMethod: they have methods.
func (c *Client) Raw(ctx context.Context, name string, args ...RawArg) (*RawResult, error) {
	return Do(ctx, c, RawCommand{Name: name, Args: args})
}

// A RawCommand is what Raw runs, for Start and for running it on a Mailbox.
type RawCommand struct {
	Name string // one or more words: "XFOO", "UID XFOO"
	Args []RawArg
}

// A RawResult is what answered a RawCommand.
type RawResult struct {
	imap.Completion
	// Data is the untagged data that came meanwhile and that the grammar does not know; what it knows goes to the events.
	Data []*imap.UnknownData
}

// Collect takes one untagged response.
func (r *RawResult) Collect(resp conn.Response) {
	if d, ok := resp.(*imap.UnknownData); ok {
		r.Data = append(r.Data, d)
	}
}

// Result makes an empty result.
func (RawCommand) Result() *RawResult { return new(RawResult) }

// Spec says that the command may do anything that leaves the state as it is, to any message.
func (r RawCommand) Spec() *conn.Spec {
	return &conn.Spec{
		Name: wire.QuoteText(r.Name),
		In:   conn.StateAny,

		ReadsFlags:  true,
		WritesFlags: true,

		Returns: []conn.Return{{Kind: (*imap.UnknownData)(nil).Kind(), Many: true}},
	}
}

// Scope tells whether there are sequence numbers among the arguments, and which.
func (r RawCommand) Scope() (s conn.Scope) {
	addSets(&s, r.Args)
	return s
}

func addSets(s *conn.Scope, args []RawArg) {
	for _, a := range args {
		switch a := a.(type) {
		case RawList:
			addSets(s, a)
		case RawSet:
			s.Touch(imap.NumSet(a))
		}
	}
}

// AppendIMAP writes the command.
func (r RawCommand) AppendIMAP(e *wire.Encoder) error {
	words := strings.Split(r.Name, " ")
	if slices.ContainsFunc(ownWays, func(name string) bool { return strings.EqualFold(name, words[0]) }) {
		return ErrOwnMethod
	}
	// A server that does not know the command, or wants no argument, answers at once; it would take the octets of a literal that does
	// not wait for its "+" for commands, as Dovecot does after "NOOP {25+}".
	e.Synchronize()
	for i, word := range words {
		if i > 0 {
			e.SP()
		}
		e.Atom(word)
	}
	for _, a := range r.Args {
		e.SP()
		appendRaw(e, a)
	}
	return e.Err()
}

func appendRaw(e *wire.Encoder, a RawArg) {
	if a == nil {
		e.Fail("argument", "a value, not nil")
		return
	}
	a.appendRaw(e)
}

// ownWays are the commands that change what the connection is doing, in this grammar or another.
var ownWays = []string{"STARTTLS", "AUTHENTICATE", "LOGIN", "UNAUTHENTICATE", "ENABLE", "SELECT", "EXAMINE", "CLOSE", "UNSELECT", "LOGOUT",
	"IDLE", "COMPRESS", "PROXYAUTH"}

// A RawArg is one argument of a RawCommand: one of the types below.
type RawArg interface{ appendRaw(e *wire.Encoder) }

type (
	// RawAtom is a bare word. It must consist of ATOM-CHARs (RFC 3501 section 9).
	RawAtom string
	// RawString is a quoted string or a literal, as its octets demand; without NUL.
	RawString string
	// RawAstring is an atom where it can be, else as RawString.
	RawAstring string
	// RawSecret is a RawString that is never shown, in a trace or in a print.
	RawSecret string
	// RawMailbox is the name of a mailbox, encoded as the connection demands.
	RawMailbox string
	// RawNumber is a number.
	RawNumber uint64
	// RawFlag is a flag or keyword.
	RawFlag imap.Flag
	// RawSet is a set of UIDs or sequence numbers.
	RawSet imap.NumSet
	// RawList is a list of arguments in parentheses.
	RawList []RawArg
)

func (a RawAtom) appendRaw(e *wire.Encoder)    { e.Atom(string(a)) }
func (a RawString) appendRaw(e *wire.Encoder)  { e.String(string(a)) }
func (a RawAstring) appendRaw(e *wire.Encoder) { e.Astring(string(a)) }
func (a RawMailbox) appendRaw(e *wire.Encoder) { e.Mailbox(string(a)) }
func (a RawNumber) appendRaw(e *wire.Encoder)  { e.Number64(uint64(a)) }
func (a RawFlag) appendRaw(e *wire.Encoder)    { e.Flag(imap.Flag(a)) }
func (a RawSet) appendRaw(e *wire.Encoder)     { e.SequenceSet(imap.NumSet(a)) }

func (a RawSecret) appendRaw(e *wire.Encoder) {
	e.Secret()
	e.String(string(a))
	e.EndSecret()
}

// Format prints the secret for package fmt, without what it is.
func (a RawSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, string(wire.Hide(a))) }

// LogValue does so for package log/slog.
func (a RawSecret) LogValue() slog.Value { return slog.StringValue(string(wire.Hide(a))) }

// MarshalText does so for encodings such as JSON.
func (a RawSecret) MarshalText() ([]byte, error) { return []byte(wire.Hide(a)), nil }

func (a RawList) appendRaw(e *wire.Encoder) {
	e.Byte('(')
	for i, arg := range a {
		if i > 0 {
			e.SP()
		}
		appendRaw(e, arg)
	}
	e.Byte(')')
}
