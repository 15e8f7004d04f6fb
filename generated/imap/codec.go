package imap

import (
	"strings"

	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// A Decoder reads whole responses, and whole commands for servers. It keeps tables of what comes often (flags, names) from
// one to the next. It is for one goroutine. The zero value is ready for use.
type Decoder struct {
	wire.Decoder
	storage
	extensions []*Extension
}

// Extend adds what other modules' grammars have. It is called before the first response.
func (d *Decoder) Extend(extensions ...*Extension) {
	d.extensions = append(d.extensions, extensions...)
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder {
	d := new(Decoder)
	d.Resync(isItemKeyword)
	return d
}

// Response reads a response. The tag is empty for untagged data and "+" for a continuation request; it is valid as long as the frame. What
// is not known is an *UnknownData. A response that cannot be read is an error; the tag is given if it could be read.
func (d *Decoder) Response(f *wire.Frame, _ conn.Dialog) (tag []byte, r conn.Response, err error) {
	d.Begin(f)
	if d.NewBatch() {
		d.fresh()
	}
	start := d.Pos()
	tag, r = d.response()
	first := d.Err()
	if !d.OK() && d.Retry(start) {
		tag, r = d.response()
		d.EndRetry()
	}
	if !d.OK() && d.Retry(start) {
		tag, r = d.plainStatus()
		d.EndRetry()
	}
	if w := d.TakeWarnings(); len(w) > 0 {
		if x, ok := r.(interface{ AddWarnings(...wire.Warning) }); ok && r != nil {
			x.AddWarnings(w...)
		}
	}
	ok := d.OK()
	d.End()
	if !ok && start > 0 {
		tag = nil // a blank before it and no answer: the rest of a response that ended too early (QUIRKS Q90), not a tag
	}
	if !ok {
		return tag, nil, first // the second pass fails where the first did, or later for its sake
	}
	return tag, r, nil
}

func (d *Decoder) response() (tag []byte, r conn.Response) {
	switch c := d.Peek(); {
	case c == '+':
		tag = plus
		d.Expect('+')
		v := new(ContinueReqData)
		d.continueReqData(v)
		r = v
	case c == '*':
		d.Expect('*')
		d.SP()
		r = d.data()
	case c == '[' && d.Lenient(): // Exchange: a code without "* OK" before it
		r = d.bareCode()
	default:
		tag = d.TagOctets()
		d.SP()
		pos := d.Pos()
		switch word := d.Word(); string(word) {
		case "OK", "NO", "BAD":
			r = d.untagged(word)
		default:
			d.Rewind(pos)
			d.Fail("resp-cond-state", "OK, NO or BAD")
		}
	}
	d.CRLF()
	return tag, r
}

var plus = []byte("+") // in the place of a tag

// bareCode reads a code that some servers send without a condition before it. It can only be a remark.
func (d *Decoder) bareCode() conn.Response {
	v := &RespCondStateData{Type: RespCondStateOK}
	d.ReadRespText(&v.RespText)
	return v
}

// plainStatus reads a status response whose code cannot be read: all after the condition is text.
func (d *Decoder) plainStatus() (tag []byte, r conn.Response) {
	if !d.Accept('*') {
		tag = d.TagOctets()
	}
	d.SP()
	text := RespText{}
	word := string(d.Word())
	switch word {
	case "OK", "NO", "BAD":
		d.Expect(' ')
		text.Text = d.RestOfText()
		r = &RespCondStateData{Type: RespCondStateType(word), RespText: text}
	case "BYE":
		d.Expect(' ')
		text.Text = d.RestOfText()
		r = &RespCondByeData{RespText: text}
	case "PREAUTH":
		d.Expect(' ')
		text.Text = d.RestOfText()
		r = &RespCondAuthData{RespText: text}
	default:
		d.Fail("response", "a response of the grammar")
	}
	d.CRLF()
	return tag, r
}

// data reads untagged data: its keyword comes first, or after a number.
func (d *Decoder) data() conn.Response {
	pos := d.Pos()
	if c := d.Peek(); '0' <= c && c <= '9' {
		n := d.Number()
		d.SP()
		word := d.Word()
		if r := d.numbered(n, word); r != nil || !d.OK() {
			return r
		}
		for _, x := range d.extensions {
			if read := x.Numbered[string(word)]; read != nil {
				return read(d, n)
			}
		}
	} else {
		word := d.Word()
		if r := d.untagged(word); r != nil || !d.OK() {
			return r
		}
		for _, x := range d.extensions {
			if read := x.Untagged[string(word)]; read != nil {
				return read(d)
			}
		}
	}
	d.Rewind(pos)
	if d.Peek() == '[' && d.Lenient() { // home.pl: "* [COPYUID ...]"
		return d.bareCode()
	}
	if !d.Lenient() {
		d.Fail("response-data", "a response of the grammar")
		return nil
	}
	return d.unknown()
}

// unknown keeps a response that the grammar does not have (RFC 3501 section 2.2.2: the client must be prepared for any).
func (d *Decoder) unknown() conn.Response {
	v := new(UnknownData)
	if c := d.Peek(); '0' <= c && c <= '9' {
		v.Number = d.Number()
		d.SP()
	}
	v.Name = string(d.Word())
	d.Accept(' ')
	v.Raw = d.RestOfLine()
	return v
}

// Command reads a command. A command that the grammar does not have is an *UnknownCommand. What cannot be read is an
// error; the tag is given if it could be read, so that a server can answer BAD.
func (d *Decoder) Command(f *wire.Frame) (tag string, c conn.Command, err error) {
	d.Begin(f)
	if d.NewBatch() {
		d.fresh()
	}
	tag = d.Tag()
	d.SP()
	pos := d.Pos()
	name := string(d.Word())
	if name == "UID" {
		d.SP()
		name = string(d.Word())
		c = d.uidCommand(name)
		for _, x := range d.extensions {
			if read := x.UIDCommands[name]; c == nil && read != nil {
				c = read(d)
			}
		}
	} else {
		c = d.command(name)
		for _, x := range d.extensions {
			if read := x.Commands[name]; c == nil && read != nil {
				c = read(d)
			}
		}
	}
	if c == nil && d.OK() {
		d.Rewind(pos)
		v := &UnknownCommand{Name: string(d.Word())}
		d.Accept(' ')
		v.Args = d.RestOfLine()
		c = v
	}
	d.CRLF()
	err = d.Err()
	d.End()
	if err != nil {
		return tag, nil, err
	}
	return tag, c, nil
}

// UnknownData is a response that the grammar does not have, as it came.
type UnknownData struct {
	wire.Ext
	Number uint32 // before the name; 0 when there is none
	Name   string // in upper case
	Raw    Value  // all that follows the name
}

var kindUnknown = conn.Kind{Name: "unknown"}

// Kind tells that it is not known.
func (*UnknownData) Kind() *conn.Kind { return &kindUnknown }

// Clone gives a copy that shares no memory with v: see [FetchData.Clone].
func (v *UnknownData) Clone() *UnknownData { return wire.Clone(v, (*UnknownData).Detach) }

// Detach shows a Cloner what it refers to.
func (v *UnknownData) Detach(c *wire.Cloner) {
	v.Ext.Detach(c)
	wire.CloneString(&v.Name, c)
	wire.CloneString(&v.Raw, c)
}

// Facts gives nothing that a command could have asked for.
func (*UnknownData) Facts() conn.Facts { return conn.Facts{} }

// UnknownCommand is a command that the grammar does not have, as a server read it.
type UnknownCommand struct {
	Name string // in upper case
	Args Value  // all that follows the name
}

var unknownSpec = conn.Spec{Name: "unknown", In: conn.StateAny}

// Spec gives that of a command of which nothing is known.
func (*UnknownCommand) Spec() *conn.Spec { return &unknownSpec }

// Scope gives nothing.
func (*UnknownCommand) Scope() conn.Scope { return conn.Scope{} }

// AppendIMAP refuses: what is not known cannot be written safely. client.Client.Raw sends commands of one's own.
func (c *UnknownCommand) AppendIMAP(e *wire.Encoder) error {
	e.Fail(c.Name, "a command of the grammar")
	return e.Err()
}

// Prompt gives the text of a continuation request: in a SASL dialog the challenge in base64.
func (v *ContinueReqData) Prompt() string { return v.Text }

// CodecOptions are how a Codec reads. The zero value reads what real servers send.
type CodecOptions struct {
	Strict bool        // refuse what deviates from the grammar
	Limits wire.Limits // zero fields have their defaults
	// Extensions are the grammars of other modules that this connection knows.
	Extensions []*Extension
}

// A Codec reads responses for a connection. It implements conn.Codec.
type Codec struct {
	limits       wire.Limits
	extensions   []*Extension
	strict, utf8 bool
	d            *Decoder // nil before the first response and after Rest
}

// NewCodec returns a Codec for one connection.
func NewCodec(o CodecOptions) *Codec {
	return &Codec{limits: o.Limits, extensions: o.Extensions, strict: o.Strict}
}

// Decode reads one response, as Decoder.Response does.
func (c *Codec) Decode(f *wire.Frame, dialog conn.Dialog) (tag []byte, r conn.Response, err error) {
	if c.d == nil {
		c.d = NewDecoder()
		c.d.SetStrict(c.strict)
		c.d.SetLimits(c.limits)
		c.d.SetUTF8(c.utf8)
		c.d.Extend(c.extensions...)
	}
	return c.d.Response(f, dialog)
}

// SetUTF8 tells whether the names of mailboxes come in UTF-8 from now on.
func (c *Codec) SetUTF8(on bool) {
	c.utf8 = on
	if c.d != nil {
		c.d.SetUTF8(on)
	}
}

// Fork gives another Codec for the same connection, for use by another goroutine.
func (c *Codec) Fork() conn.Codec {
	return &Codec{limits: c.limits, extensions: c.extensions, strict: c.strict, utf8: c.utf8}
}

// Rest lets go of the decoder, with its tables and the rest of its chunks, until the next response.
func (c *Codec) Rest() { c.d = nil }

// Capabilities gives the capabilities that a response lists: CAPABILITY, or the code CAPABILITY.
func (c *Codec) Capabilities(r conn.Response) ([]string, bool) {
	var caps []Cap
	switch r := r.(type) {
	case *CapabilityData:
		caps = r.Capabilities
	case conn.StatusResponse:
		code, ok := r.Condition().Code.(CodeCapability)
		if !ok {
			return nil, false
		}
		caps = code
	default:
		return nil, false
	}
	return namesOf(caps), true
}

// Including gives the capabilities that include another one: QRESYNC stands for CONDSTORE as well (RFC 7162), IMAP4rev2 for many (RFC
// 9051 appendix E).
func (c *Codec) Including(name string) []string { return including(strings.ToUpper(name)) }

// Enabled gives the capabilities that a response says are in force now (RFC 5161).
func (c *Codec) Enabled(r conn.Response) ([]string, bool) {
	caps, ok := enabledBy(r)
	if !ok {
		return nil, false
	}
	return namesOf(caps), true
}

func namesOf(caps []Cap) []string {
	names := make([]string, len(caps))
	for i, n := range caps {
		names[i] = string(n)
	}
	return names
}
