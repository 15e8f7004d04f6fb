package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the wanted output of imap parse")

// parsed runs imap parse and gives its objects, each of them as it was printed and as it was decoded.
func parsed(t *testing.T, p parseCommand, in io.Reader) (lines []string, objects []map[string]any, err error) {
	t.Helper()
	var out bytes.Buffer
	err = p.parse(in, &out)
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		var o map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &o), line)
		lines, objects = append(lines, line), append(objects, o)
	}
	return lines, objects, err
}

// TestParse compares the objects for each testdata/parse/*.txt, whose line ends stand for CRLF, with the .json beside it. client- and
// strict- at the start of a name are the flags. With -update it writes them: read the diff.
func TestParse(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "parse", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".txt")
		t.Run(base, func(t *testing.T) {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			p := parseCommand{Client: strings.HasPrefix(base, "client-"), Strict: strings.HasPrefix(base, "strict-")}
			octets := strings.ReplaceAll(string(text), "\n", "\r\n")
			lines, objects, err := parsed(t, p, strings.NewReader(octets))
			refused := false
			for _, o := range objects {
				refused = refused || o["error"] != nil
			}
			assert.Equal(t, refused, err != nil, "%v", err)

			want := strings.TrimSuffix(name, ".txt") + ".json"
			got := strings.Join(lines, "\n") + "\n"
			if *update {
				require.NoError(t, os.WriteFile(want, []byte(got), 0o644))
			}
			wanted, err := os.ReadFile(want)
			require.NoError(t, err)
			assert.Equal(t, string(wanted), got)

			slow, _, _ := parsed(t, p, &oneByOne{octets})
			assert.Equal(t, lines, slow, "the objects depend on how the octets come")
		})
	}
}

// oneByOne gives one octet at a time.
type oneByOne struct{ rest string }

func (r *oneByOne) Read(p []byte) (int, error) {
	if r.rest == "" {
		return 0, io.EOF
	}
	n := copy(p[:1], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// TestParseOctets: octets that are not UTF-8 are base64, and control characters stay what they are.
func TestParseOctets(t *testing.T) {
	_, objects, err := parsed(t, parseCommand{}, strings.NewReader("* 1 FETCH (BODY[] {5}\r\n\x00\xff\r\n\x1b BODY[1] {4}\r\n\x01\"\\\x7f)\r\n"))
	require.NoError(t, err)
	sections := objects[0]["sections"].([]any)
	assert.Equal(t, map[string]any{"section": "", "size": 5.0, "data": map[string]any{"base64": "AP8NChs="}}, sections[0])
	assert.Equal(t, map[string]any{"section": "1", "size": 4.0, "data": "\x01\"\\\x7f"}, sections[1])
}

// TestParseHostile cuts and mangles what the other tests read: there is an answer to everything, it is JSON, and nothing panics.
func TestParseHostile(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "parse", "*.txt"))
	require.NoError(t, err)
	var streams []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		streams = append(streams, strings.ReplaceAll(string(text), "\n", "\r\n"))
	}
	streams = append(streams, "", "\r\n", "{5}", "{5}\r\n", "* \r\n", "a\r\n", "*", "+", "\x00", "* 1 FETCH (BODY[] {99999999999}\r\n", "a1 APPEND x {99999999999}\r\nx",
		"a1 APPEND x {99999999999999999999}\r\nx", "a1 X {}\r\n}\r\n{-1}\r\n", strings.Repeat("(", 5000)+"\r\n", "* 1 FETCH (BODY "+strings.Repeat("(", 5000)+"\r\n",
		"a1 SEARCH "+strings.Repeat("NOT ", 5000)+"ALL\r\n", "a1 AUTHENTICATE X\r\n\xff\xfe\r\n\r\n", "a1 IDLE\r\n"+strings.Repeat("x", 70000))
	for _, s := range streams {
		variants := []string{s, strings.ToUpper(s), strings.ReplaceAll(s, "\r\n", "\n"), strings.ReplaceAll(s, " ", "  "), strings.ReplaceAll(s, ")", ""),
			strings.ReplaceAll(s, `"`, ""), strings.ReplaceAll(s, "(", "((")}
		for i := 0; i < len(s) && i < 1500; i += 11 {
			variants = append(variants, s[:i], s[:i]+"\x00"+s[i:], s[:i]+"{9}\r\n"+s[i:], s[i:])
		}
		for _, v := range variants {
			for _, p := range []parseCommand{{}, {Strict: true}, {Client: true}, {Client: true, Strict: true}} {
				_, objects, err := parsed(t, p, strings.NewReader(v))
				for _, o := range objects {
					require.NotEmpty(t, o["type"], "%q", v)
				}
				require.False(t, err == nil && len(v) > 0 && len(objects) == 0, "%q: nothing is said of it", v)
			}
		}
	}
}

// TestParseReadError: an error of the input is not taken for its end.
func TestParseReadError(t *testing.T) {
	broken := errors.New("broken pipe")
	for _, p := range []parseCommand{{}, {Client: true}} {
		lines, _, err := parsed(t, p, io.MultiReader(strings.NewReader("* 1 EXISTS\r\na1 "), failing{broken}))
		require.ErrorIs(t, err, broken)
		assert.Len(t, lines, 1)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestParseFlatMemory: what was printed is not kept.
func TestParseFlatMemory(t *testing.T) {
	const line = "* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[TEXT] {10}\r\n0123456789)\r\n"
	const command = "a1 APPEND box {10+}\r\n0123456789\r\n"
	for _, tt := range []struct {
		p    parseCommand
		text string
	}{{parseCommand{}, line}, {parseCommand{Client: true}, command}} {
		const n = 100_000
		var most uint64
		count := &counting{check: func() {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}}
		require.NoError(t, tt.p.parse(&repeat{text: tt.text, n: n}, count))
		assert.Equal(t, n, count.lines)
		assert.Less(t, most, uint64(16<<20), "octets of the heap, after %d octets", n*len(tt.text))
	}
}

// repeat gives a text n times.
type repeat struct {
	text string
	n    int
	rest string
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// counting counts lines, and checks now and then.
type counting struct {
	lines, last int
	check       func()
}

func (c *counting) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte{'\n'})
	if c.lines-c.last >= 20_000 {
		c.last = c.lines
		c.check()
	}
	return len(p), nil
}

// TestParseExit: the program's exit codes. Standard input is a file.
func TestParseExit(t *testing.T) {
	tests := []struct {
		name, in string
		args     []string
		code     int
		stdout   string
		stderr   string
	}{
		{"all read", "* 1 EXISTS\r\n", nil, exitOK, `{"type":"untagged","name":"EXISTS","n":1}` + "\n", ""},
		{"nothing", "", nil, exitOK, "", ""},
		{"empty line", "* 1 EXISTS\r\n\r\n* 2 EXISTS\r\n\r\n", nil, exitOK, `"n":2,"warnings":[{"rule":"response"`, ""},
		{"empty line, strict", "\r\n* 1 EXISTS\r\n", []string{"--strict"}, exitFailure, `"error":{"rule":"tag"`, "error: 1 of 2 responses were refused\n"},
		{"nothing but an empty line", "\r\n", nil, exitFailure, `"error":{"rule":"response"`, "error: 1 of 1 responses were refused\n"},
		{"refused", "* 1 EXISTS\r\nnonsense\r\n", nil, exitFailure, `"error":{"rule":`, "error: 1 of 2 responses were refused\n"},
		{"refused command", "a1 NOOP x\r\n", []string{"--client"}, exitFailure, `"error":{"rule":"CRLF"`, "error: 1 of 1 commands were refused\n"},
		{"deviation", "* SEARCH 1 \r\n", nil, exitOK, `"warnings":[{"rule":"SP"`, ""},
		{"strict", "* SEARCH 1 \r\n", []string{"--strict"}, exitFailure, `"error":{"rule":"SP"`, "error: 1 of 1 responses were refused\n"},
		{"no such flag", "", []string{"--servant"}, exitUsage, "", "unknown flag --servant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "in")
			require.NoError(t, os.WriteFile(path, []byte(tt.in), 0o600))
			in, err := os.Open(path)
			require.NoError(t, err)
			defer in.Close()
			old := os.Stdin
			os.Stdin = in
			defer func() { os.Stdin = old }()
			code, stdout, stderr := imapCommand(context.Background(), append([]string{"parse"}, tt.args...)...)
			assert.Equal(t, tt.code, code)
			if tt.stdout == "" && tt.code != exitUsage {
				assert.Empty(t, stdout)
			}
			assert.Contains(t, stdout, tt.stdout)
			assert.Contains(t, stderr, tt.stderr)
			if tt.stderr == "" {
				assert.Empty(t, stderr)
			}
		})
	}
}
