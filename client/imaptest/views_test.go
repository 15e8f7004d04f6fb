package imaptest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// two are connections that have the same mailbox of three messages selected.
func two(t *testing.T) (srv *imaptest.Server, one, other *raw) {
	t.Helper()
	srv, one = ready(t)
	fill(t, srv.Append, simple, simple, simple)
	other = loggedIn(t, srv)
	one.do("SELECT INBOX")
	other.do("SELECT INBOX")
	return srv, one, other
}

func TestIdle(t *testing.T) {
	srv, idle, other := two(t)
	tag := idle.send("IDLE")
	require.Equal(t, "+ idling", idle.line())

	_, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(simple))
	require.NoError(t, err)
	assert.Equal(t, "* 4 EXISTS", idle.line())
	assert.Contains(t, []string{"* 3 RECENT", "* 4 RECENT"}, idle.line(), "either connection may have been the first to be told")

	other.do(`STORE 2 +FLAGS (\Flagged)`)
	assert.Contains(t, idle.line(), "* 2 FETCH (FLAGS (")
	other.do(`STORE 1,3 +FLAGS (\Deleted)`)
	idle.line()
	idle.line()
	other.do("EXPUNGE")
	assert.Equal(t, "* 3 EXPUNGE", idle.line())
	assert.Equal(t, "* 1 EXPUNGE", idle.line())
	idle.write("DONE\r\n")
	assert.Equal(t, []string{"OK IDLE done"}, idle.until(tag))
	assert.Equal(t, []string{"OK NOOP done"}, idle.do("NOOP"))
}

func TestIdleWantsDone(t *testing.T) {
	_, c := ready(t)
	tag := c.send("IDLE")
	require.Equal(t, "+ idling", c.line())
	c.write("x NOOP\r\n")
	assert.Equal(t, []string{"BAD want DONE"}, c.until(tag))
}

// No EXPUNGE may come while numbers are used (RFC 3501 section 7.4.1); everything else may.
func TestNumbersHoldUntilTold(t *testing.T) {
	_, one, other := two(t)
	other.do(`STORE 2 +FLAGS.SILENT (\Deleted)`)
	other.do("EXPUNGE")
	one.play([]step{
		{"FETCH 1:3 UID", []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)", "OK FETCH done"}},
		{"FETCH 2 BODY.PEEK[TEXT]", []string{"* 2 FETCH (BODY[TEXT] {7}\r\nhello\r\n)", "OK FETCH done"}},
		{"SEARCH ALL", []string{"* SEARCH 1 3", "OK SEARCH done"}},
		{"SORT (REVERSE ARRIVAL) UTF-8 ALL", []string{"* SORT 3 1", "OK SORT done"}},
		{"THREAD ORDEREDSUBJECT UTF-8 ALL", []string{"* THREAD (1 3)", "OK THREAD done"}},
		{"UID SEARCH 1:3", []string{"* SEARCH 1 3", "OK SEARCH done"}}, // it names numbers: RFC 7162 section 3.2.10.2
		{`STORE 2 +FLAGS (\Seen)`, []string{"NO some of these messages no longer exist"}},
		{`STORE 2 +FLAGS.SILENT (\Seen)`, []string{"OK STORE done"}},
		{`UID SEARCH UNSEEN`, []string{"* SEARCH 3", "* 2 EXPUNGE", "OK SEARCH done"}},
		{"FETCH 1:2 UID", []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)", "OK FETCH done"}},
	})
}

func TestCopyOfWhatIsGone(t *testing.T) {
	_, one, other := two(t)
	other.do(`STORE 2 +FLAGS.SILENT (\Deleted)`)
	other.do("EXPUNGE")
	assert.Equal(t, []string{"* 2 EXPUNGE", "NO some of these messages no longer exist"}, one.do("COPY 1:3 INBOX"))
}

func TestNewsComeWithAnyCommand(t *testing.T) {
	srv, one, other := two(t)
	other.do(`STORE 1 FLAGS ($New)`)
	assert.Equal(t, []string{
		`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $New)`, `* 1 FETCH (FLAGS (\Recent $New) UID 1)`, "OK NOOP done",
	}, one.do("NOOP"))
	_, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(simple))
	require.NoError(t, err)
	assert.Contains(t, one.do("FETCH 1 UID"), "* 4 EXISTS", "new messages do not shift numbers")
	other.do("NOOP")
	other.do(`STORE 4 +FLAGS.SILENT (\Deleted)`)
	other.do("EXPUNGE")
	_, err = srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(simple))
	require.NoError(t, err)
	got := one.do("NOOP")
	require.Len(t, got, 4)
	assert.Equal(t, []string{"* 4 EXPUNGE", "* 4 EXISTS"}, got[:2])
}

// A mailbox that is deleted or renamed stays as it was for those who have it selected.
func TestSelectedMailboxIsDeleted(t *testing.T) {
	_, one, other := two(t)
	require.Equal(t, "OK CREATE done", other.last("CREATE gone"))
	require.Contains(t, other.last("UID COPY 1:3 gone"), "OK")
	require.Contains(t, one.last("SELECT gone"), "OK")
	require.Equal(t, "OK DELETE done", other.last("DELETE gone"))
	one.play([]step{
		{"FETCH 1 UID", []string{"* 1 FETCH (UID 1)", "OK FETCH done"}},
		{"CLOSE", []string{"OK CLOSE done"}},
		{"SELECT gone", []string{"NO no such mailbox"}},
	})
}

// Many connections change one mailbox at once; afterwards all of them see the same.
func TestManyConnections(t *testing.T) {
	srv, one := ready(t)
	const connections, rounds = 8, 20
	var wg sync.WaitGroup
	for i := range connections {
		c := loggedIn(t, srv)
		wg.Go(func() {
			c.do("SELECT INBOX")
			for range rounds {
				c.write("x APPEND INBOX {16+}\r\nSubject: many\r\n\n\r\n")
				c.until("x")
				c.do(fmt.Sprintf(`UID STORE %d:* +FLAGS (\Seen k%d)`, i+1, i))
			}
			c.do(`UID STORE 1:* +FLAGS.SILENT (\Deleted)`)
			c.do(fmt.Sprintf("UID EXPUNGE %d", i+1))
			c.do("LOGOUT")
		})
	}
	wg.Wait()
	left := srv.Messages("ada", "INBOX")
	assert.Len(t, left, connections*rounds-connections)
	assert.Contains(t, one.do("SELECT INBOX"), fmt.Sprintf("* %d EXISTS", len(left)))
}

// The latency of the options is that of the connections; TestLatencyConn says how commands sent together are late.
func TestLatency(t *testing.T) {
	const late, n = 20 * time.Millisecond, 3
	c := loggedIn(t, newServer(t, imaptest.Options{AllowClear: true, Latency: late}))
	begin := time.Now()
	for range n {
		c.do("NOOP")
	}
	assert.GreaterOrEqual(t, time.Since(begin), n*late)
}
