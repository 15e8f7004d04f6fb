package wire

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cut reads all frames of a stream, literals put back where they belong.
func cut(src io.Reader, l Limits) (frames []string, err error) {
	r := NewReader(src, l)
	for {
		f, err := r.Next()
		if err != nil {
			return frames, err
		}
		whole := f.raw(0, len(f.text))
		if int64(len(whole)) != f.Len() {
			return frames, errors.New("Len is not the length of the frame")
		}
		frames = append(frames, whole)
	}
}

func TestReaderFrames(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 1024)
	header := "{" + strconv.Itoa(len(long)) + "}\r\n"
	for name, want := range map[string][]string{
		"lines":                        {"* OK hello\r\n", "* 3 EXISTS\r\n", "A1 OK done\r\n"},
		"lone LF":                      {"* 1 EXISTS\n", "A1 OK done\n"},
		"empty lines":                  {"\r\n", "\n", "* 1 EXISTS\r\n"},
		"literal":                      {"* LIST () \"/\" {4}\r\nab\r\n\r\n", "A1 OK done\r\n"},
		"literal of nothing":           {"* LIST () \"/\" {0}\r\n\r\n"},
		"zeros before the size":        {"* 1 FETCH (BODY[] {0003}\r\na\r\n)\r\n"},
		"non-synchronizing":            {"A1 LOGIN {3+}\r\nada {2+}\r\n\r\n\r\n"},
		"literal8":                     {"A1 APPEND x ~{3}\r\na\x00b\r\n"},
		"literal after lone LF":        {"* LIST () \"/\" {2}\nab\n", "A1 OK\n"},
		"long literals":                {"* 1 FETCH (BODY[1] " + header + long + " BODY[2] " + header + long + ")\r\n", "A1 OK done\r\n"},
		"long, short, long":            {"* 1 FETCH (A " + header + long + " B {3}\r\n{9} C " + header + long + ")\r\n"},
		"braces that are no literal":   {"* X {}\r\n", "* X {a}\r\n", "* X 1}\r\n", "* X {1} \r\n", "* X {-1}\r\n", "* X {+}\r\n"},
		"braces in text":               {"* OK at your service {5}\r\n", "A1 NO no such thing {12}\r\n", "+ go on {3}\r\n", "* BYE [ALERT] {7}\r\n"},
		"literal in a code":            {"* NO [BADCHARSET ({5}\r\nUTF-8)] sorry {3}\r\n", "A1 BAD [BADCHARSET ({2}\r\n]])] {3}\r\n"},
		"quotes in text":               {"* OK he said \"hello\r\n", "A1 NO \"\r\n", "* 1 EXISTS\r\n"},
		"a quote in a command":         {"A1 LOGIN \"ada\r\n", "A2 NOOP\r\n"},
		"line end in a string":         {"* 1 FETCH (ENVELOPE (\"d\" \"sub\r\nject\" NIL))\r\n", "A1 OK done\r\n"},
		"line ends in a string":        {"* 1 FETCH (X \"a\r\nb\nc\r\n\r\nd\")\r\n", "* 1 EXISTS\r\n"},
		"string that never closes":     {"* 1 FETCH (X \"a)\r\n", "* 2 FETCH (X \"b\")\r\n", "A1 OK done\r\n"},
		"the last string never closes": {"* 1 FETCH (X \"a)\r\n"},
		"escaped closing quote":        {"* 1 FETCH (X ((\"n\" NIL \"p\" \"s.com\\\")) ((\"n\" NIL \"p\" \"s.com\\\")) ((\"n\" NIL \"p\" \"s.com\\\")))\r\n", "* 1 EXISTS\r\n"},
		"line end after a literal":     {"* 1 FETCH (BODY[] {5}\r\nhello\r\n FLAGS (\\Seen))\r\n", "A1 OK done\r\n"},
		"cut after a literal":          {"* 1 FETCH (BODY[] {5}\r\nhello\r\n", "A1 OK done\r\n"},
		"a literal ends the line":      {"* LIST (\\X) \"/\" {5}\r\nhello\r\n", "* LIST () \"/\" x\r\n"},
		"NUL and blank before":         {"\x00\x00* OK a \"quote\r\n", " A1 OK {3}\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			all := strings.Join(want, "")
			got, err := cut(strings.NewReader(all), Limits{})
			assert.ErrorIs(t, err, io.EOF)
			assert.NotErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Equal(t, want, got)

			got, err = cut(iotest.OneByteReader(strings.NewReader(all)), Limits{})
			assert.ErrorIs(t, err, io.EOF)
			assert.Equal(t, want, got, "octet by octet")

			got, err = cut(iotest.DataErrReader(strings.NewReader(all)), Limits{})
			assert.ErrorIs(t, err, io.EOF)
			assert.Equal(t, want, got, "with the error beside the last octets")
		})
	}
}

func TestReaderSplitAnywhere(t *testing.T) {
	long := strings.Repeat("x", 5000)
	want := []string{
		"* 1 FETCH (BODY[] {5000}\r\n" + long + " ENVELOPE (\"a\r\nb\" {3}\r\nx\r\n))\r\n",
		"* OK [X {2}\r\n]]] {3}\r\n",
		"A1 OK done\r\n",
	}
	all := strings.Join(want, "")
	for i := range len(all) {
		if i > 40 && i < 4990 {
			continue // inside the long literal all places are the same
		}
		got, err := cut(io.MultiReader(strings.NewReader(all[:i]), strings.NewReader(all[i:])), Limits{})
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, want, got, "split at %d", i)

		got, err = cut(strings.NewReader(all[:i]), Limits{})
		if whole := strings.Join(got, ""); len(whole) < i {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", i)
		}
		require.True(t, strings.HasPrefix(all, strings.Join(got, "")))
	}
}

func TestReaderLongLine(t *testing.T) {
	var b strings.Builder
	b.WriteString("* SEARCH")
	for i := range 200000 {
		b.WriteString(" " + strconv.Itoa(i+1))
	}
	b.WriteString("\r\n")
	want := []string{"* 1 EXISTS\r\n", b.String(), "A1 OK done\r\n"}
	got, err := cut(strings.NewReader(strings.Join(want, "")), Limits{})
	assert.ErrorIs(t, err, io.EOF)
	assert.True(t, want[1] == got[1])
	assert.Equal(t, want[2], got[2])
}

func TestReaderLimits(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		limit Limits
		what  string
	}{
		"line":             {"* OK " + strings.Repeat("x", 100), Limits{Response: 50}, "response"},
		"line that ends":   {"* OK " + strings.Repeat("x", 100) + "\r\n", Limits{Response: 50}, "response"},
		"literal":          {"* X {51}\r\n", Limits{Literal: 50}, "literal"},
		"literals":         {"* X {30}\r\n" + strings.Repeat("x", 30) + " {30}\r\n", Limits{Literal: 50}, "literal"},
		"size of 2^63":     {"* X {9223372036854775808}\r\n", Limits{}, "literal"},
		"size of 2^64 + 5": {"* X {18446744073709551621}\r\n", Limits{}, "literal"},
		"size of 2^63 - 1": {"* X {9223372036854775807}\r\n", Limits{}, "literal"},
		"many literals":    {"* X" + strings.Repeat(" {0}\r\n", 100), Limits{Response: 200}, "response"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cut(strings.NewReader(c.in), c.limit)
			var limit *LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, c.what, limit.What)
			assert.NotErrorIs(t, err, io.EOF)
		})
	}
	t.Run("literals do not count as text", func(t *testing.T) {
		in := "* X {200}\r\n" + strings.Repeat("x", 200) + "\r\n"
		got, err := cut(strings.NewReader(in), Limits{Response: 50})
		assert.ErrorIs(t, err, io.EOF)
		assert.Equal(t, []string{in}, got)
	})
	t.Run("forty zeros", func(t *testing.T) {
		got, _ := cut(strings.NewReader("* X {"+strings.Repeat("0", 40)+"1}\r\na\r\n"), Limits{})
		assert.Len(t, got, 1)
	})
}

// A peer that announces much and sends little must not cost much.
func TestReaderAnnouncedLiteral(t *testing.T) {
	for _, sent := range []int{0, 1 << 20, 20 << 20} {
		src := io.MultiReader(strings.NewReader("* 1 FETCH (BODY[] {1073741824}\r\n"), io.LimitReader(&loop{data: []byte("x")}, int64(sent)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := cut(src, Limits{})
		runtime.ReadMemStats(&after)
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(10<<20+10*sent), "sent %d", sent)
	}
}

func TestReaderGrowsLiteral(t *testing.T) {
	data := make([]byte, 70<<20)
	for i := range data {
		data[i] = byte(i * 7)
	}
	r := NewReader(io.MultiReader(strings.NewReader("* 1 FETCH (BODY[] {"+strconv.Itoa(len(data))+"}\r\n"), bytes.NewReader(data), strings.NewReader(")\r\n* X\r\n")), Limits{})
	f, err := r.Next()
	require.NoError(t, err)
	require.Len(t, f.big, 1)
	assert.True(t, bytes.Equal(data, f.big[0].body.data))
	assert.Len(t, f.big[0].body.data, cap(f.big[0].body.data), "of its exact size")
	f, err = r.Next()
	require.NoError(t, err)
	assert.Equal(t, "* X\r\n", string(f.Text()))
}

func TestReaderOnLiteral(t *testing.T) {
	type seen struct {
		size    int64
		nonSync bool
	}
	var got []seen
	client, server := io.Pipe()
	defer client.Close()
	r := NewReader(client, Limits{})
	ready := make(chan struct{})
	r.OnLiteral(func(size int64, nonSync bool) error {
		got = append(got, seen{size, nonSync})
		if !nonSync {
			close(ready) // the peer sends the octets only now
		}
		return nil
	})
	go func() {
		_, _ = io.WriteString(server, "A1 LOGIN {3+}\r\nada {6}\r\n")
		<-ready
		_, _ = io.WriteString(server, "secret\r\n")
	}()
	f, err := r.Next()
	require.NoError(t, err)
	assert.Equal(t, "A1 LOGIN {3+}\r\nada {6}\r\nsecret\r\n", string(f.Text()))
	assert.Equal(t, []seen{{3, true}, {6, false}}, got)

	refused := errors.New("too large")
	r = NewReader(strings.NewReader("A1 APPEND x {9}\r\n"), Limits{})
	r.OnLiteral(func(int64, bool) error { return refused })
	_, err = r.Next()
	assert.ErrorIs(t, err, refused)
}

func TestReaderBufferedAndReset(t *testing.T) {
	r := NewReader(strings.NewReader("A1 OK begin\r\nsecret handshake"), Limits{})
	_, err := r.Next()
	require.NoError(t, err)
	rest := r.Buffered()
	assert.Equal(t, "secret handshake", string(rest))
	r.Reset(io.MultiReader(bytes.NewReader(rest), strings.NewReader(" goes on\r\n")))
	assert.Empty(t, r.Buffered())
	f, err := r.Next()
	require.NoError(t, err)
	assert.Equal(t, "secret handshake goes on\r\n", string(f.Text()))
	_, err = r.Next()
	assert.ErrorIs(t, err, io.EOF)
	r.Reset(strings.NewReader("* 1 EXISTS\r\n"))
	f, err = r.Next()
	require.NoError(t, err, "an error is forgotten with its stream")
	assert.Equal(t, "* 1 EXISTS\r\n", string(f.Text()))
}

func TestReaderFill(t *testing.T) {
	r := NewReader(iotest.DataErrReader(strings.NewReader("* 1 EXISTS\r\n* 2")), Limits{})
	require.NoError(t, r.Fill())
	assert.Equal(t, "* 1 EXISTS\r\n* 2", string(r.Buffered()))
	f, err := r.Next()
	require.NoError(t, err)
	assert.Equal(t, "* 1 EXISTS\r\n", string(f.Text()))
	assert.ErrorIs(t, r.Fill(), io.EOF)
	_, err = r.Next()
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	r.Release()
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(strings.NewReader("* 1 EXISTS\r\n* 2"), iotest.ErrReader(broken)), Limits{})
	_, err := r.Next()
	require.NoError(t, err)
	_, err = r.Next()
	require.ErrorIs(t, err, broken)
	_, again := r.Next()
	assert.Equal(t, err, again)

	_, err = NewReader(nothing{}, Limits{}).Next()
	assert.ErrorIs(t, err, io.ErrNoProgress)
}

// nothing is a stream that gives neither octets nor an error.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

// chunks gives one of its parts with each Read, and notes what the buffer of the Reader is while it waits.
type chunks struct {
	parts []string
	r     *Reader
	held  []int
}

func (c *chunks) Read(p []byte) (int, error) {
	c.held = append(c.held, len(c.r.buf))
	if len(c.parts) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.parts[0])
	if c.parts[0] = c.parts[0][n:]; c.parts[0] == "" {
		c.parts = c.parts[1:]
	}
	return n, nil
}

func TestReaderParksOnSmallBuffer(t *testing.T) {
	row := "* 1 FETCH (FLAGS (" + strings.Repeat("x", 480) + "))\r\n" // 502 octets
	src := &chunks{parts: []string{"* 1 EXISTS\r\n", "* 2 EXISTS\r\n", strings.Repeat(row, 4), "* 3 EXISTS\r\n", "* 4 EXISTS\r\n"}}
	r := NewReader(src, Limits{})
	src.r = r
	n := 0
	for {
		if _, err := r.Next(); err != nil {
			break
		}
		n++
	}
	assert.Equal(t, 8, n)
	assert.Equal(t, []int{idleBuffer, idleBuffer, idleBuffer, busyBuffer, idleBuffer, idleBuffer, idleBuffer}, src.held)
	assert.Nil(t, r.pooled)
}

func TestReaderGivesLongBufferBack(t *testing.T) {
	src := &chunks{parts: []string{"* X " + strings.Repeat("x", 3*keepBuffer) + "\r\n* 1 EXISTS\r\n* 2 EX", "ISTS\r\n"}}
	r := NewReader(src, Limits{})
	src.r = r
	for range 3 {
		_, err := r.Next()
		require.NoError(t, err)
	}
	assert.LessOrEqual(t, len(r.buf), busyBuffer)
}
