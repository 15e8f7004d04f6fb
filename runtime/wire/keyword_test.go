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

// Each octet at each place among plain ones: the fast scans stop where they say, and at nothing else.
func TestScans(t *testing.T) {
	for name, scan := range map[string]struct {
		scan  func([]byte, int) int
		stops string
	}{"plain": {scanPlain, `"\`}, "name": {scanName, "\"\\&\x7f"}} {
		t.Run(name, func(t *testing.T) {
			for at := range 21 {
				for c := range 256 {
					b := []byte("azAZ09 ~!#$%'()*+,-./[")[:21]
					b[at] = byte(c)
					want := len(b)
					if c < 0x20 || c >= 0x80 || bytes.IndexByte([]byte(scan.stops), byte(c)) >= 0 {
						want = at
					}
					if got := scan.scan(b, 0); got != want {
						t.Fatalf("%q: stops at %d, want %d", b, got, want)
					}
				}
			}
		})
	}
}
