package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// ErrNoPart: the message, or the part of it, does not exist.
var ErrNoPart = errors.New("no such part")

// A Download is a part of a message on its way, decoded. It is for one goroutine, and must be closed.
type Download struct {
	// Part is what the message says of the part: its media type, its name, its size before it is decoded.
	Part *imap.BodyStructure
	// Charset is the character set of the octets that Read gives, in lower case. Text comes as "utf-8", unless its own character set is not
	// known: then that is here, and the octets are as they were sent. For anything but text it is "".
	Charset string

	r        io.Reader
	body     *imap.Body
	messages *Messages
}

// Download reads one part of a message, for example 2 or 1, 3, without setting \Seen; of a message that has no parts the only one is 1. The
// transfer encoding is undone (RFC 2045 section 6), and text comes as UTF-8. The part streams: it may be larger than memory. The context
// governs the reading too. Without such a message or part the error matches ErrNoPart.
func (b *Mailbox) Download(ctx context.Context, uid uint32, part ...uint32) (*Download, error) {
	structure, err := b.structure(ctx, uid)
	if err != nil {
		return nil, err
	}
	p := structure.Part(part...)
	if p == nil || len(part) == 0 {
		return nil, fmt.Errorf("%w: %v of message %d", ErrNoPart, part, uid)
	}
	d := &Download{Part: p, messages: StartParts(ctx, b, imap.Fetch{
		Set: imap.UIDs(uid), Items: []imap.FetchAtt{imap.FetchBodySection{Peek: true, Section: imap.Section{Part: part}}},
	})}
	if err := d.begin(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// structure fetches what a message consists of.
func (b *Mailbox) structure(ctx context.Context, uid uint32) (*imap.BodyStructure, error) {
	var found *imap.BodyStructure
	for m, err := range b.Fetch(ctx, imap.UIDs(uid), imap.FetchBodyStructure) {
		if err != nil {
			return nil, err
		}
		found = m.BodyStructure
	}
	if found == nil {
		return nil, fmt.Errorf("%w: message %d", ErrNoPart, uid)
	}
	return found, nil
}

// begin waits for the part to begin.
func (d *Download) begin() error {
	for {
		m, err := d.messages.next()
		if err != nil {
			return err
		}
		if m == nil {
			return fmt.Errorf("%w: it is gone", ErrNoPart)
		}
		part, err := m.nextPart()
		if err != nil {
			return err
		}
		if part != nil && part.Item == imap.MsgAttItemBodySection {
			d.body = part.Data
			return d.decode()
		}
	}
}

// decode puts the decoders before the octets.
func (d *Download) decode() error {
	d.r = d.body
	switch e := d.Part.TransferEncoding(); e {
	case "7BIT", "8BIT", "BINARY":
	case "BASE64":
		d.r = base64.NewDecoder(base64.StdEncoding, base64Only{d.r})
	case "QUOTED-PRINTABLE":
		d.r = quotedprintable.NewReader(d.r)
	default:
		return fmt.Errorf("unknown transfer encoding %s", wire.QuoteShort(e))
	}
	if !strings.HasPrefix(d.Part.MediaType(), "text/") {
		return nil
	}
	d.Charset = "us-ascii" // RFC 2046 section 4.1.2
	for _, p := range d.Part.Params {
		if strings.EqualFold(p.Name, "charset") && p.Value != "" {
			d.Charset = strings.ToLower(p.Value)
		}
	}
	if known := charset(d.Charset); known != nil {
		d.r = transform.NewReader(d.r, known.NewDecoder())
		d.Charset = "utf-8"
	}
	return nil
}

// charset finds a character set by its name; nil is one that is not known.
func charset(name string) encoding.Encoding {
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e
	}
	e, _ := htmlindex.Get(name) // names in use that are not registered
	return e
}

// Read gives decoded octets. After the last of them the error is io.EOF, and never if the connection was lost.
func (d *Download) Read(p []byte) (int, error) { return d.r.Read(p) }

// Close ends the download; what was not read is passed over.
func (d *Download) Close() error {
	d.messages.p.call.Stop()
	return nil
}

// base64Only drops what is not of the alphabet, as RFC 2045 section 6.8 wants it.
type base64Only struct{ r io.Reader }

func (f base64Only) Read(p []byte) (int, error) {
	for {
		n, err := f.r.Read(p)
		kept := 0
		for _, c := range p[:n] {
			if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '=' {
				p[kept] = c
				kept++
			}
		}
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}
