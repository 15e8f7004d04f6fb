package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseFlags(t *testing.T) {
	for text, want := range map[string][]Flag{
		`(\Seen \Deleted)`:     {FlagSeen, FlagDeleted},
		` \sEEN $Forwarded `:   {FlagSeen, "$Forwarded"},
		`(\Answered \*)`:       {FlagAnswered, FlagWildcard},
		"":                     nil,
		"()":                   nil,
		NewFlags("a").String(): {"a"},
	} {
		flags, err := ParseFlags(text)
		require.NoError(t, err, text)
		assert.Equal(t, NewFlags(want...), flags, text)
	}
	for _, text := range []string{`(\Seen`, `\Seen)`, `(a) b`, `"a"`, `a,"b`, `\`, "NIL", "a\r\nb", `((a))`} {
		_, err := ParseFlags(text)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax, text)
	}
}
