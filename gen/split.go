package gen

import (
	"strings"
	"unicode/utf8"
)

// A piece is one declaration before it is parsed: the lines from one that starts at column 1 up to the next such line (RFC 5234
// section 2.2 ends a rule there too). A file is cut first and parsed piece by piece, so that a fault in one hides no other.
type piece struct {
	file    string
	line    int    // of the head's first line
	head    string // what stands before the clauses, line breaks kept
	doc     string
	clauses []pieceClause
	bad     bool // brackets or strings do not match: reported, and not worth parsing
}

// A pieceClause is a line below a declaration that begins with a keyword: "returns FLAGS EXISTS".
type pieceClause struct {
	pos     Pos // of the keyword
	key     string
	text    string // what follows the keyword, line breaks kept
	textPos Pos
}

// maxHead bounds the octets of a declaration: some of what follows takes the square of its length.
const maxHead = 32 << 10

// maxNesting bounds the depth of brackets; the parser of a piece is recursive.
const maxNesting = 50

// A splitter cuts one file into pieces.
type splitter struct {
	file   string
	faults *Faults

	pieces []*piece
	cur    *piece
	doc    []string
	open   []bracket // brackets of cur that are open
	last   byte      // the last octet of cur that is code
	indent int       // of the first clause of cur
}

type bracket struct {
	c   byte
	pos Pos
}

// splitFile cuts the text of a file into its pieces.
func splitFile(f File, faults *Faults) []*piece {
	s := &splitter{file: f.Name, faults: faults}
	text := strings.TrimPrefix(string(f.Text), "\ufeff") // some editors begin a file so
	for i, line := range strings.Split(text, "\n") {
		s.line(i+1, s.readable(i+1, strings.TrimSuffix(line, "\r")))
	}
	s.finish()
	return s.pieces
}

// readable reports the first octet of a line that is no text, and gives the line with something in the place of such.
func (s *splitter) readable(n int, line string) string {
	bad := func(r rune) bool { return r == utf8.RuneError || r < ' ' && r != '\t' || r == 0x7F }
	at := strings.IndexFunc(line, bad)
	if at < 0 {
		return line
	}
	s.faults.add(Pos{s.file, n, at + 1}, "the octet 0x%02X is no text: a grammar file is UTF-8 without control characters", line[at])
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return 'x'
		}
		return r
	}, line)
}

func (s *splitter) line(n int, line string) {
	code := strings.TrimLeft(line, " \t")
	indent := len(line) - len(code)
	switch {
	case code == "":
		s.doc = nil
		s.pad()
	case code[0] == ';':
		if indent == 0 && !strings.HasPrefix(code, ";;") {
			s.doc = append(s.doc, strings.TrimSpace(code[1:]))
		}
		s.pad()
	case indent == 0:
		s.finish()
		s.cur = &piece{file: s.file, line: n, doc: strings.Join(s.doc, "\n")}
		s.pieces = append(s.pieces, s.cur)
		s.doc = nil
		s.body(n, line)
	case s.cur == nil:
		s.faults.add(Pos{s.file, n, indent + 1}, "this line continues nothing: a declaration starts at column 1")
	case s.isClause(code, indent):
		s.clause(n, code, indent)
	case len(s.cur.clauses) > 0:
		c := &s.cur.clauses[len(s.cur.clauses)-1]
		c.text += "\n" + line
	default:
		s.body(n, line)
	}
}

// pad keeps the line numbers inside a piece right across blank and comment lines.
func (s *splitter) pad() {
	switch {
	case s.cur == nil:
	case len(s.cur.clauses) > 0:
		s.cur.clauses[len(s.cur.clauses)-1].text += "\n"
	default:
		s.cur.head += "\n"
	}
}

// body adds a line to the head of the current piece and watches its brackets and strings.
func (s *splitter) body(n int, line string) {
	if s.cur.line < n {
		s.cur.head += "\n"
	}
	s.cur.head += line
	if len(s.cur.head) > maxHead {
		s.fault(Pos{s.file, n, 1}, "this declaration is longer than %d octets: make rules of its parts", maxHead)
		return
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch c {
		case ';':
			i = len(line)
			continue
		case ' ', '\t':
			continue
		case '"':
			end := strings.IndexByte(line[i+1:], '"')
			if end < 0 {
				s.fault(Pos{s.file, n, i + 1}, "this string is not closed on its line")
				i = len(line)
				continue
			}
			i += end + 1
		case '(', '[':
			if len(s.open) == maxNesting {
				s.fault(Pos{s.file, n, i + 1}, "brackets are nested deeper than %d", maxNesting)
			}
			s.open = append(s.open, bracket{c, Pos{s.file, n, i + 1}})
		case ')', ']':
			s.closeBracket(c, Pos{s.file, n, i + 1})
		}
		s.last = c
	}
}

func (s *splitter) closeBracket(c byte, pos Pos) {
	if len(s.open) == 0 {
		s.fault(pos, "%q closes nothing", string(c))
		return
	}
	b := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	if (b.c == '(') != (c == ')') {
		s.fault(pos, "%q closes the %q of %d:%d", string(c), string(b.c), b.pos.Line, b.pos.Col)
	}
}

// fault reports something wrong with the current piece; only the first of a piece, the others mostly follow from it.
func (s *splitter) fault(pos Pos, format string, args ...any) {
	if !s.cur.bad {
		s.faults.add(pos, format, args...)
	}
	s.cur.bad = true
}

func (s *splitter) finish() {
	if s.cur == nil {
		return
	}
	if len(s.open) > 0 && !s.cur.bad {
		b := s.open[len(s.open)-1]
		s.fault(b.pos, "%q is not closed", string(b.c))
	}
	s.cur, s.open, s.last = nil, nil, 0
}

// isClause reports whether a continuation line begins a clause. Below an open bracket or after "/" it cannot. A keyword of a
// clause is one when a blank follows, other words only where nothing else can stand, or set off by two blanks (a misspelt one).
func (s *splitter) isClause(code string, indent int) bool {
	word := leadingWord(code)
	if word == "" || len(s.open) > 0 {
		return false
	}
	rest := code[len(word):]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return false
	}
	if len(s.cur.clauses) > 0 {
		return indent <= s.indent
	}
	args := strings.TrimLeft(rest, " \t")
	setOff := len(rest)-len(args) > 1 && args != "" && args[0] != ';' && s.last != '/' && s.last != '='
	switch s.cur.kind() {
	case "grammar", "extension", "extend":
		return true
	case "command":
		return commandClauses[word] && s.last != '/' || setOff
	default:
		return ruleClauses[word] && rest != "" && s.last != '/' || setOff && (commandClauses[word] || sectionClauses[word])
	}
}

func (s *splitter) clause(n int, code string, indent int) {
	if len(s.cur.clauses) == 0 {
		s.indent = indent
	}
	word := leadingWord(code)
	s.cur.clauses = append(s.cur.clauses, pieceClause{
		pos: Pos{s.file, n, indent + 1}, key: word,
		text: code[len(word):], textPos: Pos{s.file, n, indent + 1 + len(word)},
	})
}

// kind is the word that says what a piece declares; a plain rule has none, and then it is the rule's name.
func (p *piece) kind() string {
	words := strings.Fields(p.head)
	if len(words) > 1 && words[0] == "redefine" {
		words = words[1:]
	}
	return words[0]
}

// guessName finds what a piece that cannot be parsed wanted to define, so that its users are not reported as well.
func (p *piece) guessName() string {
	for _, w := range strings.Fields(p.head) {
		switch w {
		case "redefine", "terminal", "command", "union", "record", "response", "extend":
		default:
			return leadingWord(w)
		}
	}
	return ""
}

// leadingWord is the name at the start of s.
func leadingWord(s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return s[:i]
		}
	}
	return s
}
