package client_test

import (
	"context"
	"iter"
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

// What a SEARCH saved, by the flags that the STORE behind it changes, beside a FETCH of all messages: the rows of "$" are known by their
// items alone.
func realSaved(t *testing.T, r real) {
	c, box := r.fill(t, "saved", 20)
	ctx := t.Context()
	saved := imap.SavedResult()
	search := imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchUnseen, imap.SearchUID(imap.UIDRange(5, 14))}}
	if !c.Caps().Has(imap.CapSearchres) {
		_, err := client.Do(ctx, box, search)
		assert.ErrorIs(t, err, imap.ErrCapability)
		assert.ErrorIs(t, last(box.Fetch(ctx, saved, imap.FetchFlags)), imap.ErrCapability)
		return
	}
	save := client.Start(ctx, box, search)
	store := client.StartRows(ctx, box, imap.Store{Set: saved, Change: imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)}})
	envelopes := client.StartRows(ctx, box, imap.Fetch{Set: saved, Items: []imap.FetchAtt{imap.FetchEnvelope}})
	sizes := client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchRFC822Size}})
	uids := func(rows interface {
		All() iter.Seq2[*imap.FetchData, error]
	}) (list []uint32) {
		for m, err := range rows.All() {
			require.NoError(t, err)
			list = append(list, m.UID)
		}
		return list
	}
	half := []uint32{5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	assert.Len(t, uids(sizes), 20)
	assert.Equal(t, half, uids(envelopes))
	assert.Len(t, uids(store), 10)
	_, err := save.Wait(ctx)
	require.NoError(t, err)

	// What is expunged leaves it, and it is nothing after SELECT and after a NO.
	_, err = box.Move(ctx, imap.UIDs(5, 6), "INBOX")
	require.NoError(t, err)
	found, err := box.Search(ctx, imap.SearchSet(saved))
	require.NoError(t, err)
	assert.Equal(t, half[2:], found.Search.IDs)
	search.Charset = "X-NONE"
	_, err = client.Do(ctx, box, search)
	require.ErrorIs(t, err, imap.ErrBadCharset)
	found, err = box.Search(ctx, imap.SearchSet(saved))
	require.NoError(t, err)
	assert.Empty(t, found.Search.IDs)
	all := imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave, imap.ReturnCount}, Keys: []imap.SearchKey{imap.SearchAll}}
	counted, err := client.Do(ctx, box, all)
	require.NoError(t, err)
	assert.Equal(t, uint32(18), counted.Esearch.Count)
	box, err = c.Select(ctx, "saved")
	require.NoError(t, err)
	for range box.Fetch(ctx, saved, imap.FetchFlags) {
		assert.Fail(t, "saved before SELECT")
	}
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
