package wire

// An NString is a string or NIL. The zero value is NIL.
type NString struct {
	Value string
	Valid bool // false for NIL
}

// NStr gives the NString that is s, which may be empty.
func NStr(s string) NString { return NString{Value: s, Valid: true} }

// String gives the value; NIL is empty.
func (n NString) String() string { return n.Value }

// A Value is the octets of something whose type is not known, as they stood on the wire: an atom, a string with its quotes, a literal
// with its header, or a list. Its octets are checked before they are sent.
type Value string

// An Opt is a value that may be absent. The zero value is absent.
type Opt[T any] struct {
	Value T
	Set   bool
}

// Some gives the Opt that is v.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Set: true} }
