package wire

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Work must grow with the octets of a frame, not with their square. Each input is read at two sizes: eight times the octets may take
// far more than eight times as long on a busy machine, but not the sixty-four times that a square would.
func TestHostileInputIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	known := func(word []byte) bool { return string(word) == "X" }
	items := func(d *Decoder, s string) {
		f := frame(t, s)
		d.Begin(f)
		d.Resync(known)
		d.pos = 3
		for range 1 << 20 {
			pos := d.Pos()
			_ = d.Word()
			d.SP()
			_ = d.String()
			if !d.OK() {
				d.Retry(pos)
				_ = d.Word()
				d.SP()
				_ = d.String()
				if !d.OK() {
					d.SkipItem(pos, "item")
				}
				d.EndRetry()
			}
			if !d.AcceptSP() {
				break
			}
		}
	}
	value := func(d *Decoder, s string) {
		d.Begin(frame(t, s))
		d.pos = 3
		d.AnyValue()
	}
	cut := func(_ *Decoder, s string) { _, _ = NewReader(strings.NewReader("* OK [X"+s[3:]), Limits{}).Next() }
	for name, c := range map[string]struct {
		unit string
		read func(*Decoder, string)
	}{
		"escaped quotes":           {`\" `, func(d *Decoder, s string) { items(d, strings.Replace(s, "(", `(X "`, 1)) }},
		"quotes":                   {`"`, items},
		"quotes in words":          {`"a`, items},
		"open strings":             {`X "a `, items},
		"open lists":               {`X (`, items},
		"escapes outside strings":  {`("\" `, value},
		"literals of nothing":      {"{0}\r\n ", value},
		"long literals, announced": {"{9", value},
		"parentheses":              {"(", value},
		"words to decode":          {"=?a?q?", func(_ *Decoder, s string) { _ = Text{Raw: s, Valid: true}.String() }},
		"more words":               {"=?utf-8?q?x", func(_ *Decoder, s string) { _ = Text{Raw: s, Valid: true}.String() }},
		"UTF-7":                    {"&-&APw-", func(_ *Decoder, s string) { _, _ = DecodeUTF7(s[3 : len(s)-2]) }},
		"literals in a code":       {" {0}\r\n", cut},
		"brackets in a code":       {"]{0}\r\n[", cut},
		"threads": {"(1 2)", func(d *Decoder, s string) {
			d.Begin(frame(t, "* "+s[3:]))
			d.pos = 2
			var l List[uint32]
			for d.Accept('(') {
				mark := l.Mark()
				l.Push(d.NzNumber())
				d.NzNumbers(&l)
				l.Cut(mark)
				d.Expect(')')
			}
		}},
		"a set": {"9,8,", func(_ *Decoder, s string) { _, _ = ParseSet(s[3:len(s)-3], false) }},
	} {
		t.Run(name, func(t *testing.T) {
			took := func(n int) time.Duration {
				in := "* (" + strings.Repeat(c.unit, n/len(c.unit)) + "\r\n"
				best := time.Hour
				for range 3 {
					start := time.Now()
					c.read(&Decoder{}, in)
					best = min(best, time.Since(start))
				}
				return best
			}
			small, large := took(1<<16), took(1<<19)
			assert.Less(t, large, 40*small+50*time.Millisecond, fmt.Sprint(small, large))
			t.Log(small, large)
		})
	}
}
