package gen

import (
	"fmt"
	"strconv"
	"strings"
)

// A NearMiss is a sentence with one change that takes it out of the grammar.
type NearMiss struct {
	Octets string
	Change string // what was done, for messages
	// Meaning tells that the form of all is right and only a meaning is lost, which no ABNF can tell: a number does not fit its
	// type, or a day is not of the calendar.
	Meaning bool
}

// NearMiss changes a sentence in one place: it leaves out, doubles, swaps or replaces an octet or a token, cuts the sentence short,
// announces another length of a literal, or takes the meaning of a token (a number too great, the 31st of February).
//
// Whether the result is outside of the grammar is for valid to say, which tells whether octets are a sentence: a parser to compare
// with, or an ABNF. Changes are tried until it says no; ok is false when it never did. It is not asked about a lost Meaning. Nil
// takes the first change, which most likely is a near miss.
func (s *Sentences) NearMiss(of Sentence, tape []byte, valid func(octets string) bool) (miss NearMiss, ok bool) {
	t := &sentenceTape{octets: tape}
	for try := range 32 {
		m := mutation{g: s.g, parts: of.Parts, tape: t, try: try}
		miss := m.mutate()
		if miss.Change != "" && miss.Octets != of.String() && (miss.Meaning || valid == nil || !valid(miss.Octets)) {
			return miss, true
		}
	}
	return NearMiss{}, false
}

// A mutation is one try at changing a sentence. The tape may be at its end, so what is tried depends on the number of the try too.
type mutation struct {
	g     *Grammar
	parts []Part
	tape  *sentenceTape
	try   int
}

func (m *mutation) pick(n int) int { return (m.tape.pick(n) + m.try*7) % n }

func (m *mutation) of(choices ...string) string { return choices[m.pick(len(choices))] }

// Octets that mean something to a parser, and some that must not come.
const strayOctets = "()[]{}\"\\ %*<>.,:+-~$&0xZ\x00\x01\x7F"

func (m *mutation) stray() string { return strayOctets[m.pick(len(strayOctets)):][:1] }

// mutate changes something; a change without a name is none.
func (m *mutation) mutate() NearMiss {
	last := len(m.parts) - 1 // CRLF
	if last < 1 {
		return NearMiss{}
	}
	i := m.pick(last)
	p := m.parts[i]
	if p.Text == "" || p.Turn {
		return NearMiss{}
	}
	switch kind := m.pick(12); kind {
	case 0:
		return m.replaced(i, "", "without %q", p.Text)
	case 1:
		return m.replaced(i, p.Text+p.Text, "twice %q", p.Text)
	case 2:
		if i+1 == last {
			return NearMiss{}
		}
		next := m.parts[i+1].Text
		return NearMiss{Octets: join3(m.parts[:i], next+p.Text, m.parts[i+2:]), Change: fmt.Sprintf("%q and %q swapped", p.Text, next)}
	case 3:
		return NearMiss{Octets: join3(m.parts[:i], "\r\n", nil), Change: fmt.Sprintf("cut before %q", p.Text)}
	case 4:
		stray := m.stray()
		return m.replaced(last, stray+m.parts[last].Text, "%q at the end", stray)
	case 5, 6:
		return m.meaningless(i)
	default:
		return m.octet(i, kind)
	}
}

// octet changes one octet of a part; a literal's are not looked at by anybody.
func (m *mutation) octet(i, kind int) NearMiss {
	text := m.parts[i].Text
	if strings.Contains(text, "}\r\n") || strings.ContainsFunc(text, func(r rune) bool { return r > 0x7F }) {
		return NearMiss{} // half a character of UTF-8 is as good as a whole one
	}
	at := m.pick(len(text))
	before, c, after := text[:at], text[at:at+1], text[at+1:]
	switch kind {
	case 7:
		return m.replaced(i, before+after, "%q lost in %q", c, text)
	case 8:
		return m.replaced(i, before+c+c+after, "%q doubled in %q", c, text)
	case 9:
		stray := m.stray()
		return m.replaced(i, before+stray+after, "%q for %q in %q", stray, c, text)
	default:
		stray := m.stray()
		return m.replaced(i, before+stray+c+after, "%q before %q in %q", stray, c, text)
	}
}

// meaningless gives a token another value of the form that it has, or nearly has, and that it cannot have.
func (m *mutation) meaningless(i int) NearMiss {
	p := m.parts[i]
	goType := ""
	if t := m.g.terminals[p.Rule]; t != nil {
		goType = t.GoType
	}
	text, form := "", ""
	switch {
	case goType == "uint32" || goType == "NumSet":
		text, form = m.of("4294967296", "9999999999", "18446744073709551617"), m.of("0", "-1", "0x1")
	case goType == "uint64":
		text, form = m.of("18446744073709551616", "99999999999999999999"), m.of("-1", "1e3", "")
	case p.Rule == "date":
		text, form = m.of("31-Feb-2020", "0-Jan-2020", `"32-Jan-2020"`, "29-Feb-2021"), m.of("1-Foo-2020", "1-Jan-20", "001-Jan-2020", "2020-01-01")
	case p.Rule == "date-time":
		text = m.of(`"31-Feb-2020 00:00:00 +0000"`, `" 1-Jan-2020 25:00:00 +0000"`, `" 1-Jan-2020 00:61:00 +0000"`)
		form = m.of(`" 1-Jan-2020 00:00:00 0000"`, `"1-Jan-2020 00:00:00 GMT"`, `01-Jan-2020 00:00:00 +0000`)
	case strings.HasPrefix(p.Text, "{"):
		head, content, _ := strings.Cut(p.Text, "}\r\n")
		n, _ := strconv.Atoi(strings.TrimSuffix(head[1:], "+"))
		form = fmt.Sprintf("{%d}\r\n%s", n+1+m.pick(2), content)
	}
	if text != "" && m.pick(2) == 0 {
		miss := m.replaced(i, text, "%q for %q", text, p.Text)
		miss.Meaning = true
		return miss
	}
	if form == "" {
		return NearMiss{}
	}
	return m.replaced(i, form, "%q for %q", form, p.Text)
}

func (m *mutation) replaced(i int, text, change string, args ...any) NearMiss {
	return NearMiss{Octets: join3(m.parts[:i], text, m.parts[i+1:]), Change: fmt.Sprintf(change, args...)}
}

func join3(before []Part, text string, after []Part) string {
	return Sentence{Parts: before}.String() + text + Sentence{Parts: after}.String()
}
