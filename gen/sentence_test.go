package gen

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func realSentences(t testing.TB, o SentenceOptions) *Sentences {
	t.Helper()
	g, err := parsed()
	require.NoError(t, err)
	return NewSentences(g, o)
}

// sentencesOf makes sentences of a small grammar.
func sentencesOf(t testing.TB, o SentenceOptions, text string) *Sentences {
	t.Helper()
	g, faults := Parse([]File{{"a.imap", []byte("grammar a rfc 1\n\n" + text)}})
	require.Empty(t, faults)
	return NewSentences(g, o)
}

// Any tape gives a sentence, the same tape gives the same one, and one that ends takes the shortest way.
func TestSentencesTape(t *testing.T) {
	s := realSentences(t, SentenceOptions{})
	for _, c := range s.g.Commands {
		short, err := s.Command(c.Name, nil)
		require.NoError(t, err)
		for n := range 20 {
			tape := tapeFor(c.Name, n)
			x, err := s.Command(c.Name, tape)
			require.NoError(t, err)
			again, err := s.Command(c.Name, tape)
			require.NoError(t, err)
			require.Equal(t, x, again)
			require.GreaterOrEqual(t, len(x.String()), len(short.String()), "%q is no longer than %q", x, short)
		}
	}
	for _, r := range s.g.Responses {
		x, err := s.Response(r.Name, nil)
		require.NoError(t, err)
		require.Regexp(t, `^(\*|\+) [^\x00]*\r\n$`, x.String())
	}
}

// Every sentence of Every takes its alternative, and only what no line can contain is left out.
func TestSentencesEvery(t *testing.T) {
	s := realSentences(t, SentenceOptions{})
	n := 0
	for _, to := range s.goals() {
		_, reachable := s.nearestRoot(s.distances(to.alt))
		for _, tape := range [][]byte{nil, tapeFor(to.alt.Pos.String(), 1)} {
			_, ok := s.towards(to, tape)
			require.Equal(t, reachable, ok, "the alternative at %s", to.alt.Pos)
		}
		if reachable {
			n++
		}
	}
	count := 0
	for range s.Every(nil) {
		count++
	}
	require.Equal(t, n, count)
	require.Greater(t, n, 400)
}

// A sentence is bounded, however long the tape is.
func TestSentencesBounds(t *testing.T) {
	tape := make([]byte, 1<<16)
	for i := range tape {
		tape[i] = byte(i*i>>3 | 1)
	}
	s := realSentences(t, SentenceOptions{MaxLen: 200, MaxDepth: 6})
	for _, r := range s.g.Responses {
		x, err := s.Response(r.Name, tape)
		require.NoError(t, err)
		require.Less(t, len(x.String()), 1000, "%q", x)
	}
}

func TestSentencesGuards(t *testing.T) {
	const text = `
response part = "PART" SP type:("A" / "B" / "C") [?type="A" SP "one" / ?type="B"/"C" SP "two"]
response caps = "CAPS" [?X SP "with"] [?!X SP "without"]
response talk = "TALK" SP (?dialog=sasl "sasl" / "plain")
command go = "GO" (?uid SP "uid" / SP "number")
    in   any
    uid  also
union u = "ONE"
u ~= "ONE" / "TWO"
response lenient = "LENIENT" SP u

extension X rfc 2
response more = "MORE"
`
	all := func(o SentenceOptions, name string) map[string]bool {
		s := sentencesOf(t, o, strings.Replace(text, "u ~=", "union u ~=", 1))
		got := map[string]bool{}
		for n := range 100 {
			tape := []byte{byte(n), byte(n / 2), byte(n / 3), byte(n / 5), byte(n / 7), 0, 0, 0}
			x, err := s.Response(name, tape)
			if name == "go" {
				x, err = s.Command(name, tape)
			}
			if err == nil {
				got[strings.ToUpper(strings.TrimSuffix(x.String(), "\r\n"))] = true
			}
		}
		return got
	}
	with := func(name string) bool { return name == "X" }
	without := func(string) bool { return false }
	set := func(s ...string) map[string]bool {
		m := map[string]bool{}
		for _, x := range s {
			m[x] = true
		}
		return m
	}
	for _, test := range []struct {
		name, rule string
		o          SentenceOptions
		want       map[string]bool
	}{
		{"fields", "part", SentenceOptions{}, set("* PART A ONE", "* PART B TWO", "* PART C TWO")},
		{"a capability in force", "caps", SentenceOptions{Caps: with}, set("* CAPS", "* CAPS WITH")},
		{"no capability", "caps", SentenceOptions{Caps: without}, set("* CAPS", "* CAPS WITHOUT")},
		{"no matter which", "caps", SentenceOptions{}, set("* CAPS", "* CAPS WITH", "* CAPS WITHOUT", "* CAPS WITH WITHOUT")},
		{"a dialog", "talk", SentenceOptions{Dialog: "sasl"}, set("* TALK SASL", "* TALK PLAIN")},
		{"no dialog", "talk", SentenceOptions{}, set("* TALK PLAIN")},
		{"the UID form", "go", SentenceOptions{}, set("A1 GO NUMBER", "A1 UID GO UID", "A1 UID GO NUMBER")},
		{"an extension in force", "more", SentenceOptions{Caps: with}, set("* MORE")},
		{"an extension that is not", "more", SentenceOptions{Caps: without}, set()},
		{"strict", "lenient", SentenceOptions{}, set("* LENIENT ONE")},
		{"lenient", "lenient", SentenceOptions{Lenient: true}, set("* LENIENT ONE", "* LENIENT TWO")},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, all(test.o, test.rule))
		})
	}
}

func TestSentencesParts(t *testing.T) {
	s := realSentences(t, SentenceOptions{})
	x, err := s.Command("idle", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"a1 IDLE\r\n", "DONE\r\n"}, x.Turns())
	require.True(t, x.Command)

	x, err = s.Command("copy", nil)
	require.NoError(t, err)
	var tokens []string
	for _, p := range x.Parts {
		if p.Rule != "" {
			tokens = append(tokens, p.Rule+"="+p.Text)
		}
	}
	require.Equal(t, []string{"sequence-set=1", "mailbox=a"}, tokens)
}

func TestSentencesUnknown(t *testing.T) {
	s := sentencesOf(t, SentenceOptions{}, "response a = \"A\"\n")
	for name, make := range map[string]func(string, []byte) (Sentence, error){"rule": s.Rule, "response": s.Response, "command": s.Command} {
		_, err := make("nothing", nil)
		require.ErrorContains(t, err, "there is no "+name+` "nothing"`)
	}
}

// A near miss differs from its sentence, and is never what valid allows.
func TestSentencesNearMiss(t *testing.T) {
	s := realSentences(t, SentenceOptions{})
	for x := range s.Every(tapeFor("near misses", 1)) {
		even := func(octets string) bool { return len(octets)%2 == 0 }
		if miss, ok := s.NearMiss(x, tapeFor(x.String(), 2), even); ok {
			require.NotEqual(t, x.String(), miss.Octets)
			require.NotEmpty(t, miss.Change)
			require.True(t, miss.Meaning || !even(miss.Octets))
		}
		miss, ok := s.NearMiss(x, nil, func(string) bool { return true })
		require.Equal(t, miss.Meaning, ok)
		_, ok = s.NearMiss(x, nil, nil)
		require.True(t, ok)
	}
}
