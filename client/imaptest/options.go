package imaptest

import (
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// Options says what kind of server to start. The zero value has one user, DefaultUser, and can do everything but what With adds.
type Options struct {
	// Users are those who can log in; none means DefaultUser. Each begins with an empty INBOX.
	Users []User
	// AllowClear lets users log in without TLS. Otherwise the server says LOGINDISABLED until TLS is there.
	AllowClear bool
	// Without names what the server shall not be able to do, to see how a program fares without it: any capability that it says,
	// such as imap.CapIdle, imap.CapUIDPlus, imap.CapSort or "AUTH=PLAIN". What rests on it goes with it: QRESYNC with CONDSTORE.
	Without []imap.Cap
	// With names what the server shall be able to do besides: imap.CapXGmExt1, which makes it look like Gmail, and
	// imap.CapLiteralMinus in the place of LITERAL+. Starting a server with another one panics.
	With []imap.Cap
	// OnCommand, if set, sees every command before it is run, and may answer in its place; see Reply.
	OnCommand func(Command) Reply
	// Latency is what a round trip takes at least, as if the server stood further away. Commands that are sent together are
	// late together. Zero is none.
	Latency time.Duration
}

// User is somebody who can log in.
type User struct {
	Name, Password string
}

// DefaultUser can log in where Options.Users is empty.
var DefaultUser = User{Name: "ada", Password: "secret"}

// Message is one message that the server holds.
type Message struct {
	UID    uint32
	Flags  imap.Flags // without \Recent
	Date   time.Time  // its INTERNALDATE
	Octets []byte     // header and body; not to be changed
}
