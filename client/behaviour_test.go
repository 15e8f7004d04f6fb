package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// TestBehaviours plays servers whose syntax is right and whose behaviour a client must know. What it does about them is the same for all
// servers, so nothing asks which one it talks to. Logins are below, in TestBehavioursAtLogin, and searches in charset_test.go; IMAP4rev2
// is in rev2_test.go, COMPRESS that is advertised and refused in compress_test.go, servers that go silent, or drop an IDLE, in
// runtime/conn, hosts that are none in generated/imap.
//
// Nothing is done about servers that swap the name and the mailbox of an address (Gmail): a guess would spoil addresses that are right.
// Nor about a COUNT of unseen messages that is that of all (Purelymail), which nobody can tell from a right one, nor about limits on
// connections (Gmail): there is no pool. ANNOTATE, which iCloud advertises, is not in the grammar, and so is not asked for.
func TestBehaviours(t *testing.T) {
	tests := []struct {
		name string
		caps []string
		id   []imap.IDParam
		play func(*script)
		use  func(*testing.T, *client.Client)
	}{
		{"NetEase wants to know who selects", []string{"ID"}, nil, func(s *script) {
			s.send(s.want("SELECT INBOX") + " NO SELECT Unsafe Login. Please contact kefu@188.com for help")
			s.ok(`ID ("name" "parley")`, "* ID NIL")
			s.selected("INBOX", 3)
		}, func(t *testing.T, c *client.Client) {
			require.NoError(t, c.With(t.Context(), "INBOX", func(box *client.Mailbox) error {
				assert.Equal(t, uint32(3), box.Exists())
				return nil
			}))
		}},
		{"NetEase is told before", []string{"ID"}, []imap.IDParam{{Field: "name", Value: imap.NStr("mailer")}, {Field: "version", Value: imap.NStr("1.2")}},
			func(s *script) {
				s.ok(`ID ("name" "mailer" "version" "1.2")`, "* ID NIL")
				s.selected("INBOX", 3)
			}, selectsInbox},
		{"NetEase is not content", []string{"ID"}, nil, func(s *script) {
			s.send(s.want("SELECT INBOX") + " NO SELECT Unsafe Login.")
			s.send(s.want(`ID ("name" "parley")`) + " OK done")
			s.send(s.want("SELECT INBOX") + " NO SELECT Unsafe Login.")
		}, func(t *testing.T, c *client.Client) {
			_, err := c.Select(t.Context(), "INBOX")
			require.ErrorContains(t, err, "Unsafe Login")
		}},
		{"mail.de advertises ID and does not know it", []string{"ID"}, []imap.IDParam{{Field: "name", Value: imap.NStr("mailer")}}, func(s *script) {
			s.send(s.want(`ID ("name" "mailer")`) + " BAD invalid command")
			s.selected("INBOX", 3)
		}, selectsInbox},
		{"GMX and Exchange refuse ID ()", []string{"ID"}, nil, func(s *script) { s.ok("ID NIL", "* ID NIL") }, func(t *testing.T, c *client.Client) {
			_, err := c.ID(t.Context())
			require.NoError(t, err)
		}},
		{"QQ and hMailServer refuse descending sets", nil, nil, func(s *script) {
			s.selected("INBOX", 9)
			s.ok("UID FETCH 1,3:5,9 FLAGS")
		}, func(t *testing.T, c *client.Client) {
			box := selectInbox(t, c)
			require.NoError(t, last(box.Fetch(t.Context(), imap.UIDs(9, 5, 3, 4, 1), imap.FetchFlags)))
		}},
		{"Office 365 answers RETURN () with nothing", []string{"ESEARCH"}, nil, func(s *script) {
			s.selected("INBOX", 9)
			tag := s.want("UID SEARCH RETURN (ALL) UNSEEN")
			s.send(`* ESEARCH (TAG "`+tag+`") UID ALL 2,4`, tag+" OK done")
		}, func(t *testing.T, c *client.Client) {
			all, err := client.Do(t.Context(), selectInbox(t, c), imap.Search{Return: []imap.ReturnOpt{}, Keys: []imap.SearchKey{imap.SearchUnseen}})
			require.NoError(t, err)
			assert.Equal(t, "2,4", all.Esearch.All.String())
		}},
		{"Gromox wants a list of flags in APPEND", nil, nil, func(s *script) {
			tag := s.want("APPEND INBOX () {2}")
			s.send("+ go on")
			s.wantLine("hi")
			s.send(tag + " OK done")
		}, func(t *testing.T, c *client.Client) {
			_, err := c.Append(t.Context(), "INBOX", imap.Message(imap.SourceString("hi")))
			require.NoError(t, err)
		}},
		{"Aliyun refuses CHARSET where it is not needed", nil, nil, func(s *script) {
			s.selected("INBOX", 9)
			s.ok(`UID SEARCH SUBJECT plain`, "* SEARCH")
			tag, rest, _ := strings.Cut(s.line(), " ")
			assert.Equal(s.t, "UID SEARCH CHARSET UTF-8 SUBJECT {6}", rest)
			s.send("+ go on")
			s.wantLine("Grüß")
			s.send("* SEARCH 7", tag+" OK done")
		}, func(t *testing.T, c *client.Client) {
			box := selectInbox(t, c)
			_, err := box.Search(t.Context(), imap.SearchSubject("plain"))
			require.NoError(t, err)
			found, err := box.Search(t.Context(), imap.SearchSubject("Grüß"))
			require.NoError(t, err)
			assert.Equal(t, []uint32{7}, found.Search.IDs)
		}},
		{"an Outlook server searches for {3}", []string{"LITERAL+"}, nil, func(s *script) {
			s.selected("INBOX", 9)
			s.ok(`UID SEARCH SUBJECT "a \"b\""`, "* SEARCH")
			tag, rest, _ := strings.Cut(s.line(), " ")
			assert.Equal(s.t, "UID SEARCH CHARSET UTF-8 SUBJECT {6+}", rest)
			s.wantLine("Grüß")
			s.send("* SEARCH", tag+" OK done")
		}, func(t *testing.T, c *client.Client) {
			box := selectInbox(t, c)
			for _, text := range []string{`a "b"`, "Grüß"} {
				_, err := box.Search(t.Context(), imap.SearchSubject(text))
				require.NoError(t, err)
			}
		}},
		{"iCloud enables without saying so", []string{"ENABLE", "QRESYNC", "CONDSTORE"}, nil, func(s *script) {
			s.ok("ENABLE QRESYNC")
			s.ok("SELECT INBOX (QRESYNC (7 20))", "* 2 EXISTS", "* OK [UIDVALIDITY 7] ok", "* VANISHED (EARLIER) 3")
		}, func(t *testing.T, c *client.Client) {
			_, err := c.Enable(t.Context(), imap.CapQresync)
			require.NoError(t, err)
			box, err := c.Select(t.Context(), "INBOX", imap.SelectQresync{UIDValidity: 7, ModSeq: 20})
			require.NoError(t, err)
			assert.Equal(t, uint32(2), box.Exists())
		}},
		{"iCloud sends no body for RFC822", nil, nil, func(s *script) {
			s.selected("INBOX", 1)
			s.ok("UID FETCH 1 RFC822", `* 1 FETCH (UID 1 FLAGS (\Seen))`)
			s.ok("UID FETCH 1 BODY.PEEK[]", "* 1 FETCH (UID 1 BODY[] {2}\r\nhi)")
		}, func(t *testing.T, c *client.Client) {
			box := selectInbox(t, c)
			for m, err := range box.Fetch(t.Context(), imap.UIDs(1), imap.FetchRFC822) {
				require.NoError(t, err)
				assert.Nil(t, m.RFC822(), "it did not come, which is not an empty one")
			}
			for m, err := range box.Fetch(t.Context(), imap.UIDs(1), imap.FetchBodySection{Peek: true}) {
				require.NoError(t, err)
				assert.Equal(t, "hi", m.BodySection[0].Data.String())
			}
		}},
		{"strato and Proton Bridge do not know LIST-EXTENDED", []string{"LIST-EXTENDED", "SPECIAL-USE", "LIST-STATUS"}, nil, func(s *script) {
			s.ok(`LIST "" *`, `* LIST () "/" INBOX`)
		}, func(t *testing.T, c *client.Client) {
			n := 0
			for _, err := range c.List(t.Context(), "", "*") {
				require.NoError(t, err)
				n++
			}
			assert.Equal(t, 1, n)
		}},
		{"a size is not that of the body", nil, nil, func(s *script) {
			s.selected("INBOX", 1)
			s.ok("UID FETCH 1 (RFC822.SIZE BODY.PEEK[])", "* 1 FETCH (UID 1 RFC822.SIZE 99 BODY[] {2}\r\nhi)")
		}, func(t *testing.T, c *client.Client) {
			for m, err := range selectInbox(t, c).Fetch(t.Context(), imap.UIDs(1), imap.FetchRFC822Size, imap.FetchBodySection{Peek: true}) {
				require.NoError(t, err)
				assert.Equal(t, int64(2), m.BodySection[0].Data.Size())
				assert.Equal(t, uint64(99), m.Size)
			}
		}},
		{"Yahoo says MODSEQ 0 is our fault", []string{"CONDSTORE"}, nil, func(s *script) { s.selected("INBOX", 1) }, func(t *testing.T, c *client.Client) {
			cmd := imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchFlags}, Modifiers: []imap.FetchModifier{imap.FetchChangedsince(0)}}
			_, err := client.Do(t.Context(), selectInbox(t, c), cmd)
			require.Error(t, err)
			assert.NotErrorIs(t, err, imap.ErrOutcomeUnknown, "nothing was sent")
		}},
		{"Exchange 2003 hangs up at NAMESPACE", []string{"NAMESPACE"}, nil, func(s *script) {
			s.selected("INBOX", 1) // it is sent by those who ask for it
		}, selectsInbox},
		{"IONOS takes no MODSEQ where CONDSTORE is not advertised", nil, nil, func(s *script) { s.selected("INBOX", 1) }, func(t *testing.T, c *client.Client) {
			require.ErrorIs(t, last(selectInbox(t, c).Fetch(t.Context(), imap.UIDs(1), imap.FetchModseq)), imap.ErrCapability)
		}},
		{"Gmail refuses the macro FULL", nil, nil, func(s *script) {
			s.selected("INBOX", 1)
			s.ok("UID FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)", "* 1 FETCH (UID 1 FLAGS ())")
			s.send(s.want("UID FETCH 1 FULL") + " BAD Could not parse command")
		}, func(t *testing.T, c *client.Client) { // the method takes items only, the command what its caller says
			box := selectInbox(t, c)
			require.NoError(t, last(box.Fetch(t.Context(), imap.UIDs(1),
				imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope, imap.FetchBody)))
			_, err := client.Do(t.Context(), box, imap.Fetch{Set: imap.UIDs(1), Macro: imap.FetchFull})
			require.ErrorContains(t, err, "Could not parse")
		}},
		{"Gmail says OK and that it was too much", nil, nil, func(s *script) {
			s.send(s.want("NOOP") + " OK Success [THROTTLED]")
		}, func(t *testing.T, c *client.Client) { // it is no code where it stands: the command has succeeded, and its text is there
			done, err := client.Do(t.Context(), c, imap.Noop{})
			require.NoError(t, err)
			assert.Equal(t, "Success [THROTTLED]", done.Text)
		}},
		{"Yahoo expunges and counts on as before", []string{"UIDPLUS"}, nil, func(s *script) {
			s.selected("INBOX", 3)
			s.ok("UID EXPUNGE 1", "* 1 EXPUNGE")
			s.ok("UID FETCH 3 FLAGS", "* 3 FETCH (UID 3 FLAGS ())")
		}, func(t *testing.T, c *client.Client) { // numbers from before are not used again, and UIDs are right whatever it counts
			box := selectInbox(t, c)
			numbers := box.Newest(1)
			_, err := client.Do(t.Context(), box, imap.UIDExpunge{Set: imap.UIDs(1)})
			require.NoError(t, err)
			require.ErrorIs(t, last(box.Fetch(t.Context(), numbers, imap.FetchFlags)), client.ErrStaleNumbers)
			for m, err := range box.Fetch(t.Context(), imap.UIDs(3), imap.FetchFlags) {
				require.NoError(t, err)
				assert.Equal(t, uint32(3), m.UID)
			}
		}},
		{"Yahoo has a bug in SEARCH HEADER", nil, nil, func(s *script) {
			s.selected("INBOX", 3)
			s.send(s.want("UID SEARCH HEADER Message-ID <1@example.org>") + " NO [SERVERBUG] UID SEARCH Server error - Please try again later")
		}, func(t *testing.T, c *client.Client) {
			_, err := selectInbox(t, c).Search(t.Context(), imap.SearchHeader{Field: "Message-ID", Text: "<1@example.org>"})
			require.ErrorIs(t, err, imap.ErrServerBug)
		}},
		{"Yahoo has some of the messages", nil, nil, func(s *script) {
			s.selected("INBOX", 2)
			tag := s.want("UID FETCH 1:2 FLAGS")
			s.send("* 1 FETCH (UID 1 FLAGS ())", tag+" NO [UNAVAILABLE] UID FETCH Server error while fetching messages")
		}, func(t *testing.T, c *client.Client) {
			var uids []uint32
			var err error
			for m, e := range selectInbox(t, c).Fetch(t.Context(), imap.UIDs(1, 2), imap.FetchFlags) {
				if err = e; err == nil {
					uids = append(uids, m.UID)
				}
			}
			assert.Equal(t, []uint32{1}, uids)
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "UNAVAILABLE", e.Code.Keyword())
		}},
		{"Coremail talks before it answers", []string{"ENABLE", "CONDSTORE"}, nil, func(s *script) {
			tag := s.want("ENABLE CONDSTORE")
			s.send("* OK ENABLE completed", "* ENABLED CONDSTORE", tag+" OK ENABLE completed")
			s.ok("NOOP")
		}, func(t *testing.T, c *client.Client) {
			res, err := c.Enable(t.Context(), imap.CapCondstore)
			require.NoError(t, err)
			assert.Equal(t, []imap.Cap{imap.CapCondstore}, res.Enabled.Capabilities)
			require.NoError(t, c.Noop(t.Context()))
		}},
		{"Gmail does not tell what is unseen", nil, nil, func(s *script) {
			s.ok("SELECT INBOX", `* FLAGS (\Seen)`, "* 3 EXISTS")
			s.ok("STATUS INBOX (UNSEEN)", "* STATUS INBOX (UNSEEN 2)")
		}, func(t *testing.T, c *client.Client) {
			assert.Zero(t, selectInbox(t, c).Unseen())
			st, err := c.Status(t.Context(), "INBOX", imap.StatusUnseen)
			require.NoError(t, err)
			assert.Equal(t, uint32(2), st.Status.Unseen)
		}},
		{"a server refuses * in an empty mailbox", nil, nil, func(s *script) { s.selected("INBOX", 0) }, func(t *testing.T, c *client.Client) {
			box := selectInbox(t, c)
			require.NoError(t, last(box.Fetch(t.Context(), box.Newest(1), imap.FetchUID)))
		}},
		{"Yandex says BYE until it is heard", nil, nil, func(s *script) {
			s.want("NOOP")
			for range 1000 {
				if _, err := io.WriteString(s.nc, "* BYE Autologout; idle for too long\r\n"); err != nil {
					return
				}
			}
			s.fail("the client does not close the connection")
		}, func(t *testing.T, c *client.Client) {
			require.ErrorIs(t, c.Noop(t.Context()), imap.ErrConnectionLost)
			<-c.Done()
			var e *imap.Error
			require.True(t, errors.As(c.Err(), &e))
			assert.Equal(t, "Autologout; idle for too long", e.Text)
		}},
		{"a mailbox becomes read-only", nil, nil, func(s *script) {
			s.selected("INBOX", 1)
			s.ok("NOOP", "* OK [READ-ONLY] somebody else has it")
			tag := s.want(`UID STORE 1 +FLAGS (\Seen)`)
			s.send(tag + " NO [READ-ONLY] not now")
		}, func(t *testing.T, c *client.Client) {
			box := selectInbox(t, c)
			require.NoError(t, c.Noop(t.Context()))
			assert.True(t, box.ReadOnly())
			_, err := box.Store(t.Context(), imap.UIDs(1), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)})
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, imap.CodeReadOnly, e.Code)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := inClear
			o.ID = tt.id
			c, err := client.New(t.Context(), pipe(t, func(s *script) {
				s.send(preauth(tt.caps...))
				tt.play(s)
				s.end()
			}), o)
			require.NoError(t, err)
			tt.use(t, c)
			_ = c.Close()
		})
	}
}

func selectInbox(t *testing.T, c *client.Client) *client.Mailbox {
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	return box
}

func selectsInbox(t *testing.T, c *client.Client) { selectInbox(t, c) }
