package imap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

const fourNIL = " NIL NIL NIL NIL)"

// NIL or () where something else is due.
func nilQuirks() []quirk {
	spoken := extended(part("text/plain", "7BIT", 2, 1))
	spoken.Extension.Language = []string{} // a list of no languages
	return []quirk{
		{id: "Q22", server: "migadu", warn: []string{"body-type-1part"},
			wire: item(`BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 1234` + fourNIL),
			want: structure(extended(part("text/plain", "7bit", 1234, 0)))},
		{id: "Q23", server: "maddy, go-imap v1", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE ("text" "plain" () NIL NIL NIL 6002 79` + fourNIL),
			want: message(func(t *testing.T, m *imap.FetchData) {
				structure(extended(part("text/plain", "", 6002, 79)))(t, only(m))
				assert.Equal(t, "7BIT", m.BodyStructure.TransferEncoding())
			})},
		{id: "Q24", server: "Mail.ru", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE (("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 2 0` + fourNIL +
				`("text" "html" ("charset" "utf-8") NIL NIL "8bit" 2 0` + fourNIL + ` "alternative" ("boundary" NIL))`),
			want: structure(imap.BodyStructure{Subtype: "alternative", Params: []imap.Param{param("boundary", "")}, Parts: []imap.BodyStructure{
				extended(part("text/plain", "8bit", 2, 0, param("charset", "utf-8"))), extended(part("text/html", "8bit", 2, 0, param("charset", "utf-8")))}})},
		{id: "Q25", server: "Dovecot", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE (NIL "alternative" ("boundary" "b") NIL NIL NIL)`),
			want: structure(imap.BodyStructure{Subtype: "alternative", Params: []imap.Param{param("boundary", "b")}})},
		{id: "Q31", server: "iCloud", warn: []string{"body"},
			wire: item(`BODYSTRUCTURE ("message" "rfc822" NIL NIL NIL "7BIT" 787 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) () 0 NIL NIL NIL)`),
			want: structure(imap.BodyStructure{Type: "message", Subtype: "rfc822", Encoding: "7BIT", Octets: 787,
				Envelope: &imap.Envelope{}, Body: &imap.BodyStructure{}, Extension: &imap.BodyExtension{}})},
		{id: "Q33", server: "Exchange", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE ("application" "msword" NIL NIL NIL "base64" 50446 NIL (NIL NIL) NIL NIL)`),
			want: structure(extended(part("application/msword", "base64", 50446, 0)))},
		{id: "Q35", server: "yahoo.co.jp", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE (NIL NIL NIL NIL NIL "7BIT" 0` + fourNIL),
			want: message(func(t *testing.T, m *imap.FetchData) {
				structure(extended(part("", "7BIT", 0, 0)))(t, only(m))
				assert.Equal(t, "application/octet-stream", m.BodyStructure.MediaType())
			})},
		{id: "Q38", server: "MailKit's notes", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7BIT" 2 1 NIL NIL (NIL) ())`),
			want: structure(spoken)},
		{id: "Q47", server: "Mail.ru, hydroxide", warn: []string{"literal text"},
			wire: item(`ENVELOPE ("d" "s" (("T" NIL "i" "e.ru")) NIL NIL () NIL NIL "<a>" "<b>")`),
			want: envelope(imap.Envelope{Date: date("d"), Subject: text("s"), From: address("T", "i", "e.ru"), InReplyTo: wire.NStr("<a>"), MessageID: wire.NStr("<b>")})},
		{id: "Q50", server: "SmarterMail", warn: []string{"literal text"},
			wire: item(`ENVELOPE ("d" "s" (NIL ("n" NIL "m" "h")) NIL NIL NIL NIL NIL NIL "<i@x>")`),
			want: envelope(imap.Envelope{Date: date("d"), Subject: text("s"), From: address("n", "m", "h"), MessageID: wire.NStr("<i@x>")})},
		{id: "Q57", server: "(synthetic)", wire: item("INTERNALDATE NIL"), warn: []string{"date-time"},
			want: message(func(t *testing.T, m *imap.FetchData) { assert.True(t, m.InternalDate.IsZero()) })},
		{id: "Q60", server: "MailKit's notes", wire: "* 1 FETCH (UID 1 FLAGS (NIL \"\\\\Seen\"))\r\n", warn: []string{"flag-fetch", "flag-fetch"},
			want: message(func(*testing.T, *imap.FetchData) {})},
		{id: "Q73", server: "163.com", wire: "* STATUS INBOX ()\r\n", // valid
			want: one(func(t *testing.T, r *imap.StatusData) { assert.Equal(t, &imap.StatusData{Mailbox: "INBOX"}, r) })},
		{id: "Q75", server: "any", wire: "* LIST (\\HasNoChildren) \"/\" NIL\r\n", // NIL is an atom as well
			want: list('/', "NIL", imap.MailboxHasNoChildren)},
		{id: "Q88", server: "QIP.ru", wire: "* 1 FETCH ()\r\n", warn: []string{"msg-att", "msg-att"},
			want: one(func(t *testing.T, m *imap.FetchData) {
				assert.EqualValues(t, 1, m.Seq)
				assert.Empty(t, m.Unknown())
			})},
	}
}

// Fields that are left out.
func missingQuirks() []quirk {
	octets := func(media string, n uint64) imap.BodyStructure { return part(media, "BASE64", n, 0) }
	three := func(a, b, c []imap.Address) imap.Envelope {
		return imap.Envelope{Date: date("d"), Subject: text("s"), From: a, Sender: b, ReplyTo: c}
	}
	a, b := address("a", "x", "x.com"), address("b", "x", "x.com")
	nine := three(a, a, a)
	nine.To, nine.MessageID = b, wire.NStr("<x@qq.com>")
	return []quirk{
		{id: "Q26", server: "Gmail, Yandex, QQ", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE (("ALTERNATIVE" ("BOUNDARY" "b") NIL NIL)("TEXT" "HTML" NIL NIL NIL "7BIT" 2 1 NIL NIL NIL) "MIXED" ("BOUNDARY" "c") NIL NIL)`),
			want: structure(extended(imap.BodyStructure{Subtype: "MIXED", Params: []imap.Param{param("BOUNDARY", "c")}, Parts: []imap.BodyStructure{
				extended(imap.BodyStructure{Subtype: "ALTERNATIVE", Params: []imap.Param{param("BOUNDARY", "b")}}), extended(part("TEXT/HTML", "7BIT", 2, 1))}}))},
		{id: "Q27", server: "Gmail", warn: []string{"string"},
			wire: item(`BODYSTRUCTURE (("TEXT" "HTML" NIL NIL NIL "7BIT" 2 1 NIL NIL NIL)("RELATED" NIL ("ATTACHMENT" NIL) NIL) "MIXED" ("BOUNDARY" "c") NIL NIL)`),
			want: structure(extended(imap.BodyStructure{Subtype: "MIXED", Params: []imap.Param{param("BOUNDARY", "c")}, Parts: []imap.BodyStructure{
				extended(part("TEXT/HTML", "7BIT", 2, 1)),
				{Subtype: "RELATED", Extension: &imap.BodyExtension{Disposition: imap.Disposition{Type: "ATTACHMENT"}}}}}))},
		{id: "Q28", server: "Gmail", warn: []string{"SP"},
			wire: item(`BODYSTRUCTURE (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 2 1)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 29 ` +
				`("d" "s" (("F" NIL "f" "d.com")) NIL NIL (("T" NIL "t" "d.com")) NIL NIL NIL "<id@x>") ("ALTERNATIVE") 51) "REPORT")`),
			want: structure(imap.BodyStructure{Subtype: "REPORT", Parts: []imap.BodyStructure{part("TEXT/PLAIN", "7BIT", 2, 1),
				{Type: "MESSAGE", Subtype: "RFC822", Encoding: "7BIT", Octets: 29, Lines: 51, Body: &imap.BodyStructure{Subtype: "ALTERNATIVE"},
					Envelope: &imap.Envelope{Date: date("d"), Subject: text("s"), From: address("F", "f", "d.com"), To: address("T", "t", "d.com"), MessageID: wire.NStr("<id@x>")}}}})},
		{id: "Q29", server: "Gmail", wire: item(`BODY ("MIXED")`), warn: []string{"SP"},
			want: message(func(t *testing.T, m *imap.FetchData) {
				assert.Equal(t, &imap.BodyStructure{Subtype: "MIXED"}, m.Body())
				assert.Equal(t, "multipart/mixed", m.Body().MediaType())
			})},
		{id: "Q30", server: "Gmail", warn: []string{"body-type-1part"},
			wire: item(`BODYSTRUCTURE ("MESSAGE" "RFC822" NIL NIL NIL "BASE64" 100 NIL NIL NIL)`), want: structure(extended(octets("MESSAGE/RFC822", 100)))},
		{id: "Q36", server: "MailKit#371", wire: item(`BODYSTRUCTURE ("APPLICATION" NIL NIL NIL "BASE64" 356)`), warn: []string{"string"},
			want: message(func(t *testing.T, m *imap.FetchData) {
				structure(octets("APPLICATION", 356))(t, only(m))
				assert.Equal(t, "application/octet-stream", m.BodyStructure.MediaType())
			})},
		{id: "Q48", server: "imap.qq.com", warn: []string{"SP"},
			wire: item(`ENVELOPE ("d" "s" (("a" NIL "x" "x.com")) (("a" NIL "x" "x.com")) (("a" NIL "x" "x.com")) (("b" NIL "x" "x.com")) NIL NIL "<x@qq.com>")`),
			want: envelope(nine)},
		{id: "Q49", server: "a Chinese server", warn: []string{"SP"},
			wire: item(`ENVELOPE ("d" "s" (("a" NIL "x" "x.com")) (("a" NIL "x" "x.com")) (("a" NIL "x" "x.com")) NIL NIL NIL)`), want: envelope(three(a, a, a))},
		{id: "Q61", server: "Gmail", warn: []string{"literal text", "literal text", "literal text"},
			wire: "* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* OK [HIGHESTMODSEQ 1806]\r\n* OK [UIDVALIDITY 7]\r\na1 OK [READ-WRITE]\r\n",
			want: each(flags(`\Seen`), exists(1), status(imap.CodeHighestmodseq(1806), ""), status(imap.CodeUIDValidity(7), ""), status(imap.CodeReadWrite, ""))},
		{id: "Q62", server: "Outlook.com", wire: "a1 OK [COPYUID 701  ] COPY completed\r\n", warn: []string{"SP", "uid-set", "uid-set"},
			want: status(imap.CodeCopyUID{UIDValidity: 701}, "COPY completed")},
		{id: "Q65", server: "an XLIST server", wire: "a1 OK [COPYUID 0 35 41] UID COPY completed\r\n", warn: []string{"nz-number"},
			want: status(imap.CodeCopyUID{Source: imap.UIDs(35), Dest: imap.UIDs(41)}, "UID COPY completed")},
		{id: "Q68", server: "go-imap#502", wire: "a1 OK\r\n", warn: []string{"literal text"}, want: status(nil, "")},
		{id: "Q85", server: "Yandex", wire: item("BODY[1]"), warn: []string{"SP"},
			want: sections(imap.MsgAttBodySection{Section: imap.Section{Part: []uint32{1}}})},
		{id: "Q87", server: "iCloud", wire: "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n", // valid; RFC822 was asked for
			want: message(func(t *testing.T, m *imap.FetchData) { assert.False(t, m.Has(imap.MsgAttItemRFC822)) })},
	}
}

// Fields, parentheses and octets that are too much.
func surplusQuirks() []quirk {
	plain := extended(part("text/plain", "7BIT", 2, 1))
	plain.Extension.Disposition.Type = "inline"
	inline := extended(part("text/plain", "7bit", 2, 0))
	inline.Extension.Disposition.Type = "inline"
	return []quirk{
		{id: "Q32", server: "Exchange", warn: []string{"body-fld-dsp"},
			wire: item(`BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7BIT" 2 1 NIL "inline" NIL NIL)`), want: structure(plain)},
		{id: "Q34", server: "Exchange", warn: []string{"body-fld-dsp"},
			wire: item(`BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 2 0 NIL ("inline" NIL) NIL NIL) "mixed" ("boundary" "b") "S/MIME Encrypted Message" NIL)`),
			want: structure(imap.BodyStructure{Subtype: "mixed", Params: []imap.Param{param("boundary", "b")}, Parts: []imap.BodyStructure{inline}})},
		{id: "Q37", server: "GMX", warn: []string{"SP"},
			wire: item(`BODYSTRUCTURE ("multipart" "related" ("boundary" "b") NIL NIL "7BIT" 400 ("boundary" "b") NIL NIL NIL)`),
			want: structure(extended(part("multipart/related", "7BIT", 400, 0, param("boundary", "b"))))},
		{id: "Q51", server: "MailKit#1369", warn: []string{"env-text", "address-name"},
			wire: item(`ENVELOPE ("d" "s" ((abc "n" NIL "m" "h")) NIL NIL NIL NIL NIL NIL "<i@x>")`),
			want: envelope(imap.Envelope{Date: date("d"), Subject: text("s"), From: address("abc n", "m", "h"), MessageID: wire.NStr("<i@x>")})},
		{id: "Q52", server: "Domino", warn: []string{"msg-att"},
			wire: `* 1 FETCH (UID 1 (ENVELOPE ("d" "s" (("F" NIL "f" "d.com")) NIL NIL (("T" NIL "t" "d.com")) NIL NIL NIL "<id@x>")) FLAGS (\Seen))` + "\r\n",
			want: envelope(imap.Envelope{Date: date("d"), Subject: text("s"), From: address("F", "f", "d.com"), To: address("T", "t", "d.com"), MessageID: wire.NStr("<id@x>")})},
		{id: "Q91", server: "imapflow 7281ce9", wire: item("BODY[]<0.5> {5}\r\nhello"), warn: []string{"literal text"},
			want: sections(imap.MsgAttBodySection{Origin: wire.Some[uint64](0), Data: wire.NewBody([]byte("hello"))})},
		{id: "QA3", server: "datamail.in", wire: "* ID (\"name\" \"Imap\" \"version\" \"1.5\")+\r\n", warn: []string{"CRLF", "CRLF"},
			want: one(func(t *testing.T, r *imap.IDData) {
				assert.Equal(t, []imap.IDParam{{Field: "name", Value: wire.NStr("Imap")}, {Field: "version", Value: wire.NStr("1.5")}}, r.Params)
			})},
	}
}
