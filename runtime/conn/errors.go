package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// What can go wrong apart from the server saying no; for errors.Is.
var (
	// ErrClosed: Close was called, or the server was told LOGOUT.
	ErrClosed = errors.New("connection closed")
	// ErrConnectionLost: the server said BYE, or the transport failed or ended.
	ErrConnectionLost = errors.New("connection lost")
	// ErrOutcomeUnknown: the command was sent, at least in part, and its answer was not seen; it may have taken effect.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrNumbersMoved: the server expunged messages while the command named them by number, which no server may do (RFC 3501 section
	// 7.4.1). What it did, or said after that, may be about other messages. UIDs never move.
	ErrNumbersMoved = errors.New("messages were expunged while the command named them by number")
	// ErrProtocol: the server sent what no server may send, so nothing it sends can be trusted; the connection was closed.
	ErrProtocol = errors.New("protocol violation")
	// ErrState: the command is not allowed in the state of the connection. Nothing was sent.
	ErrState = errors.New("not allowed in this state")
	// ErrCapability: a capability that the command needs is not advertised, or one that forbids it is. Nothing was sent.
	ErrCapability = errors.New("not allowed by the server's capabilities")
	// ErrSource: what was to be sent as a literal ended early, ran long or failed; the connection was closed.
	ErrSource = errors.New("source of a literal")
)

// An Error is how a command failed, or why a connection ended. It never matches io.EOF, so that a cut connection
// is not taken for the end of something. Server text in it is safe to print.
type Error struct {
	Condition          // what the server said: NO or BAD for the command, BYE for the connection; else Type is ""
	Command   string   // the name of the command; "" for an error of the connection
	Trace     []string // the last lines of the connection, passwords left out

	cause   error // nil if the condition says all
	unknown bool  // matches ErrOutcomeUnknown
}

// Error gives one line: the command, what the server said, and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("imap: ")
	if e.Command != "" {
		b.WriteString(e.Command)
		b.WriteString(": ")
	}
	if e.cause != nil {
		b.WriteString(e.cause.Error())
		if e.Type != "" {
			b.WriteString(": ")
		}
	}
	if e.Type != "" {
		b.WriteString(string(e.Type))
		if e.Code != nil {
			b.WriteString(" [")
			b.WriteString(wire.QuoteText(e.Code.Keyword()))
			b.WriteString("]")
		}
		if e.Text != "" {
			b.WriteString(" ")
			b.WriteString(wire.QuoteText(e.Text))
		}
	}
	if e.unknown {
		b.WriteString(" (outcome unknown)")
	}
	return b.String()
}

// Unwrap gives the cause, if there is one besides the server's answer.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether the error is the sentinel ErrOutcomeUnknown; the cause is matched by errors.Is itself.
func (e *Error) Is(target error) bool { return e.unknown && target == ErrOutcomeUnknown }

// of gives the error of a connection as the error of one of its commands.
func (e *Error) of(k *Call) *Error {
	return &Error{Condition: e.Condition, Command: k.spec.Name, Trace: e.Trace, cause: e.cause, unknown: k.phase >= phaseBegun}
}

// lost wraps a failure of the transport.
func lost(doing string, err error) error {
	return fmt.Errorf("%s: %w: %w", doing, ErrConnectionLost, notEOF(err))
}

// notEOF gives an error that does not match io.EOF: where a stream ends here, its end was not expected.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cancelled is the cause of a command whose context ended.
func cancelled(ctx context.Context) error {
	if err, cause := ctx.Err(), context.Cause(ctx); cause != err {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return ctx.Err()
}

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
}
