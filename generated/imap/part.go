package imap

import (
	"cmp"
	"slices"

	"github.com/parley-go/parley/runtime/wire"
)

// A Part is an item of FETCH that carries octets: those of a message, or of a part of it.
type Part struct {
	// Item is MsgAttItemBodySection (BODY[...]), MsgAttItemBinarySection (BINARY[...]), MsgAttItemRFC822, MsgAttItemRFC822Header or
	// MsgAttItemRFC822Text.
	Item    MsgAttItem
	Section Section          // of BODY; for BINARY only its Part
	Origin  wire.Opt[uint64] // where in it the octets begin, if a range was asked for
	Data    *Body            // nil is NIL
}

// BodyParts gives all items that carry octets, in the order in which the server sent them; what is NIL or short (up to 4 KiB) follows the
// item of its kind before it.
func (v *FetchData) BodyParts() []Part {
	var parts []placedPart
	add := func(p Part) {
		at := p.Data.Offset()
		if n := len(parts); at == 0 && n > 0 && parts[n-1].Item == p.Item {
			at = parts[n-1].at
		}
		parts = append(parts, placedPart{p, at})
	}
	if v.Has(MsgAttItemRFC822) {
		add(Part{Item: MsgAttItemRFC822, Data: v.RFC822()})
	}
	if v.Has(MsgAttItemRFC822Header) {
		add(Part{Item: MsgAttItemRFC822Header, Data: v.RFC822Header()})
	}
	if v.Has(MsgAttItemRFC822Text) {
		add(Part{Item: MsgAttItemRFC822Text, Data: v.RFC822Text()})
	}
	for i := range v.BodySection {
		p := &v.BodySection[i]
		add(Part{Item: MsgAttItemBodySection, Section: p.Section, Origin: p.Origin, Data: p.Data})
	}
	for _, p := range v.BinarySection() {
		add(Part{Item: MsgAttItemBinarySection, Section: Section{Part: p.Part}, Origin: p.Origin, Data: p.Data})
	}
	slices.SortStableFunc(parts, func(a, b placedPart) int { return cmp.Compare(a.at, b.at) })
	out := make([]Part, len(parts))
	for i := range parts {
		out[i] = parts[i].Part
	}
	return out
}

type placedPart struct {
	Part
	at int // in the response
}
