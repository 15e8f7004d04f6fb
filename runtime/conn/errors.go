package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	// ErrThrottled: there was too much of it, and the server will do it at another time; see Error.RetryAfter.
	ErrThrottled = errors.New("throttled")
	// ErrSource: what was to be sent as a literal ended early, ran long or failed; the connection was closed. The error of the command whose
	// literal it was matches what the reader gave as well; that of all others matches ErrConnectionLost.
	ErrSource = errors.New("source of a literal")
)

// A CodeError is a response code as an error: errors.Is matches it with every Error that carries the code, whatever its arguments.
type CodeError string

// Error gives the code.
func (c CodeError) Error() string { return "response code " + wire.QuoteText(string(c)) }

// An Error is how a command failed, or why a connection ended. It never matches io.EOF, so that a cut connection
// is not taken for the end of something. Server text is safe to print where Error, and fmt, print it: control characters are escaped.
// %+v adds the last lines of the connection.
type Error struct {
	Condition          // what the server said: NO or BAD for the command, BYE for the connection; else Type is ""
	Command   string   // the name of the command; "" for an error of the connection
	Trace     []string // the last lines of the connection, passwords left out

	cause   error // nil if the condition says all
	unknown bool  // matches ErrOutcomeUnknown
	login   bool  // the server refused who wanted to log in
	culprit *Call // whose source has ended the connection; nil: none, or this is the error of a command
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
	b.WriteString(e.Condition.String())
	if e.unknown {
		b.WriteString(" (outcome unknown)")
	}
	return b.String()
}

// Unwrap gives the cause, if there is one besides the server's answer.
func (e *Error) Unwrap() error { return e.cause }

// Is matches ErrOutcomeUnknown, ErrThrottled, and the CodeError of the response code; the cause is matched by errors.Is itself.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrOutcomeUnknown:
		return e.unknown
	case ErrThrottled:
		return e.throttled()
	}
	code, ok := target.(CodeError)
	return ok && e.Code != nil && strings.EqualFold(e.Code.Keyword(), string(code))
}

// Format prints the error for package fmt: what Error gives, and the lines of Trace for %+v.
func (e Error) Format(f fmt.State, verb rune) {
	if verb != 'v' {
		fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
		return
	}
	_, _ = io.WriteString(f, e.Error())
	if f.Flag('+') {
		for _, line := range e.Trace {
			_, _ = io.WriteString(f, "\n\t"+line)
		}
	}
}

// LogValue gives what Error does to package log/slog, which would print the lines of Trace otherwise.
func (e Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// of gives the error of a connection as the error of one of its commands.
func (e *Error) of(k *Call) *Error {
	cause := e.cause
	if e.culprit != nil && e.culprit != k {
		cause = sourceFailed{e.cause.Error()}
	}
	return &Error{Condition: e.Condition, Command: k.spec.Name, Trace: e.Trace, cause: cause, unknown: k.phase >= phaseBegun}
}

// sourceFailed is the cause for the commands of a connection that the source of another one has ended. It does not match what the reader
// gave, which may be that somebody has cancelled something: they were not.
type sourceFailed struct{ text string }

func (s sourceFailed) Error() string { return ErrConnectionLost.Error() + ": " + s.text }

func (s sourceFailed) Is(target error) bool {
	return target == ErrConnectionLost || target == ErrSource
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
