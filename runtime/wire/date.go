package wire

import (
	"net/mail"
	"strings"
	"sync/atomic"
	"time"
)

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// zones holds the zones that were met, by the quarter of an hour. Locations are immutable; time.FixedZone makes a new one each time
// unless it is a whole number of hours.
var zones [2*maxZone*4 + 1]atomic.Pointer[time.Location]

const maxZone = 14 // hours from UTC, in either direction

// zoneOf gives the zone so many minutes east of UTC.
func zoneOf(minutes int) *time.Location {
	if minutes == 0 {
		return time.UTC
	}
	if minutes%15 != 0 || minutes < -maxZone*60 || minutes > maxZone*60 {
		return time.FixedZone("", minutes*60)
	}
	p := &zones[minutes/15+maxZone*4]
	loc := p.Load()
	if loc == nil {
		loc = time.FixedZone("", minutes*60)
		p.Store(loc)
	}
	return loc
}

const maxDate = 128 // octets of what may be a date

// DateTime reads a date with time and zone, as in INTERNALDATE. What is none is the zero time with a warning: such dates are sent
// (QUIRKS Q54 to Q57), and they say nothing about the rest of the message.
func (d *Decoder) DateTime() time.Time {
	const width = len(`"17-Jul-1996 02:44:25 -0700"`)
	if b := d.buf[d.pos:]; len(b) >= width && b[0] == '"' && b[width-1] == '"' {
		if unix, offset, ok := dateTime(b[1 : width-1]); ok {
			d.pos += width
			return time.Unix(unix, 0).In(zoneOf(offset))
		}
	}
	return d.dateTimeSlow()
}

func (d *Decoder) dateTimeSlow() time.Time {
	at := d.pos
	if d.takeNil() {
		d.deviateAt(at, "date-time", "a date")
		return time.Time{}
	}
	if d.Peek() != '"' {
		d.Fail("date-time", `"`)
		return time.Time{}
	}
	if !d.deviate("date-time", "dd-Mon-yyyy hh:mm:ss +zzzz") {
		return time.Time{}
	}
	s := d.quoted("date-time")
	if d.err != nil {
		return time.Time{}
	}
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[1] == '-' {
		s = " " + s
	}
	if unix, offset, ok := dateTime([]byte(s)); ok {
		return time.Unix(unix, 0).In(zoneOf(offset))
	}
	if len(s) <= maxDate {
		if t, err := mail.ParseDate(s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// dateTime parses "dd-Mon-yyyy hh:mm:ss +zzzz", the day with a blank or 0 before a single digit: to the seconds since 1970, and the
// minutes east of UTC.
func dateTime(b []byte) (unix int64, offset int, ok bool) {
	if len(b) != 26 || b[2] != '-' || b[6] != '-' || b[11] != ' ' || b[20] != ' ' {
		return 0, 0, false
	}
	day := two(b, 0)
	if b[0] == ' ' {
		day = two([]byte{'0', b[1]}, 0)
	}
	month, year := monthOf(b[3:6]), two(b, 7)*100+two(b, 9)
	sec, ok := clock(b[12:20])
	offset, good := zone(b[21:26])
	if !ok || !good || two(b, 7) < 0 || two(b, 9) < 0 || !validDay(year, month, day) {
		return 0, 0, false
	}
	return daysSince1970(year, month, day)*86400 + int64(sec) - int64(offset)*60, offset, true
}

// two reads two digits at i; it is far below 0 if they are none.
func two(b []byte, i int) int {
	x, y := b[i]-'0', b[i+1]-'0'
	if x > 9 || y > 9 {
		return -1000000
	}
	return int(x)*10 + int(y)
}

// monthOf gives 1 to 12 for the three letters of a month in any case, 0 for others.
func monthOf(b []byte) int {
	x, y, z := b[0]|32, b[1]|32, b[2]|32
	for i := 0; i < len(months); i += 3 {
		if months[i] == x && months[i+1] == y && months[i+2] == z {
			return i/3 + 1
		}
	}
	return 0
}

// clock reads hh:mm:ss as seconds. A leap second is the second after.
func clock(b []byte) (int, bool) {
	h, m, s := two(b, 0), two(b, 3), two(b, 6)
	ok := b[2] == ':' && b[5] == ':' && h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s <= 60
	return (h*60+m)*60 + s, ok
}

// zone reads +hhmm as minutes east of UTC.
func zone(b []byte) (int, bool) {
	h, m := two(b, 1), two(b, 3)
	ok := (b[0] == '+' || b[0] == '-') && h >= 0 && h < 24 && m >= 0 && m < 60
	if b[0] == '-' {
		return -(h*60 + m), ok
	}
	return h*60 + m, ok
}

func validDay(year, month, day int) bool {
	if month == 0 || day < 1 || day > 31 {
		return false
	}
	switch month {
	case 4, 6, 9, 11:
		return day <= 30
	case 2:
		return day <= 28 || day == 29 && year%4 == 0 && (year%100 != 0 || year%400 == 0)
	}
	return true
}

// daysSince1970 counts days in the Gregorian calendar: years begin in March, so that the leap day is their last.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	year += 400 // never negative
	return int64(year*365+year/4-year/100+year/400+(153*(month-3)+2)/5+day-1) - 719468 - 146097
}

// Date reads a day, with or without quotes. The time is midnight in UTC.
func (d *Decoder) Date() time.Time {
	quoted := d.Accept('"')
	i := d.pos
	j := i
	for j < len(d.buf) && j < i+2 && class[d.buf[j]]&isDigit != 0 {
		j++
	}
	b := d.buf[j:]
	if j == i || len(b) < 9 || b[0] != '-' || b[4] != '-' || two(b, 5) < 0 || two(b, 7) < 0 {
		d.Fail("date", "dd-Mon-yyyy")
		return time.Time{}
	}
	day := int(d.buf[j-1] - '0')
	if j == i+2 {
		day = two(d.buf, i)
	}
	month, year := monthOf(b[1:4]), two(b, 5)*100+two(b, 7)
	if !validDay(year, month, day) {
		d.Fail("date", "a day of the calendar")
		return time.Time{}
	}
	d.pos = j + 9
	if quoted {
		d.Expect('"')
	}
	if d.err != nil {
		return time.Time{}
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
