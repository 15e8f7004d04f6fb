package imap

import "github.com/parley-go/parley/runtime/conn"

// Errors of the connection, for errors.Is.
var (
	ErrClosed         = conn.ErrClosed         // the connection was closed on this side
	ErrConnectionLost = conn.ErrConnectionLost // the connection ended without being asked to
	ErrOutcomeUnknown = conn.ErrOutcomeUnknown // the command was sent, and what became of it is not known
	ErrUnread         = conn.ErrUnread         // more was not read than may be kept
	ErrNumbersMoved   = conn.ErrNumbersMoved   // messages were expunged while the command named them by number
	ErrProtocol       = conn.ErrProtocol       // the server sent what no server may send; the connection was closed
	ErrState          = conn.ErrState          // the command is not allowed before, or after, logging in or selecting; nothing was sent
	ErrCapability     = conn.ErrCapability     // the server does not advertise what the command needs; nothing was sent
	ErrSource         = conn.ErrSource         // the reader of a message did not give what was announced; the connection was closed
	ErrThrottled      = conn.ErrThrottled      // too much at a time: Error.RetryAfter
)

// What may help after an Error; see Error.Recourse.
const (
	RecourseNone      = conn.RecourseNone      // the same again fails again
	RecourseRetry     = conn.RecourseRetry     // the same later, on this connection
	RecourseReconnect = conn.RecourseReconnect // the same on a new connection
	RecourseLogin     = conn.RecourseLogin     // log in with other credentials
)

// The response codes that say why a command failed (RFC 5530 section 3, RFC 3501 section 7.1), for errors.Is with the error of a command.
// Any other code can be written as a CodeError.
const (
	ErrUnavailable          CodeError = "UNAVAILABLE"          // something behind the server is down for the moment
	ErrAuthenticationFailed CodeError = "AUTHENTICATIONFAILED" // wrong user or password, or the server will not say
	ErrAuthorizationFailed  CodeError = "AUTHORIZATIONFAILED"  // who logged in may not act as somebody else
	ErrExpired              CodeError = "EXPIRED"              // the password is not valid any more
	ErrPrivacyRequired      CodeError = "PRIVACYREQUIRED"      // not without TLS
	ErrContactAdmin         CodeError = "CONTACTADMIN"         // the user should ask the administrator
	ErrNoPerm               CodeError = "NOPERM"               // the user has not the right to it
	ErrInUse                CodeError = "INUSE"                // somebody else uses what is needed
	ErrExpungeIssued        CodeError = "EXPUNGEISSUED"        // somebody else has expunged some of the messages
	ErrCorruption           CodeError = "CORRUPTION"           // the server's data is damaged
	ErrServerBug            CodeError = "SERVERBUG"            // the server is at fault
	ErrClientBug            CodeError = "CLIENTBUG"            // the client is
	ErrCannot               CodeError = "CANNOT"               // it can never succeed
	ErrLimit                CodeError = "LIMIT"                // a limit of the implementation
	ErrOverQuota            CodeError = "OVERQUOTA"            // the user's quota
	ErrAlreadyExists        CodeError = "ALREADYEXISTS"        // a mailbox of that name is there
	ErrNonExistent          CodeError = "NONEXISTENT"          // no mailbox of that name is there
	ErrTryCreate            CodeError = "TRYCREATE"            // as ErrNonExistent, and it can be created
	ErrBadCharset           CodeError = "BADCHARSET"           // the server does not know the character set
	ErrParse                CodeError = "PARSE"                // a message could not be parsed
	ErrUnknownCTE           CodeError = "UNKNOWN-CTE"          // nor the encoding of a part (RFC 3516)
	ErrTooBig               CodeError = "TOOBIG"               // the message is too large (RFC 4469, RFC 7888)
	ErrNotSaved             CodeError = "NOTSAVED"             // what a SEARCH found was not saved (RFC 5182)
	ErrUseAttr              CodeError = "USEATTR"              // not this special use (RFC 6154)
)
