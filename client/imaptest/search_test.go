package imaptest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
)

func TestSearch(t *testing.T) {
	srv, c := ready(t)
	put := func(day int, flags imap.Flags, message string) {
		_, err := srv.Append("ada", "INBOX", flags, time.Date(2024, 2, day, 23, 30, 0, 0, time.FixedZone("", -5*3600)), []byte(message))
		require.NoError(t, err)
	}
	put(1, imap.NewFlags(imap.FlagSeen, imap.FlagAnswered), "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: Lunch\r\nDate: Wed, 31 Jan 2024 23:00:00 -0800\r\n\r\nsandwiches\r\n")
	put(2, imap.NewFlags(imap.FlagFlagged, "$Work"), "From: bob@example.org\r\nCc: carl@example.org\r\nBcc: dora@example.org\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n\r\n"+multipart)
	put(3, imap.NewFlags(imap.FlagDraft, imap.FlagDeleted), "Subject: third\r\nX-Tag: a\r\n\r\nan ä in raw octets\r\n")
	put(4, imap.Flags{}, multipart)
	require.Contains(t, c.do("SELECT INBOX"), "* 4 RECENT")
	for _, tt := range []struct{ keys, want string }{
		{"ALL", " 1 2 3 4"},
		{"SEEN", " 1"}, {"UNSEEN", " 2 3 4"},
		{"ANSWERED", " 1"}, {"UNANSWERED", " 2 3 4"},
		{"FLAGGED", " 2"}, {"UNFLAGGED", " 1 3 4"},
		{"DELETED", " 3"}, {"UNDELETED", " 1 2 4"},
		{"DRAFT", " 3"}, {"UNDRAFT", " 1 2 4"},
		{"KEYWORD $work", " 2"}, {"UNKEYWORD $Work", " 1 3 4"},
		{"RECENT", " 1 2 3 4"}, {"OLD", ""}, {"NEW", " 2 3 4"},
		{"2:3", " 2 3"}, {"3:*", " 3 4"}, {"UID 1,4:9", " 1 4"},
		{"BEFORE 2-Feb-2024", " 1"}, {"ON 2-Feb-2024", " 2"}, {`SINCE "03-Feb-2024"`, " 3 4"},
		{"SENTBEFORE 1-Feb-2024", " 1"}, {"SENTON 31-Jan-2024", " 1"}, {"SENTSINCE 1-Feb-2024", " 4"},
		{"SMALLER 100", " 3"}, {"LARGER 100", " 1 2 4"},
		{"FROM ann", " 1"}, {"TO bob", " 1"}, {"CC CARL", " 2"}, {"BCC dora", " 2"},
		{"SUBJECT lunch", " 1"}, {`HEADER X-Tag ""`, " 3"}, {"HEADER X-Tag b", ""},
		{"BODY SANDWICH", " 1"}, {"BODY lunch", ""}, {"TEXT lunch", " 1"},
		{"BODY html", " 2 4"}, {"TEXT inner", " 2 4"}, {"TEXT nowhere", ""},
		{"NOT SEEN", " 2 3 4"}, {"OR SEEN FLAGGED", " 1 2"}, {"(SEEN ANSWERED) UNDELETED", " 1"},
		{"SEEN FLAGGED", ""}, {"OR (NOT DELETED UNSEEN) NOT UID 2:4", " 1 2 4"},
		{"CHARSET US-ASCII SEEN", " 1"},
	} {
		t.Run(tt.keys, func(t *testing.T) {
			c := &raw{t: t, nc: c.nc, br: c.br, n: c.n}
			assert.Equal(t, []string{"* SEARCH" + tt.want, "OK SEARCH done"}, c.do("SEARCH "+tt.keys))
			assert.Equal(t, []string{"* SEARCH" + tt.want, "OK SEARCH done"}, c.do("UID SEARCH "+tt.keys))
		})
	}
	for _, tt := range []struct{ name, octets, want string }{
		{"encoded word in an address", "x SEARCH CHARSET UTF-8 FROM {4+}\r\nADÉ\r\n", "* SEARCH 4"},
		{"encoded word in a subject", "x SEARCH CHARSET utf-8 SUBJECT {7+}\r\nGRÜßE\r\n", "* SEARCH 2"},
		{"quoted-printable in ISO 8859-1", "x SEARCH CHARSET UTF-8 BODY {7+}\r\ngrüße\r\n", "* SEARCH 4"},
		{"charset not known", "x SEARCH CHARSET KOI8-R SUBJECT {1+}\r\na\r\n", `NO [BADCHARSET (US-ASCII UTF-8)] this charset is not known`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &raw{t: t, nc: c.nc, br: c.br}
			c.write(tt.octets)
			assert.Equal(t, tt.want, c.until("x")[0])
		})
	}
}

func TestSearchUIDsAndNumbersDiffer(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, simple, simple, simple)
	c.do("SELECT INBOX")
	c.play([]step{
		{`STORE 1 +FLAGS.SILENT (\Deleted)`, []string{"OK STORE done"}},
		{"EXPUNGE", []string{"* 1 EXPUNGE", "OK EXPUNGE done"}},
		{"SEARCH ALL", []string{"* SEARCH 1 2", "OK SEARCH done"}},
		{"UID SEARCH ALL", []string{"* SEARCH 2 3", "OK SEARCH done"}},
		{"UID SEARCH 2", []string{"* SEARCH 3", "OK SEARCH done"}},
	})
}
