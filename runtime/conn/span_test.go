package conn

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// TestSpans: what is kept about the commands in flight tells the same as each of them asked in turn.
func TestSpans(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	n := func() uint32 { return 1 + random.Uint32N(12) }
	commands := []func() command{
		func() command { return fetch(wire.UIDs(n()), itemFlags) },
		func() command { return fetch(wire.UIDs(n(), n()), itemEnvelope) },
		func() command { return fetch(wire.UIDRange(n(), 0), itemBody) },
		func() command { return fetch(wire.Seqs(n()), itemFlags) },
		func() command { return store(wire.UIDs(n())) },
		func() command { return store(wire.UIDRange(n(), n())) },
		func() command { return store(wire.Seqs(n())) },
		func() command { return store(wire.SavedResult()) },
		func() command { return statusOf("INBOX") },
	}
	c, _ := inFlight()
	var flying []*Call
	disturbs := map[bool]int{}
	for range 20_000 {
		k := c.newCall(context.Background(), commands[random.IntN(len(commands))](), CallOptions{})
		want := false
		for _, other := range flying {
			want = want || ambiguous(other, k)
		}
		require.Equal(t, want, c.spans.disturb(k), "%v", k.scope.Set)
		disturbs[want]++
		if !want || random.IntN(4) == 0 {
			c.fly(k)
			flying = append(flying, k)
		}
		for len(flying) > random.IntN(12) {
			i := random.IntN(len(flying))
			c.land(flying[i])
			flying = append(flying[:i], flying[i+1:]...)
		}
	}
	assert.Greater(t, min(disturbs[true], disturbs[false]), 2_000)
	for _, k := range flying {
		c.land(k)
	}
	assert.Empty(t, c.spans.several)
	assert.Empty(t, c.spans.single)
	assert.Empty(t, c.spans.about)
}
