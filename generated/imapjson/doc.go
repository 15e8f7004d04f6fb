// Package imapjson writes responses and commands as JSON. It is generated from the grammar, like package imap, and imported by the
// command imap alone; nothing else links it.
//
// # Objects
//
// AppendResponse and AppendCommand write one object:
//
//	type      untagged, tagged or continue; command for a command, continuation for what follows one without a tag
//	tag       of a tagged response or a command
//	name      FETCH, LIST, OK, EXISTS ..., in upper case; that of a UID command is without UID
//	n         the number before the name
//	uid       true for a command in its UID form
//	code      the response code, an alternative (see below)
//	text      the text of a status response or of a continuation request
//	raw       what the grammar does not have: see below
//	octets    of a continuation: a line of SASL, decoded (null for "*"), or DONE
//	error     why it was refused: rule, offset, want, octets. Then there is no field but type and tag
//	warnings  deviations that were read all the same, each with rule, offset, want, octets
//
// and beside these the fields of the response or command under the names that they are bound to in the grammar (grammar/*.imap):
// internal-date, message-id, uid-next. A name that the object has already gets "-value" behind it. In a FETCH the names are
//
//	uid size modseq flags envelope      numbers, an array, an object
//	bodystructure                       BODYSTRUCTURE, or BODY when it came without; a multipart has parts and no type
//	body                                BODY beside BODYSTRUCTURE
//	sections                            of BODY[...]: an array of objects with section (as it stands between the brackets), origin, size, data
//	rfc822 rfc822-header rfc822-text internal-date
//
// and an item that an extension adds is under its own name in lower case, when it has one value: x-gm-msgid, preview.
//
// # Values
//
//   - A field that was not sent is absent; NIL is null; a list without elements is []. Where the octets of the two differ in nothing that
//     the types of package imap keep (a trailing NIL of BODYSTRUCTURE, an address list "()"), NIL counts: an optional part that is all NIL
//     is absent, and a list that may be NIL is null when it is empty.
//   - Numbers are numbers, keywords with a bool ("SILENT", "UID") are true, and flags, keywords and texts are strings.
//   - Strings are octets: what is not UTF-8 is {"base64": "..."}. Mailbox names are decoded from modified UTF-7, or as they came if they
//     cannot be. The texts of an envelope are as they came: encoded words (RFC 2047) are not decoded.
//   - Sets are strings, their ranges in the order in which they came: "1:3,7,9:*". A hierarchy delimiter is a string of one character.
//   - INTERNALDATE and the like are RFC 3339 ("1996-07-17T02:44:25-07:00"), null for one that is none; the dates of SEARCH "1994-02-01".
//   - What a server left out of a part of a body structure is what RFC 2045 says of it: the encoding "7BIT", the type
//     "application/octet-stream", the plainest subtype.
//   - A rule with several bindings is an object, with one binding that value, and a repeat is an array.
//   - An alternative of a union (a response code, a search key, an item to fetch) is a string when nothing but its keyword was sent:
//     "ALERT". Else it is an object: its keyword under name, its fields beside it: {"name":"UIDNEXT","uid":4392}. One without a keyword
//     has no name: {"set":"1:5"}.
//
// # What is not typed
//
// A response or command that the grammar does not have has its name and, under raw, all that follows it, as it came. In what the grammar
// has, raw is the octets of the value of one unknown thing ({"name":"XCODE","raw":"a b"}), or an array of unknown items with name and raw.
//
// The files:
//
//	object.go     AppendResponse, AppendCommand, AppendError: what every object has
//	values.go     how values of the runtime are written
//	*_gen.go      generated: the fields of each response, command, record and alternative
package imapjson
