package client_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
)

// Each line has the time and who said it; controls are quoted, flags are as they were, long lines are cut.
func TestTrace(t *testing.T) {
	long := strings.Repeat("x", 5000)
	nc := pipe(t, func(s *script) {
		s.send(preauth())
		s.ok("NOOP", `* 1 FETCH (FLAGS (\Seen))`, "* OK \x1b[2J", "* OK "+long)
		s.end()
	})
	var trace record
	o := inClear
	o.Trace = &trace
	c, err := client.New(t.Context(), nc, o)
	require.NoError(t, err)
	require.NoError(t, c.Noop(t.Context()))
	require.NoError(t, c.Close())

	stamp := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d\.\d{3} `)
	tag := regexp.MustCompile(`[A-P]{4}1`)
	assert.Equal(t, "S: "+preauth()+`
C: TAG NOOP
S: * 1 FETCH (FLAGS (\Seen))
S: * OK \x1b[2J
S: * OK `+long[:4096-len("* OK ")]+` ...
S: TAG OK done
`, tag.ReplaceAllString(stamp.ReplaceAllString(trace.String(), ""), "TAG"))
}
