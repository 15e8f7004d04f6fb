package imap

import (
	"io"
	"strings"

	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// Values of the wire under the names that users of this package write. See package wire for what they do.
type (
	NumSet   = wire.NumSet   // a set of UIDs or of message sequence numbers
	NumRange = wire.NumRange // a range in a NumSet
	Flag     = wire.Flag     // a flag of a message
	Flags    = wire.Flags    // an immutable list of flags
	Body     = wire.Body     // a body, or a part of one, as it was fetched
	Source   = wire.Source   // a message to be appended
	Text     = wire.Text     // text of a header field, decoded on demand
	Date     = wire.Date     // the date of a header
	NString  = wire.NString  // a string, or NIL
	Value    = wire.Value    // raw octets of something without a type
	Warning  = wire.Warning  // a deviation from the grammar that was read all the same
	Limits   = wire.Limits   // bounds on what a server can make a client keep
)

// Errors and tables of the connection.
type (
	Error     = conn.Error     // why a command failed
	CodeError = conn.CodeError // a response code, for errors.Is
	Recourse  = conn.Recourse  // what may help after an Error
	Spec      = conn.Spec      // what the connection knows of a command
	Condition = conn.Condition // an outcome: OK, NO, BAD, BYE or PREAUTH with its code and text
)

// The flags of RFC 3501 section 2.3.2, and the wildcard of PERMANENTFLAGS.
const (
	FlagSeen     = wire.FlagSeen
	FlagAnswered = wire.FlagAnswered
	FlagFlagged  = wire.FlagFlagged
	FlagDeleted  = wire.FlagDeleted
	FlagDraft    = wire.FlagDraft
	FlagRecent   = wire.FlagRecent
	FlagWildcard = wire.FlagWildcard
)

// UIDs makes a set of unique identifiers.
func UIDs(n ...uint32) NumSet { return wire.UIDs(n...) }

// UIDRange makes a set of the unique identifiers from first to last; 0 is "*", the highest.
func UIDRange(first, last uint32) NumSet { return wire.UIDRange(first, last) }

// Seqs makes a set of message sequence numbers. They shift with every EXPUNGE: prefer UIDs, or the sets that a
// client.Mailbox makes.
func Seqs(n ...uint32) NumSet { return wire.Seqs(n...) }

// SeqRange makes a set of the message sequence numbers from first to last; 0 is "*", the highest.
func SeqRange(first, last uint32) NumSet { return wire.SeqRange(first, last) }

// SavedResult is "$": the messages that the last SEARCH with RETURN (SAVE) found, which stay at the server. A command with it may be
// started right behind that SEARCH, and is sent in its UID form. It needs the capability SEARCHRES (RFC 5182).
//
// "$" holds no message after a SELECT, or when the server answers that SEARCH with NO. But a SEARCH that was not sent, or that the server
// did not understand, leaves what was saved before: do not start behind it, unwaited, what would be wrong for other messages.
func SavedResult() NumSet { return wire.SavedResult() }

// NewFlags makes a list of flags.
func NewFlags(flags ...Flag) Flags { return wire.NewFlags(flags...) }

// ParseFlags reads flags with blanks between them, as Flags.String gives them, in parentheses or not.
func ParseFlags(s string) (Flags, error) { return wire.ParseFlags(s) }

// NStr makes a string that is there; the zero NString is NIL.
func NStr(s string) NString { return wire.NStr(s) }

// SourceBytes makes a message of octets in memory.
func SourceBytes(b []byte) Source { return wire.SourceBytes(b) }

// SourceString makes a message of a string.
func SourceString(s string) Source { return wire.SourceString(s) }

// SourceReader makes a message of size octets that are read while it is sent.
func SourceReader(r io.Reader, size int64) Source { return wire.SourceReader(r, size) }

// SourceText makes a message of text whose lines end in LF, CR or CRLF, as a file of the system may have them: they are sent with CRLF,
// which RFC 5322 section 2.1 demands. What holds binary data is sent as SourceBytes.
func SourceText(s string) Source { return wire.SourceString(lineEnds.Replace(s)) }

var lineEnds = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n")

// DateTimeLayout is the form of INTERNALDATE and of the date of APPEND (date-time in RFC 3501 section 9), without quotes, for
// time.Parse and time.Time.Format.
const DateTimeLayout = "_2-Jan-2006 15:04:05 -0700"

// Message makes a message for APPEND from its octets and flags; its date is that of its arrival.
func Message(octets Source, flags ...Flag) AppendMessage {
	return AppendMessage{Flags: NewFlags(flags...), Data: AppendLiteral(octets)}
}
