package wire

import "strings"

// AddressName reads the name in an address. Where an address has more than its four fields (QUIRKS Q51: a literal that is counted in
// characters ends too early), all but the last three of them are the name.
func (d *Decoder) AddressName() Text {
	var ends [4]int // of the values last seen
	n := 0
	for i := d.pos; n <= len(d.buf); n++ {
		for i < len(d.buf) && d.buf[i] == ' ' {
			i++
		}
		j, ok := d.skipValue(i, false)
		if !ok {
			break
		}
		ends[n%4], i = j, j
	}
	if n <= 4 {
		return d.EnvText()
	}
	if !d.deviate("address-name", "an address of four fields") {
		return Text{}
	}
	var name []string
	for end := ends[n%4]; d.err == nil && d.pos < end; { // that of the fourth from the end
		name = append(name, d.fragment(end))
		d.skipBlanks()
		if d.pos >= end {
			break
		}
	}
	d.Rewind(ends[n%4])
	return Text{Raw: strings.Join(name, " "), Valid: d.err == nil}
}

// fragment reads a piece of text: a string without what marks it as one, or octets up to a blank.
func (d *Decoder) fragment(end int) string {
	switch d.Peek() {
	case '"':
		return d.quoted("address-name")
	case '{':
		if _, _, _, ok := literalHeader(d.buf, d.pos); ok {
			s, _ := d.literal("address-name")
			return s
		}
	}
	i := d.pos
	for d.pos++; d.pos < end && d.buf[d.pos] != ' '; d.pos++ {
	}
	return d.str(i, d.pos)
}
