package wire

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sample has one of each that a Cloner copies.
type sample struct {
	Ext
	Name  string
	Text  Text
	Flag  Flag
	Lists [][]string
	Next  *sample
	Set   NumSet
	Body  *Body
}

func (s *sample) detach(c *Cloner) {
	s.Ext.Detach(c)
	CloneString(&s.Name, c)
	s.Text.Detach(c)
	CloneString(&s.Flag, c)
	CloneList(&s.Lists, c, func(l *[]string, c *Cloner) { CloneList(l, c, CloneString[string]) })
	ClonePointer(&s.Next, c, (*sample).detach)
	s.Set.Detach(c)
	CloneBody(&s.Body, c)
}

func TestClone(t *testing.T) {
	key, plain := NewKey("names", func(v *[]string, c *Cloner) { CloneList(v, c, CloneString[string]) }), NewKey[int]("number", nil)
	text := strings.Repeat("x", 10_000) + "abc"
	s := &sample{
		Name: text[10_000:], Text: Text{Raw: text[10_001:], Valid: true}, Flag: FlagSeen, Lists: [][]string{{text[10_000:10_001], ""}, nil, {}},
		Next: &sample{Name: "next"}, Set: UIDs(1, 2, 9), Body: NewBody([]byte("body")),
	}
	s.AddWarnings(Warning{Rule: "a", Octets: text[10_000:]})
	key.Set(s, []string{text[10_000:]})
	plain.Set(s, 7)
	c := Clone(s, (*sample).detach)
	require.Equal(t, s, c)
	assert.Equal(t, []string{}, c.Lists[2], "empty is not nil")
	names, _ := key.Of(c)
	number, _ := plain.Of(c)
	assert.Equal(t, 7, number)

	shared := func(a, b string) bool { return unsafe.StringData(a) == unsafe.StringData(b) }
	assert.False(t, shared(s.Name, c.Name))
	assert.False(t, shared(s.Text.Raw, c.Text.Raw))
	assert.False(t, shared(s.Lists[0][0], c.Lists[0][0]))
	assert.False(t, shared(s.Name, names[0]))
	assert.False(t, shared(s.Name, c.Warnings()[0].Octets))
	assert.NotSame(t, s.Set.p, c.Set.p)

	c.Next.Name, c.Lists[0][0], names[0], c.Body.Bytes()[0] = "other", "other", "other", 'X'
	assert.Equal(t, "next", s.Next.Name)
	assert.Equal(t, "a", s.Lists[0][0])
	of, _ := key.Of(s)
	assert.Equal(t, []string{"abc"}, of)
	assert.Equal(t, "body", s.Body.String())
	assert.Nil(t, Clone(nil, (*sample).detach))
}

// TestCloneOfStreams: a clone has what of a streamed body has not been read, and leaves it to the original as well.
func TestCloneOfStreams(t *testing.T) {
	b := &Body{size: 10}
	b.Stream(&content{"0123456789"})
	_, err := io.ReadFull(b, make([]byte, 3))
	require.NoError(t, err)
	c := Clone(&sample{Body: b}, (*sample).detach).Body
	for _, x := range []*Body{b, c} {
		rest, err := io.ReadAll(x)
		require.NoError(t, err)
		assert.Equal(t, "3456789", string(rest))
		assert.EqualValues(t, 10, x.Size())
	}

	lost := errors.New("lost")
	b = &Body{size: 10}
	b.Stream(broken{lost})
	c = Clone(&sample{Body: b}, (*sample).detach).Body
	for _, x := range []*Body{b, c} {
		_, err := io.ReadAll(x)
		require.ErrorIs(t, err, lost)
	}
}

// broken is a content that ends too early.
type broken struct{ err error }

func (b broken) Next() (Chunk, error) { return Chunk{}, b.err }
