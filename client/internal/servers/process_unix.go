//go:build unix

package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// killTimeout is how long killed processes may take to be gone.
const killTimeout = 10 * time.Second

// guard runs a command and kills it with all that it forked when standard input ends, which it does when this program
// does, be it by SIGKILL. If the command ends first, so does the rest.
const guard = `{ "$@"; kill -KILL 0; } & read -r _; kill -KILL 0`

// process is a daemon in the foreground with all that it forked: one process group.
type process struct {
	pid    int           // of the guard, and so the number of the group
	life   *os.File      // the guard reads its other end
	exited chan struct{} // closed when the guard has ended
	err    error         // how; to be read after exited
}

// startProcess runs a command in a process group of its own, its output going to a file. (A pipe would be held open by
// every grandchild.)
func startProcess(cmd *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	ours, life, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer ours.Close()

	guarded := exec.Command("/bin/sh", append([]string{"-c", guard, "guard"}, cmd.Args...)...)
	guarded.Dir, guarded.Env = cmd.Dir, cmd.Env
	guarded.Stdin, guarded.Stdout, guarded.Stderr = ours, out, out
	guarded.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := guarded.Start(); err != nil {
		life.Close()
		return nil, err
	}
	p := &process{pid: guarded.Process.Pid, life: life, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		p.err = guarded.Wait()
	}()
	return p, nil
}

// kill kills the whole group and returns when nothing of it is left. These servers take seconds to end when asked
// politely, and nothing of theirs is to be kept.
func (p *process) kill() error {
	defer p.life.Close()
	err := syscall.Kill(-p.pid, syscall.SIGKILL)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("killing the group: %w", err)
	}
	<-p.exited
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(killTimeout)
	for p.alive() {
		select {
		case <-tick.C:
		case <-late:
			return fmt.Errorf("processes of the group %d do not end", p.pid)
		}
	}
	return nil
}

// alive tells whether the group has members other than zombies. (Where nobody reaps orphans, as in a container without
// an init, they stay zombies for ever.)
func (p *process) alive() bool {
	if errors.Is(syscall.Kill(-p.pid, 0), syscall.ESRCH) {
		return false
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return false
	}
	for _, name := range stats {
		octets, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		// "pid (name) state ppid pgrp ...", proc(5). The name may hold anything: look behind its end.
		stat := string(octets)
		f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
		if len(f) > 2 && f[2] == strconv.Itoa(p.pid) && f[0] != "Z" && f[0] != "X" {
			return true
		}
	}
	return false
}
