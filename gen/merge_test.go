package gen

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The order of files changes nothing: not the grammar, not the faults.
func TestOrderOfFiles(t *testing.T) {
	inputs := map[string][]File{"grammar": realGrammar(t), "sketches": readCase(t, filepath.Join("testdata", "sketches"))}
	for _, kind := range []string{"parse", "faults"} {
		dirs, err := filepath.Glob(filepath.Join("testdata", kind, "*"))
		require.NoError(t, err)
		for _, dir := range dirs {
			if files := readCase(t, dir); len(files) > 1 {
				inputs[filepath.Base(dir)] = files
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for name, files := range inputs {
		t.Run(name, func(t *testing.T) {
			want, wantFaults := Parse(files)
			for range 5 {
				shuffled := slices.Clone(files)
				random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				got, faults := Parse(shuffled)
				assert.Equal(t, wantFaults, faults)
				assert.Equal(t, dump(want), dump(got))
				assert.True(t, reflect.DeepEqual(want, got), "equal in the dump, but not deeply")
			}
		})
	}
}

// A file that is given twice is one mistake, not a hundred second definitions.
func TestSameFileTwice(t *testing.T) {
	file := File{"a.imap", []byte("grammar x rfc 1\nresponse a = \"A\"\nresponse b = \"B\"\n")}
	_, faults := Parse([]File{file, file})
	require.Len(t, faults, 1)
	assert.Equal(t, "a.imap:1:1: two files have this name", faults[0].Error())
}

func TestParseNothing(t *testing.T) {
	g, faults := Parse(nil)
	assert.Empty(t, faults)
	assert.Empty(t, g.Rules)
}

// Core rules are known without a definition, so that the octets of a terminal can be followed to their end.
func TestCoreRules(t *testing.T) {
	g, faults := Parse(nil)
	require.Empty(t, faults)
	for _, name := range []string{"ALPHA", "BIT", "CHAR", "CR", "CRLF", "CTL", "DIGIT", "DQUOTE", "HEXDIG", "HTAB", "LF", "OCTET", "SP", "VCHAR", "WSP"} {
		t.Run(name, func(t *testing.T) {
			rule := g.rules[name]
			require.NotNil(t, rule)
			assert.Equal(t, name, rule.Name)
			assert.Equal(t, Plain, rule.Kind)
			walk(rule.Alts, func(term *Term) {
				switch term.Kind {
				case Ref:
					assert.NotNil(t, g.rules[term.Text], "%s refers to %s", name, term.Text)
				case Number:
					assert.Len(t, term.Hi, len(term.Lo))
				case Literal:
					assert.NotEmpty(t, term.Text)
				default:
					t.Errorf("a term of kind %d", term.Kind)
				}
			})
		})
	}
}

// A rule of which no file says what it is does not bring down what comes after it.
func TestBrokenDeclarationIsOneFault(t *testing.T) {
	_, faults := Parse([]File{{"a.imap", []byte(`grammar x rfc 1
response list = "LIST" SP name SP key
union name = (
name =/ "X"
union key = "A" /
union key =/ "B"
response search = "SEARCH" SP key SP name
command noop = "NOOP" )
    in any
extend noop
    returns  LOST?
response lost "LOST"
`)}})
	var got []string
	for _, f := range faults {
		got = append(got, f.Error())
	}
	assert.Equal(t, []string{
		`a.imap:3:14: "(" is not closed`,
		`a.imap:5:18: something is missing after "/"`,
		`a.imap:8:23: ")" closes nothing`,
		`a.imap:12:15: unexpected "LOST" after "lost": a declaration has "=", "=/", "~=" or "~=/" behind its name`,
	}, got)
}
