package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// Options say how a connection is made and kept. The zero value is safe and logs nobody in.
type Options struct {
	// Auth logs in. The zero value leaves the connection as greeted; Authenticate and Login do it later. It is not used when the
	// server greets with PREAUTH (RFC 3501 section 7.1.4).
	Auth Auth

	// TLS is where certificates, pinning (VerifyConnection) and client certificates are set; nil is the default of crypto/tls. It is
	// cloned. ServerName is taken from the address unless set, and the version is TLS 1.2 or better whatever MinVersion says.
	TLS *tls.Config
	// InsecureNoTLS lets the connection stay in clear: imap:// does without STARTTLS, and New takes any connection as it is.
	InsecureNoTLS bool
	// InsecureAuth lets credentials go over a connection in clear.
	InsecureAuth bool

	// Dialer opens the connection, for a proxy or a source address; nil is a net.Dialer.
	Dialer Dialer
	// Timeouts bound how long somebody is waited for who says nothing. The zero value is defaults that suit most.
	Timeouts Timeouts

	// ID says who the program is: after the login it is sent to servers that advertise ID (RFC 2971), which may refuse it. Without it
	// nothing is sent, but to servers that let nobody in who has not said who they are.
	ID []imap.IDParam
	// Compress turns on COMPRESS=DEFLATE (RFC 4978) after the login, where the server offers it.
	Compress bool
	// IdleRenew is how long one IDLE lasts before it is begun anew; servers may hang up after 30 minutes (RFC 2177), and some do after 10.
	// 0 is 9 minutes. A random part of it, up to a tenth, is left out: connections that began together do not renew together.
	IdleRenew time.Duration
	// PollInterval is the time between two NOOPs while Idle waits on a server without IDLE, with a random tenth left out as well. 0 is
	// 1 minute.
	PollInterval time.Duration

	// Extensions are grammars of other modules: what the server and the user of this connection may say besides. imapgen makes them.
	Extensions []*imap.Extension

	// Strict refuses what is not exactly the grammar of the RFCs, for testing servers.
	Strict bool
	// Limits bound what a server can make the client hold in memory; zero fields are defaults that no real mailbox meets.
	Limits imap.Limits

	// UnreadLimit is how many octets of messages that the program has not read yet are kept in memory, while the connection is needed
	// for something else; 0 is 16 MiB. What is more goes to Spill.
	UnreadLimit int64
	// Spill makes the store for it: nil is a private temporary file without a name. SpillNone keeps no mail out of memory: the command with
	// the most unread data fails instead, with an error that matches imap.ErrUnread.
	Spill Spill

	// Logger takes what is worth telling; nil is silence. It is called by the goroutine that reads the connection and must return promptly.
	Logger *slog.Logger
	// Trace is written every line of the connection, as it was before compression and TLS, with secrets replaced and bodies cut short; at
	// slog.LevelDebug Logger is told of them, too. Like Logger it must not block.
	Trace io.Writer
	// Progress is told of each step of each command: for metrics, and for progress bars of bodies and messages. It is called in order
	// on a goroutine of its own, so that it may take its time, and for a moment longer than the connection lasts. nil costs nothing.
	Progress func(Progress)
}

// A Dialer opens network connections. *net.Dialer is one, and so are the dialers of golang.org/x/net/proxy.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// A Spill makes the file that holds what was not read in time. It is called once for a connection, when the file is needed.
type Spill = conn.Spill

// A SpillFile is what a Spill makes; *os.File is one.
type SpillFile = conn.SpillFile

// SpillNone is a Spill that makes no file.
var SpillNone Spill = conn.SpillNone

// Timeouts bound how long a connection waits for an other end that does nothing, whatever the contexts of its commands allow. In each field
// 0 is the default, and less than 0 no limit.
//
// After Command and Write the connection has ended: the error matches imap.ErrConnectionLost, or imap.ErrSource if it was a Source that
// gave nothing, and os.ErrDeadlineExceeded, and imap.ErrOutcomeUnknown for each command that was sent. A connection with nothing in flight
// is looked after by TCP, whose keepalive Go turns on, and by the renewal of IDLE where Idle runs.
type Timeouts struct {
	// Dial bounds the whole of Dial, New and DialCommand: connecting, greeting, TLS and login. 1 minute.
	Dial time.Duration
	// Greeting bounds the wait for the first line of the server. 30 seconds.
	Greeting time.Duration
	// Handshake bounds the TLS handshake, that of STARTTLS too. 30 seconds.
	Handshake time.Duration
	// Command is how long the server may say nothing at all while a command waits for it. It does not bound a command whose answer is
	// long, only a context does that, nor an IDLE. 5 minutes.
	Command time.Duration
	// Write is how long the server may take nothing of what is sent to it, and how long a Source may give nothing. 1 minute.
	Write time.Duration
}

// The defaults of Timeouts; package conn knows those of the others.
const (
	dialTimeout      = time.Minute
	handshakeTimeout = 30 * time.Second
)

// within gives ctx the time that a limit allows for something.
func within(ctx context.Context, limit, usual time.Duration, what string) (context.Context, context.CancelFunc) {
	if limit == 0 {
		limit = usual
	}
	if limit < 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s not done within %v", what, limit))
}

// toConnect gives ctx the time for making a connection.
func (t Timeouts) toConnect(ctx context.Context) (context.Context, context.CancelFunc) {
	return within(ctx, t.Dial, dialTimeout, "connecting and logging in")
}
