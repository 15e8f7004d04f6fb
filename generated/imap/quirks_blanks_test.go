package imap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// Blanks too many or too few.
func blankQuirks() []quirk {
	alternative := imap.BodyStructure{Subtype: "alternative", Parts: []imap.BodyStructure{part("text/plain", "7bit", 2, 1), part("text/html", "7bit", 2, 1)}}
	charset := param("charset", "x")
	return []quirk{
		{id: "Q01", server: "Outlook", wire: "* STATUS INBOX (MESSAGES 1) \r\n", warn: []string{"CRLF"},
			want: one(func(t *testing.T, r *imap.StatusData) {
				assert.Equal(t, "INBOX", r.Mailbox)
				assert.EqualValues(t, 1, r.Messages)
			})},
		{id: "Q02", server: "exmail.qq.com, iCloud", wire: "* CAPABILITY IMAP4 IMAP4rev1 IDLE ID UIDPLUS \r\n", warn: []string{"SP"},
			want: capabilities("IMAP4", imap.CapIMAP4rev1, imap.CapIdle, imap.CapID, imap.CapUIDPlus)},
		{id: "Q03", server: "UMail", wire: "* CAPABILITY IMAP4rev1 LITERAL+  STARTTLS SPECIAL-USE\r\n", warn: []string{"SP"},
			want: capabilities(imap.CapIMAP4rev1, imap.CapLiteralPlus, imap.CapStarttls, imap.CapSpecialUse)},
		{id: "Q04", server: "Yahoo, David.fx", wire: "* SEARCH 1 2 3 \r\n", warn: []string{"SP"}, want: search(1, 2, 3)},
		{id: "Q05", server: "global-mail.cn", wire: "* SEARCH \r\n", warn: []string{"SP"}, want: search()},
		{id: "Q06", server: "imap.qq.com", wire: item(""), warn: []string{"SP"}, want: message(func(*testing.T, *imap.FetchData) {})},
		{id: "Q07", server: "DavMail", wire: item(" RFC822.SIZE 10"), warn: []string{"SP"},
			want: message(func(t *testing.T, m *imap.FetchData) { assert.EqualValues(t, 10, m.Size) })},
		{id: "Q08", server: "Outlook.com", warn: []string{"literal text"},
			wire: item(`ENVELOPE ("d" "s" (("F" NIL "f" "d.com")) NIL NIL (("A" NIL "a" "d.com") ("B" NIL "b" "d.com")) NIL NIL NIL "<i@x>")`),
			want: envelope(imap.Envelope{Date: date("d"), Subject: text("s"), From: address("F", "f", "d.com"),
				To: append(address("A", "a", "d.com"), address("B", "b", "d.com")...), MessageID: wire.NStr("<i@x>")})},
		{id: "Q09", server: "SurgeMail", warn: []string{"SP"},
			wire: "* 1 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen $Forwarded )] Limited\r\n* OK [UIDVALIDITY 1] ok\r\n",
			want: each(exists(1), flags(`\Seen`), permanentFlags(`\Seen $Forwarded`, "Limited"), status(imap.CodeUIDValidity(1), "ok"))},
		{id: "Q10", server: "Archiveopteryx", wire: "* ID (\"name\" \"Aox\" )\r\n", warn: []string{"SP"},
			want: one(func(t *testing.T, r *imap.IDData) {
				assert.Equal(t, []imap.IDParam{{Field: "name", Value: wire.NStr("Aox")}}, r.Params)
			})},
		{id: "Q11", server: "yahoo.co.jp", warn: []string{"SP"},
			wire: item(`BODYSTRUCTURE (("text" "plain" ("charset" "x") NIL NIL "7bit" 2 1 NIL NIL NIL NIL)` +
				`("text" "html" ("charset" "x") NIL NIL "7bit" 2 1 NIL NIL NIL NIL) "alternative" ("boundary" "b") NIL )`),
			want: structure(extended(imap.BodyStructure{Subtype: "alternative", Params: []imap.Param{param("boundary", "b")},
				Parts: []imap.BodyStructure{extended(part("text/plain", "7bit", 2, 1, charset)), extended(part("text/html", "7bit", 2, 1, charset))}}))},
		{id: "Q12", server: "maddy, twisted", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 2 1) ("text" "html" NIL NIL NIL "7bit" 2 1) "alternative")`),
			want: structure(alternative)},
		{id: "Q13", server: "a fixture of net-imap", warn: []string{"SP"},
			wire: item(`BODYSTRUCTURE ("text" "plain"  ("charset" "utf-8") NIL NIL "7bit" 2 1 NIL NIL NIL NIL)`),
			want: structure(extended(part("text/plain", "7bit", 2, 1, param("charset", "utf-8"))))},
	}
}

// Numbers that are negative, broken, zero, or longer than 32 bits.
func numberQuirks() []quirk {
	const extension = " NIL NIL NIL NIL)"
	return []quirk{
		{id: "Q14", server: "Dovecot, Exchange", warn: []string{"number64"},
			wire: item(`BODYSTRUCTURE ("multipart" "digest" ("boundary" "b") NIL NIL "7BIT" -1` + extension),
			want: structure(extended(part("multipart/digest", "7BIT", 0, 0, param("boundary", "b"))))},
		{id: "Q15", server: "Dovecot, Exchange", warn: []string{"nstring"},
			wire: item(`BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7BIT" 10 -1` + extension),
			want: structure(extended(part("text/plain", "7BIT", 10, 0)))},
		{id: "Q16", server: "Mail.ru", warn: []string{"number64"},
			wire: item(`BODYSTRUCTURE ("application" "pdf" NIL NIL NIL "base64" 9.3736e+06` + extension),
			want: structure(extended(part("application/pdf", "base64", 9373600, 0)))},
		{id: "Q17", server: "Zoho", wire: item("MODSEQ (-1)"), warn: []string{"nz-number64"},
			want: message(func(t *testing.T, m *imap.FetchData) { assert.Zero(t, m.ModSeq) })},
		{id: "Q18", server: "any (RFC 9051)", wire: item("RFC822.SIZE 4294967296"),
			want: message(func(t *testing.T, m *imap.FetchData) { assert.EqualValues(t, 4294967296, m.Size) })},
		{id: "Q19", server: "Courier, 2004", wire: "* 0 FETCH (UID 16334 FLAGS ())\r\n", warn: []string{"fetch"},
			want: one(func(t *testing.T, m *imap.FetchData) {
				assert.Zero(t, m.Seq)
				assert.EqualValues(t, 16334, m.UID)
				assert.True(t, m.Has(imap.MsgAttItemFlags))
				assert.Zero(t, m.Flags.Len())
			})},
		{id: "Q20", server: "xwtec.cn", warn: []string{"nz-number", "nz-number", "nz-number"},
			wire: "* 1 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 0] UIDs valid\r\n* OK [UIDNEXT 0] x\r\n* OK [UNSEEN 0] x\r\n",
			want: each(exists(1), flags(`\Seen`), status(imap.CodeUIDValidity(0), "UIDs valid"), status(imap.CodeUIDNext(0), "x"), status(imap.CodeUnseen(0), "x"))},
		{id: "Q21", server: "a fixture of net-imap", wire: item("BODY[] {012}\r\nFoo: bar\r\n\r\n"), warn: []string{"literal"},
			want: sections(section("", "Foo: bar\r\n\r\n"))},
		{id: "QA5", server: "Purelymail", wire: "* ESEARCH (TAG \"a1\") MIN 0 COUNT 1\r\n", warn: []string{"nz-number"},
			want: one(func(t *testing.T, r *imap.EsearchData) {
				assert.Equal(t, "a1", r.Tag)
				assert.Zero(t, r.Min)
				assert.EqualValues(t, 1, r.Count)
			})},
	}
}

// sections expects sections of a message, and nothing that is not known.
func sections(want ...imap.MsgAttBodySection) values {
	return message(func(t *testing.T, m *imap.FetchData) {
		assert.Equal(t, want, m.BodySection)
		assert.Empty(t, m.Unknown())
	})
}

// section is one of BODY[...].
func section(name imap.SectionSpecifier, data string) imap.MsgAttBodySection {
	return imap.MsgAttBodySection{Section: imap.Section{Specifier: name}, Data: wire.NewBody([]byte(data))}
}
