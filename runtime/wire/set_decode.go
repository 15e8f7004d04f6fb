package wire

import (
	"bytes"
	"math"
)

// Where more numbers or ranges come than these, they are counted before they are read: their storage is allocated once.
const manyNumbers = 64

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
	for n := 1; d.Accept(',') && d.err == nil; n++ {
		if n == manyNumbers {
			d.ranges.Reserve(bytes.Count(upTo(d.buf[d.pos:], ' '), []byte{','}) + 1)
		}
		d.ranges.Push(d.setRange(rule, star))
	}
	r := d.ranges.Cut(mark)
	if d.err != nil {
		return NumSet{}
	}
	return makeSet(r, 0)
}

func (d *Decoder) setRange(rule string, star bool) NumRange {
	if from, i := plainNumber(d.buf, d.pos); from != 0 {
		if i == len(d.buf) || d.buf[i] != ':' {
			d.pos = i
			return NumRange{from, from}
		}
		if to, j := plainNumber(d.buf, i+1); to != 0 {
			d.pos = j
			return NumRange{from, to}
		}
	}
	return d.setRangeSlow(rule, star)
}

// plainNumber reads a number of up to 9 digits, the first of which is not 0, and gives its end; 0 for any other.
func plainNumber(b []byte, i int) (n uint32, end int) {
	for last := min(i+10, len(b)); i < last; i++ {
		c := b[i] - '0'
		if c > 9 {
			return n, i
		}
		if n == 0 && c == 0 {
			break
		}
		n = n*10 + uint32(c)
	}
	return 0, i
}

func (d *Decoder) setRangeSlow(rule string, star bool) NumRange {
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
