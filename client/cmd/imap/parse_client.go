package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/generated/imapjson"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// commandLines prints the commands of a client. The answers of the server, which decide whether a literal is sent and how long a SASL
// exchange goes on, are not there: both are told from what follows.
func commandLines(in io.Reader, d *imap.Decoder, out *objects) error {
	r := &commandReader{in: bufio.NewReaderSize(in, 64<<10), d: d}
	var open conn.Command // the last command if it may go on
	var openTag string
	for {
		if open != nil {
			line, err := r.continuation(open.Spec().Dialog)
			if err != nil {
				return err
			}
			if line != nil {
				err := out.print(func(b []byte) []byte {
					return imapjson.AppendContinuation(b, openTag, open.Spec().Name, line.octets)
				})
				if err != nil {
					return err
				}
				continue
			}
		}
		octets, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *wire.SyntaxError
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		tag, c := tagOf(octets), conn.Command(nil)
		if err == nil {
			tag, c, err = r.decode(octets)
		}
		open = nil
		if refused := err; refused != nil {
			err = out.refuse(func(b []byte) []byte { return imapjson.AppendRefusedCommand(b, tag, refused) })
		} else {
			err = out.print(func(b []byte) []byte { return imapjson.AppendCommand(b, tag, c, d.TakeWarnings()) })
			if c.Spec().Dialog != conn.DialogNone {
				open, openTag = c, tag
			}
		}
		if err != nil {
			return err
		}
	}
}

// A commandReader cuts the octets of a client into commands. wire.Reader is not used for it: it waits for every literal.
type commandReader struct {
	in  *bufio.Reader
	d   *imap.Decoder
	buf []byte
	err error
}

// Bounds, as runtime/wire has them for one response.
const (
	maxCommand = wire.DefaultResponse
	maxLiteral = wire.DefaultLiteral
)

// next gives the octets of one command with its literals, valid until the following next. One that does not end is a
// *wire.SyntaxError; what there is of it is given too.
func (r *commandReader) next() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	if cap(r.buf) > keepObject {
		r.buf = nil
	}
	r.buf = r.buf[:0]
	text := 0 // octets outside literals
	for {
		from := len(r.buf)
		switch err := r.line(maxCommand - text); {
		case err == nil:
		case errors.Is(err, io.EOF) && len(r.buf) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			r.err = io.EOF
			return r.buf, cut("command", "the rest of it: the stream ends here", r.buf)
		case errors.Is(err, errTooLong):
			r.err = io.EOF
			return r.buf, cut("command", fmt.Sprintf("at most %d octets outside literals", maxCommand), r.buf)
		default:
			r.err = err
			return r.buf, err
		}
		text += len(r.buf) - from
		size, waits, ok := announced(r.buf[from:])
		if !ok {
			return r.buf, nil
		}
		if waits && r.beginsCommand(tagOf(r.buf)) {
			return r.buf, cut("literal", "its octets: a command follows, so the server must have refused it", r.buf)
		}
		if size > maxLiteral {
			r.err = io.EOF
			return r.buf, cut("literal", fmt.Sprintf("at most %d octets", int64(maxLiteral)), r.buf)
		}
		// It grows as the octets come: a size alone costs nothing.
		body := bytes.NewBuffer(r.buf)
		n, err := io.CopyN(body, r.in, size)
		r.buf = body.Bytes()
		if err != nil {
			r.err = err
			if errors.Is(err, io.EOF) {
				return r.buf, cut("literal", fmt.Sprintf("%d more octets: the stream ends here", size-n), r.buf)
			}
			return r.buf, fmt.Errorf("read command: %w", err)
		}
	}
}

var errTooLong = errors.New("too long")

// line reads to the end of the line.
func (r *commandReader) line(limit int) error {
	for from := len(r.buf); ; {
		part, err := r.in.ReadSlice('\n')
		r.buf = append(r.buf, part...)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("read command: %w", err)
		case len(r.buf)-from > limit:
			return errTooLong
		}
	}
}

// announced reads the {n} or {n+} that a line ends in. waits: the client must wait for the server before it sends the octets.
func announced(line []byte) (size int64, waits, ok bool) {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
	inside, ok := bytes.CutSuffix(line, []byte{'}'})
	if !ok {
		return 0, false, false
	}
	brace := bytes.LastIndexByte(inside, '{')
	digits, plus := bytes.CutSuffix(inside[brace+1:], []byte{'+'})
	if brace < 0 || len(digits) == 0 || len(digits) > 18 {
		return 0, false, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		size = size*10 + int64(c-'0')
	}
	return size, !plus, true
}

// peekLine gives the next line, or what there is of it within the bound, without taking it.
func (r *commandReader) peekLine(bound int) []byte {
	for n := 1; ; n++ {
		b, err := r.in.Peek(n)
		if more := min(r.in.Buffered(), bound); more > n {
			b, err = r.in.Peek(more)
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return b[:i+1]
		}
		if err != nil || len(b) >= bound {
			return b
		}
		n = len(b)
	}
}

// beginsCommand tells whether the next line looks like a command: a tag, a blank, and a name of the grammar, or any name behind the tag
// that comes after the one given.
func (r *commandReader) beginsCommand(last string) bool {
	line := bytes.TrimRight(r.peekLine(200), "\r\n")
	tag, rest, ok := bytes.Cut(line, []byte{' '})
	name, _, _ := bytes.Cut(rest, []byte{' '})
	if !ok || len(tag) == 0 || len(name) == 0 || bytes.ContainsAny(tag, `+(){%*"\`) || bytes.ContainsAny(name, `(){%*"\`) {
		return false
	}
	if string(tag) == successor(last) {
		return true
	}
	_, c, err := r.decode([]byte("t " + string(name) + "\r\n"))
	_, unknown := c.(*imap.UnknownCommand)
	return err != nil || !unknown // a known one lacks its arguments
}

// successor gives the tag after this one, if its end is a number: a12 after a11. Others have none.
func successor(tag string) string {
	i := len(tag)
	for i > 0 && '0' <= tag[i-1] && tag[i-1] <= '9' {
		i--
	}
	n, err := strconv.Atoi(tag[i:])
	if err != nil {
		return ""
	}
	next := strconv.Itoa(n + 1)
	return tag[:i] + strings.Repeat("0", max(len(tag)-i-len(next), 0)) + next
}

// decode reads the octets of one command.
func (r *commandReader) decode(octets []byte) (tag string, c conn.Command, err error) {
	f, err := wire.NewReader(bytes.NewReader(octets), wire.Limits{}).Next()
	if err != nil {
		return "", nil, fmt.Errorf("read command: %w", err)
	}
	return r.d.Command(f)
}

// A continued line belongs to a command that is under way. Its octets are nil for "*".
type continued struct{ octets []byte }

// continuation takes the next line if it belongs to the dialog; nil if it is a command of its own.
func (r *commandReader) continuation(dialog conn.Dialog) (*continued, error) {
	line := r.peekLine(32 << 10)
	text := strings.TrimRight(string(line), "\r\n")
	switch {
	case !bytes.HasSuffix(line, []byte{'\n'}):
		return nil, nil
	case dialog == conn.DialogIdle && !strings.EqualFold(text, "DONE"), strings.Contains(text, " "):
		return nil, nil
	}
	if _, err := r.in.Discard(len(line)); err != nil {
		return nil, fmt.Errorf("read command: %w", err)
	}
	if dialog == conn.DialogSASL {
		if text == "*" {
			return &continued{}, nil
		}
		if octets, err := base64.StdEncoding.DecodeString(text); err == nil {
			return &continued{octets}, nil
		}
	}
	return &continued{[]byte(text)}, nil
}
