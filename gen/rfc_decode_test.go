package gen

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// errUnknown: the decoder kept a line that the grammar does not have.
var errUnknown = errors.New("not of the grammar, kept raw")

// readable is strictly, but for what is known not to be read.
func readable(line string, client bool) error {
	err := strictly(line, client)
	for _, row := range notRead {
		if err != nil && regexp.MustCompile(row.lines).MatchString(line) {
			return nil
		}
	}
	return err
}

// strictly reads a line as the generated decoder of that side does in strict mode, all of it.
func strictly(line string, client bool) error {
	r := wire.NewReader(strings.NewReader(line), wire.Limits{})
	f, err := r.Next()
	if err != nil {
		return fmt.Errorf("reading a frame: %w", err)
	}
	d := imap.NewDecoder()
	d.SetStrict(true)
	if client {
		_, c, err := d.Command(f)
		if err != nil {
			return err
		}
		if _, ok := c.(*imap.UnknownCommand); ok {
			return errUnknown
		}
	} else {
		_, resp, err := d.Response(f, conn.DialogNone)
		if err != nil {
			return err
		}
		if _, ok := resp.(*imap.UnknownData); ok {
			return errUnknown
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		return errors.New("octets are left behind the line")
	}
	return nil
}
