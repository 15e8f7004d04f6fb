package wire

// Word takes a keyword, ["\"] 1*ATOM-CHAR without "[", and gives it in upper case. It is empty, without an error, if there is none.
// The result is valid until the next Word or PeekWord.
func (d *Decoder) Word() []byte {
	if d.wordEnd == 0 || d.wordPos != d.pos {
		d.scanWord(d.pos)
	}
	d.pos = d.wordEnd
	return d.wordCopy
}

// PeekWord gives what Word would, and leaves the cursor where it is.
func (d *Decoder) PeekWord() []byte {
	if d.wordEnd == 0 || d.wordPos != d.pos {
		d.scanWord(d.pos)
	}
	return d.wordCopy
}

// PeekWordAfterSP gives the word after the blank, or the run of blanks, at the cursor; empty if there is no blank here.
func (d *Decoder) PeekWordAfterSP() []byte {
	if i := d.afterBlanks(); i > d.pos {
		return d.scanWord(i)
	}
	return nil
}

// PeekWordAt gives the word n octets after the cursor.
func (d *Decoder) PeekWordAt(n int) []byte { return d.scanWord(d.pos + n) }

// scanWord finds the end of the word at i and upper-cases it, in one loop.
func (d *Decoder) scanWord(i int) []byte {
	b := d.buf
	if i > len(b) {
		i = len(b)
	}
	n, at := 0, i
	if i < len(b) && b[i] == '\\' {
		d.word[0] = '\\'
		n, i = 1, i+1
	}
	for i < len(b) {
		c := upper[b[i]]
		if c == 0 {
			break
		}
		if n == len(d.word) {
			return d.scanWide(at)
		}
		d.word[n] = c
		n++
		i++
	}
	if n == 1 && d.word[0] == '\\' {
		n, i = 0, at // a backslash alone is no word
	}
	d.wordPos, d.wordEnd, d.wordCopy = at, i, d.word[:n]
	return d.wordCopy
}

const maxWide = 4 << 10 // octets of a word whose buffer is kept

// scanWide is scanWord for a word that does not fit the scratch array.
func (d *Decoder) scanWide(at int) []byte {
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
	d.wordPos, d.wordEnd, d.wordCopy = at, i, d.wide
	return d.wide
}
