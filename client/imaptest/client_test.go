package imaptest_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// dial connects Parley's own client, over TLS and DEFLATE.
func dial(t *testing.T, srv *imaptest.Server) *client.Client {
	t.Helper()
	c, err := client.Dial(t.Context(), srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig(), Compress: true})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestClientRunsEveryCommand(t *testing.T) {
	for name, start := range map[string]func(imaptest.Options) *imaptest.Server{"STARTTLS": imaptest.NewServer, "TLS": imaptest.NewTLSServer} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			srv := start(imaptest.Options{})
			t.Cleanup(srv.Close)
			c := dial(t, srv)
			_, secure := c.TLS()
			require.True(t, secure)

			require.NoError(t, c.Noop(ctx))
			require.NoError(t, c.Create(ctx, "Entwürfe"))
			require.NoError(t, c.Rename(ctx, "Entwürfe", "Gesendet"))
			require.NoError(t, c.Subscribe(ctx, "Gesendet"))
			var listed []string
			for m, err := range c.List(ctx, "", "*") {
				require.NoError(t, err)
				listed = append(listed, m.Mailbox)
			}
			for m, err := range c.Lsub(ctx, "", "*") {
				require.NoError(t, err)
				listed = append(listed, m.Mailbox)
			}
			assert.Equal(t, []string{"INBOX", "Gesendet", "Gesendet"}, listed)

			for range 3 {
				appended, err := c.Append(ctx, "Gesendet", imap.Message(imap.SourceString(multipart)))
				require.NoError(t, err)
				require.NotNil(t, appended.AppendUID)
			}
			st, err := c.Status(ctx, "Gesendet", imap.StatusMessages, imap.StatusUIDNext)
			require.NoError(t, err)
			assert.EqualValues(t, 3, st.Status.Messages)
			assert.EqualValues(t, 4, st.Status.UIDNext)

			box, err := c.Select(ctx, "Gesendet")
			require.NoError(t, err)
			assert.EqualValues(t, 3, box.Exists())
			found, err := box.Search(ctx, imap.SearchSubject("PARTS"), imap.SearchNot{Key: imap.SearchUID(imap.UIDs(2))})
			require.NoError(t, err)
			assert.Equal(t, []uint32{1, 3}, found.Search.IDs)
			_, err = box.Store(ctx, imap.UIDs(2), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagDeleted)})
			require.NoError(t, err)
			copied, err := box.Copy(ctx, imap.UIDs(1), "INBOX")
			require.NoError(t, err)
			require.NotNil(t, copied.CopyUID)
			gone, err := box.UIDExpunge(ctx, imap.UIDs(1, 2))
			require.NoError(t, err)
			require.Len(t, gone, 1)
			assert.EqualValues(t, 2, gone[0].Seq)

			n := 0
			section := imap.FetchBodySection{Peek: true, Section: imap.Section{Part: []uint32{2, 2}}}
			for m, err := range box.Fetch(ctx, imap.UIDRange(1, 0), imap.FetchEnvelope, imap.FetchFlags, section) {
				require.NoError(t, err)
				require.NoError(t, c.Noop(ctx), "a command inside the loop")
				assert.Equal(t, "Adé", m.Envelope.From[0].Name.String())
				require.Len(t, m.BodySection, 1)
				assert.Equal(t, "<b>html</b>", m.BodySection[0].Data.String())
				n++
			}
			assert.Equal(t, 2, n)
			require.NoError(t, box.Close(ctx))
			require.NoError(t, c.Unsubscribe(ctx, "Gesendet"))
			require.NoError(t, c.Delete(ctx, "Gesendet"))
			require.NoError(t, c.Logout(ctx))
		})
	}
}

func TestClientIsTold(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	c := dial(t, srv)
	_, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	put := func() {
		_, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Time{}, []byte(simple))
		require.NoError(t, err)
	}
	put() // is told when IDLE begins; the next ones while it runs
	var counts []uint32
	for ev, err := range c.Idle(ctx) {
		require.NoError(t, err)
		if exists, ok := ev.(*imap.ExistsData); ok {
			if counts = append(counts, exists.Count); len(counts) == 3 {
				break
			}
			put()
		}
	}
	assert.Equal(t, []uint32{1, 2, 3}, counts)
}

func TestClientTrustsThisServerOnly(t *testing.T) {
	srv, other := newServer(t, imaptest.Options{}), newServer(t, imaptest.Options{})
	_, err := client.Dial(t.Context(), srv.URL, client.Options{TLS: other.TLSConfig()})
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)
	u, err := url.Parse(srv.URL)
	require.NoError(t, err)
	c, err := client.Dial(t.Context(), "imap://localhost:"+u.Port(), client.Options{TLS: srv.TLSConfig()})
	require.NoError(t, err, "the certificate is for localhost too")
	require.NoError(t, c.Close())
	require.NoError(t, srv.Certificate().VerifyHostname("127.0.0.1"))
}

func TestClientWithWrongPassword(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	_, err := client.Dial(t.Context(), srv.URL, client.Options{Auth: client.Password("ada", "guess"), TLS: srv.TLSConfig()})
	var e *imap.Error
	require.ErrorAs(t, err, &e)
	assert.Contains(t, e.Error(), "user or password is wrong")
	assert.NotContains(t, strings.Join(e.Trace, "\n"), "guess")
}

func TestClientHearsTheServerClose(t *testing.T) {
	srv := imaptest.NewServer(imaptest.Options{})
	c := dial(t, srv)
	srv.Close()
	<-c.Done()
	require.ErrorContains(t, c.Err(), "the server is closing")

	srv = newServer(t, imaptest.Options{})
	c = dial(t, srv)
	srv.CloseClientConnections()
	<-c.Done()
	require.ErrorIs(t, c.Err(), imap.ErrConnectionLost)
}

// A refused literal is not sent, and the connection goes on.
func TestClientAppendTooLong(t *testing.T) {
	srv := newServer(t, imaptest.Options{Without: []imap.Cap{imap.CapLiteralPlus}})
	c := dial(t, srv)
	read := false
	source := imap.SourceReader(readerFunc(func([]byte) (int, error) { read = true; return 0, fmt.Errorf("must not be read") }), 65<<20)
	_, err := c.Append(t.Context(), "INBOX", imap.Message(source))
	var e *imap.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, imap.CodeTooBig, e.Code)
	assert.False(t, read)
	require.NoError(t, c.Noop(t.Context()))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Goroutines share connections, connections share a mailbox: nothing is lost and nothing is told twice.
func TestClientsTogether(t *testing.T) {
	srv := newServer(t, imaptest.Options{Latency: time.Millisecond})
	const clients, goroutines, rounds = 3, 4, 10
	var wg sync.WaitGroup
	for range clients {
		c := dial(t, srv)
		box, err := c.Select(t.Context(), "INBOX")
		require.NoError(t, err)
		for range goroutines {
			wg.Go(func() {
				for range rounds {
					appended, err := c.Append(t.Context(), "INBOX", imap.Message(imap.SourceString(simple)))
					if !assert.NoError(t, err) {
						return
					}
					uids := appended.AppendUID.UIDs
					n := 0
					for m, err := range box.Fetch(t.Context(), uids, imap.FetchBodySection{}) {
						assert.NoError(t, err)
						assert.True(t, uids.Contains(m.UID, 0))
						n++
					}
					assert.Equal(t, 1, n)
					found, err := box.Search(t.Context(), imap.SearchUID(uids), imap.SearchSeen)
					if assert.NoError(t, err) {
						assert.Len(t, found.Search.IDs, 1)
					}
				}
			})
		}
	}
	wg.Wait()
	assert.Len(t, srv.Messages("ada", "INBOX"), clients*goroutines*rounds)
}
