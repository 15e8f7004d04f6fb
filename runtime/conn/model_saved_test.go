package conn

import (
	"slices"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/runtime/wire"
)

// This file is the SEARCHRES of the model (RFC 5182): the commands that save "$" and use it, what the server makes of them, and what must
// hold.

// save makes a SEARCH that saves what it finds, perhaps among what was saved before (section 2.2).
func (u *user) save(o *op) {
	o.spec, o.text, o.scope = modelUIDSearch, "UID SEARCH", Scope{UID: true}
	if u.random.IntN(4) == 0 {
		o.text, o.scope = "SEARCH", Scope{ByNumber: true}
	}
	o.text += " RETURN (" + []string{"SAVE", "SAVE ALL", "COUNT SAVE", "SAVE MIN"}[u.random.IntN(4)] + ")"
	o.scope.With, o.scope.Saves = 1, true
	if u.random.IntN(4) == 0 {
		o.text += " $"
		o.scope.Touch(wire.SavedResult())
	}
	if u.random.IntN(2) == 0 {
		o.text += " UNSEEN"
		o.scope.ReadsFlags = true
	}
	o.persists = u.random.IntN(3) == 0
}

// useSaved makes a command about what was saved.
func (u *user) useSaved(o *op, items uint64) {
	set := wire.SavedResult()
	uid := func(spec *Spec, text string) {
		o.spec, o.text, o.scope = spec, text, Scope{UID: true, Set: set}
		o.scope.Touch(set)
	}
	switch u.random.IntN(8) {
	case 0, 1, 2:
		uid(modelUIDFetch, "UID FETCH $")
		u.items(o, items)
	case 3, 4:
		uid(modelUIDStore, "UID STORE $")
	case 5:
		uid(modelCopy, "UID COPY $")
	case 6:
		uid(modelExpunge, "UID EXPUNGE $")
	case 7:
		u.search(o)
		o.text += " $"
		o.scope.Touch(set)
	}
}

// Again has some commands be sent once more.
func (o *op) Again(cond Condition) bool {
	first := o.persists && !o.again && cond.Type == ConditionNO
	o.again = o.again || first
	return first
}

// dependsOn: the server must keep the order of the two, for "$" of the one is what the other saves (section 2.3), or is found among that.
func (m *modelCommand) dependsOn(o *modelCommand) bool {
	for m.uses && m.saver != nil {
		if m = m.saver; m == o {
			return true
		}
	}
	return false
}

// runnable tells whether a command may be executed: one with "$" after what saves that, and after the one before if that was BAD, for
// then it changes nothing (section 2.1). All else may come in any order.
func (s *modelServer) runnable(m *modelCommand) bool {
	if !m.uses {
		return true
	}
	for _, p := range slices.Backward(s.order[:m.rank]) {
		switch {
		case !p.saves:
		case !p.begun:
			return false
		case p.outcome != "BAD":
			return true
		}
	}
	return true
}

// execute takes "$" as it is now, and changes it. Of two that save, the one received later counts (section 2.3, example 9).
func (s *modelServer) execute(m *modelCommand) {
	among := s.uids
	if m.uses {
		m.took, m.set = s.savedBy, s.saved
		among = s.saved
		if m.saver != nil && m.saver.to == 0 {
			s.pipelined++
		}
	}
	if !m.saves || m.outcome == "BAD" || s.savedBy != nil && s.savedBy.rank > m.rank {
		return
	}
	s.saved, s.savedBy = nil, m // also after NO
	if m.outcome != "OK" {
		return
	}
	share := 1 + s.random.IntN(20)
	for _, uid := range among {
		if s.random.IntN(share) == 0 {
			s.saved = append(s.saved, uid)
		}
	}
	if m.least {
		s.saved = s.saved[:min(len(s.saved), 1)]
	}
}

// checkSaved: "$" was to each command what the last SEARCH before it saved, in the order in which the users started them.
func (w *world) checkSaved() {
	all := w.server.order
	for _, m := range all {
		if !m.uses || !m.begun {
			continue
		}
		var want *modelCommand
		for _, p := range all { // one that was sent again comes later
			if p.saves && p.label < m.label && p.mailboxNumber == m.mailboxNumber && p.begun && p.outcome != "BAD" &&
				(want == nil || p.label >= want.label) {
				want = p
			}
		}
		assert.True(w.t, want == m.took, "%q was about what %s has saved instead of %s", m.line, m.took, want)
	}
}
