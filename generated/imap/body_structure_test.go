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
