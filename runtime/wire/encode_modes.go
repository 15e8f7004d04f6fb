package wire

// What is decided for one command, on top of the connection's Mode.

// Synchronize makes the literals of this command wait for the server's "+" whatever the mode allows, until the next Begin.
// A server that does not know a command answers it at once, and reads the octets of a literal that follow anyway as commands.
func (e *Encoder) Synchronize() { e.mode.LiteralPlus, e.mode.LiteralMinus = false, false }

// EightBit tells whether what write writes has text that is not ASCII, so that the command must name its character set. It
// leaves nothing behind. In UTF-8 mode no command names one: it is false (RFC 6855 section 3).
func (e *Encoder) EightBit(write func(*Encoder)) bool {
	if e.mode.UTF8 {
		return false
	}
	scratch := Encoder{mode: e.mode}
	write(&scratch)
	for _, c := range scratch.buf {
		if c >= 0x80 {
			return true
		}
	}
	return false
}
