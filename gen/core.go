package gen

// coreRules are those of RFC 5234 appendix B.1 that a grammar may use without defining them.
func coreRules() map[string]*Rule {
	number := func(lo, hi int) *Term {
		return &Term{Kind: Number, Min: 1, Max: 1, Lo: []int{lo}, Hi: []int{hi}}
	}
	text := func(s string) *Term { return &Term{Kind: Literal, Min: 1, Max: 1, Text: s} }
	ref := func(name string) *Term { return &Term{Kind: Ref, Min: 1, Max: 1, Text: name} }
	rules := map[string]*Rule{}
	// Each argument is one alternative of a single term.
	define := func(name, source string, alts ...*Term) {
		r := &Rule{Name: name, Source: name + " = " + source, Pos: Pos{File: "RFC 5234"}}
		for _, t := range alts {
			t.Pos = r.Pos
			r.Alts = append(r.Alts, &Alt{Pos: r.Pos, Terms: []*Term{t}})
		}
		rules[name] = r
	}
	define("ALPHA", "%x41-5A / %x61-7A", number(0x41, 0x5A), number(0x61, 0x7A))
	define("BIT", `"0" / "1"`, text("0"), text("1"))
	define("CHAR", "%x01-7F", number(0x01, 0x7F))
	define("CR", "%x0D", number(0x0D, 0x0D))
	define("CRLF", "CR LF", &Term{Kind: Number, Min: 1, Max: 1, Lo: []int{0x0D, 0x0A}, Hi: []int{0x0D, 0x0A}})
	define("CTL", "%x00-1F / %x7F", number(0x00, 0x1F), number(0x7F, 0x7F))
	define("DIGIT", "%x30-39", number(0x30, 0x39))
	define("DQUOTE", "%x22", number(0x22, 0x22))
	define("HEXDIG", `DIGIT / "A" / "B" / "C" / "D" / "E" / "F"`, ref("DIGIT"), text("A"), text("B"), text("C"), text("D"), text("E"), text("F"))
	define("HTAB", "%x09", number(0x09, 0x09))
	define("LF", "%x0A", number(0x0A, 0x0A))
	define("OCTET", "%x00-FF", number(0x00, 0xFF))
	define("SP", "%x20", number(0x20, 0x20))
	define("VCHAR", "%x21-7E", number(0x21, 0x7E))
	define("WSP", "SP / HTAB", ref("SP"), ref("HTAB"))
	return rules
}
