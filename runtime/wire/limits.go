package wire

import "strconv"

// Limits bound what one peer can make a connection hold. The zero value of a field means its default; no real mailbox meets the
// defaults.
type Limits struct {
	// Response is octets of one response (or command) outside its literals; 16 MiB. If it is all elements of an octet or two, up to 80 times
	// as much is taken while it is read.
	Response int
	// Literal is octets of the literals of one response together, but for bodies that stream; 1 GiB. A message with a body beyond it cannot
	// be had from Fetch, whose loop ends with a *LimitError, but from FetchParts; the connection goes on.
	Literal int64
	Line    int // octets of human readable text that are kept; 64 KiB
	Depth   int // nesting of lists and of recursive rules; 100
	// Result is octets of all that a command gathers before it returns, and 128 for each response; rows that are ranged over do not
	// count; 256 MiB.
	Result int64
}

// Defaults of Limits.
const (
	DefaultResponse = 16 << 20
	DefaultLiteral  = 1 << 30
	DefaultLine     = 64 << 10
	DefaultDepth    = 100
	DefaultResult   = 256 << 20
)

// WithDefaults gives the limits with their defaults in the place of zeros.
func (l Limits) WithDefaults() Limits {
	if l.Response <= 0 {
		l.Response = DefaultResponse
	}
	if l.Literal <= 0 {
		l.Literal = DefaultLiteral
	}
	if l.Line <= 0 {
		l.Line = DefaultLine
	}
	if l.Depth <= 0 {
		l.Depth = DefaultDepth
	}
	if l.Result <= 0 {
		l.Result = DefaultResult
	}
	return l
}

// A LimitError tells which limit a peer went beyond. The stream cannot be read further, unless it was a body that a command asked for.
type LimitError struct {
	What  string // "response", "literal" or "result"
	Limit int64  // octets
}

func (e *LimitError) Error() string {
	return e.What + " is longer than " + strconv.FormatInt(e.Limit, 10) + " octets"
}

// A SyntaxError tells what in a response (or command) could not be read.
type SyntaxError struct {
	Rule   string // the rule of the grammar that was being read
	Want   string // what it wanted
	Offset int    // where in the text of the frame, in octets
	Octets string // what stood there instead: the first octets, as they came
}

func (e *SyntaxError) Error() string {
	return describe(e.Rule, e.Want, e.Offset, e.Octets)
}

// A Warning is a deviation from the grammar that was read in spite of it. Its fields are those of SyntaxError.
type Warning struct {
	Rule   string
	Want   string
	Offset int
	Octets string
}

func (w Warning) String() string { return describe(w.Rule, w.Want, w.Offset, w.Octets) }

func describe(rule, want string, offset int, octets string) string {
	s := rule + ": want " + want + " at octet " + strconv.Itoa(offset)
	if octets == "" {
		return s + ", found the end"
	}
	return s + `, found "` + QuoteText(octets) + `"`
}

// An ArgumentError tells what in a command could not be written. Nothing of the command is sent.
type ArgumentError struct {
	Field string // the argument, or the terminal that it is
	Want  string // what it must be
	// Capability is what the server does not advertise, where that is the fault.
	Capability string
}

func (e *ArgumentError) Error() string { return e.Field + " must be " + e.Want }
