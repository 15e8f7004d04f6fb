package gen

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// make writes a terminal that its ABNF does not tell everything about. The others are written from their ABNF.
func (w *walker) make(t *Terminal) (string, bool) {
	switch t.Name {
	case "mailbox":
		return w.mailbox(""), true
	case "list-mailbox":
		return w.mailbox("%*"), true
	case "mailbox-string":
		return w.mailboxString(), true
	case "header-fld-name":
		return w.headerName(), true
	case "date-time":
		return w.dateTime(), true
	case "text":
		return w.printable(1, "[") + w.printable(0, ""), true
	case "code-text":
		return w.printable(1, "]"), true
	case "fetch-name":
		return "X-" + w.word(1), true
	case "any-value":
		return w.anyValue(), true
	case "tagged-ext-val":
		return w.taggedValue(), true
	case "option-value":
		return "(" + w.comp(0) + ")", true
	case "binary-data", "nstring8":
		if w.tape.pick(3) == 2 {
			return w.literal("~"), true
		}
		return w.astring(true), true
	}
	switch t.GoType {
	case "uint32":
		return w.number(t, math.MaxUint32), true
	case "uint64", "int64":
		most := uint64(math.MaxInt64) // RFC 9051 section 9
		walk(t.Alts, func(t *Term) {
			if t.Max == 20 { // 1*20DIGIT
				most = math.MaxUint64
			}
		})
		return w.number(t, most), true
	case "NumSet":
		return w.set(t), true
	}
	return "", false
}

// makeRule writes what is not a terminal but has a meaning beyond its syntax as well.
func (w *walker) makeRule(name string) (string, bool) {
	switch name {
	case "literal":
		return w.literal(""), true
	case "literal8":
		return w.literal("~"), true
	case "date-text":
		return w.day().Format("2-Jan-2006"), true
	}
	return "", false
}

// number is within its type, and often at an end of it.
func (w *walker) number(t *Terminal, most uint64) string {
	least := uint64(0)
	if t.NonZero {
		least = 1
	}
	return strconv.FormatUint(w.between(least, most), 10)
}

func (w *walker) between(least, most uint64) uint64 {
	switch w.tape.pick(8) {
	case 6:
		return most
	case 7:
		return most - uint64(w.tape.pick(256))
	case 5:
		return least + uint64(w.tape.pick(1<<16))
	default:
		return least + uint64(w.tape.pick(256))
	}
}

// set is of sequence numbers or UIDs; "*" and "$" stand in it if the terminal has them.
func (w *walker) set(t *Terminal) string {
	var star, saved bool
	walk(t.Alts, func(t *Term) {
		star = star || t.Kind == Literal && t.Text == "*"
		saved = saved || t.Kind == Literal && t.Text == "$"
	})
	if saved && w.tape.pick(8) == 7 {
		return "$"
	}
	one := func() string {
		if star && w.tape.pick(6) == 5 {
			return "*"
		}
		return strconv.FormatUint(w.between(1, math.MaxUint32), 10)
	}
	s := one()
	for range w.tape.pick(4) {
		if w.tape.pick(2) == 0 {
			s += "," + one()
		} else if i := strings.LastIndexAny(s, ",:"); i < 0 || s[i] == ',' {
			s += ":" + one()
		}
	}
	return s
}

func (w *walker) day() time.Time {
	days := w.between(0, 80*365)
	return time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days%(80*365)))
}

func (w *walker) dateTime() string {
	t := w.day().Add(time.Duration(w.tape.pick(24*60*60)) * time.Second)
	zone := []string{"+0000", "-0700", "+0530", "+1400", "-1200"}[w.tape.pick(5)]
	return t.Format(`"_2-Jan-2006 15:04:05 `) + zone + `"`
}

// literal has the length that it announces. Only a command has the form that does not wait.
func (w *walker) literal(prefix string) string {
	content := make([]byte, w.tape.pick(24))
	for i := range content {
		content[i] = byte(w.tape.next())
		if content[i] == 0 && prefix == "" {
			content[i] = 'x'
		}
	}
	plus := ""
	if w.command && w.s.hasCap("LITERAL+") && w.tape.pick(4) == 3 {
		plus = "+"
	}
	return fmt.Sprintf("%s{%d%s}\r\n%s", prefix, len(content), plus, content)
}

const wordOctets = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"

// word is an atom that means nothing.
func (w *walker) word(least int) string {
	b := make([]byte, least+w.tape.pick(8))
	for i := range b {
		b[i] = wordOctets[w.tape.pick(len(wordOctets))]
	}
	return string(b)
}

// printable is text in which an octet does not stand, and now and then an é.
func (w *walker) printable(least int, without string) string {
	b := strings.Builder{}
	for range least + w.tape.pick(12) {
		switch c := byte(' ' + w.tape.pick(96)); {
		case c == 0x7F && without != "]":
			b.WriteString("é")
		case c == 0x7F, strings.IndexByte(without, c) >= 0, c == ' ' && least > 0:
			b.WriteByte('x')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// mailbox is a name in modified UTF-7, or a pattern of such names.
func (w *walker) mailbox(wildcards string) string {
	name := w.word(1)
	switch w.tape.pick(8) {
	case 1:
		if wildcards == "" {
			return []string{"INBOX", "inbox", "InBox", `"iNBOX"`}[w.tape.pick(4)]
		}
		return name + wildcards[w.tape.pick(len(wildcards)):]
	case 2:
		return `"` + name + ` \\ \" ` + w.word(0) + wildcards + `"`
	case 3:
		return name + "&AOk-" + w.word(0)
	case 4:
		return `"` + name + ` &- &ZeVnLIqe-"`
	case 5:
		plain := name + " " + w.word(0)
		return fmt.Sprintf("{%d}\r\n%s", len(plain), plain)
	case 6:
		return name + "]"
	case 7:
		return `""`
	}
	return name
}

// mailboxString is a name in modified UTF-7 that is no atom.
func (w *walker) mailboxString() string {
	name := w.word(0)
	switch w.tape.pick(4) {
	case 1:
		name += " &AOk- &-"
	case 2:
		return fmt.Sprintf("{%d}\r\n%s", len(name), name)
	case 3:
		name += `\\`
	}
	return `"` + name + `"`
}

func (w *walker) headerName() string {
	name := w.word(1)
	switch w.tape.pick(4) {
	case 1:
		return `"` + name + `()"`
	case 2:
		return fmt.Sprintf("{%d}\r\n%s", len(name), name)
	}
	return name
}

func (w *walker) astring(null bool) string {
	switch w.tape.pick(4) {
	case 1:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "é", "e").Replace(w.printable(0, "")) + `"`
	case 2:
		return w.literal("")
	case 3:
		if null {
			return "NIL"
		}
	}
	if null {
		return `"` + w.word(0) + `"`
	}
	return w.word(1)
}

// taggedValue is the value of something that is not known (RFC 4466 section 3).
func (w *walker) taggedValue() string {
	switch w.tape.pick(4) {
	case 1:
		return strconv.FormatUint(w.between(0, math.MaxUint32), 10)
	case 2:
		return "()"
	case 3:
		return "(" + w.comp(0) + ")"
	}
	return strconv.FormatUint(w.between(1, math.MaxUint32), 10) + ":*"
}

// comp is one or more words, and lists of them.
func (w *walker) comp(depth int) string {
	var items []string
	for range 1 + w.tape.pick(3) {
		if depth < 3 && w.tape.pick(4) == 3 {
			items = append(items, "("+w.comp(depth+1)+")")
		} else {
			items = append(items, w.astring(false))
		}
	}
	return strings.Join(items, " ")
}

func (w *walker) anyValue() string {
	if w.tape.pick(2) == 1 {
		return w.astring(false)
	}
	return w.taggedValue()
}

// An octetClass is what an alternation of octets allows, as ATOM-CHAR does, and what it has besides.
type octetClass struct {
	octets []byte
	plain  []byte // letters, digits and the like among them
	others []*Alt
}

// classify finds the alternations of octets, so that an octet is one decision and a letter is likely.
func (s *Sentences) classify() {
	s.classes = map[*Alt]*octetClass{}
	var visit func(alts []*Alt)
	visit = func(alts []*Alt) {
		set, others, ranges := octets{}, []*Alt(nil), false
		for _, a := range alts {
			if o, ok := s.single(a, 0); ok {
				set.or(o)
				ranges = ranges || a.Terms[0].Kind != Literal
			} else {
				others = append(others, a)
			}
			for _, t := range a.Terms {
				if len(t.Alts) > 0 {
					visit(t.Alts)
				}
			}
		}
		if !ranges {
			return
		}
		c := &octetClass{octets: set.list(), others: others}
		for i := range len(wordOctets) {
			if o := wordOctets[i]; set.has(o) && o != '.' && o != '/' {
				c.plain = append(c.plain, o)
			}
		}
		s.classes[alts[0]] = c
	}
	for _, t := range s.g.Terminals {
		visit(t.Alts)
	}
	for _, r := range s.g.rules {
		if len(r.Alts) > 0 {
			visit(r.Alts)
		}
	}
}

// single gives the octets of an alternative that is one octet.
func (s *Sentences) single(a *Alt, depth int) (octets, bool) {
	set := octets{}
	if len(a.Terms) != 1 || a.Terms[0].Min != 1 || a.Terms[0].Max != 1 || a.Terms[0].Bind != "" || depth > 8 {
		return set, false
	}
	switch t := a.Terms[0]; t.Kind {
	case Literal:
		if len(t.Text) != 1 || strings.ToUpper(t.Text) != strings.ToLower(t.Text) {
			return set, false
		}
		set.add(t.Text[0])
	case Number:
		if len(t.Lo) != 1 {
			return set, false
		}
		for c := t.Lo[0]; c <= t.Hi[0]; c++ {
			set.add(byte(c))
		}
	case Ref:
		r := s.g.rules[t.Text]
		if r == nil || s.g.terminals[t.Text] != nil || len(r.Alts) == 0 {
			return set, false
		}
		for _, b := range r.Alts {
			o, ok := s.single(b, depth+1)
			if !ok {
				return set, false
			}
			set.or(o)
		}
	default:
		return set, false
	}
	return set, true
}

// octet writes one of a class, or another of its alternatives.
func (w *walker) octet(c *octetClass, sc scope) {
	from := c.octets
	if len(c.octets)+len(c.others) > 1 {
		switch n := w.tape.pick(8); {
		case n == 7 && len(c.others) > 0:
			w.sequence(c.others[w.tape.pick(len(c.others))], sc)
			return
		case n < 6 && len(c.plain) > 0:
			from = c.plain
		}
	}
	w.text(string([]byte{from[w.tape.pick(len(from))]}))
}

// planValue writes a field with the value that a guard asks for: quoted if its terminal can be.
func (w *walker) planValue(t *Term, value string) {
	w.open(t.Text)
	if w.s.quotable(t.Text, nil) {
		value = `"` + value + `"`
	}
	w.text(value)
	w.token--
}

// quotable reports whether a rule may begin with DQUOTE.
func (s *Sentences) quotable(name string, busy []string) bool {
	var alts []*Alt
	if t := s.g.terminals[name]; t != nil {
		alts = t.Alts
	} else if r := s.g.rules[name]; r != nil {
		alts = r.Alts
	}
	if name == "DQUOTE" || slices.Contains(busy, name) {
		return name == "DQUOTE"
	}
	return slices.ContainsFunc(alts, func(a *Alt) bool {
		return len(a.Terms) > 0 && a.Terms[0].Kind == Ref && s.quotable(a.Terms[0].Text, append(busy, name))
	})
}
