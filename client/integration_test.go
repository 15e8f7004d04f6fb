package client_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// A real server, and what tests need to know of it.
type real struct{ *servers.Server }

// folder gives the name of a mailbox at the top of the user's hierarchy.
func (r real) folder(name string) string {
	if r.Kind == servers.KindCourier {
		return "INBOX." + name
	}
	return name
}

func (r real) options() client.Options {
	return client.Options{TLS: r.TLSConfig(), Auth: client.Password(r.User, r.Password)}
}

func (r real) dial(t *testing.T, change ...func(*client.Options)) *client.Client {
	t.Helper()
	o := r.options()
	for _, f := range change {
		f(&o)
	}
	c, err := client.Dial(t.Context(), "imap://"+r.Addr, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// fill creates a mailbox with n messages and selects it on a fresh connection.
func (r real) fill(t *testing.T, name string, n int) (*client.Client, *client.Mailbox) {
	t.Helper()
	c := r.dial(t)
	name = r.folder(name)
	require.NoError(t, c.Create(t.Context(), name))
	for i := range n {
		_, err := c.Append(t.Context(), name, imap.Message(imap.SourceString(letter(i+1))))
		require.NoError(t, err)
	}
	box, err := c.Select(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, uint32(n), box.Exists())
	return c, box
}

func letter(i int) string {
	return fmt.Sprintf("From: Ada <ada@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= %d\r\nMessage-ID: <%d@example.org>\r\n\r\nbody %d\r\n", i, i, i)
}

func TestRealServers(t *testing.T) {
	servers.Each(t, func(t *testing.T, s *servers.Server) {
		r := real{s}
		type step struct {
			name string
			test func(*testing.T, real)
		}
		tests := []step{
			{"log in", realLogin},
			{"a session", realSession},
			{"bodies", realBodies},
			{"idle", realIdle},
			{"compress", realCompress},
			{"in flight", realInFlight},
			{"hostile arguments", realArguments},
			{"cancellation", realCancellation},
			{"many goroutines", realGoroutines},
		}
		if s.Kind == servers.KindDovecot {
			tests = append(tests, step{"by a command", realCommand})
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				test.test(t, r)
				if t.Failed() {
					t.Log(s.Log())
				}
			})
		}
	})
}

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

// Whatever the arguments hold, the server sees one command, and the victim stays. (Dovecot and Courier repeat some arguments in their
// answers as they are, so that one answer becomes two, and Cyrus hangs up on some; then the connection ends, which is right.)
func realArguments(t *testing.T, r real) {
	c, box := r.fill(t, "victim", 2)
	ctx := t.Context()
	payloads := []string{
		"x\r\nA1 DELETE " + box.Name(),
		"x\"\r\nA1 DELETE " + box.Name() + "\r\n",
		"x {3+}\r\nA1 DELETE " + box.Name(),
		"\n", "\r", "{10}", `"`, `\`, "ü\r\n\t", ") (", "*", "%",
	}
	for _, p := range payloads {
		flag := imap.NewFlags(imap.Flag(p))
		commands := map[string]func() error{
			"CREATE":      func() error { return c.Create(ctx, p) },
			"DELETE":      func() error { return c.Delete(ctx, p+"?") },
			"RENAME":      func() error { return c.Rename(ctx, p+"?", p) },
			"SUBSCRIBE":   func() error { return c.Subscribe(ctx, p) },
			"UNSUBSCRIBE": func() error { return c.Unsubscribe(ctx, p) },
			"STATUS":      func() error { _, err := c.Status(ctx, p, imap.StatusMessages); return err },
			"STATUS item": func() error { _, err := c.Status(ctx, "INBOX", imap.StatusAtt(p)); return err },
			"LIST":        func() error { return drain(client.StartRows(ctx, c, imap.List{Reference: p, Patterns: []string{p}})) },
			"LSUB":        func() error { return drain(client.StartRows(ctx, c, imap.Lsub{Reference: p, Pattern: p})) },
			"APPEND":      func() error { _, err := c.Append(ctx, p, imap.Message(imap.SourceString("\r\n"))); return err },
			"APPEND flag": func() error {
				_, err := client.Do(ctx, c, imap.Append{Mailbox: "INBOX", Messages: []imap.AppendMessage{{Flags: flag, Data: imap.AppendLiteral(imap.SourceString("\r\n"))}}})
				return err
			},
			"SEARCH": func() error { _, err := box.Search(ctx, imap.SearchFrom(p), imap.SearchText(p)); return err },
			"SEARCH header": func() error {
				_, err := box.Search(ctx, imap.SearchNot{Key: imap.SearchHeader{Field: p, Text: p}})
				return err
			},
			"SEARCH keyword": func() error { _, err := box.Search(ctx, imap.SearchKeyword(p)); return err },
			"SEARCH charset": func() error {
				_, err := client.Do(ctx, box, imap.Search{Charset: p, Keys: []imap.SearchKey{imap.SearchAll}})
				return err
			},
			"FETCH header": func() error {
				return drain(client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{
					imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionHeaderFields, Fields: []string{p}}}}}))
			},
			"FETCH section": func() error {
				return drain(client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{
					imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionSpecifier(p)}}}}))
			},
			"FETCH item": func() error {
				return drain(client.StartRows(ctx, box, imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchAttName(p)}}))
			},
			"STORE": func() error {
				_, err := box.Store(ctx, imap.UIDs(1), imap.StoreFlags{Op: "+", Flags: flag})
				return err
			},
			"STORE op": func() error {
				_, err := box.Store(ctx, imap.UIDs(1), imap.StoreFlags{Op: imap.StoreFlagsOp(p), Flags: imap.NewFlags(imap.FlagSeen)})
				return err
			},
			"COPY": func() error { _, err := box.Copy(ctx, imap.UIDs(1), p); return err },
			"Raw":  func() error { _, err := c.Raw(ctx, "NOOP", client.RawString(p)); return err },
		}
		for name, run := range commands {
			err := run()
			if c.Err() == nil {
				// The next answer is that of the next command.
				_, err := c.Status(ctx, box.Name(), imap.StatusMessages)
				if c.Err() == nil {
					require.NoError(t, err, "%s %q", name, p)
					continue
				}
			}
			require.Error(t, c.Err())
			t.Logf("%s %q: %v", name, p, err)
			c = r.dial(t)
			box, err = c.Select(ctx, box.Name())
			require.NoError(t, err, "%s %q", name, p)
		}
	}
	st, err := c.Status(ctx, box.Name(), imap.StatusMessages)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, st.Status.Messages, uint32(2))
}

func drain[Row conn.Response, R client.Result](rows *client.Rows[Row, R]) error {
	_, err := rows.Result()
	return err
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

func realGoroutines(t *testing.T, r real) {
	c, box := r.fill(t, "crowd", 20)
	ctx := t.Context()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			uid := uint32(i%20 + 1)
			switch i % 5 {
			case 0:
				n := 0
				for m, err := range box.Fetch(ctx, imap.UIDs(uid), imap.FetchEnvelope, imap.FetchFlags) {
					if assert.NoError(t, err) {
						assert.Equal(t, uid, m.UID)
						assert.Equal(t, fmt.Sprintf("<%d@example.org>", uid), m.Envelope.MessageID.String())
						n++
					}
				}
				assert.Equal(t, 1, n)
			case 1:
				found, err := box.Search(ctx, imap.SearchUID(imap.UIDs(uid)))
				if assert.NoError(t, err) {
					assert.Equal(t, []uint32{uid}, found.Search.IDs)
				}
			case 2:
				st, err := c.Status(ctx, "INBOX", imap.StatusMessages)
				if assert.NoError(t, err) {
					assert.Equal(t, "INBOX", st.Status.Mailbox)
				}
			case 3:
				rows, err := box.Store(ctx, imap.UIDs(uid), imap.StoreFlags{Op: "+", Flags: imap.NewFlags(imap.FlagFlagged)})
				if assert.NoError(t, err) {
					assert.LessOrEqual(t, len(rows), 1)
				}
			case 4:
				for m, err := range box.Fetch(ctx, imap.UIDs(uid), imap.FetchBodySection{Peek: true}) {
					if assert.NoError(t, err) {
						assert.Equal(t, letter(int(uid)), m.BodySection[0].Data.String())
					}
				}
			}
		})
	}
	wg.Wait()
	assert.NoError(t, c.Logout(ctx))
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
