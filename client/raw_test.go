package client_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

func TestRaw(t *testing.T) {
	tests := []struct {
		name string
		args []client.RawArg
		want string // on the wire
	}{
		{"XFOO", nil, "XFOO"},
		{"UID XFOO", []client.RawArg{client.RawSet(imap.UIDs(1, 2, 5))}, "UID XFOO 1:2,5"},
		{"XFOO", []client.RawArg{client.RawAtom("BAR"), client.RawString("a b"), client.RawNumber(7)}, `XFOO BAR "a b" 7`},
		{"XFOO", []client.RawArg{client.RawAstring("plain"), client.RawAstring("not plain"), client.RawString("plain")}, `XFOO plain "not plain" "plain"`},
		{"XFOO", []client.RawArg{client.RawList{client.RawFlag(imap.FlagSeen), client.RawList{}, client.RawList{client.RawAtom("NIL")}}}, `XFOO (\Seen () (NIL))`},
		{"XFOO", []client.RawArg{client.RawMailbox("Entwürfe"), client.RawSecret("open sesame")}, `XFOO Entw&APw-rfe "open sesame"`},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			c := session(t, func(s *script) {
				s.ok(test.want)
				s.end()
			})
			_, err := c.Raw(t.Context(), test.name, test.args...)
			assert.NoError(t, err)
			assert.NoError(t, c.Close())
		})
	}
}

func TestRawResult(t *testing.T) {
	var trace record
	o := inClear
	o.Trace = &trace
	nc := pipe(t, func(s *script) {
		s.send(preauth())
		tag := s.want(`XQUOTA "s3cr3t"`)
		s.send("* XQUOTA one (two 3)", "* 3 EXISTS", "* 4 XTRA", tag+" OK [XCODE 7] done")
		s.send(s.want("XQUOTA") + " NO")
		s.end()
	})
	c, err := client.New(t.Context(), nc, o)
	require.NoError(t, err)
	res, err := c.Raw(t.Context(), "XQUOTA", client.RawSecret("s3cr3t"))
	require.NoError(t, err)
	require.Len(t, res.Data, 2)
	assert.Equal(t, "XQUOTA", res.Data[0].Name)
	assert.Equal(t, "one (two 3)", string(res.Data[0].Raw))
	assert.Equal(t, uint32(4), res.Data[1].Number)
	assert.Equal(t, "done", res.Text)
	require.IsType(t, imap.CodeOther{}, res.Code)
	assert.Equal(t, "7", res.Code.(imap.CodeOther).Text)
	_, err = c.Raw(t.Context(), "XQUOTA")
	assert.ErrorContains(t, err, "XQUOTA")
	assert.NoError(t, c.Close())
	assertNoSecret(t, trace.String())
}

// Nothing that an argument holds ends the command, and what cannot be written is refused before an octet is.
func TestRawRefuses(t *testing.T) {
	tests := []struct {
		name string
		cmd  string
		arg  client.RawArg
	}{
		{"atom with CR LF", "XFOO", client.RawAtom("a\r\nA1 DELETE INBOX")},
		{"atom with a blank", "XFOO", client.RawAtom("a b")},
		{"empty atom", "XFOO", client.RawAtom("")},
		{"literal in an atom", "XFOO", client.RawAtom("{10}")},
		{"string with NUL", "XFOO", client.RawString("a\x00b")},
		{"secret with NUL", "XFOO", client.RawSecret("a\x00b")},
		{"flag with CR LF", "XFOO", client.RawFlag("a\r\nb")},
		{"flag with a parenthesis", "XFOO", client.RawFlag(`\Seen)`)},
		{"empty set", "XFOO", client.RawSet(imap.NumSet{})},
		{"in a list", "XFOO", client.RawList{client.RawList{client.RawAtom("a\r\nb")}}},
		{"nil", "XFOO", nil},
		{"nil in a list", "XFOO", client.RawList{nil}},
		{"name with CR LF", "XFOO\r\nA1 DELETE", client.RawAtom("INBOX")},
		{"no name", "", client.RawAtom("x")},
		{"two blanks in the name", "UID  XFOO", client.RawAtom("x")},
		{"literal in the name", "XFOO {3}", client.RawAtom("x")},
	}
	c := session(t, func(s *script) {
		s.ok("NOOP")
		s.end()
	})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.Raw(t.Context(), test.cmd, test.arg)
			require.Error(t, err)
			assert.False(t, strings.ContainsAny(err.Error(), "\r\n\x00"), "%q", err)
		})
	}
	for _, name := range []string{"STARTTLS", "login", "enable", "Select", "IDLE", "AUTHENTICATE", "COMPRESS", "LOGOUT", "CLOSE", "UNSELECT"} {
		_, err := c.Raw(t.Context(), name)
		assert.ErrorIs(t, err, client.ErrOwnMethod, name)
	}
	assert.NoError(t, c.Noop(t.Context()))
	assert.NoError(t, c.Close())
}

func TestRawLiteral(t *testing.T) {
	c := session(t, func(s *script) {
		tag := s.want("XFOO {18}")
		s.send("+ more")
		s.wantLine("x")
		s.wantLine("A1 DELETE INBOX BAR") // the literal's last line, and the next argument
		s.send(tag + " OK done")
		s.end()
	})
	_, err := c.Raw(t.Context(), "XFOO", client.RawString("x\r\nA1 DELETE INBOX"), client.RawAtom("BAR"))
	assert.NoError(t, err)
	assert.NoError(t, c.Close())
}

// A server with LITERAL+ that does not know the command would read the octets of {n+} as commands, so its "+" is waited for.
func TestRawNeverSendsALiteralUnasked(t *testing.T) {
	texts := []string{"x\r\nA1 DELETE INBOX", "A1 DELETE Entwürfe", strings.Repeat("x", 2000)}
	for _, capability := range []string{"LITERAL+", "LITERAL-"} {
		t.Run(capability, func(t *testing.T) {
			c := session(t, func(s *script) {
				for _, text := range texts {
					s.send(s.want("XFOO {"+strconv.Itoa(len(text))+"}") + " BAD what")
				}
				s.ok(`XFOO "plain"`)
				s.end()
			}, capability)
			for _, text := range texts {
				_, err := c.Raw(t.Context(), "XFOO", client.RawString(text))
				assert.ErrorContains(t, err, "BAD")
			}
			_, err := c.Raw(t.Context(), "XFOO", client.RawString("plain"))
			assert.NoError(t, err)
			assert.NoError(t, c.Close())
		})
	}
}

// A vendor's command on a mailbox, by number: it runs alone.
func TestRawOnAMailbox(t *testing.T) {
	c, box := inbox(t, func(s *script) {
		tag := s.want("XMARK 9:10")
		s.send("* 1 EXPUNGE", tag+" OK")
		s.end()
	})
	set := box.Newest(2)
	_, err := client.Do(t.Context(), box, client.RawCommand{Name: "XMARK", Args: []client.RawArg{client.RawSet(set)}})
	assert.NoError(t, err)
	_, err = client.Do(t.Context(), box, client.RawCommand{Name: "XMARK", Args: []client.RawArg{client.RawList{client.RawSet(set)}}})
	assert.ErrorIs(t, err, client.ErrStaleNumbers)
	assert.NoError(t, c.Close())
}
