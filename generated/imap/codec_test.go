package imap_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

func frame(t *testing.T, octets string) *wire.Frame {
	t.Helper()
	f, err := wire.NewReader(strings.NewReader(octets), wire.Limits{}).Next()
	require.NoError(t, err)
	return f
}

// appender is what both directions have: commands and responses.
type appender interface {
	AppendIMAP(*wire.Encoder) error
}

func written(t *testing.T, x appender, mode wire.Mode) string {
	t.Helper()
	e := new(wire.Encoder)
	e.Begin(mode)
	require.NoError(t, x.AppendIMAP(e))
	return string(e.Bytes())
}

// strictDecoder refuses what is not in the grammar.
func strictDecoder() *imap.Decoder {
	d := imap.NewDecoder()
	d.SetStrict(true)
	return d
}

// Each is a response of RFC 3501 section 7 or of an example, written as this package writes it.
var responses = []string{
	`* OK IMAP4rev1 server ready`,
	`* OK [ALERT] System shutdown in 10 minutes`,
	`* NO Disk is 98% full, please delete unnecessary data`,
	`* BAD Disk crash, attempting salvage to a new disk!`,
	`* PREAUTH IMAP4rev1 server logged in as Smith`,
	`* BYE Autologout; idle for too long`,
	`* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI XPIG-LATIN`,
	`* LIST (\Noselect) "/" ~/Mail/foo`,
	`* LIST () NIL INBOX`,
	`* LIST (\Marked \X-Own) "\\" "a\"b"`,
	`* LSUB () "." #news.comp.mail.misc`,
	`* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)`,
	`* STATUS "two words" ()`,
	`* SEARCH 2 3 6`,
	`* SEARCH`,
	`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
	`* FLAGS ()`,
	`* 23 EXISTS`,
	`* 5 RECENT`,
	`* 44 EXPUNGE`,
	`* OK [UNSEEN 12] Message 12 is first unseen`,
	`* OK [PERMANENTFLAGS (\Deleted \Seen \*)] Limited`,
	`* OK [BADCHARSET (UTF-8 US-ASCII)] no`,
	`* OK [BADCHARSET] no`,
	`* OK [CAPABILITY IMAP4rev1 IDLE] ready`,
	`* OK [XNEW some thing] new`,
	`* OK [APPENDUID 38505 3955] APPEND completed`,
	`* OK [COPYUID 38505 304,319:320 3956:3958] Done`,
	`* 23 FETCH (FLAGS (\Seen) RFC822.SIZE 44827)`,
	`* 23 FETCH (FLAGS ())`,
	`* 12 FETCH (FLAGS (\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 UID 7)`,
	`* 12 FETCH (ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>"))`,
	`* 12 FETCH (BODY[HEADER] {5}` + "\r\nDate:)",
	`* 12 FETCH (BODY[] {0}` + "\r\n BODY[1.2.HEADER.FIELDS (From To)]<0> {1}\r\nx BODY[TEXT] NIL BODY[3.MIME] {1}\r\ny)",
	`* 12 FETCH (BODY[HEADER.FIELDS.NOT (Received)]<1024> {1}` + "\r\nz)",
	`* 12 FETCH (BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))`,
	`* 12 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))`,
	`* 12 FETCH (BODYSTRUCTURE ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) 12 NIL ("ATTACHMENT" ("FILENAME" "a")) ("en" "de") "http://x/" "new" (1 NIL ("z"))))`,
	`+ Ready for additional command text`,
	`+ `,
	`a001 OK LOGIN completed`,
	`a1 NO [TRYCREATE] No such mailbox`,
}

// TestResponses reads every response as strictly as the grammar says, writes it, and expects the same octets.
func TestResponses(t *testing.T) {
	for _, line := range responses {
		t.Run(line, func(t *testing.T) {
			tag, r, err := strictDecoder().Response(frame(t, line+"\r\n"), conn.DialogNone)
			require.NoError(t, err)
			got := written(t, r.(appender), wire.Mode{Server: true})
			switch tag := string(tag); tag {
			case "":
				got = "* " + got
			case "+":
			default:
				got = tag + " " + got
			}
			require.Equal(t, line, got)
		})
	}
}

// Each is a command of RFC 3501 section 6, written as this package writes it.
var commands = []string{
	`CAPABILITY`, `NOOP`, `LOGOUT`, `STARTTLS`, `CHECK`, `CLOSE`, `EXPUNGE`, `COMPRESS DEFLATE`,
	`AUTHENTICATE GSSAPI`,
	`LOGIN SMITH "SESAME"`,
	`SELECT INBOX`, `EXAMINE blurdybloop`, `CREATE owatagusiam/`, `DELETE foo/bar`, `RENAME sarasoop zowie`,
	`SUBSCRIBE #news.comp.mail.mime`, `UNSUBSCRIBE "two words"`,
	`LIST "" *`, `LIST /usr/staff/ %`, `LSUB #news. comp.%`,
	`STATUS blurdybloop (UIDNEXT MESSAGES)`, `STATUS INBOX (X-OWN)`,
	`APPEND saved-messages (\Seen $Forwarded) " 7-Feb-1994 21:52:25 -0800" {5+}` + "\r\nhello",
	`APPEND saved-messages () {0+}` + "\r\n",
	`UID SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith`,
	`SEARCH CHARSET UTF-8 TEXT {6+}` + "\r\nп\xd1\x80х",
	`SEARCH OR (1:5 DELETED) UID 3,7:* HEADER Subject "" LARGER 100 KEYWORD $Junk`,
	`FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])`,
	`UID FETCH 7,9:* ALL`,
	`FETCH 1 ENVELOPE`,
	`FETCH 1 (BODY BODYSTRUCTURE BODY.PEEK[1.2]<0.1024> RFC822 RFC822.SIZE UID)`,
	`STORE 2:4 +FLAGS (\Deleted)`, `UID STORE 9 -FLAGS.SILENT (\Seen $x)`, `STORE 1 FLAGS ()`,
	`COPY 2:4 MEETING`, `UID COPY 2:4 MEETING`, `UID EXPUNGE 3000:3002`,
}

// TestCommands reads every command as a server does, writes it, and expects the same octets.
func TestCommands(t *testing.T) {
	for _, line := range commands {
		t.Run(line, func(t *testing.T) {
			tag, c, err := strictDecoder().Command(frame(t, "a1 "+line+"\r\n"))
			require.NoError(t, err)
			require.Equal(t, "a1", tag)
			require.Equal(t, line, written(t, c, wire.Mode{LiteralPlus: true}))
		})
	}
}

// TestUnknown: what the grammar does not have is kept, and costs nothing else (RFC 3501 section 2.2.2).
func TestUnknown(t *testing.T) {
	d := imap.NewDecoder()
	_, r, err := d.Response(frame(t, "* XUNKNOWN foo (bar \"baz\") {3}\r\nabc\r\n"), conn.DialogNone)
	require.NoError(t, err)
	require.Equal(t, "XUNKNOWN", r.(*imap.UnknownData).Name)
	require.Equal(t, imap.Value("foo (bar \"baz\") {3}\r\nabc"), r.(*imap.UnknownData).Raw)

	_, r, err = d.Response(frame(t, "* 7 XNUMBERED\r\n"), conn.DialogNone)
	require.NoError(t, err)
	require.EqualValues(t, 7, r.(*imap.UnknownData).Number)

	_, r, err = d.Response(frame(t, "* 1 FETCH (UID 4 X-GUID (a \"b\") FLAGS (\\Seen))\r\n"), conn.DialogNone)
	require.NoError(t, err)
	m := r.(*imap.FetchData)
	require.EqualValues(t, 4, m.UID)
	require.True(t, m.Flags.Has(imap.FlagSeen))
	require.Equal(t, []imap.MsgAttUnknown{{Name: "X-GUID", Value: `(a "b")`}}, m.Unknown())

	_, c, err := d.Command(frame(t, "a1 XFOO bar {3+}\r\nabc\r\n"))
	require.NoError(t, err)
	require.Equal(t, &imap.UnknownCommand{Name: "XFOO", Args: "bar {3+}\r\nabc"}, c)
}

// TestRecovery: an item that cannot be read costs that item, and a warning tells of it.
func TestRecovery(t *testing.T) {
	tests := []struct{ name, line, rule string }{
		{"a broken envelope", `* 1 FETCH (UID 4 ENVELOPE (("x") NIL) FLAGS (\Seen))`, "msg-att"},
		{"a number that is none", `* 1 FETCH (UID 4 RFC822.SIZE many FLAGS (\Seen))`, "msg-att"},
		{"an item without value", `* 1 FETCH (UID 4 FLAGS (\Seen) BODY[1])`, "msg-att"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, r, err := imap.NewDecoder().Response(frame(t, tt.line+"\r\n"), conn.DialogNone)
			require.NoError(t, err)
			m := r.(*imap.FetchData)
			require.EqualValues(t, 4, m.UID)
			require.True(t, m.Flags.Has(imap.FlagSeen))
			require.NotEmpty(t, m.Warnings())
		})
	}
	_, _, err := strictDecoder().Response(frame(t, tests[0].line+"\r\n"), conn.DialogNone)
	var syntax *wire.SyntaxError
	require.ErrorAs(t, err, &syntax)
}

// TestTooDeep: nesting is bounded, and the rest of the response is read all the same.
func TestTooDeep(t *testing.T) {
	deep := strings.Repeat("(", 5000) + strings.Repeat(")", 5000)
	_, r, err := imap.NewDecoder().Response(frame(t, "* 1 FETCH (UID 4 BODYSTRUCTURE "+deep+" FLAGS (\\Seen))\r\n"), conn.DialogNone)
	require.NoError(t, err)
	require.True(t, r.(*imap.FetchData).Flags.Has(imap.FlagSeen))
}

// TestBadArguments: what cannot be sent is refused before an octet is written.
func TestBadArguments(t *testing.T) {
	tests := []struct {
		name string
		cmd  appender
	}{
		{"a NUL in a name", imap.Create{Mailbox: "a\x00b"}},
		{"no items", imap.Fetch{Set: imap.UIDs(1)}},
		{"an empty set", imap.Fetch{Items: []imap.FetchAtt{imap.FetchFlags}}},
		{"a macro and items", imap.Fetch{Set: imap.UIDs(1), Macro: imap.FetchAll, Items: []imap.FetchAtt{imap.FetchFlags}}},
		{"a macro that is none", imap.Fetch{Set: imap.UIDs(1), Macro: "ALL\r\nx LOGOUT"}},
		{"a status item that is no atom", imap.Status{Mailbox: "x", Items: []imap.StatusAtt{"MESSAGES) x"}}},
		{"a key that is nil", imap.Search{Keys: []imap.SearchKey{imap.SearchNot{}}}},
		{"an item that breaks out", imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchAttName("FLAGS\r\nx LOGOUT")}}},
		{"a flag that breaks out", imap.Store{Set: imap.UIDs(1), Change: imap.StoreFlags{Flags: imap.NewFlags(`\Seen) x`)}}},
		{"a mechanism that breaks out", imap.Authenticate{Mechanism: "PLAIN\r\nx LOGOUT"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := new(wire.Encoder)
			e.Begin(wire.Mode{})
			err := tt.cmd.AppendIMAP(e)
			var bad *wire.ArgumentError
			require.ErrorAs(t, err, &bad)
		})
	}
}
