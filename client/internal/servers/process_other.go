//go:build !unix

package servers

import (
	"fmt"
	"os/exec"
)

// process exists where the servers do.
type process struct {
	exited chan struct{}
	err    error
}

func startProcess(*exec.Cmd, string) (*process, error) {
	return nil, fmt.Errorf("%w: this is no Unix", ErrUnsupported)
}

func (p *process) kill() error { return nil }

func (p *process) alive() bool { return false }
