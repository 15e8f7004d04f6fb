package workload

import "fmt"

// Structures is W2: BODYSTRUCTURE of nested multiparts, 22 parts and 2,968 octets a message, two of the parts messages themselves.
func Structures(seed uint64, messages int) *Workload {
	m := newMaker(seed)
	uid := uint32(100_000)
	for i := range messages {
		uid += 1 + m.r.Uint32N(3)
		m.printf("* %d FETCH (UID %d BODYSTRUCTURE ", i+1, uid)
		m.multipart("mixed", func() {
			m.multipart("alternative", func() {
				m.text("plain")
				m.multipart("related", func() {
					m.text("html")
					m.file("image", "png", "inline")
					m.file("image", "gif", "inline")
				})
			})
			m.message(func() {
				m.multipart("mixed", func() {
					m.multipart("alternative", func() {
						m.text("plain")
						m.text("html")
					})
					m.file("application", "pdf", "attachment")
				})
			})
			m.multipart("report", func() {
				m.text("plain")
				m.printf(`("message" "delivery-status" NIL NIL NIL "7bit" %d NIL NIL NIL NIL)`, m.r.IntN(2000))
				m.message(func() { m.text("plain") })
			})
			m.file("application", "pdf", "attachment")
			m.file("image", "jpeg", "attachment")
			m.text("calendar")
			m.file("application", "zip", "attachment")
		})
		m.WriteString(")\r\n")
	}
	return &Workload{Name: "W2 BODYSTRUCTURE", Lines: m.Bytes(), Responses: messages, Values: messages, Unit: "message", LastUID: uid}
}

// multipart writes a part with parts. Beside the boundary it has what BODYSTRUCTURE adds to BODY.
func (m *maker) multipart(subtype string, parts func()) {
	m.WriteByte('(')
	parts()
	m.printf(` "%s" ("boundary" "----=_Part_%d") NIL NIL NIL)`, subtype, m.r.Uint32())
}

func (m *maker) text(subtype string) {
	encoding := pick(m, []string{"7bit", "quoted-printable", "8bit"})
	m.printf(`("text" "%s" ("charset" "utf-8") NIL NIL "%s" %d %d NIL NIL %s NIL)`,
		subtype, encoding, m.r.IntN(20_000), m.r.IntN(800), pick(m, []string{"NIL", "NIL", `"en"`, `("en" "de")`}))
}

func (m *maker) file(kind, subtype, disposition string) {
	name := fmt.Sprintf("%s-%d.%s", pick(m, words), m.r.IntN(1000), subtype)
	id := "NIL"
	if disposition == "inline" {
		id = fmt.Sprintf(`"<part%d@%s>"`, m.r.IntN(10_000), pick(m, hosts))
	}
	description := "NIL"
	if m.in(15) {
		description = fmt.Sprintf(`"%s"`, m.words(3))
	} else if m.in(5) {
		description = `"=?utf-8?q?Anh=C3=A4nge?="`
	}
	m.printf(`("%s" "%s" ("name" "%s") %s %s "base64" %d NIL ("%s" ("filename" "%s")) NIL NIL)`,
		kind, subtype, name, id, description, m.r.IntN(2_000_000), disposition, name)
}

// message writes a part that is a message: its envelope and its body are inside.
func (m *maker) message(body func()) {
	m.printf(`("message" "rfc822" NIL NIL NIL "7bit" %d `, m.r.IntN(100_000))
	m.envelope(m.time())
	m.WriteByte(' ')
	body()
	m.printf(` %d NIL ("attachment" NIL) NIL NIL)`, m.r.IntN(5000))
}
