package imaptest_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// raw is a client that knows nothing: it sends what it is told and gives back what comes, so that a test sees the octets.
type raw struct {
	t  *testing.T
	nc net.Conn
	br *bufio.Reader
	n  int
}

// newServer starts a server that ends with the test.
func newServer(t *testing.T, o imaptest.Options) *imaptest.Server {
	t.Helper()
	srv := imaptest.NewServer(o)
	t.Cleanup(srv.Close)
	return srv
}

// connect opens a connection and reads the greeting.
func connect(t *testing.T, srv *imaptest.Server) *raw {
	t.Helper()
	_, addr, _ := strings.Cut(srv.URL, "://")
	nc, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { nc.Close() })
	require.NoError(t, nc.SetDeadline(time.Now().Add(20*time.Second))) // a test that waits for ever says nothing
	c := &raw{t: t, nc: nc, br: bufio.NewReader(nc)}
	if strings.HasPrefix(srv.URL, "imaps:") {
		c.tls(srv)
	}
	require.Contains(t, c.line(), "* OK [CAPABILITY IMAP4rev1")
	return c
}

// loggedIn opens a connection to a server that takes passwords in clear and logs in.
func loggedIn(t *testing.T, srv *imaptest.Server) *raw {
	t.Helper()
	c := connect(t, srv)
	require.Contains(t, c.last("LOGIN ada secret"), "OK")
	return c
}

// ready is a server that takes passwords in clear, and a connection to it that is logged in.
func ready(t *testing.T) (*imaptest.Server, *raw) {
	t.Helper()
	srv := newServer(t, imaptest.Options{AllowClear: true})
	return srv, loggedIn(t, srv)
}

// tls goes on with TLS.
func (c *raw) tls(srv *imaptest.Server) {
	c.t.Helper()
	cfg := srv.TLSConfig()
	cfg.ServerName = "127.0.0.1"
	tc := tls.Client(c.nc, cfg)
	require.NoError(c.t, tc.HandshakeContext(c.t.Context()))
	c.nc, c.br = tc, bufio.NewReader(tc)
}

// write sends octets.
func (c *raw) write(s string) {
	c.t.Helper()
	_, err := io.WriteString(c.nc, s)
	require.NoError(c.t, err)
}

var literal = regexp.MustCompile(`\{(\d+)\}\r\n$`)

// line reads one response with its literals, without the CRLF at its end.
func (c *raw) line() string {
	c.t.Helper()
	var all strings.Builder
	for {
		line, err := c.br.ReadString('\n')
		require.NoError(c.t, err, "after %q", all.String()+line)
		all.WriteString(line)
		found := literal.FindStringSubmatch(line)
		if found == nil {
			return strings.TrimSuffix(all.String(), "\r\n")
		}
		size, err := strconv.Atoi(found[1])
		require.NoError(c.t, err)
		octets := make([]byte, size)
		_, err = io.ReadFull(c.br, octets)
		require.NoError(c.t, err)
		all.Write(octets)
	}
}

// send sends a command with a tag of its own, which it returns.
func (c *raw) send(command string) string {
	c.t.Helper()
	c.n++
	tag := fmt.Sprintf("a%d", c.n)
	c.write(tag + " " + command + "\r\n")
	return tag
}

// until reads up to the answer with the tag. The tag is cut off, so that expectations need not know it.
func (c *raw) until(tag string) []string {
	c.t.Helper()
	var lines []string
	for {
		line := c.line()
		if answer, found := strings.CutPrefix(line, tag+" "); found {
			return append(lines, answer)
		}
		lines = append(lines, line)
	}
}

// do sends a command and returns all that answers it.
func (c *raw) do(command string) []string {
	c.t.Helper()
	return c.until(c.send(command))
}

// last is the tagged answer to a command.
func (c *raw) last(command string) string {
	c.t.Helper()
	lines := c.do(command)
	return lines[len(lines)-1]
}

// eof requires that nothing more comes.
func (c *raw) eof() {
	c.t.Helper()
	rest, err := io.ReadAll(c.br)
	require.NoError(c.t, err)
	require.Empty(c.t, string(rest))
}

// gmail is a connection to a server that looks like Gmail, with three messages, the second of which answers the first.
func gmail(t *testing.T) *raw {
	t.Helper()
	srv := newServer(t, imaptest.Options{AllowClear: true, With: []imap.Cap{imap.CapXGmExt1}})
	fill(t, srv.Append, "Message-ID: <1@a>\r\n\r\n", "Message-ID: <2@a>\r\nIn-Reply-To: <1@a>\r\n\r\n", simple)
	require.NoError(t, srv.Create("ada", "There"))
	c := loggedIn(t, srv)
	c.do("SELECT INBOX")
	return c
}
