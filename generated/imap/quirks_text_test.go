package imap_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// Quotes that are not escaped, escapes that are none, line ends and 8 bits in strings.
func textQuirks() []quirk {
	subject := func(s string) imap.Envelope {
		return imap.Envelope{Date: date("d"), Subject: text(s), MessageID: wire.NStr("<i@x>")}
	}
	pdf := part("application/octet-stream", "base64", 65322, 0, param("name", "x.pdf"))
	pdf.Description = text(`""`)
	attached := extended(part("/OCTET-STREAM", "quoted-printable", 3, 0, param("name", "t.dat")))
	attached.Type = `MOUNDARY="_006_5DBB_"`
	attached.Extension.Disposition = imap.Disposition{Type: "attachment", Params: []imap.Param{param("filename", "t.dat")}}
	sina := address("n", "p", `sina.com\`)
	from := subject("s")
	from.From = address("B\xe0d", "f", "d")
	return []quirk{
		{id: "Q39", server: "163.com", warn: []string{"env-text", "env-text"},
			wire: item(`BODYSTRUCTURE ("application" "octet-stream" ("name" "x.pdf") NIL """" "base64" 65322)`), want: structure(pdf)},
		{id: "Q40", server: "MailKit#485", warn: []string{"string", "string"},
			wire: item(`BODYSTRUCTURE ("MOUNDARY="_006_5DBB_"" "OCTET-STREAM" ("name" "t.dat") NIL NIL "quoted-printable" 3 NIL ("attachment" ("filename" "t.dat")))`),
			want: structure(attached)},
		{id: "Q41", server: "imap.qq.com", warn: []string{"nstring", "nstring", "nstring"},
			wire: item(`ENVELOPE ("d" "s" (("n" NIL "p" "sina.com\")) (("n" NIL "p" "sina.com\")) (("n" NIL "p" "sina.com\")) (("n" NIL "q" "qq.com")) NIL NIL NIL "<x@y>")`),
			want: envelope(imap.Envelope{Date: date("d"), Subject: text("s"), From: sina, Sender: sina, ReplyTo: sina, To: address("n", "q", "qq.com"), MessageID: wire.NStr("<x@y>")})},
		{id: "Q42", server: "mailcore2#1473", warn: []string{"string"},
			wire: item("BODYSTRUCTURE (\"APPLICATION\" \"PDF\r\n NAME=x\" NIL NIL NIL \"base64\" 2" + fourNIL),
			want: structure(extended(part("APPLICATION/PDF\r\n NAME=x", "base64", 2, 0)))},
		{id: "Q43", server: "Outlook", wire: item("ENVELOPE (\"d\" \"sub\r\nject\" NIL NIL NIL NIL NIL NIL NIL \"<i@x>\")"), warn: []string{"env-text"},
			want: envelope(subject("sub\r\nject"))},
		{id: "Q44", server: "Proton Bridge", warn: []string{"env-text"},
			wire: item("ENVELOPE (\"d\" \"s\" ((\"B\xe0d\" NIL \"f\" \"d\")) NIL NIL NIL NIL NIL NIL \"<i@x>\")"),
			want: message(func(t *testing.T, m *imap.FetchData) {
				envelope(from)(t, only(m))
				assert.Equal(t, "Bàd", m.Envelope.From[0].Name.String())
			})},
		{id: "Q45", server: "Dovecot, Cyrus", warn: []string{"string"},
			wire: item("BODYSTRUCTURE (\"image\" \"png\" (\"name\" \"G\xf6r\xfcnt\xfc1.png\") NIL NIL \"base64\" 10" + fourNIL),
			want: structure(extended(part("image/png", "base64", 10, 0, param("name", "Görüntü1.png"))))},
		{id: "Q46", server: "David.fx", wire: item(`ENVELOPE ("d" "C:\temp\x" NIL NIL NIL NIL NIL NIL NIL "<i@x>")`), warn: []string{"env-text", "env-text"},
			want: envelope(subject(`C:\temp\x`))},
		{id: "Q69", server: "Bulgarian hosts", wire: "a1 OK Готов\r\n", // valid since RFC 9051
			want: status(nil, "Готов")},
	}
}

// Items, codes and responses that are not known, or that nobody can read.
func unknownQuirks() []quirk {
	unknown := func(n uint32, name, raw string) values {
		return one(func(t *testing.T, r *imap.UnknownData) {
			assert.Equal(t, n, r.Number)
			assert.Equal(t, name, r.Name)
			assert.Equal(t, imap.Value(raw), r.Raw)
		})
	}
	items := func(want ...imap.MsgAttUnknown) values {
		return message(func(t *testing.T, m *imap.FetchData) { assert.Equal(t, want, m.Unknown()) })
	}
	const wrongServer = `[Error="Microsoft.Exchange.Data.Storage.WrongServerException: x" Proxy=A.B:1993:SSL Service=Imap4] completed.`
	return []quirk{
		{id: "Q66", server: "Exchange Online", wire: "a1 OK " + wrongServer + "\r\n", warn: []string{"literal text"}, want: status(nil, wrongServer)},
		{id: "Q67", server: "bea-to-email.de", // valid: any atom is the name of a code
			wire: "* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* OK [Flags (\\Seen)] x\r\n* OK [UIDVALIDITY 7] ok\r\n",
			want: each(flags(`\Seen`), exists(1), status(imap.CodeOther{Name: "Flags", Text: `(\Seen)`}, "x"), status(imap.CodeUIDValidity(7), "ok"))},
		{id: "Q89", server: "Dovecot, James, AOL", wire: item(`X-MAILBOX INBOX EMAILID (M1) XAOL.SPAM.REASON "x"`), warn: []string{"msg-att", "msg-att", "msg-att"},
			want: items(imap.MsgAttUnknown{Name: "X-MAILBOX", Value: "INBOX"}, imap.MsgAttUnknown{Name: "EMAILID", Value: "(M1)"},
				imap.MsgAttUnknown{Name: "XAOL.SPAM.REASON", Value: `"x"`})},
		{id: "Q93", server: "any", wire: "* XUNKNOWN foo (bar \"baz\") {3}\r\nabc\r\na1 OK done\r\n", warn: []string{"response-data"},
			want: each(unknown(0, "XUNKNOWN", "foo (bar \"baz\") {3}\r\nabc"), status(nil, "done"))},
		{id: "Q94", server: "a fixture of net-imap", wire: "* NOOP froopy snood\r\n* 99 NOOP\r\na1 OK done\r\n", warn: []string{"response-data", "response-data"},
			want: each(unknown(0, "NOOP", "froopy snood"), unknown(99, "NOOP", ""), status(nil, "done"))},
		{id: "Q95", server: "Cyrus 2.4", wire: "* SEARCH\r\n* ESEARCH (TAG \"zzz\") UID\r\na1 OK done\r\n", // valid, both
			want: each(search(), one(func(t *testing.T, r *imap.EsearchData) {
				assert.Equal(t, "zzz", r.Tag)
				assert.True(t, r.UID)
				assert.True(t, r.All.IsZero())
			}), status(nil, "done"))},
		// Valid with RFC 8474, which the grammar does not have: raw is all that NIL is.
		{id: "QA6", server: "imapflow#353", wire: item("THREADID NIL"), warn: []string{"msg-att"},
			want: items(imap.MsgAttUnknown{Name: "THREADID", Value: "NIL"})},
		{id: "QA7", server: "Archiveopteryx", wire: "* QUOTA \"\" (STORAGE 0 2147483647 MESSAGE 0  2147483647)\r\n", warn: []string{"response-data"},
			want:  untilKnown(unknown(0, "QUOTA", `"" (STORAGE 0 2147483647 MESSAGE 0  2147483647)`)),
			later: "the grammar does not have QUOTA (RFC 9208); until then the response is kept raw"},
	}
}

// Dates that are none, flags and names with octets that they may not have.
func nameQuirks() []quirk {
	internalDate := func(want time.Time) values {
		return message(func(t *testing.T, m *imap.FetchData) { assert.True(t, want.Equal(m.InternalDate), m.InternalDate) })
	}
	raw := func(delim rune, octets, readable string, attrs ...imap.MailboxAttr) values {
		return one(func(t *testing.T, r *imap.ListData) {
			assert.Equal(t, delim, r.Delim)
			assert.Equal(t, attrs, r.Attrs)
			assert.Equal(t, wire.RawMailbox(octets), r.Mailbox) // to be sent back as it came
			assert.Equal(t, readable, wire.MailboxText(r.Mailbox))
		})
	}
	const gmail = `\Answered OIB-Seen-[Gmail]/All Mail`
	return []quirk{
		{id: "Q53", server: "any", wire: item(`ENVELOPE ("6/31/2005" "s" NIL NIL NIL NIL NIL NIL NIL "<i@x>")`), // valid: any text is
			want: message(func(t *testing.T, m *imap.FetchData) {
				assert.Equal(t, "6/31/2005", m.Envelope.Date.String())
				_, err := m.Envelope.Date.Time()
				assert.Error(t, err)
			})},
		{id: "Q54", server: "Domino", wire: item(`INTERNALDATE "00-Jan-0000 00:00:00 +0000"`), warn: []string{"date-time"}, want: internalDate(time.Time{})},
		{id: "Q55", server: "imap.qq.com", wire: item(`INTERNALDATE "4-Jan-2015 16:53:35 +0800"`), warn: []string{"date-time"},
			want: internalDate(time.Date(2015, 1, 4, 8, 53, 35, 0, time.UTC))},
		{id: "Q56", server: "asimap", wire: item(`INTERNALDATE "Tue, 31 Dec 2024 23:00:02 +0000"`), warn: []string{"date-time"},
			want: internalDate(time.Date(2024, 12, 31, 23, 0, 2, 0, time.UTC))},
		{id: "Q58", server: "Gmail", warn: []string{"flag", "flag-perm"},
			wire: "* FLAGS (" + gmail + ")\r\n* OK [PERMANENTFLAGS (" + gmail + " \\*)] Flags permitted.\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n",
			want: each(flags(gmail), permanentFlags(gmail+` \*`, "Flags permitted."), exists(1), status(imap.CodeUIDValidity(7), "ok"))},
		{id: "Q59", server: "Zoho, GreenMail", wire: "* FLAGS (\\Answered \\Seen \\*)\r\n* 1 EXISTS\r\n", warn: []string{"flag"},
			want: each(flags(`\Answered \Seen \*`), exists(1))},
		{id: "Q74", server: "Exchange", wire: "* LIST (\\HasNoChildren) \"/\" INBOX/Da\tOggetto\tRicevuto\r\n", warn: []string{"mailbox", "mailbox"},
			want: raw('/', "INBOX/Da\tOggetto\tRicevuto", "INBOX/Da\ufffdOggetto\ufffdRicevuto", imap.MailboxHasNoChildren)},
		{id: "Q76", server: "Gmail-like", wire: "* LIST (\\HasNoChildren) \".\" [FolderName]\r\n", // valid: "]" is an ASTRING-CHAR
			want: list('.', "[FolderName]", imap.MailboxHasNoChildren)},
		{id: "Q77", server: "a German host", wire: "* LIST (\\HasNoChildren) \".\" \"INBOX.Entw\xfcrfe\"\r\n", warn: []string{"mailbox", "mailbox"},
			want: raw('.', "INBOX.Entw\xfcrfe", "INBOX.Entwürfe", imap.MailboxHasNoChildren)},
		{id: "Q78", server: "Yandex", wire: "* LIST () \"|\" \"&BBAEMQQyACYEMwQ0BDU-\"\r\n", warn: []string{"mailbox"},
			want: raw('|', "&BBAEMQQyACYEMwQ0BDU-", "Абв&где")},
		{id: "Q79", server: "K-9's tests", wire: "* LIST () \".\" \"A&B\"\r\n", warn: []string{"mailbox"}, want: raw('.', "A&B", "A&B")},
		{id: "Q80", server: "Exchange", wire: "* LIST () \"/\" {4}\r\na\\\"b\r\n", want: list('/', `a\"b`)},                                     // valid
		{id: "Q81", server: "UW, seznam.cz", wire: "* LIST (\\NoInferiors) NIL \"INBOX\"\r\n", want: list(0, "INBOX", imap.MailboxNoinferiors)}, // valid
		{id: "Q82", server: "any", wire: "* LIST () \"/\" +stuff\r\n", want: list('/', "+stuff")},                                               // valid
		{id: "Q83", server: "various", wire: "* list (\\hasnochildren) \"/\" inbox\r\n", // valid: case does not matter
			want: list('/', "INBOX", imap.MailboxHasNoChildren)},
		{id: "Q84", server: "yahoo.co.jp", wire: "* NAMESPACE ((\"\" \"/\")(\"#hidden\" NIL)) NIL NIL\r\n", // valid
			want: one(func(t *testing.T, r *imap.NamespaceData) {
				assert.Equal(t, []imap.NamespaceDescr{{Delim: '/'}, {Prefix: "#hidden"}}, r.Personal)
				assert.Empty(t, r.Other)
				assert.Empty(t, r.Shared)
			})},
		{id: "Q92", server: "a fixture of net-imap", wire: item("BODY[HEADER.FIELDS (\"DATE\")] {2}\r\n\r\n"), // valid
			want: sections(imap.MsgAttBodySection{Section: imap.Section{Specifier: imap.SectionHeaderFields, Fields: []string{"DATE"}}, Data: wire.NewBody([]byte("\r\n"))})},
		{id: "QA4", server: "MailKit#1654", wire: "* CAPABILITY IMAP4rev1 LITERAL + IDLE\r\n", // valid: a capability is any atom
			want:  capabilities(imap.CapIMAP4rev1, "LITERAL", "+", imap.CapIdle),
			later: "two valid names, so no rule can join them; the loss is that literals wait for the server"},
		{id: "QA8", server: "Gmail", wire: item(`X-GM-LABELS ("\\Important" +IMNews NIL "a b")`), // valid: labels are astrings
			want: message(func(t *testing.T, m *imap.FetchData) {
				assert.Equal(t, []imap.GmLabel{imap.GmImportant, "+IMNews", "NIL", "a b"}, m.GmLabels())
			})},
	}
}
