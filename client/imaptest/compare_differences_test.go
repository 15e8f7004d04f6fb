package imaptest_test

import "github.com/parley-go/parley/client/internal/servers"

const (
	d = servers.KindDovecot
	c = servers.KindCyrus
)

// differences are all that were found. The reason says why imaptest does otherwise; where an RFC decides, its section stands there.
var differences = []difference{
	// Sections that are not there.
	{d, "FETCH BODY[*/*", "Dovecot gives an empty text for a section that is not there, imaptest NIL as Cyrus does", "NIL", "="},
	{d, "FETCH BINARY[*] of *", "likewise", "NIL", "="},
	{c, "FETCH BODY[2.HEADER.FIELDS (Subject)]/*", "Cyrus gives the empty line of a header that is not there", "NIL", "=\r\n"},

	{d, "FETCH BODY[?.1*/*", "Dovecot takes part 2.1 for part 2 where that has no parts", "NIL", ""},

	// BINARY.
	{d, "FETCH BINARY[] of *", "Dovecot decodes all that lies within a multipart or a message; RFC 3516 section 4.2 decodes the section alone", "", ""},
	{d, "FETCH BINARY.SIZE[] of *", "likewise", "", ""},
	{d, "FETCH BINARY*[] of 11-bad-type/outcome", "likewise: a part in it cannot be decoded", "OK", "NO"},
	{d, "FETCH BINARY*[2] of 05-forward", "likewise", "", ""},
	{d, "FETCH BINARY*[1]* of 16-nested", "likewise", "", ""},
	{d, "FETCH BINARY[2.1] of *", "Dovecot takes part 2.1 for part 2 where that has no parts", "NIL", ""},
	{d, "FETCH BINARY.SIZE[2.1] of *", "likewise", "0", ""},
	{c, "FETCH BINARY* of 11-bad-type/outcome", "Cyrus hands out as it is what it cannot decode; RFC 3516 section 4.3 wants NO", "NO", "OK"},

	// Where parts end.
	{d, "FETCH BODY[1]/16-nested", "Dovecot and Cyrus count the line end before a delimiter to the part if that is a multipart; RFC 2046 section 5.1.1 does not", "", ""},
	{c, "FETCH BODY[1]/16-nested", "likewise", "", ""},
	{c, "FETCH BINARY*[1]* of 16-nested", "likewise", "", ""},
	{c, "FETCH BODY[HEADER.FIELDS*/09-no-body", "Cyrus adds an empty line to a header that has none; RFC 3501 section 6.4.5 (HEADER) does not", "", ""},
	{d, "FETCH BODY[HEADER.FIELDS (*/09-no-body", "Dovecot does so here, but not for HEADER.FIELDS.NOT", "", ""},

	// What servers make of octets that should not be there.
	{c, "FETCH RFC822*/18-latin1", "Cyrus writes X for raw 8-bit octets in headers", "", ""},
	{c, "FETCH BODY[*/18-latin1", "likewise", "", ""},
	{c, "FETCH BINARY[] of 18-latin1", "likewise", "", ""},
	{c, "FETCH ENVELOPE/18-latin1/Subject", "likewise", "", ""},

	// Envelopes of broken headers.
	{d, "FETCH ENVELOPE/11-bad-type/**", "of addresses that are none everybody makes something else", "", ""},
	{c, "FETCH ENVELOPE/11-bad-type/**", "likewise", "", ""},
	{d, "FETCH ENVELOPE/*/Subject", "Dovecot makes one blank of many; unfolding takes only line ends away (RFC 5322 section 2.2.3)", "", ""},
	{d, "FETCH ENVELOPE/15-folded/MessageID", "Dovecot and Cyrus keep the blank of a fold before the first word", "", ""},
	{c, "FETCH ENVELOPE/15-folded/MessageID", "likewise", "", ""},

	// Parameters.
	{d, "FETCH BODY*/04-attachments/3/Param?", "Dovecot and Cyrus join what RFC 2231 parted; imaptest leaves that to the client, as most servers do", "", ""},
	{c, "FETCH BODY*/04-attachments/3/Param?", "likewise", "", ""},
	{c, "FETCH BODY/**", "Cyrus says US-ASCII of text without a charset only if there is no Content-Type either", "charset=us-ascii", ""},
	{c, "FETCH BODYSTRUCTURE/**", "likewise", "charset=us-ascii", ""},

	// SEARCH and SORT.
	{d, "SEARCH BODY header within a message/*", "Dovecot leaves headers of messages within out of BODY", "", ""},
	{d, "SEARCH FROM with a domain/*", "the broken address of 11-bad-type", "", ""},
	{c, "SEARCH FROM with a domain/*", "likewise", "", ""},
	{d, "SORT *FROM*", "likewise", "", ""},
	{c, "SORT *FROM*", "likewise", "", ""},
	{c, "SORT *TO", "Cyrus sorts a group by nothing, imaptest by its name, which is the addr-mailbox of the first address (RFC 5256 section 3)", "", ""},
	{d, "SEARCH SENTBEFORE/*", "without a date Dovecot takes the first day there is, imaptest none; no RFC says", "", ""},
	{c, "SEARCH SENTSINCE/*", "without a date Cyrus takes that of arrival", "", ""},
	{c, "SEARCH BODY html in base64/*", "Cyrus looks at the text of HTML only, in which the words stand apart", "", ""},
	{c, "SEARCH BODY raw latin1/*", "Cyrus did not index it", "", ""},
	{c, "SEARCH HEADER that is empty/*", "Cyrus does not find a field without a text; RFC 3501 section 6.4.4 (HEADER) does", "", ""},

	// LIST.
	{c, "LIST */*/attributes", "Cyrus tells of children whatever was asked for; and it makes no mailboxes above a new one that is deep", "", ""},
	{c, "LIST inbox/**", "Cyrus finds INBOX in capitals only; RFC 3501 section 5.1 says any", "", ""},
	{c, "LSUB cmp*/cmp.a.b", "Cyrus forgets subscriptions when a mailbox is renamed; RFC 3501 section 6.3.6 does not", "", ""},

	// The rest.
	{c, "FETCH beyond the end/outcome", "Cyrus says NO, imaptest BAD as Dovecot does", "", ""},
	{c, "STORE silently/5", "Cyrus tells the flags of a silent STORE", "", ""},
	{c, "FETCH VANISHED/vanished", "Cyrus names more than was expunged since, which RFC 7162 section 3.2.6 allows", "", ""},
	{c, "SELECT QRESYNC/vanished", "likewise", "", ""},
}
