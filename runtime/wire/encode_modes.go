package wire

// What is decided for one command, on top of the connection's Mode.

// Synchronize makes the literals of this command wait for the server's "+" whatever the mode allows, until the next Begin.
// A server that answers a command at once, because it does not know it or the mailbox, may read the octets of a literal that follow anyway
// as commands.
func (e *Encoder) Synchronize() { e.mode.LiteralPlus, e.mode.LiteralMinus = false, false }

// EightBit tells whether what write writes has text that is not ASCII, so that the command must name its character set. It
// leaves nothing behind. In UTF-8 mode no command names one: it is false (RFC 6855 section 3).
func (e *Encoder) EightBit(write func(*Encoder)) bool {
	if e.mode.UTF8 {
		return false
	}
	scratch := Encoder{mode: e.mode}
	write(&scratch)
	return !ascii(scratch.buf)
}

func ascii[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// A Charset is a character set other than UTF-8. Encode gives text in it, and false if it cannot hold all of the text.
type Charset struct {
	Name   string
	Encode func(text string) (string, bool)
}

// textCharset is the character set of the text of a command.
type textCharset struct {
	offered []Charset                        // nil: UTF-8
	encode  func(text string) (string, bool) // that of the chosen one; nil: UTF-8
	chosen  string
}

// OfferCharsets names the character sets in which the text of this command may be, the best first, in the place of UTF-8. An empty list
// that is not nil has none.
func (e *Encoder) OfferCharsets(sets []Charset) { e.charset.offered = sets }

// ChosenCharset gives what TextCharset has chosen; "" if nothing.
func (e *Encoder) ChosenCharset() string { return e.charset.chosen }

// TextCharset chooses the character set in which strings are written from here on: "" if the text that write writes is ASCII, or where no
// command names one, else UTF-8, or the first of those offered that can hold all of it. If none can the encoding fails.
func (e *Encoder) TextCharset(write func(*Encoder)) string {
	c := &e.charset
	if !e.EightBit(write) {
		return ""
	}
	if c.offered == nil {
		c.chosen = "UTF-8"
		return c.chosen
	}
	for _, set := range c.offered {
		scratch := Encoder{mode: e.mode, charset: textCharset{encode: set.Encode}}
		if write(&scratch); scratch.err == nil || scratch.err.Field != FieldCharset {
			c.chosen, c.encode = set.Name, set.Encode
			return c.chosen
		}
	}
	e.Fail(FieldCharset, "one that can hold the text")
	return ""
}

// FieldCharset is the Field of the error about text that its character set cannot hold.
const FieldCharset = "charset"

// recode gives a string in the character set that was chosen.
func (e *Encoder) recode(s string) string {
	if e.charset.encode == nil || ascii(s) {
		return s
	}
	recoded, ok := e.charset.encode(s)
	if !ok {
		e.Fail(FieldCharset, "one that can hold the text")
	}
	return recoded
}
