package wire

import (
	"bytes"
	"math"
	"strconv"
)

// Number reads a number of 32 bits.
func (d *Decoder) Number() uint32 {
	b, i := d.buf, d.pos
	var n uint32
	for i < len(b) {
		c := b[i] - '0'
		if c > 9 {
			break
		}
		if i-d.pos == 9 {
			return uint32(d.numberSlow("number", math.MaxUint32))
		}
		n = n*10 + uint32(c)
		i++
	}
	if i == d.pos || i < len(b) && (b[i] == '.' || b[i]|32 == 'e') && floatEnd(b, i) > i {
		return uint32(d.numberSlow("number", math.MaxUint32))
	}
	d.pos = i
	return n
}

// NzNumber reads a number of 32 bits that is not 0. A 0, which some servers send for what is not there, is a warning.
func (d *Decoder) NzNumber() uint32 { return d.nonZero("nz-number") }

// NzNumbers reads numbers that are not 0, with a blank before each, as long as such follow, and pushes them on the list.
func (d *Decoder) NzNumbers(l *List[uint32]) {
	b := d.buf
	if len(b)-d.pos > 2*manyNumbers {
		l.Reserve(bytes.Count(upTo(b[d.pos:], ')'), []byte{' '})) // one of many lists counts no more than its own
	}
	for d.pos < len(b) && b[d.pos] == ' ' {
		n, end := plainNumber(b, d.pos+1)
		if n == 0 {
			break
		}
		d.pos = end
		l.Push(n)
	}
	for c := d.AfterSP(); '0' <= c && c <= '9'; c = d.AfterSP() {
		d.SP()
		l.Push(d.NzNumber())
	}
}

// upTo gives what stands before the first c, or all.
func upTo(b []byte, c byte) []byte {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return b[:i]
	}
	return b
}

// Uniqueid reads a UID.
func (d *Decoder) Uniqueid() uint32 { return d.nonZero("uniqueid") }

func (d *Decoder) nonZero(rule string) uint32 {
	b, i := d.buf, d.pos
	var n uint32
	for i < len(b) {
		c := b[i] - '0'
		if c > 9 {
			break
		}
		if n == 0 && c == 0 || i-d.pos == 9 {
			return uint32(d.nonZeroSlow(rule, math.MaxUint32))
		}
		n = n*10 + uint32(c)
		i++
	}
	if i == d.pos {
		return uint32(d.nonZeroSlow(rule, math.MaxUint32))
	}
	d.pos = i
	return n
}

// Number64 reads a number of 63 bits (RFC 9051); servers that send 64 are understood.
func (d *Decoder) Number64() uint64 { return d.number64("number64") }

// NzNumber64 reads a number of 63 bits that is not 0.
func (d *Decoder) NzNumber64() uint64 {
	if c := d.Peek(); c < '1' || c > '9' {
		return d.nonZeroSlow("nz-number64", math.MaxUint64)
	}
	return d.number64("nz-number64")
}

func (d *Decoder) number64(rule string) uint64 {
	b, i := d.buf, d.pos
	var n uint64
	for i < len(b) {
		c := b[i] - '0'
		if c > 9 {
			break
		}
		if i-d.pos == 18 {
			return d.numberSlow(rule, math.MaxUint64)
		}
		n = n*10 + uint64(c)
		i++
	}
	if i == d.pos || i < len(b) && (b[i] == '.' || b[i]|32 == 'e') && floatEnd(b, i) > i {
		return d.numberSlow(rule, math.MaxUint64)
	}
	d.pos = i
	return n
}

func (d *Decoder) nonZeroSlow(rule string, limit uint64) uint64 {
	at := d.pos
	n := d.numberSlow(rule, limit)
	if d.err == nil && d.buf[at] == '0' && !d.deviateAt(at, rule, "a number that begins with 1 to 9") {
		return 0
	}
	return n
}

// numberSlow reads any number of digits, and what servers send for numbers they do not know or keep as floating point: -1, NIL and
// 9.3736e+06 (QUIRKS Q14 to Q17, Q22). A number that is too great is an error: cut short it would mean something else.
func (d *Decoder) numberSlow(rule string, limit uint64) uint64 {
	b, i := d.buf, d.pos
	var n uint64
	for i < len(b) && class[b[i]]&isDigit != 0 {
		c := uint64(b[i] - '0')
		if n > (limit-c)/10 {
			d.Fail(rule, "a number up to "+strconv.FormatUint(limit, 10))
			return 0
		}
		n = n*10 + c
		i++
	}
	if i > d.pos && floatEnd(b, i) == i {
		if n > math.MaxInt64 && !d.deviate(rule, "a number below 2^63") {
			return 0
		}
		d.pos = i
		return n
	}
	return d.oddNumber(rule, limit)
}

func (d *Decoder) oddNumber(rule string, limit uint64) uint64 {
	at, n := d.pos, uint64(0)
	if !d.takeNil() {
		i := at
		if d.Peek() == '-' {
			i++
		}
		j := floatEnd(d.buf, span(d.buf, i, isDigit))
		f, err := strconv.ParseFloat(string(d.buf[at:min(j, at+maxFloat)]), 64)
		if j == i || err != nil || j-at > maxFloat || f >= float64(limit) {
			d.Fail(rule, "a number")
			return 0
		}
		if f > 0 {
			n = uint64(f)
		}
		d.pos = j
	}
	if !d.deviateAt(at, rule, "a number") {
		return 0
	}
	return n
}

const maxFloat = 40 // octets of a number in floating point

// floatEnd gives the end of the number in floating point whose digits end at i; i if there is no exponent. A point alone does not
// make one: it stands between the numbers of a section, [1.2], and of a partial, <0.1024>.
func floatEnd(b []byte, i int) int {
	j := i
	if j < len(b) && b[j] == '.' {
		j = span(b, j+1, isDigit)
	}
	if j+1 >= len(b) || b[j]|32 != 'e' {
		return i
	}
	if j++; b[j] == '+' || b[j] == '-' {
		j++
	}
	if k := span(b, j, isDigit); k > j {
		return k
	}
	return i
}
