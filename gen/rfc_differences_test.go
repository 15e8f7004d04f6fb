package gen

// A difference is a rule in which we differ from the RFCs on purpose: sentences are compared with this ABNF in the place of the
// RFC's. The witnesses are lines that only one of the two allows: when they come to agree about one, the row fails. A rule that a
// row adds, for other rows, has none.
type difference struct {
	abnf    string // "name = ..." replaces a rule, "name =/ ..." adds to it
	witness []string
	why     string
}

var differences = []difference{
	// What the RFCs say elsewhere, or later.
	{`resp-text = ["[" resp-text-code "]" SP] [text]`, []string{"* OK \r\n"},
		"RFC 9051 makes the text optional: many servers leave it out"},
	{`text = (%x01-09 / %x0B-0C / %x0E-1F / %x21-5A / %x5C-7F / %x80-10FFFF) *text-octet / 1*SP (%x01-09 / %x0B-0C / %x0E-1F / %x21-7F) *text-octet`,
		[]string{"* OK [x\r\n", "* OK  \r\n", "* OK xé\r\n"},
		"text that begins with [ cannot be told from a code; blanks alone are no text; UTF-8 is (RFC 9051, RFC 5255)"},
	{`text-octet = TEXT-CHAR / %x80-10FFFF`, nil, "of text"},
	{`capability-data = "CAPABILITY" *(SP capability)`, []string{"* CAPABILITY STARTTLS\r\n"},
		"a server of IMAP4rev2 lists IMAP4rev2 in the place of IMAP4rev1, which is not for the decoder to judge"},
	{`media-message = DQUOTE "MESSAGE" DQUOTE SP DQUOTE ("RFC822" / "GLOBAL") DQUOTE`,
		[]string{`* 1 FETCH (BODY ("MESSAGE" "GLOBAL" NIL NIL NIL "7BIT" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("" "" NIL NIL NIL "" 0) 1))` + "\r\n"},
		"MESSAGE/GLOBAL is a message as well (RFC 6855, RFC 9051)"},
	{`tag-string = astring`, []string{"* ESEARCH (TAG A1)\r\n"}, "RFC 9051"},
	{`msg-att-static =/ "BINARY" section-binary "<" number ">" SP (nstring / literal8)`, []string{"* 1 FETCH (BINARY[1]<0> {1}\r\nx)\r\n"},
		"section 4.3 of RFC 3516 describes the offset in the answer to a partial fetch, its ABNF forgets it"},
	{`sort-data = "SORT" [1*(SP nz-number) [SP search-sort-mod-seq]]`, []string{"* SORT 1\r\n"},
		"RFC 7162 means to add a MODSEQ to SORT, its ABNF demands one"},

	// What the RFCs say in prose only.
	{`quota-list = "(" [quota-resource *(SP quota-resource)] ")"`, []string{`* QUOTA "" ()` + "\r\n"},
		"zero or more triplets (RFC 9208 section 4.2.1); RFC 2087 has it in its ABNF"},
	{`known-uids = uid-set`, []string{"* VANISHED 1:*\r\n"}, "* is not allowed (RFC 7162 section 7)"},
	{`known-sequence-set = uid-set`, []string{"a SELECT x (QRESYNC (1 2 (1:* 3)))\r\n"}, "* is not allowed (RFC 7162 section 7)"},
	{`known-uid-set = uid-set`, []string{"a SELECT x (QRESYNC (1 2 (1 3:*)))\r\n"}, "* is not allowed (RFC 7162 section 7)"},
	{`mod-sequence-value = digit-nz *DIGIT`, []string{"* 1 FETCH (MODSEQ (0))\r\n"}, "at least 1 (RFC 7162 section 7)"},
	{`mod-sequence-valzer = 1*DIGIT`, []string{`a SEARCH MODSEQ 00` + "\r\n"}, "what the RFC allows, not what the row above would leave of it"},
	{`authenticate = "AUTHENTICATE" SP auth-type [SP ((1*(4base64-char) [base64-terminal] / base64-terminal) / "=")] *(CRLF base64)`,
		[]string{"a AUTHENTICATE PLAIN \r\n"}, "an initial response of no octets is \"=\" (RFC 4959 section 3)"},

	{`sequence-set = (seq-number / seq-range) *("," (seq-number / seq-range)) / seq-last-command`, []string{"a FETCH 1,$ FLAGS\r\n"},
		"$ stands in the place of a set, not in one (RFC 5182 section 1); the rule that it is added to is recursive"},

	// Where we read more than the RFCs say.
	{`status-att =/ atom`, []string{"a STATUS x (FOO)\r\n"}, "an item that a later RFC adds can be asked for without a new release"},
	{`sort-key =/ atom`, []string{"a SORT (FOO) UTF-8 ALL\r\n"}, "a key that a later RFC adds can be used without a new release"},
	{`use-attr-ext = flag`, []string{"* LIST (HasNoChildren) NIL x\r\n"}, "an attribute is read as a flag is"},
	{`entry-flag-name = quoted`, []string{`a SEARCH MODSEQ "/flags" all 1` + "\r\n"}, "the name of the entry is the caller's, as it came"},

	// Where we read less.
	{`append-data = literal / literal8`, []string{"a APPEND x CATENATE (URL y)\r\n"}, "other data than octets needs an extension, such as CATENATE (RFC 4469)"},
}

// alsoRead are rows of what the decoder reads besides, in strict mode, where it must not be sure of it: what is not known is kept
// raw, and a parameter that has lost a letter of its name is not known.
var alsoRead = []difference{
	{`tagged-ext-simple = 1*(DIGIT / "*" / ":" / ",") / "$"`, []string{"a SELECT x (Y 1::2)\r\n"}, "kept as it came"},
	{`tagged-ext-val = tagged-ext-simple / kept-list`, []string{"a SELECT x (Y (a  b))\r\n"}, "kept as it came, within its parentheses"},
	{`option-value = kept-list`, []string{"a LIST (Y ()) x y\r\n"}, "kept as it came, within its parentheses"},
	{`kept-list = "(" *(kept-list / quoted / literal / literal8 / %x01-09 / %x0B-0C / %x0E-21 / %x23-27 / %x2A-7F) ")"`, nil, "of the others"},
}

// An ownRule is one that no RFC has under its name: it is compared with this ABNF out of rules of the RFCs. A row that the grammar
// does not have any more, or that an RFC has, fails.
type ownRule struct {
	name, abnf, why string
}

var ownRules = []ownRule{
	{"acl-entry", "identifier SP rights", "a pair"},
	{"addresses", `"(" 1*address ")" / nil`, "six times the same in the RFC"},
	{"append-source", "literal / literal8", "the message is sent as it is read"},
	{"binary-data", "nstring / literal8", "the body is given out as it is read"},
	{"body-data", "nstring", "the body is given out as it is read"},
	{"body-ext", "body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]", "what single parts and multiparts share"},
	{"code-text", `1*(%x01-09 / %x0B-0C / %x0E-5C / %x5E-7F)`, "a prose value of the RFC"},
	{"delimiter", "DQUOTE QUOTED-CHAR DQUOTE / nil", "an octet, or none"},
	{"depth", `"0" / "1" / "infinity"`, "of scope-opt"},
	{"env-text", "nstring", "text in the encoding of RFC 2047"},
	{"id-param", "string SP nstring", "a pair"},
	{"initial-resp", "1*(4base64-char) [base64-terminal] / base64-terminal", "base64, but not empty; RFC 9051 has this name"},
	{"mailbox-string", "string", "a name in modified UTF-7"},
	{"mbx-list-attr", "flag", "one name for all attributes of mailboxes"},
	{"metadata-option", "getmetadata-option / scope-opt", "scope-opt is used as one, but is none in the ABNF"},
	{"namespace-extension", `string SP "(" string *(SP string) ")"`, "Namespace-Response-Extension without SP"},
	{"namespaces", "Namespace", "Namespace is its Go name already"},
	{"nstring8", "nstring / literal8", "the RFC calls it value"},
	{"number64", "number", "64 bits since RFC 9051"},
	{"nz-number64", "nz-number", "64 bits since RFC 9051"},
	{"param", "string SP string", "a pair"},
	{"unsigned64", "gm-id", "a number of Gmail"},
}

// An outline is a terminal whose ABNF says only with which octet it begins: the RFC's rule stands in its place when rules are
// compared with one another. A row whose terminal says the same as the RFC fails.
var outlines = []struct{ terminal, why string }{
	{"tagged-ext-val", "read by a scanner of parentheses"},
	{"option-value", "read by a scanner of parentheses"},
	{"text", "read to the end of the line"},
}

// A notRead is what the RFCs allow and the decoder does not read, where an ABNF cannot say so. A witness that is read fails.
var notRead = []struct{ lines, witness, why string }{
	{`(?is)\[BADCHARSET \(.*\].*\{\d+\}\r\n`, "* NO [BADCHARSET (] {1}\r\nx)] y\r\n",
		"] may stand in an astring, but what follows the first one is taken for human text, in which {1} is no literal"},
}
