package wire

import (
	"slices"
	"strings"
)

// A Cloner makes a value share no memory with others. Generated code shows it all that a copy of the value refers to, twice: the first time
// it copies lists and structs and counts the octets of texts, then it cuts the texts out of one string.
type Cloner struct {
	octets int
	second bool
	text   strings.Builder
}

// Clone gives a copy of v that shares no memory with it; nil for nil. detach shows what it refers to.
func Clone[T any](v *T, detach func(*T, *Cloner)) *T {
	if v == nil {
		return nil
	}
	x, c := *v, Cloner{}
	detach(&x, &c)
	c.text.Grow(c.octets)
	c.second = true
	detach(&x, &c)
	return &x
}

// CloneString shows a text.
func CloneString[S ~string](s *S, c *Cloner) {
	if !c.second {
		c.octets += len(*s)
		return
	}
	from := c.text.Len()
	c.text.WriteString(string(*s))
	*s = S(c.text.String()[from:])
}

// ClonePointer shows a struct that is pointed to; detach is nil if it refers to nothing.
func ClonePointer[T any](p **T, c *Cloner, detach func(*T, *Cloner)) {
	if *p == nil {
		return
	}
	if !c.second {
		x := **p
		*p = &x
	}
	if detach != nil {
		detach(*p, c)
	}
}

// CloneList shows a list; detach is nil if its elements refer to nothing.
func CloneList[L ~[]T, T any](l *L, c *Cloner, detach func(*T, *Cloner)) {
	if !c.second && *l != nil {
		*l = append(make(L, 0, len(*l)), *l...)
	}
	if detach != nil {
		for i := range *l {
			detach(&(*l)[i], c)
		}
	}
}

// Detach shows the text.
func (s *NString) Detach(c *Cloner) { CloneString(&s.Value, c) }

// Detach shows the text.
func (t *Text) Detach(c *Cloner) { CloneString(&t.Raw, c) }

// Detach shows the text.
func (d *Date) Detach(c *Cloner) { CloneString(&d.Raw, c) }

// Detach shows what the set refers to.
func (s *NumSet) Detach(c *Cloner) { ClonePointer(&s.p, c, (*numSet).detach) }

func (s *numSet) detach(c *Cloner) {
	CloneList(&s.ranges, c, nil)
	CloneList(&s.order, c, nil)
}

// Detach shows what the Ext holds.
func (e *Ext) Detach(c *Cloner) { ClonePointer(&e.p, c, (*ext).detach) }

func (x *ext) detach(c *Cloner) {
	CloneList(&x.warnings, c, (*Warning).detach)
	CloneList(&x.values, c, (*extValue).detach)
}

func (w *Warning) detach(c *Cloner) {
	CloneString(&w.Rule, c)
	CloneString(&w.Want, c)
	CloneString(&w.Octets, c)
}

func (v *extValue) detach(c *Cloner) {
	if v.key.detach != nil {
		v.value = v.key.detach(v.value, c)
	}
}

// CloneBody shows a body. The copy has all octets and is read on from where the body has been read to. If the octets are streamed it waits
// for them, as Bytes does; what cannot be had any more is the same error to both.
func CloneBody(b **Body, c *Cloner) {
	if *b == nil || c.second {
		return
	}
	_ = (*b).Load() // Read gives the error
	x := **b
	x.data = slices.Clone(x.data)
	x.chunk, x.rest = Chunk{}, nil
	*b = &x
}
