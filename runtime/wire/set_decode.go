package wire

import "math"

// SequenceSet reads a set of numbers, in which "*" may stand, or "$". The numbers are UIDs until UID or not is known.
func (d *Decoder) SequenceSet() NumSet {
	if d.Accept('$') {
		return SavedResult()
	}
	return d.set("sequence-set", true)
}

// UIDSet reads a set of UIDs. An empty one, which some servers send in COPYUID for nothing (QUIRKS Q62), is a warning.
func (d *Decoder) UIDSet() NumSet {
	if c := d.Peek(); c == ']' || c == ' ' {
		d.deviate("uid-set", "a UID")
		return NumSet{}
	}
	return d.set("uid-set", false)
}

func (d *Decoder) set(rule string, star bool) NumSet {
	first := d.setRange(rule, star)
	if d.err != nil {
		return NumSet{}
	}
	if d.Peek() != ',' {
		return makeSet([]NumRange{first}, 0)
	}
	mark := d.ranges.Mark()
	d.ranges.Push(first)
	for d.Accept(',') && d.err == nil {
		d.ranges.Push(d.setRange(rule, star))
	}
	r := d.ranges.Cut(mark)
	if d.err != nil {
		return NumSet{}
	}
	return makeSet(r, 0)
}

func (d *Decoder) setRange(rule string, star bool) NumRange {
	from := d.setNumber(rule, star)
	if !d.Accept(':') {
		return NumRange{from, from}
	}
	return NumRange{from, d.setNumber(rule, star)}
}

// setNumber reads a number, or "*", which is 0.
func (d *Decoder) setNumber(rule string, star bool) uint32 {
	if star && d.Accept('*') {
		return 0
	}
	b, i := d.buf, d.pos
	var n uint64
	for i < len(b) && class[b[i]]&isDigit != 0 && n <= math.MaxUint32 {
		n = n*10 + uint64(b[i]-'0')
		i++
	}
	if n == 0 || n > math.MaxUint32 || b[d.pos] == '0' && !d.deviate(rule, "a number without leading zeros") {
		d.Fail(rule, "a number from 1 to 4294967295")
		return 0
	}
	d.pos = i
	return uint32(n)
}
