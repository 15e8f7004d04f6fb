package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/generated/imapjson"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// parseCommand is `imap parse`.
type parseCommand struct {
	Client bool `help:"Read what a client sends: one object per command."`
	Strict bool `help:"Refuse what deviates from the grammar. Without it deviations are warnings, as long as they can be read."`
}

// Help is what `imap parse --help` says beside the flags.
func (*parseCommand) Help() string {
	return `It reads the octets of a server on standard input and prints one JSON object per response, each on a line: type (untagged, tagged,
continue), tag, name, n (its number), code, text, warnings, and the fields of the response under their names in the grammar. What the
grammar does not have is under raw, octets that are not UTF-8 are {"base64": "..."}, NIL is null, and what was not sent is absent. A
response that is refused has an error with rule, offset, want and octets; the next one is read all the same.

Exit code: 0 when every response was read, 1 when one was refused or the stream ends inside one.

With --client lines without a tag belong to the command before them: DONE to IDLE, and to AUTHENTICATE every line without a blank. A
literal that the server must have refused, because a command of the grammar follows where it should be, is not waited for.`
}

// Run reads standard input.
func (p *parseCommand) Run(ctx context.Context, stdout io.Writer) error {
	done := make(chan error, 1)
	go func() { done <- p.parse(os.Stdin, stdout) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // a read of a terminal cannot be interrupted: it ends with the process
		return ctx.Err()
	}
}

// parse prints what in holds. Its memory is that of the largest response.
func (p *parseCommand) parse(in io.Reader, stdout io.Writer) error {
	out := &objects{w: bufio.NewWriterSize(stdout, 64<<10)}
	d := imap.NewDecoder()
	d.SetStrict(p.Strict)
	read := responses
	if p.Client {
		read = commandLines
	}
	if err := errors.Join(read(flushing{in, out.w}, d, out), out.w.Flush()); err != nil {
		return err
	}
	switch {
	case out.refused == 0:
		return nil
	case p.Client:
		return fmt.Errorf("%d of %d commands were refused", out.refused, out.n)
	}
	return fmt.Errorf("%d of %d responses were refused", out.refused, out.n)
}

// flushing writes out what there is before it waits for more: what was read shows while the stream goes on.
type flushing struct {
	in  io.Reader
	out *bufio.Writer
}

func (f flushing) Read(p []byte) (int, error) {
	if err := f.out.Flush(); err != nil {
		return 0, fmt.Errorf("write objects: %w", err)
	}
	return f.in.Read(p)
}

// objects are what is printed, and how many of them are of something that was refused.
type objects struct {
	w          *bufio.Writer
	buf        []byte
	n, refused int
}

const keepObject = 1 << 20 // a buffer that grew for one large body is not kept

// print writes the object that append makes, and the end of the line.
func (o *objects) print(object func([]byte) []byte) error {
	o.n++
	o.buf = append(object(o.buf[:0]), '\n')
	_, err := o.w.Write(o.buf)
	if cap(o.buf) > keepObject {
		o.buf = nil
	}
	if err != nil {
		return fmt.Errorf("write objects: %w", err)
	}
	return nil
}

// refuse is print for what was refused.
func (o *objects) refuse(object func([]byte) []byte) error {
	o.refused++
	return o.print(object)
}

// responses prints the responses of a server. An empty line, which some send after a literal, is a deviation of the response after it.
func responses(in io.Reader, d *imap.Decoder, out *objects) error {
	r := wire.NewReader(in, wire.Limits{})
	var empty []wire.Warning
	for {
		f, err := r.Next()
		if errors.Is(err, io.EOF) && empty != nil && out.n == 0 { // and nothing else: that is no response
			return out.refuse(func(b []byte) []byte { return imapjson.AppendRefused(b, "", cut("response", "a response", nil)) })
		}
		if err != nil {
			return unread(err, r.Buffered(), out)
		}
		if !d.Strict() && len(bytes.TrimSpace(f.Text())) == 0 {
			empty = []wire.Warning{{Rule: "response", Want: "no empty line before it", Octets: string(f.Text())}}
			continue
		}
		tag, response, err := d.Response(f, conn.DialogNone)
		if x, ok := response.(interface{ AddWarnings(...wire.Warning) }); ok && err == nil {
			x.AddWarnings(empty...)
		}
		empty = nil
		if err != nil {
			err = out.refuse(func(b []byte) []byte { return imapjson.AppendRefused(b, string(tag), err) })
		} else {
			err = out.print(func(b []byte) []byte { return imapjson.AppendResponse(b, string(tag), response) })
		}
		if err != nil {
			return err
		}
	}
}

// unread ends the responses: at the end of the stream, inside a response, or where a limit was met, beyond which nothing can be told
// apart. rest is what was read of the last response.
func unread(err error, rest []byte, out *objects) error {
	var limit *wire.LimitError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return out.refuse(func(b []byte) []byte {
			return imapjson.AppendRefused(b, tagOf(rest), cut("response", "the rest of it: the stream ends here", rest))
		})
	case errors.As(err, &limit):
		return out.refuse(func(b []byte) []byte {
			return imapjson.AppendRefused(b, tagOf(rest), cut("response", limit.Error(), rest))
		})
	}
	return err
}

// cut is the error for a response or command that does not end. Its octets are the first.
func cut(rule, want string, rest []byte) error {
	return &wire.SyntaxError{Rule: rule, Want: want, Offset: len(rest), Octets: string(rest[:min(len(rest), 48)])}
}

// tagOf is the tag of a response that cannot be read as a whole, as imap.Decoder gives it.
func tagOf(line []byte) string {
	line, _, _ = bytes.Cut(line, []byte{'\n'})
	tag, _, _ := bytes.Cut(bytes.TrimSuffix(line, []byte{'\r'}), []byte{' '})
	if string(tag) == "*" {
		return ""
	}
	return string(tag)
}
