package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// halting gives n octets at a time, and before each of them os.ErrDeadlineExceeded.
type halting struct {
	text string
	n    int
	halt bool
}

func (h *halting) Read(p []byte) (int, error) {
	if h.halt = !h.halt; h.halt {
		return 0, os.ErrDeadlineExceeded
	}
	if h.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), h.n)], h.text)
	h.text = h.text[n:]
	return n, nil
}

// content is what was read of a literal.
type content struct{ octets string }

func (c *content) Next() (Chunk, error) {
	if c.octets == "" {
		return Chunk{}, io.EOF
	}
	chunk := NewChunk()
	n := copy(chunk.Octets, c.octets)
	chunk.Octets, c.octets = chunk.Octets[:n], c.octets[n:]
	return chunk, nil
}

// TestReaderGoesOnAfterADeadline: wherever a Read ends without anything, nothing is lost; long literals are read apart or in memory.
func TestReaderGoesOnAfterADeadline(t *testing.T) {
	long, longer := strings.Repeat("0123456789", 700), strings.Repeat("abcdefg", 20_000)
	text := fmt.Sprintf("* 1 FETCH (BODY[1] {%d}\r\n%s BODY[2] {%d}\r\n%s BODY[3] {3}\r\nxyz)\r\n* OK\r\n", len(long), long, len(longer), longer)
	for _, size := range []int{1, 7, 5000, 100_000} {
		for _, apart := range []int64{0, int64(len(longer))} { // the least size that is read apart; 0: none
			t.Run(fmt.Sprint(size, apart), func(t *testing.T) {
				r := NewReader(&halting{text: text, n: size}, Limits{})
				var coming *content
				r.OnLarge(func(begun *Frame, body *Body, fits bool) bool {
					assert.True(t, fits)
					if apart == 0 || body.Size() < apart {
						return false
					}
					var d Decoder
					d.Begin(begun)
					assert.True(t, strings.HasSuffix(string(begun.Text()), "\r\n)\r\n"))
					coming = &content{}
					body.Stream(coming)
					return true
				})
				var frame *Frame
				for frame == nil {
					f, err := r.Next()
					switch {
					case errors.Is(err, os.ErrDeadlineExceeded):
					case err != nil:
						require.NoError(t, err)
					case f != nil:
						frame = f
					default:
						for l := r.Coming(); l.Left() > 0; {
							c, err := l.Chunk()
							if !errors.Is(err, os.ErrDeadlineExceeded) {
								require.NoError(t, err)
							}
							coming.octets += string(c.Octets)
							c.Free()
						}
					}
				}
				assert.Equal(t, int64(len(text)-len("* OK\r\n")), frame.Len())
				require.Len(t, frame.big, 2)
				assert.True(t, long == frame.big[0].body.String())
				assert.True(t, longer == frame.big[1].body.String())
				assert.Equal(t, apart > 0, coming != nil)
				for {
					f, err := r.Next()
					if err == nil {
						assert.Equal(t, "* OK\r\n", string(f.Text()))
						break
					}
					require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				}
			})
		}
	}
}

// TestKept: a frame that was written elsewhere is the same again.
func TestKept(t *testing.T) {
	long := strings.Repeat("0123456789", 700)
	text := fmt.Sprintf("* 1 FETCH (BODY[1] {%d}\r\n%s)\r\n", len(long), long)
	f, err := NewReader(strings.NewReader(text), Limits{}).Next()
	require.NoError(t, err)
	var b strings.Builder
	k, err := f.Keep(&b)
	require.NoError(t, err)
	assert.Equal(t, f.InMemory(), int64(b.Len()))
	g, err := k.Frame(strings.NewReader(b.String()))
	require.NoError(t, err)
	assert.Equal(t, f.raw(0, len(f.text)), g.raw(0, len(g.text)))
	assert.Equal(t, f.Len(), g.Len())
	_, err = k.Frame(strings.NewReader(b.String()[:100]))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// counted gives all that is asked for, and counts how often it is asked.
type counted struct {
	io.Reader
	reads int
}

func (c *counted) Read(p []byte) (int, error) {
	c.reads++
	return io.ReadFull(c.Reader, p)
}

// TestReadsOfBodies: the stream is not read for the end of a body alone.
func TestReadsOfBodies(t *testing.T) {
	const bodies = 100
	for _, tt := range []struct {
		name  string
		size  int
		apart bool
		reads int // for all bodies, but for those at the ends
	}{
		{"streamed", 4 * busyBuffer, true, 4 * bodies},
		{"whole", 4 * busyBuffer, false, 2 * bodies}, // what is before a body, with its beginning, and the body
		{"whole, of common size", busyBuffer / 8, false, bodies / 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one := fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n", tt.size, strings.Repeat("x", tt.size))
			src := &counted{Reader: strings.NewReader(strings.Repeat(one, bodies))}
			r := NewReader(src, Limits{})
			r.OnLarge(func(*Frame, *Body, bool) bool { return tt.apart })
			for range bodies {
				f, err := r.Next()
				require.NoError(t, err)
				if tt.apart {
					for l := r.Coming(); l.Left() > 0; {
						c, err := l.Chunk()
						require.NoError(t, err)
						c.Free()
					}
					f, err = r.Next()
					require.NoError(t, err)
				}
				assert.Equal(t, int64(len(one)), f.Len())
			}
			assert.InDelta(t, tt.reads, src.reads, 5)
		})
	}
}
