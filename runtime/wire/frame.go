package wire

import (
	"fmt"
	"io"
	"sort"
	"strings"
)

// A Frame is one response, or on a server one command: lines joined by literals, to the last line end. It is valid until the
// Reader's next Next.
type Frame struct {
	text []byte    // lines, line ends and short literals
	big  []literal // longer literals, which lie out of line, in the order of at
	size int64     // octets of big
}

type literal struct {
	at   int // where in text the octets of the literal belong
	body *Body
}

// Text gives the octets of the frame without its longer literals, line ends included.
func (f *Frame) Text() []byte { return f.text }

// Len gives the octets of the whole frame.
func (f *Frame) Len() int64 { return int64(len(f.text)) + f.size }

// outOfLine gives the literal that belongs at the offset, nil if it lies in the text.
func (f *Frame) outOfLine(at int) *Body {
	if i := f.after(at - 1); i < len(f.big) && f.big[i].at == at {
		return f.big[i].body
	}
	return nil
}

// after gives the index of the first literal of big that belongs beyond the offset.
func (f *Frame) after(at int) int {
	return sort.Search(len(f.big), func(i int) bool { return f.big[i].at > at })
}

// raw copies the octets i to j of the text, with the longer literals between them that are in memory.
func (f *Frame) raw(i, j int) string {
	big := f.big[f.after(i):f.after(j)]
	if len(big) == 0 {
		return string(f.text[i:j])
	}
	n := j - i
	for _, l := range big {
		if !l.body.apart {
			n += len(l.body.data)
		}
	}
	var b strings.Builder
	b.Grow(n)
	for _, l := range big {
		b.Write(f.text[i:l.at])
		if !l.body.apart {
			b.Write(l.body.data)
		}
		i = l.at
	}
	b.Write(f.text[i:j])
	return b.String()
}

// A Kept is a frame whose octets were written elsewhere, but for those of streamed bodies.
type Kept struct {
	text int
	big  []literal
}

// Keep writes the octets of the frame that are in memory, and gives how to read it again.
func (f *Frame) Keep(w io.Writer) (*Kept, error) {
	k := &Kept{text: len(f.text)}
	if _, err := w.Write(f.text); err != nil {
		return nil, fmt.Errorf("keep response: %w", err)
	}
	for _, l := range f.big {
		if !l.body.apart {
			if _, err := w.Write(l.body.data); err != nil {
				return nil, fmt.Errorf("keep literal: %w", err)
			}
			l.body = &Body{size: l.body.size, at: l.at}
		}
		k.big = append(k.big, l)
	}
	return k, nil
}

// InMemory gives the number of octets that Keep writes.
func (f *Frame) InMemory() int64 {
	n := f.Len()
	for _, l := range f.big {
		if l.body.apart {
			n -= l.body.size
		}
	}
	return n
}

// KeptText tells how to read a frame again that has so many octets, and no long literals.
func KeptText(octets int) *Kept { return &Kept{text: octets} }

// Frame reads what Keep wrote, and all of the streamed bodies, into memory.
func (k *Kept) Frame(r io.Reader) (*Frame, error) {
	f := &Frame{text: make([]byte, k.text), big: k.big}
	if _, err := io.ReadFull(r, f.text); err != nil {
		return nil, fmt.Errorf("read response again: %w", endInside(err))
	}
	for _, l := range k.big {
		err := l.body.Load()
		if err == nil && !l.body.apart {
			l.body.data, err = readAll(r, l.body.size)
		}
		if err != nil {
			return nil, fmt.Errorf("read literal again: %w", err)
		}
		f.size += l.body.size
	}
	return f, nil
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
