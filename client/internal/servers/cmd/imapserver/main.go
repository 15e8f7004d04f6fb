// Command imapserver starts a real IMAP server for people to try things on, or installs what the integration tests use.
//
//	imapserver start dovecot|cyrus|courier
//	imapserver install [-optional] [dovecot|cyrus|courier ...]
//
// start runs a private server on loopback until it is interrupted. install gets the named servers, or all three, out of
// Debian's packages; with -optional one that cannot be had is reported in one line and is no failure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/parley-go/parley/client/internal/servers"
)

const usage = `usage: imapserver start dovecot|cyrus|courier
       imapserver install [-optional] [dovecot|cyrus|courier ...]`

var errUsage = errors.New(usage)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Stdout, os.Args[1:])
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "imapserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch verb, args := args[0], args[1:]; {
	case verb == "start" && len(args) == 1:
		return start(ctx, out, servers.Kind(args[0]))
	case verb == "install":
		return install(ctx, out, args)
	}
	return errUsage
}

// start runs one server until the context ends.
func start(ctx context.Context, out io.Writer, kind servers.Kind) error {
	s, err := servers.Start(ctx, kind)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "STARTTLS   %s\nTLS        %s\nauthority  %s\n", s.URL(), s.TLSURL(), s.CAFile)
	for _, a := range s.Accounts {
		fmt.Fprintf(out, "account    %s, password %s\n", a.User, a.Password)
	}
	fmt.Fprintf(out, "\nmake demo URL=%s CA=%s\n\nInterrupt to stop it.\n", s.URL(), s.CAFile)
	<-ctx.Done()
	return s.Stop()
}

func install(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("install", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	optional := flags.Bool("optional", false, "")
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	kinds := servers.Kinds()
	if flags.NArg() > 0 {
		kinds = nil
		for _, name := range flags.Args() {
			kinds = append(kinds, servers.Kind(name))
		}
	}
	err := servers.Install(ctx, func(line string) { fmt.Fprintln(out, line) }, kinds...)
	if err != nil && *optional {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(out, "%s (its tests will be skipped)\n", strings.TrimSpace(line))
		}
		return nil
	}
	return err
}
