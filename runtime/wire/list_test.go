package wire

import (
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestList(t *testing.T) {
	var l List[string]
	outer := l.Mark()
	l.Push("a")
	inner := l.Mark()
	l.Push("x")
	l.Push("y")
	in := l.Cut(inner)
	l.Push("b")
	out := l.Cut(outer)
	assert.Equal(t, []string{"x", "y"}, in)
	assert.Equal(t, []string{"a", "b"}, out)
	assert.Nil(t, l.Cut(l.Mark()))
	one := l.One("z")
	assert.Equal(t, []string{"z"}, one)
	for _, s := range [][]string{in, out, one} {
		assert.Len(t, s, cap(s), "appending to a list does not write into its neighbour")
	}
	for range 10 {
		l.Push("stale")
	}
	l.Cut(0)
	for _, s := range l.work[len(l.work):cap(l.work)] {
		assert.Empty(t, s, "the stack holds no text")
	}
}

func TestListsShareChunks(t *testing.T) {
	var l List[string]
	var all [][]string
	for i := range 1000 {
		mark := l.Mark()
		for range i % 5 {
			*l.Add() = itoa(i)
		}
		all = append(all, l.Cut(mark))
	}
	for i, list := range all {
		require.Len(t, list, i%5)
		require.Equal(t, len(list), cap(list))
		for _, s := range list {
			require.Equal(t, itoa(i), s)
		}
	}
	assert.Less(t, testing.AllocsPerRun(100, func() {
		l.Add()
		l.Add()
		l.Cut(0)
	}), 0.1)
}

func TestListThatOutgrowsItsChunk(t *testing.T) {
	var l List[string]
	l.One("neighbour")
	before := l.work
	for range cap(before) {
		l.Push("long")
	}
	long := l.Cut(0)
	require.Len(t, long, cap(before))
	for _, s := range before[1:cap(before)] {
		assert.Empty(t, s, "the chunk that it began in does not hold it")
	}
	l.Push("next")
	assert.Equal(t, []string{"next"}, l.Cut(0))
	assert.Equal(t, "long", long[len(long)-1])
}

func TestLongList(t *testing.T) {
	var l List[uint32]
	for i := range uint32(100000) {
		l.Push(i)
	}
	long := l.Cut(0)
	require.Len(t, long, 100000)
	assert.Equal(t, uint32(99999), long[99999])
	l.Push(7)
	short := l.Cut(0)
	assert.Equal(t, []uint32{7}, short)
	assert.Equal(t, uint32(0), long[0], "a list that was given away is not written to")
	assert.LessOrEqual(t, cap(l.work)*4, mostChunk)

	l.Reserve(100000)
	l.Push(1)
	assert.Equal(t, 1, cap(l.Cut(0)), "what was reserved for nothing is not kept")

	mark := func() int { l.Push(1); return l.Mark() }()
	for range 100000 {
		l.Push(2)
	}
	assert.Len(t, l.Cut(mark), 100000, "a long list inside another")
	assert.Equal(t, []uint32{1}, l.Cut(0))
	assert.LessOrEqual(t, cap(l.work)*4, keepStack, "the stack does not stay long")
}

func TestReserveAllocatesOnce(t *testing.T) {
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() {
		var l List[uint32]
		l.Reserve(1000)
		for range 1000 {
			l.Push(1)
		}
		l.Cut(0)
	}), 1.0)
}

// A node is a struct that holds others of its kind, as a part of a message does.
type node struct {
	name  string
	parts []node
	body  *node
}

type forest struct {
	d     Decoder
	nodes List[node]
	slab  Slab[node]
}

// read fills v with parts to a depth.
func (f *forest) read(v *node, name string, width, depth int) {
	v.name = name
	if depth == 0 {
		return
	}
	mark := f.nodes.Mark()
	for i := range width {
		x := f.nodes.New(&f.d)
		f.read(x, name+itoa(i), width, depth-1)
		f.nodes.Take(x)
	}
	v.parts = f.nodes.Cut(mark)
}

func (f *forest) tree(width, depth int) *node {
	f.slab.Fresh()
	f.nodes.Fresh()
	root := f.slab.New()
	f.read(root, "n", width, depth)
	root.body = f.slab.New()
	return root
}

func (v *node) check(t *testing.T, name string, width, depth int) {
	require.Equal(t, name, v.name)
	if depth == 0 {
		require.Nil(t, v.parts)
		return
	}
	require.Len(t, v.parts, width)
	require.Equal(t, width, cap(v.parts))
	for i := range v.parts {
		v.parts[i].check(t, name+itoa(i), width, depth-1)
	}
}

func TestListsWithinLists(t *testing.T) {
	var f forest
	var all []*node
	for i := range 50 {
		all = append(all, f.tree(1+i%3, 3))
	}
	for i, v := range all {
		v.check(t, "n", 1+i%3, 3)
	}
	// One chunk for the parts of a tree as large as the one before, one for the structs of the slab.
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() {
		f.slab.Fresh()
		f.slab.New()
		for range 3 {
			mark := f.nodes.Mark()
			f.nodes.Take(f.nodes.New(&f.d))
			f.nodes.Push(node{parts: f.nodes.Cut(mark)})
		}
		f.nodes.Cut(0)
		f.slab.New()
	}), 5.0)
}

// A tree grows with the response that it comes from, and each response begins anew.
func TestTreesOutOfProportion(t *testing.T) {
	var f forest
	f.read(new(node), "n", 10, 4) // 11,110 nodes of 48 octets: less than the slack
	require.NoError(t, f.d.Err())
	f.read(new(node), "n", 10, 4)
	require.NoError(t, f.d.Err())
	f.read(new(node), "n", 10, 5)
	require.ErrorContains(t, f.d.Err(), "fewer elements")
	f.d = Decoder{buf: make([]byte, 1<<20)}
	f.read(new(node), "n", 10, 5)
	require.NoError(t, f.d.Err())
}

// TestTreesDoNotHoldOneAnother: a response that is kept must not keep all that came after it, or before.
func TestTreesDoNotHoldOneAnother(t *testing.T) {
	var f forest
	kept := []*node{f.tree(2, 3)}
	var others []weak.Pointer[node]
	for i := range 50 {
		others = append(others, weak.Make(f.tree(1+i%4, 1+i%3)))
	}
	kept = append(kept, f.tree(2, 3))
	runtime.GC()
	for i, v := range others {
		assert.Nil(t, v.Value(), "response %d", i)
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(&f)
}

func TestSlab(t *testing.T) {
	var s Slab[[100]byte]
	a, b := s.New(), s.New()
	a[0] = 1
	assert.Zero(t, b[0])
	assert.NotSame(t, a, b)
	var big Slab[[10000]byte]
	assert.NotSame(t, big.New(), big.New())
	var empty Slab[struct{}]
	assert.NotNil(t, empty.New())
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { s.New() }), 0.1)
}

// TestBatches: a batch shares chunks within itself alone. They are as large as batches need, and one that needs more gets it.
func TestBatches(t *testing.T) {
	t.Run("slab", func(t *testing.T) {
		var s Slab[[100]byte]
		batch := func(n int) (first *[100]byte) {
			s.Fresh()
			first = s.New()
			for range n - 1 {
				s.New()
			}
			return first
		}
		batch(20)
		assert.Equal(t, 1.0, testing.AllocsPerRun(10, func() { batch(20) }))
		assert.LessOrEqual(t, testing.AllocsPerRun(1, func() { batch(30) }), 2.0)
		assert.LessOrEqual(t, cap(s.chunk), 32, "little to spare")
		before := weak.Make(batch(1))
		batch(1)
		runtime.GC()
		assert.Nil(t, before.Value())
		runtime.KeepAlive(&s)
	})
	t.Run("lists", func(t *testing.T) {
		var l List[[100]byte]
		batch := func(n int) (first *[100]byte) {
			l.Fresh()
			first = &l.One([100]byte{})[0]
			for range n - 1 {
				l.One([100]byte{})
			}
			return first
		}
		batch(20)
		assert.Equal(t, 1.0, testing.AllocsPerRun(10, func() { batch(20) }))
		assert.LessOrEqual(t, testing.AllocsPerRun(1, func() { batch(30) }), 2.0)
		assert.LessOrEqual(t, cap(l.work), 32, "little to spare")
		before := weak.Make(batch(1))
		batch(1)
		runtime.GC()
		assert.Nil(t, before.Value())
		runtime.KeepAlive(&l)
	})
	t.Run("a batch out of the ordinary", func(t *testing.T) {
		var s Slab[[100]byte]
		for range 100_000 {
			s.New()
		}
		assert.LessOrEqual(t, cap(s.chunk)*100, mostChunk)
		for range 20 {
			s.Fresh()
			s.New()
		}
		assert.LessOrEqual(t, cap(s.chunk)*100, leastChunk, "it is forgotten")
	})
}

// TestAlone: what is in no list lies among the lists, even while one is built.
func TestAlone(t *testing.T) {
	var l List[string]
	mark := l.Mark()
	l.Push("a")
	alone := l.Alone()
	assert.Empty(t, *alone)
	*alone = "alone"
	l.Push("b")
	assert.Equal(t, []string{"a", "b"}, l.Cut(mark))
	assert.Equal(t, "alone", *alone)
	outer := l.Mark()
	l.Push("outer")
	l.One("inner") // lists within lists from now on
	alone = l.Alone()
	*alone = "alone"
	assert.Equal(t, []string{"outer"}, l.Cut(outer))
	assert.Equal(t, "alone", *alone)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { l.Alone() }), 0.1)
}

// TestNewBatch: a batch has a few KiB of frames, or is one frame; what is out of line counts.
func TestNewBatch(t *testing.T) {
	var d Decoder
	for i, tt := range []struct {
		octets int
		first  bool
	}{
		{1000, false}, {3000, false}, {96, false}, {1, true}, {4095, false}, {100, true}, {9000, true}, {100, true}, {100, false},
		{100_000, true}, {100_000, true}, {50, true},
	} {
		f := &Frame{text: make([]byte, min(tt.octets, 50)), size: int64(tt.octets - min(tt.octets, 50))}
		d.Begin(f)
		assert.Equal(t, tt.first, d.NewBatch(), "frame %d, of %d octets", i, tt.octets)
	}
}
