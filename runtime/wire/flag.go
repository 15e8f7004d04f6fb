package wire

import (
	"iter"
	"strings"
)

// A Flag marks a message: a system flag, which begins with a backslash, or a keyword. Case does not count (RFC 3501 section 2.3.2).
type Flag string

// The system flags. FlagWildcard stands in PERMANENTFLAGS only: the client may make new keywords.
const (
	FlagSeen     Flag = `\Seen`
	FlagAnswered Flag = `\Answered`
	FlagFlagged  Flag = `\Flagged`
	FlagDeleted  Flag = `\Deleted`
	FlagDraft    Flag = `\Draft`
	FlagRecent   Flag = `\Recent`
	FlagWildcard Flag = `\*`
)

var systemFlags = [...]Flag{FlagSeen, FlagAnswered, FlagFlagged, FlagDeleted, FlagDraft, FlagRecent, FlagWildcard}

// canonical gives system flags in the case in which their constants are written.
func (f Flag) canonical() Flag {
	if strings.HasPrefix(string(f), `\`) {
		for _, s := range systemFlags {
			if f.Is(s) {
				return s
			}
		}
	}
	return f
}

// Is compares without regard to case.
func (f Flag) Is(g Flag) bool { return len(f) == len(g) && strings.EqualFold(string(f), string(g)) }

// Flags is an immutable list of flags. The zero value is the empty list. Lists may share storage: rows with the same flags do. It
// may be used from any goroutine.
type Flags struct{ list *[]Flag }

// NewFlags gives the list of these flags, in this order.
func NewFlags(flags ...Flag) Flags {
	if len(flags) == 0 {
		return Flags{}
	}
	l := append([]Flag(nil), flags...)
	return Flags{&l}
}

// ParseFlags reads flags with blanks between them, as String gives them, in parentheses or not: `(\Seen $Forwarded)`.
func ParseFlags(s string) (Flags, error) {
	list := strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(list, "("); ok {
		if list, ok = strings.CutSuffix(inner, ")"); !ok {
			return Flags{}, &SyntaxError{Rule: "flag-list", Want: `")" at the end`, Offset: len(s)}
		}
	}
	d := Decoder{buf: []byte(list), strict: true, frame: &Frame{}}
	flags := d.FlagPermList()
	if d.err == nil && d.pos < len(d.buf) {
		d.Fail("flag-list", "a flag, or the end")
	}
	if d.err != nil {
		return Flags{}, d.err
	}
	return flags, nil
}

func (s Flags) flags() []Flag {
	if s.list == nil {
		return nil
	}
	return *s.list
}

// Has tells whether the flag is in the list, in any case.
func (s Flags) Has(f Flag) bool {
	for _, g := range s.flags() {
		if f.Is(g) {
			return true
		}
	}
	return false
}

// All gives the flags in the order in which they came.
func (s Flags) All() iter.Seq[Flag] {
	return func(yield func(Flag) bool) {
		for _, f := range s.flags() {
			if !yield(f) {
				return
			}
		}
	}
}

// Len gives the number of flags.
func (s Flags) Len() int { return len(s.flags()) }

// At gives the flag at i, from 0 to Len-1.
func (s Flags) At(i int) Flag { return s.flags()[i] }

// Equal tells whether both lists have the same flags, in any order and any case.
func (s Flags) Equal(t Flags) bool {
	if s.list == t.list {
		return true
	}
	return s.within(t) && t.within(s)
}

func (s Flags) within(t Flags) bool {
	for _, f := range s.flags() {
		if !t.Has(f) {
			return false
		}
	}
	return true
}

// String gives the flags with blanks between them.
func (s Flags) String() string {
	var b strings.Builder
	for i, f := range s.flags() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(f))
	}
	return b.String()
}
