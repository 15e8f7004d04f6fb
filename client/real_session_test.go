package client_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

func realLogin(t *testing.T, r real) {
	plain := client.SASL(client.Plain("", r.User, r.Password))
	for _, url := range []string{"imap://" + r.Addr, "imaps://" + r.TLSAddr} {
		for name, auth := range map[string]client.Auth{"password": client.Password(r.User, r.Password), "PLAIN": plain} {
			var trace record
			c, err := client.Dial(t.Context(), url, client.Options{TLS: r.TLSConfig(), Auth: auth, Trace: &trace})
			require.NoError(t, err, "%s %s", url, name)
			_, ok := c.TLS()
			assert.True(t, ok)
			assert.Equal(t, conn.StateAuthenticated, c.State())
			assert.True(t, c.Caps().Has(imap.CapIMAP4rev1))
			assert.NoError(t, c.Logout(t.Context()))
			assert.NotContains(t, trace.String(), b64("\x00"+r.User+"\x00"+r.Password))
			assert.NotContains(t, trace.String(), `"`+r.Password+`"`)
		}
		c, err := client.Dial(t.Context(), url, client.Options{TLS: r.TLSConfig()})
		require.NoError(t, err)
		require.NoError(t, c.Login(t.Context(), r.User, r.Password))
		assert.NoError(t, c.Noop(t.Context()))
		assert.NoError(t, c.Logout(t.Context()))
	}
	_, err := client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: r.TLSConfig(), Auth: client.Password(r.User, "wrong")})
	var e *imap.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, conn.ConditionNO, e.Type)
}

func realSession(t *testing.T, r real) {
	c, box := r.fill(t, "Entwürfe", 5)
	ctx := t.Context()

	var names []string
	for l, err := range c.List(ctx, "", "*") {
		require.NoError(t, err)
		names = append(names, l.Mailbox)
	}
	assert.Contains(t, names, "INBOX")
	assert.Contains(t, names, r.folder("Entwürfe"))

	st, err := c.Status(ctx, r.folder("Entwürfe"), imap.StatusMessages, imap.StatusUIDNext)
	require.NoError(t, err)
	assert.Equal(t, uint32(5), st.Status.Messages)
	if box.UIDNext() != 0 { // Courier does not tell
		assert.Equal(t, box.UIDNext(), st.Status.UIDNext)
	}

	var uids []uint32
	for m, err := range box.Fetch(ctx, box.Newest(3), imap.FetchUID, imap.FetchEnvelope, imap.FetchRFC822Size, imap.FetchInternalDate, imap.FetchFlags) {
		require.NoError(t, err)
		uids = append(uids, m.UID)
		assert.Equal(t, fmt.Sprintf("Grüße %d", m.Seq), m.Envelope.Subject.String())
		assert.Equal(t, "example.org", m.Envelope.From[0].Host.String())
		assert.Equal(t, uint64(len(letter(int(m.Seq)))), m.Size)
		assert.WithinDuration(t, time.Now(), m.InternalDate, time.Minute)
		assert.Empty(t, m.Warnings())
	}
	require.Len(t, uids, 3)

	found, err := box.Search(ctx, imap.SearchNot{Key: imap.SearchSeen}, imap.SearchSubject("Grüße 4"))
	if assert.NoError(t, err) {
		assert.Equal(t, uids[1:2], found.Search.IDs)
	}
	found, err = box.Search(ctx, imap.SearchHeader{Field: "Message-ID", Text: "5@example.org"})
	require.NoError(t, err)
	assert.Equal(t, uids[2:], found.Search.IDs)

	rows, err := box.Store(ctx, imap.UIDs(uids...), imap.StoreFlags{Op: "+", Flags: imap.NewFlags(imap.FlagFlagged)})
	require.NoError(t, err)
	require.Len(t, rows, 3)
	for _, m := range rows {
		assert.True(t, m.Flags.Has(imap.FlagFlagged))
	}

	require.NoError(t, c.Create(ctx, r.folder("copies")))
	copied, err := box.Copy(ctx, imap.UIDs(uids...), r.folder("copies"))
	require.NoError(t, err)
	require.NotNil(t, copied.CopyUID)
	assert.Equal(t, uint64(3), copied.CopyUID.Dest.Count())

	_, err = box.Store(ctx, imap.UIDs(uids...), imap.StoreFlags{Op: "+", Silent: true, Flags: imap.NewFlags(imap.FlagDeleted)})
	require.NoError(t, err)
	_, err = box.UIDExpunge(ctx, imap.UIDs(uids[0]))
	require.NoError(t, err)
	assert.Equal(t, uint32(4), box.Exists())
	gone, err := box.Expunge(ctx)
	require.NoError(t, err)
	assert.Len(t, gone, 2)
	assert.Equal(t, uint32(2), box.Exists())

	require.NoError(t, box.Unselect(ctx))
	assert.Equal(t, conn.StateAuthenticated, c.State())
	require.NoError(t, c.Rename(ctx, r.folder("copies"), r.folder("Kopien & mehr")))
	require.NoError(t, c.Delete(ctx, r.folder("Kopien & mehr")))
	_, err = c.Select(ctx, r.folder("Kopien & mehr"))
	var e *imap.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, conn.ConditionNO, e.Type)
	assert.NoError(t, c.Logout(ctx))
}

// Messages of all sizes come back as they went, with and without LITERAL+ (Courier has none).
func realBodies(t *testing.T, r real) {
	c, box := r.fill(t, "bodies", 0)
	ctx := t.Context()
	date := time.Date(2001, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
	for _, size := range []int{0, 100, 4096, 5000, 100_000, 3_000_000} {
		text := "Subject: large\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", size/18)
		_, err := client.Do(ctx, c, imap.Append{
			Mailbox: box.Name(),
			Messages: []imap.AppendMessage{{
				Flags: imap.NewFlags(imap.FlagSeen, "$Parley"),
				Date:  date,
				Data:  imap.AppendLiteral(imap.SourceReader(strings.NewReader(text), int64(len(text)))),
			}},
		})
		require.NoError(t, err)
		require.NoError(t, c.Noop(ctx))
		n := 0
		for m, err := range box.Fetch(ctx, box.Newest(1), imap.FetchBodySection{Peek: true}, imap.FetchFlags, imap.FetchInternalDate) {
			require.NoError(t, err)
			n++
			require.Len(t, m.BodySection, 1)
			assert.Equal(t, int64(len(text)), m.BodySection[0].Data.Size())
			assert.True(t, m.BodySection[0].Data.String() == text, "%d octets are not those sent", size)
			assert.True(t, m.Flags.Has("$parley"))
			assert.True(t, date.Equal(m.InternalDate), "%v", m.InternalDate)
		}
		assert.Equal(t, 1, n)
	}
	for m, err := range box.Fetch(ctx, box.Newest(1), imap.FetchBodySection{
		Peek: true, Section: imap.Section{Specifier: imap.SectionText}, Partial: &imap.Partial{Offset: 16, Count: 4}}) {
		require.NoError(t, err)
		assert.Equal(t, "\r\n01", m.BodySection[0].Data.String())
	}
}

func realIdle(t *testing.T, r real) {
	c, box := r.fill(t, "idle", 1)
	other := r.dial(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	appended := make(chan error, 1)
	appendOne := func() {
		_, err := other.Append(ctx, box.Name(), imap.Message(imap.SourceString(letter(9))))
		appended <- err
	}
	go appendOne()
	var pushes int
	for ev, err := range c.Idle(ctx) {
		require.NoError(t, err)
		exists, ok := ev.(*imap.ExistsData)
		if !ok || exists.Count < uint32(2+pushes) {
			continue
		}
		pushes++
		require.NoError(t, <-appended)
		if pushes == 2 {
			break
		}
		// A command interrupts IDLE, which resumes.
		n := 0
		for m, err := range box.Fetch(ctx, box.Range(exists.Count, exists.Count), imap.FetchEnvelope) {
			require.NoError(t, err)
			assert.Equal(t, "Grüße 9", m.Envelope.Subject.String())
			n++
		}
		assert.Equal(t, 1, n)
		go appendOne()
	}
	assert.Equal(t, 2, pushes)
	assert.Equal(t, uint32(3), box.Exists())
}

func realCompress(t *testing.T, r real) {
	c := r.dial(t, func(o *client.Options) { o.Compress = true })
	if !c.Caps().Has(imap.CapCompressDeflate) {
		assert.ErrorIs(t, c.Compress(t.Context()), conn.ErrCapability)
		return
	}
	assert.ErrorIs(t, c.Compress(t.Context()), conn.ErrState, "it is on")
	text := "Subject: deflated\r\n\r\n" + strings.Repeat("the same again\r\n", 50_000)
	name := r.folder("compressed")
	require.NoError(t, c.Create(t.Context(), name))
	_, err := c.Append(t.Context(), name, imap.Message(imap.SourceString(text)))
	require.NoError(t, err)
	box, err := c.Select(t.Context(), name)
	require.NoError(t, err)
	for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 0), imap.FetchBodySection{}) {
		require.NoError(t, err)
		assert.True(t, m.BodySection[0].Data.String() == text)
	}
	assert.NoError(t, c.Logout(t.Context()))
}

// Dovecot's own binary speaks on stdin and stdout, and greets with PREAUTH.
func realCommand(t *testing.T, r real) {
	c, err := client.DialCommand(t.Context(), exec.Command("doveadm", "-c", filepath.Join(r.Dir, "dovecot.conf"), "exec", "imap", "-u", r.User), client.Options{})
	require.NoError(t, err)
	defer c.Close()
	assert.Equal(t, conn.ConditionPREAUTH, c.Greeting().Type)
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	assert.NoError(t, box.Check(t.Context()))
	assert.NoError(t, c.Logout(t.Context()))
}
