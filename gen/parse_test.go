package gen

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/grammar"
)

func TestParse(t *testing.T) {
	forEachCase(t, "parse", func(t *testing.T, dir string) {
		g, faults := Parse(readCase(t, dir))
		assert.Empty(t, faults)
		golden(t, filepath.Join(dir, "want.txt"), dump(g))
	})
}

// The sketches hold the notation at IMAP's hardest spots: body structure, ESEARCH, NOTIFY, CONVERT, THREAD.
func TestParseSketches(t *testing.T) {
	g, faults := Parse(readCase(t, filepath.Join("testdata", "sketches")))
	require.Empty(t, faults)
	assert.NotNil(t, g.rules["body-type-1part"])
	assert.Len(t, g.Commands, 29)
}

// realGrammar reads the grammar of this module.
func realGrammar(t testing.TB) []File {
	t.Helper()
	names, err := fs.Glob(grammar.Files, "*.imap")
	require.NoError(t, err)
	var files []File
	for _, name := range names {
		text, err := grammar.Files.ReadFile(name)
		require.NoError(t, err)
		files = append(files, File{name, text})
	}
	return files
}

func TestParseRealGrammar(t *testing.T) {
	g, faults := Parse(realGrammar(t))
	require.Empty(t, faults)
	for _, c := range g.Commands {
		assert.NotEmpty(t, c.Doc, "command %s has no doc", c.Name)
		assert.NotEmpty(t, c.Source)
	}
}

// The examples of grammar/README.md are an extension that parses with the real grammar; its lines keep their numbers.
func TestParseReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "grammar", "README.md"))
	require.NoError(t, err)
	var example strings.Builder
	inside := false
	for line := range strings.Lines(string(text)) {
		fence := strings.HasPrefix(line, "```")
		if inside && !fence {
			example.WriteString(line)
		} else {
			example.WriteString("\n")
		}
		inside = inside != fence
	}
	require.Contains(t, example.String(), "extension X-MOOD")
	_, faults := Parse(append(realGrammar(t), File{"README.md", []byte(example.String())}))
	assert.Empty(t, faults)
}

// Positions are those of the file, whatever stands above and before.
func TestPositions(t *testing.T) {
	g, faults := Parse([]File{{"a.imap", []byte("\n; doc\ngrammar x rfc 1\n\nresponse  a = \"A\" SP\n\n;\n   x:atom /\n  \"B\"\nterminal atom string = \"x\"\n")}})
	require.Empty(t, faults)
	a := g.Responses[0]
	assert.Equal(t, "a.imap:5:11", a.Pos.String())
	assert.Equal(t, "a.imap:5:15", a.Alts[0].Pos.String())
	assert.Equal(t, "a.imap:8:4", a.Alts[0].Terms[2].Pos.String())
	assert.Equal(t, "a.imap:9:3", a.Alts[1].Pos.String())
	assert.Equal(t, "a.imap:10:10", g.Terminals[0].Pos.String())
}

func TestSuggest(t *testing.T) {
	for _, test := range []struct {
		name, word string
		known      []string
		want       string
	}{
		{"one letter", "mailbx", []string{"mailbox", "atom"}, `: did you mean "mailbox"?`},
		{"swapped", "retruns", []string{"returns", "quote"}, `: did you mean "returns"?`},
		{"case", "DIGTI", []string{"digit"}, `: did you mean "digit"?`},
		{"the nearest", "search-kee", []string{"search-keys", "search-key"}, `: did you mean "search-key"?`},
		{"the first of equals", "ab", []string{"bb", "aa"}, `: did you mean "aa"?`},
		{"too far", "mailbox", []string{"message"}, ""},
		{"short words are not alike", "in", []string{"uid"}, ""},
		{"nothing known", "in", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, suggest(test.word, test.known))
		})
	}
}

// Whatever a file says, Parse comes back, and what it reports has a place in that file.
func FuzzParse(f *testing.F) {
	for _, kind := range []string{"faults", "parse"} {
		names, err := filepath.Glob(filepath.Join("testdata", kind, "*", "*.imap"))
		require.NoError(f, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Add([]byte(strings.Repeat("(", 200)))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := strings.Count(string(text), "\n") + 1
		g, faults := Parse([]File{{"fuzz.imap", text}})
		require.NotNil(t, g)
		for _, fault := range faults {
			if fault.Pos.File != "fuzz.imap" || fault.Pos.Line < 1 || fault.Pos.Line > lines || fault.Pos.Col < 1 {
				t.Errorf("fault without a place: %v", fault)
			}
		}
	})
}
