package gen

import (
	"bytes"
	"flag"
	goparser "go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var updateEmit = flag.Bool("update-emit", false, "rewrite the wanted output of the emit cases")

// emitCase reads the grammar of gen/testdata/emit/name, with the terminals that all cases share.
func emitCase(t *testing.T, name string) []File {
	t.Helper()
	var files []File
	for _, dir := range []string{"common", name} {
		paths, err := filepath.Glob(filepath.Join("testdata", "emit", dir, "*.imap"))
		require.NoError(t, err)
		for _, p := range paths {
			text, err := os.ReadFile(p)
			require.NoError(t, err)
			files = append(files, File{Name: filepath.ToSlash(filepath.Join(dir, filepath.Base(p))), Text: text})
		}
	}
	return files
}

// TestEmit compares what is generated for each construct with the wanted Go. With -update-emit it writes it: read the diff.
func TestEmit(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join("testdata", "emit"))
	require.NoError(t, err)
	for _, dir := range dirs {
		if dir.Name() == "common" {
			continue
		}
		t.Run(dir.Name(), func(t *testing.T) {
			files := emitCase(t, dir.Name())
			out, faults := Generate(files)
			require.Empty(t, faults)
			got := join(out)
			want := filepath.Join("testdata", "emit", dir.Name(), "want.txt")
			if *updateEmit {
				require.NoError(t, os.WriteFile(want, got, 0o644))
			}
			text, err := os.ReadFile(want)
			require.NoError(t, err)
			require.Equal(t, string(text), string(got))

			for range 4 {
				rand.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
				again, faults := Generate(files)
				require.Empty(t, faults)
				require.Equal(t, string(got), string(join(again)), "the output depends on the order of the files")
			}
		})
	}
}

// join puts the files of an output behind one another, each under its name.
func join(out Output) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(out)) {
		b.WriteString("-- " + name + " --\n")
		b.Write(out[name])
	}
	return b.Bytes()
}

// TestGenerateFaults: what only shows when rules become Go is a fault with its position too, and nothing is generated.
func TestGenerateFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"alternatives that start alike",
			"response x = \"X\" SP (a:number / b:nz-number)\n", "in.imap:3:33: this alternative and the one at"},
		{"same keyword, then alike",
			"response x = \"X\" SP y:y\nunion y = \"A\" SP one:atom #One / \"A\" SP two:astring #Two\n", "both start with"},
		{"an option that starts like what follows",
			"response x = \"X\" [SP a:number] SP b:number\n", "an optional part and what follows it both start with SP '0'"},
		{"a repeat that starts like what follows",
			"response x = \"X\" *(SP a:number) SP b:number\n", "in.imap:3:18: what is repeated and what follows it both start with SP '0'"},
		{"items in two places",
			"response x = \"X\" SP y SP y\nrecord y = \"A\" SP a:number / \"B\" SP b:number\n", "in.imap:3:26: items of the record stand here a second time"},
		{"a rule with values of two types",
			"response x = \"X\" SP a:y\ny = number / astring\n", "in.imap:4:14: this rule is the value it refers to: astring here and number at in.imap:4:5"},
		{"a record among items",
			"response x = \"X\" SP y *(SP y)\nrecord y = \"A\" SP a:number / z\nrecord z = \"B\" SP b:number\n", "in.imap:4:30: a rule stands among the items of \"y\""},
		{"two alternatives without a value",
			"response x = \"X\" SP a:y\ny = \"ALL\" / \"SOME\" / number\n", "in.imap:4:13: neither this alternative nor the one at in.imap:4:5 has a value"},
		{"a field bound to two types",
			"response x = \"X\" SP (a:number / \"(\" a:astring \")\")\n", "a: is bound to"},
		{"a list that goes on behind other things",
			"response x = \"X\" SP a:atom SP b:number *(SP a:atom SP b:number)\n", "in.imap:3:40: a: is bound at in.imap:3:21 already"},
		{"a value that nothing keeps",
			"response x = \"X\" SP y:y SP number\ny = \"A\" / \"B\" SP one:atom SP two:atom / atom\n",
			"in.imap:3:28: number has a value, which nothing keeps here: bind it, name:number\nin.imap:4:41: atom has a value"},
		{"a Go name taken twice",
			"response x = \"X\" SP a:a-b SP b:aB\na-b = \"ONE\" / \"TWO\"\naB as AB = \"THREE\" / \"FOUR\"\n", "the Go name AB is taken"},
		{"a Go name that package imap has by hand",
			"response x = \"X\" SP a:uid-range\nuid-range as UIDRange = \"ONE\" / \"TWO\"\n", "the Go name UIDRange is one that package imap has written by hand"},
		{"a command with the name of a method",
			"command raw = \"RAW\"\n    in any\n", "in.imap:3:9: Client has a method Raw that is written by hand: rename the command with \"as\""},
		{"clauses for text",
			"command y = \"Y\" SP a:number SP b:astring SP c:astring\n    in any\n    secret a b\n    quote a\n    charset a\n",
			"in.imap:3:20: secret is for a field of text (string, []byte), and a is none\nin.imap:3:20: quote is for a field of text (string), and a is none\n" +
				"in.imap:3:20: charset is for a field of text (string), and a is none"},
		{"what cannot be quoted",
			"command y = \"Y\" SP a:word\n    in any\n    quote a\nword = astring\n", "in.imap:3:20: quote names a, which is no terminal"},
		{"a secret that others have, too",
			"command y = \"Y\" SP who\n    in any\n    secret word\ncommand z = \"Z\" SP who\n    in any\nwho = name:astring SP word:astring\n",
			"in.imap:3:9: secret names word, which stands in Who that others take in as well: bind it in the command"},
		{"one of several codes",
			"response x = \"X\" SP c:resp-text-code\nunion resp-text-code = \"A\" SP \"ONE\" / \"A\" SP \"TWO\"\ncommand y = \"Y\"\n    in any\n    returns code A?\n",
			"in.imap:7:13: several codes begin with A: bind what differs"},
		{"a field with the name of a method",
			"response x = \"X\" SP kind:atom SP y:y\nunion y = \"A\" SP keyword:atom SP n:number\n",
			"in.imap:3:21: the Go name Kind is taken in XData: bind another name\nin.imap:4:18: the Go name Keyword is taken in YA"},
		{"an alternative with the name of a function",
			"response x = \"X\" SP a:append-x SP m:most\nunion append-x = \"MOST\" SP n:number SP a:atom\nmost = number / nil\n",
			"the Go name AppendMost is taken: rename this with"},
		{"a union's alternative without a name",
			"response x = \"X\" SP y:y\nunion y = a:number / \"B\"\n", "needs a label"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := append(emitCase(t, "common")[:1], File{Name: "in.imap", Text: []byte("grammar base rfc 1\n\n" + tt.text)})
			out, faults := Generate(files)
			require.Nil(t, out)
			require.NotEmpty(t, faults)
			require.Contains(t, faults.Error(), tt.want)
			require.True(t, strings.HasPrefix(faults[0].Error(), "in.imap:"), faults[0].Error())
		})
	}
}

// TestHandWritten: the names that no grammar may take are those that the hand-written files of packages imap and client export.
func TestHandWritten(t *testing.T) {
	imap := byHand(t, "../generated/imap")
	require.ElementsMatch(t, exported(imap[""]), handWritten)
	require.ElementsMatch(t, slices.DeleteFunc(imap["Decoder"], token.IsExported), decoderNames)
	for on, methods := range byHand(t, "../client") {
		if on == "Client" || on == "Mailbox" {
			require.ElementsMatch(t, exported(methods), handMethods[on], on)
		}
	}
}

func exported(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !token.IsExported(n) })
}

// byHand lists the names of the hand-written files of a package, by the types that they are methods or fields of.
func byHand(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	names := map[string][]string{}
	for _, f := range files {
		if strings.HasSuffix(f, "_gen.go") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		tree, err := goparser.ParseFile(token.NewFileSet(), f, nil, goparser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range declaredIn(tree) {
			names[d.typ] = append(names[d.typ], d.name)
		}
	}
	return names
}
