package client_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/parley-go/parley/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a scripted server waits for a client before the test fails.
const patience = 10 * time.Second

// A script is the server's side of a connection, played line by line. Its methods end the server's goroutine when they fail.
type script struct {
	t    *testing.T
	nc   net.Conn
	r    *bufio.Reader
	leaf *x509.Certificate // that it shows in TLS
}

func newScript(t *testing.T, nc net.Conn) *script {
	return &script{t: t, nc: nc, r: bufio.NewReader(nc)}
}

func (s *script) fail(format string, args ...any) {
	s.t.Errorf("server: "+format, args...)
	runtime.Goexit()
}

// send writes lines, each with CRLF.
func (s *script) send(lines ...string) { s.sendRaw(strings.Join(lines, "\r\n") + "\r\n") }

func (s *script) sendRaw(octets string) {
	if _, err := io.WriteString(s.nc, octets); err != nil {
		s.fail("send %.200q: %v", octets, err)
	}
}

// line reads one line, without CRLF.
func (s *script) line() string {
	_ = s.nc.SetReadDeadline(time.Now().Add(patience))
	line, err := s.r.ReadString('\n')
	if err != nil {
		s.fail("read a line, have %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// want reads a command and gives its tag.
func (s *script) want(command string) (tag string) {
	line := s.line()
	tag, rest, _ := strings.Cut(line, " ")
	if rest != command {
		s.fail("want the command %q, have %q", command, rest)
	}
	return tag
}

// wantLine reads a line that is not the beginning of a command.
func (s *script) wantLine(want string) {
	if line := s.line(); line != want {
		s.fail("want the line %q, have %q", want, line)
	}
}

// ok reads a command and answers it: data first, then OK.
func (s *script) ok(command string, data ...string) {
	tag := s.want(command)
	s.send(append(data, tag+" OK done")...)
}

// end reads until the client has closed the connection, and wants nothing from it.
func (s *script) end() {
	_ = s.nc.SetReadDeadline(time.Now().Add(patience))
	rest, err := io.ReadAll(s.r)
	if len(rest) > 0 {
		s.fail("want the end, have %q", rest)
	}
	if e, ok := err.(net.Error); ok && e.Timeout() {
		s.fail("the client does not close the connection")
	}
}

// hangUp says nothing more, until the client has closed the connection.
func (s *script) hangUp() {
	_ = s.nc.SetReadDeadline(time.Now().Add(patience))
	_, _ = io.Copy(io.Discard, s.r)
}

// startTLS answers STARTTLS and does the server's part of the handshake.
func (s *script) startTLS(cfg *tls.Config) {
	s.ok("STARTTLS")
	s.upgrade(cfg)
}

func (s *script) upgrade(cfg *tls.Config) {
	tc := tls.Server(s.nc, cfg)
	if err := tc.HandshakeContext(s.t.Context()); err != nil {
		s.fail("handshake: %v", err)
	}
	s.nc, s.r, s.leaf = tc, bufio.NewReader(tc), cfg.Certificates[0].Leaf
}

// pipe runs a script against the connection that it gives.
func pipe(t *testing.T, play func(*script)) net.Conn {
	ours, theirs := net.Pipe()
	run(t, theirs, play)
	return ours
}

func run(t *testing.T, nc net.Conn, play func(*script)) {
	done := make(chan struct{})
	t.Cleanup(func() {
		<-done
	})
	go func() {
		defer close(done)
		defer nc.Close()
		play(newScript(t, nc))
	}()
}

// listen accepts one connection on a loopback port and plays a script on it. It gives host:port.
func listen(t *testing.T, play func(*script)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		play(newScript(t, nc))
	}()
	return l.Addr().String()
}

// rev1 is a greeting with capabilities, so that the client need not ask.
func rev1(caps ...string) string {
	return "* OK [CAPABILITY " + strings.Join(append([]string{"IMAP4rev1"}, caps...), " ") + "] hello"
}

// preauth is a greeting of a session that is logged in already.
func preauth(caps ...string) string {
	return "* PREAUTH [CAPABILITY " + strings.Join(append([]string{"IMAP4rev1"}, caps...), " ") + "] hello"
}

// inClear are options for a script without TLS.
var inClear = client.Options{InsecureNoTLS: true}

// session is a client, logged in, whose server plays a script after a greeting.
func session(t *testing.T, play func(*script), caps ...string) *client.Client {
	return sessionWith(t, inClear, play, caps...)
}

func sessionWith(t *testing.T, o client.Options, play func(*script), caps ...string) *client.Client {
	nc := pipe(t, func(s *script) {
		s.send(preauth(caps...))
		play(s)
	})
	o.InsecureNoTLS = true
	c, err := client.New(t.Context(), nc, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// selected reads SELECT and answers it with a mailbox of so many messages.
func (s *script) selected(mailbox string, exists int) {
	tag := s.want("SELECT " + mailbox)
	s.send(`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
		fmt.Sprintf("* %d EXISTS", exists),
		"* 1 RECENT",
		`* OK [PERMANENTFLAGS (\Deleted \Seen \*)] limited`,
		"* OK [UIDNEXT 4392] predicted",
		"* OK [UIDVALIDITY 3857529045] valid",
		tag+" OK [READ-WRITE] selected")
}

// certificate makes a certificate for a name, and the pool that trusts it.
func certificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "parley test"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

// configs are the two sides of TLS with a certificate for a name.
func configs(t *testing.T, name string) (server, ours *tls.Config) {
	cert, pool := certificate(t, name)
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10}, &tls.Config{RootCAs: pool}
}

// A record is a writer whose text can be read while it is written.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}
