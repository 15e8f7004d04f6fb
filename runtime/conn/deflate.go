package conn

import (
	"encoding/binary"
	"io"
)

// A deflater sends each Write as stored blocks of RFC 1951 section 3.2.4 and an empty one after them, which makes the
// receiver hand out all that came before it. It does not compress: commands are short, and the encoder of
// compress/flate takes about a megabyte for every connection.
type deflater struct {
	w   io.Writer
	buf []byte
}

const storedMax = 65535 // octets of a stored block: its length has 16 bits

func (d *deflater) Write(p []byte) (int, error) {
	d.buf = d.buf[:0]
	for rest := p; len(rest) > 0; {
		n := min(len(rest), storedMax)
		d.buf = append(appendStored(d.buf, n), rest[:n]...)
		rest = rest[n:]
	}
	d.buf = appendStored(d.buf, 0)
	_, err := d.w.Write(d.buf)
	if cap(d.buf) > smallBuffer {
		d.buf = nil
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// appendStored writes the header of a stored block that is not the last one. The blocks before it were stored too,
// so that its three bits begin an octet; five bits of padding follow, then the length and its complement.
func appendStored(dst []byte, n int) []byte {
	dst = append(dst, 0)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(n))
	return binary.LittleEndian.AppendUint16(dst, ^uint16(n))
}
