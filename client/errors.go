package client

import "errors"

// Errors of commands that were not sent, for errors.Is. Those of the connection are in package imap: ErrClosed, ErrConnectionLost,
// ErrOutcomeUnknown.
var (
	// ErrMailboxChanged: the selection that the Mailbox stands for has ended, or its UIDVALIDITY has changed.
	ErrMailboxChanged = errors.New("the mailbox of this handle is no longer selected: select it again")
	// ErrStaleNumbers: messages were expunged since the set of sequence numbers was made, so that it names other messages now.
	ErrStaleNumbers = errors.New("the sequence numbers are older than the last EXPUNGE: make the set anew, or use UIDs")
	// ErrMailboxHeld: the command would end the selection that a function run by With holds.
	ErrMailboxHeld = errors.New("the selected mailbox is held by With")
	// ErrTLSRequired: the connection is in clear, cannot be upgraded, and Options.InsecureNoTLS is not set.
	ErrTLSRequired = errors.New("TLS is required (Options.InsecureNoTLS does without)")
	// ErrInsecureAuth: the connection is in clear and Options.InsecureAuth is not set.
	ErrInsecureAuth = errors.New("refused to log in over a connection in clear (Options.InsecureAuth allows it)")
	// ErrLoginDisabled: the server takes no passwords as things are (LOGINDISABLED, RFC 3501 section 6.2.3).
	ErrLoginDisabled = errors.New("the server has disabled login by password")
	// ErrNotOffered: the server does not offer the SASL mechanism or the capability that the call needs.
	ErrNotOffered = errors.New("not offered by the server")
	// ErrOwnMethod: the command changes what the connection is doing, and only its own method can run it.
	ErrOwnMethod = errors.New("the command can only be run by its own method of Client")
)
