package workload

import (
	"fmt"
	"time"
)

// Envelopes is W1: what a list of messages shows, 603 octets a message: quoted strings, literals, NIL and encoded words.
func Envelopes(seed uint64, messages int) *Workload {
	m := newMaker(seed)
	uid := uint32(100_000)
	for i := range messages {
		uid += 1 + m.r.Uint32N(3)
		sent := m.time()
		m.printf("* %d FETCH (UID %d FLAGS (%s) INTERNALDATE \"%s\" RFC822.SIZE %d ENVELOPE ",
			i+1, uid, m.flags(), sent.Add(time.Minute).Format("_2-Jan-2006 15:04:05 -0700"), 1000+m.r.IntN(1_000_000))
		m.envelope(sent)
		m.WriteString(")\r\n")
	}
	return &Workload{Name: "W1 ENVELOPE", Lines: m.Bytes(), Responses: messages, Values: messages, Unit: "message", LastUID: uid}
}

var zones = []*time.Location{
	time.UTC, time.FixedZone("", 3600), time.FixedZone("", 7200), time.FixedZone("", -5*3600), time.FixedZone("", -8*3600), time.FixedZone("", 19800),
}

func (m *maker) time() time.Time {
	return time.Unix(1_400_000_000+m.r.Int64N(300_000_000), 0).In(pick(m, zones))
}

func (m *maker) flags() string {
	return pick(m, []string{`\Seen`, `\Seen`, `\Seen`, ``, `\Answered \Seen`, `\Flagged \Seen`, `\Seen $Forwarded`, `\Answered \Seen $label1 NonJunk`})
}

func (m *maker) envelope(sent time.Time) {
	m.printf(`("%s" `, sent.Format(pick(m, []string{"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 -0700"})))
	m.subject()
	from, replyTo := m.sender(), m.in(20)
	m.printf(" (%s) (%s) ", from, from)
	if replyTo {
		m.printf("(%s)", m.sender())
	} else {
		m.printf("(%s)", from)
	}
	m.WriteByte(' ')
	m.addresses(1 + m.r.IntN(2))
	m.WriteByte(' ')
	if m.in(47) {
		m.addresses(1 + m.r.IntN(3))
	} else {
		m.WriteString("NIL")
	}
	m.WriteString(" NIL ")
	if m.in(50) {
		m.quoted(m.messageID())
	} else {
		m.WriteString("NIL")
	}
	m.WriteByte(' ')
	m.quoted(m.messageID())
	m.WriteByte(')')
}

func (m *maker) subject() {
	switch n := m.r.IntN(100); {
	case n < 12:
		m.quoted(pick(m, encodedSubjects))
	case n < 18:
		m.literal(`Re: "` + m.words(2) + `" ` + m.words(4))
	case n < 22:
		m.quoted(`Re: \"` + m.words(2) + `\" ` + m.words(4))
	default:
		m.quoted(m.words(5 + m.r.IntN(9)))
	}
}

// sender gives an address as the source of it, so that it can stand in several lists.
func (m *maker) sender() string {
	first, last := pick(m, firstNames), pick(m, lastNames)
	name := fmt.Sprintf(`"%s %s"`, first, last)
	if m.in(6) {
		name = fmt.Sprintf("%q", pick(m, encodedNames))
	}
	return fmt.Sprintf(`(%s NIL "%s.%s" "%s")`, name, first, last, pick(m, hosts))
}

func (m *maker) addresses(n int) {
	m.WriteByte('(')
	for range n {
		switch k := m.r.IntN(100); {
		case k < 25:
			m.printf(`(NIL NIL "%s" "%s")`, pick(m, words), pick(m, hosts))
		case k < 29:
			m.WriteByte('(')
			m.literal(fmt.Sprintf(`%s "%s" %s`, pick(m, firstNames), pick(m, words), pick(m, lastNames)))
			m.printf(` NIL "%s" "%s")`, pick(m, lastNames), pick(m, hosts))
		default:
			m.WriteString(m.sender())
		}
	}
	m.WriteByte(')')
}

func (m *maker) messageID() string {
	return fmt.Sprintf("<%08X-%d.%d@%s>", m.r.Uint32(), m.r.Uint32(), m.r.IntN(1000), pick(m, hosts))
}
