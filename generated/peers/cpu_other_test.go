//go:build !unix

package peers

import "time"

var start = time.Now()

// cpuTime gives the time of the clock where that of the process is not known.
func cpuTime() time.Duration { return time.Since(start) }
