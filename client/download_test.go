package client_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

func TestDownload(t *testing.T) {
	binary := text(300*kib, 9)
	for _, tt := range []struct {
		name, mime string
		octets     string
		want       string
		charset    string
	}{
		{"plain", `"TEXT" "PLAIN" NIL NIL NIL "7BIT"`, "hello\r\n", "hello\r\n", "utf-8"},
		{"quoted-printable in Latin-1", `"TEXT" "PLAIN" ("CHARSET" "ISO-8859-1") NIL NIL "QUOTED-PRINTABLE"`, "caf=E9 =\r\nau lait", "café au lait", "utf-8"},
		{"base64 in Shift_JIS", `"TEXT" "HTML" ("charset" "shift_jis") NIL NIL "base64"`, " " + wrapped("\x93\xfa\x96\x7b\x8c\xea"), "日本語", "utf-8"},
		{"long base64", `"APPLICATION" "ZIP" ("NAME" "a.zip") NIL NIL "BASE64"`, wrapped(binary), binary, ""},
		{"8-bit that is no text", `"IMAGE" "X" ("CHARSET" "ISO-8859-1") NIL NIL "8BIT"`, "\xe9", "\xe9", ""},
		{"a character set that is not known", `"TEXT" "PLAIN" ("CHARSET" "x-Mine") NIL NIL "8BIT"`, "\xe9", "\xe9", "x-mine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, box := inbox(t, func(s *script) {
				s.ok("UID FETCH 7 BODYSTRUCTURE", fmt.Sprintf("* 3 FETCH (UID 7 BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)(%s %d%s) \"MIXED\"))",
					tt.mime, len(tt.octets), map[bool]string{true: " 1"}[strings.HasPrefix(tt.mime, `"TEXT"`)]))
				s.ok("UID FETCH 7 BODY.PEEK[2]", "* 3 FETCH (UID 7 BODY[2] "+asLiteral(tt.octets)+")")
				s.ok("NOOP")
				s.end()
			})
			d, err := box.Download(t.Context(), 7, 2)
			require.NoError(t, err)
			got, err := io.ReadAll(d)
			require.NoError(t, err)
			assert.True(t, tt.want == string(got), "%.100q", got)
			assert.Equal(t, tt.charset, d.Charset)
			assert.Equal(t, uint64(len(tt.octets)), d.Part.Octets)
			require.NoError(t, d.Close())
			require.NoError(t, c.Noop(t.Context()))
			require.NoError(t, c.Close())
		})
	}
}

// wrapped gives base64 in lines, as mail has it.
func wrapped(s string) string {
	var b strings.Builder
	for all := base64.StdEncoding.EncodeToString([]byte(s)); all != ""; {
		n := min(76, len(all))
		b.WriteString(all[:n] + "\r\n")
		all = all[n:]
	}
	return b.String()
}

func TestDownloadErrors(t *testing.T) {
	const structure = `* 3 FETCH (UID 7 BODYSTRUCTURE ("APPLICATION" "X" NIL NIL NIL "X-UUENCODE" 5))`
	t.Run("no message", func(t *testing.T) {
		_, box := inbox(t, func(s *script) {
			s.ok("UID FETCH 7 BODYSTRUCTURE")
			s.end()
		})
		_, err := box.Download(t.Context(), 7, 1)
		require.ErrorIs(t, err, client.ErrNoPart)
	})
	t.Run("no part", func(t *testing.T) {
		_, box := inbox(t, func(s *script) {
			s.ok("UID FETCH 7 BODYSTRUCTURE", structure)
			s.end()
		})
		_, err := box.Download(t.Context(), 7, 2)
		require.ErrorIs(t, err, client.ErrNoPart)
	})
	t.Run("unknown encoding", func(t *testing.T) {
		c, box := inbox(t, func(s *script) {
			s.ok("UID FETCH 7 BODYSTRUCTURE", structure)
			s.ok("UID FETCH 7 BODY.PEEK[1]", "* 3 FETCH (UID 7 BODY[1] "+asLiteral("begin")+")")
			s.ok("NOOP")
			s.end()
		})
		_, err := box.Download(t.Context(), 7, 1)
		require.ErrorContains(t, err, "X-UUENCODE")
		require.NoError(t, c.Noop(t.Context()))
	})
	t.Run("cut", func(t *testing.T) {
		_, box := inbox(t, func(s *script) {
			s.ok("UID FETCH 7 BODYSTRUCTURE", strings.Replace(structure, "X-UUENCODE", "BASE64", 1))
			s.want("UID FETCH 7 BODY.PEEK[1]")
			s.sendRaw("* 3 FETCH (UID 7 BODY[1] " + asLiteral(wrapped(text(300*kib, 1)))[:200*kib])
		})
		d, err := box.Download(t.Context(), 7, 1)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, d)
		require.ErrorIs(t, err, imap.ErrConnectionLost)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NoError(t, d.Close())
	})
}
