package imaptest

import (
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// section cuts the octets that BODY[section] names out of a message; false if the message has no such part
// (RFC 3501 section 6.4.5).
func (e *entity) section(s imap.Section) ([]byte, bool) {
	part := e.find(s.Part)
	if part == nil {
		return nil, false
	}
	switch s.Specifier {
	case "":
		if len(s.Part) == 0 {
			return slices.Concat(part.header, part.body), true
		}
		return part.body, true
	case imap.SectionMIME:
		return part.header, true
	}
	// HEADER and TEXT are of a message: the whole one, or one that a part carries.
	if !part.root {
		if part = part.inner; part == nil {
			return nil, false
		}
	}
	switch {
	case s.Specifier == imap.SectionText:
		return part.body, true
	case s.Specifier == imap.SectionHeader:
		return part.header, true
	default:
		return pickFields(part.header, s.Fields, s.Not), true
	}
}

// pickFields is HEADER.FIELDS, or with not HEADER.FIELDS.NOT: the fields with (or without) these names, and the empty line if the
// header ends in one.
func pickFields(header []byte, names []string, not bool) []byte {
	var picked []byte
	for name, field := range headerFields(header) {
		named := slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		if named != not {
			picked = append(picked, field...)
		}
	}
	if len(header) > 0 && lastLine(header) == "" {
		picked = append(picked, "\r\n"...)
	}
	return picked
}

// lastLine is the last line of a header.
func lastLine(header []byte) string {
	line := strings.TrimSuffix(strings.TrimSuffix(string(header), "\n"), "\r")
	return line[strings.LastIndexByte(line, '\n')+1:]
}

// cutPartial is <offset.count> of octets: nothing if it begins past their end.
func cutPartial(octets []byte, p *imap.Partial) []byte {
	if p == nil {
		return octets
	}
	size := uint64(len(octets))
	from := min(p.Offset, size)
	return octets[from : from+min(p.Count, size-from)]
}
