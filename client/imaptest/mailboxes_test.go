package imaptest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
)

// step is a command and all that answers it.
type step struct {
	command string
	want    []string
}

// play runs steps on one connection.
func (c *raw) play(steps []step) {
	c.t.Helper()
	for _, s := range steps {
		require.Equal(c.t, s.want, c.do(s.command), s.command)
	}
}

func TestMailboxes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		filled bool
		steps  []step
	}{
		{"create makes the levels above", false, []step{
			{"CREATE a/b/c/", []string{"OK CREATE done"}},
			{`LIST "" *`, []string{
				`* LIST (\Unmarked \HasNoChildren) "/" INBOX`, `* LIST (\Unmarked \HasChildren) "/" a`, `* LIST (\Unmarked \HasChildren) "/" a/b`,
				`* LIST (\Unmarked \HasNoChildren) "/" a/b/c`, "OK LIST done",
			}},
			{"CREATE a/b", []string{"NO mailbox exists already"}},
			{"CREATE inbox", []string{"NO mailbox exists already"}},
			{"CREATE a//b", []string{"NO no mailbox can have this name"}},
			{`CREATE "a%"`, []string{"NO no mailbox can have this name"}},
		}},
		{"list patterns", false, []step{
			{"CREATE INBOX/x", []string{"OK CREATE done"}},
			{"CREATE foo/bar", []string{"OK CREATE done"}},
			{`LIST "" ""`, []string{`* LIST (\Noselect) "/" ""`, "OK LIST done"}},
			{`LIST "" %`, []string{`* LIST (\Unmarked \HasChildren) "/" INBOX`, `* LIST (\Unmarked \HasChildren) "/" foo`, "OK LIST done"}},
			{`LIST "" inbox`, []string{`* LIST (\Unmarked \HasChildren) "/" INBOX`, "OK LIST done"}},
			{`LIST foo/ %`, []string{`* LIST (\Unmarked \HasNoChildren) "/" foo/bar`, "OK LIST done"}},
			{`LIST "" *o*r`, []string{`* LIST (\Unmarked \HasNoChildren) "/" foo/bar`, "OK LIST done"}},
			{`LIST "" fo%r`, []string{"OK LIST done"}},
		}},
		{"delete keeps the name above others", false, []step{
			{"CREATE a/b", []string{"OK CREATE done"}},
			{"DELETE a", []string{"OK DELETE done"}},
			{`LIST "" a*`, []string{`* LIST (\Noselect \HasChildren) "/" a`, `* LIST (\Unmarked \HasNoChildren) "/" a/b`, "OK LIST done"}},
			{"SELECT a", []string{"NO no such mailbox"}},
			{"DELETE a", []string{"NO mailbox is a name only and has others below it"}},
			{"CREATE a", []string{"OK CREATE done"}},
			{"DELETE a/b", []string{"OK DELETE done"}},
			{"DELETE a", []string{"OK DELETE done"}},
			{"DELETE a", []string{"NO no such mailbox"}},
			{"DELETE INBOX", []string{"NO INBOX cannot be deleted"}},
		}},
		{"rename takes along what is below", false, []step{
			{"CREATE a/b/c", []string{"OK CREATE done"}},
			{"RENAME a/b x/y", []string{"OK RENAME done"}},
			{`LIST "" *`, []string{
				`* LIST (\Unmarked \HasNoChildren) "/" INBOX`, `* LIST (\Unmarked \HasNoChildren) "/" a`, `* LIST (\Unmarked \HasChildren) "/" x`,
				`* LIST (\Unmarked \HasChildren) "/" x/y`, `* LIST (\Unmarked \HasNoChildren) "/" x/y/c`, "OK LIST done",
			}},
			{"RENAME a/b z", []string{"NO no such mailbox"}},
			{"RENAME a x", []string{"NO mailbox exists already"}},
			{"RENAME x x/z", []string{"NO no mailbox can have this name"}},
		}},
		{"rename of the inbox moves its messages", true, []step{
			{"RENAME INBOX old", []string{"OK RENAME done"}},
			{"STATUS INBOX (MESSAGES)", []string{"* STATUS INBOX (MESSAGES 0)", "OK STATUS done"}},
			{"STATUS old (MESSAGES UNSEEN)", []string{"* STATUS old (MESSAGES 2 UNSEEN 1)", "OK STATUS done"}},
		}},
		{"subscriptions", false, []step{
			{"CREATE a/b/c", []string{"OK CREATE done"}},
			{"SUBSCRIBE a/b/c", []string{"OK SUBSCRIBE done"}},
			{"SUBSCRIBE INBOX", []string{"OK SUBSCRIBE done"}},
			{"SUBSCRIBE nowhere", []string{"NO no such mailbox"}},
			{`LSUB "" *`, []string{`* LSUB () "/" INBOX`, `* LSUB () "/" a/b/c`, "OK LSUB done"}},
			{`LSUB "" %`, []string{`* LSUB () "/" INBOX`, `* LSUB (\Noselect) "/" a`, "OK LSUB done"}},
			{`LSUB a/ %`, []string{`* LSUB (\Noselect) "/" a/b`, "OK LSUB done"}},
			{"DELETE a/b/c", []string{"OK DELETE done"}},
			{`LSUB "" a*`, []string{`* LSUB () "/" a/b/c`, "OK LSUB done"}},
			{"UNSUBSCRIBE a/b/c", []string{"OK UNSUBSCRIBE done"}},
			{"UNSUBSCRIBE a/b/c", []string{"OK UNSUBSCRIBE done"}},
		}},
		{"names beyond ASCII", false, []step{
			{"CREATE &U,BTFw-/&ZeVnLIqe-", []string{"OK CREATE done"}},
			{"CREATE a&-b", []string{"OK CREATE done"}},
			{`LIST &U,BTFw-/ %`, []string{`* LIST (\Unmarked \HasNoChildren) "/" &U,BTFw-/&ZeVnLIqe-`, "OK LIST done"}},
		}},
		{"status", true, []step{
			{"STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)", []string{
				"* STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 1 UNSEEN 1)", "OK STATUS done",
			}},
			{"STATUS INBOX (BAZ)", []string{"BAD STATUS has no item BAZ"}},
			{"STATUS nowhere (MESSAGES)", []string{"NO no such mailbox"}},
		}},
		{"new mail marks a mailbox", true, []step{
			{`LIST "" *`, []string{`* LIST (\Marked \HasNoChildren) "/" INBOX`, "OK LIST done"}},
		}},
		{"a new mailbox of an old name has another UIDVALIDITY", false, []step{
			{"CREATE a", []string{"OK CREATE done"}},
			{"STATUS a (UIDVALIDITY)", []string{"* STATUS a (UIDVALIDITY 2)", "OK STATUS done"}},
			{"DELETE a", []string{"OK DELETE done"}},
			{"CREATE a", []string{"OK CREATE done"}},
			{"STATUS a (UIDVALIDITY)", []string{"* STATUS a (UIDVALIDITY 3)", "OK STATUS done"}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, c := ready(t)
			if tt.filled {
				fill(t, srv.Append, "Subject: one\r\n\r\n", "Subject: two\r\n\r\n")
			}
			c.play(tt.steps)
		})
	}
}

// fill puts messages into the INBOX of ada, the first of them seen.
func fill(t *testing.T, appendTo func(string, string, imap.Flags, time.Time, []byte) (uint32, error), messages ...string) {
	t.Helper()
	for i, m := range messages {
		var flags imap.Flags
		if i == 0 {
			flags = imap.NewFlags(imap.FlagSeen)
		}
		_, err := appendTo("ada", "INBOX", flags, time.Date(2024, 2, 3+i, 4, 5, 6, 0, time.FixedZone("", 3600)), []byte(m))
		require.NoError(t, err)
	}
}

func TestSelect(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, "Subject: one\r\n\r\n", "Subject: two\r\n\r\n")
	opened := func(recent string) []string {
		return []string{
			`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`, "* 2 EXISTS", "* " + recent + " RECENT",
			`* OK [PERMANENTFLAGS ()] flags that stay`,
			"* OK [UIDNEXT 3] the UID of the next message", "* OK [UIDVALIDITY 1] UIDs hold as long as this does",
			"* OK [UNSEEN 2] the first that is not seen", "* OK [HIGHESTMODSEQ 3] the highest mod-sequence", "OK [READ-ONLY] EXAMINE done",
		}
	}
	assert.Equal(t, opened("2"), c.do("EXAMINE INBOX"))
	const closed = "* OK [CLOSED] what follows is of another mailbox"
	assert.Equal(t, append([]string{closed}, opened("2")...), c.do("EXAMINE INBOX"), "EXAMINE leaves \\Recent alone")
	got := c.do("SELECT INBOX")
	assert.Contains(t, got, "* 2 RECENT")
	assert.Contains(t, got, `* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] flags that stay`)
	assert.Equal(t, "OK [READ-WRITE] SELECT done", got[len(got)-1])
	assert.Equal(t, append([]string{closed}, opened("0")...), c.do("EXAMINE INBOX"), "SELECT takes \\Recent")
	assert.Equal(t, []string{closed, "NO no such mailbox"}, c.do("SELECT nowhere"))
	assert.Contains(t, c.last("FETCH 1 FLAGS"), "BAD", "a failed SELECT leaves nothing selected")
}

func TestExamineChangesNothing(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, "Subject: one\r\n\r\n", "Subject: two\r\n\r\ntext")
	c.do("EXAMINE INBOX")
	c.play([]step{
		{`STORE 1 +FLAGS (\Deleted)`, []string{"NO the mailbox is open for reading only"}},
		{"EXPUNGE", []string{"NO the mailbox is open for reading only"}},
		{"FETCH 2 BODY[TEXT]", []string{"* 2 FETCH (BODY[TEXT] {4}\r\ntext)", "OK FETCH done"}},
		{"FETCH 2 FLAGS", []string{`* 2 FETCH (FLAGS (\Recent))`, "OK FETCH done"}},
		{"CLOSE", []string{"OK CLOSE done"}},
	})
	assert.Len(t, srv.Messages("ada", "INBOX"), 2)
}

func TestServerAccess(t *testing.T) {
	srv, c := ready(t)
	date := time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)
	uid, err := srv.Append("ada", "Lists/Go", imap.NewFlags(imap.FlagSeen, "$Work"), date, []byte("Subject: x\r\n\r\n"))
	require.NoError(t, err)
	assert.EqualValues(t, 1, uid)
	assert.Equal(t, []string{"INBOX", "Lists", "Lists/Go"}, srv.Mailboxes("ada"))
	messages := srv.Messages("ada", "Lists/Go")
	require.Len(t, messages, 1)
	assert.Equal(t, imaptestMessage(1, date, "Subject: x\r\n\r\n"), [3]any{messages[0].UID, messages[0].Date, string(messages[0].Octets)})
	assert.True(t, messages[0].Flags.Equal(imap.NewFlags(imap.FlagSeen, "$Work")))
	assert.Contains(t, c.do("SELECT Lists/Go")[0], "$Work")

	_, err = srv.Append("eve", "INBOX", imap.Flags{}, date, []byte("x"))
	require.EqualError(t, err, `appending for "eve": no such user`)
	_, err = srv.Append("ada", "a//b", imap.Flags{}, date, []byte("x"))
	require.EqualError(t, err, `appending to "a//b": no mailbox can have this name`)
	_, err = srv.Append("ada", "INBOX", imap.Flags{}, date, nil)
	require.EqualError(t, err, `appending to "INBOX": a message must have at least one octet`)
	assert.Nil(t, srv.Messages("ada", "nowhere"))
	assert.Nil(t, srv.Messages("eve", "INBOX"))
	assert.Nil(t, srv.Mailboxes("eve"))
}

func imaptestMessage(uid uint32, date time.Time, octets string) [3]any {
	return [3]any{uid, date, octets}
}
