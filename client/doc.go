// Package client is an IMAP client for applications: it dials, logs in, selects mailboxes and runs commands, any number of them at
// a time, from any number of goroutines, over one connection.
//
//	c, err := client.Dial(ctx, "imaps://mail.example.org", client.Options{Auth: client.Password("ada", secret)})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//
//	box, err := c.Select(ctx, "INBOX")
//	if err != nil {
//		return err
//	}
//	for m, err := range box.Fetch(ctx, box.Newest(50), imap.FetchEnvelope, imap.FetchFlags) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(m.Seq, m.Envelope.Subject)
//	}
//
// # Commands
//
// A command is a plain struct of package imap, such as imap.Status, with a typed result. There is one way to run them all: [Do] sends
// one and waits, [Start] sends one and returns at once, [StartRows] does so for commands that answer in rows (FETCH, LIST). The
// methods of [Client] and [Mailbox] named after commands are generated and do nothing else. A method that returns an iterator sends
// its command when the iterator is ranged over, once for every range.
//
// Commands run beside each other wherever RFC 3501 section 5.5 allows it and wait for each other where it does not; none is refused
// because another is in flight. A loop over rows may run other commands in its body and may be left at any time.
//
// # Mailboxes
//
// [Client.Select] returns a [Mailbox]: a handle that knows which selection it belongs to. When another mailbox has been selected in
// the meantime, commands run on the old handle fail with [ErrMailboxChanged] and nothing is sent. Plain imap.UIDs name messages for
// good; sequence numbers made by [Mailbox.Newest] and [Mailbox.Range] fail with [ErrStaleNumbers] once an EXPUNGE has shifted them.
//
// # Bodies
//
// [Mailbox.Fetch] gives complete messages, bodies in memory. [Mailbox.FetchParts] gives a message when it starts and its bodies as they
// stream, [Mailbox.Download] one part decoded. What a program has not read holds up nobody: the server waits for it while nothing else
// needs the connection, else it is kept, up to Options.UnreadLimit in memory and then in a temporary file.
//
// # Contexts and errors
//
// A context given to a method governs its command. When it ends before the command was sent, nothing is sent; after that the call
// returns at once, with an error that matches both the context's and imap.ErrOutcomeUnknown, and what the server still answers is
// dropped. NO, BAD and BYE are an *imap.Error, which tells by Recourse what may help, and matches the sentinel of its response code, such
// as imap.ErrAlreadyExists. No error of this package matches io.EOF.
//
// # Security
//
// TLS is required unless it is turned off by name: imaps:// begins with it, imap:// demands STARTTLS and never goes on without. No
// credentials go over a connection in clear unless that, too, is allowed by name. [Password] takes the strongest way to log in that the
// server offers, and never tries a weaker one; [Auth.Only] says which are allowed. Logs, traces, errors and prints never hold a password.
//
// # Map of the files
//
//	options.go       Options
//	dial.go          Dial, New: from an address or a connection to a client that is logged in
//	command_conn.go  DialCommand: a server on the stdin and stdout of a program
//	tls.go           STARTTLS and what TLS is demanded
//	auth.go          Auth: Password, Token, External, Anonymous, SASL
//	mechanisms.go    Mechanisms, and which of them is taken
//	sasl.go          Mechanism, AUTHENTICATE
//	sasl_simple.go   PLAIN, LOGIN, CRAM-MD5, EXTERNAL, ANONYMOUS
//	sasl_scram.go    SCRAM and its binding to TLS
//	sasl_oauth.go    OAUTHBEARER, XOAUTH2, OAuthError
//	login.go         Login, Authenticate, Capability after them
//	identity.go      ID: who the program is
//	client.go        Client: what is known of the connection, Logout, Close, Compress
//	run.go           what is judged when a command is admitted to the wire
//	do.go            Command, RowCommand, Do, Start, StartRows, Pending, Rows
//	charset.go       searches where the server has no UTF-8
//	parts.go         FetchParts, StartParts, Message: bodies that stream
//	download.go      Download: one part, decoded
//	commands_gen.go  the methods named after commands (generated from the grammar)
//	mailbox.go       Mailbox, Select, Examine, With
//	selection.go     the snapshot behind a Mailbox, kept up to date by what the server says
//	events.go        Idle, Event, EventsLost
//	raw.go           Raw: vendor commands that no grammar knows
//	trace.go         the wire trace, Progress
//	errors.go        the errors that this package adds
package client
