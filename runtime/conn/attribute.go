package conn

import (
	"math"
	"slices"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// This file finds the command that untagged data answers: no RFC marks it (section "Attribution" of the package comment).

// certainty orders the commands that could have asked for a response; the surest gets it, of equals the oldest.
type certainty uint8

const (
	certainlyNot certainty = iota
	// maybe: whether the message, or the tag, is the command's cannot be told.
	maybe
	// unaskedOnly: the items are all that the command still lacks, but servers also send them by themselves.
	unaskedOnly
	// partly: items that servers do not send by themselves, but not all that the command still lacks.
	partly
	certain
)

// claimant gives the command in flight that a response answers, and the index of its Return; nil if nobody asked. The caller holds
// mu.
func (c *Conn) claimant(r Response, facts Facts, cond *Condition) (best *Call, index int) {
	best, index, _, _ = c.find(r, &facts, cond)
	if best != nil {
		best.had(index, &facts)
	}
	return best, index
}

// find is claimant before the answer is given. rivals are the calls, best among them, that could have asked; others may have gone uncounted
// if best has surely.
func (c *Conn) find(r Response, facts *Facts, cond *Condition) (best *Call, index int, surest certainty, rivals int) {
	most := certain
	kind := r.Kind()
	if facts.Items != 0 && facts.Items&^kind.Unasked == 0 {
		most = unaskedOnly // who asked for these messages cannot be surer, and no others claim this kind beside them
	}
	for k := c.claims.head; k != nil; k = k.amongClaims.next {
		if k.phase < phaseBegun {
			break // nothing answers what is still being encoded, nor what comes behind it
		}
		rival := false
		for i := range k.returns {
			ret := &k.returns[i]
			s := certainlyNot
			switch {
			case !ret.Many && k.singles&(1<<i) != 0 && !k.spec.barrier(): // what comes beside a SELECT replaces what came before
			case ret.Code != "":
				if cond != nil && cond.Code != nil && strings.EqualFold(cond.Code.Keyword(), ret.Code) {
					s = maybe
					if ret.Untagged {
						s = certain
					}
				}
			case ret.Kind == kind && k.asks(ret):
				s = c.match(k, ret, facts)
			case ret.Kind == kind && ret.Unless&k.scope.With != 0:
				s = min(maybe, c.match(k, ret, facts)) // a server that does not do what it was asked
			}
			rival = rival || s > certainlyNot
			if s > surest {
				surest, best, index = s, k, i
			}
		}
		if rival {
			rivals++
		}
		if surest >= most {
			break
		}
	}
	return best, index, surest, rivals
}

// match tells how sure it is that the facts answer one Return of a command.
func (c *Conn) match(k *Call, ret *Return, f *Facts) certainty {
	s := certain
	if k.moved {
		return certainlyNot
	}
	if ret.Key && !sameKey(f.Key, k.scope.Key) {
		return certainlyNot
	}
	if ret.Tag {
		tag, ok := parse(c.tags(), f.Tag)
		switch {
		case ok && tag == k.tag:
		case ok && tag <= c.issued:
			return certainlyNot // of another command; if it has ended, these are updates of its answer (RFC 5267 section 4.3)
		default:
			s = maybe // no tag, or one of nobody: some servers forget it (RFC 4731 section 3.1 demands it)
		}
	}
	if ret.Set {
		s = min(s, k.asked(ret.Kind, f))
	}
	return s
}

// asked tells whether the command asked for items of this message, and has not had them.
func (k *Call) asked(kind *Kind, f *Facts) certainty {
	s, set := certain, k.scope.Set
	n := f.UID
	if set.IsSeq() {
		n = f.Seq
	}
	switch {
	case set.IsZero():
		s = maybe
	case n == 0:
		// Answers to UID commands must carry the UID (RFC 3501 section 6.4.8), so this one answers none,
		// unless it holds what nobody sends unasked.
		if kind.Unasked == 0 || f.Items&k.scope.Items&^kind.Unasked == 0 {
			return certainlyNot
		}
		return maybe
	case set.Contains(n, 0):
	case set.HasStar() || set.IsSaved():
		s = maybe // "*" is the highest message, "$" what a SEARCH found: neither is known here
	default:
		return certainlyNot
	}
	if k.scope.Items == 0 || f.Items == 0 {
		if _, had := k.answered.find(n); had {
			return certainlyNot
		}
		return min(s, unaskedOnly)
	}
	missing := k.answered.missing(n, k.scope.Items)
	carried := missing & f.Items
	switch {
	case carried == 0:
		return certainlyNot
	case carried&^kind.Unasked != 0 && carried == missing:
		return s
	case carried&^kind.Unasked != 0:
		return min(s, partly)
	case carried == missing:
		return min(s, unaskedOnly)
	}
	return certainlyNot
}

// numbersMoved deals with messages that went while commands name them by number: those get nothing more, and fail in the end. The caller
// holds mu.
func (c *Conn) numbersMoved() {
	if c.numbered == 0 {
		return
	}
	for k := range c.flying.all() {
		k.moved = k.moved || !k.mayExpunge
	}
}

// had notes that a response was given to the command.
func (k *Call) had(index int, f *Facts) {
	ret := &k.returns[index]
	switch {
	case !ret.Many:
		k.singles |= 1 << index
	case ret.Set:
		n := f.UID
		if k.scope.Set.IsSeq() {
			n = f.Seq
		}
		// A STORE is answered once for each message (RFC 3501 section 6.4.6); how often a FETCH of unknown items is, cannot be known.
		if n != 0 && (k.scope.Items != 0 || k.spec.WritesFlags) {
			k.answered.add(n, f.Items, k.scope.Items)
		}
	}
}

// goesBeyond tells whether the facts answer a command for a message behind all those that it has had, with all that it asked for, as one row
// of a long FETCH after the other does; then it notes that the response was given to the command.
func (k *Call) goesBeyond(ret *Return, f *Facts) bool {
	if !ret.Set || k.moved || k.scope.Items == 0 || k.scope.Items&^f.Items != 0 {
		return false
	}
	n := f.UID
	if k.scope.Set.IsSeq() {
		n = f.Seq
	}
	return k.scope.Set.Contains(n, 0) && k.answered.push(n)
}

// answered is which items of which messages a command has had.
type answered struct {
	whole []wire.NumRange   // messages of which it has had all items; ascending, not adjacent
	first [1]wire.NumRange  // where whole begins: most commands need no more
	part  map[uint32]uint64 // messages of which it has had some
}

// partMax bounds the messages of which a command has had some items only. Beyond it, what came is taken for all: there are servers that
// leave an item out for every message.
const partMax = 4096

func (a *answered) missing(n uint32, items uint64) uint64 {
	if _, ok := a.find(n); ok {
		return 0
	}
	return items &^ a.part[n]
}

func (a *answered) add(n uint32, items, all uint64) {
	if a.whole == nil {
		a.whole = a.first[:0]
	}
	if all&^items == 0 && a.push(n) {
		return
	}
	if a.missing(n, all)&^items != 0 && len(a.part) < partMax {
		if a.part == nil {
			a.part = map[uint32]uint64{}
		}
		a.part[n] |= items
		return
	}
	delete(a.part, n)
	i, ok := a.find(n)
	if ok {
		return
	}
	before := i > 0 && a.whole[i-1].Last == n-1
	after := i < len(a.whole) && a.whole[i].First == n+1
	switch {
	case before && after:
		a.whole[i-1].Last = a.whole[i].Last
		a.whole = slices.Delete(a.whole, i, i+1)
	case before:
		a.whole[i-1].Last = n
	case after:
		a.whole[i].First = n
	default:
		a.whole = slices.Insert(a.whole, i, wire.NumRange{First: n, Last: n})
	}
}

// push notes that a message has had everything if it is behind all others, as nearly every one is.
func (a *answered) push(n uint32) bool {
	last := len(a.whole) - 1
	switch {
	case last < 0 || n <= a.whole[last].Last || len(a.part) > 0:
		return false
	case n == a.whole[last].Last+1:
		a.whole[last].Last = n
	default:
		a.whole = append(a.whole, wire.NumRange{First: n, Last: n})
	}
	return true
}

// find gives the range that holds n, or where one would be inserted. Answers mostly come in ascending order, so it looks at the last
// range first.
func (a *answered) find(n uint32) (int, bool) {
	if i := len(a.whole) - 1; i < 0 || n > a.whole[i].Last {
		return i + 1, false
	} else if n >= a.whole[i].First {
		return i, true
	}
	i, _ := slices.BinarySearchFunc(a.whole, n, func(r wire.NumRange, n uint32) int {
		if r.Last < n {
			return -1
		}
		return 1
	})
	return i, a.whole[i].First <= n
}

// bounds are the lowest and highest number of a set. The zero value: not known.
type bounds struct{ first, last uint32 }

func boundsOf(s wire.NumSet) (b bounds) {
	if s.HasStar() || s.IsSaved() {
		return bounds{}
	}
	b.first = math.MaxUint32
	for r := range s.Ranges() {
		b.first, b.last = min(b.first, r.First), max(b.last, r.Last)
	}
	if b.last == 0 {
		return bounds{}
	}
	return b
}

// apart tells whether two sets of one kind are certainly apart, going by their bounds.
func (b bounds) apart(o bounds) bool {
	return b.last != 0 && o.last != 0 && (b.last < o.first || o.last < b.first)
}

// disjoint tells whether two commands certainly touch different messages.
func disjoint(a, b *Call) bool {
	if a.bounds.last == 0 || b.bounds.last == 0 || a.scope.Set.IsSeq() != b.scope.Set.IsSeq() {
		return false
	}
	return a.bounds.apart(b.bounds) || !a.scope.Set.Overlaps(b.scope.Set)
}

// sameKey compares mailbox names. INBOX is the same in any case (RFC 3501 section 5.1).
func sameKey(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}
