package client_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// Situations in which clients are known to fail: the connection dies, a command hangs, or data goes to another command.

func TestUnknownDataCostsNothing(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1:2 (FLAGS X-ITEM)")
		s.send("* XFUTURE (1 {3}\r\na)b) NIL", `* 1 FETCH (UID 1 X-ITEM ("a" (b)) FLAGS ())`, "* OK [XCODE 1 (2)] remark", "* 1 XCOUNT",
			"* 2 FETCH (UID 2 FLAGS (\\Seen) X-ITEM NIL)", tag+" OK [XDONE] done")
		s.ok("NOOP")
		s.end()
	})
	got := map[uint32]string{}
	for m, err := range box.Fetch(t.Context(), imap.UIDs(1, 2), imap.FetchFlags, imap.FetchAttName("X-ITEM")) {
		require.NoError(t, err)
		require.Len(t, m.Unknown(), 1)
		got[m.UID] = m.Unknown()[0].Name + " " + string(m.Unknown()[0].Value)
	}
	assert.Equal(t, map[uint32]string{1: `X-ITEM ("a" (b))`, 2: "X-ITEM NIL"}, got)
	assert.NoError(t, c.Noop(t.Context()))
	assert.NoError(t, c.Close())
}

// TestRowsWithAnItemThatCannotBeRead: the row belongs to the loop all the same, with what else it says, even if the item was the only
// one that servers do not send unasked.
func TestRowsWithAnItemThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		item imap.FetchAtt
		came string
		want imap.MsgAttUnknown
	}{
		"envelope":          {imap.FetchEnvelope, "ENVELOPE (1 2)", imap.MsgAttUnknown{Name: "ENVELOPE", Value: "(1 2)"}},
		"NIL":               {imap.FetchEnvelope, "ENVELOPE NIL", imap.MsgAttUnknown{Name: "ENVELOPE", Value: "NIL"}},
		"in lower case":     {imap.FetchBodyStructure, "bodystructure (1)", imap.MsgAttUnknown{Name: "bodystructure", Value: "(1)"}},
		"body":              {imap.FetchBodySection{Peek: true}, "BODY[] (1)", imap.MsgAttUnknown{Name: "BODY[]", Value: "(1)"}},
		"body of a section": {imap.FetchBodySection{Peek: true, Section: imap.Section{Part: []uint32{1}}}, "BODY[1] 5x", imap.MsgAttUnknown{Name: "BODY[1]", Value: "5x"}},
		"number":            {imap.FetchRFC822Size, "RFC822.SIZE x", imap.MsgAttUnknown{Name: "RFC822.SIZE", Value: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, box := inbox(t, func(s *script) {
				tag, _, _ := strings.Cut(s.line(), " ")
				s.send("* 1 FETCH (UID 1 "+test.came+" FLAGS (\\Seen))", "* 2 FETCH (UID 2 FLAGS () "+test.came+")", tag+" OK done")
				s.end()
			})
			var uids []uint32
			for m, err := range box.Fetch(t.Context(), imap.UIDs(1, 2), imap.FetchFlags, test.item) {
				require.NoError(t, err)
				assert.Equal(t, []imap.MsgAttUnknown{test.want}, m.Unknown())
				assert.NotEmpty(t, m.Warnings())
				assert.Equal(t, m.UID == 1, m.Flags.Has(imap.FlagSeen))
				uids = append(uids, m.UID)
			}
			assert.Equal(t, []uint32{1, 2}, uids)
			assert.NoError(t, c.Close())
		})
	}
}

// TestRowsWithAnItemWithoutAnEnd: an item in which quotes or parentheses are broken goes on to the next known one, or to the line end; the
// rest of the row is delivered.
func TestRowsWithAnItemWithoutAnEnd(t *testing.T) {
	for _, broken := range []string{"((((", `("a`, `("a" (("b"`} {
		c, box := inbox(t, func(s *script) {
			tag := s.want("UID FETCH 1:2 (FLAGS ENVELOPE)")
			s.send("* 1 FETCH (UID 1 FLAGS (\\Seen) ENVELOPE "+broken+")", "* 2 FETCH (UID 2 ENVELOPE "+broken+" FLAGS (\\Seen))", tag+" OK done")
			s.end()
		})
		var uids []uint32
		for m, err := range box.Fetch(t.Context(), imap.UIDs(1, 2), imap.FetchFlags, imap.FetchEnvelope) {
			require.NoError(t, err)
			assert.Equal(t, "ENVELOPE", m.Unknown()[0].Name)
			assert.True(t, m.Flags.Has(imap.FlagSeen))
			uids = append(uids, m.UID)
		}
		assert.Equal(t, []uint32{1, 2}, uids, broken)
		assert.NoError(t, c.Close())
	}
}

func TestTwoSectionsBesideAnotherFetch(t *testing.T) {
	sections := []imap.FetchAtt{imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionHeader}},
		imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}}}
	c, box := inbox(t, func(s *script) {
		a := s.want("UID FETCH 1 (BODY.PEEK[HEADER] BODY.PEEK[TEXT])")
		b := s.want("UID FETCH 2 (BODY.PEEK[HEADER] BODY.PEEK[TEXT])")
		s.send("* 2 FETCH (BODY[HEADER] {3}\r\nh 2 BODY[TEXT] {3}\r\nt 2 UID 2)", "* 1 FETCH (BODY[TEXT] {3}\r\nt 1 BODY[HEADER] {3}\r\nh 1 UID 1)",
			b+" OK done", a+" OK done")
		s.end()
	})
	var rows []*client.Rows[*imap.FetchData, *imap.FetchResult]
	for n := range uint32(2) {
		rows = append(rows, client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(n + 1), Items: sections}))
	}
	for i, want := range [][]string{{"t 1", "h 1"}, {"h 2", "t 2"}} {
		var got []string
		for m, err := range rows[i].All() {
			require.NoError(t, err)
			for _, s := range m.BodySection {
				got = append(got, s.Data.String())
			}
		}
		assert.Equal(t, want, got)
	}
	assert.NoError(t, c.Close())
}

// A server of IMAP4rev2 alone answers SEARCH with ESEARCH, whatever was asked (RFC 9051 section 6.4.4).
func TestServerOfRev2Alone(t *testing.T) {
	nc := pipe(t, func(s *script) {
		s.send("* PREAUTH [CAPABILITY IMAP4rev2] hello")
		s.selected("INBOX", 3)
		tag := s.want("UID SEARCH ALL")
		s.send(`* ESEARCH (TAG "`+tag+`") UID ALL 1:3`, tag+" OK done")
		s.end()
	})
	c, err := client.New(t.Context(), nc, inClear)
	require.NoError(t, err)
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	found, err := box.Search(t.Context(), imap.SearchAll)
	require.NoError(t, err)
	assert.Equal(t, "1:3", found.Esearch.All.String())
	assert.NoError(t, c.Close())
}

// MOVE has its COPYUID before its answer, COPY in it (RFC 6851 section 4.3, RFC 4315 section 3).
func TestMoveBesideCopy(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 3)
		a, b := s.want("UID COPY 1 a"), s.want("UID MOVE 2 b")
		s.send("* OK [COPYUID 7 2 20] moved", "* VANISHED 2", b+" OK done", a+" OK [COPYUID 8 1 10] copied")
		s.end()
	}, "MOVE", "UIDPLUS")
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	copying := client.Start(t.Context(), box, imap.Copy{Set: imap.UIDs(1), Mailbox: "a"})
	moving := client.Start(t.Context(), box, imap.Move{Set: imap.UIDs(2), Mailbox: "b"})
	copied, err := copying.Wait(t.Context())
	require.NoError(t, err)
	moved, err := moving.Wait(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "10", copied.CopyUID.Dest.String())
	assert.Equal(t, "20", moved.CopyUID.Dest.String())
	require.Len(t, moved.Vanished, 1, "instead of EXPUNGE (RFC 7162 section 3.2.10)")
	assert.Equal(t, "2", moved.Vanished[0].UIDs.String())
	assert.Equal(t, uint32(2), box.Exists())
	assert.NoError(t, c.Close())
}

// What the server says before it has read SELECT is about the mailbox from before.
func TestSelectWhileMailComes(t *testing.T) {
	c, _ := inbox(t, func(s *script) {
		tag := s.want("SELECT Archive")
		s.send("* 11 EXISTS", `* FLAGS (\Seen Old)`, "* 4 EXISTS", `* FLAGS (\Seen)`, "* OK [UIDNEXT 9] next", tag+" OK [READ-WRITE] done")
		s.end()
	})
	r, err := client.Do(t.Context(), c, imap.Select{Mailbox: "Archive"})
	require.NoError(t, err)
	assert.Equal(t, uint32(4), r.Exists.Count)
	assert.False(t, r.Flags.Flags.Has("Old"))
	assert.Equal(t, uint32(4), c.Mailbox().Exists())
	assert.NoError(t, c.Close())
}

// "$" is sent right behind the SEARCH that saves it (RFC 5182 section 2.1).
func TestSavedResult(t *testing.T) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 3)
		a, b := s.want("UID SEARCH RETURN (SAVE) FROM ada"), s.want("UID FETCH $ ENVELOPE")
		s.send(a+" OK done", "* 3 FETCH (UID 30 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))", b+" OK done")
		s.end()
	}, "ESEARCH", "SEARCHRES")
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	save := client.Start(t.Context(), box, imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchFrom("ada")}})
	for m, err := range box.Fetch(t.Context(), imap.SavedResult(), imap.FetchEnvelope) {
		require.NoError(t, err)
		assert.Equal(t, uint32(30), m.UID)
	}
	_, err = save.Wait(t.Context())
	assert.NoError(t, err)
	assert.NoError(t, c.Close())
}

// "$", and what saves it, is not sent to a server that has neither SEARCHRES nor IMAP4rev2, which includes it.
func TestSavedResultNeedsItsCapability(t *testing.T) {
	saved := imap.SavedResult()
	commands := map[string]starter{
		"UID SEARCH RETURN (COUNT SAVE) ALL": starts(imap.Search{Return: []imap.ReturnOpt{imap.ReturnCount, imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchAll}}),
		"UID SEARCH $":                       starts(imap.Search{Keys: []imap.SearchKey{imap.SearchSet(saved)}}),
		"UID SEARCH NOT UID $":               starts(imap.Search{Keys: []imap.SearchKey{imap.SearchNot{Key: imap.SearchUID(saved)}}}),
		"UID FETCH $ FLAGS":                  starts(imap.Fetch{Set: saved, Items: []imap.FetchAtt{imap.FetchFlags}}),
		"UID COPY $ a":                       starts(imap.Copy{Set: saved, Mailbox: "a"}),
		"UID EXPUNGE $":                      starts(imap.UIDExpunge{Set: saved}),
		"XFOO $":                             starts(client.RawCommand{Name: "XFOO", Args: []client.RawArg{client.RawSet(saved)}}),
	}
	for _, capability := range []imap.Cap{"SEARCHRES", "IMAP4rev2", "none"} {
		for line, start := range commands {
			c := session(t, func(s *script) {
				s.selected("INBOX", 3)
				if capability != "none" {
					s.ok(line)
				}
				s.end()
			}, "ESEARCH", "UIDPLUS", string(capability))
			box, err := c.Select(t.Context(), "INBOX")
			require.NoError(t, err)
			err = start(t.Context(), box)(t.Context())
			if capability == "none" {
				assert.ErrorIs(t, err, imap.ErrCapability, line)
				assert.ErrorContains(t, err, "SEARCHRES", line)
			} else {
				assert.NoError(t, err, line)
			}
			assert.NoError(t, c.Close())
		}
	}
}
