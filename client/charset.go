package client

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// This file deals with servers that do not search text in UTF-8, as Exchange does not. They answer NO [BADCHARSET (...)] (RFC 3501 section
// 6.4.4), with the character sets that they have. The search is sent once more in the first of those that can hold its text, which is
// then used at once. Text is never replaced by other text: the search would find messages that it should not, or miss some.

// charsets is what a server has said against the character sets of searches. It does not change; nil: nothing.
type charsets struct {
	refused []string
	listed  []string // by its last BADCHARSET that has a list
}

// usable gives the character sets to choose from, nil as long as UTF-8 has not been refused.
func (s *charsets) usable() []wire.Charset {
	if s == nil {
		return nil
	}
	sets := []wire.Charset{}
	for _, name := range s.listed {
		if !s.has(name) && charset(name) != nil {
			sets = append(sets, wire.Charset{Name: name, Encode: func(text string) (string, bool) { return encodeIn(name, text) }})
		}
	}
	return sets
}

// has tells whether a character set was refused.
func (s *charsets) has(name string) bool {
	return slices.ContainsFunc(s.refused, func(r string) bool { return strings.EqualFold(r, name) })
}

// after gives what is known after one more refusal.
func (s *charsets) after(refused string, listed []string) *charsets {
	next := charsets{refused: []string{refused}, listed: listed}
	if s != nil {
		next.refused = append(next.refused, s.refused...)
		if len(listed) == 0 {
			next.listed = s.listed
		}
	}
	return &next
}

// encodeIn gives text in a character set that is known; false if it does not hold all of the text, or needs NUL, which no string of IMAP
// can have.
func encodeIn(name, text string) (string, bool) {
	set := charset(name)
	encoded, err := set.NewEncoder().String(text)
	if err != nil || strings.IndexByte(encoded, 0) >= 0 {
		return "", false
	}
	back, err := set.NewDecoder().String(encoded)
	return encoded, err == nil && back == text
}

// searching is a command that names the character set of its text. One that its caller has named is left alone.
type searching struct {
	conn.Command
	c    *Client
	sent string // the character set that was chosen
	once bool   // it has been refused
}

func (s *searching) AppendIMAP(e *wire.Encoder) error {
	known := s.c.charsets.Load()
	e.OfferCharsets(known.usable())
	err := s.Command.AppendIMAP(e)
	s.sent = e.ChosenCharset()
	if a := (*wire.ArgumentError)(nil); errors.As(err, &a) && a.Field == wire.FieldCharset {
		return fmt.Errorf("%w: the server does not search text in UTF-8, and no character set that it names can hold this text (it names %q): "+
			"search by other keys, and compare what FETCH gives", imap.ErrBadCharset, known.listed)
	}
	return err
}

// Again takes over what the server says against a character set, and tries another one once.
func (s *searching) Again(cond conn.Condition) bool {
	code, ok := cond.Code.(imap.CodeBadCharset)
	if !ok || s.sent == "" {
		return false
	}
	s.c.charsets.Store(s.c.charsets.Load().after(s.sent, code)) // one at a time: the connection's lock is held
	first := !s.once
	s.once = true
	return first
}
