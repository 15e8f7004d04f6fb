// Package grammar holds the grammar of IMAP that the code of this module is generated from: one file per RFC or vendor, in the
// notation that README.md explains. The generator of somebody else's extension starts from these files too.
package grammar

import "embed"

// Files are the grammar files, all in the root of the file system.
//
//go:embed *.imap
var Files embed.FS
