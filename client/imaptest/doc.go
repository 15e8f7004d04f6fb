// Package imaptest is an IMAP server in memory, for the tests of programs that use IMAP; what net/http/httptest is for HTTP.
//
//	srv := imaptest.NewServer(imaptest.Options{})
//	defer srv.Close()
//	srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte("Subject: hello\r\n\r\n..."))
//	c, err := client.Dial(ctx, srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
//
// It listens on a port of its own of the loopback interface, with a certificate made when it starts. It speaks IMAP4rev1
// (RFC 3501) and the extensions of this module's grammar, on any number of connections that see each other's changes, and keeps
// nothing when it ends. It is exact rather than forgiving: what a client may not send is answered with BAD that names the fault.
// Messages are taken apart as Dovecot and Cyrus do it, and a test compares the answers to one long session with theirs.
//
// Extensions: SASL-IR, LITERAL+ or LITERAL-, ID, ENABLE, IDLE, NAMESPACE, UIDPLUS, UNSELECT, MOVE, MULTIAPPEND, BINARY, ESEARCH, SEARCHRES, SORT, THREAD, LIST-EXTENDED, LIST-STATUS, SPECIAL-USE, CREATE-SPECIAL-USE, CONDSTORE, QRESYNC,
// COMPRESS=DEFLATE, STARTTLS, AUTH=PLAIN; and X-GM-EXT-1 on request, but for the labels that Gmail shows as mailboxes. Of the queries of
// X-GM-RAW it knows words, phrases in quotes, "-" before them, from:, to:, cc:, bcc:, subject:, label:, rfc822msgid:, is:read, is:unread,
// is:starred, is:unstarred and has:attachment; what else is in one is answered with BAD.
// Options.Without takes any of them away.
//
// What a test wants to go wrong goes wrong through Options.OnCommand, which answers in the server's place, Options.Latency,
// Server.Push and Server.CloseClientConnections.
//
// The commands are read and the answers written by the server half of the code generated from the grammar; which command is
// allowed when comes from the same table that the client goes by.
//
// # Files
//
//	server.go        Server: starting, closing, filling, looking into it
//	options.go       Options, User, Message
//	hooks.go         OnCommand, Push: what a test does to its client
//	session.go       one connection: reading commands, literals, the end
//	output.go        writing answers
//	dispatch.go      which command is run by what
//	capabilities.go  what the server says that it can do; ID, NAMESPACE, ENABLE
//	arguments.go     which arguments belong to which capability
//	login.go         LOGIN, AUTHENTICATE
//	upgrade.go       STARTTLS, COMPRESS
//	mailboxes.go     CREATE, DELETE, RENAME, SUBSCRIBE, STATUS
//	list.go lsub.go  LIST, LSUB
//	select.go        SELECT, EXAMINE, CLOSE
//	append.go        APPEND
//	fetch.go         FETCH
//	store.go copy.go STORE; COPY, MOVE, EXPUNGE
//	modseq.go        mod-sequences, and what is told to clients that know them
//	search.go        the keys of SEARCH
//	found.go         SEARCH
//	sort.go          SORT
//	thread.go references.go
//	                 THREAD; its algorithm REFERENCES
//	subject.go       the base subject of SORT and THREAD
//	idle.go          IDLE, and what is told beside the answers
//	gmail.go         what Gmail knows of messages
//	query.go         X-GM-RAW
//	account.go       the mailboxes of a user
//	mailbox.go       the messages of a mailbox
//	view.go          what a connection knows of the mailbox it has selected
//	names.go         names of mailboxes, and the patterns of LIST
//	mime.go          a message cut into its parts
//	params.go        parameters of media types and dispositions
//	section.go       BODY[section]
//	binary.go        BINARY: parts without their transfer encoding
//	envelope.go      ENVELOPE
//	body.go          BODY, BODYSTRUCTURE
//	text.go          text of messages as people read it, for SEARCH
//	cert.go          the certificate
//	latency.go       a line that takes its time
package imaptest
