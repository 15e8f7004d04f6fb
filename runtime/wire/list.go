package wire

import "reflect"

const (
	leastChunk = 256      // octets of a chunk, at least: many connections never need another
	mostChunk  = 5 << 10  // and at most, unless one list is longer: the structure of a message with two dozen parts fits
	keepStack  = 64 << 10 // octets of a stack that is kept after a long list
)

// sizeOf gives the octets of a T. It is asked once for a chunk or a long list, never for an element.
func sizeOf[T any]() int { return max(int(reflect.TypeFor[T]().Size()), 1) }

// A plan tells how large chunks are made: one is to do for a batch (see Decoder.NewBatch), and batches are much alike.
type plan struct {
	used int // elements of this batch
	want int // elements that a batch needs, to judge by those before
}

// next gives the elements of the next chunk; each has so many octets.
func (p *plan) next(octets int) int {
	n := p.want - p.used
	if n <= 0 {
		n = p.used / 2
	}
	return max(min(n, mostChunk/octets), leastChunk/octets, 1)
}

// fresh begins the next batch.
func (p *plan) fresh() {
	p.want = max(p.used+p.used/16, (p.used+p.want+1)/2)
	p.used = 0
}

// A List builds slices of T. They are built where they stay, in chunks that neighbours share; lists within lists of the same type
// are built on a stack and moved. The zero value is ready for use.
type List[T any] struct {
	work []T // a chunk, given away up to base; what follows is being built
	base int
	size int      // elements of a chunk that neighbours share
	plan plan     // of those chunks
	tree *tree[T] // once a list was built within another
}

// Fresh begins a batch: the lists after it share no chunk with those before. No list is being built.
func (l *List[T]) Fresh() {
	if l.work != nil || l.tree != nil {
		l.fresh()
	}
}

func (l *List[T]) fresh() {
	if t := l.tree; t != nil {
		t.chunk = nil
		t.plan.fresh()
		return
	}
	l.plan.used += l.base
	l.plan.fresh()
	l.work, l.base = nil, 0
}

// Mark gives the place where a list begins, for Cut.
func (l *List[T]) Mark() int { return len(l.work) - l.base }

// Push adds an element.
func (l *List[T]) Push(v T) {
	if len(l.work) == cap(l.work) {
		l.grow(1)
	}
	l.work = append(l.work, v)
}

// Add adds a zero element and gives it, to be filled before anything else is done with the list. A T that may hold lists of its own
// kind needs New and Take instead: it would move while it is filled.
func (l *List[T]) Add() *T {
	n := len(l.work)
	if n == cap(l.work) {
		l.grow(1)
		n = len(l.work)
	}
	l.work = l.work[:n+1]
	return &l.work[n]
}

// Reserve makes room for so many elements more.
func (l *List[T]) Reserve(more int) {
	if more > cap(l.work)-len(l.work) {
		l.grow(more)
	}
}

// grow moves what is being built to another chunk. One list alone fills it if it is long: it doubles then, append alone would copy a
// million numbers five times.
func (l *List[T]) grow(more int) {
	part := l.work[l.base:]
	n := len(part)
	l.plan.used += l.base
	size := sizeOf[T]()
	l.size = max(l.plan.next(size), min(2*n, mostChunk/size))
	work := make([]T, n, max(l.size, n+more, 2*n))
	copy(work, part)
	clear(part) // the chunk that is left must not hold the texts of others
	l.work, l.base = work, 0
}

// Cut takes the elements pushed since the mark as a slice of exactly their number; nil if there are none.
func (l *List[T]) Cut(mark int) []T {
	at := l.base + mark
	part := l.work[at:]
	n := len(part)
	switch {
	case n == 0:
		return nil
	case mark > 0 || l.tree != nil:
		return l.cutTree(at)
	case cap(l.work) > l.size:
		// A chunk of its own goes away with the list, unless the list leaves much of it empty.
		l.work, l.base = nil, 0
		if n <= cap(part)/2 {
			return append(make([]T, 0, n), part...)
		}
	default:
		l.base += n
	}
	return part[:n:n]
}

// One gives the slice of one element.
func (l *List[T]) One(v T) []T {
	mark := l.Mark()
	l.Push(v)
	return l.Cut(mark)
}

// Alone gives a pointer to a zero T that is in no list, out of the same chunks.
func (l *List[T]) Alone() *T {
	if l.tree != nil {
		return &l.tree.room(1)[0]
	}
	return &l.One(*new(T))[0]
}

// A tree holds lists within lists.
type tree[T any] struct {
	chunk []T
	plan  plan
	free  []*T // what New gives again; as many as lists have nested
	open  int  // given by New and not taken yet
	size  int  // octets of a T
	grown int  // octets of all that New gave since the tree began
}

// A tree may be so much larger than the response that it comes from. The shortest parts and threads that mean anything stay below it; in
// fewer octets than those nobody says so much, except to fill memory.
const (
	treeFactor = 16
	treeSlack  = 1 << 20
)

// New gives a zero T to be filled and then given to Take. It is for structs that hold lists of their own kind: a T that lies on
// the stack would move while it is filled. A tree that is out of all proportion to the response of d fails d.
func (l *List[T]) New(d *Decoder) *T {
	if l.tree == nil {
		l.tree = new(tree[T])
	}
	t := l.tree
	if t.open == 0 && len(l.work) == l.base {
		t.size, t.grown = sizeOf[T](), 0
	}
	if t.grown += t.size; t.grown > treeSlack+treeFactor*len(d.buf) {
		d.Fail("list", "fewer elements of next to nothing")
	}
	t.open++
	if n := len(t.free); n > 0 {
		v := t.free[n-1]
		t.free = t.free[:n-1]
		return v
	}
	return new(T)
}

// Take adds the element that New gave, and keeps its room for the next.
func (l *List[T]) Take(v *T) {
	l.Push(*v)
	*v = *new(T)
	l.tree.free = append(l.tree.free, v)
	l.tree.open--
}

// cutTree moves what is on the stack from at on.
func (l *List[T]) cutTree(at int) []T {
	if l.tree == nil {
		l.tree = new(tree[T])
	}
	t, part := l.tree, l.work[at:]
	out := t.room(len(part))
	copy(out, part)
	clear(part)
	l.work = l.work[:at]
	if at == l.base && t.open == 0 && cap(l.work)*sizeOf[T]() > keepStack {
		l.work, l.base = nil, 0
	}
	return out
}

// room gives n elements.
func (t *tree[T]) room(n int) []T {
	if n > len(t.chunk) {
		t.chunk = make([]T, max(n, t.plan.next(sizeOf[T]())))
	}
	t.plan.used += n
	out := t.chunk[:n:n]
	t.chunk = t.chunk[n:]
	return out
}

// A Slab allocates values of T by the chunk. The zero value is ready for use.
type Slab[T any] struct {
	chunk []T // used up to its length
	plan  plan
}

// New gives a pointer to a zero T.
func (s *Slab[T]) New() *T {
	n := len(s.chunk)
	if n == cap(s.chunk) {
		s.grow()
		n = 0
	}
	s.chunk = s.chunk[:n+1]
	return &s.chunk[n]
}

func (s *Slab[T]) grow() {
	s.plan.used += len(s.chunk)
	s.chunk = make([]T, 0, s.plan.next(sizeOf[T]()))
}

// Fresh begins a batch: the values after it share no chunk with those before.
func (s *Slab[T]) Fresh() {
	if s.chunk != nil {
		s.fresh()
	}
}

func (s *Slab[T]) fresh() {
	s.plan.used += len(s.chunk)
	s.plan.fresh()
	s.chunk = nil
}
