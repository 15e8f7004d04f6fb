// Package mood is an extension of IMAP in a module of its own: the moods of messages. All but this file and its tests is made from
// x-mood.imap.
package mood

//go:generate go tool imapgen --package mood x-mood.imap
