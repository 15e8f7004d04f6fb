package imaptest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// Mod-sequences count what happens in the mailbox: it begins at 1, and three messages make it 4.
func TestCondstore(t *testing.T) {
	_, one, other := two(t)
	one.play([]step{
		{"FETCH 1:2 (UID MODSEQ)", []string{
			"* OK [HIGHESTMODSEQ 4] the highest mod-sequence", "* 1 FETCH (MODSEQ (2) UID 1)", "* 2 FETCH (MODSEQ (3) UID 2)", "OK FETCH done",
		}},
		{`STORE 2 +FLAGS.SILENT (\Flagged)`, []string{"* 2 FETCH (MODSEQ (5))", "OK STORE done"}},
		{`STORE 2 +FLAGS.SILENT (\Flagged)`, []string{"* 2 FETCH (MODSEQ (5))", "OK STORE done"}}, // nothing changed
		{`STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS (\Draft)`, []string{
			`* 1 FETCH (FLAGS (\Recent \Seen \Draft) MODSEQ (6))`, `* 3 FETCH (FLAGS (\Recent \Draft) MODSEQ (7))`, "OK [MODIFIED 2] STORE done",
		}},
		{"UID FETCH 1:* (UID) (CHANGEDSINCE 5)", []string{"* 1 FETCH (MODSEQ (6) UID 1)", "* 3 FETCH (MODSEQ (7) UID 3)", "OK FETCH done"}},
		{"SEARCH MODSEQ 6", []string{"* SEARCH 1 3 (MODSEQ 7)", "OK SEARCH done"}},
		{"SEARCH MODSEQ 99", []string{"* SEARCH", "OK SEARCH done"}},
		{`UID SEARCH RETURN (MIN) MODSEQ "/flags/\\Seen" all 2`, []string{`* ESEARCH (TAG "a10") UID MIN 1 MODSEQ 6`, "OK SEARCH done"}},
		{"SORT (REVERSE ARRIVAL) UTF-8 MODSEQ 6", []string{"* SORT 3 1 (MODSEQ 7)", "OK SORT done"}},
		{"STATUS INBOX (HIGHESTMODSEQ)", []string{"* STATUS INBOX (HIGHESTMODSEQ 7)", "OK STATUS done"}},
	})
	// The other connection has shown no interest in mod-sequences; this one has.
	assert.Equal(t, []string{
		`* 1 FETCH (FLAGS (\Seen \Draft) UID 1)`, `* 2 FETCH (FLAGS (\Flagged) UID 2)`, `* 3 FETCH (FLAGS (\Draft) UID 3)`, "OK NOOP done",
	}, other.do("NOOP"))
	other.do(`STORE 1 -FLAGS (\Draft)`)
	assert.Equal(t, []string{`* 1 FETCH (FLAGS (\Recent \Seen) MODSEQ (8) UID 1)`, "OK NOOP done"}, one.do("NOOP"))
}

func TestQresync(t *testing.T) {
	srv, one, other := two(t)
	require.Equal(t, "BAD QRESYNC was not enabled", one.last("SELECT INBOX (QRESYNC (1 4))"))
	one.do("UNSELECT")
	one.do("ENABLE QRESYNC")
	require.Contains(t, one.last("SELECT INBOX"), "OK")

	tag := one.send("IDLE")
	require.Equal(t, "+ idling", one.line())
	other.do(`STORE 1,3 +FLAGS.SILENT (\Deleted)`)
	assert.Equal(t, `* 1 FETCH (FLAGS (\Seen \Deleted) MODSEQ (5) UID 1)`, one.line())
	assert.Equal(t, `* 3 FETCH (FLAGS (\Deleted) MODSEQ (6) UID 3)`, one.line())
	other.do("EXPUNGE")
	assert.Equal(t, "* VANISHED 1,3", one.line())
	other.do("UNSELECT") // else it may be the first to be told of what comes
	_, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(simple))
	require.NoError(t, err)
	assert.Equal(t, "* 2 EXISTS", one.line())
	one.line() // RECENT
	one.write("DONE\r\n")
	one.until(tag)

	one.play([]step{
		{`UID STORE 4 +FLAGS (\Deleted)`, []string{`* 2 FETCH (FLAGS (\Recent \Deleted) MODSEQ (9) UID 4)`, "OK STORE done"}},
		{"EXPUNGE", []string{"* VANISHED 4", "OK [HIGHESTMODSEQ 10] EXPUNGE done"}},
		{"EXPUNGE", []string{"OK EXPUNGE done"}},
		{"UID FETCH 1:* FLAGS (CHANGEDSINCE 5 VANISHED)", []string{"* VANISHED (EARLIER) 1,3:4", "OK FETCH done"}},
		{"UID FETCH 1:* FLAGS (VANISHED)", []string{"BAD VANISHED needs UID FETCH, CHANGEDSINCE and ENABLE QRESYNC"}},
		{"FETCH 1:* FLAGS (CHANGEDSINCE 5 VANISHED)", []string{"BAD VANISHED needs UID FETCH, CHANGEDSINCE and ENABLE QRESYNC"}},
	})
	resync := func(param string) []string {
		one.do("UNSELECT")
		lines := one.do("SELECT INBOX (QRESYNC (" + param + "))")
		for i, line := range lines {
			if line == "* OK [HIGHESTMODSEQ 10] the highest mod-sequence" {
				return lines[i+1 : len(lines)-1]
			}
		}
		return lines
	}
	const second = "* 1 FETCH (FLAGS () MODSEQ (3) UID 2)"
	assert.Equal(t, []string{"* VANISHED (EARLIER) 1,3:4", second}, resync("1 2"))
	assert.Equal(t, []string{"* VANISHED (EARLIER) 4"}, resync("1 7"))
	assert.Equal(t, []string{"* VANISHED (EARLIER) 3", second}, resync("1 2 2:3"))
	assert.Equal(t, []string{"* VANISHED (EARLIER) 3:4", second}, resync("1 2 1:4 (1 2)"), "up to UID 2 the client knows all")
	assert.Empty(t, resync("7 2"), "another UIDVALIDITY")
}

func TestMove(t *testing.T) {
	_, one, other := two(t)
	require.Equal(t, "OK CREATE done", one.last("CREATE there"))
	one.play([]step{
		{"MOVE 1,3 there", []string{"* OK [COPYUID 2 1,3 1:2] where they are now", "* 3 EXPUNGE", "* 1 EXPUNGE", "OK MOVE done"}},
		{"UID MOVE 9 there", []string{"OK MOVE done"}},
		{"MOVE 1 nowhere", []string{"NO [TRYCREATE] no such mailbox"}},
	})
	assert.Contains(t, other.do("NOOP"), "* 3 EXPUNGE")
	other.do("UNSELECT") // else it may be the first to be told of what comes
	one.play([]step{
		{"UID MOVE 2 INBOX", []string{"* OK [COPYUID 1 2 4] where they are now", "* 1 EXPUNGE", "* 1 EXISTS", "* 1 RECENT", "OK MOVE done"}},
	})
	other.do("EXAMINE INBOX")
	assert.Equal(t, "NO the mailbox is open for reading only", other.last("MOVE 1 there"))
}

func TestMultiAppend(t *testing.T) {
	srv, c := ready(t)
	c.write("x APPEND INBOX (\\Seen) {6+}\r\na: b\r\n (\\Draft) \"03-Feb-2024 04:05:06 -0700\" {6+}\r\nc: d\r\n\r\n")
	assert.Equal(t, []string{"OK [APPENDUID 1 1:2] APPEND done"}, c.until("x"))
	c.write("y APPEND INBOX {6+}\r\ne: f\r\n {0+}\r\n\r\n")
	assert.Equal(t, []string{"NO a message must have at least one octet"}, c.until("y"))
	messages := srv.Messages("ada", "INBOX")
	require.Len(t, messages, 2, "all or none")
	assert.True(t, messages[1].Flags.Has(imap.FlagDraft))
}

func TestBinary(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n",
		"Content-Transfer-Encoding: x-none\r\n\r\nwhatever\r\n")
	c.do("SELECT INBOX")
	c.send("FETCH 1 BINARY.PEEK[1]")
	// A literal8, because of the NUL: the test's reader knows no such thing.
	assert.Equal(t, "* 1 FETCH (BINARY[1] ~{3}\r\n\x00\x01\x02)", c.line())
	c.line()
	c.play([]step{
		{"FETCH 1 (BINARY[1]<1.9> BINARY.SIZE[1])", []string{"* 1 FETCH (BINARY[1]<1> {2}\r\n\x01\x02 BINARY.SIZE[1] 3)", "OK FETCH done"}},
		{"FETCH 1:2 BINARY.SIZE[1]", []string{"* 1 FETCH (BINARY.SIZE[1] 3)", "NO [UNKNOWN-CTE] a part has a transfer encoding that is not known"}},
		{"FETCH 1 (BINARY.PEEK[7] BINARY.SIZE[7])", []string{"* 1 FETCH (BINARY[7] NIL BINARY.SIZE[7] 0)", "OK FETCH done"}},
	})
}

// What is appended with NUL in it comes back the same by BINARY, and in base64 by BODY.
func TestAppendBinary(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	c := dial(t, srv)
	ctx := t.Context()
	parts := []string{strings.Repeat("\x00\x01\xff\r\n", 30), "\x00", "text"}
	message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for _, part := range parts {
		message += "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n" + part + "\r\n"
	}
	_, err := c.Append(ctx, "INBOX", imap.Message(imap.SourceString(message+"--b--\r\n")))
	require.NoError(t, err)
	_, err = c.Append(ctx, "INBOX", imap.Message(imap.SourceString("Subject: \x00\r\n\r\n")))
	require.ErrorContains(t, err, "NUL")
	box, err := c.Select(ctx, "INBOX")
	require.NoError(t, err)
	for m, err := range box.Fetch(ctx, imap.UIDs(1), imap.FetchBodyStructure,
		imap.FetchBinary{Part: []uint32{1}}, imap.FetchBinary{Part: []uint32{2}}, imap.FetchBinary{Part: []uint32{3}}) {
		require.NoError(t, err)
		for i, part := range parts {
			assert.Equal(t, part, m.BinarySection()[i].Data.String())
			assert.Equal(t, []string{"BASE64", "BASE64", "BINARY"}[i], m.BodyStructure.Parts[i].TransferEncoding())
		}
	}
	assert.NotContains(t, string(srv.Messages("ada", "INBOX")[0].Octets), "\x00")
}

func TestSpecialUse(t *testing.T) {
	srv, c := ready(t)
	require.NoError(t, srv.Create("ada", "Sent", imap.MailboxSent))
	require.ErrorContains(t, srv.Create("ada", "Sent"), "exists")
	require.ErrorContains(t, srv.Create("eve", "Sent"), "no such user")
	c.play([]step{
		{`CREATE Bin (USE (\trash \Junk))`, []string{"OK CREATE done"}},
		{`CREATE Odd (USE (\Odd))`, []string{`NO [USEATTR] no mailbox can be for this`}},
		{`LIST (SPECIAL-USE) "" *`, []string{`* LIST (\Unmarked \Trash \Junk) "/" Bin`, `* LIST (\Unmarked \Sent) "/" Sent`, "OK LIST done"}},
		{`LIST "" S%`, []string{`* LIST (\Unmarked \Sent \HasNoChildren) "/" Sent`, "OK LIST done"}},
	})
}

// The mailboxes and the answers are those of RFC 5258 section 5, examples 1 to 8, but that names come without quotes and say whether
// something is new.
func TestListExtended(t *testing.T) {
	_, c := ready(t)
	for _, name := range []string{"Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable/Broccoli", "Vegetable/Corn", "Fruit/Peach"} {
		c.do("CREATE " + name)
	}
	for _, name := range []string{"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"} {
		c.do("SUBSCRIBE " + name)
	}
	c.do("DELETE Fruit/Peach")
	c.play([]step{
		{`LIST (SUBSCRIBED) "" *`, []string{
			`* LIST (\Unmarked \Subscribed) "/" INBOX`, `* LIST (\Unmarked \Subscribed) "/" Fruit/Banana`,
			`* LIST (\NonExistent \Subscribed) "/" Fruit/Peach`, `* LIST (\Unmarked \Subscribed) "/" Vegetable`,
			`* LIST (\Unmarked \Subscribed) "/" Vegetable/Broccoli`, "OK LIST done",
		}},
		{`LIST () "" % RETURN (CHILDREN)`, []string{
			`* LIST (\Unmarked \HasNoChildren) "/" INBOX`, `* LIST (\Unmarked \HasChildren) "/" Fruit`,
			`* LIST (\Unmarked \HasNoChildren) "/" Tofu`, `* LIST (\Unmarked \HasChildren) "/" Vegetable`, "OK LIST done",
		}},
		{`LIST "" (INBOX Tofu Fruit/% INBOX)`, []string{
			`* LIST (\Unmarked) "/" INBOX`, `* LIST (\Unmarked) "/" Fruit/Apple`, `* LIST (\Unmarked) "/" Fruit/Banana`,
			`* LIST (\Unmarked) "/" Tofu`, "OK LIST done",
		}},
		{`LIST (SUBSCRIBED RECURSIVEMATCH) "" %`, []string{
			`* LIST (\Unmarked \Subscribed) "/" INBOX`, `* LIST (\Unmarked) "/" Fruit (CHILDINFO ("SUBSCRIBED"))`,
			`* LIST (\Unmarked \Subscribed) "/" Vegetable (CHILDINFO ("SUBSCRIBED"))`, "OK LIST done",
		}},
		{`LIST (RECURSIVEMATCH REMOTE) "" %`, []string{"BAD RECURSIVEMATCH needs another option beside it"}},
		{`LIST (REMOTE) "" T% RETURN (SUBSCRIBED STATUS (MESSAGES))`, []string{`* LIST (\Unmarked) "/" Tofu`, "* STATUS Tofu (MESSAGES 0)", "OK LIST done"}},
		{`LIST (SUBSCRIBED) "" ("" none)`, []string{"OK LIST done"}},
	})
}

func TestGmail(t *testing.T) {
	c := gmail(t)
	c.play([]step{
		{"FETCH 1:3 (X-GM-MSGID X-GM-THRID)", []string{
			"* 1 FETCH (X-GM-MSGID 1152921504606846977 X-GM-THRID 1152921504606846977)",
			"* 2 FETCH (X-GM-MSGID 1152921504606846978 X-GM-THRID 1152921504606846977)",
			"* 3 FETCH (X-GM-MSGID 1152921504606846979 X-GM-THRID 1152921504606846979)", "OK FETCH done",
		}},
		{`STORE 1 +X-GM-LABELS (\Starred "to do")`, []string{`* 1 FETCH (X-GM-LABELS (\Starred "to do"))`, "OK STORE done"}},
		{`STORE 1 -X-GM-LABELS.SILENT (\starred)`, []string{"OK STORE done"}},
		{`STORE 2 X-GM-LABELS work`, []string{`* 2 FETCH (X-GM-LABELS (work))`, "OK STORE done"}},
		{"COPY 1 There", []string{"OK [COPYUID 2 1 1] COPY done"}},
		{"SEARCH X-GM-LABELS WORK", []string{"* SEARCH 2", "OK SEARCH done"}},
		{"SEARCH X-GM-THRID 1152921504606846977", []string{"* SEARCH 1 2", "OK SEARCH done"}},
		{"SEARCH X-GM-MSGID 1152921504606846978", []string{"* SEARCH 2", "OK SEARCH done"}},
	})
	c.do("SELECT There")
	assert.Equal(t, []string{`* 1 FETCH (X-GM-LABELS ("to do") X-GM-MSGID 1152921504606846977)`, "OK FETCH done"}, c.do("FETCH 1 (X-GM-MSGID X-GM-LABELS)"))
}
