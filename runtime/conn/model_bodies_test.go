package conn

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/parley-go/parley/runtime/wire"
)

// This file is the bodies of the model: literals of all lengths, of which those that are longer than a chunk come as a Begun to who wants
// that, and as a whole to others.

// mailboxSpan is how far the UIDs of mailboxes are apart.
const mailboxSpan = 100_000

// size is how many messages there are in a mailbox.
func (w *world) size() int {
	if w.long {
		return 3 * lendRows
	}
	return 60
}

// unreadLimit is so low for some worlds that what is not read goes to the store.
func (w *world) unreadLimit(seed uint64) int64 {
	if seed%9 == 3 {
		return 100 << 10
	}
	return 0
}

// literal gives the length of a literal to be the value of an item; 0: none is.
func (s *modelServer) literal(m *modelCommand, name string) int {
	if !s.w.long || m == nil || name == "FLAGS" {
		return 0
	}
	n := 1000
	if len(m.parts) < 20 {
		n = 25
	}
	switch n = s.random.IntN(n); {
	case n == 0 && len(s.pending) == 1: // so long that the reader pauses, or would if it were not borrowed
		return window + s.random.IntN(2*pauseOctets)
	case n < 2:
		return wire.ChunkSize + 1 + s.random.IntN(150_000)
	case n < 6:
		return 5000 + s.random.IntN(30_000)
	case n < 30:
		return 1 + s.random.IntN(3000)
	}
	return 0
}

// modelBody gives octets that say what they are.
func modelBody(serial int, name string, size int) string {
	word := fmt.Sprintf("s%d.%s ", serial, name[:1])
	return strings.Repeat(word, size/len(word)+1)[:size]
}

func isModelBody(octets []byte) bool {
	word, _, _ := bytes.Cut(octets, []byte(" "))
	n := len(word) + 1
	return len(octets) <= n || bytes.Equal(octets[n:], octets[:len(octets)-n])
}

// A bodyCodec knows literals as bodies.
type bodyCodec struct{ codec }

var literalPattern = regexp.MustCompile(`\{\d+\}\r\n`)

func (bodyCodec) Fork() Codec { return bodyCodec{} }

func (bodyCodec) Decode(f *wire.Frame, d Dialog) ([]byte, Response, error) {
	tag, r, err := codec{}.Decode(f, d)
	if x, ok := r.(*data); ok && x.kind == kindFetch && bytes.IndexByte(f.Text(), '{') > 0 {
		for _, at := range literalPattern.FindAllIndex(f.Text(), -1) {
			var decoder wire.Decoder
			decoder.Begin(f)
			decoder.Rewind(at[0])
			x.bodies = append(x.bodies, decoder.BodyData())
		}
	}
	return tag, r, err
}

// A memoryFile is a SpillFile.
type memoryFile struct {
	mu     sync.Mutex
	octets []byte
}

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := copy(p, f.octets[min(off, int64(len(f.octets))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memoryFile) WriteAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if more := int(off) + len(p) - len(f.octets); more > 0 {
		f.octets = append(f.octets, make([]byte, more)...)
	}
	return copy(f.octets[off:], p), nil
}

func (f *memoryFile) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.octets = f.octets[:size]
	return nil
}

func (f *memoryFile) Close() error { return f.Truncate(0) }
