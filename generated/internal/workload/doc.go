// Package workload makes what a server sends to a client that has much to read: the workloads by which the decoder is measured,
// in memory, the same octets for the same seed. Tests of the main module count allocations with them; the module
// generated/peers runs them beside other libraries.
//
//	workload.go    what a workload is; the choice of words
//	envelope.go    W1: FETCH of UID, FLAGS, INTERNALDATE, RFC822.SIZE and ENVELOPE
//	structure.go   W2: FETCH of BODYSTRUCTURE
//	small.go       W3: FETCH of UID, FLAGS and MODSEQ; W8: LIST, SEARCH and ESEARCH
//	touch.go       reading every field of what was decoded
package workload
