// Package imaptest is an IMAP server in memory, for the tests of programs that use IMAP; what net/http/httptest is for HTTP.
//
//	srv := imaptest.NewServer(imaptest.Options{})
//	defer srv.Close()
//	srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte("Subject: hello\r\n\r\n..."))
//	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
//
// It listens on a port of its own of the loopback interface, with a certificate made when it starts. It speaks IMAP4rev1
// (RFC 3501) with IDLE, LITERAL+, UIDPLUS, COMPRESS=DEFLATE, STARTTLS and AUTHENTICATE PLAIN, on any number of connections that see
// each other's changes, and keeps nothing when it ends. It is exact rather than forgiving: what a client may not send is answered
// with BAD.
//
// The commands are read and the answers written by the server half of the code generated from the grammar; which command is
// allowed when comes from the same table that the client goes by.
//
// # Files
//
//	server.go     Server: starting, closing, filling, looking into it
//	options.go    Options, User, Message
//	session.go    one connection: reading commands, literals, the end
//	output.go     writing answers
//	dispatch.go   which command is run by what
//	arguments.go  what the grammar knows and this server does not
//	login.go      CAPABILITY, LOGIN, AUTHENTICATE
//	upgrade.go    STARTTLS, COMPRESS
//	mailboxes.go  SELECT, EXAMINE, CLOSE, CREATE, DELETE, RENAME, SUBSCRIBE, STATUS
//	list.go       LIST, LSUB
//	append.go     APPEND
//	fetch.go      FETCH
//	store.go      STORE, COPY, EXPUNGE
//	search.go     SEARCH
//	idle.go       IDLE, and what is told beside the answers
//	account.go    the mailboxes of a user
//	mailbox.go    the messages of a mailbox
//	view.go       what a connection knows of the mailbox it has selected
//	names.go      names of mailboxes, and the patterns of LIST
//	mime.go       a message cut into its parts
//	section.go    BODY[section]
//	envelope.go   ENVELOPE
//	body.go       BODY, BODYSTRUCTURE
//	text.go       text of messages as people read it, for SEARCH
//	cert.go       the certificate
//	latency.go    a line that takes its time
package imaptest
