package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNzNumbers(t *testing.T) {
	long := strings.Repeat(" 7 4294967295", 100)
	for _, tt := range []struct {
		name, octets string
		want         []uint32
		rest         string
		warned       bool
	}{
		{"none", "", nil, "", false},
		{"some", " 1 23 456789012", []uint32{1, 23, 456789012}, "", false},
		{"the greatest", " 4294967295 999999999 1", []uint32{4294967295, 999999999, 1}, "", false},
		{"up to a parenthesis", " 5 (MODSEQ 9)", []uint32{5}, " (MODSEQ 9)", false},
		{"blanks", " 5  6 ", []uint32{5, 6}, " ", true},
		{"odd ones", " 5 0 007 8", []uint32{5, 0, 7, 8}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := decoder(t, "x"+tt.octets+"\r\n")
			d.Expect('x')
			var l List[uint32]
			d.NzNumbers(&l)
			require.NoError(t, d.Err())
			assert.Equal(t, tt.want, l.Cut(0))
			assert.Equal(t, tt.rest+"\r\n", string(d.buf[d.pos:]))
			assert.Equal(t, tt.warned, len(d.TakeWarnings()) > 0)
		})
	}
	t.Run("many", func(t *testing.T) {
		d := decoder(t, "x"+long+"\r\n")
		d.Expect('x')
		var l List[uint32]
		d.NzNumbers(&l)
		got := l.Cut(0)
		require.Len(t, got, 200)
		assert.Equal(t, []uint32{7, 4294967295}, got[198:])
	})
	t.Run("too great", func(t *testing.T) {
		d := decoder(t, "x 1 4294967296\r\n")
		d.Expect('x')
		var l List[uint32]
		d.NzNumbers(&l)
		assert.Error(t, d.Err())
	})
}

func TestZones(t *testing.T) {
	for _, minutes := range []int{0, 15, -15, 60, 330, 345, -210, 14 * 60, -14 * 60, 14*60 + 15, -23*60 - 59, 7} {
		name, offset := time.Unix(0, 0).In(zoneOf(minutes)).Zone()
		assert.Equal(t, minutes*60, offset)
		if minutes != 0 {
			assert.Empty(t, name)
		}
	}
	assert.Same(t, zoneOf(330), zoneOf(330))
	assert.Same(t, time.UTC, zoneOf(0))
}

func TestPlainHeader(t *testing.T) {
	for i := range 20 {
		s := strings.Repeat("~", i)
		assert.True(t, plainHeader(s))
		for j := range i {
			for _, c := range []string{"=", "\x80", "\xff"} {
				assert.False(t, plainHeader(s[:j]+c+s[j+1:]), "%q at %d of %d", c, j, i)
			}
			for _, c := range []string{"<", ">", "\x00", "\x7f", "}"} {
				assert.True(t, plainHeader(s[:j]+c+s[j+1:]), "%q at %d of %d", c, j, i)
			}
		}
	}
}
