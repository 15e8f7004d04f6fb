package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// A searched is a search as the server sees it: what stands before the literal, its octets, and the answer.
type searched struct{ line, octets, answer string }

// TestSearchWithoutUTF8 plays Exchange, which does not search text in UTF-8 and says in what it does (RFC 3501 section 6.4.4).
func TestSearchWithoutUTF8(t *testing.T) {
	const german, russian, japanese = "Gr\xfc\xdfe", "\xf0\xd2\xc9\xd7\xc5\xd4", "\x1b$B4A;z\x1b(B"
	refused := func(sets string) string { return "NO [BADCHARSET" + sets + "] not supported" }
	find := func(box *client.Mailbox, text string) ([]uint32, error) {
		found, err := box.Search(t.Context(), imap.SearchSubject(text))
		if err != nil {
			return nil, err
		}
		return found.Search.IDs, nil
	}
	tests := []struct {
		name    string
		server  []searched
		texts   []string
		refused []string // of the texts
	}{
		{"in what it has", []searched{
			{"UID SEARCH CHARSET UTF-8 SUBJECT {7+}", "Grüße", refused(" (US-ASCII iso-8859-1 KOI8-R)")},
			{"UID SEARCH CHARSET iso-8859-1 SUBJECT {5+}", german, "OK"},
			{"UID SEARCH SUBJECT plain", "", "OK"},
			{"UID SEARCH CHARSET KOI8-R SUBJECT {6+}", russian, "OK"},
			{"UID SEARCH CHARSET iso-8859-1 SUBJECT {5+}", german, "OK"},
		}, []string{"Grüße", "plain", "Привет", "漢字", "Grüße"}, []string{"漢字"}},
		{"of seven bits", []searched{
			{"UID SEARCH CHARSET UTF-8 SUBJECT {6+}", "漢字", refused(" (US-ASCII ISO-2022-JP)")},
			{`UID SEARCH CHARSET ISO-2022-JP SUBJECT "` + japanese + `"`, "", "OK"},
		}, []string{"漢字"}, nil},
		{"ASCII alone", []searched{
			{"UID SEARCH CHARSET UTF-8 SUBJECT {7+}", "Grüße", refused(" (US-ASCII)")},
			{"UID SEARCH SUBJECT plain", "", "OK"},
		}, []string{"Grüße", "Grüße", "plain"}, []string{"Grüße", "Grüße"}},
		{"it does not say", []searched{
			{"UID SEARCH CHARSET UTF-8 SUBJECT {7+}", "Grüße", refused("")},
		}, []string{"Grüße", "Привет"}, []string{"Grüße", "Привет"}},
		{"what it names is refused as well", []searched{
			{"UID SEARCH CHARSET UTF-8 SUBJECT {7+}", "Grüße", refused(" (ISO-8859-1 WINDOWS-1252)")},
			{"UID SEARCH CHARSET ISO-8859-1 SUBJECT {5+}", german, refused("")},
			{"UID SEARCH CHARSET WINDOWS-1252 SUBJECT {5+}", german, "OK"},
		}, []string{"Grüße", "Grüße"}, []string{"Grüße"}},
		{"nothing in UTF-16, which has NUL in it", []searched{
			{"UID SEARCH CHARSET UTF-8 SUBJECT {7+}", "Grüße", refused(" (UTF-16BE X-UNKNOWN)")},
		}, []string{"Grüße"}, []string{"Grüße"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := client.New(t.Context(), pipe(t, func(s *script) {
				s.send(preauth("LITERAL+"))
				s.selected("INBOX", 9)
				for i, x := range tt.server {
					s.searched(x, fmt.Sprintf("* SEARCH %d", i+1))
				}
				s.end()
			}), inClear)
			require.NoError(t, err)
			box := selectInbox(t, c)
			answered := 0
			var bad []string
			for _, text := range tt.texts {
				ids, err := find(box, text)
				if err != nil {
					assert.ErrorIs(t, err, imap.ErrBadCharset)
					bad = append(bad, text)
					continue
				}
				answered++
				assert.Len(t, ids, 1, "of %q", text)
			}
			assert.Equal(t, tt.refused, bad)
			require.NoError(t, c.Close())
		})
	}
}

// Several that are on their way all find out, and SORT and THREAD are searches as well.
func TestSearchesWithoutUTF8AtOnce(t *testing.T) {
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(preauth("LITERAL+", "SORT", "THREAD=REFERENCES"))
		s.selected("INBOX", 9)
		sort := searched{line: "UID SORT (DATE) UTF-8 SUBJECT {7+}", octets: "Grüße", answer: "NO [BADCHARSET (ISO-8859-15)] no"}
		thread := searched{line: "UID THREAD REFERENCES UTF-8 SUBJECT {7+}", octets: "Grüße", answer: "NO [BADCHARSET (ISO-8859-15)] no"}
		tags := []string{s.search(sort), s.search(thread)}
		s.send(tags[0]+" "+sort.answer, tags[1]+" "+thread.answer)
		answers := map[string]string{"SORT": "* SORT 2 1", "THREAD": "* THREAD (1 2)"}
		for range answers {
			tag, rest, _ := strings.Cut(s.line(), " ")
			_, rest, _ = strings.Cut(rest, " ")
			name, rest, _ := strings.Cut(rest, " ")
			assert.Contains(t, rest, "ISO-8859-15 SUBJECT {5+}")
			s.wantLine("Gr\xfc\xdfe")
			s.send(answers[name], tag+" OK done")
		}
		s.end()
	}), inClear)
	require.NoError(t, err)
	box := selectInbox(t, c)
	keys := []imap.SearchKey{imap.SearchSubject("Grüße")}
	sorting := client.Start(t.Context(), box, imap.Sort{Criteria: []imap.SortCriterion{{Key: imap.SortDate}}, Keys: keys})
	threading := client.Start(t.Context(), box, imap.Thread{Algorithm: imap.ThreadReferences, Keys: keys})
	sorted, err := sorting.Wait(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []uint32{2, 1}, sorted.Sort.IDs)
	threads, err := threading.Wait(t.Context())
	require.NoError(t, err)
	assert.Len(t, threads.Thread.Threads, 1)
	require.NoError(t, c.Close())
}

// A character set that the caller has named is the caller's.
func TestSearchInACharsetOfTheCallers(t *testing.T) {
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(preauth("LITERAL+"))
		s.selected("INBOX", 9)
		s.searched(searched{"UID SEARCH CHARSET KOI8-R SUBJECT {6+}", "\xf0\xd2\xc9\xd7\xc5\xd4", "NO [BADCHARSET (UTF-8)] no"}, "")
		s.searched(searched{"UID SEARCH CHARSET UTF-8 SUBJECT {12+}", "Привет", "OK"}, "* SEARCH 1")
		s.end()
	}), inClear)
	require.NoError(t, err)
	box := selectInbox(t, c)
	_, err = client.Do(t.Context(), box, imap.Search{Charset: "KOI8-R", Keys: []imap.SearchKey{imap.SearchSubject("\xf0\xd2\xc9\xd7\xc5\xd4")}})
	var e *imap.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, imap.CodeBadCharset{"UTF-8"}, e.Code)
	_, err = box.Search(t.Context(), imap.SearchSubject("Привет"))
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// search reads a search, and gives its tag.
func (s *script) search(x searched) string {
	tag, line, _ := strings.Cut(s.line(), " ")
	assert.Equal(s.t, x.line, line)
	if x.octets != "" {
		s.wantLine(x.octets)
	}
	return tag
}

// searched reads a search and answers it, with data if that is OK.
func (s *script) searched(x searched, data string) {
	tag := s.search(x)
	if x.answer == "OK" {
		s.send(data)
	}
	s.send(tag + " " + x.answer + " done")
}
