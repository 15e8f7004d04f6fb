package client_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// sendOctets writes n octets.
func (s *script) sendOctets(n int64) {
	block := make([]byte, 256*kib)
	for i := range block {
		block[i] = byte(i%251) | 1
	}
	for n > 0 {
		m, err := s.nc.Write(block[:min(n, int64(len(block)))])
		if err != nil {
			s.fail("send octets: %v", err)
		}
		n -= int64(m)
	}
}

// heap gives the octets in use, and those that were allocated ever.
func heap() (now, ever uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse, m.TotalAlloc
}

// A body of 4 GiB needs little memory, and almost none is allocated.
func TestHugeBodyInFlatMemory(t *testing.T) {
	const size = 4 << 30
	if testing.Short() {
		t.Skip("4 GiB")
	}
	c, box := inbox(t, func(s *script) {
		tag := s.want(fetchAll)
		s.sendRaw(fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n", int64(size)))
		s.sendOctets(size)
		s.send(")", tag+" OK done")
		s.end()
	})
	before, everBefore := heap()
	most, n := uint64(0), int64(0)
	for m, err := range fetchParts(t.Context(), box).All() {
		require.NoError(t, err)
		for part, err := range m.Parts() {
			require.NoError(t, err)
			assert.Equal(t, int64(size), part.Data.Size())
			written, err := part.Data.WriteTo(writerFunc(func(p []byte) (int, error) {
				if n += int64(len(p)); n%(64<<20) < int64(len(p)) {
					now, _ := heap()
					most = max(most, now)
				}
				return len(p), nil
			}))
			require.NoError(t, err)
			assert.Equal(t, int64(size), written)
		}
	}
	_, ever := heap()
	assert.Less(t, most, before+1<<20)
	assert.Less(t, ever-everBefore, uint64(size/2), "the buffers are used again: most of them under the race detector, which drops some")
	require.NoError(t, c.Close())
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// What is passed over, or comes for a command that is not wanted any more, is not allocated.
func TestUnwantedBodiesAreNotAllocated(t *testing.T) {
	const size = 48 << 20
	for _, tt := range []struct {
		name  string
		first string // comes before the bodies, which wait for stopped
		run   func(t *testing.T, box *client.Mailbox, stopped func())
	}{
		{"break", "", func(t *testing.T, box *client.Mailbox, _ func()) {
			for _, err := range fetchParts(t.Context(), box).All() {
				require.NoError(t, err)
				break
			}
		}},
		{"not read", "", func(t *testing.T, box *client.Mailbox, _ func()) {
			for _, err := range fetchParts(t.Context(), box).All() {
				require.NoError(t, err)
			}
		}},
		{"rows that were stopped", "* 2 FETCH (UID 2 BODY[] {1}\r\nx)", func(t *testing.T, box *client.Mailbox, stopped func()) {
			rows := client.StartRows(t.Context(), box, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchUID, peek}})
			for range rows.All() {
				break
			}
			stopped()
			_, err := rows.Result()
			require.NoError(t, err)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stopped := make(chan struct{})
			c, box := inbox(t, func(s *script) {
				tag := s.want(fetchAll)
				if tt.first != "" {
					s.send(tt.first)
					<-stopped
				}
				s.sendRaw("* 1 FETCH (UID 1 BODY[] {100000}\r\n")
				s.sendOctets(100000)
				s.sendRaw(fmt.Sprintf(" BODY[1] {%d}\r\n", size))
				s.sendOctets(size)
				s.send(")", tag+" OK done")
				s.ok("NOOP")
				s.end()
			})
			_, before := heap()
			tt.run(t, box, func() { close(stopped) })
			require.NoError(t, c.Noop(t.Context()))
			_, ever := heap()
			assert.Less(t, ever-before, uint64(size/2))
			require.NoError(t, c.Close())
		})
	}
}

// What is kept of a body that comes in small pieces takes little more memory than it is long.
func TestBodyInSmallPieces(t *testing.T) {
	const size = 4 << 20
	piece := text(kib, 1)
	came := make(chan struct{})
	c, box := inbox(t, func(s *script) {
		tag := s.want(fetchAll)
		s.sendRaw(fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n", size))
		noop := s.want("NOOP")
		for range size / len(piece) {
			s.sendRaw(piece)
		}
		s.send(")", noop+" OK done")
		<-came
		s.send(tag + " OK done")
		s.end()
	})
	before, _ := heap()
	for m, err := range fetchParts(t.Context(), box).All() {
		require.NoError(t, err)
		require.NoError(t, c.Noop(t.Context()))
		now, _ := heap()
		assert.Less(t, now, before+2*size)
		for part, err := range m.Parts() {
			require.NoError(t, err)
			n, err := part.Data.WriteTo(io.Discard)
			require.NoError(t, err)
			assert.Equal(t, int64(size), n)
		}
		close(came)
	}
	require.NoError(t, c.Close())
}

// A body of Fetch is one allocation of its size.
func TestWholeBodyIsOneAllocation(t *testing.T) {
	const size = 6 << 20
	c, box := inbox(t, func(s *script) {
		for range 2 {
			tag := s.want(fetchAll)
			s.sendRaw(fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n", size))
			s.sendOctets(size)
			s.send(")", tag+" OK done")
		}
		s.end()
	})
	read := func() {
		for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 0), imap.FetchUID, peek) {
			require.NoError(t, err)
			b := m.BodySection[0].Data.Bytes()
			assert.Len(t, b, size)
			assert.Equal(t, size, cap(b))
		}
	}
	read()
	_, before := heap()
	read()
	_, ever := heap()
	assert.InDelta(t, size, ever-before, 600*kib, "and what the script allocates")
	require.NoError(t, c.Close())
}

func TestBodyReads(t *testing.T) {
	body := text(200*kib, 1)
	c, box := inbox(t, func(s *script) {
		s.ok("UID FETCH 1:* (UID BODY.PEEK[])", message(1, body), message(2, body), message(3, body))
		s.end()
	})
	for m, err := range fetchParts(t.Context(), box).All() {
		require.NoError(t, err)
		for part, err := range m.Parts() {
			require.NoError(t, err)
			switch m.Seq {
			case 1: // in small pieces
				var got strings.Builder
				_, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{part.Data}, make([]byte, 777))
				require.NoError(t, err)
				assert.True(t, body == got.String())
				n, err := part.Data.Read(make([]byte, 1))
				assert.Zero(t, n)
				assert.Equal(t, io.EOF, err)
			case 2: // into memory
				assert.True(t, body == part.Data.String())
				assert.True(t, body == part.Data.String(), "it stays there")
				assert.True(t, body == m.BodySection[0].Data.String(), "for the message too")
			case 3: // a writer that fails, and the rest
				n, err := part.Data.WriteTo(writerFunc(func(p []byte) (int, error) { return 10, io.ErrClosedPipe }))
				assert.Equal(t, int64(10), n)
				require.ErrorIs(t, err, io.ErrClosedPipe)
				rest, err := io.ReadAll(part.Data)
				require.NoError(t, err)
				assert.True(t, body[10:] == string(rest))
			}
		}
	}
	require.NoError(t, c.Close())
}
