package servers

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// childKind names, in the environment of a copy of the test binary, the server that the copy is to start and then die of.
const childKind = "PARLEY_TEST_CHILD"

func TestMain(m *testing.M) {
	if k := os.Getenv(childKind); k != "" {
		s, err := Start(context.Background(), Kind(k))
		if err != nil {
			fmt.Println("error", err)
			return
		}
		fmt.Println(s.Addr, s.Dir)
		select {} // until it is killed
	}
	goleak.VerifyTestMain(m)
}

// session is a connection that speaks by hand.
type session struct {
	t  *testing.T
	nc net.Conn
	r  *bufio.Reader
}

func dial(t *testing.T, addr string) *session {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	return newSession(t, nc)
}

func newSession(t *testing.T, nc net.Conn) *session {
	t.Helper()
	t.Cleanup(func() { nc.Close() })
	require.NoError(t, nc.SetDeadline(time.Now().Add(startTimeout)))
	s := &session{t, nc, bufio.NewReader(nc)}
	assert.Contains(t, s.line(), "* OK ")
	return s
}

func (s *session) line() string {
	s.t.Helper()
	line, err := s.r.ReadString('\n')
	require.NoError(s.t, err)
	return line
}

// command sends a command and gives its untagged and its tagged lines.
func (s *session) command(text string) (untagged []string, tagged string) {
	s.t.Helper()
	_, err := fmt.Fprintf(s.nc, "a %s\r\n", text)
	require.NoError(s.t, err)
	for {
		line := s.line()
		if rest, ok := strings.CutPrefix(line, "a "); ok {
			return untagged, rest
		}
		untagged = append(untagged, line)
	}
}

func TestLogin(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		require.GreaterOrEqual(t, len(s.Accounts), 2)
		assert.Equal(t, Account{s.User, s.Password}, s.Accounts[0])
		for _, a := range s.Accounts {
			c := dial(t, s.Addr)
			_, tagged := c.command("LOGIN " + a.User + " " + a.Password)
			assert.Contains(t, tagged, "OK", a.User)
			_, tagged = c.command("SELECT INBOX")
			if a.User != "cyrus" { // the administrator has no mail
				assert.Contains(t, tagged, "OK", a.User)
			}
		}
		if s.Kind == KindCourier {
			return // it makes everybody wait for five seconds after a failure
		}
		_, tagged := dial(t, s.Addr).command("LOGIN alice wrong")
		assert.Contains(t, tagged, "NO")
	})
}

func TestMailboxes(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		c := dial(t, s.Addr)
		c.command("LOGIN alice secret")
		list, tagged := c.command(`LIST "" *`)
		assert.Contains(t, tagged, "OK")
		for _, name := range []string{"INBOX", "Drafts", "Sent", "Trash"} {
			assert.Contains(t, strings.Join(list, ""), name)
		}
	})
}

func TestTLS(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		nc, err := tls.Dial("tcp", s.TLSAddr, s.TLSConfig())
		require.NoError(t, err)
		_, tagged := newSession(t, nc).command("LOGIN bob secret2")
		assert.Contains(t, tagged, "OK")

		c := dial(t, s.Addr)
		_, tagged = c.command("STARTTLS")
		require.Contains(t, tagged, "OK")
		config := s.TLSConfig()
		config.ServerName = "localhost"
		upgraded := tls.Client(c.nc, config)
		require.NoError(t, upgraded.Handshake())
		c.nc, c.r = upgraded, bufio.NewReader(upgraded)
		_, tagged = c.command("LOGIN alice secret")
		assert.Contains(t, tagged, "OK")

		_, err = tls.Dial("tcp", s.TLSAddr, &tls.Config{ServerName: "localhost"})
		var unknown *tls.CertificateVerificationError
		assert.ErrorAs(t, err, &unknown, "nobody else knows this authority")
	})
}

func TestURL(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		for scheme, raw := range map[string]string{"imap": s.URL(), "imaps": s.TLSURL()} {
			u, err := url.Parse(raw)
			require.NoError(t, err)
			assert.Equal(t, scheme, u.Scheme)
			password, _ := u.User.Password()
			assert.Equal(t, s.Accounts[0], Account{u.User.Username(), password})
		}
		assert.FileExists(t, s.CAFile)
	})
}

// A stopped server leaves no process, no directory and no connection.
func TestStop(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		c := dial(t, s.Addr)
		c.command("LOGIN alice secret")
		c.command("SELECT INBOX")
		require.True(t, s.proc.alive())

		require.NoError(t, s.Stop())
		assert.False(t, s.proc.alive())
		assert.NoDirExists(t, s.Dir)
		_, err := io.Copy(io.Discard, c.r)
		assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the connection is still open")
		_, err = net.Dial("tcp", s.Addr)
		assert.Error(t, err)
		require.NoError(t, s.Stop(), "a second time")
	})
}

func TestSeveralAtOnce(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(string(k), func(t *testing.T) {
			a, b := forTest(t, k), forTest(t, k)
			one, two := dial(t, a.Addr), dial(t, b.Addr)
			one.command("LOGIN alice secret")
			two.command("LOGIN alice secret")
			name := map[Kind]string{KindCourier: "INBOX.Only"}[k]
			if name == "" {
				name = "Only"
			}
			_, tagged := one.command("CREATE " + name)
			assert.Contains(t, tagged, "OK")
			_, tagged = two.command("SELECT " + name)
			assert.Contains(t, tagged, "NO", "each has mailboxes of its own")
		})
	}
}

func TestNotInstalled(t *testing.T) {
	t.Setenv("PARLEY_SERVERS", t.TempDir())
	_, err := Start(t.Context(), KindCyrus)
	require.ErrorIs(t, err, ErrNotInstalled)
	assert.Equal(t, "starting cyrus: not installed (make servers installs it)", err.Error())
}

func TestUnknownKind(t *testing.T) {
	_, err := Start(t.Context(), "exchange")
	assert.ErrorContains(t, err, "exchange")
}

func TestStartIsCancelled(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(string(k), func(t *testing.T) {
			if _, err := find(k); err != nil {
				t.Skip(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := Start(ctx, k)
			if errors.Is(err, ErrUnsupported) {
				t.Skip(err)
			}
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
}

// A program that is killed has no chance to stop its servers: they end all the same.
func TestServerEndsWithProgram(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(string(k), func(t *testing.T) {
			forTest(t, k) // or skip
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childKind+"="+string(k))
			out, err := child.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, child.Start())
			var addr, dir string
			_, err = fmt.Fscan(out, &addr, &dir)
			require.NoError(t, err)
			t.Cleanup(func() { os.RemoveAll(dir) })
			c := dial(t, addr)

			require.NoError(t, child.Process.Kill())
			assert.Error(t, child.Wait())
			_, err = io.Copy(io.Discard, c.r)
			assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the connection is still open")
		})
	}
}

func TestProcessEndsByItself(t *testing.T) {
	log := filepath.Join(t.TempDir(), "output")
	p, err := startProcess(exec.Command("sh", "-c", "sleep 100 & echo enough"), log)
	require.NoError(t, err)
	<-p.exited
	assert.Error(t, p.err)
	require.NoError(t, p.kill())
	assert.False(t, p.alive(), "what it forked goes with it")
	octets, err := os.ReadFile(log)
	require.NoError(t, err)
	assert.Equal(t, "enough\n", string(octets))
}
