package gen

import (
	"slices"
)

// This file holds what resolving finds: the Go shapes of rules, responses and commands.

// A form is what a rule becomes in Go.
type form int

const (
	formVoid   form = iota // syntax only
	formToken              // a named string type: keywords, and at most one open token
	formValue              // the value of its one binding, or of the references in it
	formStruct             // several bindings
	formUnion              // an interface
)

// A typeKind tells the forms of a Type apart.
type typeKind int

const (
	boolType    typeKind = iota
	tokenType            // a named string type
	termType             // a terminal's
	structType           // by value
	pointerType          // to a struct
	unionType
	sliceType
	listType // the immutable list of an interned terminal
	optType  // wire.Opt
)

// A Type is the Go type of a field or value.
type Type struct {
	kind  typeKind
	term  *Terminal
	token *Token
	strct *Struct
	union *UnionInfo
	elem  *Type
}

// A Token is a named string type: the keywords of a rule, or the literals bound to one field.
type Token struct {
	Go       string
	Doc      string
	Prefix   string
	Section  *Section
	Source   string
	Keywords []Keyword
	Open     *Terminal // reads what is no keyword; nil when the set is closed
	Rule     *ruleInfo
}

// A Keyword is one constant of a Token or of a union.
type Keyword struct {
	Go, Text string
	Section  *Section
}

// A Struct is a Go struct that holds the bindings of a rule, response, command or alternative.
type Struct struct {
	Go      string
	Doc     string
	Source  string
	Section *Section
	Fields  []*Field
	Record  *recordInfo // of the items whose presence it records; nil if none
	alts    []*Alt
	lenient []*Alt
	secret  []string // fields that no print and no log shows
	pos     Pos
	value   bool // stands for a rule without bindings, which is the value it refers to
}

// size is the number of fields, those of embedded structs included.
func (s *Struct) size() int {
	n := 0
	for _, f := range s.Fields {
		if f.Embed != nil {
			n += f.Embed.size()
		} else {
			n++
		}
	}
	return n
}

func (s *Struct) field(bind string) *Field {
	for _, f := range s.Fields {
		if f.Embed == nil && f.Bind == bind {
			return f
		}
	}
	return nil
}

// A Field is one binding in a Struct, or an embedded struct.
type Field struct {
	Bind   string
	Go     string
	Type   *Type
	Embed  *Struct
	pos    Pos
	values []string // the literals bound to it
	item   string   // the Go name of the record item it belongs to
	many   bool     // its elements are bound one by one
	rare   bool     // it lies in a part of the struct that few have, and is read and set by methods
}

// recordInfo is one record with those it is made of: the items of msg-att, msg-att-dynamic and msg-att-static.
type recordInfo struct {
	Go      string // MsgAtt
	Rule    *Rule
	Section *Section
	Items   []Keyword // in order; their bits are 1<<index
	words   []string  // the keywords of the items, in order
	byWord  map[string][]string
}

// answer notes that items with the keyword are the named one: "BODY" is two.
func (i *recordInfo) answer(word, item string) {
	if i.byWord[word] == nil {
		i.words = append(i.words, word)
	}
	if !slices.Contains(i.byWord[word], item) {
		i.byWord[word] = append(i.byWord[word], item)
	}
}

// itemGo names the constant of an item.
func (i *recordInfo) itemGo(name string) string { return i.Go + "Item" + name }

// A UnionInfo is the Go shape of a union.
type UnionInfo struct {
	Go     string
	Prefix string
	Rule   *Rule
	Alts   []*unionAlt
}

// A unionAlt is one alternative of a union: constants when it has no fields, a named type for one, a struct for several.
type unionAlt struct {
	alt     *Alt
	Go      string
	Consts  []Keyword // without fields
	Struct  *Struct   // with fields
	Named   *Type     // with one field: the type that it names
	lenient bool      // stands in "~=" only
}

type ruleInfo struct {
	rule   *Rule
	form   form
	Go     string
	typ    *Type   // of formToken, formValue, formUnion, and of formStruct as a value
	strct  *Struct // formStruct: its own struct, once it has one
	shape  *Struct // formValue: its one field
	names  []string
	taken  int  // how many structs take its bindings in
	shared bool // embedded: two or more would inline it
}

// A returned is a field of a command's result.
type returned struct {
	Return *Return
	Go     string
	Resp   *Struct   // the response
	Alt    *unionAlt // of a code
	code   string    // its keyword
	row    bool      // it comes as rows
}

// A commandInfo is a command with its Go shape.
type commandInfo struct {
	cmd     *Command
	Go      string
	Struct  *Struct
	Row     *Struct // of "returns *NAME"
	Results []*returned
	turns   bool
}
