// Command imap is Parley on the command line. `imap demo` shows what an IMAP client and a server say to each other, on a server in
// memory or on a real one.
//
//	main.go        the command line, errors and exit codes
//	demo.go        imap demo: its flags, and the order of its steps
//	server.go      imap demo: the server, its URL and what its certificate is checked against
//	connect.go     imap demo: connecting and listing
//	messages.go    imap demo: the steps within a mailbox
//	push.go        imap demo: IDLE
//	speed.go       imap demo: one by one against pipelined
//	talk.go        what the demo prints, and the trace within it
//	parse.go       imap parse: responses as JSON
//	parse_client.go
//	               imap parse --client: commands as JSON
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes, as shells and scripts expect them.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// commands are the subcommands, one file for each.
type commands struct {
	Demo  demoCommand  `cmd:"" help:"Show what a client and an IMAP server say to each other, step by step."`
	Parse parseCommand `cmd:"" help:"Print the octets of a server, or of a client, as JSON."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cli commands
	exit := -1 // what --help and the like want to exit with
	parser, err := kong.New(&cli,
		kong.Name("imap"),
		kong.Description("An IMAP client for the command line."),
		kong.UsageOnError(),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(stdout, (*io.Writer)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "error: command line:", err)
		return exitFailure
	}
	parsed, err := parser.Parse(args)
	switch {
	case exit >= 0:
		return exit
	case err != nil:
		fmt.Fprintf(stderr, "error: %v\nTry: imap --help\n", err)
		return exitUsage
	}
	return exitCode(ctx, parsed.Run(), stderr)
}

// usageError is a mistake on the command line that the parser cannot see.
type usageError struct{ error }

// exitCode tells the user of an error, and the shell.
func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "interrupted")
		return exitInterrupted
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "error: %v\nTry: imap --help\n", err)
		return exitUsage
	}
	fmt.Fprintln(stderr, "error:", err)
	return exitFailure
}
