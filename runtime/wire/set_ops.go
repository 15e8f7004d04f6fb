package wire

import "slices"

// Union gives the numbers of both sets, of the kind of the first. The union with SavedResult is not known before it is sent: the set
// that it gives is refused then. Its epoch is the older one: it is stale as soon as one of them is.
func (s NumSet) Union(t NumSet) NumSet {
	if t.IsZero() {
		return s
	}
	kind := s.kind&setSeq | (s.kind|t.kind)&setBad
	if (s.kind|t.kind)&setSaved != 0 || s.IsSeq() != t.IsSeq() && !s.IsZero() {
		kind |= setBad
	}
	if s.IsZero() {
		if t.epoch == 0 {
			t.epoch = s.epoch
		}
		return t
	}
	u := makeSet(slices.Concat(s.ranges(), t.ranges()), kind)
	u.epoch = older(s.epoch, t.epoch)
	if u.p != nil {
		u.p.order = nil
	}
	return u
}

// older gives the epoch of two that will be stale first. One that is 0 is never stale.
func older(a, b uint64) uint64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// Overlaps tells whether a number may be in both sets. "*" may be any number that is not below what stands before it, and any at all
// when nothing does; SavedResult overlaps everything that is not empty. Sets of different kinds overlap.
func (s NumSet) Overlaps(t NumSet) bool {
	if s.IsZero() || t.IsZero() {
		return false
	}
	if (s.kind|t.kind)&setSaved != 0 || s.IsSeq() != t.IsSeq() {
		return true
	}
	// "9:*" is 7:9 in a mailbox of 7: a set with "*" may meet any other.
	if s.HasStar() || t.HasStar() {
		return true
	}
	a, b := s.ranges(), t.ranges()
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Last < b[0].First:
			a = a[1:]
		case b[0].Last < a[0].First:
			b = b[1:]
		default:
			return true
		}
	}
	return false
}

// WithEpoch gives the set marked with an epoch: how many messages its mailbox had seen go when it was made. It is 0 for sets that no
// mailbox made.
func (s NumSet) WithEpoch(e uint64) NumSet {
	s.epoch = e
	return s
}

// Epoch gives what WithEpoch set.
func (s NumSet) Epoch() uint64 { return s.epoch }
