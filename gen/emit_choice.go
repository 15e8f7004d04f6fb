package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// A finish emits the rest of an alternative: nodes is what has not been read, v the keyword that has been.
type finish func(s *seq, nodes []*node, v variant, follow *look) []jen.Code

// A led is one alternative behind one keyword.
type led struct {
	seq  *seq
	rest []*node
	word variant
}

// choice emits ( ... / ... ), or with optional what may also be absent. The next octet decides, then the keyword.
func (b *reader) choice(alts []*seq, follow *look, optional bool, fin finish) []jen.Code {
	alts = b.flatten(alts)
	if !optional {
		alts = b.share(alts)
	}
	b.checkClashes(alts, follow)
	if s := b.afterSP(alts, follow, optional, fin); s != nil {
		return s
	}
	peek := false // some alternative has its keyword behind a rule's name: it must not be consumed here
	for _, s := range alts {
		if l := b.e.r.lookOf(s.nodes, nil); len(l.words) > 0 && firstNode(s).kind != wordNode && !b.openUnion(s) {
			peek = true
		}
	}
	var byWord, byOctet []*seq
	var open *seq
	letters := b.letters(alts)
	for _, s := range alts {
		l := b.e.r.lookOf(s.nodes, nil)
		switch {
		case len(l.words) > 0 && b.openUnion(s) && open == nil:
			open = s
		case len(l.words) > 0:
			byWord = append(byWord, s)
			if l.octets.isZero() || firstNode(s).kind != choiceNode {
				break
			}
			// ("A" / number) begins with either.
			if open == nil && !l.octets.and(letters).isZero() {
				open = s
			} else {
				byOctet = append(byOctet, s)
			}
		case len(l.octets.and(letters).list()) > 0 && len(letters.list()) > 0:
			open = s
		default:
			byOctet = append(byOctet, s)
		}
	}
	var inner []jen.Code
	switch {
	case len(byWord) > 0 && peek:
		inner = b.peekWords(byWord, open, follow, optional, fin)
	case len(byWord) > 0:
		inner = b.consumeWords(byWord, open, follow, optional, fin)
	case open != nil:
		inner = fin(open, open.nodes, variant{}, follow)
	case !optional:
		inner = b.fail(b.wanted(alts))
	}
	if len(byOctet) == 0 {
		return inner
	}
	var cases []jen.Code
	for _, s := range byOctet {
		l := b.e.r.lookOf(s.nodes, nil)
		if l.octets.isZero() { // an alternative that may be nothing
			inner = fin(s, s.nodes, variant{}, follow)
			continue
		}
		cond := b.guarded(b.octetsOf(s, byOctet), s, alts)
		cases = append(cases, jen.Case(cond).Block(fin(s, s.nodes, variant{}, follow)...))
	}
	if len(inner) > 0 {
		cases = append(cases, jen.Default().Block(inner...))
	}
	return []jen.Code{jen.Switch(jen.Id("c").Op(":=").Add(d("Peek")), jen.Empty()).Block(cases...)}
}

// openUnion: the alternative begins with a union, which other modules may add keywords to: it gets every keyword that is left.
func (b *reader) openUnion(s *seq) bool {
	n := firstNode(s)
	if n.kind != valueNode {
		return false
	}
	_, i := b.e.r.ref(n.ref)
	return i != nil && i.form == formUnion
}

// letters are the octets that the keywords of a choice start with.
func (b *reader) letters(alts []*seq) octets {
	var o octets
	for _, s := range alts {
		for _, w := range b.e.r.lookOf(s.nodes, nil).words {
			o.add(w[0])
			o.add(strings.ToLower(w)[0])
		}
	}
	return o
}

func firstNode(s *seq) *node {
	for _, n := range s.nodes {
		if !n.readsNothing() {
			return n
		}
	}
	return &node{kind: guardNode}
}

// flatten takes in the alternatives of a rule that is an alternative by itself, so that one switch holds all keywords.
func (b *reader) flatten(alts []*seq) []*seq {
	var out []*seq
	for _, s := range alts {
		if len(s.nodes) == 1 && s.nodes[0].kind == inlineNode {
			if _, i := b.e.r.ref(s.nodes[0].ref); i != nil && i.form == formStruct && !i.shared &&
				(i.rule.Lenient == nil || b.e.isItems(i.rule)) {
				body := i.rule.Alts
				if b.lenient && i.rule.Lenient != nil {
					body = i.rule.Lenient
				}
				for _, x := range b.flatten(b.e.r.lowerAll(body)) {
					if x.rule == nil {
						x.rule = i
					}
					out = append(out, x)
				}
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// checkClashes reports alternatives that start alike and are not told apart by what follows a shared keyword.
func (b *reader) checkClashes(alts []*seq, follow *look) {
	if b.lenient {
		return
	}
	for i, s := range alts {
		for _, o := range alts[:i] {
			x := b.clashOf(s, o, follow)
			if x == "" || x[0] == '"' && firstNode(s).kind == wordNode && firstNode(o).kind == wordNode {
				continue // a shared keyword: checked where it is shared
			}
			if startsGuarded(s) || startsGuarded(o) {
				continue
			}
			b.e.r.faults.add(s.pos, "this alternative and the one at %s both start with %s: no octet tells them apart; what they share stands before a group of what differs", o.pos, x)
		}
	}
}

func startsGuarded(s *seq) bool { return len(s.nodes) > 0 && s.nodes[0].kind == guardNode }

func (b *reader) wanted(alts []*seq) string {
	var w []string
	for _, s := range alts {
		l := b.e.r.lookOf(s.nodes, nil)
		if len(l.words) > 0 {
			w = append(w, l.words[0])
		} else if n := firstNode(s); n.kind == octetNode {
			w = append(w, "'"+string(n.octet)+"'")
		} else if n.ref != "" {
			w = append(w, n.ref)
		}
	}
	if len(w) > 4 {
		w = append(w[:3], "…")
	}
	return strings.Join(w, " or ")
}

// afterSP emits a choice all of whose alternatives begin with SP: what comes after it decides.
func (b *reader) afterSP(alts []*seq, follow *look, optional bool, fin finish) []jen.Code {
	for _, s := range alts {
		if firstNode(s).kind != spNode {
			return nil
		}
	}
	var cases []jen.Code
	for _, s := range alts {
		l := b.e.r.lookOf(s.nodes, nil)
		if l.sp == nil {
			return nil
		}
		cond := b.guarded(b.condAt(l.sp, nil, d("AfterSP"), d("PeekWordAfterSP")), s, alts)
		cases = append(cases, jen.Case(cond).Block(append(b.notDue(s), fin(s, s.nodes, variant{}, follow)...)...))
	}
	if !optional {
		cases = append(cases, jen.Default().Block(b.fail(b.wanted(alts))...))
	} else if missing := b.missing(alts); missing != nil {
		cases = append(cases, jen.Default().Block(missing...))
	}
	return []jen.Code{jen.Switch().Block(cases...)}
}

// consumeWords emits a switch over the keyword, which is read first. What is no keyword is another module's, or is given back to
// the open alternative.
func (b *reader) consumeWords(alts []*seq, open *seq, follow *look, optional bool, fin finish) []jen.Code {
	order, byWord := b.byWord(alts)
	var cases []jen.Code
	for _, w := range order {
		cases = append(cases, jen.Case(jen.Lit(w)).Block(b.shared(byWord[w], follow, fin)...))
	}
	var out, other []jen.Code
	if b.hook != nil {
		other = b.hook()
	}
	switch {
	case open != nil:
		other = append(append(other, d("Rewind", jen.Id("pos"))), fin(open, open.nodes, variant{}, follow)...)
	case optional:
		other = append(other, d("Rewind", jen.Id("pos")))
	case b.items: // the error is about the keyword, not what follows it
		other = append(append(other, d("Rewind", jen.Id("pos"))), b.fail("a known item")...)
	default:
		other = append(other, b.fail(b.wanted(alts))...)
	}
	if open != nil || optional || b.items {
		out = append(out, jen.Id("pos").Op(":=").Add(d("Pos")))
	}
	cases = append(cases, jen.Default().Block(other...))
	if b.hook == nil {
		return append(out, jen.Switch(b.word()).Block(cases...))
	}
	if b.by != "" {
		return append(out, jen.Id("word").Op(":=").Add(b.word()), jen.Switch(jen.Id("word")).Block(cases...))
	}
	return append(out, jen.Id("word").Op(":=").Add(d("Word")), jen.Switch(jen.String().Parens(jen.Id("word"))).Block(cases...))
}

// word reads the deciding keyword: with the terminal that "by" names, else as a keyword.
func (b *reader) word() jen.Code {
	if b.by == "" {
		return jen.String().Parens(d("Word"))
	}
	return jen.Qual("strings", "ToUpper").Call(d(b.e.r.names.camel(b.by)))
}

// byWord groups the alternatives by their keywords, in the order of the text.
func (b *reader) byWord(alts []*seq) ([]string, map[string][]led) {
	var order []string
	m := map[string][]led{}
	for _, s := range alts {
		n := slices.IndexFunc(s.nodes, func(n *node) bool { return n.kind == wordNode })
		for _, v := range s.nodes[n].words {
			w := strings.ToUpper(v.text)
			if m[w] == nil {
				order = append(order, w)
			}
			m[w] = append(m[w], led{s, s.nodes[n+1:], v})
		}
	}
	return order, m
}

// shared emits what follows a keyword that one or several alternatives begin with: then the next octet decides.
func (b *reader) shared(l []led, follow *look, fin finish) []jen.Code {
	if len(l) == 1 {
		return fin(l[0].seq, l[0].rest, l[0].word, follow)
	}
	var cases []jen.Code
	var def []jen.Code
	var seen []led
	sp := true
	for _, x := range l {
		sp = sp && len(x.rest) > 0 && x.rest[0].kind == spNode
	}
	if sp { // METADATA SP "MAXSIZE" / METADATA SP "TOOMANY": the keyword goes on behind the SP
		var alts []*seq
		for _, x := range l {
			alts = append(alts, &seq{pos: x.seq.pos, nodes: x.rest[1:], alt: x.seq.alt, rule: x.seq.rule})
		}
		return append([]jen.Code{d("SP")}, b.choice(alts, follow, false, fin)...)
	}
	for _, x := range l {
		look := b.e.r.lookOf(x.rest, nil)
		for _, y := range seen {
			if c := b.e.r.lookOf(x.rest, follow).clash(b.e.r.lookOf(y.rest, follow)); c != "" && !b.lenient {
				b.e.r.faults.add(x.seq.pos, "this alternative and the one at %s start with the same keyword and then both with %s", y.seq.pos, c)
			}
		}
		seen = append(seen, x)
		body := fin(x.seq, x.rest, x.word, follow)
		if look.empty || look.octets.isZero() {
			def = body
			continue
		}
		cases = append(cases, jen.Case(b.e.octetCond(jen.Id("c"), look.octets)).Block(body...))
	}
	if def == nil {
		def = b.fail("what follows " + l[0].seq.nodes[0].words[0].text)
	}
	cases = append(cases, jen.Default().Block(def...))
	return []jen.Code{jen.Switch(jen.Id("c").Op(":=").Add(d("Peek")), jen.Empty()).Block(cases...)}
}

// peekWords emits a switch over the keyword that each alternative then reads itself.
func (b *reader) peekWords(alts []*seq, open *seq, follow *look, optional bool, fin finish) []jen.Code {
	var cases []jen.Code
	for _, s := range alts {
		l := b.e.r.lookOf(s.nodes, nil)
		var words []jen.Code
		for _, w := range l.words {
			words = append(words, jen.Lit(w))
		}
		cases = append(cases, jen.Case(words...).Block(fin(s, s.nodes, variant{}, follow)...))
	}
	switch {
	case open != nil:
		cases = append(cases, jen.Default().Block(fin(open, open.nodes, variant{}, follow)...))
	case !optional:
		cases = append(cases, jen.Default().Block(b.fail(b.wanted(alts))...))
	}
	return []jen.Code{jen.Switch(jen.String().Parens(d("PeekWord"))).Block(cases...)}
}
