// Package imap holds the types of IMAP: commands, responses, response codes, and the values in them, generated from the
// grammar in both directions. A client sends commands and receives responses; a server, or a test that plays one, uses the
// other half of the same code.
//
// What stands in the RFCs under a name stands here under the same name in Go's spelling:
//
//   - A command is a struct with its arguments: [Fetch], [Select]. It is run with client.Do, client.Start or
//     client.StartRows, or with the method of client.Client or client.Mailbox that has its name. What it gives is a
//     struct with its name and Result: [SelectResult].
//   - A response is a struct with its name and Data: [FetchData], [ListData].
//   - One of several alternatives is an interface, and a type or constant for each, named with the first word of the
//     rule: [FetchAtt] with [FetchEnvelope] and [FetchBodySection], [SearchKey] with [SearchFrom] and [SearchNot],
//     [Code] with [CodeUIDNext].
//   - A set of keywords is a string type with constants: [Cap], [MailboxAttr], [StatusAtt]. Values that this package does
//     not know are kept.
//
// What is optional and absent has its zero value. Where zero is a value of its own, Has of the response tells. Items that few
// responses have are methods: m.RFC822() reads one, m.SetRFC822 is for servers. Responses that came together share memory; Clone of each
// gives a copy that does not.
//
// The files:
//
//	codec.go            Decoder and Codec: whole responses and commands, their two passes, what is not known
//	completion.go       what every result has
//	address.go          an address as net/mail has it
//	body_structure.go   the media type and the encoding of a part, whatever the server left out
//	errors.go           what goes wrong, for errors.Is
//	part.go             the items of FETCH that carry octets, in one list
//	runtime.go          the names of runtime/wire and runtime/conn that users of this package need
//	rfcNNNN_*_gen.go    generated: commands, responses and values of an RFC, and the code that reads and writes them
//	commands_gen.go     generated: the switch over the names of commands
//	responses_gen.go    generated: the switch over the names of responses
//	decoder_gen.go      generated: what the Decoder keeps between values
package imap
