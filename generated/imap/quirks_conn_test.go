package imap_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// Lines without what makes them responses, blanks and NULs before them, line ends where none belongs, or bare ones.
func frameQuirks() []quirk {
	copied := imap.CodeCopyUID{UIDValidity: 124, Source: imap.UIDs(10), Dest: imap.UIDs(233)}
	return []quirk{
		{id: "Q63", server: "Exchange 2013", wire: "[COPYUID 124 10 233]\r\na1 OK COPY completed.\r\n", warn: []string{"resp-cond-state"},
			want: each(status(copied, ""), status(nil, "COPY completed."))},
		{id: "Q64", server: "home.pl", wire: "* [COPYUID 124 10 233] x\r\na1 OK COPY completed.\r\n", warn: []string{"response-data"},
			want: each(status(copied, "x"), status(nil, "COPY completed."))},
		{id: "Q70", server: "emailjs#77", wire: " a1 OK completed.\r\n", warn: []string{"response"}, want: status(nil, "completed.")},
		{id: "Q71", server: "imapflow", wire: "\x00\x00* 1 EXISTS\r\na1 OK done\r\n", warn: []string{"response"}, want: each(exists(1), status(nil, "done"))},
		{id: "Q72", server: "many", wire: "* 1 EXISTS\na1 OK done\n", warn: []string{"CRLF", "CRLF"}, want: each(exists(1), status(nil, "done"))},
		{id: "Q86", server: "Domino", wire: "* 1 FETCH (UID 1 BODY[] {5}\r\nhello\r\n FLAGS (\\Seen))\r\n", warn: []string{"literal"},
			want: sections(imap.MsgAttBodySection{Data: wire.NewBody([]byte("hello"))})},
	}
}

// A conversation is a quirk that shows in what becomes of the connection.
type conversation struct {
	id, server string
	wire       string // "@TAG@" is the tag of the command
	greeting   bool   // the server says it first of all, and nothing else
	check      func(t *testing.T, o outcome)
	later      string
}

// An outcome is what became of a NOOP.
type outcome struct {
	err      error // of the greeting, or of the command
	answer   conn.Condition
	untagged []conn.Response
	alive    bool
	log      string
}

func conversations() []conversation {
	refused := func(line string) func(*testing.T, outcome) {
		return func(t *testing.T, o outcome) {
			var e *conn.Error
			require.ErrorAs(t, o.err, &e)
			require.ErrorIs(t, o.err, conn.ErrProtocol)
			assert.ErrorContains(t, o.err, line)
		}
	}
	answered := func(untagged ...conn.Response) func(*testing.T, outcome) {
		return func(t *testing.T, o outcome) {
			require.NoError(t, o.err)
			assert.Equal(t, conn.ConditionOK, o.answer.Type)
			assert.True(t, o.alive)
			assert.Len(t, o.untagged, len(untagged))
		}
	}
	return []conversation{
		{id: "Q90", server: "Xeams", wire: "* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n FLAGS (\\Seen) RFC822.SIZE 5)\r\n@TAG@ OK done\r\n",
			check: func(t *testing.T, o outcome) {
				answered(&imap.FetchData{})(t, o)
				m := o.untagged[0].(*imap.FetchData)
				assert.EqualValues(t, 1, m.UID)
				assert.Equal(t, "hello", m.BodySection[0].Data.String())
				assert.Contains(t, o.log, "RFC822.SIZE 5)") // what came behind the end is reported
			}},
		{id: "Q96", server: "proxies", wire: "ZZZ9 NO stale\r\n@TAG@ OK done\r\n", check: refused("ZZZ9 NO stale"),
			later: "a tag that was never sent ends the connection (DESIGN section 5): nothing after it can be trusted"},
		{id: "Q97", server: "poczta.interia.pl", wire: "* BAD [ALERT] Please enable IMAP access\r\n",
			check: func(t *testing.T, o outcome) {
				require.ErrorIs(t, o.err, context.DeadlineExceeded)
				var e *conn.Error
				require.ErrorAs(t, o.err, &e)
				assert.Contains(t, strings.Join(e.Trace, "\n"), "* BAD [ALERT] Please enable IMAP access")
				require.Len(t, o.untagged, 1)
				said := o.untagged[0].(conn.StatusResponse).Condition()
				assert.Equal(t, conn.Condition{Type: conn.ConditionBAD, Code: imap.CodeAlert, Text: "Please enable IMAP access"}, said)
			}},
		{id: "Q98", server: "Exchange", wire: "Server Unavailable. 15\r\n", check: refused("Server Unavailable. 15")},
		{id: "Q99", server: "public-inbox-imapd, Gmail", wire: "+\r\n@TAG@ OK done\r\n", check: answered()},
		{id: "QA0", server: "SmarterMail", wire: "421 Server is busy, try again later.\r\n", greeting: true, check: refused("421 Server is busy, try again later.")},
		{id: "QA1", server: "go-imap#502", wire: "* OK\r\n", greeting: true,
			check: func(t *testing.T, o outcome) {
				require.NoError(t, o.err)
				assert.True(t, o.alive)
			}},
		{id: "QA2", server: "IceWarp", wire: " NO LOGOUT Intrusion prevention active\r\n", greeting: true, check: refused("NO LOGOUT Intrusion prevention active")},
	}
}

// TestQuirksOfConversations: no quirk hangs a command, and what ends the connection says in which line.
func TestQuirksOfConversations(t *testing.T) {
	for _, q := range conversations() {
		t.Run(q.id, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { q.check(t, q.talk(t)) })
		})
	}
}

// talk sends a NOOP to a server that has the quirk.
func (q conversation) talk(t *testing.T) (o outcome) {
	near, far := net.Pipe()
	var server sync.WaitGroup
	server.Go(func() {
		if q.greeting {
			_, _ = io.WriteString(far, q.wire)
		} else {
			_, _ = io.WriteString(far, "* OK hi\r\n")
			line, _ := bufio.NewReader(far).ReadString('\n')
			tag, _, _ := strings.Cut(line, " ")
			_, _ = io.WriteString(far, strings.ReplaceAll(q.wire, "@TAG@", tag))
		}
		_, _ = io.Copy(io.Discard, far)
	})
	defer server.Wait()
	var log bytes.Buffer
	var mu sync.Mutex
	observe := func(r conn.Response, _ *conn.Call) {
		mu.Lock()
		defer mu.Unlock()
		o.untagged = append(o.untagged, r)
	}
	c, err := conn.New(t.Context(), near, conn.Options{Codec: imap.NewCodec(imap.CodecOptions{}), Logger: slog.New(slog.NewTextHandler(&log, nil)), Observe: observe})
	if err != nil {
		o.err = err
		return o
	}
	defer func() { _ = c.Close() }()
	if q.greeting {
		o.alive = c.Err() == nil
		return o
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o.answer, o.err = c.Start(ctx, imap.Noop{}, conn.CallOptions{}).Wait(ctx)
	synctest.Wait()
	mu.Lock()
	defer mu.Unlock()
	o.alive, o.log = c.Err() == nil, log.String()
	return o
}
