package imaptest

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The artifacts of subjects, in the names of RFC 5256 section 5.
var (
	subjTrailer = regexp.MustCompile(`(?i)(?:\(fwd\)|[ \t])$`)
	subjRefwd   = regexp.MustCompile(`(?i)^(?:\[[^\[\]]*\][ \t]*)*(?:re|fwd?)[ \t]*(?:\[[^\[\]]*\][ \t]*)?:`) // with the blobs before it
	subjBlob    = regexp.MustCompile(`^\[[^\[\]]*\][ \t]*`)
	subjFwd     = regexp.MustCompile(`(?i)^\[fwd:(.*)\]$`)
	blanks      = regexp.MustCompile(`[ \t\r\n]+`)
)

// baseSubject takes from a decoded subject what replies and lists add to it, and reports whether it is that of a reply or a
// forward (RFC 5256 sections 2.1 and 3). It follows the steps of section 2.1.
func baseSubject(subject string) (base string, reply bool) {
	s := blanks.ReplaceAllString(subject, " ") // (1)
	for {
		for { // (2)
			at := subjTrailer.FindStringIndex(s)
			if at == nil {
				break
			}
			reply = reply || s[at[0]] == '('
			s = s[:at[0]]
		}
		for { // (3) to (5)
			before := s
			s = strings.TrimLeft(s, " \t")
			if at := subjRefwd.FindStringIndex(s); at != nil {
				s, reply = s[at[1]:], true
			} else if at := subjBlob.FindStringIndex(s); at != nil && at[1] < len(s) {
				s = s[at[1]:]
			}
			if s == before {
				break
			}
		}
		forwarded := subjFwd.FindStringSubmatch(s) // (6)
		if forwarded == nil {
			return s, reply
		}
		s, reply = forwarded[1], true
	}
}

// collate gives texts an order in which case and the way in which accents are written do not count, as i;unicode-casemap does
// (RFC 5051).
func collate(text string) string { return norm.NFKD.String(strings.ToTitle(text)) }
