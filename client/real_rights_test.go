package client_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
)

// realRights gives rights on a mailbox to somebody, and takes them away again (RFC 4314).
func realRights(t *testing.T, r real) {
	c, box := r.fill(t, "rights", 1)
	if !c.Caps().Has(imap.CapACL) {
		_, err := c.MyRights(t.Context(), box.Name())
		require.ErrorIs(t, err, imap.ErrCapability)
		t.Skip("the server has no ACL")
	}
	mine, err := c.MyRights(t.Context(), box.Name())
	require.NoError(t, err)
	assert.Contains(t, mine.MyRights.Rights, "a")

	who := "anyone"
	if r.Kind == servers.KindDovecot {
		who = "bob" // it lets administrators alone give rights to anyone
	}
	rights := func(who string) string {
		list, err := c.GetACL(t.Context(), box.Name())
		require.NoError(t, err)
		for _, e := range list.ACL.Entries {
			if e.Identifier == who {
				return e.Rights
			}
		}
		return ""
	}
	require.NoError(t, c.SetACL(t.Context(), box.Name(), who, "lr"))
	require.NoError(t, c.SetACL(t.Context(), box.Name(), who, "+s"))
	require.NoError(t, c.SetACL(t.Context(), box.Name(), who, "-r"))
	assert.ElementsMatch(t, []rune("ls"), []rune(rights(who)))
	can, err := c.ListRights(t.Context(), box.Name(), who)
	require.NoError(t, err)
	assert.Equal(t, who, can.ListRights.Identifier)
	assert.Contains(t, can.ListRights.Optional, "r")
	require.NoError(t, c.DeleteACL(t.Context(), box.Name(), who))
	assert.Empty(t, rights(who))
}

// realQuota asks what limits there are (RFC 9208).
func realQuota(t *testing.T, r real) {
	c, box := r.fill(t, "quota", 1)
	if !c.Caps().Has(imap.CapQuota) {
		t.Skip("the server has no QUOTA")
	}
	rows := client.StartRows(t.Context(), c, imap.GetQuotaRoot{Mailbox: box.Name()})
	var quotas []*imap.QuotaData
	for q, err := range rows.All() {
		require.NoError(t, err)
		quotas = append(quotas, q)
	}
	roots, err := rows.Result()
	require.NoError(t, err)
	assert.Equal(t, box.Name(), roots.QuotaRoot.Mailbox)
	assert.Len(t, quotas, len(roots.QuotaRoot.Roots))
	for _, q := range quotas {
		one, err := c.GetQuota(t.Context(), q.Root)
		if r.Kind == servers.KindCyrus {
			require.ErrorContains(t, err, "Permission denied") // it answers administrators alone
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, q.Root, one.Quota.Root)
		assert.Equal(t, q.Resources, one.Quota.Resources)
	}
}
