package wire

import "reflect"

const (
	firstChunk = 256      // octets of the first chunk of a slab: many connections never need another
	chunkSize  = 3 << 10  // octets of the chunks that follow, at most: one kept row pins its chunk
	keepStack  = 64 << 10 // octets of a stack that is kept after a long list
)

// sizeOf gives the octets of a T. It is asked once for a chunk or a long list, never for an element.
func sizeOf[T any]() int { return max(int(reflect.TypeFor[T]().Size()), 1) }

// A List builds slices of T: elements are pushed on a stack, as lists nest, and cut to their exact size. Short ones are cut out of
// chunks which neighbours share. The zero value is ready for use.
type List[T any] struct {
	stack []T
	chunk []T
	free  []*T // what New gives again; as many as lists have nested
	size  int  // elements of the chunk that comes next
}

// Mark gives the place where a list begins, for Cut.
func (l *List[T]) Mark() int { return len(l.stack) }

// Push adds an element.
func (l *List[T]) Push(v T) {
	if len(l.stack) == cap(l.stack) {
		l.grow()
	}
	l.stack = append(l.stack, v)
}

// grow doubles the stack: append alone would copy a million numbers five times. A short one grows faster.
func (l *List[T]) grow() {
	n := len(l.stack)
	stack := make([]T, n, max(2*n, min(8*n, chunkSize/sizeOf[T]()), 8))
	copy(stack, l.stack)
	l.stack = stack
}

// Cut takes the elements pushed since the mark as a slice of exactly their number; nil if there are none.
func (l *List[T]) Cut(mark int) []T {
	part := l.stack[mark:]
	if len(part) == 0 {
		return nil
	}
	if mark == 0 && len(part) > cap(l.stack)/2 && len(part)*sizeOf[T]() > keepStack {
		// A long list is given away with the stack that it fills, instead of being copied.
		l.stack = nil
		return part[:len(part):len(part)]
	}
	out := l.room(len(part))
	copy(out, part)
	clear(part) // what is left here would hold the texts of an old frame
	l.stack = l.stack[:mark]
	if mark == 0 && cap(l.stack)*sizeOf[T]() > 2*keepStack {
		l.stack = nil
	}
	return out
}

// One gives the slice of one element.
func (l *List[T]) One(v T) []T {
	out := l.room(1)
	out[0] = v
	return out
}

// room gives n elements of a chunk, or of their own if they would take most of one.
func (l *List[T]) room(n int) []T {
	if n > len(l.chunk) {
		if n > chunkSize/4/sizeOf[T]() {
			return make([]T, n)
		}
		l.size = nextChunk[T](l.size)
		if n > l.size {
			return make([]T, n)
		}
		l.chunk = make([]T, l.size)
	}
	out := l.chunk[:n:n]
	l.chunk = l.chunk[n:]
	return out
}

// nextChunk gives the elements of the chunk that follows one of n: chunks double, up to chunkSize.
func nextChunk[T any](n int) int {
	size := sizeOf[T]()
	return max(min(2*n, chunkSize/size), firstChunk/size, 1)
}

// A Slab allocates values of T by the chunk. The zero value is ready for use.
type Slab[T any] struct {
	chunk []T
	size  int
}

// New gives a pointer to a zero T.
func (s *Slab[T]) New() *T {
	if len(s.chunk) == 0 {
		s.size = nextChunk[T](s.size)
		s.chunk = make([]T, s.size)
	}
	p := &s.chunk[0]
	s.chunk = s.chunk[1:]
	return p
}

// New gives a zero T to be filled and then given to Take. It is for structs that hold lists of their own kind: a T that lies on
// the stack would move while it is filled.
func (l *List[T]) New() *T {
	if n := len(l.free); n > 0 {
		v := l.free[n-1]
		l.free = l.free[:n-1]
		return v
	}
	return new(T)
}

// Take adds the element that New gave, and keeps its room for the next.
func (l *List[T]) Take(v *T) {
	l.Push(*v)
	*v = *new(T)
	l.free = append(l.free, v)
}
