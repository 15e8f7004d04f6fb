package conn

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// inFlight makes a connection with these commands in flight, without a network.
func inFlight(cmds ...command) (*Conn, []*Call) {
	c := &Conn{opts: Options{TagPrefix: "T"}, claims: callList{ofClaims: true}}
	var calls []*Call
	for _, cmd := range cmds {
		k := c.newCall(context.Background(), cmd, CallOptions{})
		c.fly(k)
		k.phase = phaseSent
		calls = append(calls, k)
	}
	return c, calls
}

func TestAttribution(t *testing.T) {
	uid := func(items uint64, n ...uint32) command { return fetch(wire.UIDs(n...), items) }
	row := func(u, items uint64) *data {
		return &data{kind: kindFetch, facts: Facts{Seq: 1, UID: uint32(u), Items: items}}
	}
	esearch := func(tag string) *data { return &data{kind: kindSearch, facts: Facts{Tag: tag}} }
	tagged := command{spec: &Spec{Name: "SEARCH", Returns: []Return{{Kind: kindSearch, Tag: true}}}}
	const nobody = -1
	for _, tt := range []struct {
		name  string
		cmds  []command
		rows  []*data
		wants []int // the index of the command that each row goes to
	}{
		{"by message", []command{uid(itemFlags, 1), uid(itemFlags, 2)}, []*data{row(2, itemFlags|itemUID), row(1, itemFlags), row(3, itemFlags)}, []int{1, 0, nobody}},
		{"by items", []command{uid(itemEnvelope, 1), uid(itemBody, 1)}, []*data{row(1, itemBody), row(1, itemEnvelope)}, []int{1, 0}},
		{"what was had goes to nobody", []command{uid(itemFlags, 1)}, []*data{row(1, itemFlags), row(1, itemFlags)}, []int{0, nobody}},
		{"an answer in two parts", []command{uid(itemEnvelope|itemBody, 1)}, []*data{row(1, itemBody), row(1, itemBody), row(1, itemEnvelope|itemFlags)}, []int{0, nobody, 0}},
		{"FLAGS that come with a body", []command{uid(itemFlags, 1, 2), uid(itemBody, 1)}, []*data{row(1, itemBody|itemFlags), row(1, itemFlags)}, []int{1, 0}},
		{"FLAGS that nobody asked for", []command{uid(itemFlags|itemBody, 1)}, []*data{row(1, itemFlags|itemUID), row(1, itemFlags|itemBody)}, []int{nobody, 0}},
		{"without UID", []command{uid(itemFlags, 1)}, []*data{row(0, itemFlags)}, []int{nobody}},
		{"a body without UID", []command{uid(itemBody, 1)}, []*data{row(0, itemBody)}, []int{0}},
		{"any items", []command{uid(0, 1)}, []*data{row(1, itemFlags), row(1, itemFlags), row(2, itemFlags)}, []int{0, 0, nobody}},
		{"the highest message", []command{fetch(wire.UIDRange(100, 0), itemFlags), uid(itemFlags, 7)}, []*data{row(7, itemFlags), row(200, itemFlags), row(7, itemFlags)}, []int{1, 0, 0}},
		{"a saved result", []command{fetch(wire.SavedResult(), itemFlags), uid(itemFlags, 7)}, []*data{row(7, itemFlags), row(8, itemFlags)}, []int{1, 0}},
		{"by number", []command{fetch(wire.Seqs(1), itemFlags)}, []*data{row(9, itemFlags), row(9, itemFlags)}, []int{0, nobody}},
		{"by mailbox", []command{statusOf("a"), statusOf("inbox")}, []*data{
			{kind: kindStatus, facts: Facts{Key: "INBOX"}}, {kind: kindStatus, facts: Facts{Key: "A"}}, {kind: kindStatus, facts: Facts{Key: "a"}},
		}, []int{1, nobody, 0}},
		{"by tag", []command{tagged, tagged, tagged}, []*data{esearch("T2"), esearch("T2"), esearch("zzz"), esearch("")}, []int{1, nobody, 0, 2}},
		{"the tag of a command that has ended", []command{tagged}, []*data{esearch("T0"), esearch("T1"), esearch("T1")}, []int{0, nobody, nobody}},
		{"a STORE is answered once", []command{store(wire.UIDs(1, 2))}, []*data{row(1, itemFlags), row(1, itemFlags), row(2, itemFlags)}, []int{0, nobody, 0}},
		{"other data than asked for", []command{returning(1), returning(0)}, []*data{{kind: kindSearch}, {kind: kindSearch}, {kind: kindSearch}}, []int{1, 0, nobody}},
		{"one answer each", []command{{spec: specSearch}}, []*data{{kind: kindSearch}, {kind: kindSearch}}, []int{0, nobody}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, calls := inFlight(tt.cmds...)
			for i, r := range tt.rows {
				got, _ := c.claimant(r, r.Facts(), nil)
				if tt.wants[i] == nobody {
					assert.Nil(t, got, "row %d", i)
					continue
				}
				assert.Same(t, calls[tt.wants[i]], got, "row %d", i)
			}
		})
	}
}

// returning is a SEARCH, perhaps with RETURN.
func returning(with uint8) command {
	return command{spec: &Spec{Name: "SEARCH", Returns: []Return{{Kind: kindSearch, Unless: 1}}}, scope: Scope{With: with}}
}

// The answers to a SELECT replace what was said of the mailbox before it.
func TestAttributionBesideABarrier(t *testing.T) {
	c, calls := inFlight(command{spec: specSelect})
	for _, r := range []*data{{kind: kindExists}, {kind: kindExists}} {
		got, _ := c.claimant(r, r.Facts(), nil)
		assert.Same(t, calls[0], got)
	}
}

func TestAttributionOfUntaggedCodes(t *testing.T) {
	tagged := command{spec: &Spec{Name: "UID COPY", Returns: []Return{{Code: "COPYUID"}}}}
	untagged := command{spec: &Spec{Name: "UID MOVE", Returns: []Return{{Code: "COPYUID", Untagged: true}}}}
	c, calls := inFlight(tagged, untagged)
	for _, want := range []*Call{calls[1], calls[0], nil} {
		got, _ := c.claimant(&status{data: data{kind: kindState}}, Facts{}, &Condition{Type: ConditionOK, Code: code("COPYUID 7 1 2")})
		assert.Same(t, want, got)
	}
}

func TestAttributionOfCodes(t *testing.T) {
	c, calls := inFlight(command{spec: specSelect})
	s := &status{data: data{kind: kindState}}
	got, index := c.claimant(s, Facts{}, &Condition{Type: ConditionOK, Code: code("uidnext 7")})
	assert.Same(t, calls[0], got)
	assert.Equal(t, 1, index)
	got, _ = c.claimant(s, Facts{}, &Condition{Type: ConditionOK, Code: code("ALERT")})
	assert.Nil(t, got)
}

// TestAnswered compares the ranges with a plain table.
func TestAnswered(t *testing.T) {
	const asked = itemFlags | itemBody
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 0))
		var a answered
		plain := map[uint32]uint64{}
		for range 500 {
			n, items := 1+random.Uint32N(100), uint64(random.Uint32N(16))
			a.add(n, items, asked)
			plain[n] |= items & asked
			for n := uint32(1); n <= 100; n++ {
				require.Equal(t, asked&^plain[n], a.missing(n, asked), "seed %d, message %d", seed, n)
			}
			for i := 1; i < len(a.whole); i++ {
				require.Greater(t, a.whole[i].First, a.whole[i-1].Last+1, "ranges are joined")
			}
		}
	}
}

func TestAnsweredIsBounded(t *testing.T) {
	var a answered
	for n := range uint32(100_000) {
		a.add(n+1, itemFlags, itemFlags|itemBody)
	}
	assert.LessOrEqual(t, len(a.part), partMax)
	assert.Len(t, a.whole, 1)
}

func TestDisjoint(t *testing.T) {
	for _, tt := range []struct {
		a, b wire.NumSet
		want bool
	}{
		{wire.UIDs(1, 2), wire.UIDs(3), true},
		{wire.UIDs(1, 3), wire.UIDs(2), true},
		{wire.UIDs(1, 3), wire.UIDs(3), false},
		{wire.UIDs(1), wire.Seqs(2), false},
		{wire.UIDs(1), wire.NumSet{}, false},
		{wire.UIDs(1), wire.UIDRange(2, 0), false},
		{wire.UIDs(1), wire.SavedResult(), false},
	} {
		_, k := inFlight(fetch(tt.a, 0), fetch(tt.b, 0))
		assert.Equal(t, tt.want, disjoint(k[0], k[1]), "%s %s", tt.a, tt.b)
		assert.Equal(t, tt.want, disjoint(k[1], k[0]), "%s %s", tt.b, tt.a)
	}
}

func TestTags(t *testing.T) {
	tags := tags{"T"}
	for s, want := range map[string]uint32{"T1": 1, "T4294967295": 1<<32 - 1, "T0": 0, "T01": 0, "T": 0, "T4294967296": 0, "t1": 0, "X1": 0, "": 0, "T1x": 0, "T+1": 0} {
		n, ok := parse(tags, s)
		assert.Equal(t, want != 0, ok, s)
		if ok {
			assert.Equal(t, want, n)
			assert.Equal(t, s, tags.text(n))
		}
	}
	assert.Regexp(t, `^[A-P]{4}7$`, randomTags().text(7))
}

func (t tags) text(n uint32) string {
	var e wire.Encoder
	e.Begin(wire.Mode{})
	t.append(&e, n)
	return string(e.Bytes())
}

func TestStateNames(t *testing.T) {
	assert.Equal(t, "authenticated or selected", (StateAuthenticated | StateSelected).String())
	assert.Equal(t, "none", State(0).String())
}
