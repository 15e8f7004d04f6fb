package client_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// A body that must not be read into memory costs the command its rows, not the connection. The error comes before the body does, which is
// not kept.
func TestBodyBeyondTheLimit(t *testing.T) {
	const size = 48 << 20
	fits, long := text(600*kib, 1), text(100, 2)
	for _, tt := range []struct {
		name  string
		begin string // of the row: then the body comes, and the rest of the row
		size  int64  // of the body
	}{
		{"body", "* 2 FETCH (UID 2 BODY[] ", size},
		{"two that are too long together", "* 2 FETCH (UID 2 BODY[] " + asLiteral(fits) + " BODY[1] ", 600 * kib},
		{"body that was not asked for, in a row that was", "* 2 FETCH (UID 2 BODY[] " + asLiteral(long) + " BODY[2] ", size},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c *client.Client
			failed := make(chan struct{})
			c = sessionWith(t, client.Options{Limits: imap.Limits{Literal: mib}}, func(s *script) {
				s.selected("INBOX", 10)
				tag := s.want(fetchAll)
				s.send(message(1, fits))
				s.sendRaw(fmt.Sprintf("%s{%d}\r\n", tt.begin, tt.size))
				<-failed
				s.sendOctets(tt.size)
				s.send(" FLAGS ())", message(3, fits), tag+" OK done")
				s.ok("UID FETCH 4 BODY.PEEK[]", message(4, fits))
				s.end()
			})
			box, err := c.Select(t.Context(), "INBOX")
			require.NoError(t, err)
			_, before := heap()
			var uids []uint32
			for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 0), imap.FetchUID, peek) {
				if err == nil {
					uids = append(uids, m.UID)
					continue
				}
				limit := new(wire.LimitError)
				require.ErrorAs(t, err, &limit)
				assert.Equal(t, wire.LimitError{What: "literal", Limit: mib}, *limit)
				assert.EqualError(t, err, fmt.Sprintf("FETCH: a body of %d octets can be had from FetchParts, or with another Limits.Literal: literal is longer than 1048576 octets", tt.size))
				close(failed)
			}
			assert.Equal(t, []uint32{1}, uids)
			for m, err := range box.Fetch(t.Context(), imap.UIDs(4), peek) {
				require.NoError(t, err)
				assert.True(t, fits == m.BodySection[0].Data.String())
			}
			_, ever := heap()
			assert.Less(t, ever-before, uint64(size), "with what the script allocates")
			require.NoError(t, c.Close())
		})
	}
}

// A body without end keeps nobody from leaving, and is not kept.
func TestEndlessBodyBeyondTheLimit(t *testing.T) {
	o := inClear
	o.Limits = tight
	assertHeld(t, 16*mib, func() {
		came := make(chan struct{})
		c := sessionWith(t, o, func(s *script) {
			s.selected("INBOX", 10)
			s.want(fetchAll)
			s.octets("* 1 FETCH (UID 1 BODY[] {4611686018427387904}\r\n")
			assert.True(s.t, s.flood("x", 64*mib))
			close(came)
			s.flood("x", 1<<40)
		})
		box, err := c.Select(t.Context(), "INBOX")
		require.NoError(t, err)
		for _, err := range box.Fetch(t.Context(), imap.UIDRange(1, 0), imap.FetchUID, peek) {
			assert.ErrorContains(t, err, "FetchParts")
		}
		<-came
		assert.NoError(t, c.Close())
	})
}

// The limit is not that of bodies that stream, nor of those that nobody keeps.
func TestBodyBeyondTheLimitIsNotKept(t *testing.T) {
	long := text(2*mib, 1)
	flow(t, client.Options{Limits: imap.Limits{Literal: mib}}, func(s *script) {
		s.ok(fetchAll, message(1, long))
		s.ok(fetchAll, message(1, long), message(2, long))
		s.end()
	}, func(t *testing.T, _ *client.Client, box *client.Mailbox) {
		for m, err := range fetchParts(t.Context(), box).All() {
			require.NoError(t, err)
			_, octets := partsOf(t, m)
			require.Len(t, octets, 1)
			assert.True(t, long == octets[0])
		}
		_, err := client.Do(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, peek}})
		require.NoError(t, err)
	})
}

// Of two commands in flight only the UID tells whose the body is, which comes after it.
func TestBodyBeyondTheLimitOfTwo(t *testing.T) {
	fits, long := text(600*kib, 1), text(2*mib, 2)
	for _, limit := range []int64{0, 1} {
		flow(t, client.Options{Limits: imap.Limits{Literal: mib}, UnreadLimit: limit}, func(s *script) {
			a := s.want("UID FETCH 1 BODY.PEEK[]")
			b := s.want("UID FETCH 2 BODY.PEEK[]")
			s.send("* 2 FETCH (BODY[] "+asLiteral(long)+" UID 2)", "* 1 FETCH (BODY[] "+asLiteral(fits)+" UID 1)", a+" OK", b+" OK")
			s.end()
		}, func(t *testing.T, _ *client.Client, box *client.Mailbox) {
			a := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{peek}})
			b := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDs(2), Items: []imap.FetchAtt{peek}})
			n := 0
			for _, err := range b.All() {
				assert.ErrorContains(t, err, "FetchParts")
				n++
			}
			for m, err := range a.All() {
				require.NoError(t, err)
				assert.True(t, fits == m.BodySection[0].Data.String())
				n++
			}
			assert.Equal(t, 2, n)
			_, err := b.Result()
			require.NoError(t, err)
		})
	}
}
