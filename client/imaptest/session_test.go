package imaptest_test

import (
	"bufio"
	"compress/flate"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

func TestStates(t *testing.T) {
	for _, tt := range []struct{ name, command, want string }{
		{"select before login", "SELECT INBOX", "BAD SELECT is not for the state not authenticated"},
		{"fetch before select", "FETCH 1 FLAGS", "BAD FETCH is not for the state not authenticated"},
		{"login in clear", "LOGIN ada secret", "NO LOGIN is not allowed: LOGINDISABLED"},
		{"plain in clear", "AUTHENTICATE PLAIN", "NO this mechanism is not offered"},
		{"idle before login", "IDLE", "BAD IDLE is not for the state not authenticated"},
		{"unknown command", "XYZZY 1 2", "BAD there is no command XYZZY"},
		{"compress before login", "COMPRESS DEFLATE", "BAD COMPRESS DEFLATE needs COMPRESS=DEFLATE, which is not offered"},
		{"wrong arguments", "LOGIN ada", "BAD SP: want a blank at octet 12"},
		{"octets of a password are not repeated", `LOGIN ada pass(word`, "BAD CRLF: want the end of the line at octet 17"},
		{"noop", "NOOP", "OK NOOP done"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, newServer(t, imaptest.Options{}))
			lines := c.do(tt.command)
			require.Len(t, lines, 1)
			assert.Contains(t, lines[0], tt.want)
			assert.Equal(t, "OK NOOP done", c.last("NOOP"), "the session goes on")
		})
	}
}

// What is not offered is refused by name; using it is a fault of the client.
func TestNotOffered(t *testing.T) {
	c := loggedIn(t, newServer(t, imaptest.Options{AllowClear: true, Without: []imap.Cap{
		imap.CapCondstore, imap.CapCreateSpecialUse, imap.CapListExtended, imap.CapSpecialUse, imap.CapEsearch, imap.CapBinary,
		imap.CapMove, imap.CapMultiAppend, imap.CapThreadReferences, imap.CapUnselect, imap.CapID,
	}}))
	for _, tt := range []struct{ command, want string }{
		{"SELECT INBOX (CONDSTORE)", "the parameter CONDSTORE of SELECT"},
		{"EXAMINE INBOX (QRESYNC (1 1))", "the parameter QRESYNC of EXAMINE"},
		{"SELECT INBOX (X-FOO)", "the parameter X-FOO of SELECT"},
		{`CREATE a (USE (\Junk))`, "the parameter USE of CREATE"},
		{"RENAME a b (X-FOO)", "the parameter X-FOO of RENAME"},
		{`LIST "" (a b)`, "several patterns of LIST"},
		{`LIST (SUBSCRIBED) "" *`, "the option SUBSCRIBED of LIST"},
		{`LIST (SPECIAL-USE) "" *`, "the option SPECIAL-USE of LIST"},
		{`LIST "" * RETURN (CHILDREN)`, "the option CHILDREN of LIST"},
		{`LIST "" * RETURN (STATUS (MESSAGES))`, "the option STATUS of LIST"},
		{"SEARCH RETURN (SAVE) ALL", "the option SAVE of SEARCH"},
		{"SEARCH NOT UID $", "the set $"},
		{"SEARCH RETURN (MIN) ALL", "the option MIN of SEARCH"},
		{"SEARCH OR (SEEN NOT MODSEQ 7) ALL", "the key MODSEQ of SEARCH"},
		{"SEARCH X-GM-RAW has:attachment", "the key X-GM-RAW of SEARCH"},
		{"FETCH $ FLAGS", "the set $"},
		{"SORT (DATE X-FOO) UTF-8 ALL", "the criterion X-FOO of SORT"},
		{"THREAD REFERENCES UTF-8 ALL", "the algorithm REFERENCES of THREAD"},
		{"FETCH 1 BINARY[1]", "the item BINARY of FETCH"},
		{"FETCH 1 (UID MODSEQ)", "the item MODSEQ of FETCH"},
		{"FETCH 1 X-GM-LABELS", "the item X-GM-LABELS of FETCH"},
		{"FETCH 1 UID (CHANGEDSINCE 7)", "the modifier CHANGEDSINCE of FETCH"},
		{"STORE 1 (UNCHANGEDSINCE 7) FLAGS ()", "the modifier UNCHANGEDSINCE of STORE"},
		{"STORE 1 X-GM-LABELS (a)", "X-GM-LABELS of STORE"},
		{"STATUS INBOX (HIGHESTMODSEQ)", "STATUS has no item HIGHESTMODSEQ"},
		{"APPEND INBOX {2+}\r\na\n {2+}\r\nb\n", "several messages in one APPEND"},
		{"UNSELECT", "UNSELECT needs UNSELECT"},
		{"ID NIL", "ID needs ID"},
		{"MOVE 1 a", "MOVE needs MOVE"},
	} {
		t.Run(tt.command, func(t *testing.T) {
			c := &raw{t: t, nc: c.nc, br: c.br}
			c.do("SELECT INBOX")
			got := c.do(tt.command)
			require.Len(t, got, 1, "%q", got)
			assert.Regexp(t, "^BAD .*"+regexp.QuoteMeta(tt.want), got[0])
		})
	}
}

func TestGreetingAndCapabilities(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	c := connect(t, srv)
	assert.Equal(t, []string{"* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID STARTTLS LOGINDISABLED", "OK CAPABILITY done"}, c.do("CAPABILITY"))
	require.Equal(t, "OK begin TLS", c.last("STARTTLS"))
	c.tls(srv)
	assert.Equal(t, []string{"* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN", "OK CAPABILITY done"}, c.do("CAPABILITY"))
	assert.Contains(t, c.last("STARTTLS"), "BAD", "TLS is there already")
	assert.Equal(t, "OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS UNSELECT MOVE MULTIAPPEND BINARY ESEARCH SEARCHRES SORT "+
		"THREAD=ORDEREDSUBJECT THREAD=REFERENCES LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE CONDSTORE QRESYNC "+
		"COMPRESS=DEFLATE] welcome", c.last("LOGIN ada secret"))
	assert.Equal(t, []string{"* BYE see you", "OK LOGOUT done"}, c.do("LOGOUT"))
	c.eof()
}

func TestWithout(t *testing.T) {
	srv := newServer(t, imaptest.Options{AllowClear: true, Without: []imap.Cap{imap.CapIdle, imap.CapLiteralPlus, imap.CapUIDPlus}})
	c := loggedIn(t, srv)
	for _, name := range []string{" IDLE", " LITERAL", " UIDPLUS"} {
		assert.NotContains(t, c.do("CAPABILITY")[0], name)
	}
	assert.Contains(t, c.last("IDLE"), "BAD IDLE needs IDLE")
	c.write("x APPEND INBOX {5}\r\n")
	assert.Equal(t, "+ go on", c.line())
	c.write("A: b\n\r\n")
	assert.Equal(t, []string{"OK APPEND done"}, c.until("x"))
	c.write("y APPEND INBOX {5+}\r\nA: b\n\r\n")
	assert.Equal(t, "* BYE LITERAL+ is not offered", c.line())
	c.eof()
}

// What cannot be said in IMAP ends the connection with the reason.
func TestUnspeakable(t *testing.T) {
	srv, c := ready(t)
	_, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC), []byte("Subject: x\r\n\r\n"))
	require.NoError(t, err)
	c.do("SELECT INBOX")
	c.send("FETCH 1 INTERNALDATE")
	assert.Regexp(t, `^\* BYE encoding FETCH: `, c.line())
	c.eof()
}

func TestImplicitTLS(t *testing.T) {
	srv := imaptest.NewTLSServer(imaptest.Options{})
	t.Cleanup(srv.Close)
	assert.True(t, strings.HasPrefix(srv.URL, "imaps://127.0.0.1:"), srv.URL)
	c := connect(t, srv)
	assert.Contains(t, c.last("LOGIN ada secret"), "OK")
}

func TestLogin(t *testing.T) {
	users := []imaptest.User{{Name: "ada", Password: "secret"}, {Name: "grace h", Password: `pass "word"`}}
	plain := func(parts ...string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Join(parts, "\x00")))
	}
	const denied = "NO [AUTHENTICATIONFAILED] user or password is wrong"
	for _, tt := range []struct{ name, command, more, want string }{
		{"login", "LOGIN ada secret", "", "OK"},
		{"login quoted", `LOGIN "grace h" "pass \"word\""`, "", "OK"},
		{"login wrong", "LOGIN ada Secret", "", denied},
		{"login unknown", "LOGIN eve secret", "", denied},
		{"plain", "AUTHENTICATE PLAIN", plain("", "ada", "secret"), "OK"},
		{"plain lower case", "authenticate plain", plain("", "ada", "secret"), "OK"},
		{"plain for oneself", "AUTHENTICATE PLAIN", plain("ada", "ada", "secret"), "OK"},
		{"plain for another", "AUTHENTICATE PLAIN", plain("grace h", "ada", "secret"), denied},
		{"plain wrong", "AUTHENTICATE PLAIN", plain("", "ada", ""), denied},
		{"plain too short", "AUTHENTICATE PLAIN", plain("ada", "secret"), denied},
		{"plain cancelled", "AUTHENTICATE PLAIN", "*", "BAD AUTHENTICATE was cancelled"},
		{"plain not base64", "AUTHENTICATE PLAIN", "!", "BAD this is not base64"},
		{"other mechanism", "AUTHENTICATE CRAM-MD5", "", "NO this mechanism is not offered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, newServer(t, imaptest.Options{Users: users, AllowClear: true}))
			tag := c.send(tt.command)
			if tt.more != "" {
				require.Equal(t, "+ ", c.line())
				c.write(tt.more + "\r\n")
			}
			lines := c.until(tag)
			require.Len(t, lines, 1)
			assert.True(t, strings.HasPrefix(lines[0], tt.want), lines[0])
			assert.Equal(t, "OK NOOP done", c.last("NOOP"))
		})
	}
}

func TestLiterals(t *testing.T) {
	t.Run("login with literals", func(t *testing.T) {
		c := connect(t, newServer(t, imaptest.Options{AllowClear: true}))
		c.write("x LOGIN {3}\r\n")
		assert.Equal(t, "+ go on", c.line())
		c.write("ada {6+}\r\nsecret\r\n")
		assert.Contains(t, c.until("x")[0], "OK")
	})
	t.Run("too long before login", func(t *testing.T) {
		c := connect(t, newServer(t, imaptest.Options{AllowClear: true}))
		c.write("x LOGIN {100000}\r\n")
		assert.Equal(t, []string{"NO [TOOBIG] this literal is too long"}, c.until("x"))
		assert.Equal(t, "OK NOOP done", c.last("NOOP"), "the literal was never sent")
	})
	t.Run("too long and sent", func(t *testing.T) {
		c := connect(t, newServer(t, imaptest.Options{AllowClear: true}))
		c.write("x LOGIN {100000+}\r\n")
		assert.Equal(t, "* BYE this literal is too long", c.line())
		c.eof()
	})
	t.Run("answers leave before a literal is waited for", func(t *testing.T) {
		c := connect(t, newServer(t, imaptest.Options{AllowClear: true}))
		c.write("x NOOP\r\ny LOGIN {3+}\r\nad")
		assert.Equal(t, "x OK NOOP done", c.line())
		c.write("a secret\r\n")
		assert.Contains(t, c.until("y")[0], "OK")
	})
}

func TestPipelined(t *testing.T) {
	_, c := ready(t)
	c.write("1 NOOP\r\n2 CREATE Box\r\n3 SELECT Box\r\n4 CLOSE\r\n")
	assert.Equal(t, []string{"OK NOOP done"}, c.until("1"))
	assert.Equal(t, []string{"OK CREATE done"}, c.until("2"))
	assert.Contains(t, c.until("3"), "* 0 EXISTS")
	assert.Equal(t, []string{"OK CLOSE done"}, c.until("4"))
}

// STARTTLS with commands behind it in the clear is what an attacker in the middle sends; the connection must end.
func TestStartTLSInjection(t *testing.T) {
	c := connect(t, newServer(t, imaptest.Options{}))
	c.write("x STARTTLS\r\ny NOOP\r\n")
	assert.Equal(t, "x OK begin TLS", c.line())
	c.eof()
}

func TestCompress(t *testing.T) {
	_, c := ready(t)
	// The first compressed command comes in the same packet as the command that begins the compression.
	var packet strings.Builder
	packet.WriteString("x COMPRESS DEFLATE\r\n")
	deflate, err := flate.NewWriter(&packet, flate.DefaultCompression)
	require.NoError(t, err)
	_, err = deflate.Write([]byte("y NOOP\r\n"))
	require.NoError(t, err)
	require.NoError(t, deflate.Flush())
	c.write(packet.String())
	assert.Equal(t, "x OK begin DEFLATE", c.line())
	c.br = bufio.NewReader(flate.NewReader(c.br))
	assert.Equal(t, "y OK NOOP done", c.line())

	packet.Reset()
	_, err = deflate.Write([]byte("z COMPRESS DEFLATE\r\n"))
	require.NoError(t, err)
	require.NoError(t, deflate.Flush())
	c.write(packet.String())
	assert.Equal(t, "z NO [COMPRESSIONACTIVE] DEFLATE is active already", c.line())
}

func TestCloseSaysBye(t *testing.T) {
	srv := imaptest.NewServer(imaptest.Options{AllowClear: true})
	idle, waiting := loggedIn(t, srv), connect(t, srv)
	idle.send("IDLE")
	require.Equal(t, "+ idling", idle.line())
	srv.Close()
	srv.Close() // may be said twice
	for _, c := range []*raw{idle, waiting} {
		assert.Equal(t, "* BYE the server is closing", c.line())
		c.eof()
	}
}

func TestCloseClientConnections(t *testing.T) {
	srv, c := ready(t)
	srv.CloseClientConnections()
	c.eof()
	assert.Contains(t, loggedIn(t, srv).last("NOOP"), "OK", "the server goes on")
}
