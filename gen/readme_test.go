package gen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/gen"
)

// readmeScope is what the pieces of code of the README stand in: what it says they have at hand.
const readmeScope = `package readme

import (
%s)

func use(...any) {}

func _(ctx context.Context, c *client.Client, box *client.Mailbox, uids imap.NumSet, file io.Writer, m *imap.FetchData, auth client.Auth,
	mechanism client.Mechanism, url, message, secret string, err error) error {
%s
	return nil
}
`

// TestReadme compiles the Go of the README: each block, and each piece of code in the tables in the column Parley. What the
// blocks show of an extension of somebody else's is generated from its own block.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	blocks, cells := readmeCode(string(text))
	require.NotEmpty(t, blocks["go"])
	require.NotEmpty(t, cells)

	c := newChecker(t)
	own := slices.IndexFunc(blocks[""], func(b codeBlock) bool { return strings.HasPrefix(b.text, "extension XLIST") })
	require.GreaterOrEqual(t, own, 0)
	paths, err := filepath.Glob("../grammar/*.imap")
	require.NoError(t, err)
	var grammar []gen.File
	for _, p := range paths {
		text, err := os.ReadFile(p)
		require.NoError(t, err)
		grammar = append(grammar, gen.File{Name: p, Text: text})
	}
	out, faults := gen.GenerateExtension(grammar, []gen.File{{Name: "xlist.imap", Text: []byte(blocks[""][own].text)}}, "xlist")
	require.Empty(t, faults)
	require.NoError(t, c.add("example.com/xlist", out))

	for _, b := range append(blocks["go"], cells...) {
		t.Run(fmt.Sprint("line ", b.line), func(t *testing.T) {
			assert.NoError(t, c.compiles(b.text), b.text)
		})
	}
}

// A codeBlock is code of the README.
type codeBlock struct {
	line int
	text string
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// readmeCode finds the fenced blocks, by their language, and the code in the columns of tables that are headed Parley.
func readmeCode(text string) (blocks map[string][]codeBlock, cells []codeBlock) {
	blocks = map[string][]codeBlock{}
	var block *codeBlock
	var lang string
	column := -1
	for i, line := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(line, "```"); ok {
			if block == nil {
				block, lang = &codeBlock{line: i + 2}, rest
			} else {
				blocks[lang] = append(blocks[lang], *block)
				block = nil
			}
			continue
		}
		if block != nil {
			block.text += line + "\n"
			continue
		}
		row := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		switch {
		case len(row) < 3:
			column = -1
		case column < 0:
			column = slices.IndexFunc(row, func(s string) bool { return strings.TrimSpace(s) == "Parley" })
		case column < len(row):
			for _, span := range codeSpan.FindAllStringSubmatch(row[column], -1) {
				cells = append(cells, codeBlock{i + 1, strings.ReplaceAll(span[1], "\x00", "|")})
			}
		}
	}
	return blocks, cells
}

// left is what the README leaves out.
var left = strings.NewReplacer("\n...\n", "\n", "{ ... }", `{ panic("") }`)

// A checker checks the types of code that uses the packages of this module.
type checker struct {
	fset    *token.FileSet
	imports types.Importer
	added   map[string]*types.Package
	names   map[string]string // the import paths, by the names of the packages
}

func newChecker(t *testing.T) *checker {
	wanted := []string{"context", "errors", "fmt", "io", "log", "log/slog", "net", "os", "os/exec", "slices", "strings", "time", "crypto/tls",
		"crypto/x509", "runtime/debug", "runtime/pprof", "../client", "../client/imaptest", "../generated/imap"}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, wanted...)...)
	cmd.Stderr = os.Stderr
	list, err := cmd.Output()
	require.NoError(t, err)
	exports := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(list)); ; {
		var p struct{ ImportPath, Export string }
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		exports[p.ImportPath] = p.Export
	}
	c := &checker{fset: token.NewFileSet(), added: map[string]*types.Package{}, names: map[string]string{}}
	for _, w := range wanted {
		if rest, ok := strings.CutPrefix(w, "../"); ok {
			w = "github.com/parley-go/parley/" + rest
		}
		c.names[path.Base(w)] = w
	}
	c.imports = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	return c
}

func (c *checker) Import(path string) (*types.Package, error) {
	if p := c.added[path]; p != nil {
		return p, nil
	}
	return c.imports.Import(path)
}

// add checks a package that later code can import.
func (c *checker) add(path string, files map[string][]byte) error {
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(c.fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, f)
	}
	p, err := c.check(path, parsed)
	c.added[path], c.names[p.Name()] = p, path
	return err
}

// check gives the first error, but not that something is not used: fragments leave off where the point is made.
func (c *checker) check(path string, files []*ast.File) (*types.Package, error) {
	var first error
	cfg := types.Config{Importer: c, Error: func(err error) {
		if e := (types.Error{}); errors.As(err, &e) && !e.Soft && first == nil {
			first = err
		}
	}}
	p, _ := cfg.Check(path, c.fset, files, nil)
	return p, first
}

// compiles checks a whole file, some statements, or an expression.
func (c *checker) compiles(code string) error {
	if !strings.HasPrefix(code, "package ") {
		if _, err := parser.ParseExpr(code); err == nil {
			if err := c.inScope("use(" + code + ")"); err == nil {
				return nil
			}
		}
		return c.inScope(code)
	}
	return c.file(code)
}

// inScope checks statements.
func (c *checker) inScope(code string) error {
	var imports strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		fmt.Fprintf(&imports, "\t%q\n", c.names[name])
	}
	return c.file(fmt.Sprintf(readmeScope, &imports, left.Replace("\n"+code)))
}

func (c *checker) file(code string) error {
	f, err := parser.ParseFile(c.fset, "readme.go", code, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	_, err = c.check("readme", []*ast.File{f})
	return err
}
