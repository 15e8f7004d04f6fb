package imaptest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
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

// What RFC 5182 says of "$", section by section.
func TestSavedResult(t *testing.T) {
	srv, c := ready(t)
	fill(t, srv.Append, simple, simple, simple, simple, simple)
	require.NoError(t, srv.Create("ada", "There"))
	c.do("SELECT INBOX")
	done, stored := "OK SEARCH done", "OK STORE done"
	c.play([]step{
		// Section 2.1: nothing after SELECT, and that is no fault.
		{"FETCH $ UID", []string{"OK FETCH done"}},
		{"SEARCH $", []string{"* SEARCH", done}},
		{"COPY $ There", []string{"OK COPY done"}},
		// What was saved may be named by number and by UID.
		{`STORE 1 +FLAGS.SILENT (\Deleted)`, []string{stored}},
		{"EXPUNGE", []string{"* 1 EXPUNGE", "OK EXPUNGE done"}},
		{"SEARCH RETURN (SAVE) 2:3", []string{done}},
		{"FETCH $ UID", []string{"* 2 FETCH (UID 3)", "* 3 FETCH (UID 4)", "OK FETCH done"}},
		{"UID FETCH $ UID", []string{"* 2 FETCH (UID 3)", "* 3 FETCH (UID 4)", "OK FETCH done"}},
		{"UID SEARCH $", []string{"* SEARCH 3 4", done}},
		{"SEARCH UID $ NOT 2", []string{"* SEARCH 3", done}},
		{"SEARCH OR $ UID 5", []string{"* SEARCH 2 3 4", done}},
		{"UID SORT (REVERSE ARRIVAL) UTF-8 $", []string{"* SORT 4 3", "OK SORT done"}},
		{"COPY $ There", []string{"OK [COPYUID 2 3:4 1:2] COPY done"}},
		{`STORE $ +FLAGS (\Flagged)`, []string{`* 2 FETCH (FLAGS (\Recent \Flagged))`, `* 3 FETCH (FLAGS (\Recent \Flagged))`, stored}},
		// Others change nothing, what is expunged leaves.
		{"SEARCH ALL", []string{"* SEARCH 1 2 3 4", done}},
		{"SEARCH CHARSET KOI8-R ALL", []string{"NO [BADCHARSET (US-ASCII UTF-8)] this charset is not known"}},
		{"SEARCH RETURN (SAVE X-FOO) ALL", []string{"BAD this server does not know the option X-FOO of SEARCH"}},
		{`UID STORE 3 +FLAGS.SILENT (\Deleted)`, []string{stored}},
		{"UID EXPUNGE $", []string{"* 2 EXPUNGE", "OK EXPUNGE done"}},
		{"UID SEARCH $", []string{"* SEARCH 4", done}},
		// Section 2.4.
		{"SEARCH RETURN (SAVE MIN) ALL", []string{`* ESEARCH (TAG "a23") MIN 1`, done}},
		{"SEARCH $", []string{"* SEARCH 1", done}},
		{"SEARCH RETURN (MAX SAVE) ALL", []string{`* ESEARCH (TAG "a25") MAX 3`, done}},
		{"SEARCH $", []string{"* SEARCH 3", done}},
		{"SEARCH RETURN (MAX SAVE MIN) ALL", []string{`* ESEARCH (TAG "a27") MIN 1 MAX 3`, done}},
		{"SEARCH $", []string{"* SEARCH 1 3", done}},
		{"SEARCH RETURN (MAX SAVE MIN COUNT) ALL", []string{`* ESEARCH (TAG "a29") MIN 1 MAX 3 COUNT 3`, done}},
		{"SEARCH $", []string{"* SEARCH 1 2 3", done}},
		{"SEARCH RETURN (ALL SAVE MIN) 1,3", []string{`* ESEARCH (TAG "a31") MIN 1 ALL 1,3`, done}},
		{"SEARCH $", []string{"* SEARCH 1 3", done}},
		{"SEARCH RETURN (SAVE) $ NOT 1", []string{done}},
		{"SEARCH $", []string{"* SEARCH 3", done}},
		// A NO to what was to be saved empties it, and so does finding nothing.
		{"SEARCH RETURN (SAVE) CHARSET KOI8-R ALL", []string{"NO [BADCHARSET (US-ASCII UTF-8)] this charset is not known"}},
		{"SEARCH $", []string{"* SEARCH", done}},
		{"SEARCH RETURN (SAVE) ALL", []string{done}},
		{"SEARCH RETURN (SAVE MIN) DELETED", []string{`* ESEARCH (TAG "a38")`, done}},
		{"SEARCH $", []string{"* SEARCH", done}},
		{"SEARCH RETURN (SAVE) ALL", []string{done}},
	})
	c.do("EXAMINE INBOX")
	c.play([]step{{"SEARCH $", []string{"* SEARCH", done}}})
}

// A message that another connection expunged has left "$" before this one is told of it.
func TestSavedResultOfWhatIsGone(t *testing.T) {
	_, one, other := two(t)
	one.do("SEARCH RETURN (SAVE) ALL")
	other.do(`STORE 2 +FLAGS.SILENT (\Deleted)`)
	other.do("EXPUNGE")
	one.play([]step{
		{"FETCH $ UID", []string{"* 1 FETCH (UID 1)", "* 3 FETCH (UID 3)", "OK FETCH done"}},
		{"UID SEARCH $", []string{"* SEARCH 1 3", "* 2 EXPUNGE", "OK SEARCH done"}},
		{"FETCH $ UID", []string{"* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)", "OK FETCH done"}},
	})
}

// A server may refuse to save (section 2.5); a test does it in its place.
func TestNotSaved(t *testing.T) {
	refuse := false
	srv := newServer(t, imaptest.Options{AllowClear: true, OnCommand: func(c imaptest.Command) imaptest.Reply {
		if refuse && c.Name() == "SEARCH" {
			return imaptest.Reply{Answer: "NO [NOTSAVED] too much is saved"}
		}
		return imaptest.Reply{}
	}})
	fill(t, srv.Append, simple)
	c := loggedIn(t, srv)
	c.do("SELECT INBOX")
	c.do("SEARCH RETURN (SAVE) ALL")
	refuse = true
	assert.Equal(t, "NO [NOTSAVED] too much is saved", c.last("SEARCH ALL"))
	assert.Len(t, c.do("FETCH $ UID"), 2, "it was to save nothing")
	assert.Equal(t, "NO [NOTSAVED] too much is saved", c.last("SEARCH RETURN (SAVE) ALL"))
	assert.Equal(t, []string{"OK FETCH done"}, c.do("FETCH $ UID"))
}
