package imap

import "strings"

// MediaType gives the media type of a part in lower case, such as "text/plain" or "multipart/mixed". What a server left out is what RFC
// 2045 says of it, or the plainest type of its kind; a part of which nothing is known is "application/octet-stream".
func (b *BodyStructure) MediaType() string {
	typ, subtype := strings.ToLower(b.Type), strings.ToLower(b.Subtype)
	switch {
	case typ == "" && (subtype != "" || len(b.Parts) > 0):
		typ = "multipart"
	case typ == "":
		typ = "application"
	}
	if subtype == "" {
		switch typ {
		case "text":
			subtype = "plain"
		case "multipart":
			subtype = "mixed"
		case "message":
			subtype = "rfc822"
		default:
			subtype = "octet-stream"
		}
	}
	return typ + "/" + subtype
}

// TransferEncoding gives the encoding of a part in upper case. Without one it is "7BIT" (RFC 2045 section 6.1).
func (b *BodyStructure) TransferEncoding() string {
	if b.Encoding == "" {
		return "7BIT"
	}
	return strings.ToUpper(b.Encoding)
}

// Part gives a part by its number, as section 6.4.5 of RFC 3501 counts: Part(2, 1) is the first part of the second one. The only part of a
// message without parts is 1. It is nil if there is none, and the message itself without a number.
func (b *BodyStructure) Part(number ...uint32) *BodyStructure {
	for i, n := range number {
		if i > 0 && b.Body != nil {
			b = b.Body // the parts of a message within the message
		} else if i > 0 && len(b.Parts) == 0 {
			return nil
		}
		switch {
		case len(b.Parts) > 0:
			if n == 0 || int64(n) > int64(len(b.Parts)) {
				return nil
			}
			b = &b.Parts[n-1]
		case n != 1:
			return nil
		}
	}
	return b
}
