package imap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/generated/imap"
)

func TestMediaType(t *testing.T) {
	tests := []struct {
		name string
		body imap.BodyStructure
		want string
	}{
		{"a part", imap.BodyStructure{Type: "TEXT", Subtype: "HTML"}, "text/html"},
		{"a multipart", imap.BodyStructure{Subtype: "ALTERNATIVE", Parts: make([]imap.BodyStructure, 2)}, "multipart/alternative"},
		{"a multipart without parts", imap.BodyStructure{Subtype: "MIXED"}, "multipart/mixed"},
		{"a multipart without a name", imap.BodyStructure{Parts: make([]imap.BodyStructure, 1)}, "multipart/mixed"},
		{"text of some kind", imap.BodyStructure{Type: "text"}, "text/plain"},
		{"a message of some kind", imap.BodyStructure{Type: "message"}, "message/rfc822"},
		{"an image of some kind", imap.BodyStructure{Type: "image"}, "image/octet-stream"},
		{"nothing known", imap.BodyStructure{}, "application/octet-stream"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.body.MediaType())
		})
	}
}

func TestTransferEncoding(t *testing.T) {
	assert.Equal(t, "BASE64", (&imap.BodyStructure{Encoding: "base64"}).TransferEncoding())
	assert.Equal(t, "7BIT", (&imap.BodyStructure{}).TransferEncoding())
}

func TestBodyStructurePart(t *testing.T) {
	leaf := func(subtype string) imap.BodyStructure { return imap.BodyStructure{Type: "text", Subtype: subtype} }
	inner := imap.BodyStructure{Subtype: "mixed", Parts: []imap.BodyStructure{leaf("c"), leaf("d")}}
	single := leaf("e")
	message := imap.BodyStructure{Subtype: "mixed", Parts: []imap.BodyStructure{
		leaf("a"),
		{Subtype: "alternative", Parts: []imap.BodyStructure{leaf("b")}},
		{Type: "message", Subtype: "rfc822", Body: &inner},
		{Type: "message", Subtype: "rfc822", Body: &single},
	}}
	for _, tt := range []struct {
		number []uint32
		want   string // subtype; "" is none
	}{
		{nil, "mixed"}, {[]uint32{1}, "a"}, {[]uint32{2}, "alternative"}, {[]uint32{2, 1}, "b"}, {[]uint32{3}, "rfc822"},
		{[]uint32{3, 2}, "d"}, {[]uint32{4, 1}, "e"},
		{[]uint32{0}, ""}, {[]uint32{5}, ""}, {[]uint32{1, 1}, ""}, {[]uint32{2, 2}, ""}, {[]uint32{4, 2}, ""}, {[]uint32{2, 1, 1}, ""},
	} {
		got := message.Part(tt.number...)
		if tt.want == "" {
			assert.Nil(t, got, tt.number)
		} else if assert.NotNil(t, got, tt.number) {
			assert.Equal(t, tt.want, got.Subtype, tt.number)
		}
	}
	only := leaf("f")
	assert.Equal(t, &only, only.Part(1))
	assert.Nil(t, only.Part(2))
	assert.Nil(t, only.Part(1, 1))
}
