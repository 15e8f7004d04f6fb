package gen

import (
	"testing"

	goabnf "github.com/pandatix/go-abnf"
	"github.com/stretchr/testify/require"
)

// FuzzRFCs does what the tests do, for as long as wanted: which chooses a rule of the RFCs and an alternative of ours, the tape
// what is written.
func FuzzRFCs(f *testing.F) {
	o := oracle(f)
	rfc := meaningful(f, o.rfc)
	type line struct {
		root, rule string
		maker      *goabnf.ASTGenerator // made when it is needed
	}
	var lines []*line
	from := map[string]map[string]string{}
	for _, root := range []string{serverLine, clientLine} {
		order, way := reach(rfc, root)
		from[root] = way
		for _, rule := range order {
			lines = append(lines, &line{root: root, rule: rule})
		}
	}
	goals := o.sentences.goals()
	for n := range 8 {
		f.Add(uint16(n*97), tapeFor("fuzz", n))
	}
	f.Fuzz(func(t *testing.T, which uint16, tape []byte) {
		l := lines[int(which)%len(lines)]
		if l.maker == nil {
			l.maker = o.maker(t, rfc, l.root, l.rule, from[l.root])
		}
		theirs := firstTurn(o.fill(t, string(l.maker.Generate(tape)), tape))
		require.NoError(t, readable(theirs, l.root == clientLine), "of the RFCs: %q", theirs)

		x, ok := o.sentences.towards(goals[int(which)%len(goals)], tape)
		if !ok {
			return // no line has one
		}
		require.True(t, o.isLine(t, x.String(), x.Command), "not of the RFCs: %q", x)
		require.NoError(t, readable(x.Turns()[0], x.Command), "ours: %q", x)
		if len(x.Turns()) == 1 {
			miss, ok := o.sentences.NearMiss(x, tape, func(octets string) bool { return o.isLine(t, octets, x.Command) })
			require.True(t, !ok || o.refused(t, miss.Octets, x.Command), "%q: %s", miss.Octets, miss.Change)
		}
	})
}
