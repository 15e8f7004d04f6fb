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
