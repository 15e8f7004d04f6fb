package client_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

const kib = 1 << 10

// text gives n octets that tell where they stand.
func text(n int, seed byte) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(i/7+i/1000+int(seed))%26
	}
	return string(b)
}

func asLiteral(s string) string { return fmt.Sprintf("{%d}\r\n%s", len(s), s) }

// A wanted part: the section, and the octets.
func partsOf(t *testing.T, m *client.Message) (names []string, octets []string) {
	t.Helper()
	for part, err := range m.Parts() {
		require.NoError(t, err)
		name := fmt.Sprint(part.Section.Part, part.Section.Specifier)
		if part.Item == imap.MsgAttItemBinarySection {
			name = "binary " + name
		}
		b, err := io.ReadAll(part.Data)
		require.NoError(t, err)
		assert.Equal(t, part.Data.Size(), int64(len(b)))
		names, octets = append(names, name), append(octets, string(b))
	}
	return names, octets
}

func TestFetchParts(t *testing.T) {
	long, longer, short := text(200*kib, 1), text(300*kib, 2), text(100, 3)
	c, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1:4 (BODY.PEEK[] BODY.PEEK[1])")
		s.send("* 1 FETCH (UID 1 BODY[] "+asLiteral(long)+" FLAGS (\\Seen) BODY[1] "+asLiteral(short)+" BINARY[2] "+asLiteral(longer)+" BODY[3] NIL)",
			"* 2 FETCH (BODY[1] "+asLiteral(short)+" BODY[] "+asLiteral(longer)+" UID 2)",
			"* 3 FETCH (UID 3 BODY[] "+asLiteral(short)+" BODY[1] \"\")",
			"* 4 FETCH (UID 4 BODY[] "+asLiteral(long)+" BODY[1] "+asLiteral(longer)+")",
			tag+" OK done")
		s.ok("NOOP")
		s.end()
	})
	var uids []uint32
	for m, err := range box.FetchParts(t.Context(), imap.UIDRange(1, 4), imap.FetchBodySection{Peek: true},
		imap.FetchBodySection{Peek: true, Section: imap.Section{Part: []uint32{1}}}) {
		require.NoError(t, err)
		switch m.Seq {
		case 1:
			assert.Equal(t, uint32(1), m.UID)
			assert.False(t, m.Has(imap.MsgAttItemFlags), "it is behind the body")
			names, octets := partsOf(t, m)
			assert.Equal(t, []string{"[]", "[1]", "binary [2]", "[3]"}, names)
			assert.True(t, long == octets[0] && short == octets[1] && longer == octets[2])
			assert.True(t, m.Flags.Has(imap.FlagSeen), "all has come")
			assert.Nil(t, m.BodySection[2].Data)
		case 2:
			assert.Zero(t, m.UID)
			names, octets := partsOf(t, m)
			assert.Equal(t, []string{"[1]", "[]"}, names)
			assert.True(t, short == octets[0] && longer == octets[1])
			assert.Equal(t, uint32(2), m.UID)
		case 3:
			_, octets := partsOf(t, m)
			assert.Equal(t, []string{short, ""}, octets)
		case 4:
			// Nothing is read: it is passed over.
		}
		uids = append(uids, m.UID)
	}
	assert.Equal(t, []uint32{1, 2, 3, 4}, uids)
	require.NoError(t, c.Noop(t.Context()))
	require.NoError(t, c.Close())
}

// TestCloneOfParts: the clone of a message waits for the body that streams, and takes it from nobody.
func TestCloneOfParts(t *testing.T) {
	long := text(200*kib, 1)
	_, box := inbox(t, func(s *script) {
		tag := s.want("UID FETCH 1 BODY.PEEK[]")
		s.send("* 1 FETCH (UID 1 BODY[] "+asLiteral(long)+" FLAGS (\\Seen))", tag+" OK done")
		s.end()
	})
	var kept *imap.FetchData
	for m, err := range box.FetchParts(t.Context(), imap.UIDs(1), imap.FetchBodySection{Peek: true}) {
		require.NoError(t, err)
		for part, err := range m.Parts() {
			require.NoError(t, err)
			kept = m.Clone()
			b, err := io.ReadAll(part.Data)
			require.NoError(t, err)
			assert.True(t, long == string(b))
		}
		assert.False(t, kept.Has(imap.MsgAttItemFlags), "they came later")
	}
	assert.True(t, long == kept.BodySection[0].Data.String())
}
