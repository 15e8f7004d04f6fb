// Command imapgen writes the Go code of the grammar.
//
// Without arguments it is run in the root of this project and writes generated/ and client/commands_gen.go.
//
// With grammar files it makes the package of another module, which adds to the grammar of this one: commands, responses, response
// codes, items, search keys and arguments. The package has a function Extension, which plugs it into a connection.
//
//	go run github.com/parley-go/parley/gen/cmd/imapgen --package mood x-mood.imap
//
// When a grammar has faults it prints all of them, each with file, line and column, writes nothing, and exits with 1.
package main

import (
	"bytes"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/parley-go/parley/gen"
	"github.com/parley-go/parley/grammar"
)

type options struct {
	Package string   `help:"Name of the package to make."`
	Out     string   `help:"Directory that its files go to." default:"."`
	Files   []string `arg:"" optional:"" help:"Grammar files of another module." type:"existingfile"`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("imapgen"), kong.Description("Writes the Go code of the IMAP grammar, or of files that add to it."))
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o options) error {
	base, err := baseGrammar()
	if err != nil {
		return err
	}
	if len(o.Files) > 0 {
		return runExtension(base, o)
	}
	out, faults := gen.Generate(base)
	if len(faults) > 0 {
		return faults
	}
	return write(".", filepath.Join("generated", "*", "*_gen.go"), out)
}

// runExtension generates the package of another module.
func runExtension(base []gen.File, o options) error {
	if o.Package == "" {
		return fmt.Errorf("the package of %s needs a name: --package NAME", o.Files[0])
	}
	if !token.IsIdentifier(o.Package) {
		return fmt.Errorf("--package %s: the name of a package is a word of letters and digits", o.Package)
	}
	var own []gen.File
	for _, name := range o.Files {
		text, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading the grammar: %w", err)
		}
		own = append(own, gen.File{Name: name, Text: text})
	}
	out, faults := gen.GenerateExtension(base, own, o.Package)
	if len(faults) > 0 {
		return faults
	}
	return write(o.Out, "*_gen.go", out)
}

// baseGrammar reads the grammar that this program was built with.
func baseGrammar() ([]gen.File, error) {
	names, err := fs.Glob(grammar.Files, "*.imap")
	if err != nil {
		return nil, fmt.Errorf("listing the grammar: %w", err)
	}
	var files []gen.File
	for _, n := range names {
		text, err := grammar.Files.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("reading the grammar: %w", err)
		}
		files = append(files, gen.File{Name: "grammar/" + n, Text: text})
	}
	return files, nil
}

// write puts the files in place below root, and removes those of earlier runs (old is their pattern) that are no longer made.
func write(root, pattern string, out gen.Output) error {
	old, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		return fmt.Errorf("listing generated files: %w", err)
	}
	for _, f := range old {
		rel, err := filepath.Rel(root, f)
		if err != nil {
			return fmt.Errorf("listing generated files: %w", err)
		}
		if _, ok := out[filepath.ToSlash(rel)]; !ok {
			if err := os.Remove(f); err != nil {
				return fmt.Errorf("removing what is no longer generated: %w", err)
			}
		}
	}
	for name, text := range out {
		path := filepath.Join(root, filepath.FromSlash(name))
		if had, err := os.ReadFile(path); err == nil && bytes.Equal(had, text) {
			continue
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("writing generated code: %w", err)
		}
	}
	return nil
}
