package imaptest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseAddresses(t *testing.T) {
	for _, tt := range []struct{ name, list, want string }{
		{"bare", "a@b.example", "<a|b.example>"},
		{"names", `A <a@b>, "B, C" <b@c>`, "A<a|b> B, C<b|c>"},
		{"encoded name", "=?iso-8859-1?q?J=FCrgen?= <j@b>", "Jürgen<j|b>"},
		{"encoded in a charset nobody knows", "=?x-none?q?J?= <j@b>", "=?x-none?q?J?=<j|b>"},
		{"comment with a comma", "a@b (one, two), c@d", "one, two<a|b> <c|d>"},
		{"quoted local part", `"a,b"@c`, "<a,b|c>"},
		{"group", "Friends: a@b, C <c@d>;", "[Friends <a|b> C<c|d> ]"},
		{"empty group", "undisclosed-recipients:;", "[undisclosed-recipients ]"},
		{"quoted group name", `"My: group": a@b;`, "[My: group <a|b> ]"},
		{"a list goes on after a group", "G: a@b; , c@d", "[G <a|b> ] <c|d>"},
		{"escaped quote", `"a\"b, c" <d@e>`, `a"b, c<d|e>`},
		{"not an address", "nobody", "<nobody|>"},
		{"empty places", ", a@b, ,", "<a|b>"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, a := range parseAddresses(tt.list) {
				switch {
				case a.Host.Valid:
					got = append(got, fmt.Sprintf("%s<%s|%s>", a.Name, a.Mailbox, a.Host))
				case a.Mailbox.Valid:
					got = append(got, "["+a.Mailbox.Value)
				default:
					got = append(got, "]")
				}
			}
			assert.Equal(t, tt.want, strings.Join(got, " "))
		})
	}
}

func TestMatchPattern(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "a/b/c", true},
		{"%", "a", true},
		{"%", "a/b", false},
		{"%/%", "a/b", true},
		{"a/%", "a/b/c", false},
		{"a/*", "a", false},
		{"a*", "a", true},
		{"*c", "a/b/c", true},
		{"%c", "a/b/c", false},
		{"*%", "a/b", true},
		{"%*", "a/b", true},
		{"a%b%c", "aXbYc", true},
		{"inbox", "INBOX", true},
		{"InBox", "INBOX", true},
		{"inb*", "INBOX", false},
		{"foo", "Foo", false},
		{"", "a", false},
		{"*", "", true},
	} {
		t.Run(tt.pattern+" on "+tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, matchPattern(tt.pattern, tt.name))
		})
	}
	t.Run("many wildcards", func(t *testing.T) {
		assert.False(t, matchPattern(strings.Repeat("*a", 500), strings.Repeat("a", 499)))
	})
}

func TestParseMessage(t *testing.T) {
	shape := func(octets string) string {
		var show func(e *entity) string
		show = func(e *entity) string {
			var parts []string
			for _, p := range e.parts {
				parts = append(parts, show(p))
			}
			if e.inner != nil {
				parts = append(parts, show(e.inner))
			}
			return fmt.Sprintf("%s%q", e.media, parts)
		}
		return show(parseMessage([]byte(octets)))
	}
	const head = "Content-Type: multipart/mixed; boundary=\"b b\"\n\n"
	for _, tt := range []struct{ name, octets, want string }{
		{"nothing", "", `text/plain[]`},
		{"no header", "just text", `text/plain[]`},
		{"bad type", "Content-Type: nonsense\n\nx", `text/plain[]`},
		{"type in capitals", "CONTENT-TYPE: TEXT/HTML\n\nx", `text/html[]`},
		{"folded type", "Content-Type:\n text/html;\n\tcharset=x\n\nx", `text/html[]`},
		{"line feeds only", head + "--b b\n\none\n--b b  \n\ntwo\n--b b--\n", `multipart/mixed["text/plain[]" "text/plain[]"]`},
		{"cut off", head + "--b b\n\none\n--b b\n\ntw", `multipart/mixed["text/plain[]" "text/plain[]"]`},
		{"no part", head + "nothing here", `multipart/mixed["text/plain[]"]`},
		{"longer line is no delimiter", head + "--b b\n\none\n--b bc\n--b b--\n", `multipart/mixed["text/plain[]"]`},
		{"no boundary", "Content-Type: multipart/mixed\n\n--\n\nx\n--\n", `multipart/mixed["text/plain[]"]`},
		{"digest", "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: y\n\nz\n--x--\n", `multipart/digest["message/rfc822[\"text/plain[]\"]"]`},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, shape(tt.octets)) })
	}
	t.Run("nested without end", func(t *testing.T) {
		e, depth := parseMessage([]byte(strings.Repeat("Content-Type: message/rfc822\n\n", 10_000))), 0
		for ; e.inner != nil; e = e.inner {
			depth++
		}
		assert.Equal(t, maxNesting, depth)
	})
}

// Every octet of a message belongs to its header or its body, and every one of a multipart's parts is a piece of its body.
func TestEntitiesAreCutFromTheMessage(t *testing.T) {
	octets := "A: b\r\nContent-Type: multipart/x; boundary=y\r\n\r\n--y\r\n\r\n--y\r\nC: d\r\n\r\n\r\n--y--"
	e := parseMessage([]byte(octets))
	assert.Equal(t, octets, string(e.header)+string(e.body))
	require.Len(t, e.parts, 2)
	assert.Empty(t, string(e.parts[0].body))
	assert.Equal(t, "C: d\r\n\r\n", string(e.parts[1].header))
	assert.Empty(t, string(e.parts[1].body))
}

func TestCheckName(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "a/b": true, "日本語": true, "a b&c": true,
		"": false, "/a": false, "a/": false, "a//b": false, "a*": false, "a%b": false, "a\nb": false, "\xff&bad": false, strings.Repeat("x", 1001): false,
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, want, checkName(name) == nil) })
	}
}
