package conn

import (
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// tags makes and reads the tags of one connection: a prefix and a number. The prefix is random unless given, so that nobody who
// injects octets can answer a command before it was sent.
type tags struct{ prefix string }

func newTags(prefix string) tags {
	if prefix == "" {
		var b [4]byte
		_, _ = rand.Read(b[:]) // never fails
		for i := range b {
			b[i] = 'A' + b[i]&15
		}
		prefix = string(b[:])
	}
	return tags{prefix}
}

func (t tags) append(e *wire.Encoder, n uint32) {
	e.Keyword(t.prefix)
	e.Number64(uint64(n))
}

// parse gives the number of a tag; ok is false if no command ever has this tag. Commands are numbered from 1.
func (t tags) parse(tag string) (n uint32, ok bool) {
	digits, ok := strings.CutPrefix(tag, t.prefix)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	v, err := strconv.ParseUint(digits, 10, 32)
	return uint32(v), err == nil
}
