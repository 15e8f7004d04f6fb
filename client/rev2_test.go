package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// TestOnlyRev2: a server that knows nothing else is taken at its word (imaplib2 refuses it). Names are sent in UTF-8, and the commands
// that IMAP4rev2 has lost as those that it has for them: Exchange answers LSUB with BAD there.
func TestOnlyRev2(t *testing.T) {
	nc := pipe(t, func(s *script) {
		s.send("* PREAUTH [CAPABILITY IMAP4rev2] hello")
		s.ok(`CREATE "Entwürfe"`)
		s.ok(`LIST (SUBSCRIBED) "" *`, `* LIST (\Subscribed) "/" INBOX`, `* LIST (\Subscribed \NonExistent) "/" "Entwürfe"`)
		s.selected("INBOX", 3)
		s.ok("NOOP", "* 4 EXISTS")
		s.end()
	})
	c, err := client.New(t.Context(), nc, inClear)
	require.NoError(t, err)
	assert.Equal(t, client.IMAP4rev2, c.Protocol())
	require.NoError(t, c.Create(t.Context(), "Entwürfe"))
	var names []string
	for m, err := range c.Lsub(t.Context(), "", "*") {
		require.NoError(t, err)
		assert.Contains(t, m.Attrs, imap.MailboxSubscribed)
		names = append(names, m.Mailbox)
	}
	assert.Equal(t, []string{"INBOX", "Entwürfe"}, names)
	box := selectInbox(t, c)
	require.NoError(t, box.Check(t.Context()))
	assert.Equal(t, uint32(4), box.Exists())
	require.NoError(t, c.Close())
}

// TestBothRevisions: a server that has both speaks IMAP4rev1 until IMAP4rev2 is enabled (RFC 9051 section 6.3.1).
func TestBothRevisions(t *testing.T) {
	nc := pipe(t, func(s *script) {
		s.send(preauth("ENABLE", "IMAP4rev2"))
		s.ok(`LSUB "" *`, `* LSUB () "/" INBOX`)
		s.ok("ENABLE IMAP4rev2", "* ENABLED IMAP4rev2")
		s.ok(`LIST (SUBSCRIBED) "" *`, `* LIST (\Subscribed) "/" INBOX`)
		s.end()
	})
	c, err := client.New(t.Context(), nc, inClear)
	require.NoError(t, err)
	for _, want := range []client.Protocol{client.IMAP4rev1, client.IMAP4rev2} {
		assert.Equal(t, want, c.Protocol())
		n := 0
		for m, err := range c.Lsub(t.Context(), "", "*") {
			require.NoError(t, err)
			assert.Equal(t, "INBOX", m.Mailbox)
			n++
		}
		assert.Equal(t, 1, n)
		if want == client.IMAP4rev1 {
			_, err = c.Enable(t.Context(), "IMAP4rev2")
			require.NoError(t, err)
		}
	}
	assert.Equal(t, "IMAP4rev2", c.Protocol().String())
	require.NoError(t, c.Close())
}
