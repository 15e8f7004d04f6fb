package imaptest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// This test runs one session on imaptest and on real servers, over messages from testdata/mail, and compares every value of every
// answer. Where a real server differs, a row of differences says why; a row that is not needed any more fails.

// rival is a server to be compared with: how to dial it.
type rival struct {
	name string
	dial func(*testing.T) *client.Client
}

// letters are the messages of the corpus, in order, by their names.
func letters(t *testing.T) (names []string, octets [][]byte) {
	t.Helper()
	files, err := filepath.Glob("testdata/mail/*.eml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".eml"))
		octets = append(octets, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	}
	return names, octets
}

// corpusFlags are what the messages are appended with.
func corpusFlags(i int) imap.Flags {
	var list []imap.Flag
	for n, flag := range []imap.Flag{imap.FlagSeen, imap.FlagFlagged, imap.FlagAnswered, imap.FlagDraft, "$Work", "NonJunk"} {
		if i%(n+2) == 0 {
			list = append(list, flag)
		}
	}
	return imap.NewFlags(list...)
}

// corpus appends the messages to a new mailbox.
func corpus(t *testing.T, c *client.Client, mailbox string) {
	t.Helper()
	require.NoError(t, c.Create(t.Context(), mailbox))
	_, all := letters(t)
	for i, octets := range all {
		_, err := client.Do(t.Context(), c, imap.Append{Mailbox: mailbox, Messages: []imap.AppendMessage{{
			Flags: corpusFlags(i),
			Date:  time.Date(2024, 2, 1+i/2, 12, i, 0, 0, time.UTC),
			Data:  imap.AppendLiteral(imap.SourceBytes(octets)),
		}}})
		require.NoError(t, err, "message %d", i+1)
	}
}

// values are what a session was told: values by where they stood.
type values map[string]string

// play runs the session.
func (r rival) play(t *testing.T) values {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := r.dial(t)
	defer c.Close()
	corpus(t, c, "corpus")
	names, _ := letters(t)
	got := values{}
	for _, s := range session(names) {
		if c.State() != conn.StateSelected {
			_, err := c.Select(ctx, "corpus")
			require.NoError(t, err)
		}
		at := func(elem string, v any) { got.put(path.Join(s.name, elem), v) }
		err := s.run(ctx, c, at)
		var refused *imap.Error
		switch {
		case errors.Is(err, conn.ErrCapability):
			at("outcome", "not offered")
		case errors.As(err, &refused):
			at("outcome", refused.Type)
		case err != nil:
			require.NoError(t, err, s.name)
		default:
			at("outcome", "OK")
		}
	}
	return got
}

func TestCompareWithRealServers(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	own := rival{"imaptest", func(t *testing.T) *client.Client {
		c, err := client.Dial(t.Context(), srv.URL, client.Options{Auth: client.Password("ada", "secret"), TLS: srv.TLSConfig()})
		require.NoError(t, err)
		return c
	}}.play(t)
	require.Greater(t, len(own), 2000, "the session has shrunk")
	for _, kind := range []struct {
		start func(testing.TB) *servers.Server
		name  servers.Kind
	}{{servers.Dovecot, servers.KindDovecot}, {servers.Cyrus, servers.KindCyrus}} {
		t.Run(string(kind.name), func(t *testing.T) {
			s := kind.start(t)
			theirs := rival{string(kind.name), func(t *testing.T) *client.Client {
				c, err := client.Dial(t.Context(), "imap://"+s.Addr, client.Options{Auth: client.Password(s.User, s.Password), TLS: s.TLSConfig()})
				require.NoError(t, err)
				return c
			}}.play(t)
			compare(t, kind.name, own, theirs)
		})
	}
}

// compare fails for each value that differs without a row, and for each row without a value.
func compare(t *testing.T, server servers.Kind, own, theirs values) {
	t.Helper()
	rows := slices.DeleteFunc(slices.Clone(differences), func(d difference) bool { return d.server != server })
	used := make([]bool, len(rows))
	all := maps.Clone(own)
	maps.Copy(all, theirs)
	missing := map[string]bool{} // steps that the server does not offer
	for where, v := range theirs {
		if v == "not offered" {
			missing[strings.Split(where, "/")[0]] = true
		}
	}
	compared := 0
	for _, where := range slices.Sorted(maps.Keys(all)) {
		a, inOwn := own[where]
		b, inTheirs := theirs[where]
		compared++
		if a == b && inOwn == inTheirs {
			continue
		}
		if missing[strings.Split(where, "/")[0]] {
			continue
		}
		row := slices.IndexFunc(rows, func(d difference) bool { return d.covers(where, a, b) })
		if row < 0 {
			t.Errorf("%s:\n  imaptest %s\n  %-8s %s", where, shown(a, inOwn), server, shown(b, inTheirs))
			continue
		}
		used[row] = true
	}
	for i, d := range rows {
		assert.True(t, used[i], "the difference %q is not there any more: %s", d.where, d.why)
	}
	t.Logf("%d values compared, %d differences declared, steps not offered: %v", compared, len(rows), slices.Sorted(maps.Keys(missing)))
}

func shown(v string, there bool) string {
	if !there {
		return "(nothing)"
	}
	return fmt.Sprintf("%q", v)
}

// difference is where a real server answers something else than imaptest, and why imaptest does not do the same.
type difference struct {
	server      servers.Kind
	where       string // a pattern of path.Match, in which a "**" at the end stands for all that follows
	why         string
	own, theirs string // the values, where the pattern alone would hide too much; empty for any
}

func (d difference) covers(where, own, theirs string) bool {
	if d.own != "" && d.own != own || d.theirs != "" && d.theirs != theirs {
		return false
	}
	if head, deep := strings.CutSuffix(d.where, "**"); deep {
		elems := strings.Count(head, "/")
		parts := strings.SplitAfter(where, "/")
		if len(parts) <= elems {
			return false
		}
		return matches(head, strings.Join(parts[:elems], ""))
	}
	return matches(d.where, where)
}

// matches is path.Match where brackets stand for themselves, as they do in the names of sections.
func matches(pattern, name string) bool {
	matched, err := path.Match(strings.ReplaceAll(pattern, "[", "\\["), name)
	return err == nil && matched
}
