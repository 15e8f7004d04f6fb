package imaptest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

func TestQueriesOfGmail(t *testing.T) {
	srv := newServer(t, imaptest.Options{AllowClear: true, With: []imap.Cap{imap.CapXGmExt1}})
	for _, m := range []struct {
		flags  imap.Flags
		octets string
	}{
		{imap.NewFlags(imap.FlagSeen), "From: Ada L <ada@example.org>\r\nTo: bob@example.org\r\nSubject: lunch today\r\nMessage-ID: <1@example.org>\r\n\r\nsoup\r\n"},
		{imap.NewFlags(imap.FlagFlagged), "From: bob@example.org\r\nCc: Ada <ada@example.org>\r\nBcc: eve@example.org\r\nSubject: today lunch\r\n\r\nADA OR BOB\r\n"},
		{imap.Flags{}, "From: carl@example.org\r\nSubject: a file\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n" +
			"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n--b--\r\n"},
		{imap.Flags{}, "From: carl@example.org\r\nSubject: a name\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n"},
	} {
		_, err := srv.Append("ada", "INBOX", m.flags, time.Time{}, []byte(m.octets))
		require.NoError(t, err)
	}
	c := loggedIn(t, srv)
	c.do("SELECT INBOX")
	c.do(`STORE 2 +X-GM-LABELS (work \Starred)`)
	for _, tt := range []struct{ query, want string }{
		{"", " 1 2 3 4"},
		{"ada", " 1 2"},
		{"ada soup", " 1"},
		{"-ada", " 3 4"},
		{`\"lunch today\"`, " 1"},
		{`-\"lunch today\" lunch`, " 2"},
		{`\"a or b\"`, " 2"},
		{`\"OR\"`, " 1 2 3 4"},
		{"from:ada", " 1"},
		{`FROM:\"ada l\"`, " 1"},
		{"to:bob", " 1"},
		{"cc:ada", " 2"},
		{"bcc:eve", " 2"},
		{"subject:today -subject:soup", " 1 2"},
		{"rfc822msgid:1@example.org", " 1"},
		{"label:Work", " 2"},
		{`label:\\starred`, " 2"},
		{"is:read", " 1"}, {"is:unread", " 2 3 4"}, {"is:Starred", " 2"}, {"is:unstarred", " 1 3 4"},
		{"has:attachment", " 3 4"}, {"-has:attachment", " 1 2"},
		{"is:unread  has:attachment from:carl -subject:name", " 3"},
	} {
		assert.Equal(t, []string{"* SEARCH" + tt.want, "OK SEARCH done"}, c.do(fmt.Sprintf(`SEARCH X-GM-RAW "%s"`, tt.query)), tt.query)
	}
	assert.Equal(t, []string{"* SEARCH 3", "OK SEARCH done"}, c.do("SEARCH NOT X-GM-RAW subject:name X-GM-RAW has:attachment"))
	for query, at := range map[string]string{
		"ada before:2024/01/01": "before:2024/01/01", "is:important": "is:important", "has:drive x": "has:drive x", "in:inbox": "in:inbox",
		"ada OR bob": "OR bob", "subject:(lunch today)": "subject:(lunch today)", "{ada bob}": "{ada bob}", "from:": "from:", "x -": "",
		`\"lunch`: `"lunch`, "10:30": "10:30",
	} {
		assert.Equal(t, []string{"BAD this server does not know what X-GM-RAW asks for at " + at}, c.do(fmt.Sprintf(`SEARCH OR SEEN X-GM-RAW "%s"`, query)), query)
	}
}
