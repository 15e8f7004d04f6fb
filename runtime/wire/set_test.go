package wire

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parsed(t testing.TB, s string, seq bool) NumSet {
	t.Helper()
	set, err := ParseSet(s, seq)
	require.NoError(t, err)
	return set
}

func TestSetText(t *testing.T) {
	for want, sets := range map[string][]NumSet{
		"":                 {{}, UIDs(), Seqs()},
		"5":                {UIDs(5), UIDRange(5, 5), Seqs(5), parsed(t, "5:5", true)},
		"*":                {UIDRange(0, 0), parsed(t, "*:*", false), parsed(t, "*,*", false)},
		"3:*":              {UIDRange(3, 0), SeqRange(0, 3), parsed(t, "*:3", true), parsed(t, "3:*,7,*,9:12", true), parsed(t, "9:*,3:*", true)},
		"1:3":              {UIDs(3, 1, 2, 2), UIDs(1, 2, 3), UIDRange(3, 1), parsed(t, "2:3,1:2", true)},
		"1:2,4,6:9":        {UIDs(9, 8, 7, 6, 4, 2, 1), UIDRange(6, 9).Union(UIDs(4)).Union(UIDs(1, 2))},
		"2,4294967295":     {UIDs(2, math.MaxUint32)},
		"2:4294967295,*":   {UIDRange(2, math.MaxUint32).Union(UIDRange(0, 0))},
		"4294967295:*":     {UIDRange(math.MaxUint32, 0), UIDRange(0, math.MaxUint32)},
		"$":                {SavedResult(), parsed(t, "$", false)},
		"1,3:5,10:12,15:*": {parsed(t, "15:*,3:4,10,12,11,1,5", false)},
	} {
		for i, s := range sets {
			assert.Equal(t, want, s.String(), "%d", i)
			assert.Equal(t, want == "", s.IsZero())
		}
	}
	for _, bad := range []string{"", "0", "1,", ",1", "1:", ":1", "1:2:3", "a", "1 2", "-1", "4294967296", "99999999999999999999", "$,1", "1,$", "**", "01"} {
		_, err := ParseSet(bad, false)
		var syntax *SyntaxError
		assert.ErrorAs(t, err, &syntax, "%q", bad)
	}
}

func TestSetKinds(t *testing.T) {
	assert.True(t, Seqs(1).IsSeq())
	assert.True(t, SeqRange(1, 2).IsSeq())
	assert.True(t, parsed(t, "1", true).IsSeq())
	assert.False(t, UIDs(1).IsSeq())
	assert.False(t, NumSet{}.IsSeq())
	assert.True(t, SavedResult().IsSaved())
	assert.False(t, SavedResult().IsZero())
	s := Seqs(1, 5).WithEpoch(7)
	assert.Equal(t, uint64(7), s.Epoch())
	assert.Equal(t, uint64(7), s.Union(Seqs(9)).Epoch())
	assert.Zero(t, UIDs(1).Epoch())
	for _, e := range []struct{ a, b, want uint64 }{{0, 0, 0}, {0, 5, 5}, {5, 0, 5}, {5, 7, 5}, {7, 5, 5}} {
		assert.Equal(t, e.want, Seqs(1).WithEpoch(e.a).Union(Seqs(2).WithEpoch(e.b)).Epoch(), "%d and %d: stale as soon as one is", e.a, e.b)
	}
	assert.True(t, s.Union(Seqs(9)).IsSeq())
	assert.True(t, NumSet{}.Union(Seqs(9)).IsSeq(), "the empty set has no kind to insist on")
	assert.Equal(t, s, s.Union(NumSet{}))
}

func TestSetMembers(t *testing.T) {
	s := parsed(t, "20:22,3:5,1,30:*", true)
	assert.Equal(t, []uint32{1, 3, 4, 5, 20, 21, 22, 30}, slices.Collect(s.All()))
	assert.Equal(t, []NumRange{{1, 1}, {3, 5}, {20, 22}, {30, 0}}, slices.Collect(s.Ranges()))
	assert.Equal(t, []NumRange{{20, 22}, {3, 5}, {1, 1}, {30, 0}}, slices.Collect(s.InOrder()))
	assert.Equal(t, []NumRange{{3, 5}, {1, 1}}, slices.Collect(parsed(t, "5:3,1", false).InOrder()))
	assert.Equal(t, []NumRange{{1, 1}, {3, 3}}, slices.Collect(UIDs(3, 1).InOrder()), "nothing came in an order here")
	assert.Equal(t, uint64(8), s.Count())
	assert.True(t, s.HasStar())
	assert.False(t, UIDs(1).HasStar())
	assert.Empty(t, slices.Collect(UIDRange(0, 0).All()))
	assert.Zero(t, UIDRange(0, 0).Count())
	assert.Equal(t, uint64(math.MaxUint32), UIDRange(1, math.MaxUint32).Count())
	for n := range s.All() {
		if n == 3 {
			break // safe
		}
	}
	n := 0
	for range UIDRange(1, math.MaxUint32).All() {
		if n++; n == 1000 {
			break
		}
	}
	last := slices.Collect(UIDRange(math.MaxUint32-1, math.MaxUint32).All())
	assert.Equal(t, []uint32{math.MaxUint32 - 1, math.MaxUint32}, last, "the count does not wrap")
}

func TestSetContains(t *testing.T) {
	for _, c := range []struct {
		set    string
		n, max uint32
		want   bool
	}{
		{"1,3:5", 1, 0, true}, {"1,3:5", 2, 0, false}, {"1,3:5", 5, 0, true}, {"1,3:5", 6, 9, false}, {"1,3:5", 0, 0, false},
		{"*", 7, 7, true}, {"*", 6, 7, false}, {"*", 7, 0, false},
		{"5:*", 5, 0, true}, {"5:*", 100, 0, true}, {"5:*", 4, 0, false}, {"5:*", 7, 9, true},
		{"5:*", 3, 3, true}, {"5:*", 4, 3, true}, {"5:*", 2, 3, false}, // 5:* is 3:5 in a mailbox of 3
		{"2,*", 2, 9, true}, {"2,*", 9, 9, true}, {"2,*", 8, 9, false},
		{"4294967295", math.MaxUint32, 0, true},
	} {
		assert.Equal(t, c.want, parsed(t, c.set, true).Contains(c.n, c.max), "%s %d %d", c.set, c.n, c.max)
	}
	assert.False(t, NumSet{}.Contains(1, 1))
	assert.False(t, SavedResult().Contains(1, 1))
}

func TestSetOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1:5", "5:9", true}, {"1:4", "5:9", false}, {"1,9", "2:8", false}, {"1,5,9", "2:4,6:9", true}, {"7", "7", true},
		{"9:*", "1:3", true}, {"*", "1", true}, {"$", "1", true}, {"4294967295", "1:4294967295", true},
	} {
		a, b := parsed(t, c.a, true), parsed(t, c.b, true)
		assert.Equal(t, c.want, a.Overlaps(b), "%s %s", c.a, c.b)
		assert.Equal(t, c.want, b.Overlaps(a), "%s %s", c.b, c.a)
	}
	assert.False(t, UIDs(1).Overlaps(NumSet{}))
	assert.True(t, UIDs(1).Overlaps(Seqs(2)), "which messages these are is not known")
}

func TestSetThatCannotBeSent(t *testing.T) {
	for name, s := range map[string]NumSet{
		"empty":              {},
		"UID 0":              UIDs(0),
		"UID 0 among others": UIDs(1, 0, 2),
		"number 0":           Seqs(0),
		"of two kinds":       UIDs(1).Union(Seqs(2)),
		"with the unknown":   UIDs(1).Union(SavedResult()),
		"0 in a union":       UIDs(1).Union(UIDs(0)),
		"0 in a union first": UIDs(0).Union(UIDs(1)),
	} {
		t.Run(name, func(t *testing.T) {
			var e Encoder
			e.Begin(Mode{})
			e.SequenceSet(s)
			assert.Error(t, e.Err())
		})
	}
	var e Encoder
	e.UIDSet(UIDRange(3, 0))
	assert.Error(t, e.Err(), "a uid-set has no *")
}

func TestSetsDoNotShare(t *testing.T) {
	in := []uint32{3, 1}
	s := UIDs(in...)
	in[0] = 9
	assert.Equal(t, "1,3", s.String())
	a := UIDs(1, 2)
	_ = a.Union(UIDs(3))
	_ = a.WithEpoch(4)
	assert.Equal(t, "1:2", a.String())
	assert.Zero(t, a.Epoch())
}
