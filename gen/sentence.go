package gen

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Sentences makes sentences of a grammar: whole commands and responses, or what a single rule describes, for whoever fuzzes a
// program that reads or writes IMAP. Every decision is taken from a tape of octets, so a fuzzer that changes the tape walks
// through the grammar. The same tape gives the same sentence, and any tape gives one: where it ends, the shortest way is taken.
//
// Only the octets of "=", "=/" and "redefine" are written, never those of "~=" unless Lenient asks for them; guards are obeyed.
// Tokens with a meaning beyond their syntax have one: dates are days of the calendar, numbers fit their type, literals have the
// length that they announce, mailbox names are modified UTF-7.
//
// A Sentences does not change and may be used from several goroutines.
type Sentences struct {
	g        *Grammar
	o        SentenceOptions
	cost     map[*Alt]int         // the octets of the shortest sentence of an alternative, and one for each rule on the way
	ruleCost map[string]int       // of a rule or terminal
	parents  map[*Alt][]*Alt      // the alternatives that an alternative is used in
	classes  map[*Alt]*octetClass // by the first alternative of an alternation
}

// SentenceOptions say what a Sentences writes. The zero value allows everything that is valid.
type SentenceOptions struct {
	// Caps tells which capabilities are in force: what needs another, or that one be missing, is not written. Nil leaves
	// capabilities out of account: everything may be written.
	Caps func(name string) bool
	// Dialog is the dialog that responses are part of, for the guard ?dialog=sasl; empty when there is none.
	Dialog string
	// Lenient allows what only "~=" describes.
	Lenient bool
	// MaxLen and MaxDepth are how many octets are written, and how many rules are within one another, before the shortest way
	// is taken. A sentence may be longer by what must still come. Zero means 1000 octets and 20 rules.
	MaxLen, MaxDepth int
}

const (
	defaultSentenceLen   = 1000
	defaultSentenceDepth = 20
)

// A root is what a sentence can be made of: a command or a response.
type root struct {
	command  *Command
	response *Rule
}

func (r root) alts(s *Sentences) []*Alt {
	if r.command != nil {
		return r.command.Alts
	}
	return s.of(r.response)
}

func (r root) section() *Section {
	if r.command != nil {
		return r.command.Section
	}
	return r.response.Section
}

// NewSentences prepares to make sentences of a grammar that was parsed without faults.
func NewSentences(g *Grammar, o SentenceOptions) *Sentences {
	if o.MaxLen == 0 {
		o.MaxLen = defaultSentenceLen
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultSentenceDepth
	}
	s := &Sentences{g: g, o: o}
	s.measure()
	s.connect()
	s.classify()
	return s
}

// A Sentence is what was written, piece by piece.
type Sentence struct {
	Parts []Part
	// Command tells that it is sent by a client.
	Command bool
}

// A Part is a piece of a sentence: a token, or text of the grammar.
type Part struct {
	Text string // its octets
	// Rule is the terminal that the token belongs to, or literal and literal8 outside of terminals. It is empty for text that
	// stands in the grammar: keywords, SP, parentheses.
	Rule string
	// Turn marks the CRLF within a command after which the client waits for "+".
	Turn bool
}

// String gives all octets of the sentence.
func (s Sentence) String() string {
	var b strings.Builder
	for _, p := range s.Parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Turns gives the octets of a command cut behind each CRLF that the client waits at.
func (s Sentence) Turns() []string {
	turns := []string{""}
	for _, p := range s.Parts {
		turns[len(turns)-1] += p.Text
		if p.Turn {
			turns = append(turns, "")
		}
	}
	return turns
}

// Rule makes a sentence of a rule or terminal, without anything around it. It fails if the grammar has no such rule, or if no
// sentence of it is allowed by the options.
func (s *Sentences) Rule(name string, tape []byte) (Sentence, error) {
	if s.g.rules[name] == nil && s.g.terminals[name] == nil {
		return Sentence{}, fmt.Errorf("making a sentence: there is no rule %q", name)
	}
	w := s.walker(tape)
	w.ref(&Term{Kind: Ref, Text: name}, scope{})
	return w.sentence()
}

// Response makes a whole line of untagged data, with "* " and CRLF. The response continue-req begins with "+" instead.
func (s *Sentences) Response(name string, tape []byte) (Sentence, error) {
	i := slices.IndexFunc(s.g.Responses, func(r *Rule) bool { return r.Name == name })
	if i < 0 {
		return Sentence{}, fmt.Errorf("making a sentence: there is no response %q", name)
	}
	return s.line(root{response: s.g.Responses[i]}, s.walker(tape))
}

// Command makes a whole command, with the tag "a1" and CRLF; one with a UID form has it on half of the tapes.
func (s *Sentences) Command(name string, tape []byte) (Sentence, error) {
	i := slices.IndexFunc(s.g.Commands, func(c *Command) bool { return c.Name == name })
	if i < 0 {
		return Sentence{}, fmt.Errorf("making a sentence: there is no command %q", name)
	}
	return s.line(root{command: s.g.Commands[i]}, s.walker(tape))
}

// Every makes sentences that together take each alternative, and each optional part, of each command and response, and of each
// rule within them; what the options do not allow is left out. The tape decides what stands beside it: with an empty one all
// sentences are as short as can be.
func (s *Sentences) Every(tape []byte) iter.Seq[Sentence] {
	return func(yield func(Sentence) bool) {
		for _, goal := range s.goals() {
			if sentence, ok := s.towards(goal, tape); ok && !yield(sentence) {
				return
			}
		}
	}
}

// towards makes a sentence that takes an alternative. It fails if no command or response has one.
func (s *Sentences) towards(to goal, tape []byte) (Sentence, bool) {
	w := s.walker(tape)
	w.goal, w.distance, w.uid = to.alt, s.distances(to.alt), to.uid
	r, ok := s.nearestRoot(w.distance)
	if !ok {
		return Sentence{}, false
	}
	sentence, err := s.line(r, w)
	return sentence, err == nil && w.goal == nil
}

func (s *Sentences) walker(tape []byte) *walker {
	return &walker{s: s, tape: sentenceTape{octets: tape}, used: map[*Alt]bool{}}
}

// line writes a command or response with what stands around it.
func (s *Sentences) line(r root, w *walker) (Sentence, error) {
	switch {
	case r.command != nil:
		w.command = true
		w.text("a1 ")
		switch r.command.UID {
		case "also":
			w.uid = w.uid || w.goal == nil && w.tape.pick(2) == 1
			if w.uid {
				w.text("UID ")
			}
		case "only":
			w.uid = true
		}
	case !startsWith(r.response, "+"):
		w.text("* ")
	}
	if !s.inForce(r.section()) {
		w.fail("the capability " + r.section().Name + " is not in force")
	}
	w.choice(r.alts(s), scope{}, false)
	w.text("\r\n")
	return w.sentence()
}

func startsWith(r *Rule, text string) bool {
	return len(r.Alts) > 0 && leadingKeyword(r.Alts[0]) == text
}

// inForce reports whether what a section holds may be written.
func (s *Sentences) inForce(sec *Section) bool {
	return sec == nil || sec.Base || s.o.Caps == nil || s.o.Caps(sec.Name) || slices.ContainsFunc(sec.Also, s.o.Caps)
}

func (s *Sentences) hasCap(name string) bool { return s.o.Caps == nil || s.o.Caps(name) }

// of gives the alternatives of a rule that may be written.
func (s *Sentences) of(r *Rule) []*Alt {
	if s.o.Lenient && r.Lenient != nil {
		return r.Lenient
	}
	return r.Alts
}
