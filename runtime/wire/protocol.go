package wire

// What is the same in every response and command, whatever the grammar: keywords at a fixed place, tags, the rest of a line.

// Deviate notes a deviation that can be read: a warning, or in strict mode an error. It tells whether to go on.
func (d *Decoder) Deviate(rule, want string) bool { return d.deviate(rule, want) }

// Keyword takes the keyword want, given in upper case, in any case.
func (d *Decoder) Keyword(want string) {
	pos := d.pos
	if string(d.Word()) != want {
		d.Rewind(pos)
		d.Fail("literal text", `"`+want+`"`)
	}
}

// Tag takes a tag: 1*<any ASTRING-CHAR except "+"> (RFC 3501 section 9).
func (d *Decoder) Tag() string {
	i := d.pos
	tag := d.TagOctets()
	if tag == nil {
		return ""
	}
	return d.str(i, i+len(tag))
}

// TagOctets is Tag without a copy: the octets are valid as long as the frame.
func (d *Decoder) TagOctets() []byte {
	i := d.pos
	for i < len(d.buf) && d.buf[i] != '+' && class[d.buf[i]]&isAstring != 0 {
		i++
	}
	if i == d.pos {
		d.Fail("tag", "a tag")
		return nil
	}
	tag := d.buf[d.pos:i:i]
	d.pos = i
	return tag
}

// RestOfLine takes all that is left of the frame but its line end, literals included, as it came.
func (d *Decoder) RestOfLine() Value {
	if d.err != nil {
		return ""
	}
	end := len(d.buf)
	if end > d.pos && d.buf[end-1] == '\n' {
		end--
	}
	if end > d.pos && d.buf[end-1] == '\r' {
		end--
	}
	v := d.value(d.pos, end)
	d.pos = end
	return v
}

// AsSeq gives the same set as one of message sequence numbers: which it is does not stand in the set but in the command
// around it, so the reader of a command says it.
func (s NumSet) AsSeq() NumSet {
	s.kind |= setSeq
	return s
}

// EndItem tells that an item was read and ends at the cursor: at SP, the end of the list, or the end of the line. One that goes on is an
// error of the rule: what was read of it is not its value.
func (d *Decoder) EndItem(rule string) bool {
	if d.err != nil {
		return false
	}
	if i := d.pos; i < len(d.buf) {
		switch d.buf[i] {
		case ' ', ')', '\r', '\n':
		default:
			d.Fail(rule, "the end of the item")
			return false
		}
	}
	return true
}

// An OctetSet tells which octets a rule can start with.
type OctetSet [4]uint64

// Has tells whether c is in the set.
func (s *OctetSet) Has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// An ItemWriter puts SP between items; with Some before the first as well.
type ItemWriter struct {
	Encoder *Encoder
	Some    bool
}

// Next is called before each item.
func (w *ItemWriter) Next() {
	if w.Some {
		w.Encoder.SP()
	}
	w.Some = true
}
