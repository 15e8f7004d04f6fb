package imaptest

import (
	"bytes"
	"iter"
	"mime"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// maxNesting is how deep parts within parts are followed; what is deeper is taken as having no parts.
const maxNesting = 100

// entity is a MIME entity: a message, or a part of one. IMAP hands out the exact octets of each (RFC 3501 section 6.4.5), which
// mime/multipart and its kin do not keep; so the octets are cut here and only their meaning is left to the standard library.
type entity struct {
	header []byte       // with the empty line that ends it
	body   []byte       // all after that line
	media  string       // the media type in lower case: "text/plain"
	params []imap.Param // its parameters, as they stand in the header
	parts  []*entity    // of a multipart
	inner  *entity      // the message that a message/rfc822 carries
	root   bool         // a message: sections HEADER and TEXT exist, and part 1 if it has no parts
}

// parseMessage cuts a message into its entities. It never fails: what is not MIME is one body.
func parseMessage(octets []byte) *entity { return parseEntity(octets, "text/plain", true, 0) }

// parseEntity cuts one entity. media is its type if it does not say.
func parseEntity(octets []byte, media string, root bool, depth int) *entity {
	e := &entity{media: media, root: root}
	e.header, e.body = cutHeader(octets)
	e.readType()
	switch {
	case depth >= maxNesting:
	case strings.HasPrefix(e.media, "multipart/"):
		inherited := "text/plain"
		if e.media == "multipart/digest" {
			inherited = "message/rfc822" // RFC 2046 section 5.1.5
		}
		parts := cutParts(e.body, e.param("boundary"))
		if len(parts) == 0 {
			parts = [][]byte{nil} // the grammar of BODY wants one: it is empty
		}
		for _, part := range parts {
			e.parts = append(e.parts, parseEntity(part, inherited, false, depth+1))
		}
	case e.media == "message/rfc822":
		e.inner = parseEntity(e.body, "text/plain", true, depth+1)
	}
	return e
}

// readType reads the Content-Type. What is none leaves the default; text is in US-ASCII if it does not say (RFC 2045 section 5.2).
func (e *entity) readType() {
	value, _ := headerValue(e.header, "Content-Type")
	media, params := cutParams(value)
	if kind, subtype, found := strings.Cut(media, "/"); found && kind != "" && subtype != "" {
		e.media, e.params = strings.ToLower(media), params
	}
	if strings.HasPrefix(e.media, "text/") && param(e.params, "charset") == "" {
		e.params = append(e.params, imap.Param{Name: "charset", Value: "us-ascii"})
	}
}

// param is the value of a parameter of the media type; package mime knows how RFC 2231 cuts and encodes them.
func (e *entity) param(name string) string {
	if value, ok := headerValue(e.header, "Content-Type"); ok {
		if _, params, err := mime.ParseMediaType(value); err == nil {
			return params[name]
		}
	}
	return param(e.params, name)
}

// find returns the entity with a part number such as 2.1, nil if there is none. The empty number is the message itself.
func (e *entity) find(number []uint32) *entity {
	for _, n := range number {
		if e.inner != nil && !e.root {
			e = e.inner // the parts of a message/rfc822 are those of the message within
		}
		switch {
		case n >= 1 && int64(n) <= int64(len(e.parts)):
			e = e.parts[n-1]
		case n == 1 && len(e.parts) == 0 && e.root:
			// Every message has at least one part; that of a message without a multipart is its body.
			part := *e
			part.root = false
			e = &part
		default:
			return nil
		}
	}
	return e
}

// walk visits e and all parts below it.
func (e *entity) walk(visit func(*entity)) {
	visit(e)
	for _, part := range e.parts {
		part.walk(visit)
	}
	if e.inner != nil {
		e.inner.walk(visit)
	}
}

// cutHeader parts an entity after the empty line that ends its header. Without such a line all of it is header, unless it
// does not begin like one: then all of it is body.
func cutHeader(octets []byte) (header, body []byte) {
	for pos := 0; pos < len(octets); {
		line, next := cutLine(octets, pos)
		if len(line) == 0 {
			return octets[:next], octets[next:]
		}
		if pos == 0 && !bytes.ContainsRune(line, ':') {
			return nil, octets
		}
		pos = next
	}
	return octets, nil
}

// cutLine returns the line at pos without its CRLF or LF, and where the next one begins.
func cutLine(octets []byte, pos int) (line []byte, next int) {
	end := bytes.IndexByte(octets[pos:], '\n')
	if end < 0 {
		return octets[pos:], len(octets)
	}
	next = pos + end + 1
	return bytes.TrimSuffix(octets[pos:next-1], []byte("\r")), next
}

// cutParts parts the body of a multipart at its delimiter lines (RFC 2046 section 5.1.1). The line break before a delimiter
// belongs to the delimiter.
func cutParts(body []byte, boundary string) [][]byte {
	if boundary == "" {
		return nil
	}
	var parts [][]byte
	start := -1
	for pos := 0; pos < len(body); {
		line, next := cutLine(body, pos)
		rest, found := bytes.CutPrefix(line, []byte("--"+boundary))
		rest, last := bytes.CutPrefix(rest, []byte("--"))
		if found && len(bytes.TrimRight(rest, " \t")) == 0 {
			if start >= 0 {
				part := bytes.TrimSuffix(body[start:pos], []byte("\n"))
				parts = append(parts, bytes.TrimSuffix(part, []byte("\r")))
			}
			if last {
				return parts
			}
			start = next
		}
		pos = next
	}
	if start >= 0 {
		parts = append(parts, body[start:]) // cut off before its last delimiter
	}
	return parts
}

// headerFields yields the fields of a header: the name, and all octets of the field with its folded lines.
func headerFields(header []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for pos := 0; pos < len(header); {
			line, next := cutLine(header, pos)
			if len(line) == 0 {
				return
			}
			for next < len(header) && (header[next] == ' ' || header[next] == '\t') {
				_, next = cutLine(header, next)
			}
			name, _, found := bytes.Cut(line, []byte(":"))
			if found && !yield(string(bytes.TrimRight(name, " \t")), header[pos:next]) {
				return
			}
			pos = next
		}
	}
}

// fieldValue is the value of a field as headerFields yields it: unfolded, without blanks around it.
func fieldValue(field []byte) string {
	_, value, _ := bytes.Cut(field, []byte(":"))
	unfolded := strings.NewReplacer("\r\n", "", "\n", "").Replace(string(value))
	return strings.TrimSpace(unfolded)
}

// headerValue is the value of the first field with that name.
func headerValue(header []byte, name string) (string, bool) {
	for n, field := range headerFields(header) {
		if strings.EqualFold(n, name) {
			return fieldValue(field), true
		}
	}
	return "", false
}
