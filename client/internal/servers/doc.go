// Package servers starts real IMAP servers for integration tests: Dovecot, Cyrus and Courier, each private to the
// caller, on loopback, in a directory of its own, with a certificate made for it and accounts that every server has.
// Nothing is configured system-wide, and several servers of one kind can run at once.
//
// A test asks for a server by name and is skipped, with one line, where it is not installed:
//
//	s := servers.Dovecot(t)
//	nc, err := tls.Dial("tcp", s.TLSAddr, s.TLSConfig())
//
// People start one by hand with client/internal/servers/cmd/imapserver. No application links this package.
//
// The files: server.go (Server, Start, Stop), testing.go (the form for tests), build.go (what they have in
// common before they run), dovecot.go, cyrus.go and courier.go
// (what is special about each), templates/ (their configuration), cert.go (authority and certificates), token.go (OAuth), process_unix.go
// (a process group that dies with the caller), install.go (Debian packages, unpacked without installing them where two
// servers would exclude each other).
package servers
