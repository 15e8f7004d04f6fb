package client_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// heard gives what a loop over the events gets of these octets, which come in answer to nothing, and wants the connection to go on.
func heard(t *testing.T, octets string, caps ...string) (events []client.Event) {
	t.Helper()
	inTime(t, func(s *script) {
		s.selected("INBOX", 10)
		s.want("IDLE")
		s.send("+ idling")
		s.sendRaw(octets)
		s.send("* 4242 EXISTS")
		s.hangUp()
	}, inClear, func(t *testing.T, c *client.Client) {
		_, err := c.Select(t.Context(), "INBOX")
		require.NoError(t, err)
		for ev, err := range c.Idle(t.Context()) {
			require.NoError(t, err)
			if e, ok := ev.(*imap.ExistsData); ok && e.Count == 4242 {
				break
			}
			events = append(events, ev)
		}
	}, append(caps, "IDLE")...)
	return events
}

// TestHostileNumbers: no number wraps. One that does not fit costs its item, or its response, and is reported.
func TestHostileNumbers(t *testing.T) {
	fetched := func(t *testing.T, item string) *imap.FetchData {
		t.Helper()
		events := heard(t, "* 1 FETCH (UID 7 "+item+" FLAGS (a))\r\n")
		require.Len(t, events, 1)
		m := events[0].(*imap.FetchData)
		assert.Equal(t, uint32(7), m.UID, "the other items are there")
		assert.True(t, m.Flags.Has("a"))
		return m
	}
	for _, size := range []string{"18446744073709551616", "9223372036854775808", "18446744073709551621", "1" + strings.Repeat("0", 400), "-1", "0x10", "1e3"} {
		t.Run("RFC822.SIZE "+size[:min(len(size), 24)], func(t *testing.T) {
			m := fetched(t, "RFC822.SIZE "+size)
			if exact, err := strconv.ParseFloat(size, 64); m.Size != 0 { // read as what it says, or not at all
				assert.NoError(t, err)
				assert.InEpsilon(t, exact, float64(m.Size), 1e-9)
			}
			assert.NotEmpty(t, m.Warnings())
		})
	}
	t.Run("RFC822.SIZE of 2^32", func(t *testing.T) {
		m := fetched(t, "RFC822.SIZE 4294967296")
		assert.Equal(t, uint64(1<<32), m.Size)
		assert.Empty(t, m.Warnings())
	})
	for _, n := range []string{"4294967296", "4294967303", "18446744073709551623", "-1"} {
		t.Run("UID "+n, func(t *testing.T) {
			events := heard(t, "* 1 FETCH (FLAGS (a) UID "+n+")\r\n")
			require.Len(t, events, 1)
			m := events[0].(*imap.FetchData)
			assert.True(t, m.Flags.Has("a"))
			assert.Zero(t, m.UID)
			assert.NotEmpty(t, m.Warnings())
		})
		t.Run("message number "+n, func(t *testing.T) {
			for _, ev := range heard(t, "* "+n+" EXPUNGE\r\n* "+n+" FETCH (UID 1)\r\n* "+n+" EXISTS\r\n") {
				assert.IsType(t, new(imap.UnknownData), ev)
			}
		})
		t.Run("UIDVALIDITY "+n, func(t *testing.T) {
			inTime(t, func(s *script) {
				tag := s.want("SELECT x")
				s.send("* OK [UIDVALIDITY "+n+"] x", "* OK [UIDNEXT "+n+"] x", "* OK [UNSEEN "+n+"] x", "* "+n+" EXISTS", "* "+n+" RECENT",
					tag+" OK done")
				s.hangUp()
			}, inClear, func(t *testing.T, c *client.Client) {
				box, err := c.Select(t.Context(), "x")
				require.NoError(t, err)
				assert.Zero(t, box.UIDValidity())
				assert.Zero(t, box.UIDNext())
				assert.Zero(t, box.Unseen())
				assert.Zero(t, box.Exists())
				assert.Zero(t, box.Recent())
			})
		})
		t.Run("SEARCH "+n, func(t *testing.T) {
			c, box := inbox(t, func(s *script) {
				tag := s.want("UID SEARCH ALL")
				s.send("* SEARCH 1 "+n+" 2", tag+" OK done")
				s.ok("NOOP")
				s.end()
			})
			found, err := box.Search(t.Context(), imap.SearchAll)
			if err == nil {
				assert.NotContains(t, found.Search.IDs, uint32(7))
				assert.NotContains(t, found.Search.IDs, uint32(0))
			}
			assert.NoError(t, c.Noop(t.Context()))
			assert.NoError(t, c.Close())
		})
	}
}

// TestHugeSets: a set of all numbers is one range, wherever a server may send one.
func TestHugeSets(t *testing.T) {
	const all = "1:4294967295"
	for name, octets := range map[string]string{
		"COPYUID":  "* OK [COPYUID 1 " + all + " " + all + "] x",
		"MODIFIED": "* OK [MODIFIED " + all + "] x",
		"VANISHED": "* VANISHED " + all,
		"ESEARCH":  `* ESEARCH (TAG "x") UID ALL ` + all,
		"many":     "* VANISHED " + strings.Repeat(all+",", 50_000) + "1",
	} {
		t.Run(name, func(t *testing.T) {
			assertHeld(t, 8*mib, func() {
				events := heard(t, octets+"\r\n", "CONDSTORE", "QRESYNC")
				require.Len(t, events, 1)
				var set imap.NumSet
				switch d := events[0].(type) {
				case *imap.RespCondStateData:
					switch code := d.Code.(type) {
					case imap.CodeCopyUID:
						set = code.Source
					case imap.CodeModified:
						set = imap.NumSet(code)
					}
				case *imap.VanishedData:
					set = d.UIDs
				case *imap.EsearchData:
					set = d.All
				}
				assert.Equal(t, uint64(1<<32-1), set.Count())
				assert.True(t, set.Contains(4294967295, 0))
				for n := range set.All() {
					if n == 3 {
						break
					}
				}
			})
		})
	}
}

// TestHostileText puts octets that no text has where text belongs: at most the response is lost.
func TestHostileText(t *testing.T) {
	for name, text := range map[string]string{
		"NUL": "a\x00b", "CR": "a\rb", "LF": "a\nb", "CR LF": "a\r\nb", "8-bit": "a\xff\xfeb", "UTF-8": "aüb", "overlong": "a\xc0\xafb", "surrogate": "a\xed\xa0\x80b",
		"escape": "a\x1b[2Jb", "DEL": "a\x7fb", "right to left": "a\u202eb", "BOM": "\ufeffab", "quote": `a"b`, "backslash": `a\b`, "brace": "a{5}b", "end": "a\\",
	} {
		for where, form := range map[string]string{
			"quoted":          "* LIST () \"/\" \"%s\"\r\n",
			"atom":            "* LIST () \"/\" %s\r\n",
			"delimiter":       "* LIST () \"%s\" x\r\n",
			"text":            "* OK %s\r\n",
			"code":            "* OK [%s] x\r\n",
			"code with text":  "* OK [ALERT] %s\r\n",
			"code argument":   "* OK [XFOO %s] x\r\n",
			"keyword":         "* %s\r\n",
			"keyword later":   "* XFOO %s\r\n",
			"numbered":        "* 1 %s\r\n",
			"flag":            "* FLAGS (%s)\r\n",
			"capability":      "* CAPABILITY IMAP4rev1 IDLE %s\r\n",
			"continuation":    "+ %s\r\n",
			"item":            "* 1 FETCH (%s x)\r\n",
			"flag of FETCH":   "* 1 FETCH (FLAGS (%s))\r\n",
			"date":            "* 1 FETCH (INTERNALDATE \"%s\")\r\n",
			"envelope":        "* 1 FETCH (ENVELOPE (\"%s\" \"%s\" ((\"%s\" NIL \"%s\" \"%s\")) NIL NIL NIL NIL NIL \"%s\" \"%s\"))\r\n",
			"section":         "* 1 FETCH (BODY[%s] NIL)\r\n",
			"body parameters": "* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" (\"%s\" \"%s\") \"%s\" NIL \"7BIT\" 1 1))\r\n",
			"thread":          "* THREAD (%s)\r\n",
			"set":             "* VANISHED %s\r\n",
			"namespace":       "* NAMESPACE ((\"%s\" \"%s\")) NIL NIL\r\n",
			"ID":              "* ID (\"%s\" \"%s\")\r\n",
			"status":          "* STATUS \"%s\" (%s 1)\r\n",
		} {
			t.Run(name+" in "+where, func(t *testing.T) {
				inTime(t, func(s *script) {
					tag := s.want("NOOP")
					// Broken lines may be joined with what follows, but for responses.
					s.sendRaw(strings.ReplaceAll(form, "%s", text))
					if s.octets(tag + " OK done\r\n") {
						s.ok("NOOP")
					}
					s.hangUp()
				}, inClear, func(t *testing.T, c *client.Client) {
					err := c.Noop(t.Context())
					if strings.Contains(text, "\n") && err != nil {
						assert.ErrorContains(t, err, "tag that was never sent", "the rest of a line is no response")
						return
					}
					require.NoError(t, err)
					require.NoError(t, c.Noop(t.Context()))
				})
			})
		}
	}
}

// TestLongTexts: what a server says at length makes no long line of a log, and is kept within the limit, whether it can be read or not.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	literal := fmt.Sprintf("{%d}\r\n%s", len(long), long)
	for name, test := range map[string]struct {
		said string // after the tag
		line int    // octets of the error at most
	}{
		"text":                 {"NO " + long, 66 << 10},
		"code":                 {"NO [" + long + "] text", 512},
		"argument":             {"NO [XFOO " + long + "] text", 66 << 10},
		"code without end":     {"NO [XFOO " + long, 66 << 10},
		"parentheses":          {"BAD [XFOO " + strings.Repeat("(", 1<<20), 66 << 10},
		"literal in a code":    {"NO [XFOO (" + literal + ")] text", 66 << 10},
		"literal without code": {"NO [XFOO " + literal, 66 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(s *script) {
				s.send(s.want("NOOP") + " " + test.said)
				s.ok("NOOP")
				s.hangUp()
			}, inClear, func(t *testing.T, c *client.Client) {
				err := c.Noop(t.Context())
				e, ok := errors.AsType[*imap.Error](err)
				require.True(t, ok, "%.100v", err)
				assert.LessOrEqual(t, len(e.Text), 64<<10)
				assert.LessOrEqual(t, len(e.Error()), test.line)
				assert.NoError(t, c.Noop(t.Context()))
			})
		})
	}
}

// TestNilAnywhere: NIL, and an empty list, in the place of everything.
func TestNilAnywhere(t *testing.T) {
	responses := []string{
		`* LIST (\Noselect) "/" x ("CHILDINFO" ("SUBSCRIBED"))`, `* STATUS x (MESSAGES 1 UIDNEXT 2)`, `* SEARCH 1 2`, `* ESEARCH (TAG "x") UID ALL 1 COUNT 1`,
		`* FLAGS (a b)`, `* CAPABILITY IMAP4rev1 IDLE`, `* ENABLED X`, `* NAMESPACE (("" "/")) (("x" "/")) NIL`, `* ID ("a" "b")`, `* VANISHED (EARLIER) 1`,
		`* 1 FETCH (UID 1)`, `* 1 FETCH (FLAGS (a) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 5 MODSEQ (7))`,
		`* 1 FETCH (ENVELOPE ("d" "s" (("a" NIL "b" "c")) NIL NIL NIL NIL NIL "x" "y"))`,
		`* 1 FETCH (BODYSTRUCTURE ("text" "plain" ("a" "b") "i" "d" "7BIT" 1 1 "md5" ("inline" ("a" "b")) ("en") "loc"))`,
		`* 1 FETCH (BODYSTRUCTURE (("a" "b" NIL NIL NIL "x" 1) "mixed" ("a" "b") ("inline" NIL) "en" "loc"))`,
		`* 1 FETCH (BODY[HEADER.FIELDS (A)]<0> "x" BINARY[1] "x" BINARY.SIZE[1] 5)`, `* OK [PERMANENTFLAGS (a)] x`, `* OK [UIDNEXT 1] x`, `* OK [COPYUID 1 2 3] x`,
		`* THREAD (1 (2)(3))`, `* SORT 1 2`, `* 1 EXISTS`, `* BAD x`,
	}
	for _, response := range responses {
		words := tokens(response)
		for i := range words {
			for _, nothing := range []string{"NIL", "()", `""`, "0", "{0}\r\n", ""} {
				changed := append([]string(nil), words...)
				changed[i] = nothing
				octets := strings.Join(changed, "")
				inTime(t, func(s *script) {
					tag := s.want("NOOP")
					_ = s.octets(octets+"\r\n") && s.octets(tag+" OK done\r\n")
					s.hangUp()
				}, inClear, func(t *testing.T, c *client.Client) {
					err := c.Noop(t.Context())
					status := strings.HasPrefix(response, "* OK") || strings.HasPrefix(response, "* BAD")
					if i == 0 || status && nothing == "{0}\r\n" {
						return // without its "*", or after the end of a text, it is an answer with a tag that was never sent
					}
					require.NoError(t, err, octets)
				})
			}
		}
	}
}

// tokens cuts a response into words, strings, blanks and brackets.
func tokens(s string) (all []string) {
	for s != "" {
		n := 1
		switch {
		case s[0] == '"':
			n = strings.IndexByte(s[1:], '"') + 2
		case !strings.ContainsRune(" ()[]", rune(s[0])):
			if n = strings.IndexAny(s, " ()[]"); n < 0 {
				n = len(s)
			}
		}
		all = append(all, s[:n])
		s = s[n:]
	}
	return all
}
