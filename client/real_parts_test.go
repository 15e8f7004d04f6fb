package client_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// A message of 20 MB streams; with a command in between, appended to another mailbox from itself, part by part, decoded.
func realParts(t *testing.T, r real) {
	_, box := r.fill(t, "parts", 1)
	ctx := t.Context()
	store := newSpill(t)
	c := r.dial(t, func(o *client.Options) { o.UnreadLimit, o.Spill = 1<<20, store.file })
	data := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz.\n", 14<<20/38)
	encoded := wrapped(data)
	header := "From: Ada <ada@example.org>\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
	text := header + "\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n" +
		"--b\r\nContent-Type: application/octet-stream; name=large\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + "--b--\r\n"
	require.Greater(t, len(text), 19_000_000)
	_, err := c.Append(ctx, box.Name(), imap.Message(imap.SourceString(text)))
	require.NoError(t, err)
	copies := r.folder("part copies")
	require.NoError(t, c.Create(ctx, copies))
	box, err = c.Select(ctx, box.Name())
	require.NoError(t, err)
	uid := uint32(0)
	for m, err := range box.Fetch(ctx, box.Newest(1), imap.FetchUID) {
		require.NoError(t, err)
		uid = m.UID
	}

	body := strings.TrimSuffix(encoded, "\r\n") // the line end before a boundary belongs to that
	sections := []imap.FetchAtt{
		imap.FetchBodySection{Peek: true},
		imap.FetchBodySection{Peek: true, Section: imap.Section{Part: []uint32{2}}},
		imap.FetchBodySection{Peek: true, Section: imap.Section{Part: []uint32{1}}},
	}
	wants := map[string]string{"[]": text, "[2]": body, "[1]": "Gr=FC=DFe"}
	for _, way := range []string{"read", "noop first", "passed over", "append"} {
		seen := 0
		for m, err := range box.FetchParts(ctx, imap.UIDs(uid), append(sections, imap.FetchFlags)...) {
			require.NoError(t, err)
			for part, err := range m.Parts() {
				require.NoError(t, err)
				seen++
				name := fmt.Sprint(part.Section.Part)
				want := wants[name]
				require.Equal(t, int64(len(want)), part.Data.Size(), name)
				switch way {
				case "noop first":
					require.NoError(t, c.Noop(ctx))
				case "passed over":
					continue
				case "append":
					if name == "[]" {
						_, err := c.Append(ctx, copies, imap.Message(imap.SourceReader(part.Data, part.Data.Size())))
						require.NoError(t, err)
						continue
					}
				}
				got, err := io.ReadAll(part.Data)
				require.NoError(t, err)
				assert.True(t, want == string(got), "%s of %s", name, way)
			}
			assert.Equal(t, uid, m.UID)
			assert.True(t, m.Has(imap.MsgAttItemFlags))
		}
		assert.Equal(t, 3, seen, way)
	}
	assert.Equal(t, 1, store.files)
	assert.Zero(t, store.size(t))

	for m, err := range box.Fetch(ctx, imap.UIDs(uid), sections...) {
		require.NoError(t, err)
		for _, part := range m.BodyParts() {
			assert.True(t, wants[fmt.Sprint(part.Section.Part)] == part.Data.String())
		}
	}
	for part, want := range map[uint32]string{1: "Grüße", 2: data} {
		d, err := box.Download(ctx, uid, part)
		require.NoError(t, err)
		got, err := io.ReadAll(d)
		require.NoError(t, err)
		assert.True(t, want == string(got), "part %d: %.50q", part, got)
		require.NoError(t, d.Close())
	}

	box, err = c.Select(ctx, copies)
	require.NoError(t, err)
	require.Equal(t, uint32(1), box.Exists())
	for m, err := range box.Fetch(ctx, box.Newest(1), imap.FetchBodySection{Peek: true}) {
		require.NoError(t, err)
		assert.True(t, text == m.BodySection[0].Data.String(), "the copy")
	}
}
