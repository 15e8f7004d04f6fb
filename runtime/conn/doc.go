// Package conn is one connection to an IMAP server: it sends commands from any number of goroutines, finds out which command each
// response answers, and switches to TLS and DEFLATE. It knows no command by name. What it must know of one stands in its Spec, what it must
// know of one value in its Scope; both are generated from the grammar.
//
// # Order
//
// Commands are sent in the order in which they were started, as many at once as may be in flight together. One that may not waits, and
// those behind it wait with it. RFC 3501 and RFC 9051 section 5.5 say what may not, for then an answer would be ambiguous:
//
//   - A command that changes the state, the layer below or how "+" is read (Next, Else, Switch and Dialog of its Spec) is alone: what is
//     allowed after it depends on its answer. For COMPRESS RFC 4978 section 3 demands it, for IDLE RFC 2177 section 3.
//   - A command with sequence numbers is not in flight beside one that may expunge: an EXPUNGE moves the numbers. Commands may expunge
//     unless they are by number and their Spec says KeepsNumbers (FETCH, STORE and SEARCH, RFC 3501 section 7.4.1; SORT and THREAD, RFC 5256):
//     their UID forms may (section 6.4.8). RFC 3501 allows a command that may expunge behind one by number and trusts the server to hold
//     EXPUNGE back; servers differ in what they do with messages that went meanwhile (RFC 2180 section 4), so it waits as well.
//   - A command that writes flags is not in flight beside one that reads or writes those of the same messages: FETCH BODY[], which sets
//     \Seen, beside SEARCH UNSEEN. To remove messages is to write their flags, and COPY and EXPUNGE read them. A SEARCH is about all
//     messages. Sequence numbers and UIDs cannot be compared.
//   - Two commands that could claim the same data are not in flight together, unless TAG, mailbox, messages or items tell it apart.
//
// A command with "$" may follow the SEARCH that saves it, whatever flags they read and write: the server must keep the order of the two (RFC
// 5182 section 2.3). That of a SEARCH whose result another one has replaced it need not keep. A SEARCH that saves another result waits for
// the commands with the one before.
//
// From a synchronizing literal until its "+" or refusal, and from IDLE until its tagged answer, nothing else is written.
//
// State and capabilities are judged, and the command is encoded, when it is its turn; what is in flight before it may change them.
//
// # Attribution
//
// No response says which command it answers. It goes to the command that surely asked for it, by the set of messages, the items, the mailbox
// and the tag, and has not had it; of several to the oldest; if none asked, to the subscribers. What tells of the mailbox (Kind.Event) goes
// to them as well.
//
// Servers send FLAGS, UID and MODSEQ of a message also when another session changes it (RFC 3501 section 7.4.2). A row of nothing else is
// the command's if it is all that the command lacks of the message. Before the rest has come it is taken for such a change.
//
// # Goroutines and locks
//
// One goroutine reads as long as the connection lasts. Another writes, but only while there is something to write. No lock is held while either
// waits for the network or runs code of the user, so that Close and cancellation always get through. The reader pauses when a call's
// rows are not read, but only while nothing else needs the connection; to who reads long bodies or many rows it lends the connection
// meanwhile. What is not read while something else needs it is kept, in memory up to a bound and then in a file.
//
// A program may have thousands of connections in IDLE. Once the server has said "+", and each time after it has said something, the
// connection rests: the reading goroutine gives up all that it reads with, and begins anew on a small stack. See Base.
//
// # Files
//
//	spec.go       what a command and a response tell about themselves
//	conn.go       Options, New, the greeting, how a connection ends
//	call.go       Start, what becomes of a call, cancellation
//	wait.go       Wait, Next: a call seen from outside
//	watch.go      the contexts of calls
//	stall.go      the limits on the other end's silence
//	intake.go     calls that were started and are not queued yet
//	spare.go      calls that have ended, to be used again
//	list.go       the queue and what is in flight; gates
//	admit.go      what may be sent, and when
//	span.go       what tells commands in flight apart, for all of them
//	write.go      the writer: batches, literals, sources
//	reader.go     the reader: data
//	answer.go     tagged answers
//	base.go       what is waited on at rest
//	run.go        rows on their way from the reader to their call
//	body.go       long bodies, as they come
//	begun.go      rows that are given when they begin
//	lend.go       who reads bodies or many rows reads the connection
//	spill.go      what is not read and too much for memory
//	attribute.go  which command data answers
//	dialog.go     "+", and the SASL dialog
//	idle.go       IDLE and polling
//	upgrade.go    STARTTLS and COMPRESS
//	deflate.go    the compressed stream to the server
//	events.go     subscriptions
//	caps.go       capabilities, and how they decide the encoding
//	tags.go       tags
//	trace.go      the redacted trace
//	progress.go   the steps of commands, for metrics and progress bars
//	errors.go     Error and the sentinels
//	recourse.go   what may help after an Error
package conn
