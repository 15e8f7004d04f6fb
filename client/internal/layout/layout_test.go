// Package layout holds no code: its tests assert how the project is laid out, which way its parts depend on each other, and
// what a program that uses Parley links.
package layout

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/parley-go/parley"

// linked are the modules whose code may end up in an application. It is a promise to users: think before adding to it.
var linked = map[string][]string{
	module + "/client": {module, "golang.org/x/text", "github.com/xdg-go/scram", "github.com/xdg-go/stringprep"},
	module + "/client/cmd/imap": {
		module, "golang.org/x/text", "github.com/xdg-go/scram", "github.com/xdg-go/stringprep", "github.com/alecthomas/kong",
	},
}

// topLevel is all that lies in the root.
var topLevel = []string{
	".ci", ".gitignore", "LICENSE", "Makefile", "README.md", "client", "gen", "generated", "go.mod", "go.sum", "grammar", "runtime",
	"tools.go",
}

// output runs the go command in the root of the project.
func output(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go %s", strings.Join(args, " "))
	return strings.TrimSpace(string(out))
}

func root(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	require.NoError(t, err)
	return filepath.Dir(strings.TrimSpace(string(out)))
}

func TestTopLevel(t *testing.T) {
	ignore, err := os.ReadFile(filepath.Join(root(t), ".gitignore"))
	require.NoError(t, err)
	ignored := func(name string) bool {
		return slices.ContainsFunc(strings.Fields(string(ignore)), func(pattern string) bool {
			matches, err := path.Match(strings.Trim(pattern, "/"), name)
			require.NoError(t, err)
			return matches
		})
	}
	entries, err := os.ReadDir(root(t))
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		if e.Name() != ".git" && !ignored(e.Name()) {
			names = append(names, e.Name())
		}
	}
	assert.ElementsMatch(t, topLevel, names)
}

func TestWhatApplicationsLink(t *testing.T) {
	const format = `{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}`
	for pkg, modules := range linked {
		t.Run(path.Base(pkg), func(t *testing.T) {
			for line := range strings.Lines(output(t, "list", "-deps", "-f", format, pkg)) {
				dep, from, _ := strings.Cut(strings.TrimSpace(line), " ")
				if from == "" { // the standard library
					assert.NotEqual(t, "testing", dep)
					continue
				}
				assert.Contains(t, modules, from, dep)
				for _, part := range []string{"/gen", "/grammar", "/client/internal/servers"} {
					assert.False(t, within(dep, part), dep)
				}
			}
		})
	}
}

// Dependencies run one way. What a part uses of the others is listed beside it.
func TestDirection(t *testing.T) {
	uses := map[string][]string{
		"/grammar":      {"/grammar"},
		"/gen":          {"/gen", "/grammar"},
		"/runtime/wire": {"/runtime/wire"},
		"/runtime":      {"/runtime"},
		"/generated":    {"/generated", "/runtime"},
		"/client":       {"/client", "/generated", "/runtime"},
	}
	for part, others := range uses {
		t.Run(strings.TrimPrefix(part, "/"), func(t *testing.T) {
			for dep := range strings.FieldsSeq(output(t, "list", "-deps", module+part+"/...")) {
				if dep == module || strings.HasPrefix(dep, module+"/") {
					allowed := slices.ContainsFunc(others, func(o string) bool { return within(dep, o) })
					assert.True(t, allowed, "%s uses %s", part, dep)
				}
			}
		})
	}
}

// within tells whether a package lies in a part of the project.
func within(pkg, part string) bool {
	return pkg == module+part || strings.HasPrefix(pkg, module+part+"/")
}

// Peers for comparisons live in modules of their own.
func TestNoOtherIMAPLibrary(t *testing.T) {
	var mod struct {
		Module  struct{ Path string }
		Require []struct{ Path string }
	}
	require.NoError(t, json.Unmarshal([]byte(output(t, "mod", "edit", "-json")), &mod))
	require.Equal(t, module, mod.Module.Path)
	require.NotEmpty(t, mod.Require)
	for _, r := range mod.Require {
		for _, word := range []string{"imap", "gluon"} {
			assert.NotContains(t, strings.ToLower(r.Path), word)
		}
	}
}
