package imaptest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// decoded is the body of an entity without its transfer encoding (RFC 2045 section 6); false if nobody knows that encoding. What
// cannot be decoded ends the octets where it breaks.
func (e *entity) decoded() (octets []byte, known bool) {
	encoding, _ := headerValue(e.header, "Content-Transfer-Encoding")
	var r io.Reader
	switch items := cutItems(encoding, ';'); strings.ToLower(items[0]) {
	case "", "7bit", "8bit", "binary":
		return e.body, true
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(e.body))
	case "quoted-printable":
		r = quotedprintable.NewReader(bytes.NewReader(e.body))
	default:
		return nil, false
	}
	octets, _ = io.ReadAll(r)
	return octets, true
}

// binary gives the octets of a part as BINARY shows them (RFC 3516 section 4.2); false for an unknown transfer encoding, nil if there
// is no such part. The empty number is the whole message, which has none.
func (e *entity) binary(number []uint32) (octets []byte, known bool) {
	part := e.find(number)
	switch {
	case part == nil:
		return nil, true
	case len(number) == 0:
		return append(bytes.Clone(part.header), part.body...), true
	}
	octets, known = part.decoded()
	if octets == nil {
		octets = []byte{}
	}
	return octets, known
}

// undecodable reports whether one of the items wants a part of the message decoded that has an unknown transfer encoding.
func (e *entity) undecodable(items []imap.FetchAtt) bool {
	for _, item := range items {
		known := true
		switch item := item.(type) {
		case imap.FetchBinary:
			_, known = e.binary(item.Part)
		case imap.FetchBinarySize:
			_, known = e.binary(item)
		}
		if !known {
			return true
		}
	}
	return false
}

// fetchBinary adds BINARY, which is NIL for a part that does not exist.
func (e *entity) fetchBinary(data *imap.FetchData, item imap.FetchBinary) {
	section := imap.MsgAttBinarySection{Part: item.Part}
	if octets, _ := e.binary(item.Part); octets != nil {
		section.Data = wire.NewBody(cutPartial(octets, item.Partial))
	}
	if item.Partial != nil {
		section.Origin = wire.Some(item.Partial.Offset)
	}
	data.AddBinarySection(section)
}

// fetchBinarySize adds BINARY.SIZE, 0 for a part that does not exist.
func (e *entity) fetchBinarySize(data *imap.FetchData, part []uint32) {
	octets, _ := e.binary(part)
	data.AddBinarySize(imap.MsgAttBinarySize{Part: part, Size: uint32(len(octets))})
}

// withoutNUL writes the parts of a message that have NUL in them in base64, as the base of IMAP can hand them out: the client may send
// them as they are (RFC 3516 section 4.4), and finds them described as they are kept (section 6). NUL elsewhere stays.
func withoutNUL(octets []byte) []byte {
	parseMessage(octets).walk(func(e *entity) {
		if bytes.IndexByte(e.body, 0) < 0 || e.inner != nil || strings.HasPrefix(e.media, "multipart/") {
			return
		}
		decoded, known := e.decoded()
		if !known || !bytes.Equal(decoded, e.body) {
			return // it has an encoding, in which NUL should not be
		}
		// What stands before it is without NUL by now, so that this finds no other place.
		octets = bytes.Replace(octets, slices.Concat(e.header, e.body), inBase64(e), 1)
	})
	return octets
}

// inBase64 is an entity with its body in base64.
func inBase64(e *entity) []byte {
	var out []byte
	for name, field := range headerFields(e.header) {
		if !strings.EqualFold(name, "Content-Transfer-Encoding") {
			out = append(out, field...)
		}
	}
	out = append(out, "Content-Transfer-Encoding: base64\r\n"...)
	text := base64.StdEncoding.EncodeToString(e.body)
	for len(text) > 76 { // RFC 2045 section 6.8
		out, text = append(append(out, "\r\n"...), text[:76]...), text[76:]
	}
	return append(append(out, "\r\n"...), text...)
}
