package wire

// A Decoder is a cursor over the text of one frame. The generated decoder embeds it: what is here knows octets and terminals, no
// rule. The first error parks the cursor at the end of the frame: after it nothing can be read, and every method gives the zero
// value. A Decoder is for one goroutine. The zero value is ready for use.
type Decoder struct {
	buf []byte
	pos int
	err *SyntaxError

	strict  bool
	lenient bool // the second pass of an item is running
	depth   int
	limits  Limits // with defaults; zero until Begin or SetLimits

	frame *Frame
	text  string // one copy of buf from from on, made when the first text is cut
	from  int
	cut   bool // text is made

	word [48]byte // what Word gives in upper case, if it is short enough
	wide []byte   // and otherwise

	utf8 bool // mailbox names are UTF-8

	lastRemark string // a short text of a status response, as it came and as it reads
	batch      int64  // octets of the frames of this batch

	warnings []Warning
	dropped  int  // warnings beyond the bound
	resyncs  int  // in this frame
	toEnd    bool // an item that was skipped went on to the line end, and has what closes its list
	retried  int  // one more than where the last second pass began

	begins func(word []byte) bool
	names  interned
	flags  flagTable
	ranges List[NumRange]
}

// Begin starts on a frame. Interned values and options are kept. Blanks and NULs before the response, which some servers send, are
// skipped with a warning.
func (d *Decoder) Begin(f *Frame) {
	if d.limits.Depth == 0 {
		d.limits = d.limits.WithDefaults()
	}
	d.frame, d.buf, d.pos = f, f.text, 0
	d.lenient, d.depth, d.dropped, d.resyncs, d.toEnd, d.retried = false, 0, 0, 0, false, 0
	if d.cut || d.err != nil || d.warnings != nil { // rarely, and a pointer costs more to write than to look at
		d.text, d.cut, d.err, d.warnings = "", false, nil, nil
	}
	if cap(d.wide) > maxWide {
		d.wide = nil
	}
	if len(d.buf) > 0 && (d.buf[0] == ' ' || d.buf[0] == 0) {
		d.skipLeading()
	}
}

// batchSize is how many octets the frames of a batch have together, unless it is one frame. The values that come of them are about as
// large again.
const batchSize = 4 << 10

// NewBatch tells that the frame, which Begin began, is the first of a batch. Frames of a batch share the chunks in which their values lie, and
// share none with others: then a row that is kept holds its batch in memory, and nothing else. Values point to values in other chunks, so it
// is not enough that chunks are small: each would hold the next one.
func (d *Decoder) NewBatch() bool {
	n := d.frame.Len()
	d.batch += n
	if d.batch <= batchSize || d.batch == n {
		return false
	}
	d.batch = n
	d.ranges.Fresh()
	return true
}

// End lets go of the frame: a long one, and the copy of its text, are not held until the next one comes. The error stays.
func (d *Decoder) End() {
	d.frame, d.buf, d.pos = nil, nil, 0
	d.text, d.cut = "", false
}

func (d *Decoder) skipLeading() {
	if d.strict {
		d.Fail("response", "no blank before it")
		return
	}
	d.Warn("response", "no blank before it")
	for d.pos < len(d.buf) && (d.buf[d.pos] == ' ' || d.buf[d.pos] == 0) {
		d.pos++
	}
}

// SetStrict makes every deviation from the grammar an error. It is for servers and for tests; by default deviations are warnings.
func (d *Decoder) SetStrict(on bool) { d.strict = on }

// Strict tells whether deviations are errors.
func (d *Decoder) Strict() bool { return d.strict }

// SetLimits sets the bounds of text and depth.
func (d *Decoder) SetLimits(l Limits) { d.limits = l.WithDefaults() }

// OK tells that no error has occurred.
func (d *Decoder) OK() bool { return d.err == nil }

// Err gives the first error, a *SyntaxError, or nil.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Fail records that what the rule wants is not at the cursor, and parks the cursor at the end. Only the first error counts.
func (d *Decoder) Fail(rule, want string) {
	if d.err == nil {
		d.err = &SyntaxError{Rule: rule, Want: want, Offset: d.pos, Octets: d.excerpt(d.pos)}
	}
	d.pos = len(d.buf)
}

// deviate is a deviation that can be read: a warning, or in strict mode an error. It tells whether to go on.
func (d *Decoder) deviate(rule, want string) bool {
	if d.err != nil {
		return false
	}
	if d.strict {
		d.Fail(rule, want)
		return false
	}
	d.Warn(rule, want)
	return true
}

// Pos gives the offset of the cursor in the text of the frame.
func (d *Decoder) Pos() int { return d.pos }

// Rewind moves the cursor back to a place that Pos gave. After an error it does nothing.
func (d *Decoder) Rewind(pos int) {
	if d.err == nil {
		d.pos = pos
	}
}

// Peek gives the octet at the cursor, 0 at the end.
func (d *Decoder) Peek() byte {
	if d.pos < len(d.buf) {
		return d.buf[d.pos]
	}
	return 0
}

// PeekAt gives the octet n after the cursor, 0 beyond the end.
func (d *Decoder) PeekAt(n int) byte {
	if i := d.pos + n; i < len(d.buf) {
		return d.buf[i]
	}
	return 0
}

// AfterSP gives the octet after the blank, or the run of blanks, at the cursor; 0 if there is no blank here.
func (d *Decoder) AfterSP() byte {
	if i := d.afterBlanks(); i > d.pos && i < len(d.buf) {
		return d.buf[i]
	}
	return 0
}

// Expect takes the octet c. Blanks before a closing bracket are taken with a warning.
func (d *Decoder) Expect(c byte) {
	if d.pos < len(d.buf) && d.buf[d.pos] == c {
		d.pos++
		return
	}
	d.expectSlow(c)
}

func (d *Decoder) expectSlow(c byte) {
	if (c == ')' || c == ']') && !d.strict && d.AfterSP() == c {
		d.Warn("list", "no SP before the end")
		d.skipBlanks()
		d.pos++
		return
	}
	if c == ')' && d.toEnd && d.pos == d.lineStop(d.pos) {
		return
	}
	d.Fail("literal text", `"`+string(rune(c))+`"`)
}

// Open takes "(". Blanks after it are taken with a warning: no rule has one there.
func (d *Decoder) Open() {
	if i := d.pos + 1; i < len(d.buf) && d.buf[i-1] == '(' && d.buf[i] != ' ' {
		d.pos = i
		return
	}
	d.openSlow()
}

func (d *Decoder) openSlow() {
	d.Expect('(')
	if d.Peek() == ' ' && d.deviate("list", "no SP after the beginning") {
		d.skipBlanks()
	}
}

// Accept takes the octet c if it is at the cursor.
func (d *Decoder) Accept(c byte) bool {
	if d.pos < len(d.buf) && d.buf[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// SP takes one blank. A run of blanks is taken with a warning.
func (d *Decoder) SP() {
	if i := d.pos + 1; i < len(d.buf) && d.buf[i] > ' ' && d.buf[i-1] == ' ' {
		d.pos = i
		return
	}
	d.spSlow()
}

func (d *Decoder) spSlow() {
	if d.Peek() != ' ' {
		d.Fail("SP", "a blank")
		return
	}
	if d.PeekAt(1) == ' ' && !d.deviate("SP", "one blank") {
		return
	}
	if class[d.AfterSP()]&endsItem != 0 {
		d.pos++ // what should stand between these blanks is empty
		return
	}
	d.skipBlanks()
}

func (d *Decoder) skipBlanks() {
	for d.pos < len(d.buf) && d.buf[d.pos] == ' ' {
		d.pos++
	}
}

// AcceptSP takes the blank before another element of a list. Blanks before ")", "]" or the end of the line are taken with a
// warning, and it gives false, as it does where there is no blank.
func (d *Decoder) AcceptSP() bool {
	if i := d.pos + 1; i < len(d.buf) && d.buf[i-1] == ' ' && class[d.buf[i]]&endsItem == 0 {
		d.pos = i
		return true
	}
	return d.acceptSPSlow()
}

func (d *Decoder) acceptSPSlow() bool {
	if d.Peek() != ' ' {
		return false
	}
	if c := d.AfterSP(); c == 0 || class[c]&endsItem != 0 && (c != ']' || d.lenient && d.closes()) {
		if d.deviate("SP", "no blank before the end of a list") {
			d.skipBlanks()
		}
		return false
	}
	if d.PeekAt(1) == ' ' && !d.deviate("SP", "one blank") {
		return false
	}
	d.skipBlanks()
	return true
}

// closes tells whether the "]" after the blanks at the cursor ends a code. An astring may begin with "]" as well: the first pass
// takes it for one, and where none can be the second pass takes it for the end.
func (d *Decoder) closes() bool {
	i := d.afterBlanks() + 1
	return i >= len(d.buf) || d.buf[i] == ' ' || d.buf[i] == ')' || lineEnd(d.buf, i)
}

// CRLF takes the end of the frame. Blanks before it and a lone LF are taken with a warning; in the second pass everything that is
// left.
func (d *Decoder) CRLF() {
	if d.err != nil {
		return
	}
	if i := d.pos; i+2 == len(d.buf) && d.buf[i] == '\r' && d.buf[i+1] == '\n' {
		d.pos += 2
		return
	}
	if d.Peek() == ' ' && lineEnd(d.buf, d.afterBlanks()) {
		if !d.deviate("CRLF", "no blank before the end of the line") {
			return
		}
		d.skipBlanks()
	}
	switch rest := d.buf[d.pos:]; {
	case string(rest) == "\r\n":
	case string(rest) == "\n":
		if !d.deviate("CRLF", "CR before LF") {
			return
		}
	case d.lenient || lineEnd(d.buf, d.pos) && len(rest) > 0:
		if !d.deviate("CRLF", "the end of the response") {
			return
		}
	default:
		d.Fail("CRLF", "the end of the line")
		return
	}
	d.pos = len(d.buf)
}

func (d *Decoder) afterBlanks() int {
	i := d.pos
	for i < len(d.buf) && d.buf[i] == ' ' {
		i++
	}
	return i
}

// AtEnd tells that nothing but blanks stands before the end of the line.
func (d *Decoder) AtEnd() bool {
	if d.pos < len(d.buf) && d.buf[d.pos] > ' ' {
		return false
	}
	return lineEnd(d.buf, d.afterBlanks())
}

// Enter begins a recursive rule. It fails, and gives false, beyond the limit of depth; each true needs a Leave.
func (d *Decoder) Enter() bool {
	if d.err != nil {
		return false
	}
	if d.depth >= d.limits.Depth {
		d.Fail("nesting", "fewer levels")
		return false
	}
	d.depth++
	return true
}

// Leave ends what Enter began.
func (d *Decoder) Leave() { d.depth-- }

// str cuts octets i to j out of the one copy of the frame, which begins with the first text that is cut. A frame that is unusually long is not copied as a whole: one short text
// that is kept would hold all of it.
func (d *Decoder) str(i, j int) string {
	if d.cut && i >= d.from {
		return d.text[i-d.from : j-d.from]
	}
	return d.strSlow(i, j)
}

const copyWhole = 32 << 10

func (d *Decoder) strSlow(i, j int) string {
	if i == j {
		return ""
	}
	if len(d.buf) > copyWhole {
		return string(d.buf[i:j])
	}
	d.text, d.from, d.cut = string(d.buf[i:]), i, true
	return d.text[:j-i]
}

// Intern gives octets as a string, the same one for equal octets as long as the table lasts. It is for short tokens that repeat.
func (d *Decoder) Intern(b []byte) string { return d.names.get(b) }
