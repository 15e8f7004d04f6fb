package wire

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strconv"
)

// A NumRange is the numbers from First to Last. 0 in Last is "*", the highest number of the mailbox, and 0 in both is "*" alone.
type NumRange struct{ First, Last uint32 }

// A NumSet is an immutable set of UIDs or of message sequence numbers, kept as ranges however many numbers it has. The zero value is
// the empty set of UIDs. It may be used from any goroutine.
type NumSet struct {
	p     *numSet // nil if empty
	epoch uint64
	kind  setKind
}

type setKind uint8

const (
	setSeq   setKind = 1 << iota // sequence numbers
	setSaved                     // "$"
	setBad                       // holds a 0, which is no number
)

type numSet struct {
	ranges []NumRange // ascending, no two overlap or touch; "*" counts as the highest
	order  []NumRange // as they came, if that was not ascending
}

// UIDs gives the set of these UIDs. 0 is no UID: a set made with one is refused when it is sent, since "*", the last message, is
// hardly what is meant.
func UIDs(n ...uint32) NumSet { return newSet(n, 0) }

// Seqs gives the set of these message sequence numbers; for 0 see UIDs.
func Seqs(n ...uint32) NumSet { return newSet(n, setSeq) }

// UIDRange gives the UIDs between from and to, which come in any order. 0 is "*", the highest UID of the mailbox.
func UIDRange(from, to uint32) NumSet { return makeSet([]NumRange{{from, to}}, 0) }

// SeqRange gives the sequence numbers between from and to, which come in any order. 0 is "*", the last message.
func SeqRange(from, to uint32) NumSet { return makeSet([]NumRange{{from, to}}, setSeq) }

// SavedResult gives "$": what the last SEARCH saved (RFC 5182). Its numbers are not known here.
func SavedResult() NumSet { return NumSet{kind: setSaved} }

func newSet(n []uint32, kind setKind) NumSet {
	r := make([]NumRange, 0, len(n))
	for _, x := range n {
		if x == 0 {
			kind |= setBad
			continue
		}
		r = append(r, NumRange{x, x})
	}
	s := makeSet(r, kind)
	if s.p != nil {
		s.p.order = nil
	}
	return s
}

// makeSet takes the ranges over.
func makeSet(r []NumRange, kind setKind) NumSet {
	if len(r) == 0 {
		return NumSet{kind: kind}
	}
	for i, x := range r {
		if x.First == 0 || x.Last != 0 && x.First > x.Last {
			r[i] = NumRange{x.Last, x.First}
		}
	}
	p := &numSet{ranges: r}
	if !apart(r) {
		if !slices.IsSortedFunc(r, byLow) {
			p.order = slices.Clone(r)
			slices.SortFunc(r, byLow)
		}
		p.ranges = merge(r)
	}
	return NumSet{p: p, kind: kind}
}

func byLow(a, b NumRange) int { return cmp.Compare(a.low(), b.low()) }

const star = 1 << 32 // stands above every number

func (r NumRange) low() uint64 {
	if r.First == 0 {
		return star
	}
	return uint64(r.First)
}

func (r NumRange) high() uint64 {
	if r.Last == 0 {
		return star
	}
	return uint64(r.Last)
}

// apart tells whether the ranges ascend with room between them.
func apart(r []NumRange) bool {
	for i := 1; i < len(r); i++ {
		if r[i].low() <= r[i-1].high()+1 && !(r[i].First == 0 && r[i-1].Last == math.MaxUint32) {
			return false
		}
	}
	return true
}

// merge joins sorted ranges that overlap or touch. "*" alone touches nothing but "*".
func merge(r []NumRange) []NumRange {
	out := r[:1]
	for _, x := range r[1:] {
		last := &out[len(out)-1]
		switch h := last.high(); {
		case x.low() > h+1, x.First == 0 && h < star:
			out = append(out, x)
		case x.high() > h:
			last.Last = x.Last
		}
	}
	return out
}

// ParseSet parses a set as it stands on the wire: "1,3:5,10:*" or "$".
func ParseSet(s string, seq bool) (NumSet, error) {
	d := Decoder{buf: []byte(s), strict: true, frame: &Frame{}}
	set := d.SequenceSet()
	if d.err == nil && d.pos < len(d.buf) {
		d.Fail("sequence-set", "the end")
	}
	if d.err != nil {
		return NumSet{}, d.err
	}
	if seq {
		set.kind |= setSeq
	}
	return set, nil
}

func (s NumSet) ranges() []NumRange {
	if s.p == nil {
		return nil
	}
	return s.p.ranges
}

// IsSeq tells that the numbers are message sequence numbers, not UIDs.
func (s NumSet) IsSeq() bool { return s.kind&setSeq != 0 }

// IsZero tells that the set is empty. SavedResult is not.
func (s NumSet) IsZero() bool { return s.p == nil && s.kind&(setSaved|setBad) == 0 }

// IsSaved tells that the set is SavedResult.
func (s NumSet) IsSaved() bool { return s.kind&setSaved != 0 }

// Ranges gives the ranges, ascending; none overlap.
func (s NumSet) Ranges() iter.Seq[NumRange] { return slices.Values(s.ranges()) }

// InOrder gives the ranges as they came. In COPYUID the numbers of both sets correspond in this order (RFC 4315 section 3).
func (s NumSet) InOrder() iter.Seq[NumRange] {
	if s.p != nil && s.p.order != nil {
		return slices.Values(s.p.order)
	}
	return s.Ranges()
}

// All gives the numbers, ascending, one at a time; there may be 4 thousand million of them. Of a range with "*" it gives nothing but
// the number that is known.
func (s NumSet) All() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, r := range s.ranges() {
			last := uint64(r.Last)
			if r.Last == 0 {
				last = uint64(r.First)
			}
			if r.First == 0 {
				continue
			}
			for n := uint64(r.First); n <= last; n++ {
				if !yield(uint32(n)) {
					return
				}
			}
		}
	}
}

// Contains tells whether n is in the set. max is the number that "*" means; 0 if that is not known, when "*" alone contains nothing and
// "n:*" all from n on.
func (s NumSet) Contains(n, max uint32) bool {
	if n == 0 {
		return false
	}
	r := s.ranges()
	if len(r) == 0 {
		return false
	}
	i, _ := slices.BinarySearchFunc(r, uint64(n), func(r NumRange, n uint64) int { return cmp.Compare(r.high(), n) })
	if i < len(r) && r[i].First != 0 && r[i].First <= n {
		return true
	}
	// "*" is a number like others: above its First, or below it, when the range runs downwards.
	last := r[len(r)-1]
	return last.Last == 0 && max != 0 && (n == max || n < last.First && n >= max)
}

// Count gives how many numbers the set has, "*" left out as in All.
func (s NumSet) Count() uint64 {
	var n uint64
	for _, r := range s.ranges() {
		switch {
		case r.First == 0:
		case r.Last == 0:
			n++
		default:
			n += uint64(r.Last-r.First) + 1
		}
	}
	return n
}

// HasStar tells that the set has "*" in it.
func (s NumSet) HasStar() bool {
	r := s.ranges()
	return len(r) > 0 && r[len(r)-1].Last == 0
}

// String gives the set as it stands on the wire: ascending and merged, since some servers refuse others (QUIRKS B4).
func (s NumSet) String() string { return string(s.append(nil)) }

func (s NumSet) append(b []byte) []byte {
	if s.IsSaved() {
		return append(b, '$')
	}
	return appendRanges(b, s.ranges())
}

// appendInOrder writes the ranges as they came.
func (s NumSet) appendInOrder(b []byte) []byte {
	if s.p == nil || s.p.order == nil {
		return s.append(b)
	}
	return appendRanges(b, s.p.order)
}

func appendRanges(b []byte, ranges []NumRange) []byte {
	for i, r := range ranges {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, r.First)
		if r.First != r.Last {
			b = appendNumber(append(b, ':'), r.Last)
		}
	}
	return b
}

func appendNumber(b []byte, n uint32) []byte {
	if n == 0 {
		return append(b, '*')
	}
	return strconv.AppendUint(b, uint64(n), 10)
}
