package imap_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/grammar"
)

// Each response code of RFC 5530 has a sentinel of its name, which the error of a command matches.
func TestSentinels(t *testing.T) {
	rules, err := grammar.Files.ReadFile("rfc5530.imap")
	require.NoError(t, err)
	source, err := os.ReadFile("errors.go")
	require.NoError(t, err)
	rule, _, _ := strings.Cut(string(rules), "example")
	_, rule, _ = strings.Cut(rule, "=/")
	codes := regexp.MustCompile(`"([A-Z]+)"`).FindAllStringSubmatch(rule, -1)
	assert.Len(t, codes, 17)
	for _, code := range codes {
		assert.Regexp(t, `(?i)\sErr`+code[1]+`\s+CodeError\s+= "`+code[1]+`"`, string(source))
		e := &imap.Error{Condition: imap.Condition{Type: "NO", Code: imap.CodeName(code[1])}}
		assert.ErrorIs(t, e, imap.CodeError(code[1]))
	}
	assert.ErrorIs(t, &imap.Error{Condition: imap.Condition{Type: "NO", Code: imap.CodeBadCharset{"UTF-8"}}}, imap.ErrBadCharset)
	assert.ErrorIs(t, &imap.Error{Condition: imap.Condition{Type: "NO", Code: imap.CodeTryCreate}}, imap.ErrTryCreate)
}
