package imaptest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
)

// multipart has what IMAP's part numbers can name: a text, a message within, and its own two parts.
const multipart = "From: =?utf-8?q?Ad=C3=A9?= <ada@example.org>\r\n" +
	"To: Friends: grace@example.org, \"H, Barbara\" <b@example.org>;, alan@example.org\r\n" +
	"Subject: parts\r\n" +
	"Date: Sat, 03 Feb 2024 04:05:06 +0100\r\n" +
	"Message-ID: <1@example.org>\r\n" +
	"Content-Type: multipart/mixed; boundary=out\r\n" +
	"\r\n" +
	"preamble\r\n" +
	"--out\r\n" +
	"Content-Type: text/plain; charset=iso-8859-1\r\n" +
	"Content-Transfer-Encoding: quoted-printable\r\n" +
	"\r\n" +
	"gr=FC=DFe\r\n" +
	"--out\r\n" +
	"Content-Type: message/rfc822\r\n" +
	"\r\n" +
	"Subject: inner\r\n" +
	"X-Long: a\r\n" +
	"  b\r\n" +
	"Content-Type: multipart/alternative; boundary=in\r\n" +
	"\r\n" +
	"--in\r\n" +
	"\r\n" +
	"plain\r\n" +
	"--in\r\n" +
	"Content-Type: text/html\r\n" +
	"\r\n" +
	"<b>html</b>\r\n" +
	"--in--\r\n" +
	"--out--\r\n" +
	"epilogue\r\n"

const simple = "From: a@example.org\r\nSubject: simple\r\n\r\nhello\r\n"

func TestFetchSections(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, multipart, simple)
	c.do("EXAMINE INBOX")
	inner := multipart[strings.Index(multipart, "Subject: inner"):strings.Index(multipart, "\r\n--out--")]
	for _, tt := range []struct{ message, section, want string }{
		{"1", "[]", multipart},
		{"1", "[HEADER]", multipart[:strings.Index(multipart, "preamble")]},
		{"1", "[TEXT]", multipart[strings.Index(multipart, "preamble"):]},
		{"1", "[1]", "gr=FC=DFe"},
		{"1", "[1.MIME]", "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"},
		{"1", "[2]", inner},
		{"1", "[2.MIME]", "Content-Type: message/rfc822\r\n\r\n"},
		{"1", "[2.HEADER]", inner[:strings.Index(inner, "--in")]},
		{"1", "[2.TEXT]", inner[strings.Index(inner, "--in"):]},
		{"1", "[2.1]", "plain"},
		{"1", "[2.2]", "<b>html</b>"},
		{"1", "[2.2.MIME]", "Content-Type: text/html\r\n\r\n"},
		{"1", "[HEADER.FIELDS (subject X-NONE date)]", "Subject: parts\r\nDate: Sat, 03 Feb 2024 04:05:06 +0100\r\n\r\n"},
		{"1", "[2.HEADER.FIELDS (X-Long)]", "X-Long: a\r\n  b\r\n\r\n"},
		{"1", "[2.HEADER.FIELDS.NOT (X-Long Content-Type)]", "Subject: inner\r\n\r\n"},
		{"1", "[3]", "NIL"},
		{"1", "[1.1]", "NIL"},
		{"1", "[1.HEADER]", "NIL"},
		{"1", "[2.3]", "NIL"},
		{"2", "[1]", "hello\r\n"},
		{"2", "[1.1]", "NIL"},
		{"2", "[2]", "NIL"},
	} {
		t.Run(tt.message+" BODY"+tt.section, func(t *testing.T) {
			lines := c.do("FETCH " + tt.message + " BODY.PEEK" + tt.section)
			require.Len(t, lines, 2)
			if tt.want == "NIL" {
				assert.Equal(t, "* "+tt.message+" FETCH (BODY"+tt.section+" NIL)", lines[0])
				return
			}
			head, octets, found := strings.Cut(lines[0], "}\r\n")
			require.True(t, found, lines[0])
			assert.True(t, strings.EqualFold(head[:strings.LastIndexByte(head, ' ')], "* "+tt.message+" FETCH (BODY"+tt.section), head)
			assert.Equal(t, tt.want+")", octets)
		})
	}
}

func TestFetchPartial(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, simple)
	c.do("EXAMINE INBOX")
	c.play([]step{
		{"FETCH 1 BODY[TEXT]<0.4>", []string{"* 1 FETCH (BODY[TEXT]<0> {4}\r\nhell)", "OK FETCH done"}},
		{"FETCH 1 BODY[TEXT]<3.100>", []string{"* 1 FETCH (BODY[TEXT]<3> {4}\r\nlo\r\n)", "OK FETCH done"}},
		{"FETCH 1 BODY[TEXT]<7.1>", []string{"* 1 FETCH (BODY[TEXT]<7> {0}\r\n)", "OK FETCH done"}},
		{"FETCH 1 BODY[TEXT]<99999999999.1>", []string{"* 1 FETCH (BODY[TEXT]<99999999999> {0}\r\n)", "OK FETCH done"}},
	})
}

func TestFetchItems(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, multipart, simple)
	c.do("SELECT INBOX")
	const address = `(("=?utf-8?q?Ad=C3=A9?=" NIL "ada" "example.org"))`
	to := `((NIL NIL "Friends" NIL)(NIL NIL "grace" "example.org")("H, Barbara" NIL "b" "example.org")(NIL NIL NIL NIL)(NIL NIL "alan" "example.org"))`
	envelope := `ENVELOPE ("Sat, 03 Feb 2024 04:05:06 +0100" "parts" ` + address + " " + address + " " + address + " " + to + ` NIL NIL NIL "<1@example.org>")`
	from := `((NIL NIL "a" "example.org"))`
	date := `INTERNALDATE " 4-Feb-2024 04:05:06 +0100"`
	c.play([]step{
		{"FETCH 1 ENVELOPE", []string{"* 1 FETCH (" + envelope + ")", "OK FETCH done"}},
		{"FETCH 2 (UID RFC822.SIZE)", []string{"* 2 FETCH (RFC822.SIZE 47 UID 2)", "OK FETCH done"}},
		{"UID FETCH 2 RFC822.HEADER", []string{"* 2 FETCH (RFC822.HEADER {40}\r\n" + simple[:40] + " UID 2)", "OK FETCH done"}},
		{"FETCH 2 FAST", []string{`* 2 FETCH (FLAGS (\Recent) ` + date + " RFC822.SIZE 47)", "OK FETCH done"}},
		{"FETCH 2 ALL", []string{`* 2 FETCH (FLAGS (\Recent) ENVELOPE (NIL "simple" ` + from + " " + from + " " + from + " NIL NIL NIL NIL NIL) " + date + " RFC822.SIZE 47)", "OK FETCH done"}},
		{"FETCH 2 FULL", []string{`* 2 FETCH (FLAGS (\Recent) ENVELOPE (NIL "simple" ` + from + " " + from + " " + from + " NIL NIL NIL NIL NIL) " + date +
			` RFC822.SIZE 47 BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1))`, "OK FETCH done"}},
		{"FETCH 1 BODY", []string{`* 1 FETCH (BODY (("text" "plain" ("charset" "iso-8859-1") NIL NIL "quoted-printable" 9 0)` +
			`("message" "rfc822" NIL NIL NIL "7bit" 151 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) ` +
			`(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0) "alternative") 12) "mixed"))`, "OK FETCH done"}},
		{"FETCH 1 BODYSTRUCTURE", []string{`* 1 FETCH (BODYSTRUCTURE (("text" "plain" ("charset" "iso-8859-1") NIL NIL "quoted-printable" 9 0 NIL NIL)` +
			`("message" "rfc822" NIL NIL NIL "7bit" 151 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) ` +
			`(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL)("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0 NIL NIL) "alternative" ("boundary" "in") NIL) 12 NIL NIL) ` +
			`"mixed" ("boundary" "out") NIL))`, "OK FETCH done"}},
		{"FETCH 2 BODY.PEEK[TEXT]", []string{"* 2 FETCH (BODY[TEXT] {7}\r\nhello\r\n)", "OK FETCH done"}},
		{"FETCH 2 (FLAGS RFC822.TEXT)", []string{"* 2 FETCH (FLAGS (\\Recent \\Seen) RFC822.TEXT {7}\r\nhello\r\n)", "OK FETCH done"}},
		{"FETCH 2 RFC822", []string{"* 2 FETCH (RFC822 {47}\r\n" + simple + ")", "OK FETCH done"}},
		{"FETCH *:1 UID", []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)", "OK FETCH done"}},
		{"FETCH 3 UID", []string{"BAD there is no message with this number"}},
		{"FETCH 1,5:* UID", []string{"BAD there is no message with this number"}},
		{"UID FETCH 77 FLAGS", []string{"OK FETCH done"}},
		{"UID FETCH 77:* UID", []string{"* 2 FETCH (UID 2)", "OK FETCH done"}},
	})
}

func TestAppend(t *testing.T) {
	srv, c := ready(t)
	send := func(command, message string) []string {
		c.write("x " + command + " {" + "5}\r\n")
		if line := c.line(); line != "+ go on" {
			return []string{line}
		}
		c.write(message + "\r\n")
		return c.until("x")
	}
	assert.Equal(t, []string{"OK [APPENDUID 1 1] APPEND done"},
		send(`APPEND INBOX (\Seen \Recent $A $a) "03-Feb-2024 04:05:06 -0700"`, "A: b\n"))
	assert.Equal(t, []string{"NO [TRYCREATE] no such mailbox"}, send("APPEND nowhere", "A: b\n"))
	assert.Equal(t, []string{"NO [UNKNOWN-CTE] a message must not have NUL in it"}, send("APPEND INBOX", "A: \x00\n"))
	assert.Equal(t, []string{"NO a message must have at least one octet"}, c.do("APPEND INBOX {0+}\r\n"))
	messages := srv.Messages("ada", "INBOX")
	require.Len(t, messages, 1)
	assert.Equal(t, `\Seen $A`, messages[0].Flags.String())
	assert.Equal(t, "A: b\n", string(messages[0].Octets))
	assert.True(t, messages[0].Date.Equal(time.Date(2024, 2, 3, 11, 5, 6, 0, time.UTC)))

	c.do("SELECT INBOX")
	c.write("x APPEND INBOX {5+}\r\nC: d\n\r\n")
	assert.Equal(t, []string{"* 2 EXISTS", "* 2 RECENT", "OK [APPENDUID 1 2] APPEND done"}, c.until("x"))
}

func TestStore(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, simple, simple, simple)
	c.do("SELECT INBOX")
	c.play([]step{
		{`STORE 1 +FLAGS \Flagged`, []string{`* 1 FETCH (FLAGS (\Recent \Seen \Flagged))`, "OK STORE done"}},
		{`STORE 1 -FLAGS (\SEEN \Draft)`, []string{`* 1 FETCH (FLAGS (\Recent \Flagged))`, "OK STORE done"}},
		{`STORE 1 FLAGS (\Answered \Recent)`, []string{`* 1 FETCH (FLAGS (\Recent \Answered))`, "OK STORE done"}},
		{`STORE 1 FLAGS ()`, []string{`* 1 FETCH (FLAGS (\Recent))`, "OK STORE done"}},
		{`STORE 2:3 +FLAGS.SILENT (\Deleted)`, []string{"OK STORE done"}},
		{`UID STORE 3,9 -FLAGS (\Deleted)`, []string{`* 3 FETCH (FLAGS (\Recent) UID 3)`, "OK STORE done"}},
		{`STORE 1 +FLAGS ($New)`, []string{`* 1 FETCH (FLAGS (\Recent $New))`, `* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $New)`, "OK STORE done"}},
		{`STORE 4 +FLAGS (\Seen)`, []string{"BAD there is no message with this number"}},
		{"EXPUNGE", []string{"* 2 EXPUNGE", "OK EXPUNGE done"}},
		{"FETCH 1:* UID", []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)", "OK FETCH done"}},
	})
}

func TestExpunge(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, simple, simple, simple, simple, simple)
	c.do("SELECT INBOX")
	c.play([]step{
		{`STORE 1:5 +FLAGS.SILENT (\Deleted)`, []string{"OK STORE done"}},
		{"UID EXPUNGE 2,4:4", []string{"* 4 EXPUNGE", "* 2 EXPUNGE", "OK EXPUNGE done"}},
		{"UID FETCH 1:* UID", []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)", "* 3 FETCH (UID 5)", "OK FETCH done"}},
		{`UID STORE 5 -FLAGS.SILENT (\Deleted)`, []string{"OK STORE done"}},
		{"CLOSE", []string{"OK CLOSE done"}},
		{"STATUS INBOX (MESSAGES UIDNEXT)", []string{"* STATUS INBOX (MESSAGES 1 UIDNEXT 6)", "OK STATUS done"}},
	})
}

func TestCopy(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, simple, multipart)
	c.do("SELECT INBOX")
	c.play([]step{
		{"COPY 1:2 there", []string{"NO [TRYCREATE] no such mailbox"}},
		{"CREATE there", []string{"OK CREATE done"}},
		{"COPY 1:2 there", []string{"OK [COPYUID 2 1:2 1:2] COPY done"}},
		{"UID COPY 2 there", []string{"OK [COPYUID 2 2 3] COPY done"}},
		{"UID COPY 9 there", []string{"OK COPY done"}},
		{"UID COPY 1 INBOX", []string{"* 3 EXISTS", "* 3 RECENT", "OK [COPYUID 1 1 3] COPY done"}},
	})
	there := srv.Messages("ada", "there")
	require.Len(t, there, 3)
	assert.True(t, there[0].Flags.Has(imap.FlagSeen), "flags are copied")
	assert.Equal(t, multipart, string(there[2].Octets))
	assert.Equal(t, srv.Messages("ada", "INBOX")[0].Date, there[0].Date)
}
