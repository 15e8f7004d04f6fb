package imaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// Each capability is what it says: with it a command works, without it the server neither says it nor knows the command.
func TestEveryCapability(t *testing.T) {
	gmail := []imap.Cap{imap.CapXGmExt1}
	type row struct {
		capability imap.Cap
		command    string
	}
	rows := []row{
		{imap.CapID, `ID ("name" "test")`},
		{imap.CapEnable, "ENABLE CONDSTORE"},
		{imap.CapNamespace, "NAMESPACE"},
		{imap.CapUIDPlus, "UID EXPUNGE 1"},
		{imap.CapUnselect, "UNSELECT"},
		{imap.CapMove, "MOVE 1 INBOX"},
		{imap.CapMultiAppend, "APPEND INBOX {2+}\r\na\n {2+}\r\nb\n"},
		{imap.CapBinary, "FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])"},
		{imap.CapEsearch, "SEARCH RETURN (MIN MAX ALL COUNT) ALL"},
		{imap.CapSearchres, "SEARCH RETURN (SAVE COUNT) ALL"},
		{imap.CapSearchres, "UID FETCH $ FLAGS"},
		{imap.CapSort, "SORT (SUBJECT REVERSE DATE) UTF-8 ALL"},
		{imap.CapThreadOrderedsubject, "THREAD ORDEREDSUBJECT UTF-8 ALL"},
		{imap.CapThreadReferences, "THREAD REFERENCES UTF-8 ALL"},
		{imap.CapListExtended, `LIST (SUBSCRIBED RECURSIVEMATCH) "" (a %) RETURN (CHILDREN)`},
		{imap.CapListStatus, `LIST "" % RETURN (STATUS (MESSAGES))`},
		{imap.CapSpecialUse, `LIST (SPECIAL-USE) "" % RETURN (SPECIAL-USE)`},
		{imap.CapCreateSpecialUse, `CREATE Sent (USE (\Sent))`},
		{imap.CapCondstore, "FETCH 1 FLAGS (CHANGEDSINCE 1)"},
		{imap.CapXGmExt1, "FETCH 1 (X-GM-MSGID X-GM-THRID X-GM-LABELS)"},
		{imap.CapXGmExt1, `SEARCH X-GM-RAW "from:ada is:unread"`},
		{imap.CapXGmExt1, `STORE 1 +X-GM-LABELS (\Starred work)`},
		{imap.CapLiteralPlus, "SELECT {5+}\r\nINBOX"},
		{imap.CapLiteralMinus, "SELECT {5+}\r\nINBOX"},
		// Those that change the connection come with the tests that go on with it.
		{imap.CapIdle, ""}, {imap.CapCompressDeflate, ""}, {imap.CapQresync, ""},
	}
	said := strings.Fields(loggedIn(t, newServer(t, imaptest.Options{AllowClear: true, With: gmail})).do("CAPABILITY")[0])
	for _, word := range said[3:] { // behind "* CAPABILITY IMAP4rev1"
		assert.True(t, slices.ContainsFunc(rows, func(r row) bool { return string(r.capability) == word }), "no row tries %s", word)
	}
	for _, tt := range rows {
		t.Run(fmt.Sprintf("%s %.20q", tt.capability, tt.command), func(t *testing.T) {
			o := imaptest.Options{AllowClear: true, With: gmail}
			if tt.capability == imap.CapLiteralMinus {
				o.With = []imap.Cap{imap.CapLiteralMinus}
			}
			run := func(o imaptest.Options) (offered bool, answer string) {
				srv := newServer(t, o)
				fill(t, srv.Append, multipart, simple)
				c := loggedIn(t, srv)
				words := strings.Fields(c.do("CAPABILITY")[0])
				if tt.command == "" {
					return slices.Contains(words, string(tt.capability)), ""
				}
				if !strings.HasPrefix(tt.command, "ENABLE") {
					c.do("SELECT INBOX")
				}
				tag := c.send(tt.command)
				answer = c.line()
				for !strings.HasPrefix(answer, tag) && !strings.HasPrefix(answer, "* BYE") {
					answer = c.line()
				}
				return slices.Contains(words, string(tt.capability)), strings.TrimPrefix(answer, tag+" ")
			}
			offered, answer := run(o)
			assert.True(t, offered)
			if tt.command != "" {
				assert.Regexp(t, "^OK", answer)
			}
			o.Without = []imap.Cap{tt.capability}
			offered, answer = run(o)
			assert.False(t, offered)
			if tt.command != "" {
				assert.Regexp(t, `^BAD|^\* BYE`, answer)
			}
		})
	}
}

// What a server never does is a fault of the test that asks for it.
func TestWithWhatCannotBe(t *testing.T) {
	assert.PanicsWithValue(t, "imaptest: Options.With: IMAP4rev2 is not among [LITERAL- X-GM-EXT-1]", func() {
		imaptest.NewServer(imaptest.Options{With: []imap.Cap{"IMAP4rev2"}})
	})
}

func TestLiteralMinus(t *testing.T) {
	c := loggedIn(t, newServer(t, imaptest.Options{AllowClear: true, With: []imap.Cap{imap.CapLiteralMinus}}))
	assert.NotContains(t, c.do("CAPABILITY")[0], "LITERAL+")
	c.write("x APPEND INBOX {4096+}\r\n" + strings.Repeat("a", 4096) + "\r\n")
	assert.Contains(t, c.until("x")[0], "OK [APPENDUID")
	c.write("x APPEND INBOX {4097+}\r\n")
	assert.Contains(t, c.line(), "* BYE")
}

// QRESYNC rests on CONDSTORE and ENABLE, LIST-STATUS on LIST-EXTENDED, SEARCHRES on ESEARCH.
func TestWithoutTakesWhatRestsOnIt(t *testing.T) {
	for base, resting := range map[imap.Cap]string{imap.CapCondstore: "QRESYNC", imap.CapEnable: "QRESYNC", imap.CapListExtended: "LIST-STATUS", imap.CapEsearch: "SEARCHRES"} {
		c := loggedIn(t, newServer(t, imaptest.Options{AllowClear: true, Without: []imap.Cap{base}}))
		assert.NotContains(t, c.do("CAPABILITY")[0], resting, "without %s", base)
	}
}

func TestInitialResponse(t *testing.T) {
	c := connect(t, newServer(t, imaptest.Options{AllowClear: true}))
	assert.Contains(t, c.last("AUTHENTICATE PLAIN ="), "NO [AUTHENTICATIONFAILED]")
	assert.Contains(t, c.last("AUTHENTICATE PLAIN AGFkYQB4"), "NO [AUTHENTICATIONFAILED]")
	assert.Contains(t, c.last("AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ="), "OK [CAPABILITY")
	c = connect(t, newServer(t, imaptest.Options{AllowClear: true, Without: []imap.Cap{imap.CapSaslIr}}))
	assert.Equal(t, "BAD this server does not know an initial response of AUTHENTICATE", c.last("AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ="))
}

func TestAboutTheServer(t *testing.T) {
	_, c := ready(t)
	require.Equal(t, []string{`* NAMESPACE (("" "/")) NIL NIL`, "OK NAMESPACE done"}, c.do("NAMESPACE"))
	require.Equal(t, []string{`* ID ("name" "parley imaptest")`, "OK ID done"}, c.do("ID NIL"))
	require.Equal(t, []string{`* ENABLED QRESYNC`, "OK ENABLE done"}, c.do("ENABLE QRESYNC X-NONE"))
}
