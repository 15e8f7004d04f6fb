package imaptest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// corpus reads the messages of testdata/mail by their names.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/mail/*.eml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[strings.TrimSuffix(filepath.Base(file), ".eml")] = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return all
}

// The standard library cuts messages where this package does. It does not keep their octets, or this package would use it.
func TestCutAsTheStandardLibraryDoes(t *testing.T) {
	compared := 0
	for name, octets := range corpus(t) {
		m, err := mail.ReadMessage(bytes.NewReader(octets))
		if err != nil { // net/mail wants a header and its end
			t.Logf("%s: %v", name, err)
			continue
		}
		compared += sameParts(t, name, parseMessage(octets), m.Header.Get("Content-Type"), m.Body)
	}
	assert.GreaterOrEqual(t, compared, 30)
}

// sameParts compares the body of an entity with what the standard library reads of it, and gives how many bodies it compared.
func sameParts(t *testing.T, where string, e *entity, contentType string, body io.Reader) int {
	t.Helper()
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		octets, err := io.ReadAll(body)
		if err != nil { // a multipart that is not closed: the library drops the last line end, Dovecot and Cyrus do not
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, where)
			octets = append(octets, "\r\n"...)
		}
		assert.Equal(t, string(octets), string(e.body), where)
		return 1
	}
	r := multipart.NewReader(body, params["boundary"])
	compared := 0
	for _, part := range e.parts {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) || err != nil && strings.Contains(err.Error(), "EOF") {
			assert.Empty(t, part.body, where) // none at all: this package makes one up
			break
		}
		require.NoError(t, err, where)
		for name := range p.Header {
			value, _ := headerValue(part.header, name)
			assert.Equal(t, p.Header.Get(name), strings.Join(strings.Fields(value), " "), "%s: %s", where, name)
		}
		compared += sameParts(t, where, part, p.Header.Get("Content-Type"), p)
	}
	_, err = r.NextRawPart()
	assert.Error(t, err, "%s: a part more", where)
	return compared
}

// FuzzMessage takes apart whatever comes. What FETCH says of it can always be said, and is read as it was said.
func FuzzMessage(f *testing.F) {
	for _, octets := range corpus(f) {
		f.Add(octets)
	}
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\"\r\n\r\n--"))
	f.Add([]byte("From: (((\\\"<@,;:\r\n\r\n"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if checkMessage(octets) != nil {
			t.Skip()
		}
		m := &message{uid: 1, octets: octets}
		e := m.entity()
		said := &imap.FetchData{Seq: 1, Envelope: e.envelope(), BodyStructure: e.structure(true)}
		said.SetBody(e.structure(false))
		for _, s := range []imap.Section{{}, {Part: []uint32{1}}, {Part: []uint32{1, 2}, Specifier: imap.SectionHeader}, {Specifier: imap.SectionHeaderFields, Fields: []string{"To"}}} {
			if section, found := e.section(s); found {
				said.BodySection = append(said.BodySection, imap.MsgAttBodySection{Section: s, Data: wire.NewBody(section)})
			}
		}
		baseSubject(said.Envelope.Subject.String())
		e.textHas("x", true)
		messageIDs(e.header, "References")

		var enc wire.Encoder
		enc.Begin(wire.Mode{Server: true})
		enc.Keyword("* ")
		require.NoError(t, said.AppendIMAP(&enc))
		enc.CRLF()
		require.NoError(t, enc.Err())
		frame, err := wire.NewReader(bytes.NewReader(enc.Bytes()), wire.Limits{}).Next()
		require.NoError(t, err)
		dec := imap.NewDecoder()
		dec.SetStrict(true)
		dec.SetLimits(wire.Limits{Depth: 4 * maxNesting})
		_, r, err := dec.Response(frame, 0)
		require.NoError(t, err, "%q", enc.Bytes())
		heard := r.(*imap.FetchData)
		assert.Equal(t, said.Envelope.Subject, heard.Envelope.Subject)
		assert.Equal(t, len(said.Envelope.To), len(heard.Envelope.To))
		assert.Equal(t, said.BodyStructure.MediaType(), heard.BodyStructure.MediaType())
		assert.Equal(t, len(said.BodySection), len(heard.BodySection))
		for i, s := range said.BodySection {
			assert.True(t, s.Data.String() == heard.BodySection[i].Data.String())
		}
	})
}
