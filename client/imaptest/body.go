package imaptest

import (
	"bytes"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// structure describes an entity and its parts, as BODY does, or with full as BODYSTRUCTURE does (RFC 3501 section 7.4.2).
func (e *entity) structure(full bool) *imap.BodyStructure {
	kind, subtype, _ := strings.Cut(e.media, "/")
	b := &imap.BodyStructure{Subtype: subtype}
	if full {
		b.Extension = e.extension()
	}
	if kind == "multipart" {
		for _, part := range e.parts {
			b.Parts = append(b.Parts, *part.structure(full))
		}
		if len(b.Parts) == 0 { // nested too deep to be cut, and the grammar wants one
			b.Parts = []imap.BodyStructure{*parseMessage(nil).structure(full)}
		}
		if full {
			b.Params = e.params
		}
		return b
	}
	b.Type = kind
	b.Params = e.params
	b.ID = e.nstring("Content-ID")
	if v, ok := headerValue(e.header, "Content-Description"); ok {
		b.Description = imap.Text{Raw: v, Valid: true}
	}
	b.Encoding = "7bit"
	if v, ok := headerValue(e.header, "Content-Transfer-Encoding"); ok {
		b.Encoding = cutItems(v, ';')[0]
	}
	b.Octets = uint64(len(e.body))
	if kind == "text" || e.inner != nil {
		b.Lines = uint64(bytes.Count(e.body, []byte("\n")))
	}
	if e.inner != nil {
		b.Envelope = e.inner.envelope()
		b.Body = e.inner.structure(full)
	}
	if full {
		b.MD5 = e.nstring("Content-MD5")
	}
	return b
}

// extension is what BODYSTRUCTURE tells and BODY does not.
func (e *entity) extension() *imap.BodyExtension {
	x := &imap.BodyExtension{Location: e.nstring("Content-Location")}
	if v, ok := headerValue(e.header, "Content-Disposition"); ok {
		x.Disposition.Type, x.Disposition.Params = cutParams(v)
	}
	if v, ok := headerValue(e.header, "Content-Language"); ok {
		x.Language = cutItems(v, ',')
	}
	return x
}

// nstring is the value of a header field, NIL without one.
func (e *entity) nstring(name string) imap.NString {
	v, ok := headerValue(e.header, name)
	if !ok {
		return imap.NString{}
	}
	return wire.NStr(v)
}
