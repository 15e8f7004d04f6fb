package conn

// spans are what tells apart most of the commands in flight that have a claim, side by side, in no order. A program that works through a
// mailbox may have a thousand in flight, each about one message: these are counted by message, and such a command is not compared with all
// others.
type spans struct {
	several []span
	single  []span           // of commands about one UID each
	about   map[uint32]int32 // how many of these there are about a UID
}

type span struct {
	bounds
	bySet, seq bool
	k          *Call
}

// disturb tells whether a command would be ambiguous beside one that is in flight.
func (s *spans) disturb(k *Call) bool {
	if s == nil {
		return false
	}
	return disturb(s.several, k) || (!k.single() || s.about[k.bounds.first] > 0) && disturb(s.single, k)
}

func disturb(list []span, k *Call) bool {
	for i := range list {
		s := &list[i]
		if k.bySet && s.bySet && s.seq == k.scope.Set.IsSeq() && s.apart(k.bounds) {
			continue
		}
		if ambiguous(s.k, k) {
			return true
		}
	}
	return false
}

// single tells whether a call is about one UID, and only that tells what answers it.
func (k *Call) single() bool {
	return k.bySet && k.bounds.last != 0 && k.bounds.first == k.bounds.last && !k.scope.Set.IsSeq()
}

// list gives where the span of a call is.
func (s *spans) list(k *Call) *[]span {
	if k.single() {
		return &s.single
	}
	return &s.several
}

func (s *spans) add(k *Call) {
	list := s.list(k)
	k.place = int32(len(*list))
	*list = append(*list, span{k.bounds, k.bySet, k.scope.Set.IsSeq(), k})
	if list == &s.single {
		s.about[k.bounds.first]++
	}
}

func (s *spans) remove(k *Call) {
	list := s.list(k)
	last := len(*list) - 1
	moved := (*list)[last]
	moved.k.place = k.place
	(*list)[k.place] = moved
	(*list)[last] = span{}
	*list = (*list)[:last]
	if list == &s.single {
		if uid := k.bounds.first; s.about[uid] > 1 {
			s.about[uid]--
		} else {
			delete(s.about, uid)
		}
	}
}
