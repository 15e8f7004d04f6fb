// Package gen makes Go code from the grammar: the types of commands and responses, both directions of their codec, the tables of
// the connection, and the methods of the client. The notation is explained in grammar/README.md.
//
// [Generate] makes this project's code, [GenerateExtension] that of a module that adds to the grammar, and [Sentences] writes
// sentences of the grammar, for those who fuzz IMAP software. Faults of a grammar come all in one run, with their positions.
//
// The stages, one after the other, and their files:
//
//	parse     split.go (files into declarations), syntax.go (participle), parse.go, clause.go, source.go (ABNF for the docs), core.go
//	merge     merge*.go (=/ ~= redefine extend), lookup.go (what a name means), check*.go and recursion.go (faults); model.go is the outcome
//	resolve   resolve.go, forms.go, records.go, share.go, fields.go, types.go, unions.go, command.go, names.go, heads.go (faults); shape.go is
//	          the outcome
//	lower     lower.go (terms to a few kinds of node), look.go (what can come first, and next) with inside.go
//	emit      emit.go, emit_go.go (types), emit_types.go, emit_commands.go, emit_scope.go, emit_results.go, emit_responses.go,
//	          emit_decode.go with emit_choice.go, emit_share.go, emit_cond.go, emit_rules.go, emit_unions.go, emit_items.go, emit_rare.go, emit_clone.go,
//	          emit_encode*.go, emit_command_codec.go, emit_client.go, emit_json*.go, emit_examples.go (tests), emit_extension.go,
//	          emit_foreign.go, additions.go and taken.go (faults)
//
// Apart from these, sentence*.go walk a grammar and write what it allows.
package gen
