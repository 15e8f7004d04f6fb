package gen

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the wanted output in testdata")

// readCase reads the grammar files of a directory under the names they have there.
func readCase(t testing.TB, dir string) []File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.imap"))
	require.NoError(t, err)
	require.NotEmpty(t, names, "no grammar files in %s", dir)
	var files []File
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		files = append(files, File{filepath.Base(name), text})
	}
	return files
}

// golden compares with the wanted output, or rewrites it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// forEachCase runs a test for every directory below testdata/kind.
func forEachCase(t *testing.T, kind string, f func(t *testing.T, dir string)) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join("testdata", kind, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) { f(t, dir) })
	}
}

// What is wrong with a grammar is reported in one run, and nothing is generated.
func TestFaults(t *testing.T) {
	forEachCase(t, "faults", func(t *testing.T, dir string) {
		output, faults := Generate(readCase(t, dir))
		require.NotEmpty(t, faults)
		assert.Empty(t, output)
		for _, f := range faults {
			assert.Positive(t, f.Pos.Line, f.Msg)
			assert.Positive(t, f.Pos.Col, f.Msg)
		}
		golden(t, filepath.Join(dir, "want.txt"), faults.Error()+"\n")
	})
}
