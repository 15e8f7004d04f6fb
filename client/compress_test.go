package client_test

import (
	"bufio"
	"compress/flate"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/runtime/conn"
)

// deflate switches the script's connection to DEFLATE in both directions.
func (s *script) deflate() {
	w, err := flate.NewWriter(s.nc, flate.DefaultCompression)
	if err != nil {
		s.fail("deflate: %v", err)
	}
	s.nc = &flated{Conn: s.nc, r: flate.NewReader(s.r), w: w}
	s.r = bufio.NewReader(s.nc)
}

type flated struct {
	net.Conn
	r io.Reader
	w *flate.Writer
}

func (f *flated) Read(b []byte) (int, error) { return f.r.Read(b) }

func (f *flated) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if err == nil {
		err = f.w.Flush()
	}
	return n, err
}

func TestCompress(t *testing.T) {
	const list = `* LIST () "/" INBOX`
	tests := []struct {
		name string
		caps []string
		play func(*script)
	}{
		{"offered", []string{"COMPRESS=DEFLATE"}, func(s *script) {
			s.ok("COMPRESS DEFLATE")
			s.deflate()
			s.ok(`LIST "" *`, list)
		}},
		{"not offered", nil, func(s *script) { s.ok(`LIST "" *`, list) }},
		{"refused", []string{"COMPRESS=DEFLATE"}, func(s *script) {
			s.send(s.want("COMPRESS DEFLATE") + " NO [COMPRESSIONACTIVE] TLS does it")
			s.ok(`LIST "" *`, list)
		}},
		{"advertised and not known", []string{"COMPRESS=DEFLATE"}, func(s *script) {
			s.send(s.want("COMPRESS DEFLATE") + " BAD unknown command")
			s.ok(`LIST "" *`, list)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := inClear
			o.Compress = true
			c, err := client.New(t.Context(), pipe(t, func(s *script) {
				s.send(preauth(test.caps...))
				test.play(s)
				s.hangUp()
			}), o)
			require.NoError(t, err)
			var n int
			for l, err := range c.List(t.Context(), "", "*") {
				require.NoError(t, err)
				assert.Equal(t, "INBOX", l.Mailbox)
				n++
			}
			assert.Equal(t, 1, n)
			assert.NoError(t, c.Close())
		})
	}
}

func TestCompressByHand(t *testing.T) {
	c := session(t, func(s *script) {
		s.ok("COMPRESS DEFLATE")
		s.deflate()
		s.ok("NOOP")
		s.hangUp()
	}, "COMPRESS=DEFLATE")
	assert.NoError(t, c.Compress(t.Context()))
	assert.ErrorIs(t, c.Compress(t.Context()), conn.ErrState, "not twice")
	assert.NoError(t, c.Noop(t.Context()))
	assert.NoError(t, c.Close())
}
