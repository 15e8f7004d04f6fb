package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

func realInFlight(t *testing.T, r real) {
	c, box := r.fill(t, "flight", 20)
	ctx := t.Context()
	first := client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDRange(1, 10), Items: []imap.FetchAtt{imap.FetchEnvelope}})
	second := client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDRange(11, 20), Items: []imap.FetchAtt{imap.FetchEnvelope}})
	status := client.Start(ctx, c, imap.Status{Mailbox: "INBOX", Items: []imap.StatusAtt{imap.StatusMessages}})
	check := func(rows *client.Rows[*imap.FetchData, *imap.FetchResult], from uint32) {
		n := uint32(0)
		for m, err := range rows.All() {
			require.NoError(t, err)
			assert.Equal(t, from+n, m.UID)
			n++
		}
		assert.Equal(t, uint32(10), n)
	}
	check(second, 11)
	check(first, 1)
	_, err := status.Wait(ctx)
	assert.NoError(t, err)

	n := 0
	for m, err := range box.Fetch(ctx, imap.UIDRange(1, 20), imap.FetchBodySection{Peek: true}) {
		require.NoError(t, err)
		n++
		require.NoError(t, c.Noop(ctx))
		for l, err := range box.Fetch(ctx, imap.UIDs(m.UID), imap.FetchFlags) {
			require.NoError(t, err)
			assert.Equal(t, m.UID, l.UID)
		}
	}
	assert.Equal(t, 20, n)
	for range box.Fetch(ctx, imap.UIDRange(1, 20), imap.FetchBodySection{Peek: true}) {
		break
	}
	assert.NoError(t, c.Noop(ctx))
}

func realCancellation(t *testing.T, r real) {
	c, box := r.fill(t, "cancelled", 20)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, last = range box.Fetch(ctx, imap.UIDRange(1, 20), imap.FetchBodySection{Peek: true}) {
		cancel()
	}
	// The command may have been done before it was cancelled.
	if last != nil {
		assert.ErrorIs(t, last, context.Canceled)
	}
	assert.ErrorIs(t, c.Noop(ctx), context.Canceled)
	assert.NoError(t, c.Noop(t.Context()))
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		p := client.Start(ctx, box, imap.Search{Keys: []imap.SearchKey{imap.SearchAll}})
		cancel()
		// It may have been done before.
		if _, err := p.Wait(t.Context()); err != nil {
			assert.ErrorIs(t, err, context.Canceled)
		}
	}
	found, err := box.Search(t.Context(), imap.SearchAll)
	require.NoError(t, err)
	assert.Len(t, found.Search.IDs, 20)
}
