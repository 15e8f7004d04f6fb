package client_test

import (
	"bytes"
	"compress/flate"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// TestEndless sends responses that do not end, or that announce more than there is: the connection ends at a limit, which the error
// names, and what was announced is not allocated before it comes.
func TestEndless(t *testing.T) {
	const bound = 24 * mib // of heap, under the limits called tight
	tests := []struct {
		name string
		head string
		unit string // then, until the client has enough; "" is silence
		want string // of the error
	}{
		{"line", "", "x", "response is longer than"},
		{"line of unknown data", "* XFOO ", "x ", "response is longer than"},
		{"text of a remark", "* OK ", "x", "response is longer than"},
		{"code", "* OK [XFOO ", "x", "response is longer than"},
		{"atom", "* LIST () \"/\" ", "x", "response is longer than"},
		{"quoted string", "* LIST () \"/\" \"", "x", "response is longer than"},
		{"quoted string of escapes", "* LIST () \"/\" \"", "\\\"", "response is longer than"},
		{"tag", "A", "A", "response is longer than"},
		{"continuation request", "+ ", "x", "response is longer than"},
		{"digits of a literal", "* XFOO {", "1", "response is longer than"},
		{"search result", "* SEARCH", " 1", "response is longer than"},
		{"parentheses", "* XFOO ", "(", "response is longer than"},
		{"literals of nothing", "* XFOO", " {0}\r\n", "response is longer than"},
		{"literals of nothing in a code", "* OK [XFOO", " {0}\r\n", "response is longer than"},
		{"literals of nothing in a tagged answer", "A1 NO [XFOO", " {0}\r\n", "response is longer than"},
		{"literals of nothing in a string", "* LIST () \"/\" \"", " {0}\r\n", "response is longer than"},
		{"literals of one octet", "* XFOO", " {1}\r\nx", ""},
		{"short literals", "* XFOO", " {4096}\r\n" + strings.Repeat("x", 4096), "literal is longer than"},
		{"long literals", "* XFOO", " {4097}\r\n" + strings.Repeat("x", 4097), "literal is longer than"},
		{"bodies", "* 1 FETCH (UID 1", " BODY[] {4097}\r\n" + strings.Repeat("x", 4097), "literal is longer than"},
		{"literal of 4 GiB", "* 1 FETCH (BODY[] {4294967296}\r\n", "x", "literal is longer than"},
		{"literal of 4 MiB of which nothing comes", "* 1 FETCH (BODY[] {4194304}\r\n", "", ""},
		{"literal of 2^63", "* 1 FETCH (BODY[] {9223372036854775808}\r\n", "x", "literal is longer than"},
		{"literal of 2^63-1", "* 1 FETCH (BODY[] {9223372036854775807}\r\n", "x", "literal is longer than"},
		{"literal of 2^64+5", "* 1 FETCH (BODY[] {18446744073709551621}\r\n", "x", "literal is longer than"},
		{"two literals that wrap", "* XFOO {5}\r\nhello {9223372036854775807}\r\n", "x", "literal is longer than"},
		{"NUL", "", "\x00", "response is longer than"},
		{"CR", "", "\r", "response is longer than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := inClear
			o.Limits = tight
			assertHeld(t, bound, func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				c, err := client.New(ctx, pipe(t, func(s *script) {
					s.send(preauth())
					s.want("NOOP")
					s.octets(test.head)
					if test.unit == "" {
						return
					}
					assert.False(s.t, s.flood(test.unit, 64*mib), "no limit was met")
				}), o)
				require.NoError(t, err)
				err = c.Noop(ctx)
				assert.ErrorIs(t, err, imap.ErrConnectionLost)
				assert.ErrorIs(t, err, imap.ErrOutcomeUnknown)
				assert.ErrorContains(t, err, test.want)
				if limit := new(wire.LimitError); test.unit != "" {
					assert.ErrorAs(t, err, &limit)
				}
				assert.NoError(t, c.Close())
			})
		})
	}
}

// TestOddLiterals: announcements that are none, or say less than they seem to, cost at most their response.
func TestOddLiterals(t *testing.T) {
	for name, octets := range map[string]string{
		"-1":                    "* XFOO {-1}\r\n",
		"40 zeros":              "* XFOO {" + strings.Repeat("0", 40) + "}\r\n\r\n",
		"0":                     "* 1 FETCH (BODY[] {0}\r\n)\r\n",
		"hexadecimal":           "* XFOO {0x5}\r\n",
		"a blank":               "* XFOO { 5}\r\n",
		"plus":                  "* XFOO {+5}\r\n",
		"nothing":               "* XFOO {}\r\n",
		"in text":               "* OK see {5}\r\n",
		"in the text of a code": "* OK [ALERT] see {5}\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := session(t, func(s *script) {
				tag := s.want("NOOP")
				s.sendRaw(octets)
				s.send(tag + " OK done")
				s.ok("NOOP")
				s.end()
			})
			assert.NoError(t, c.Noop(t.Context()))
			assert.NoError(t, c.Noop(t.Context()))
			assert.NoError(t, c.Close())
		})
	}
}

// TestDeflateBomb: the limits hold for what comes out of COMPRESS, however little goes in.
func TestDeflateBomb(t *testing.T) {
	for name, head := range map[string]string{
		"line":                "* XFOO ",
		"literal":             "* 1 FETCH (BODY[] {999999999999}\r\n",
		"quoted":              "* LIST () \"/\" \"",
		"rows that go unread": "",
	} {
		t.Run(name, func(t *testing.T) {
			o := inClear
			o.Limits, o.Compress = tight, true
			var bomb bytes.Buffer
			z, err := flate.NewWriter(&bomb, flate.BestCompression)
			require.NoError(t, err)
			unit := strings.Repeat("x", mib)
			if head == "" {
				unit = strings.Repeat("* LIST () \"/\" x\r\n", mib/16)
			}
			_, _ = z.Write([]byte(head))
			for range 16 {
				_, _ = z.Write([]byte(unit))
			}
			require.NoError(t, z.Close())
			require.Less(t, bomb.Len(), mib/4)
			assertHeld(t, 24*mib, func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				c, err := client.New(ctx, pipe(t, func(s *script) {
					s.send(preauth("COMPRESS=DEFLATE"))
					s.ok("COMPRESS DEFLATE")
					_, _ = s.nc.Write(bomb.Bytes())
				}), o)
				require.NoError(t, err)
				_, err = client.Do(ctx, c, imap.List{Patterns: []string{"*"}})
				assert.Error(t, err)
				assert.NoError(t, c.Close())
			})
		})
	}
}
