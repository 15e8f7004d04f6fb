package wire

import "bytes"

const (
	maxWarnings = 16 // of one frame; more are counted
	maxExcerpt  = 48 // octets of a warning
	maxResyncs  = 16 // of one frame: each may look at all that is left of it
)

// excerpt gives the octets at i for an error or a warning.
func (d *Decoder) excerpt(i int) string {
	return string(d.buf[i:min(len(d.buf), i+maxExcerpt)])
}

// Warn reports a deviation at the cursor that was read nevertheless.
func (d *Decoder) Warn(rule, want string) { d.warnAt(d.pos, rule, want) }

func (d *Decoder) warnAt(pos int, rule, want string) {
	if len(d.warnings) == maxWarnings {
		d.dropped++
		return
	}
	d.warnings = append(d.warnings, Warning{Rule: rule, Want: want, Offset: pos, Octets: d.excerpt(pos)})
}

// TakeWarnings gives the deviations of this frame so far, in the order in which they were met, and forgets them. After the first 16
// they are only counted, which the last one then says.
func (d *Decoder) TakeWarnings() []Warning {
	w := d.warnings
	if d.dropped > 0 {
		w = append(w, Warning{Rule: "response", Want: "fewer deviations (" + itoa(d.dropped) + " more)", Offset: d.pos})
	}
	d.warnings, d.dropped = nil, 0
	return w
}

// Lenient tells that the second pass of an item is running: the "~=" rules are in force.
func (d *Decoder) Lenient() bool { return d.lenient }

// Retry begins the second pass of the item (outside records: of the response) that began at pos, after an error in the first. The
// error becomes a warning, what the first pass warned of is forgotten, and the cursor goes back to pos. It does nothing and gives
// false in strict mode, in the second pass, and without an error.
func (d *Decoder) Retry(pos int) bool {
	if d.err == nil || d.strict || d.lenient {
		return false
	}
	d.forget(pos)
	d.clearError()
	d.pos, d.lenient, d.retried = pos, true, pos+1
	return true
}

// EndRetry ends the second pass.
func (d *Decoder) EndRetry() { d.lenient = false }

// clearError makes the error a warning.
func (d *Decoder) clearError() {
	if d.err == nil {
		return
	}
	if len(d.warnings) < maxWarnings {
		d.warnings = append(d.warnings, Warning(*d.err))
	} else {
		d.dropped++
	}
	d.err = nil
}

// forget drops the warnings at pos or after it: what is there is about to be read again.
func (d *Decoder) forget(pos int) {
	n := len(d.warnings)
	for n > 0 && d.warnings[n-1].Offset >= pos {
		n--
	}
	d.warnings = d.warnings[:n]
}

// Unwrap takes the first of the parentheses that some servers put round an item (QUIRKS Q52), in the second pass; each true needs a Leave.
// One pair is taken, not a pair within a pair: what cannot be read is kept by every item around it.
func (d *Decoder) Unwrap() bool {
	if !d.lenient || d.depth > 0 || d.Peek() != '(' || !d.Enter() {
		return false
	}
	d.Open()
	return true
}

// Resync tells SkipItem which words, in upper case, begin an item. It is asked only where quotes or parentheses do not balance.
func (d *Decoder) Resync(begins func(word []byte) bool) { d.begins = begins }

// SkipItem goes on after an error inside the item that began at pos. The error becomes a warning; the item, one value or a name and
// one value, is skipped to its balanced end and given as it came. Where quotes are broken it ends before the next known word after a
// blank (see Resync), else with the line; then nothing more is wanted of the list around it.
func (d *Decoder) SkipItem(pos int, rule string) Value {
	if d.strict {
		d.Fail(rule, "an item")
		return ""
	}
	if d.retried == pos+1 {
		d.err = nil // where the first pass failed has been reported
	} else {
		d.clearError()
	}
	d.pos = pos
	d.Warn(rule, "an item that can be read")
	end := d.itemEnd(pos)
	v := d.value(pos, end)
	d.pos = end
	return v
}

// itemEnd finds the end of the item at pos: a value, or a name, a blank and a value.
func (d *Decoder) itemEnd(pos int) int {
	b := d.buf
	named := pos < len(b) && b[pos] != '(' && b[pos] != '"' && b[pos] != '{'
	i, ok := pos, true
	if named {
		i = skipName(b, pos)
		if i >= len(b) || b[i] != ' ' {
			return d.tail(pos, i)
		}
		for i < len(b) && b[i] == ' ' {
			i++
		}
		if i >= len(b) || class[b[i]]&endsItem != 0 {
			return i
		}
	}
	if i, ok = d.skipValue(i, false); ok {
		return d.tail(pos, i)
	}
	return d.resync(pos)
}

// tail goes on from i to where the item that began at pos may end: a blank, a closing bracket or the line end.
func (d *Decoder) tail(pos, i int) int {
	for i < len(d.buf) && class[d.buf[i]]&endsItem == 0 {
		j, ok := d.skipValue(i, false)
		if !ok {
			return d.resync(pos)
		}
		i = j
	}
	return i
}

// skipName finds the end of the name of an item. It may have a section, with lists and strings in it.
func skipName(b []byte, i int) int {
	depth, stop := 0, -1 // stop: where the name ends if its brackets do not balance
	for i < len(b) && b[i] != '\r' && b[i] != '\n' {
		switch c := b[i]; {
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		case c == ' ' || c == '(' || c == ')' || c == '"':
			if depth == 0 {
				return i
			}
			if stop < 0 {
				stop = i
			}
		}
		i++
	}
	if depth > 0 && stop >= 0 {
		return stop
	}
	return i
}

// resync finds the next known word after a blank, beyond the word at pos. Without one the item ends with the line.
func (d *Decoder) resync(pos int) int {
	stop := d.lineStop(pos)
	if d.resyncs++; d.begins != nil && d.resyncs <= maxResyncs {
		for i := pos + 1; i < stop; i++ {
			if d.buf[i-1] == ' ' && upper[d.buf[i]] != 0 && d.begins(d.wordAt(i)) {
				return i - 1
			}
		}
	}
	d.toEnd = stop > pos // else there is no item
	return stop
}

// lineStop gives the place of the line end of the frame, or pos if that is beyond it.
func (d *Decoder) lineStop(pos int) int {
	n := len(d.buf)
	if n > 0 && d.buf[n-1] == '\n' {
		n--
		if n > 0 && d.buf[n-1] == '\r' {
			n--
		}
	}
	return max(n, pos)
}

// skipValue finds the end of the one value at i: an atom of any octets, a string, a literal or a balanced list. It gives false if
// there is none, if it does not end, or if it nests too deeply; with exact set also if quotes in it are not escaped or a line end stands
// outside a literal.
func (d *Decoder) skipValue(i int, exact bool) (end int, ok bool) {
	b, start, depth := d.buf, i, 0
	for i < len(b) {
		switch c := b[i]; c {
		case '(':
			if depth == 0 && i > start {
				return i, true
			}
			if depth++; d.depth+depth > d.limits.Depth {
				return i, false
			}
			i++
		case ')':
			if depth == 0 {
				return i, i > start
			}
			i++
			if depth--; depth == 0 {
				return i, true
			}
		case '"':
			if depth == 0 && i > start {
				i++ // a quote inside an atom
				continue
			}
			first := i + 1
			if i, ok = closeQuote(b, first); !ok || exact && (nextBare(b, first) != i || bytes.ContainsAny(b[first:i], "\r\n")) {
				return i, false
			}
			i++
			if depth == 0 {
				return i, true
			}
		case '{':
			data, size, _, good := literalHeader(b, i)
			if !good {
				i++
				continue
			}
			if d.frame.outOfLine(data) == nil {
				if size > int64(len(b)-data) {
					return i, false
				}
				data += int(size)
			}
			i = data
			if depth == 0 {
				return i, true
			}
		case ' ':
			if depth == 0 {
				return i, i > start
			}
			i++
		case '\r', '\n':
			if depth == 0 {
				return i, i > start
			}
			if exact || i+2 >= len(b) {
				return i, false
			}
			i++
		default:
			i++
		}
	}
	return i, depth == 0 && i > start
}

// value gives octets i to j as they came, with the literals that lie out of line.
func (d *Decoder) value(i, j int) Value {
	return Value(d.frame.raw(i, j))
}
