package imaptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parley-go/parley/generated/imap"
)

var (
	errEmpty = errors.New("a message must have at least one octet")
	errNUL   = errors.New("a message must not have NUL in it") // RFC 3501 section 4.3: no literal can carry it
)

// checkMessage refuses octets that cannot be a message here.
func checkMessage(octets []byte) error {
	switch {
	case len(octets) == 0:
		return errEmpty
	case bytes.IndexByte(octets, 0) >= 0:
		return errNUL
	}
	return nil
}

// append is APPEND (RFC 3501 section 6.3.11), and its code APPENDUID (RFC 4315 section 3).
func (s *session) append(c *imap.Append) (answer, error) {
	literal, plain := c.Messages[0].Data.(imap.AppendLiteral)
	if len(c.Messages) > 1 || len(c.Messages[0].Extensions) > 0 || !plain {
		return bad("this server appends one message at a time"), nil
	}
	message := c.Messages[0]
	octets, err := io.ReadAll(imap.Source(literal).Reader())
	if err != nil {
		return answer{}, fmt.Errorf("reading the message to append: %w", err)
	}
	if err := checkMessage(octets); err != nil {
		return no(nil, err.Error()), nil
	}
	date := message.Date
	if date.IsZero() {
		date = time.Now()
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	box, err := s.user.find(c.Mailbox)
	if err != nil {
		return missing(err), nil
	}
	m := box.add(octets, message.Flags, date)
	return s.withUIDs(ok(nil, "APPEND done"), imap.CodeAppendUID{UIDValidity: box.validity, UIDs: imap.UIDs(m.uid)}), nil
}

// withUIDs adds a code of UIDPLUS to an answer, if the server is to know that.
func (s *session) withUIDs(a answer, code imap.Code) answer {
	if s.offers(string(imap.CapUIDPlus)) {
		a.code = code
	}
	return a
}
