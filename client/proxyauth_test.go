package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// TestProxyAuth goes on as other users: what the server can do for the one before does not count any more, whether it says so in its
// answer or has to be asked.
func TestProxyAuth(t *testing.T) {
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(preauth("X-NETSCAPE", "IDLE"))
		s.ok("PROXYAUTH ada")
		s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 X-NETSCAPE ID")
		s.send(s.want("PROXYAUTH bob") + " OK [CAPABILITY IMAP4rev1 X-NETSCAPE QUOTA] bob it is")
		s.send(s.want("PROXYAUTH eve") + " NO not eve")
		s.selected("INBOX", 3)
		s.end()
	}), inClear)
	require.NoError(t, err)
	require.NoError(t, c.ProxyAuth(t.Context(), "ada"))
	assert.Equal(t, "IMAP4rev1 X-NETSCAPE ID", c.Caps().String())
	require.NoError(t, c.ProxyAuth(t.Context(), "bob"))
	assert.Equal(t, "IMAP4rev1 X-NETSCAPE QUOTA", c.Caps().String())
	var e *imap.Error
	require.ErrorAs(t, c.ProxyAuth(t.Context(), "eve"), &e)
	assert.Equal(t, "not eve", e.Text)
	assert.True(t, c.Caps().Has(imap.CapQuota), "it is still bob")
	selectInbox(t, c)
	require.ErrorIs(t, c.ProxyAuth(t.Context(), "ada"), imap.ErrState, "a mailbox is selected")
	_, err = c.Raw(t.Context(), "PROXYAUTH", client.RawAstring("ada"))
	require.ErrorIs(t, err, client.ErrOwnMethod)
	require.NoError(t, c.Close())
}
