// Package wire holds the octets and the values of IMAP: it cuts a connection into frames, reads and writes the terminals of the
// grammar, and defines the types that these give. It knows no command and no response by name; the generated codec does.
//
// A Reader gives frames, a Decoder is a cursor over the text of one, an Encoder writes commands. Deviations from the grammar that
// real servers send are read with a Warning; in strict mode they are errors.
//
// The files:
//
//	limits.go             Limits, and the errors of this package
//	frame.go reader.go    frames, and how a connection is cut into them
//	literal.go            long literals, as they come
//	lines.go              where a line announces a literal, or is broken and goes on with the next
//	scan.go               classes of octets, the end of a quoted string
//	decode.go keyword.go  the cursor; keywords
//	recover.go            warnings, the second pass, the skipper of what cannot be read
//	string.go number.go terminals.go set_decode.go flag_decode.go date.go mailbox.go
//	                      the terminals, read
//	address.go mailbox_text.go
//	                      names of addresses that are broken; names of mailboxes for people to read
//	encode.go encode_string.go encode_terminals.go
//	                      the encoder; the terminals, written
//	value.go text.go words.go flag.go set.go set_ops.go body.go source.go utf7.go
//	                      the values: NString, Text and Date with RFC 2047, Flags, NumSet, Body, Source, mailbox names
//	protocol.go           tags, keywords and the rest of a line
//	extended.go           terminals of RFC 4466, RFC 5258 and RFC 3516, both ways
//	encode_modes.go       what is decided for one command
//	ext.go key.go         what is embedded in every response, command and result; the fields of foreign extensions
//	list.go intern.go     how lists, rows and repeated texts are allocated
//	clone.go              copies that share nothing
//	quote.go              server text for errors and logs
package wire
