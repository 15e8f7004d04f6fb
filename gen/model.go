package gen

import (
	"fmt"
	"strconv"
)

// Pos is a place in a grammar file. Lines and columns count from 1.
type Pos struct {
	File      string
	Line, Col int
}

func (p Pos) String() string { return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col) }

// A Fault is one thing that is wrong with a grammar, and where.
type Fault struct {
	Pos Pos
	Msg string
}

func (f Fault) Error() string { return f.Pos.String() + ": " + f.Msg }

// Faults are all the faults of one run, in the order of their positions.
type Faults []Fault

func (f Faults) Error() string {
	s := ""
	for i, x := range f {
		if i > 0 {
			s += "\n"
		}
		s += x.Error()
	}
	return s
}

func (f *Faults) add(pos Pos, format string, args ...any) {
	*f = append(*f, Fault{pos, fmt.Sprintf(format, args...)})
}

// A Grammar is all files together, with every "=/", "~=", "redefine" and "extend" applied.
// Its slices are sorted by name, so that nothing depends on the order of files.
type Grammar struct {
	Sections  []*Section
	Terminals []*Terminal
	Rules     []*Rule // plain rules, unions and records
	Responses []*Rule // Kind is Response
	Commands  []*Command

	terminals map[string]*Terminal
	rules     map[string]*Rule
}

// A Section is what stands below one header: "grammar NAME rfc N" or "extension CAP rfc N".
type Section struct {
	Pos     Pos
	Base    bool   // grammar, not extension: needs no capability
	Name    string // imap4rev1, or the capability
	RFC     string // "3501"; empty for a vendor's
	Vendor  string
	Also    []string // capabilities that include this one
	Implies []string
	Enable  string // what ENABLE must name for this to be in force
	Uses    []string
	Doc     string
}

// Kind tells what a rule becomes in Go.
type Kind int

const (
	Plain    Kind = iota // a value, a struct, or a named string type: see resolve.go
	Union                // one of: an interface with a type per alternative
	Record               // any of, folded into one struct
	Response             // untagged data
)

func (k Kind) String() string { return [...]string{"rule", "union", "record", "response"}[k] }

// A Rule is a named rule after merging.
type Rule struct {
	Pos     Pos
	Name    string
	Kind    Kind
	As      string // the Go name that "as" gives instead of the derived one
	By      string // the terminal that reads the deciding keyword; "" is the usual scan
	Doc     string // the comment above it
	Section *Section
	Alts    []*Alt // of "=" and every "=/"
	// Lenient is what the decoder reads in its second pass; nil when no "~=" changes the rule.
	// It holds the whole choice: a "~=" replaces Alts, a "~=/" adds to them.
	Lenient  []*Alt
	Source   string // its ABNF as it stands in the files, bindings erased, for the Go doc
	Examples []Example
	Rare     []string // of a record: the fields that few responses have
}

// An Alt is one alternative: a sequence of terms.
type Alt struct {
	Pos     Pos
	Terms   []*Term
	Label   string // #Label
	Many    bool   // #Label*: may occur several times in a record
	Section *Section
}

// TermKind tells the forms of a Term apart.
type TermKind int

const (
	Literal TermKind = iota // "TEXT"
	Number                  // %x20-7E and the like, in terminals only
	Ref                     // a rule or terminal by name
	Group                   // ( ... )
	Option                  // [ ... ]
	Guard                   // ?field="V", ?CAP, ?!CAP, ?uid, ?unset, ?dialog=sasl
)

// A Term is one element of a sequence, with its repeat and its binding.
type Term struct {
	Pos      Pos
	Kind     TermKind
	Bind     string // the field it is bound to; "" when unbound
	Min, Max int    // how often; Max is -1 for "any number". 1,1 when there is no repeat.
	Text     string // the literal's text, or the name of the rule
	Exact    bool   // %s"text": case matters
	Lo, Hi   []int  // of a Number: ranges, one per piece (%x41-5A is Lo [65] Hi [90]; %x0D.0A is a sequence of two)
	Alts     []*Alt // of a Group or Option
	Guard    GuardTerm
}

// GuardTerm is the condition of a Guard. Exactly one of its forms is set.
type GuardTerm struct {
	Field  string   // ?field="V"/"W"
	Values []string //
	Cap    string   // ?CAP
	Not    bool     // ?!CAP
	UID    bool     // ?uid
	Unset  bool     // ?unset
	Dialog string   // ?dialog=sasl
}

// A Terminal is read and written by hand, in runtime/wire, by the method with its Go name.
type Terminal struct {
	Pos      Pos
	Name     string
	GoType   string // "string", "uint32", "time.Time", "Flag" (= wire.Flag), "*Body", "-" for no value
	NonZero  bool   // the zero value means absent
	Stream   bool   // a source or a sink
	Interned bool   // lists of it are wire.List values
	Alts     []*Alt
	Doc      string
	Section  *Section
	Examples []Example // of what "=/" adds
}

// A Command is a client command after merging.
type Command struct {
	Pos     Pos
	Name    string
	Doc     string
	Section *Section
	Alts    []*Alt
	Source  string

	In            []string // "any", "nonauth", "auth", "selected"
	Next, Else    string   // the state after OK and after NO; "" is no change
	Needs         []string
	Unless        []string
	UID           string // "", "also" (both forms) or "only"
	Returns       []*Return
	Secret        []string // fields
	Quote         []string // fields always sent quoted (or as a literal), never as an atom
	Charset       string   // the field
	Dialog        string   // "", "idle", "sasl"
	Switch        string   // "", "tls", "deflate"
	KeepsNumbers  bool
	Synchronizing bool // its literals always wait for "+"
	ReadsFlags    FlagUse
	WritesFlags   FlagUse
	Saves         FlagUse // with what its result is "$" afterwards
	Examples      []Example
	Extends       []*Section // who extended it
}

// A FlagUse tells whether a command reads or writes flags, or "$".
type FlagUse struct {
	Always bool
	With   []FlagArg // else if one of these is among its arguments
}

// A FlagArg is an argument of a command that makes it do so, unless its own field Unless is set.
type FlagArg struct {
	Pos          Pos
	Name, Unless string
}

func (u *FlagUse) add(o FlagUse) {
	u.Always = u.Always || o.Always
	u.With = append(u.With, o.With...)
}

// A Return is one entry of a "returns" clause.
type Return struct {
	Pos      Pos
	Many     bool // "*NAME": any number, as rows
	Optional bool // "NAME?"
	Code     bool // "code NAME"
	Untagged bool // "untagged code NAME"
	Name     string
	Where    []string // fields equal, or member, in command and response; "tag"
	With     string   // only if this argument or label is used
	Without  string   // not if this argument or label is used
	Or       bool     // stands after "/": an alternative to the entry before
	Section  *Section // of the clause it stands in

	InReturn, InField string // "where F in DATA.field": the data and its field that hold the values of F
	Response          *Rule  // what Name means; nil for a code
}

// An Example is a line of the protocol beside a rule; it becomes a generated test.
type Example struct {
	Pos     Pos
	Text    string // without the CRLF that ends it
	Lenient bool   // it stands beside a "~=": a deviation that is read all the same
}
