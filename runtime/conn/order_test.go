package conn

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

func TestManyCommandsInOneWrite(t *testing.T) {
	run(t, Options{}, func(s *server) {
		first := s.command("NOOP") // the others are started while this one is being read
		tags := []string{s.command("NOOP"), s.command("NOOP"), s.command("NOOP")}
		s.send(tags[2]+" OK", tags[0]+" NO first", first+" OK", tags[1]+" BAD second")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		calls := []*Call{c.Start(ctx, noop, CallOptions{})}
		synctest.Wait()
		for range 3 {
			calls = append(calls, c.Start(ctx, noop, CallOptions{}))
		}
		var results []string
		for _, k := range calls {
			_, err := k.Wait(ctx)
			results = append(results, fmt.Sprint(err))
		}
		assert.Equal(t, []string{"<nil>", "imap: NOOP: NO first", "imap: NOOP: BAD second", "<nil>"}, results)
	})
}

// countedWrites counts the writes to a transport.
type countedWrites struct {
	net.Conn
	n atomic.Int64
}

func (c *countedWrites) Write(p []byte) (int, error) {
	c.n.Add(1)
	return c.Conn.Write(p)
}

// TestOneWrite: whatever was started while a write was under way goes out with the next one.
func TestOneWrite(t *testing.T) {
	const flying = 1000
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		transport := &countedWrites{Conn: near}
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			s := &server{t: t, conn: far, r: bufio.NewReader(far), w: far}
			s.send("* PREAUTH hi")
			time.Sleep(time.Second)
			var tags []string
			for range flying + 1 {
				tags = append(tags, s.command("NOOP")+" OK")
			}
			s.send(tags...)
			s.ended()
		})
		c, err := New(t.Context(), transport, Options{Codec: codec{}})
		require.NoError(t, err)
		calls := []*Call{c.Start(t.Context(), noop, CallOptions{})}
		synctest.Wait() // its write is under way
		for range flying {
			calls = append(calls, c.Start(t.Context(), noop, CallOptions{}))
		}
		for _, k := range calls {
			_, err := k.Wait(t.Context())
			require.NoError(t, err)
		}
		assert.Equal(t, int64(2), transport.n.Load())
		require.NoError(t, c.Close())
	})
}

func TestCrossedFetches(t *testing.T) {
	run(t, Options{}, func(s *server) {
		a, b := s.command("UID FETCH 100"), s.command("UID FETCH 200")
		s.send("* 2 FETCH (UID 200 FLAGS ())", "* 9 FETCH (FLAGS (x) UID 300)", "* 1 FETCH (FLAGS () UID 100)", b+" OK", a+" OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		events := c.Subscribe(0)
		defer events.Close()
		a := c.Start(ctx, fetch(wire.UIDs(100), itemUID|itemFlags), CallOptions{Rows: true})
		b := c.Start(ctx, fetch(wire.UIDs(200), itemUID|itemFlags), CallOptions{Rows: true})
		got, err := rows(ctx, a)
		require.NoError(t, err)
		assert.Equal(t, []string{"* 1 FETCH (FLAGS () UID 100)"}, got)
		got, err = rows(ctx, b)
		require.NoError(t, err)
		assert.Equal(t, []string{"* 2 FETCH (UID 200 FLAGS ())"}, got)
		r, lost, err := events.Next(ctx)
		require.NoError(t, err)
		assert.Zero(t, lost)
		assert.Equal(t, "* 9 FETCH (FLAGS (x) UID 300)", r.(*data).text, "nobody asked for it")
	})
}

// TestOrder starts pairs of commands and looks whether the second one is on the wire before the first was answered.
func TestOrder(t *testing.T) {
	seq, uid := wire.Seqs, wire.UIDs
	search := command{spec: specSearch, scope: Scope{UID: true}}
	searchSeq := command{spec: specSearch, scope: Scope{UID: true, ByNumber: true}}
	expunge := command{spec: specExpunge}
	sel := command{spec: specSelect}
	body, flags := uint64(itemUID|itemBody), uint64(itemFlags)
	saves := command{spec: specSearch, scope: Scope{UID: true, ReadsFlags: true, Saves: true}}
	savesTagged := command{spec: &Spec{Name: "UID SEARCH", In: loggedIn, Returns: []Return{{Kind: kindEsearch, Tag: true}}}, scope: Scope{UID: true, Saves: true}}
	savesAmong := savesTagged
	savesAmong.scope.UsesSaved = true
	uses := command{spec: specNoop, scope: Scope{UsesSaved: true}} // of which nothing else is known
	for _, tt := range []struct {
		name   string
		a, b   command
		beside bool
	}{
		{"flags written of what a search by flags saves", saves, store(wire.SavedResult()), true},
		{"flags written beside a search by flags", saves, store(uid(5)), false},
		{"saved, then used", saves, uses, true},
		{"used, then saved", uses, saves, false},
		{"saved, then something else saved", savesTagged, savesTagged, true},
		{"saved, then saved among that", savesTagged, savesAmong, true},
		{"NOOP beside NOOP", noop, noop, true},
		{"by number after what may expunge", noop, fetch(seq(1), flags), false},
		{"what may expunge after by number", fetch(seq(1), flags), noop, false},
		{"EXPUNGE after FETCH by number", fetch(seq(1), flags), expunge, false},
		{"FETCH by number after EXPUNGE", expunge, fetch(seq(1), flags), false},
		{"FETCH by UID after EXPUNGE", expunge, fetch(uid(1), flags), false},
		{"FETCH by number after FETCH by UID", fetch(uid(1), flags), fetch(seq(1), flags), false},
		{"by number beside by number", fetch(seq(1), flags), fetch(seq(2), flags), true},
		{"UID SEARCH with numbers after UID SEARCH", search, searchSeq, false},
		{"UID FETCH after UID SEARCH with numbers", searchSeq, fetch(uid(1), flags), false},
		{"same items of the same messages", fetch(uid(1, 5), flags), fetch(wire.UIDRange(4, 9), flags), false},
		{"same items of other messages", fetch(uid(1, 5), flags), fetch(wire.UIDRange(6, 9), flags), true},
		{"same items, up to the last message", fetch(uid(1, 5), flags), fetch(wire.UIDRange(6, 0), flags), false},
		{"other items of the same messages", fetch(uid(5), flags), fetch(uid(5), itemEnvelope), true},
		{"unknown items of the same messages", fetch(uid(5), 0), fetch(uid(5), itemEnvelope), false},
		{"flags written, then read", store(uid(5)), fetch(uid(5), itemBody), false},
		{"flags read, then written", fetch(uid(5), itemBody), store(uid(5)), false},
		{"flags written twice", store(uid(5)), store(uid(1, 5)), false},
		{"flags of other messages", store(uid(5)), store(uid(6)), true},
		{"two SEARCHes", search, search, false},
		{"SEARCH beside FETCH", search, fetch(uid(1), body), true},
		{"two EXPUNGEs", expunge, expunge, false},
		{"STATUS of two mailboxes", statusOf("a"), statusOf("b"), true},
		{"STATUS of one mailbox", statusOf("a"), statusOf("a"), false},
		{"STATUS of INBOX in two writings", statusOf("INBOX"), statusOf("inbox"), false},
		{"APPEND beside APPEND", appendTo("a", wire.SourceString("")), appendTo("a", wire.SourceString("")), true},
		{"SELECT after NOOP", noop, sel, false},
		{"NOOP after SELECT", sel, noop, false},
		{"LOGOUT after NOOP", noop, logout, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ SEARCHRES] ready", Options{}, func(s *server) {
				a := s.tag()
				if tt.beside {
					b := s.tag()
					s.send(b + " OK")
					s.send(a + " OK")
					return
				}
				s.silent()
				s.send(a + " OK")
				s.send(s.tag() + " OK")
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				a, b := c.Start(ctx, tt.a, CallOptions{}), c.Start(ctx, tt.b, CallOptions{})
				for _, k := range []*Call{a, b} {
					_, err := k.Wait(ctx)
					require.NoError(t, err)
				}
			})
		})
	}
}

// TestOrderOfWhatIsSavedTwice: the server need not keep what changes flags behind a SEARCH by flags whose "$" is not what it names any more.
func TestOrderOfWhatIsSavedTwice(t *testing.T) {
	play(t, "* PREAUTH [CAPABILITY IMAP4rev1 SEARCHRES] ready", Options{}, func(s *server) {
		first, second := s.command("UID SEARCH"), s.command("UID SEARCH")
		s.silent()
		s.send(first + " OK")
		s.send(s.command("UID STORE $")+" OK", second+" OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		spec := &Spec{Name: "UID SEARCH", In: loggedIn, Returns: []Return{{Kind: kindEsearch, Tag: true}}}
		var calls []*Call
		for _, cmd := range []command{
			{spec: spec, scope: Scope{UID: true, Saves: true, ReadsFlags: true}},
			{spec: spec, scope: Scope{UID: true, Saves: true}},
			store(wire.SavedResult()),
		} {
			calls = append(calls, c.Start(ctx, cmd, CallOptions{}))
		}
		for _, k := range calls {
			_, err := k.Wait(ctx)
			require.NoError(t, err)
		}
	})
}

// tag reads any command, with an APPEND of no octets, and gives its tag.
func (s *server) tag() string {
	tag, rest, _ := strings.Cut(s.line(), " ")
	if strings.HasSuffix(rest, "{0+}") {
		s.want("")
	}
	return tag
}

func TestLaterCommandsWaitBehindOneThatWaits(t *testing.T) {
	run(t, Options{}, func(s *server) {
		a := s.command("NOOP")
		s.silent()
		s.send(a + " OK")
		b := s.command("SELECT")
		s.silent()
		s.send("* 7 EXISTS", "* OK [UIDNEXT 8] next", b+" OK done")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		c.Start(ctx, noop, CallOptions{})
		var collected []string
		var finished Condition
		sel := c.Start(ctx, command{spec: specSelect}, CallOptions{
			Result: result{
				collect: func(r Response) { collected = append(collected, fmt.Sprint(r.Kind().Name)) },
				complete: func(cond Condition) {
					assert.Equal(t, StateSelected, c.State())
					finished = cond
				},
			},
		})
		last := c.Start(ctx, noop, CallOptions{Check: func(*Call) error {
			assert.Equal(t, ConditionOK, finished.Type, "SELECT was finished before the next command is judged")
			return nil
		}})
		_, err := last.Wait(ctx)
		require.NoError(t, err)
		cond, err := sel.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, Condition{Type: ConditionOK, Text: "done"}, cond)
		assert.Equal(t, []string{"EXISTS", "status"}, collected)
	})
}

func TestStateFollowsAnswers(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.answer("SELECT")
		s.send(s.command("SELECT") + " BAD what")
		s.send(s.command("SELECT") + " NO such mailbox")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		assert.Equal(t, StateAuthenticated, c.State())
		for _, want := range []State{StateSelected, StateSelected, StateAuthenticated} {
			_, _ = c.Start(ctx, command{spec: specSelect}, CallOptions{}).Wait(ctx)
			assert.Equal(t, want, c.State())
		}
	})
}

func TestLocalRefusals(t *testing.T) {
	fails := fmt.Errorf("changed")
	for _, tt := range []struct {
		name string
		caps string
		cmd  command
		o    CallOptions
		want error
		text string
	}{
		{"state", "LOGINDISABLED", command{spec: specSelect}, CallOptions{}, ErrState,
			"imap: SELECT: not allowed in this state: the connection is not authenticated, the command is for authenticated or selected"},
		{"capability missing", "IDLE", command{spec: specStarttls}, CallOptions{}, ErrCapability, ""},
		{"capability that forbids", "LOGINDISABLED", login("x"), CallOptions{}, ErrCapability, "imap: LOGIN: not allowed by the server's capabilities: LOGINDISABLED is advertised"},
		{"check", "IDLE", noop, CallOptions{Check: func(*Call) error { return fails }}, fails, "imap: NOOP: changed"},
		{"argument", "IDLE", command{spec: specNoop, write: word("a\x00b")}, CallOptions{}, nil, "imap: NOOP: astring must be without NUL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			play(t, "* OK [CAPABILITY IMAP4rev1 "+tt.caps+"] hi", Options{}, func(s *server) {
				s.answer("NOOP") // nothing came before
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				_, err := c.Start(ctx, tt.cmd, tt.o).Wait(ctx)
				require.Error(t, err)
				if tt.want != nil {
					require.ErrorIs(t, err, tt.want)
				}
				if tt.text != "" {
					assert.EqualError(t, err, tt.text)
				}
				assert.NotErrorIs(t, err, ErrOutcomeUnknown)
				_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
				require.NoError(t, err)
			})
		})
	}
}

func TestCapabilities(t *testing.T) {
	t.Run("unknown after a login without them", func(t *testing.T) {
		play(t, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN auth=XOAUTH2] hi", Options{}, func(s *server) {
			s.send(s.command(`LOGIN ada "x"`) + " OK in")
			s.send("* CAPABILITY IMAP4rev1 IDLE", s.command("CAPABILITY")+" OK done")
		}, func(t *testing.T, c *Conn) {
			ctx := t.Context()
			assert.Equal(t, []string{"PLAIN", "XOAUTH2"}, slices.Collect(c.Capabilities().With("AUTH=")))
			assert.True(t, c.Capabilities().Has("imap4REV1"))
			_, err := c.Start(ctx, login("x"), CallOptions{}).Wait(ctx)
			require.NoError(t, err)
			assert.False(t, c.Capabilities().Known())
			_, err = c.Start(ctx, idle, CallOptions{}).Wait(ctx)
			require.ErrorIs(t, err, ErrCapability)
			_, err = c.Start(ctx, command{spec: specCapability}, CallOptions{}).Wait(ctx)
			require.NoError(t, err)
			assert.Equal(t, "IMAP4rev1 IDLE", c.Capabilities().String())
			assert.Equal(t, []string{"IMAP4rev1", "IDLE"}, slices.Collect(c.Capabilities().All()))
		})
	})
	for name, lines := range map[string][]string{
		"in the tagged answer":        {" OK [CAPABILITY IMAP4rev1 X] in"},
		"as data before the answer":   {"* CAPABILITY IMAP4rev1 X", " OK in"},
		"as a code before the answer": {"* OK [CAPABILITY IMAP4rev1 X] hello", " OK in"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, "* OK [CAPABILITY IMAP4rev1] hi", Options{}, func(s *server) {
				tag := s.command(`LOGIN ada "x"`)
				lines[len(lines)-1] = tag + lines[len(lines)-1]
				s.send(lines...)
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				_, err := c.Start(ctx, login("x"), CallOptions{}).Wait(ctx)
				require.NoError(t, err)
				assert.Equal(t, "IMAP4rev1 X", c.Capabilities().String())
			})
		})
	}
}

func TestEnabledUTF8IsUsedFromThenOn(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.send("* ENABLED UTF8=ACCEPT", s.command("ENABLE")+" OK")
		s.answer(`NOOP "é"`)
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		c.Start(ctx, command{spec: &Spec{Name: "ENABLE", In: StateAny, Next: StateAuthenticated, Returns: []Return{{Kind: kindEnabled}}}}, CallOptions{})
		_, err := c.Start(ctx, command{spec: specNoop, write: word("é")}, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
	})
}

func TestThousandGoroutines(t *testing.T) {
	const n = 1000
	run(t, Options{}, func(s *server) {
		var tags []string
		for range n {
			tags = append(tags, s.command("NOOP"))
		}
		for _, tag := range tags {
			s.send(tag + " OK " + tag)
		}
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				k := c.Start(ctx, noop, CallOptions{})
				cond, err := k.Wait(ctx)
				if assert.NoError(t, err) {
					assert.Equal(t, c.tags().text(k.tag), cond.Text)
				}
			})
		}
		wg.Wait()
		assert.Zero(t, c.flying.n)
		assert.Nil(t, c.byTag)
	})
}
