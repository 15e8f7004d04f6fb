package wire

import "bytes"

// trailingLiteral tells whether the line b[line:] ends in {n} or {n+}, which announces a literal. Human readable text may end so
// too: it is none there.
func trailingLiteral(b []byte, line int) (size int64, nonSync, ok bool, err error) {
	i := len(b) - 2 // before the LF
	if i >= line && b[i] == '\r' {
		i--
	}
	if i < line+2 || b[i] != '}' {
		return 0, false, false, nil
	}
	i--
	if b[i] == '+' {
		i--
	}
	digits := i
	for i >= line && class[b[i]]&isDigit != 0 {
		i--
	}
	if i < line || b[i] != '{' || i == digits || humanText(b, line) {
		return 0, false, false, nil
	}
	_, size, nonSync, ok = literalHeader(b, i)
	if !ok {
		return 0, false, false, &LimitError{What: "literal", Limit: 1<<63 - 1}
	}
	return size, nonSync, true, nil
}

// humanText tells that the line b[line:] is the text of a status response or a continuation request, where neither quotes nor braces mean
// anything. A response code in it may hold literals and strings. Lines before it, which end in a literal, are not looked at again: they
// were none, and there may be millions of them.
func humanText(b []byte, line int) bool {
	i := afterCondition(b)
	if i < 0 {
		return false
	}
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return i >= len(b) || b[i] != '[' || bytes.IndexByte(b[max(i, line):], ']') >= 0
}

// afterCondition gives the offset behind "* OK", "* NO", "* BAD", "* BYE", "* PREAUTH", "tag OK", "tag NO", "tag BAD" or "+" at the
// start of b, -1 if it starts otherwise.
func afterCondition(b []byte) int {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == 0) {
		i++
	}
	if i < len(b) && b[i] == '+' {
		return i + 1
	}
	untagged := i+1 < len(b) && b[i] == '*' && b[i+1] == ' '
	for i < len(b) && b[i] > ' ' {
		i++
	}
	for i < len(b) && b[i] == ' ' {
		i++
	}
	from := i
	for i < len(b) && b[i] > ' ' {
		i++
	}
	switch word := b[from:i]; {
	case equalFold(word, "OK"), equalFold(word, "NO"), equalFold(word, "BAD"):
		return i
	case untagged && (equalFold(word, "BYE") || equalFold(word, "PREAUTH")):
		return i
	}
	return -1
}

// brokenLine tells that the data response b, whose last line begins at line, seems not to be complete: a quoted string is open
// (QUIRKS Q42, Q43: servers put line ends of a header into it), or all that came after a literal is the line end while a
// parenthesis is open (Q86).
//
// Nearly every line is seen not to be by the number of its quotes, which is even.
func brokenLine(b []byte, line int, joined bool) bool {
	stray := line > 0 && lineEnd(b, line)
	if !stray && !joined && bytes.Count(b[line:], quote)&1 == 0 {
		return false
	}
	if b[0] != '*' || afterCondition(b) >= 0 {
		return false
	}
	open, quoted := unbalanced(b)
	return quoted || stray && open > 0
}

var quote = []byte{'"'}

// unbalanced reads strings, short literals and parentheses: how many of these are open at the end, and whether a string is.
func unbalanced(b []byte) (open int, quoted bool) {
	for i := 0; i < len(b); {
		switch b[i] {
		case '(':
			open++
		case ')':
			open--
		case '"':
			end, ok := closeQuote(b, i+1)
			if !ok {
				return open, true
			}
			i = end
		case '{':
			if data, size, _, ok := literalHeader(b, i); ok && size <= inline && size <= int64(len(b)-data) {
				i = data + int(size) - 1
			}
		}
		i++
	}
	return open, false
}

// continues tells whether what follows the line end at n goes on with a broken line: whether it does not look like a response of
// its own. It waits for enough of it to tell. At the end of the stream it does not.
func (r *Reader) continues(n int) bool {
	for {
		rest := r.buf[r.start+n : r.end]
		if bytes.IndexByte(rest, '\n') >= 0 || len(rest) > 80 {
			return !beginsResponse(rest)
		}
		if r.fill() != nil {
			return false
		}
	}
}

// beginsResponse tells whether b begins like a response: "* ", "+", or a tag with OK, NO or BAD.
func beginsResponse(b []byte) bool {
	return len(b) >= 2 && b[0] == '*' && b[1] == ' ' || afterCondition(b) >= 0
}
