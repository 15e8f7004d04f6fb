package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// imapCommand runs the program.
func imapCommand(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

// wanted are lines that every run of the demo prints, in this order.
var wanted = []string{
	`1\. Connect and log in`,
	`> connected to imaps?://`,
	`> logged in as `,
	`2\. List the mailboxes`,
	`> INBOX`,
	`3\. Make a mailbox`,
	`> made .*parley-demo-[a-z2-7]{6}`,
	`4\. Append 5 messages`,
	`> message 5 is stored`,
	`5\. Select the mailbox`,
	`> 5 messages`,
	`6\. Fetch the envelopes`,
	`> UID 1, 221 octets, from Grace: A moth in the relay`,
	`> UID 3, 270 octets, from Jürgen: Grüße aus Köln`,
	`> meanwhile: 5 NOOPs were answered, SEARCH found 5 unread`,
	`> STATUS counted \d+ messages in INBOX`,
	`7\. Fetch the text`,
	`> UID 1: It is taped into the log book now\.`,
	`8\. Search`,
	`> from Alan or from Grace: UID 1:2`,
	`> with "moth" in the subject, not deleted: UID 1`,
	`9\. Flag a message`,
	`> message 1 now has .*\\Flagged`,
	`> a search for flagged messages finds UID 1`,
	`10\. Be told of new mail`,
	`> the server says: there are 6 messages now`,
	`> the new one is UID 6: A tree`,
	`11\. Time \d+ commands`,
	`> one by one, .*: [\d.]+`,
	`> pipelined, .*: [\d.]+.*times as fast`,
	`12\. Clean up`,
	`> deleted .*parley-demo-`,
	`> logged out`,
}

// requireSteps requires the lines in their order.
func requireSteps(t *testing.T, stdout string) {
	t.Helper()
	rest := stdout
	for _, line := range wanted {
		found := regexp.MustCompile("(?m)^ *" + line).FindStringIndex(rest)
		require.NotNil(t, found, "no line %q in the rest of\n%s", line, stdout)
		rest = rest[found[1]:]
	}
}

func TestDemo(t *testing.T) {
	code, stdout, stderr := imapCommand(t.Context(), "demo")
	require.Zero(t, code, stderr)
	assert.Empty(t, stderr)
	requireSteps(t, stdout)
	assert.Contains(t, stdout, "It is made to seem 5ms away")
	assert.Contains(t, stdout, "Of each, 5ms is the simulated round trip.")
	assert.Contains(t, stdout, "encrypted with TLS 1.3")
	assert.Contains(t, stdout, "compressed with DEFLATE")

	figures := regexp.MustCompile(`pipelined, all sent at once: .*, ([\d.]+) times as fast`).FindStringSubmatch(stdout)
	require.NotNil(t, figures)
	assert.Greater(t, len(figures[1]), len("9.9"), "200 round trips against one: more than ten times, not %s", figures[1])
}

func TestDemoTrace(t *testing.T) {
	code, stdout, stderr := imapCommand(t.Context(), "demo", "--trace", "--commands=3")
	require.Zero(t, code, stderr)
	requireSteps(t, stdout)
	assert.Regexp(t, `(?m)^ +\| \S+ C: \S+ STARTTLS$`, stdout)
	assert.Regexp(t, `(?m)^ +\| \S+ C: \S+ AUTHENTICATE PLAIN \*\*\*$`, stdout)
	assert.Regexp(t, `(?m)^ +\| \S+ C: DONE$`, stdout)
	assert.NotContains(t, stdout, imaptest.DefaultUser.Password)
	assert.NotContains(t, stdout, "AGFkYQBzZWNyZXQ", "nor in base64")
	_, timing, _ := strings.Cut(stdout, "\n11. ")
	timing, _, _ = strings.Cut(timing, "\n12. ")
	assert.NotContains(t, timing, "NOOP")
}

// start starts a server of the test's own and returns its URL with user and password, and a file with its certificate.
func start(t *testing.T, make func(imaptest.Options) *imaptest.Server, o imaptest.Options) (srv *imaptest.Server, url, ca string) {
	t.Helper()
	o.Users = []imaptest.User{{Name: "grace@example.org", Password: "p@ss/word"}}
	srv = make(o)
	t.Cleanup(srv.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
	scheme, host, _ := strings.Cut(srv.URL, "://")
	return srv, scheme + "://grace%40example.org:p%40ss%2Fword@" + host, ca
}

func TestDemoOnAServer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		make  func(imaptest.Options) *imaptest.Server
		o     imaptest.Options
		flags []string
		says  string
	}{
		{"STARTTLS", imaptest.NewServer, imaptest.Options{}, []string{"--ca"}, "STARTTLS turned the connection over"},
		{"TLS", imaptest.NewTLSServer, imaptest.Options{}, []string{"--ca"}, "encrypted with TLS 1.3 from the first octet"},
		{"in clear", imaptest.NewServer, imaptest.Options{AllowClear: true}, []string{"--insecure-no-tls"}, "in clear: everybody"},
		{"one that can do nothing more", imaptest.NewTLSServer, imaptest.Options{
			Without: []imap.Cap{imap.CapIdle, imap.CapLiteralPlus, imap.CapUIDPlus, imap.CapCompressDeflate},
		}, []string{"--ca"}, "This server has no IDLE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, url, ca := start(t, tt.make, tt.o)
			args := append([]string{"demo", "--commands=20"}, tt.flags...)
			if tt.flags[0] == "--ca" {
				args = append(args, ca)
			}
			code, stdout, stderr := imapCommand(t.Context(), append(args, url)...)
			require.Zero(t, code, stderr)
			requireSteps(t, stdout)
			assert.Contains(t, stdout, tt.says)
			assert.Contains(t, stdout, "logged in as grace@example.org")
			assert.NotContains(t, stdout+stderr, "p@ss/word")
			assert.Equal(t, []string{"INBOX"}, srv.Mailboxes("grace@example.org"), "the demo leaves nothing behind")
		})
	}
}

func TestDemoPasswordFromEnvironment(t *testing.T) {
	_, url, ca := start(t, imaptest.NewServer, imaptest.Options{})
	t.Setenv(passwordVariable, "p@ss/word")
	code, _, stderr := imapCommand(t.Context(), "demo", "--commands=1", "--ca", ca, strings.Replace(url, ":p%40ss%2Fword", "", 1))
	require.Zero(t, code, stderr)
}

func TestDemoFails(t *testing.T) {
	srv, url, ca := start(t, imaptest.NewServer, imaptest.Options{})
	_, otherURL, _ := start(t, imaptest.NewTLSServer, imaptest.Options{})
	noCertificate := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(noCertificate, nil, 0o600))
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no command", nil, exitUsage, "expected"},
		{"unknown flag", []string{"demo", "--colour"}, exitUsage, "unknown flag --colour"},
		{"no such file", []string{"demo", "--ca", "/nowhere", url}, exitUsage, "no such file"},
		{"nothing to time", []string{"demo", "--commands=0"}, exitUsage, "--commands must be at least 1"},
		{"CA without a server", []string{"demo", "--ca", ca}, exitUsage, "give its URL"},
		{"no user", []string{"demo", srv.URL}, exitUsage, "the URL needs a user"},
		{"not a URL", []string{"demo", "imap://a:secret%zz@host"}, exitUsage, "the URL cannot be read"},
		{"other scheme", []string{"demo", "http://a:b@host"}, exitFailure, "connecting: "},
		{"certificate not trusted", []string{"demo", url}, exitFailure, "certificate"},
		{"certificate of another", []string{"demo", "--ca", ca, otherURL}, exitFailure, "certificate"},
		{"no certificate in the file", []string{"demo", "--ca", noCertificate, url}, exitFailure, "there is no certificate in"},
		{"wrong password", []string{"demo", "--ca", ca, strings.Replace(url, "word@", "Word@", 1)}, exitFailure, "user or password is wrong"},
		{"password in clear", []string{"demo", "--insecure-no-tls", url}, exitFailure, "connecting: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := imapCommand(t.Context(), tt.args...)
			assert.Equal(t, tt.code, code)
			assert.Contains(t, stderr, tt.says)
			assert.NotContains(t, stdout+stderr, "secret")
			assert.NotContains(t, strings.ToLower(stdout+stderr), "ss/word")
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"demo", "--help"}} {
		code, stdout, stderr := imapCommand(t.Context(), args...)
		assert.Zero(t, code)
		assert.Empty(t, stderr)
		assert.Contains(t, stdout, "Usage: imap")
	}
}

// interrupter interrupts the program when it prints something.
type interrupter struct {
	bytes.Buffer
	when      string
	interrupt context.CancelFunc
}

func (i *interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), i.when) {
		i.interrupt()
	}
	return i.Buffer.Write(p)
}

// Interrupted at any step, the demo ends soon, says so, and leaves nothing behind.
func TestDemoInterrupted(t *testing.T) {
	for _, when := range []string{"1. Connect", "4. Append", "6. Fetch", "10. Be told", "11. Time"} {
		t.Run(when, func(t *testing.T) {
			srv, url, ca := start(t, imaptest.NewServer, imaptest.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out, errs := &interrupter{when: when, interrupt: cancel}, new(bytes.Buffer)
			assert.Equal(t, exitInterrupted, run(ctx, []string{"demo", "--ca", ca, url}, out, errs))
			assert.Equal(t, "interrupted\n", errs.String())
			assert.NotContains(t, out.String(), "12. Clean up")
			assert.Equal(t, []string{"INBOX"}, srv.Mailboxes("grace@example.org"))
		})
	}
}

// The demo is to run on servers that others wrote.
func TestDemoOnRealServers(t *testing.T) {
	servers.Each(t, func(t *testing.T, s *servers.Server) {
		for _, url := range []string{s.URL(), s.TLSURL()} {
			code, stdout, stderr := imapCommand(t.Context(), "demo", "--commands=20", "--ca", s.CAFile, url)
			require.Zero(t, code, "%s\n%s\n%s", stderr, stdout, s.Log())
			requireSteps(t, stdout)
		}
	})
}
