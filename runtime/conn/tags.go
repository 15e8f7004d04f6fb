package conn

import (
	"crypto/rand"
	"math"

	"github.com/parley-go/parley/runtime/wire"
)

// tags makes and reads the tags of one connection: a prefix and a number. The prefix is random unless given, so that nobody who
// injects octets can answer a command before it was sent.
type tags struct{ prefix string }

func randomTags() tags {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = 'A' + b[i]&15
	}
	return tags{string(b[:])}
}

func (c *Conn) tags() tags { return tags{c.opts.TagPrefix} }

func (t tags) append(e *wire.Encoder, n uint32) {
	e.Keyword(t.prefix)
	e.Number64(uint64(n))
}

// parse gives the number of a tag; ok is false if no command ever has this tag. Commands are numbered from 1.
func parse[T string | []byte](t tags, tag T) (n uint32, ok bool) {
	at := len(t.prefix)
	if len(tag) <= at || string(tag[:at]) != t.prefix || tag[at] == '0' {
		return 0, false
	}
	var v uint64
	for ; at < len(tag); at++ {
		digit := tag[at] - '0'
		if v = 10*v + uint64(digit); digit > 9 || v > math.MaxUint32 {
			return 0, false
		}
	}
	return uint32(v), true
}
