package wire

import "bytes"

const maxFlagList = 256 // octets of a list that is interned

// flagTable holds lists of flags by their octets. Most messages of a mailbox have one of few lists.
type flagTable struct {
	m      map[string]*flagEntry
	recent [16]*flagEntry // of m, by slot: a lookup costs less here
	list   []Flag         // scratch
}

type flagEntry struct {
	raw   string
	flags Flags
	star  bool // has \*
}

// slot gives the place in recent of a list that is not empty.
func slot(raw []byte) int { return (len(raw) + int(raw[len(raw)/2])) & 15 }

func (t *flagTable) get(raw []byte) *flagEntry {
	n := slot(raw)
	if e := t.recent[n]; e != nil && string(raw) == e.raw {
		return e
	}
	e := t.m[string(raw)]
	if e != nil {
		t.recent[n] = e
	}
	return e
}

func (t *flagTable) put(raw []byte, e *flagEntry) {
	if len(raw) > maxFlagList {
		return
	}
	if t.m == nil {
		t.m = make(map[string]*flagEntry)
	}
	if len(t.m) >= maxInterned {
		clear(t.m)
	}
	e.raw = string(raw)
	t.m[e.raw] = e
	t.recent[slot(raw)] = e
}

// Flag reads a flag, as a client may set it.
func (d *Decoder) Flag() Flag { return d.flag("flag", false) }

// FlagFetch reads a flag of a message; it may be \Recent.
func (d *Decoder) FlagFetch() Flag { return d.flag("flag-fetch", false) }

// FlagPerm reads a permanent flag; it may be \*.
func (d *Decoder) FlagPerm() Flag { return d.flag("flag-perm", true) }

// FlagList reads the flags, none or more with blanks between, before ")". NIL in it is skipped, and "\*", quoted flags and flags with
// brackets are taken, with a warning.
func (d *Decoder) FlagList() Flags { return d.flagList("flag", false) }

// FlagFetchList reads the flags of a message before ")".
func (d *Decoder) FlagFetchList() Flags { return d.flagList("flag-fetch", false) }

// FlagPermList reads permanent flags before ")".
func (d *Decoder) FlagPermList() Flags { return d.flagList("flag-perm", true) }

func (d *Decoder) flagList(rule string, star bool) Flags {
	b := d.buf[d.pos:]
	if len(b) > maxFlagList {
		b = b[:maxFlagList]
	}
	n := bytes.IndexByte(b, ')')
	if n == 0 {
		return Flags{}
	}
	if n < 0 {
		return d.flagListSlow(rule, star, nil)
	}
	if e := d.flags.get(b[:n]); e != nil && (star || !e.star) {
		d.pos += n
		return e.flags
	}
	return d.flagListSlow(rule, star, b[:n])
}

// flagListSlow reads a list flag by flag. A list that is as the grammar wants it goes into the table under its octets.
func (d *Decoder) flagListSlow(rule string, star bool, raw []byte) Flags {
	warned := len(d.warnings) + d.dropped
	end := d.pos + len(raw)
	list := d.flags.list[:0]
	e := flagEntry{}
	for d.beginsFlag() {
		f := d.flag(rule, star)
		if d.err != nil {
			return Flags{}
		}
		e.star = e.star || f == FlagWildcard
		if f != "" {
			list = append(list, f)
		}
		if !d.AcceptSP() {
			break
		}
	}
	if d.err != nil {
		return Flags{}
	}
	if cap(list) <= maxInterned {
		d.flags.list = list[:0]
	}
	e.flags = NewFlags(list...)
	if raw != nil && d.pos == end && warned == len(d.warnings)+d.dropped {
		d.flags.put(raw, &e)
	}
	return e.flags
}

func (d *Decoder) beginsFlag() bool {
	c := d.Peek()
	return c == '\\' || c == '"' || class[c]&isAstring != 0 || c >= 0x80
}

// flag reads one flag. It gives "" for NIL.
func (d *Decoder) flag(rule string, star bool) Flag {
	i := d.pos
	if d.Peek() == '"' {
		if !d.deviate(rule, "a flag without quotes") {
			return ""
		}
		return Flag(d.quoted(rule)).canonical()
	}
	j, word := i, i
	if j < len(d.buf) && d.buf[j] == '\\' {
		word++
		if j = word; j < len(d.buf) && d.buf[j] == '*' {
			if !star && !d.deviate(rule, `a flag other than \*`) {
				return ""
			}
			d.pos = j + 1
			return FlagWildcard
		}
	}
	if j = span(d.buf, word, isAtom); j < len(d.buf) && (d.buf[j] == ']' || d.buf[j] >= 0x80) {
		if !d.deviate(rule, "octets of an atom") {
			return ""
		}
		for j < len(d.buf) && (class[d.buf[j]]&isAstring != 0 || d.buf[j] >= 0x80) {
			j++
		}
	}
	if j == word {
		d.Fail(rule, "a flag")
		return ""
	}
	if equalFold(d.buf[i:j], "NIL") {
		if d.deviate(rule, "a flag") {
			d.pos = j
		}
		return ""
	}
	d.pos = j
	return Flag(d.names.get(d.buf[i:j])).canonical()
}
