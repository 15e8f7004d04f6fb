package wire

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// Text is the text of a header field as the server gave it. The zero value is NIL.
type Text struct {
	Raw   string // as it came, RFC 2047 and all
	Valid bool   // false for NIL
}

// NewText gives the Text that reads s. It is encoded as RFC 2047 says if it must be.
func NewText(s string) Text { return Text{Raw: encodeWords(s), Valid: true} }

// String gives the text decoded: encoded words (RFC 2047) of any character set that is known, and 8-bit octets. What cannot be
// decoded stays as it is. NIL is empty.
func (t Text) String() string {
	s := t.Raw
	if plainHeader(s) {
		return s
	}
	if !utf8.ValidString(s) {
		s = latin1(s)
	}
	if !strings.Contains(s, "=?") {
		return s
	}
	return decodeWords(s)
}

// Date is the date of a header as the server gave it. The zero value is NIL.
type Date struct {
	Raw   string
	Valid bool // false for NIL
}

// NewDate gives the Date of t, as RFC 5322 writes it.
func NewDate(t time.Time) Date {
	return Date{Raw: t.Format("Mon, 02 Jan 2006 15:04:05 -0700"), Valid: true}
}

// String gives the date as it came. NIL is empty.
func (d Date) String() string { return d.Raw }

var errNoDate = errors.New("no date")

// Time parses the date. Headers are written by anybody: expect an error.
func (d Date) Time() (time.Time, error) {
	if !d.Valid {
		return time.Time{}, errNoDate
	}
	if t, ok := parseDate(d.Raw); ok {
		return t, nil
	}
	t, err := mail.ParseDate(d.Raw[:min(len(d.Raw), 4*maxDate)])
	if err != nil {
		return time.Time{}, fmt.Errorf("parse date: %w", err)
	}
	return t, nil
}

// parseDate parses what nearly all dates are: "Mon, 2 Jan 2006 15:04:05 -0700", the name of the day and a name of the zone in
// parentheses being optional, the day of one or two digits.
func parseDate(s string) (time.Time, bool) {
	if len(s) > 5 && s[3] == ',' && s[4] == ' ' {
		s = s[5:]
	}
	if len(s) > 1 && s[1] == ' ' {
		s = "0" + s
	}
	const width = len("02 Jan 2006 15:04:05 -0700")
	if len(s) > width {
		if rest := s[width:]; len(rest) < 4 || rest[0] != ' ' || rest[1] != '(' || rest[len(rest)-1] != ')' || strings.ContainsAny(rest[2:len(rest)-1], `()\`) {
			return time.Time{}, false
		}
		s = s[:width]
	}
	if len(s) != width || s[2] != ' ' || s[6] != ' ' {
		return time.Time{}, false
	}
	var b [width]byte
	copy(b[:], s)
	b[2], b[6] = '-', '-' // as in INTERNALDATE
	unix, offset, ok := dateTime(b[:])
	if !ok || b[0] == ' ' {
		return time.Time{}, false
	}
	return time.Unix(unix, 0).In(zoneOf(offset)), true
}
