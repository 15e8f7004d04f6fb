package client_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// deceptive are names of mailboxes, as they come, that would decode to something else than they show, or to nothing.
var deceptive = map[string]string{
	"encoded ASCII, two dots":     "&AC4ALg-",
	"encoded ASCII, a path":       "x&AC8ALgAuAC8-etc",
	"encoded ASCII beside others": "&AOQALg-",
	"encoded INBOX":               "&AEkATgBCAE8AWA-",
	"NUL":                         "&AAA-",
	"CR LF":                       "&AA0ACg-",
	"escape":                      "&ABsAWwAyAEo-",
	"DEL":                         "&AH8-",
	"high surrogate alone":        "&2D0-",
	"low surrogate alone":         "&3gA-",
	"surrogates the wrong way":    "&3gDYPQ-",
	"base64 that does not end":    "&AOQ",
	"odd octets":                  "&AO-",
	"bits left over":              "&AOR-",
	"no base64":                   "&A!Q-",
	"slash of base64":             "&,,8-x&//8-",
	"adjacent runs":               "&AOQ-&APw-",
	"8-bit":                       "x\xe4",
	"UTF-8":                       "xä",
	"UTF-8 that ends early":       "x\xc3",
	"overlong":                    "\xc0\xae\xc0\xae",
	"ampersand alone":             "a & b",
	"ampersand at the end":        "a&",
	"empty run":                   "&-&-",
	"the octet that marks a name": "\xff&AC4ALg-",
}

// TestDeceptiveNames: a name never reads as what it does not show, goes back to the server as it came, and costs the list nothing.
func TestDeceptiveNames(t *testing.T) {
	for name, raw := range deceptive {
		t.Run(name, func(t *testing.T) {
			quoted := `"` + raw + `"`
			c := session(t, func(s *script) {
				s.ok(`LIST "" *`, `* LIST () "/" before`, `* LIST () "/" `+quoted, `* LIST () "/" after`)
				line := s.line()
				tag, rest, _ := cut(line)
				if n := strings.TrimPrefix(rest, "SELECT "); strings.HasPrefix(n, "{") {
					s.send("+ go on")
					rest = "SELECT " + s.line()
					quoted = raw
				} else if !strings.HasPrefix(n, `"`) {
					quoted = raw
				}
				assert.Equal(s.t, "SELECT "+quoted, rest)
				s.send(tag + " NO no")
				s.end()
			})
			var names []string
			for l, err := range c.List(t.Context(), "", "*") {
				require.NoError(t, err)
				names = append(names, l.Mailbox)
			}
			require.Len(t, names, 3)
			assert.Equal(t, "before", names[0])
			assert.Equal(t, "after", names[2])
			got := names[1]
			if !wire.IsRawMailbox(got) {
				assert.Equal(t, "&-&-", raw, "%q", got) // the only one that is no deceit
			}
			shown := wire.MailboxText(got)
			assert.NotContains(t, shown, "\x00")
			assert.False(t, strings.ContainsFunc(shown, unicode.IsControl), "%q", shown)
			_, err := c.Select(t.Context(), got)
			var no *imap.Error
			require.ErrorAs(t, err, &no)
			assert.Equal(t, "no", no.Text)
			assert.NoError(t, c.Close())
		})
	}
}

// TestDeceptiveNamesEverywhere: the same where other data names a mailbox.
func TestDeceptiveNamesEverywhere(t *testing.T) {
	c := session(t, func(s *script) {
		s.ok("STATUS &-AC4ALg- (MESSAGES)", `* STATUS "&AC4ALg-" (MESSAGES 5)`, `* STATUS "&-AC4ALg-" (MESSAGES 6)`)
		s.ok("NAMESPACE", `* NAMESPACE (("&AC4ALg-" "/")) NIL NIL`)
		s.ok(`LSUB "" *`, `* LSUB () "/" "&AC4ALg-"`)
		s.end()
	}, "NAMESPACE")
	st, err := c.Status(t.Context(), "&AC4ALg-", imap.StatusMessages)
	require.NoError(t, err)
	assert.Equal(t, uint32(6), st.Status.Messages, "the answer about the name that was asked for")
	ns, err := c.Namespace(t.Context())
	require.NoError(t, err)
	assert.NotContains(t, ns.Namespace.Personal[0].Prefix, "..")
	for l, err := range c.Lsub(t.Context(), "", "*") {
		require.NoError(t, err)
		assert.Equal(t, wire.RawMailbox("&AC4ALg-"), l.Mailbox)
	}
	assert.NoError(t, c.Close())
}

// TestServerTextIsQuoted: nothing that a server says reaches a terminal through an error, a warning, a log or the lines of a trace
// in errors.
func TestServerTextIsQuoted(t *testing.T) {
	const evil = "\x1b]0;pwned\x07\x1b[2J\r\x08\u202e\u2066\u009b31m\x00\x7f\xff"
	clean := func(where, text string) {
		t.Helper()
		for _, r := range text {
			assert.True(t, unicode.IsPrint(r) || r == '\n' && where == "log", "%s: %q", where, text)
		}
	}
	for name, octets := range map[string]string{
		"NO":         "%t NO " + evil,
		"code":       "%t NO [X" + evil + " x] y",
		"code ALERT": "%t BAD [ALERT] " + evil,
		"BYE":        "* BYE " + evil,
		"tag":        "X" + evil + " OK done",
		"garbage":    "* 1 FETCH (UID " + evil + " FLAGS (" + evil + "))\r\n%t NO no",
		"unknown":    "* OK [X" + evil + "] x\r\n%t NO no",
		"unreadable": "* LIST " + evil + "\r\n%t NO no",
		"again":      "%t OK done\r\n%t NO " + evil,
		"plus":       "+ " + evil + "\r\n%t NO " + evil,
	} {
		t.Run(name, func(t *testing.T) {
			var log record
			o := inClear
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			inTime(t, func(s *script) {
				tag := s.want("NOOP")
				s.octets(strings.ReplaceAll(octets, "%t", tag) + "\r\n")
				s.hangUp()
			}, o, func(t *testing.T, c *client.Client) {
				err := c.Noop(t.Context())
				if name == "again" {
					clean("log", log.String())
					return
				}
				require.Error(t, err)
				clean("error", err.Error())
				var e *imap.Error
				require.ErrorAs(t, err, &e)
				for _, line := range e.Trace {
					clean("trace", line)
				}
				if cause := c.Err(); cause != nil {
					clean("cause", cause.Error())
				}
				clean("log", log.String())
			})
		})
	}
	t.Run("greeting", func(t *testing.T) {
		for _, greeting := range []string{"* BYE " + evil, "220 " + evil, "* BAD " + evil, evil} {
			_, err := client.New(t.Context(), pipe(t, func(s *script) {
				s.octets(greeting + "\r\n")
				s.hangUp()
			}), inClear)
			require.Error(t, err)
			clean("error", err.Error())
		}
	})
	t.Run("warnings", func(t *testing.T) {
		for _, ev := range heard(t, "* 1 FETCH (UID "+evil+" FLAGS (\\Seen))\r\n") {
			if m, ok := ev.(*imap.FetchData); ok {
				assert.NotEmpty(t, m.Warnings())
				for _, w := range m.Warnings() {
					clean("warning", w.String())
				}
			}
		}
	})
}

// TestReferralsAreNotFollowed: a referral (RFC 2221) is told, and nothing is dialled but what the caller asked for.
func TestReferralsAreNotFollowed(t *testing.T) {
	server, ours := configs(t, "127.0.0.1")
	addr := listen(t, func(s *script) {
		s.upgrade(server)
		s.send("* OK [REFERRAL imap://evil.example/] hello")
		s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGIN-REFERRALS MAILBOX-REFERRALS")
		s.send(s.want(`LOGIN ada "secret"`) + " NO [REFERRAL imap://joe;AUTH=*@evil.example/] go there")
		s.end()
	})
	dials := 0
	var d dialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	_, err := client.Dial(t.Context(), "imaps://"+addr, client.Options{TLS: ours, Dialer: d, Auth: client.Password("ada", "secret")})
	var no *imap.Error
	require.ErrorAs(t, err, &no)
	assert.Equal(t, "REFERRAL", no.Code.Keyword())
	assert.Equal(t, 1, dials)
}
