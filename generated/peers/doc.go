// Package peers measures this library beside others, on the same answers over the same connection in memory. It is a module of its
// own, so that the other libraries do not stand in the go.mod of everybody who uses this one.
//
//	go test -run Equal                 every value is compared with that of github.com/emersion/go-imap/v2
//	go test -run Equal -bench .        and then the time and the allocations: a table at the end
//
// Times are CPU of the process, user and system, of all goroutines: the median of several runs, which alternate between the
// libraries. They are worth comparing within one run only. PARLEY_SEED chooses other workloads of the same kind.
//
// "decode" is wire.Reader and imap.Codec alone; "client" is all of what a program does: a command of package client, dispatch, and
// the delivery of the rows to another goroutine, as the client of go-imap does it.
//
//	replay_test.go    the connection in memory that answers commands with a workload
//	values_test.go    the values that both libraries give, in one form
//	parley_test.go    this library
//	goimap_test.go    go-imap v2
//	equal_test.go     the comparison
//	bench_test.go     the measurement and its table
//	migration_test.go the code of other libraries in the tables of the README
//	bodies_test.go    bodies, streamed and whole, over the loopback: the comparison and the measurement
//	cpu_*_test.go     the CPU time of the process
package peers
