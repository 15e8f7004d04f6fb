package wire

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Each octet at each place among eight letters: only letters count, and they come in upper case.
func TestFoldLetters(t *testing.T) {
	const letters = "azAZmMqQ"
	dst := make([]byte, 8)
	assert.Equal(t, 8, foldLetters(dst, []byte(letters)))
	assert.Equal(t, "AZAZMMQQ", string(dst))
	for at := range 8 {
		for c := range 256 {
			b := []byte(letters)
			b[at] = byte(c)
			want := 8
			if upper := c &^ 0x20; upper < 'A' || upper > 'Z' {
				want = at
			}
			got := foldLetters(dst, b)
			if got != want || !bytes.Equal(bytes.ToUpper(b[:got]), dst[:got]) {
				t.Fatalf("%q: %d letters, want %d; %q", b, got, want, dst)
			}
		}
	}
}

// Each octet at each place among plain ones: the fast scan stops where it says, and at nothing else.
func TestScanPlain(t *testing.T) {
	for at := range 21 {
		for c := range 256 {
			b := []byte("azAZ09 ~!#$%'()*+,-./[")[:21]
			b[at] = byte(c)
			want := len(b)
			if c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
				want = at
			}
			if got := scanPlain(b, 0); got != want {
				t.Fatalf("%q: stops at %d, want %d", b, got, want)
			}
		}
	}
}

// The same for names of mailboxes, with "&" and DEL: what is read at a glance is what the rule makes of it.
func TestMailboxAtAGlance(t *testing.T) {
	for at := range 21 {
		for c := 0x20; c < 0x80; c++ {
			b := []byte("azAZ09 ~!#$%'()*+,-./[")[:21]
			if b[at] = byte(c); c == '"' || c == '\\' {
				continue
			}
			want, _ := mailboxName(string(b), false)
			if got := decoder(t, `"`+string(b)+"\"\r\n").Mailbox(); got != want {
				t.Fatalf("%q: %q, want %q", b, got, want)
			}
		}
	}
}
