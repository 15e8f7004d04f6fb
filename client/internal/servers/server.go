package servers

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Kind is one of the servers that the package can start.
type Kind string

// The servers.
const (
	KindDovecot Kind = "dovecot"
	KindCyrus   Kind = "cyrus"
	KindCourier Kind = "courier"
)

// Kinds lists all servers.
func Kinds() []Kind { return []Kind{KindDovecot, KindCyrus, KindCourier} }

// What keeps a server from being started here, as opposed to what goes wrong while it starts.
var (
	// ErrNotInstalled: the server is not on this machine (Install gets it).
	ErrNotInstalled = errors.New("not installed")
	// ErrUnsupported: the server is there, and cannot run on this machine or under this account.
	ErrUnsupported = errors.New("cannot run here")
)

// startTimeout is far more than any of them takes (0.3 s), for machines under load.
const startTimeout = 15 * time.Second

// Account is a user of a server.
type Account struct{ User, Password string }

// Server is a running server. Its fields are not to be changed; its methods may be used by several goroutines.
type Server struct {
	Kind     Kind
	Addr     string    // host:port, clear text with STARTTLS
	TLSAddr  string    // host:port, TLS from the first octet
	CAFile   string    // PEM file with the authority that signed the server's certificate
	User     string    // the first of Accounts
	Password string    // of User
	Accounts []Account // at least two
	Dir      string    // configuration, mail and logs; removed by Stop

	roots *x509.CertPool
	user  tls.Certificate
	proc  *process
}

// Start starts a server and returns when it answers on both of its ports. ctx governs the start only, which is given
// 15 seconds at most. The server runs until Stop, or until the program ends, however it ends.
func Start(ctx context.Context, k Kind) (*Server, error) {
	s, err := start(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", k, err)
	}
	return s, nil
}

func start(ctx context.Context, k Kind) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	where, err := find(k)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "parley-"+string(k)+"-")
	if err != nil {
		return nil, err
	}
	s := &Server{Kind: k, Dir: dir}
	if err := s.run(ctx, where); err != nil {
		if log := s.Log(); log != "" {
			err = fmt.Errorf("%w; its log ends: %s", err, tail(log, 2000))
		}
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// run fills the server's directory, starts it and waits for its greeting.
func (s *Server) run(ctx context.Context, where location) error {
	// The daemons give up root for accounts that have to find their files below this directory.
	if err := os.Chmod(s.Dir, 0o755); err != nil {
		return err
	}
	certs, err := writeCerts(s.Dir, accounts()[0].User)
	if err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	b, err := newBuild(s.Dir, where, certs, ports[0], ports[1])
	if err != nil {
		return err
	}
	cmd, err := recipes[s.Kind].prepare(ctx, b)
	if err != nil {
		return err
	}

	s.Addr, s.TLSAddr = address(ports[0]), address(ports[1])
	s.CAFile, s.roots, s.user = certs.CA, certs.pool, certs.user
	s.Accounts = b.Accounts
	s.User, s.Password = b.Accounts[0].User, b.Accounts[0].Password
	s.proc, err = startProcess(cmd, filepath.Join(s.Dir, "output"))
	if err != nil {
		return err
	}
	return s.ready(ctx)
}

// ready waits until the server greets on both ports.
func (s *Server) ready(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.greets(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.proc.exited:
			return fmt.Errorf("it ended by itself: %w", s.proc.err)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer (%w): %w", ctx.Err(), err)
		}
	}
}

func (s *Server) greets(ctx context.Context) error {
	clear, secure := &net.Dialer{}, &tls.Dialer{Config: s.TLSConfig()}
	for _, dial := range []func() (net.Conn, error){
		func() (net.Conn, error) { return clear.DialContext(ctx, "tcp", s.Addr) },
		func() (net.Conn, error) { return secure.DialContext(ctx, "tcp", s.TLSAddr) },
	} {
		nc, err := dial()
		if err != nil {
			return err
		}
		err = greeting(ctx, nc)
		nc.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func greeting(ctx context.Context, nc net.Conn) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := nc.SetDeadline(deadline); err != nil {
			return err
		}
	}
	line, err := bufio.NewReader(nc).ReadString('\n')
	if err != nil {
		return fmt.Errorf("reading the greeting: %w", err)
	}
	if !strings.HasPrefix(line, "* OK ") {
		return fmt.Errorf("no greeting: %q", line)
	}
	return nil
}

// TLSConfig gives a configuration that trusts this server's authority only, and is the caller's to change. The
// certificate is for localhost and 127.0.0.1.
func (s *Server) TLSConfig() *tls.Config {
	return &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// ClientCertificate is one of this server's authority for the first account. Dovecot alone takes it, for EXTERNAL.
func (s *Server) ClientCertificate() tls.Certificate { return s.user }

// URL names the first account on the port with STARTTLS; it has the password in it.
func (s *Server) URL() string { return s.url("imap", s.Addr) }

// TLSURL names the first account on the port with TLS; it has the password in it.
func (s *Server) TLSURL() string { return s.url("imaps", s.TLSAddr) }

func (s *Server) url(scheme, addr string) string {
	u := url.URL{Scheme: scheme, User: url.UserPassword(s.User, s.Password), Host: addr}
	return u.String()
}

// Log gives what the server has logged so far, empty once it is stopped.
func (s *Server) Log() string {
	var all strings.Builder
	for _, name := range []string{"log", "output"} {
		if octets, err := os.ReadFile(filepath.Join(s.Dir, name)); err == nil {
			all.Write(octets)
		}
	}
	return all.String()
}

// Stop kills the server with all its processes and removes its directory. Its clients find their connections gone.
// Stopping it again does nothing.
func (s *Server) Stop() error {
	if s.proc != nil {
		if err := s.proc.kill(); err != nil {
			return fmt.Errorf("stopping %s: %w", s.Kind, err)
		}
	}
	if err := os.RemoveAll(s.Dir); err != nil {
		return fmt.Errorf("removing what %s left: %w", s.Kind, err)
	}
	return nil
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// freePorts finds ports that nobody listens on. They lie below the range from which Linux takes the ports of outgoing
// connections (32768 and up): otherwise any test that dials could take one before the server binds it.
func freePorts(n int) ([]int, error) {
	const low, high, tries = 20000, 32768, 200
	var ports []int
	for range tries {
		l, err := net.Listen("tcp", address(low+rand.IntN(high-low)))
		if err != nil {
			continue
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		if len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no free port between %d and %d", low, high)
}

// tail gives the last octets of a text.
func tail(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) > n {
		return "..." + s[len(s)-n:]
	}
	return s
}
