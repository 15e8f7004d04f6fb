package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// testServer starts a server of imaptest and dials it.
func testServer(t *testing.T, server imaptest.Options, o client.Options) *client.Client {
	t.Helper()
	srv := imaptest.NewServer(server)
	t.Cleanup(srv.Close)
	o.TLS = srv.TLSConfig()
	c, err := client.Dial(t.Context(), srv.URL, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestEveryCommandIsServed runs all commands of the grammar on imaptest. Each is served, or refused by its name: what the server
// cannot do it does not offer, and nothing ends in silence.
func TestEveryCommandIsServed(t *testing.T) {
	served := 0
	for _, cmd := range commands {
		name := cmd.Spec().Name
		if cmd.Spec().Dialog != conn.DialogNone {
			continue // AUTHENTICATE and IDLE are run by their own methods, in other tests
		}
		t.Run(name, func(t *testing.T) {
			var o client.Options
			if cmd.Spec().In&conn.StateNotAuthenticated == 0 {
				o.Auth = client.Password("ada", "secret")
			}
			c := testServer(t, imaptest.Options{With: []imap.Cap{imap.CapXGmExt1}}, o)
			if cmd.Spec().In&conn.StateAuthenticated == 0 && cmd.Spec().In&conn.StateSelected != 0 {
				_, err := c.Append(t.Context(), "INBOX", imap.Message(imap.SourceString(letter(1))))
				require.NoError(t, err)
				_, err = c.Select(t.Context(), "INBOX")
				require.NoError(t, err)
			}
			ctx := t.Context()
			_, err := client.Do(ctx, c, bare{cmd})
			var e *imap.Error
			switch {
			case err == nil:
				served++
			case errors.Is(err, conn.ErrCapability) || errors.Is(err, conn.ErrState):
				t.Logf("not offered: %v", err)
			case errors.As(err, &e) && e.Type == conn.ConditionNO:
				served++
			default:
				require.ErrorAs(t, err, &e)
				assert.Contains(t, strings.ToUpper(e.Text), name, "%v", err)
			}
		})
	}
	assert.GreaterOrEqual(t, served, 30)
}

// disagreements are the arguments that a real server judges otherwise than imaptest: OK, NO or BAD. The others judge the same.
var disagreements = []struct {
	server servers.Kind
	where  string
	why    string
}{
	{servers.KindCyrus, "SEARCH.Charset", "BAD for a charset that is not known; RFC 3501 section 6.4.4 wants NO"},
	{servers.KindCyrus, "SORT.Charset", "likewise"},
	{servers.KindCyrus, "THREAD.Charset", "likewise"},
}

// TestServersAgree puts a harmless text into every argument of every command and sends it to imaptest and to real servers: they say
// OK, NO or BAD to the same.
func TestServersAgree(t *testing.T) {
	own := judge(t, testServer(t, imaptest.Options{}, client.Options{Auth: client.Password("ada", "secret")}))
	require.Greater(t, len(own), 40)
	for kind, start := range map[servers.Kind]func(testing.TB) *servers.Server{servers.KindDovecot: servers.Dovecot, servers.KindCyrus: servers.Cyrus} {
		t.Run(string(kind), func(t *testing.T) {
			theirs := judge(t, real{start(t)}.dial(t))
			known := map[string]string{}
			for _, d := range disagreements {
				if d.server == kind {
					known[d.where] = d.why
				}
			}
			compared := 0
			for where, verdict := range own {
				other, sent := theirs[where]
				if !sent {
					continue // it does not offer the command
				}
				compared++
				if _, declared := known[where]; declared {
					assert.NotEqual(t, verdict, other, "%s: they agree by now", where)
					delete(known, where)
					continue
				}
				assert.Equal(t, verdict, other, where)
			}
			assert.Empty(t, known, "these were not sent")
			t.Logf("%d commands compared", compared)
		})
	}
}

// judge sends a command for each argument and gives what the server says to it. What is not sent is not there.
func judge(t *testing.T, c *client.Client) map[string]conn.ConditionType {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, c.Create(ctx, "scratch"))
	for i := range 2 {
		_, err := c.Append(ctx, "scratch", imap.Message(imap.SourceString(letter(i+1))))
		require.NoError(t, err)
	}
	verdicts := map[string]conn.ConditionType{}
	for _, x := range trials("x") {
		if x.cmd.Spec().In&(conn.StateAuthenticated|conn.StateSelected) == 0 {
			continue
		}
		_, err := c.Select(ctx, "scratch")
		require.NoError(t, err)
		_, err = client.Do(ctx, c, bare{x.cmd})
		var e *imap.Error
		switch {
		case err == nil:
			verdicts[x.where] = conn.ConditionOK
		case errors.As(err, &e) && e.Type != "":
			verdicts[x.where] = e.Type
		}
		require.NoError(t, c.Err(), x.where)
	}
	return verdicts
}
