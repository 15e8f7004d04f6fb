//go:build unix

package peers

import (
	"syscall"
	"time"
)

// cpuTime gives the time that the process has used, of all its threads, in the system too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
