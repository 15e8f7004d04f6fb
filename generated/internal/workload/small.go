package workload

import (
	"fmt"
	"strconv"
)

// FlagRows is W3: what a client asks for that comes back to a large mailbox.
func FlagRows(seed uint64, messages int) *Workload {
	m := newMaker(seed)
	uid := uint32(100_000)
	for i := range messages {
		uid += 1 + m.r.Uint32N(3)
		m.printf("* %d FETCH (UID %d FLAGS (%s) MODSEQ (%d))\r\n", i+100_000, uid, m.flags(), 1_000_000_000+m.r.IntN(1_000_000_000))
	}
	return &Workload{Name: "W3 FLAGS", Lines: m.Bytes(), Responses: messages, Values: messages, Unit: "message", LastUID: uid}
}

// Mailboxes is LIST of W8. Some names are in modified UTF-7, some are atoms.
func Mailboxes(seed uint64, mailboxes int) *Workload {
	m := newMaker(seed)
	for i := range mailboxes {
		attrs := pick(m, []string{`\HasNoChildren`, `\HasNoChildren`, `\HasChildren`, `\HasNoChildren \Marked`, `\Noselect \HasChildren`})
		name := fmt.Sprintf(`"Archive/%d/%s %d"`, 1990+m.r.IntN(35), m.words(2), i)
		switch n := m.r.IntN(100); {
		case n < 2:
			name = fmt.Sprintf(`"Archive/Entw&APw-rfe %d"`, i)
		case n < 20:
			name = fmt.Sprintf("Lists/%s-%d", pick(m, words), i)
		}
		m.printf("* LIST (%s) \"/\" %s\r\n", attrs, name)
	}
	return &Workload{Name: "W8 LIST", Lines: m.Bytes(), Responses: mailboxes, Values: mailboxes, Unit: "mailbox"}
}

// Numbers is SEARCH of W8: UIDs in ascending order, with gaps.
func Numbers(seed uint64, numbers int) *Workload {
	m := newMaker(seed)
	m.WriteString("* SEARCH")
	uid := uint32(100_000)
	for range numbers {
		uid += 1 + m.r.Uint32N(3)
		m.WriteByte(' ')
		m.Write(strconv.AppendUint(m.AvailableBuffer(), uint64(uid), 10))
	}
	m.WriteString("\r\n")
	return &Workload{Name: "W8 SEARCH", Lines: m.Bytes(), Responses: 1, Values: numbers, Unit: "number", LastUID: uid}
}

// Ranges is ESEARCH of W8: a set of so many ranges, half of them of one number.
func Ranges(seed uint64, ranges int) *Workload {
	m := newMaker(seed)
	m.WriteString(`* ESEARCH (TAG "` + Tag + `") UID ALL `)
	uid := uint32(100_000)
	for i := range ranges {
		if i > 0 {
			m.WriteByte(',')
		}
		uid += 2 + m.r.Uint32N(3)
		m.Write(strconv.AppendUint(m.AvailableBuffer(), uint64(uid), 10))
		if m.in(50) {
			uid += 1 + m.r.Uint32N(20)
			m.WriteByte(':')
			m.Write(strconv.AppendUint(m.AvailableBuffer(), uint64(uid), 10))
		}
	}
	m.WriteString("\r\n")
	return &Workload{Name: "W8 ESEARCH", Lines: m.Bytes(), Responses: 1, Values: ranges, Unit: "range", LastUID: uid}
}
