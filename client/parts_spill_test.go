package client_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// A spill counts the files that a connection makes, and keeps the last one under a name.
type spill struct {
	dir   string
	mu    sync.Mutex
	files int
	most  int64
	open  int
}

func newSpill(t *testing.T) *spill { return &spill{dir: t.TempDir()} }

type spillFile struct {
	*os.File
	s *spill
}

func (s *spill) file() (client.SpillFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files++
	s.open++
	f, err := os.Create(filepath.Join(s.dir, fmt.Sprint(s.files)))
	return spillFile{f, s}, err
}

func (f spillFile) WriteAt(p []byte, off int64) (int, error) {
	f.s.mu.Lock()
	f.s.most = max(f.s.most, off+int64(len(p)))
	f.s.mu.Unlock()
	return f.File.WriteAt(p, off)
}

func (f spillFile) Close() error {
	f.s.mu.Lock()
	f.s.open--
	f.s.mu.Unlock()
	return f.File.Close()
}

// size is how long the file is now.
func (s *spill) size(t *testing.T) int64 {
	i, err := os.Stat(filepath.Join(s.dir, fmt.Sprint(s.files)))
	require.NoError(t, err)
	return i.Size()
}

// What has come of a body is kept while a command inside the loop waits for its answer behind it.
func TestCommandsInsideAPart(t *testing.T) {
	body := text(3000*kib, 5)
	for _, tt := range []struct {
		name    string
		limit   int64
		spilled bool
	}{{"in memory", 0, false}, {"in the store", 500 * kib, true}, {"all in the store", 1, true}} {
		t.Run(tt.name, func(t *testing.T) {
			store := newSpill(t)
			flow(t, client.Options{UnreadLimit: tt.limit, Spill: store.file}, func(s *script) {
				tag := s.want(fetchAll)
				s.sendRaw(message(1, body)[:1000*kib])
				noop := s.want("NOOP") // the client asks although it has not read on
				s.sendRaw(message(1, body)[1000*kib:] + "\r\n" + noop + " OK\r\n")
				s.send(message(2, body), message(3, "short"), tag+" OK done")
				s.end()
			}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
				var uids []uint32
				for m, err := range fetchParts(t.Context(), box).All() {
					require.NoError(t, err)
					for part, err := range m.Parts() {
						require.NoError(t, err)
						if m.Seq == 1 {
							first := make([]byte, 100*kib)
							_, err := io.ReadFull(part.Data, first)
							require.NoError(t, err)
							require.NoError(t, c.Noop(t.Context()))
							rest, err := io.ReadAll(part.Data)
							require.NoError(t, err)
							assert.True(t, body == string(first)+string(rest))
						}
					}
					uids = append(uids, m.UID)
				}
				assert.Equal(t, []uint32{1, 2, 3}, uids)
				assert.Equal(t, tt.spilled, store.files == 1)
				if tt.spilled {
					assert.Zero(t, store.size(t), "what was read gives its room back")
					assert.Less(t, store.most, int64(len(body)+100*kib))
				}
			})
			assert.Zero(t, store.open)
		})
	}
}

// The rows of a plain Fetch that nobody reads go to the store as well, with everything in them.
func TestUnreadRowsAreStored(t *testing.T) {
	const n = 400
	store := newSpill(t)
	body := func(i int) string { return text(2000+i*40, byte(i)) } // in the line and beside it
	flow(t, client.Options{UnreadLimit: 50 * kib, Spill: store.file}, func(s *script) {
		tag := s.want("UID FETCH 1:* (UID ENVELOPE BODY.PEEK[])")
		noop := s.want("NOOP")
		for i := 1; i <= n; i++ {
			s.send(fmt.Sprintf(`* %d FETCH (UID %d ENVELOPE (NIL "subject %d" NIL NIL NIL NIL NIL NIL NIL NIL) BODY[] %s)`, i, i, i, asLiteral(body(i))))
		}
		s.send(message(n+1, text(900*kib, 1)))
		s.send(noop+" OK", tag+" OK done")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		rows := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, imap.FetchEnvelope, peek}})
		require.NoError(t, c.Noop(t.Context()))
		i := 0
		for m, err := range rows.All() {
			require.NoError(t, err)
			if i++; i <= n {
				require.Equal(t, uint32(i), m.UID)
				require.Equal(t, fmt.Sprint("subject ", i), m.Envelope.Subject.String())
				require.True(t, body(i) == m.BodySection[0].Data.String())
			} else {
				require.True(t, text(900*kib, 1) == m.BodySection[0].Data.String())
			}
		}
		assert.Equal(t, n+1, i)
		assert.Equal(t, 1, store.files)
		assert.Zero(t, store.size(t))
	})
	assert.Zero(t, store.open)
}

// With SpillNone the command with the most unread data fails; nothing else does.
func TestSpillNone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(*testing.T, *client.Mailbox) (err func() error)
	}{
		{"parts", func(t *testing.T, box *client.Mailbox) func() error {
			m := fetchParts(t.Context(), box)
			return func() error {
				for _, err := range m.All() {
					if err != nil {
						return err
					}
				}
				return nil
			}
		}},
		{"rows", func(t *testing.T, box *client.Mailbox) func() error {
			m := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, peek}})
			return func() error {
				for _, err := range m.All() {
					if err != nil {
						return err
					}
				}
				return nil
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flow(t, client.Options{UnreadLimit: 100 * kib, Spill: client.SpillNone}, func(s *script) {
				tag := s.want(fetchAll)
				noop := s.want("NOOP")
				for i := range 10 {
					s.send(message(i+1, text(60*kib*(i+1), 1)))
				}
				s.send(noop+" OK", tag+" OK done")
				s.ok("NOOP")
				s.end()
			}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
				result := tt.start(t, box)
				require.NoError(t, c.Noop(t.Context()))
				err := result()
				require.ErrorIs(t, err, imap.ErrUnread)
				require.ErrorIs(t, err, imap.ErrOutcomeUnknown)
				assert.ErrorContains(t, err, "SpillNone")
				require.NoError(t, c.Noop(t.Context()))
			})
		})
	}
}

// A store that cannot be written fails the command, not the connection.
func TestSpillFails(t *testing.T) {
	flow(t, client.Options{UnreadLimit: 1, Spill: func() (client.SpillFile, error) { return nil, errors.New("disk full") }}, func(s *script) {
		tag := s.want(fetchAll)
		noop := s.want("NOOP")
		s.send(message(1, text(300*kib, 1)), noop+" OK", tag+" OK done")
		s.ok("NOOP")
		s.end()
	}, func(t *testing.T, c *client.Client, box *client.Mailbox) {
		m := fetchParts(t.Context(), box)
		require.NoError(t, c.Noop(t.Context()))
		_, err := m.Result()
		require.ErrorIs(t, err, imap.ErrUnread)
		assert.ErrorContains(t, err, "disk full")
		require.NoError(t, c.Noop(t.Context()))
	})
}
