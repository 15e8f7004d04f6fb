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

// append is APPEND (RFC 3501 section 6.3.11), of one message or of several, all or none (RFC 3502), and its code APPENDUID
// (RFC 4315 section 3).
func (s *session) append(c *imap.Append) (answer, error) {
	all := make([][]byte, len(c.Messages))
	for i, message := range c.Messages {
		var err error
		if all[i], err = io.ReadAll(imap.Source(message.Data.(imap.AppendLiteral)).Reader()); err != nil {
			return answer{}, fmt.Errorf("reading the message to append: %w", err)
		}
		if s.offers(imap.CapBinary) {
			all[i] = withoutNUL(all[i])
		}
		switch err = checkMessage(all[i]); {
		case errors.Is(err, errNUL) && s.offers(imap.CapBinary):
			return no(imap.CodeUnknownCte, err.Error()), nil // RFC 3516 section 4.4
		case err != nil:
			return no(nil, err.Error()), nil
		}
	}
	s.user.mu.Lock()
	defer s.user.mu.Unlock()
	box, err := s.user.find(c.Mailbox)
	if err != nil {
		return missing(err), nil
	}
	var uids []uint32
	for i, message := range c.Messages {
		date := message.Date
		if date.IsZero() {
			date = time.Now()
		}
		uids = append(uids, s.user.deliver(box, all[i], message.Flags, date).uid)
	}
	return s.withUIDs(ok(nil, "APPEND done"), imap.CodeAppendUID{UIDValidity: box.validity, UIDs: imap.UIDs(uids...)}), nil
}

// withUIDs adds a code of UIDPLUS to an answer, if the server is to know that.
func (s *session) withUIDs(a answer, code imap.Code) answer {
	if s.offers(imap.CapUIDPlus) {
		a.code = code
	}
	return a
}
