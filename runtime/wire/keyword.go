package wire

import (
	"encoding/binary"
	"math/bits"
)

// Word takes a keyword, ["\\"] 1*ATOM-CHAR without "[", and gives it in upper case. It is empty, without an error, if there is none.
// The result is valid until the next Word or PeekWord.
func (d *Decoder) Word() []byte {
	w, end := d.scanWord(d.pos)
	d.pos = end
	return w
}

// PeekWord gives what Word would, and leaves the cursor where it is.
func (d *Decoder) PeekWord() []byte { return d.wordAt(d.pos) }

// PeekWordAfterSP gives the word after the blank, or the run of blanks, at the cursor; empty if there is no blank here.
func (d *Decoder) PeekWordAfterSP() []byte {
	if i := d.afterBlanks(); i > d.pos {
		return d.wordAt(i)
	}
	return nil
}

// PeekWordAt gives the word n octets after the cursor.
func (d *Decoder) PeekWordAt(n int) []byte { return d.wordAt(d.pos + n) }

func (d *Decoder) wordAt(i int) []byte {
	w, _ := d.scanWord(i)
	return w
}

// scanWord gives the word at i and its end. Nearly all are in upper case already: they are given where they stand.
func (d *Decoder) scanWord(i int) (word []byte, end int) {
	b := d.buf
	if i >= len(b) {
		return nil, len(b)
	}
	for j := i; j < len(b); j++ {
		if !capital[b[j]] {
			if upper[b[j]] != 0 || b[j] == '\\' {
				break
			}
			return b[i:j], j
		}
	}
	return d.foldWord(i)
}

// foldWord is scanWord for words with lower-case letters, and those that begin with a backslash.
func (d *Decoder) foldWord(at int) (word []byte, end int) {
	b, i, n := d.buf, at, 0
	if b[i] == '\\' {
		d.word[0] = '\\'
		n, i = 1, i+1
	}
	for i+8 <= len(b) && n+8 <= len(d.word) {
		k := foldLetters(d.word[n:], b[i:])
		n, i = n+k, i+k
		if k < 8 {
			break
		}
	}
	for i < len(b) {
		c := upper[b[i]]
		if c == 0 {
			break
		}
		if n == len(d.word) {
			return d.foldWide(at)
		}
		d.word[n] = c
		n++
		i++
	}
	if n == 1 && b[at] == '\\' {
		return nil, at // a backslash alone is no word
	}
	return d.word[:n], i
}

// foldLetters writes the letters that b begins with, eight at most, to dst in upper case, and tells how many. What it writes behind
// them means nothing. Both must have room for eight.
func foldLetters(dst, b []byte) int {
	x := binary.LittleEndian.Uint64(b)
	lower := x | 0x20*ones
	// Up to the first octet that is no letter nothing carries over, so the lowest bit set is exact.
	others := (^(lower + (0x80-'a')*ones) | (lower + (0x7f-'z')*ones) | x) & highs
	binary.LittleEndian.PutUint64(dst, lower&^(0x20*ones))
	return bits.TrailingZeros64(others) >> 3
}

const maxWide = 4 << 10 // octets of a word whose buffer is kept

// foldWide is foldWord for a word that does not fit the scratch array.
func (d *Decoder) foldWide(at int) (word []byte, end int) {
	i := at
	d.wide = d.wide[:0]
	if d.buf[i] == '\\' {
		d.wide = append(d.wide, '\\')
		i++
	}
	for i < len(d.buf) && upper[d.buf[i]] != 0 {
		d.wide = append(d.wide, upper[d.buf[i]])
		i++
	}
	return d.wide, i
}
