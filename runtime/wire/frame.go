package wire

import (
	"sort"
	"strings"
)

// A Frame is one response, or on a server one command: lines joined by literals, to the last line end. It is valid until the
// Reader's next Next.
type Frame struct {
	text []byte    // lines, line ends and short literals
	big  []literal // longer literals, each in a slice of its own, in the order of at
	size int64     // octets of big
}

type literal struct {
	at   int // where in text the octets of the literal belong
	data []byte
}

// Text gives the octets of the frame without its longer literals, line ends included.
func (f *Frame) Text() []byte { return f.text }

// Len gives the octets of the whole frame.
func (f *Frame) Len() int64 { return int64(len(f.text)) + f.size }

// outOfLine gives the octets of the literal that belongs at the offset, nil if it lies in the text.
func (f *Frame) outOfLine(at int) []byte {
	if i := f.after(at - 1); i < len(f.big) && f.big[i].at == at {
		return f.big[i].data
	}
	return nil
}

// after gives the index of the first literal of big that belongs beyond the offset.
func (f *Frame) after(at int) int {
	return sort.Search(len(f.big), func(i int) bool { return f.big[i].at > at })
}

// raw copies the octets i to j of the text, with the longer literals between them.
func (f *Frame) raw(i, j int) string {
	big := f.big[f.after(i):f.after(j)]
	if len(big) == 0 {
		return string(f.text[i:j])
	}
	n := j - i
	for _, l := range big {
		n += len(l.data)
	}
	var b strings.Builder
	b.Grow(n)
	for _, l := range big {
		b.Write(f.text[i:l.at])
		b.Write(l.data)
		i = l.at
	}
	b.Write(f.text[i:j])
	return b.String()
}

// literalHeader reads "{" number ["+"] "}" and a line end at i. data is the offset of the first octet of the literal.
func literalHeader(b []byte, i int) (data int, size int64, nonSync, ok bool) {
	if i >= len(b) || b[i] != '{' {
		return 0, 0, false, false
	}
	i++
	first := i
	for i < len(b) && class[b[i]]&isDigit != 0 {
		if size > (1<<63-1-9)/10 {
			return 0, 0, false, false
		}
		size = size*10 + int64(b[i]-'0')
		i++
	}
	if i == first {
		return 0, 0, false, false
	}
	if i < len(b) && b[i] == '+' {
		nonSync = true
		i++
	}
	if i+1 >= len(b) || b[i] != '}' {
		return 0, 0, false, false
	}
	i++
	if b[i] == '\r' {
		i++
	}
	if i >= len(b) || b[i] != '\n' {
		return 0, 0, false, false
	}
	return i + 1, size, nonSync, true
}
