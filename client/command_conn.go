package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// DialCommand starts a program and speaks IMAP with its stdin and stdout: ssh to a host with a mail server, or a server's own
// binary, which usually greets with PREAUTH. There is no shell in between. The transport counts as secure. Stderr is the caller's to set.
// Close closes the program's stdin, and kills it if it has not ended a moment later. The context bounds DialCommand, not the program.
func DialCommand(ctx context.Context, cmd *exec.Cmd, o Options) (*Client, error) {
	ctx, cancel := o.Timeouts.toConnect(ctx)
	defer cancel()
	p := &process{cmd: cmd, ended: make(chan struct{})}
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("stdin of %s: %w", cmd.Path, err)
	}
	if p.out, err = cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("stdout of %s: %w", cmd.Path, errors.Join(err, p.in.Close()))
	}
	if cmd.WaitDelay == 0 {
		cmd.WaitDelay = processGrace // else a descendant that keeps stderr open could keep Close waiting
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	return beginSecure(ctx, p, o)
}

// processGrace is how long a program may take to end once its stdin is closed.
const processGrace = 2 * time.Second

// A process is the transport to a program.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.ReadCloser

	wait  sync.Once
	ended chan struct{}
	err   error // of Wait; to be read after ended
}

func (p *process) Write(b []byte) (int, error) { return p.in.Write(b) }

// Read reads the program's stdout. At its end it says how the program ended, if not well.
func (p *process) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	if n == 0 && errors.Is(err, io.EOF) {
		p.reap()
		select {
		case <-p.ended:
			if p.err != nil {
				return 0, fmt.Errorf("%s: %w", p.cmd.Path, p.err)
			}
		case <-time.After(processGrace): // it has closed its stdout and lives on
		}
	}
	return n, err
}

// reap waits for the program to end, in the background. It must not begin before stdout was read to its end, or is not wanted.
func (p *process) reap() {
	p.wait.Do(func() {
		go func() {
			defer close(p.ended)
			p.err = p.cmd.Wait()
		}()
	})
}

// Close ends the program and waits until it has ended.
func (p *process) Close() error {
	err := p.in.Close()
	p.reap()
	select {
	case <-p.ended:
	case <-time.After(processGrace):
		err = errors.Join(err, p.cmd.Process.Kill())
		<-p.ended
	}
	return err
}
