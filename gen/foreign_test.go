package gen

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// foreign is a module of somebody else's, which adds to the grammar: see its mood.go.
const foreign = "testdata/foreign"

// projectGrammar reads the grammar files of this project.
func projectGrammar(t *testing.T) []File {
	t.Helper()
	paths, err := filepath.Glob("../grammar/*.imap")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return readFiles(t, paths...)
}

func readFiles(t *testing.T, paths ...string) []File {
	t.Helper()
	var files []File
	for _, p := range paths {
		text, err := os.ReadFile(p)
		require.NoError(t, err)
		files = append(files, File{Name: filepath.ToSlash(p), Text: text})
	}
	return files
}

// TestForeign: the code of the foreign module is what its grammar gives, and its tests pass.
func TestForeign(t *testing.T) {
	own := readFiles(t, filepath.Join(foreign, "x-mood.imap"))
	out, faults := GenerateExtension(projectGrammar(t), own, "mood")
	require.Empty(t, faults)
	files, err := filepath.Glob(filepath.Join(foreign, "*_gen.go"))
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		require.Equal(t, string(text), string(out[filepath.Base(f)]), "go generate in %s", foreign)
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(out)), names)

	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "./...")
	cmd.Dir = foreign
	got, err := cmd.CombinedOutput()
	require.NoError(t, err, string(got))
}

// TestForeignFaults: what a module cannot add is a fault in its own file, and nothing is generated.
func TestForeignFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a terminal", "response x-mood = \"XMOOD\" SP mood:x-mood-text\nterminal x-mood-text string = 1*ALPHA\n", "x.imap:4:10: a terminal is written by hand"},
		{"an unknown rule", "response x-mood = \"XMOOD\" SP mood:moood\n", "x.imap:3:"},
		{"a second definition", "section = \"[\" \"]\"\n", "x.imap:3:1:"},
		{"no header", "", "x.imap:1:1: another module's grammar begins with a header of its own"},
		{"a section of the grammar", "extension IDLE rfc 2177\nresponse x-mood = \"XMOOD\"\n", "x.imap:4:10: this stands in the section of ../grammar/rfc2177.imap:1:1"},
		{"a redefinition", "redefine command noop = \"NOOP\" [SP mood:atom]\n", "x.imap:3:18: another module adds to the grammar"},
		{"a relaxed rule", "section ~= \"[\" [SP] [section-spec] \"]\"\n", "x.imap:3:1: another module adds to the grammar"},
		{"a plain rule", "body-fld-lang =/ \"MOOD\"\n", "x.imap:3:1: another module adds to unions"},
		{"a clause", "extend noop\n    reads flags\n", "x.imap:4:5: another module adds data to a command"},
		{"data with an argument", "extend search\n    returns *EXPUNGE with Seen\n", "x.imap:4:13: what another module adds to the data"},
		{"a keyword of the grammar", "union search-key =/ \"SEEN\" SP mood:atom #Mood\n", "x.imap:3:21: \"SEEN\" begins an alternative already"},
		{"a keyword twice", "record msg-att-dynamic =/ \"X\" SP a:atom #A / \"X\" SP n:number #B\n", "\"X\" begins an alternative already"},
		{"an open item", "record msg-att-dynamic =/ mood:atom #Mood\n", "x.imap:3:27: what another module adds to a record"},
		{"an item of no response", "record mbox-list-extended-item =/ \"X\" SP \"(\" mood:atom \")\"\n", "x.imap:3:35: the items of"},
		{"an alternative that nothing reads", "union body-extension =/ \"X\" SP mood:atom\n", "x.imap:3:25: no alternative of \"body-extension\" begins with a keyword"},
		{"an open alternative", "union search-key =/ mood:atom #Mood\n", "x.imap:3:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			own := []File{{Name: "x.imap", Text: []byte("extension X vendor example\n\n" + tt.text)}}
			if tt.text == "" {
				own[0].Text = nil
			}
			out, faults := GenerateExtension(projectGrammar(t), own, "x")
			require.Nil(t, out)
			require.NotEmpty(t, faults)
			require.Contains(t, faults.Error(), tt.want)
		})
	}
}
