package imaptest

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// delimiter parts the levels of mailbox names: Lists/Go is a mailbox below Lists.
const delimiter = '/'

const inbox = "INBOX"

// errName says why a mailbox cannot have a name.
var errName = errors.New("no mailbox can have this name")

// canonical writes INBOX, which is the same in any case (RFC 3501 section 5.1), in upper case.
func canonical(name string) string {
	if strings.EqualFold(name, inbox) {
		return inbox
	}
	return name
}

// checkName refuses names that no mailbox should have: empty levels, control characters, the wildcards of LIST, and what was
// not valid modified UTF-7 (it is not valid UTF-8 either).
func checkName(name string) error {
	if name == "" || len(name) > 1000 || !utf8.ValidString(name) || strings.ContainsAny(name, "*%") {
		return errName
	}
	for level := range strings.SplitSeq(name, string(delimiter)) {
		if level == "" {
			return errName
		}
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errName
	}
	return nil
}

// superiors lists the names above a name, the nearest last.
func superiors(name string) []string {
	var above []string
	for i, r := range name {
		if r == delimiter {
			above = append(above, name[:i])
		}
	}
	return above
}

// below reports whether a name lies under another in the hierarchy.
func below(name, top string) bool {
	rest, ok := strings.CutPrefix(name, top)
	return ok && strings.HasPrefix(rest, string(delimiter))
}

// matchPattern reports whether LIST with this pattern lists this name: "*" stands for anything, "%" for anything within one
// level (RFC 3501 section 6.3.8). Patterns come from the network, so it keeps the set of positions that could have been
// reached instead of trying them one after the other: its time grows with the product of the lengths only.
func matchPattern(pattern, name string) bool {
	if strings.EqualFold(name, inbox) && strings.EqualFold(pattern, inbox) {
		return true
	}
	reached := make([]bool, len(name)+1)
	reached[0] = true
	for i := range len(pattern) {
		next := make([]bool, len(name)+1)
		for at, ok := range reached {
			if !ok {
				continue
			}
			switch c := pattern[i]; c {
			case '*', '%':
				next[at] = true
				for end := at; end < len(name) && (c == '*' || name[end] != delimiter) && !next[end+1]; end++ {
					next[end+1] = true
				}
			default:
				if at < len(name) && name[at] == c {
					next[at+1] = true
				}
			}
		}
		reached = next
	}
	return reached[len(name)]
}
