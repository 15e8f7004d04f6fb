package gen

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The tokens of a declaration. A guard is one token because blanks matter in it: ?a="X"/"Y" has two values, ?a="X" / "Y" one.
// The last two tokens make that the lexer never fails; the parser does, with a position.
var headLexer = lexer.MustSimple([]lexer.SimpleRule{
	{Name: "Comment", Pattern: `;[^\n]*`},
	{Name: "Blank", Pattern: `[ \t\r\n]+`},
	{Name: "Guard", Pattern: `\?!?[A-Za-z][A-Za-z0-9.+_-]*(="[^"\n]*"(/"[^"\n]*")*|=[A-Za-z0-9.+_-]+)?`},
	{Name: "Number", Pattern: `%[xXdDbB][0-9A-Fa-f]+([-.][0-9A-Fa-f]+)*`},
	{Name: "String", Pattern: `(%[sSiI])?"[^"\n]*"`},
	{Name: "Repeat", Pattern: `[0-9]*\*[0-9]*|[0-9]+`},
	{Name: "Label", Pattern: `#[A-Za-z][A-Za-z0-9]*\*?`},
	{Name: "Op", Pattern: `=/|~=/|~=|=`},
	{Name: "Ident", Pattern: `[A-Za-z][A-Za-z0-9-]*`},
	{Name: "Punct", Pattern: `[-:/()\[\].]`},
	{Name: "Other", Pattern: `(?s).`},
})

// A nameSyntax is a name and where it stands.
type nameSyntax struct {
	Pos  lexer.Position
	Text string `parser:"@Ident"`
}

// A headSyntax is a declaration other than a section's header, without its clauses.
type headSyntax struct {
	Terminal *terminalSyntax `parser:"  (?= 'terminal' Ident) 'terminal' @@"`
	Extend   *nameSyntax     `parser:"| (?= 'extend' Ident) 'extend' @@"`
	Rule     *ruleSyntax     `parser:"| @@"`
}

type terminalSyntax struct {
	Name  nameSyntax    `parser:"@@"`
	Go    string        `parser:"@('-' | ('[' ']')? '*'? Ident ('.' Ident)?)"`
	Flags []nameSyntax  `parser:"@@*"`
	Body  *choiceSyntax `parser:"'=' @@"`
}

type ruleSyntax struct {
	Redefine bool          `parser:"( (?= 'redefine' Ident) @'redefine' )?"`
	Kind     string        `parser:"( (?= ('command' | 'union' | 'record' | 'response') Ident) @Ident )?"`
	Name     nameSyntax    `parser:"@@"`
	As       *nameSyntax   `parser:"( 'as' @@"`
	By       *nameSyntax   `parser:"| 'by' @@ )*"`
	Op       string        `parser:"@Op"`
	Body     *choiceSyntax `parser:"@@"`
}

type choiceSyntax struct {
	Alts []*altSyntax `parser:"@@ ( '/' @@ )*"`
}

type altSyntax struct {
	Pos   lexer.Position
	Terms []*termSyntax `parser:"@@+"`
	Label string        `parser:"@Label?"`
}

type termSyntax struct {
	Pos    lexer.Position
	Guard  string        `parser:"  @Guard"`
	Bind   string        `parser:"| ( (?= Ident ':') @Ident ':' )?"`
	Repeat string        `parser:"  @Repeat?"`
	Inner  string        `parser:"  ( (?= Ident ':') @Ident ':' )?"` // the binding after the repeat: 1*parts:body
	String *string       `parser:"  ( @String"`
	Number string        `parser:"  | @Number"`
	Group  *choiceSyntax `parser:"  | '(' @@ ')'"`
	Option *choiceSyntax `parser:"  | '[' @@ ']'"`
	Ref    string        `parser:"  | @Ident )"`
}

// The tokens of a section's header and of clauses. Names of capabilities and codes hold nearly anything; a Field is a Word in lower
// case: a field, a state or a keyword of the clause.
var clauseLexer = lexer.MustSimple([]lexer.SimpleRule{
	{Name: "Comment", Pattern: `;[^\n]*`},
	{Name: "Blank", Pattern: `[ \t\r\n]+`},
	{Name: "Arrow", Pattern: `->`},
	{Name: "Word", Pattern: `[A-Za-z0-9][A-Za-z0-9=+_.-]*`},
	{Name: "Field", Pattern: `[a-z][a-z0-9-]*`}, // never matches: fieldWords makes them
	{Name: "Other", Pattern: `(?s).`},
})

var fieldWords = participle.Map(func(t lexer.Token) (lexer.Token, error) {
	if !strings.ContainsFunc(t.Value, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		t.Type = clauseLexer.Symbols()["Field"]
	}
	return t, nil
}, "Word")

type sectionSyntax struct {
	Kind   string `parser:"@('grammar' | 'extension')"`
	Name   string `parser:"@(Word | Field)"`
	RFC    string `parser:"( 'rfc' @(Word | Field)"`
	Vendor string `parser:"| 'vendor' @(Word | Field) )"`
}

// A wordSyntax is one argument of a clause.
type wordSyntax struct {
	Pos  lexer.Position
	Text string `parser:"@(Word | Field)"`
}

type fieldSyntax struct {
	Pos  lexer.Position
	Text string `parser:"@Field"`
}

type wordsSyntax struct {
	Words []*wordSyntax `parser:"@@*"`
}

type inSyntax struct {
	States []*fieldSyntax `parser:"@@+"`
	Next   *fieldSyntax   `parser:"( Arrow @@"`
	Else   *fieldSyntax   `parser:"  ( 'else' @@ )? )?"`
}

type returnsSyntax struct {
	Entries []*returnSyntax `parser:"@@+"`
}

type returnSyntax struct {
	Pos      lexer.Position
	Or       bool           `parser:"@'/'?"`
	Many     bool           `parser:"@'*'?"`
	Untagged bool           `parser:"( (?= 'untagged' 'code') @'untagged' )?"`
	Code     bool           `parser:"@'code'?"`
	Name     string         `parser:"@Word"`
	Optional bool           `parser:"@'?'?"`
	Where    []*fieldSyntax `parser:"( 'where' ( (?! 'code' | 'untagged' | 'with' | 'without' | 'in') @@ )+"`
	In       *wordSyntax    `parser:"  ( 'in' @@ )?"`
	With     *wordSyntax    `parser:"| 'with' @@"`
	Without  *wordSyntax    `parser:"| 'without' @@ )*"`
}

var (
	headParser    = buildParser[headSyntax](headLexer)
	sectionParser = buildParser[sectionSyntax](clauseLexer, fieldWords)
	wordsParser   = buildParser[wordsSyntax](clauseLexer, fieldWords)
	inParser      = buildParser[inSyntax](clauseLexer, fieldWords)
	returnsParser = buildParser[returnsSyntax](clauseLexer, fieldWords)
)

// buildParser builds an LL(1) parser; what needs more lookahead says so with (?= ). More of it everywhere would blur the faults.
func buildParser[T any](lex lexer.Definition, options ...participle.Option) *participle.Parser[T] {
	options = append(options, participle.Lexer(lex), participle.Elide("Comment", "Blank"), participle.UseLookahead(0))
	return participle.MustBuild[T](options...)
}

// parsePiece parses text that begins at the place "at". What is wrong becomes one fault; nil then.
func parsePiece[T any](p *participle.Parser[T], at Pos, text string, faults *Faults) *T {
	v, err := p.ParseString(at.File, text)
	if err == nil {
		return v
	}
	pos, msg := at, err.Error()
	var perr participle.Error
	if errors.As(err, &perr) {
		pos, msg = placeIn(at, perr.Position()), perr.Message()
	}
	var unexpected *participle.UnexpectedTokenError
	if errors.As(err, &unexpected) {
		before := tokensBefore(p.Lexer(), text, unexpected.Unexpected.Pos.Offset)
		if last := len(before) - 1; unexpected.Unexpected.EOF() && last >= 0 {
			pos = placeIn(at, before[last].Pos)
			pos.Col += len(before[last].Value)
		}
		msg = explain(unexpected.Unexpected, before, p.Lexer().Symbols())
	}
	faults.add(pos, "%s", msg)
	return nil
}

// tokensBefore are the tokens of text before an offset, blanks and comments left out.
func tokensBefore(def lexer.Definition, text string, offset int) []lexer.Token {
	lex, err := def.Lex("", strings.NewReader(text))
	if err != nil {
		return nil
	}
	names := def.Symbols()
	var tokens []lexer.Token
	for {
		t, err := lex.Next()
		if err != nil || t.EOF() || t.Pos.Offset >= offset {
			return tokens
		}
		if t.Type != names["Comment"] && t.Type != names["Blank"] {
			tokens = append(tokens, t)
		}
	}
}

// placeIn turns a position within a text that begins at "at" into one of the file.
func placeIn(at Pos, p lexer.Position) Pos {
	if p.Line <= 1 {
		return Pos{at.File, at.Line, at.Col + max(p.Column, 1) - 1}
	}
	return Pos{at.File, at.Line + p.Line - 1, p.Column}
}

// explain says what is wrong with a token that nothing in the notation expected.
func explain(t lexer.Token, before []lexer.Token, names map[string]lexer.TokenType) string {
	prev := ""
	if len(before) > 0 {
		prev = before[len(before)-1].Value
	}
	isOp := func(t lexer.Token) bool { return t.Type == names["Op"] }
	switch {
	case t.EOF() && prev == "":
		return "an argument is missing here"
	case t.EOF():
		return fmt.Sprintf("something is missing after %q", prev)
	case t.Value == ")" && prev == "(" || t.Value == "]" && prev == "[":
		return "these brackets are empty"
	case t.Type == names["Guard"] && len(before) > 0:
		return "a guard reads nothing: it takes neither a repeat nor a binding"
	case t.Value == "?" && names["Guard"] != 0:
		return fmt.Sprintf("%q is no guard here: ?field=\"V\"/\"W\", ?CAPABILITY, ?!CAPABILITY, ?uid, ?unset and ?dialog=sasl stand in a sequence", t.Value)
	case t.Value == "<":
		return "prose in <> says nothing to a machine: write a terminal"
	case len(before) == 1 && t.Type == names["Ident"]:
		return fmt.Sprintf("unknown kind of declaration %q%s", prev, suggest(prev, slices.Clone(kindWords)))
	case prev == "":
		return fmt.Sprintf("unexpected %q", t.Value)
	case t.Type == names["String"] && !slices.ContainsFunc(before, isOp):
		return fmt.Sprintf("unexpected %s after %q: a declaration has \"=\", \"=/\", \"~=\" or \"~=/\" behind its name", t.Value, prev)
	default:
		return fmt.Sprintf("unexpected %q after %q", t.Value, prev)
	}
}

var kindWords = []string{"grammar", "extension", "terminal", "command", "union", "record", "response", "redefine", "extend"}
