package client_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// tight are limits that the floods here reach soon.
var tight = imap.Limits{Response: 1 * mib, Literal: 4 * mib, Result: mib}

// flooded is what a test does with a connection whose server sends one response again and again, until ctx ends.
type flooded func(ctx context.Context, c *client.Client, box *client.Mailbox)

func drain[T any](rows iter.Seq2[T, error]) {
	for range rows {
	}
}

// underFlood wants a client to hold no more than a few MiB while its server sends the unit without end.
func underFlood(t *testing.T, unit string, use flooded) {
	const bound = 8 * mib
	sent := max(mib, 200*len(unit))
	o := inClear
	o.Limits = tight
	assertHeld(t, bound, func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := client.New(ctx, pipe(t, func(s *script) {
			s.send(preauth("IDLE", "UIDPLUS", "MOVE", "ENABLE", "ESEARCH", "SORT", "THREAD=REFERENCES", "NAMESPACE", "ID", "CONDSTORE"))
			s.selected("INBOX", 10)
			s.flood(unit, sent)
			cancel()
			s.hangUp()
		}), o)
		require.NoError(t, err)
		box, err := c.Select(ctx, "INBOX")
		require.NoError(t, err)
		use(ctx, c, box)
		assert.NoError(t, c.Close())
	})
}

// TestFloods sends without end what nobody asked for.
func TestFloods(t *testing.T) {
	for what, unit := range map[string]string{
		"EXISTS":                "* 1 EXISTS\r\n",
		"EXPUNGE":               "* 1 EXPUNGE\r\n",
		"FETCH":                 "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n",
		"FETCH with a body":     "* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n",
		"LIST":                  "* LIST (\\Noselect) \"/\" x\r\n",
		"STATUS":                "* STATUS x (MESSAGES 1)\r\n",
		"SEARCH":                "* SEARCH 1 2 3\r\n",
		"ESEARCH of another":    "* ESEARCH (TAG \"x\") UID ALL 1:4294967295\r\n",
		"VANISHED":              "* VANISHED 1:4294967295\r\n",
		"CAPABILITY":            "* CAPABILITY IMAP4rev1 X\r\n",
		"ENABLED":               "* ENABLED X\r\n",
		"FLAGS":                 "* FLAGS (a b c)\r\n",
		"remarks":               "* OK [ALERT] call 555\r\n",
		"unknown":               "* XFOO (bar) {3}\r\nbaz\r\n",
		"long":                  "* XFOO " + strings.Repeat("x", 100<<10) + "\r\n",
		"long literals":         "* XFOO {102400}\r\n" + strings.Repeat("x", 100<<10) + "\r\n",
		"BAD":                   "* BAD what\r\n",
		"open parentheses":      "* 1 FETCH (((\r\n",
		"warnings":              "* 1 FETCH (UID x UID y UID z)\r\n",
		"empty lines":           "\r\n",
		"continuation requests": "+ go on\r\n",
		"NAMESPACE":             "* NAMESPACE NIL NIL NIL\r\n",
		"ID":                    "* ID (\"a\" \"b\")\r\n",
	} {
		t.Run(what, func(t *testing.T) {
			underFlood(t, unit, func(ctx context.Context, c *client.Client, _ *client.Mailbox) { _ = c.Noop(ctx) })
		})
		t.Run(what+", a loop over the events that does not go on", func(t *testing.T) {
			underFlood(t, unit, func(ctx context.Context, c *client.Client, _ *client.Mailbox) {
				for range c.Idle(ctx) {
					<-ctx.Done()
					return
				}
			})
		})
	}
}

// TestFloodsOfAnswers answers a command without end.
func TestFloodsOfAnswers(t *testing.T) {
	for what, test := range map[string]struct {
		unit string
		use  flooded
	}{
		"rows that are read": {"* 1 FETCH (UID 1)\r\n", func(ctx context.Context, _ *client.Client, box *client.Mailbox) {
			drain(box.Fetch(ctx, imap.UIDRange(1, 0), imap.FetchUID))
		}},
		"rows that nobody wants": {"* LIST () \"/\" x\r\n", func(ctx context.Context, c *client.Client, _ *client.Mailbox) {
			_, _ = client.Do(ctx, c, imap.List{Patterns: []string{"*"}})
		}},
		"vendor data": {"* XFOO x\r\n", func(ctx context.Context, c *client.Client, _ *client.Mailbox) { _, _ = c.Raw(ctx, "XFOO") }},
		"EXPUNGE":     {"* 1 EXPUNGE\r\n", func(ctx context.Context, _ *client.Client, box *client.Mailbox) { _, _ = box.Expunge(ctx) }},
		"STORE": {"* 1 FETCH (UID 1 FLAGS (a))\r\n", func(ctx context.Context, _ *client.Client, box *client.Mailbox) {
			_, _ = box.Store(ctx, imap.UIDRange(1, 0), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags("a")})
		}},
		"SEARCH": {"* SEARCH 1 2 3\r\n", func(ctx context.Context, _ *client.Client, box *client.Mailbox) {
			_, _ = box.Search(ctx, imap.SearchAll)
		}},
		"THREAD": {"* THREAD (1 2 3)\r\n", func(ctx context.Context, _ *client.Client, box *client.Mailbox) {
			_, _ = box.Thread(ctx, "REFERENCES", imap.SearchAll)
		}},
		"ENABLED":   {"* ENABLED X\r\n", func(ctx context.Context, c *client.Client, _ *client.Mailbox) { _, _ = c.Enable(ctx, "X") }},
		"NAMESPACE": {"* NAMESPACE NIL NIL NIL\r\n", func(ctx context.Context, c *client.Client, _ *client.Mailbox) { _, _ = c.Namespace(ctx) }},
		"codes": {"* OK [COPYUID 1 1 1] x\r\n", func(ctx context.Context, _ *client.Client, box *client.Mailbox) {
			_, _ = box.Move(ctx, imap.UIDs(1), "x")
		}},
		"SELECT": {"* OK [UIDNEXT 1] x\r\n* FLAGS (a)\r\n", func(ctx context.Context, c *client.Client, _ *client.Mailbox) { _, _ = c.Select(ctx, "x") }},
	} {
		t.Run(what, func(t *testing.T) { underFlood(t, test.unit, test.use) })
	}
}

// TestUnreadRows sends half a million rows to a loop that waits for another command: in the store each costs next to nothing.
func TestUnreadRows(t *testing.T) {
	const rows = 500_000
	o := inClear
	o.UnreadLimit = mib
	assertHeld(t, 16*mib, func() {
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(preauth())
			list := s.want(`LIST "" *`)
			s.send(`* LIST () "/" x`)
			noop := s.want("NOOP")
			s.flood("* LIST () \"/\" x\r\n", (rows-1)*len("* LIST () \"/\" x\r\n"))
			s.send(noop+" OK done", list+" OK done")
			s.hangUp()
		}), o)
		require.NoError(t, err)
		n := 0
		for m, err := range c.List(t.Context(), "", "*") {
			require.NoError(t, err)
			if n++; n == 1 {
				require.NoError(t, c.Noop(t.Context()))
			}
			if m.Mailbox != "x" {
				t.Fatalf("row %d is %q", n, m.Mailbox)
			}
		}
		assert.GreaterOrEqual(t, n, rows) // the flood comes in large pieces
		require.NoError(t, c.Close())
	})
}
