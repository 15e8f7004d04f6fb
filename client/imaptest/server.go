package imaptest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

// lastWords is how long a connection may take to be told BYE when the server closes.
const lastWords = time.Second

// Server is an IMAP server on a port of its own of the loopback interface. All of it may be used from any goroutine.
type Server struct {
	// URL is where it listens: imap://127.0.0.1:port, or imaps:// if it speaks TLS from the first octet.
	URL string

	options     Options
	certificate tls.Certificate
	leaf        *x509.Certificate
	implicitTLS bool
	accounts    map[string]*account // never changed after the start
	listener    net.Listener

	mu       sync.Mutex
	closing  bool
	sessions map[*session]struct{}
	wg       sync.WaitGroup // the goroutines of the listener, the sessions and their latency
}

// NewServer starts a server that speaks plainly and offers STARTTLS. The caller calls Close when he is done. It panics if the
// machine has no port to listen on, as net/http/httptest does.
func NewServer(o Options) *Server { return start(o, false) }

// NewTLSServer starts a server that speaks TLS from the first octet (imaps://).
func NewTLSServer(o Options) *Server { return start(o, true) }

func start(o Options, implicitTLS bool) *Server {
	if err := checkCapabilities(o); err != nil {
		panic(fmt.Sprintf("imaptest: %v", err))
	}
	certificate, leaf, err := newCertificate()
	if err != nil {
		panic(fmt.Sprintf("imaptest: %v", err))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("imaptest: listening: %v", err))
	}
	s := &Server{
		URL:         "imap://" + listener.Addr().String(),
		options:     o,
		certificate: certificate,
		leaf:        leaf,
		implicitTLS: implicitTLS,
		accounts:    map[string]*account{},
		listener:    listener,
		sessions:    map[*session]struct{}{},
	}
	if implicitTLS {
		s.URL = "imaps://" + listener.Addr().String()
	}
	users := o.Users
	if len(users) == 0 {
		users = []User{DefaultUser}
	}
	for _, u := range users {
		s.accounts[u.Name] = newAccount(u)
	}
	s.wg.Go(s.accept)
	return s
}

// accept takes connections until the listener is closed.
func (s *Server) accept() {
	for {
		nc, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.serve(nc)
	}
}

// serve begins a session on a connection, unless the server is closing.
func (s *Server) serve(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		nc.Close()
		return
	}
	if s.options.Latency > 0 {
		nc = newLatencyConn(nc, s.options.Latency, &s.wg)
	}
	c := newSession(s, nc)
	s.sessions[c] = struct{}{}
	s.wg.Go(func() {
		c.run()
		s.mu.Lock()
		delete(s.sessions, c)
		s.mu.Unlock()
	})
}

// Close tells every client BYE, closes the connections and the port, and waits until nothing of the server runs any more. It
// may be called more than once.
func (s *Server) Close() {
	s.shut(func(c *session) {
		c.nc.SetReadDeadline(time.Unix(1, 0)) // ends the wait for a command; the session says BYE
		c.nc.SetWriteDeadline(time.Now().Add(lastWords))
	})
	s.wg.Wait()
}

func (s *Server) shut(end func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	s.listener.Close()
	for c := range s.sessions {
		end(c)
	}
}

// CloseClientConnections cuts all connections without a word, as a failing network does. The server goes on.
func (s *Server) CloseClientConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sessions {
		c.nc.Close()
	}
}

// isClosing reports whether Close was called.
func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// Certificate is the certificate of the server, made when it started.
func (s *Server) Certificate() *x509.Certificate { return s.leaf }

// TLSConfig returns a configuration for clients that trusts this server and nobody else. Each call makes a new one.
func (s *Server) TLSConfig() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.leaf)
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// errNoUser says that nobody of that name can log in.
var errNoUser = errors.New("no such user")

// Append puts a message into a mailbox, which is made if it does not exist, and returns its UID. Connections that have the
// mailbox selected are told. A zero date means now. The server keeps the octets: they must not be changed afterwards.
func (s *Server) Append(user, mailbox string, flags imap.Flags, date time.Time, message []byte) (uint32, error) {
	a := s.accounts[user]
	if a == nil {
		return 0, fmt.Errorf("appending for %q: %w", user, errNoUser)
	}
	if err := checkMessage(message); err != nil {
		return 0, fmt.Errorf("appending to %q: %w", mailbox, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	box, err := a.find(mailbox)
	if errors.Is(err, errNoMailbox) {
		if err = a.create(mailbox); err == nil {
			box, err = a.find(mailbox)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("appending to %q: %w", mailbox, err)
	}
	if date.IsZero() {
		date = time.Now()
	}
	return a.deliver(box, message, flags, date).uid, nil
}

// Create makes a mailbox and the levels above it, for a special use if one is named: imap.MailboxSent, imap.MailboxTrash and so on
// (RFC 6154).
func (s *Server) Create(user, mailbox string, use ...imap.MailboxAttr) error {
	a := s.accounts[user]
	if a == nil {
		return fmt.Errorf("creating for %q: %w", user, errNoUser)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.create(mailbox, use...); err != nil {
		return fmt.Errorf("creating %q: %w", mailbox, err)
	}
	return nil
}

// Messages lists what a mailbox holds, in the order of the UIDs; nil if there is no such user or mailbox.
func (s *Server) Messages(user, mailbox string) []Message {
	a := s.accounts[user]
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	box, err := a.find(mailbox)
	if err != nil {
		return nil
	}
	list := make([]Message, 0, len(box.msgs))
	for _, m := range box.msgs {
		list = append(list, Message{UID: m.uid, Flags: m.flags, Date: m.date, Octets: m.octets})
	}
	return list
}

// Mailboxes lists the mailboxes of a user, INBOX first; nil if there is no such user.
func (s *Server) Mailboxes(user string) []string {
	a := s.accounts[user]
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(a.names(), func(name string) bool { return a.boxes[name].nameOnly })
}
