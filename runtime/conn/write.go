package conn

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/parley-go/parley/runtime/wire"
)

// sourceGrace is how long a call that was cancelled waits for a Read of its source that is still running. Nothing is read after the call
// has ended, but a Read cannot be interrupted.
const sourceGrace = time.Second

// lastWords is how long the server's reason is waited for when it takes no more commands.
const lastWords = time.Second

var chunks = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// An outbox is what the writer writes next, and what it makes that in.
type outbox struct {
	encoder wire.Encoder
	pieces  []wire.Piece
	out     []byte  // to be written
	batch   []*Call // whose last octets are in out
	shown   []byte  // out as the trace shows it
	cuts    []int   // where the lines in shown end
}

// trim gives up what many commands needed.
func (b *outbox) trim() {
	if cap(b.out) > smallBuffer {
		b.out = nil
	}
	if cap(b.shown) > smallBuffer {
		b.shown = nil
	}
	if cap(b.batch) > smallCrowd {
		b.batch, b.cuts = nil, nil
	}
}

// part is a command of which some octets are still to be written: the server must say "+" first, or a source is being sent. Nothing else
// is written until then (RFC 3501 section 5.5).
type part struct {
	k        *Call
	pieces   []wire.Piece // the rest; in the encoder, which is not used meanwhile
	source   *wire.Source // nil: none
	waiting  wire.Pause
	open     bool       // "+" has come
	inSource bool       // octets of source are being written
	early    *Condition // the tagged answer, which came before the command was written to its end
}

// takenBack tells whether octets are still to be sent that are the caller's again once the call has ended.
func (p *part) takenBack() bool {
	callers := func(s *wire.Source) bool { return s != nil && !s.Fixed() }
	return callers(p.source) || slices.ContainsFunc(p.pieces, func(next wire.Piece) bool { return callers(next.Source) })
}

// kick starts the writer if there is something for it to do. The caller holds mu. The writer runs on a goroutine of its own, so that
// neither the reader nor who starts a command waits for the network, and only as long as it has work: an idle connection has none.
func (c *Conn) kick() {
	if c.writing || c.mute || c.err != nil {
		return
	}
	switch {
	case c.part.k != nil:
		if !c.partReady() {
			return
		}
	case c.sasl != nil && c.sasl.asked:
	case c.queue.n == 0 || c.stuck:
		return
	}
	c.writing, c.yielding = true, true
	go c.writer()
}

// write is the writer: one step after the other until there is none. Before each it lets those run who are about to start commands, as
// many are when the answers to many have come: one write for all of them costs far less than one for each. See intake for what ends that.
func (c *Conn) write() {
	for {
		runtime.Gosched()
		c.mu.Lock()
		if !c.yielding {
			c.mu.Unlock()
			return // relieved
		}
		c.yielding = false
		if !c.steps() {
			return
		}
	}
}

// relieve is the writer in place of one that would be let run too late.
func (c *Conn) relieve() {
	c.mu.Lock()
	if c.steps() {
		c.write()
	}
}

// steps writes until there is nothing to write, and the writer has ended: false; or until the writer is to let others run. It is called by
// the writer with mu held and gives it up.
func (c *Conn) steps() bool {
	for c.step() {
		c.mu.Lock()
		if c.intake.n.Load() < intakeDepth {
			c.yielding = true
			c.mu.Unlock()
			return true
		}
	}
	return false
}

// step writes what is to be written next; false, and the writer has ended, if nothing is. It is called by the writer with mu held and gives
// it up.
func (c *Conn) step() bool {
	c.takeIn()
	if c.box == nil {
		c.box = new(outbox)
	}
	switch {
	case c.err != nil || c.mute:
	case c.part.k != nil:
		if c.partReady() {
			c.goOn()
			return true
		}
	case c.sasl != nil && c.sasl.asked:
		c.respond()
		return true
	case c.admit():
		return true
	}
	if c.flying.n == 0 {
		c.box.trim()
	}
	c.writing = false
	c.changed.Broadcast()
	c.restWriter()
	c.mu.Unlock()
	return false
}

// partReady tells whether the command that is written in part can go on. The caller holds mu.
func (c *Conn) partReady() bool {
	p := &c.part
	switch {
	case p.waiting == wire.PauseNone:
		return true
	case p.waiting == wire.PauseTurn && p.k.spec.Dialog == DialogIdle:
		return p.open && c.idleEnds(p.k) // never DONE before "+": it would be read as a command (RFC 2177)
	}
	return p.open
}

// begin takes an encoded command to write. It is called by the writer with mu held.
func (c *Conn) begin(k *Call, pieces []wire.Piece) {
	k.phase = phaseBegun
	c.part = part{k: k, pieces: pieces}
	c.load()
}

// load moves to c.box.out what can be written of c.part now. It is called by the writer with mu held. Once all of the command is there,
// c.part is empty; the caller writes c.box.out.
func (c *Conn) load() {
	p := &c.part
	for c.partReady() {
		p.waiting, p.open = wire.PauseNone, false
		if p.source != nil {
			return
		}
		if len(p.pieces) == 0 {
			c.box.batch = append(c.box.batch, p.k)
			c.part = part{}
			return
		}
		next := p.pieces[0]
		p.pieces = p.pieces[1:]
		c.box.out = append(c.box.out, next.Octets...)
		c.box.shown = redact(c.box.shown, next.Octets, next.Secrets)
		for _, secret := range next.Secrets {
			clear(next.Octets[secret.From:secret.To]) // the encoder keeps its octets until they are needed
		}
		c.box.cuts = append(c.box.cuts, len(c.box.shown))
		p.waiting, p.source = next.Then, next.Source
	}
}

// goOn writes more of c.part. It is called by the writer with mu held and gives it up.
func (c *Conn) goOn() {
	k, early := c.part.k, c.part.early
	if c.load(); len(c.box.out) == 0 {
		c.part.inSource = true
		c.sendSource(k, *c.part.source)
		return
	}
	c.flush()
	c.mu.Lock()
	defer c.mu.Unlock()
	if early != nil && c.part.k != k && c.err == nil {
		c.conclude(k, *early) // the server refused it before it was complete
		c.landed()
	}
}

// flush writes c.box.out. It is called by the writer with mu held and gives it up.
func (c *Conn) flush() {
	for _, k := range c.box.batch {
		k.phase = phaseSent
	}
	var written []*Call
	if c.progress != nil {
		written = slices.Clone(c.box.batch)
	}
	clear(c.box.batch)
	c.box.batch = c.box.batch[:0]
	w := c.transport
	c.arm()
	c.mu.Unlock()
	c.traceSent()
	c.box.shown, c.box.cuts = c.box.shown[:0], c.box.cuts[:0]
	if c.send(w, c.box.out) && written != nil {
		c.wrote(written)
	}
	clear(c.box.out) // passwords
	c.box.out = c.box.out[:0]
}

// traceSent traces what is in the outbox. Of many commands at once, which nobody watches, it takes those that the ring will hold.
func (c *Conn) traceSent() {
	cuts, from := c.box.cuts, 0
	if n := len(cuts) - max(c.opts.TraceLines, 0); n > 0 && !c.trace.watched() {
		cuts, from = cuts[n:], cuts[n-1]
	}
	for _, to := range cuts {
		if line := c.box.shown[from:to]; string(line) != "\r\n" { // the end of a command behind a source tells nobody anything
			c.trace.add(true, line)
		}
		from = to
	}
}

// send writes octets. If that fails, nothing more is written, and the connection ends a moment later: until then the reader may find out
// why, from a BYE for example.
func (c *Conn) send(w io.Writer, octets []byte) bool {
	c.stalls.writing.Store(c.stalls.clock())
	_, err := w.Write(octets)
	c.stalls.turn.Store(c.stalls.clock())
	c.stalls.writing.Store(0)
	if err == nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = true
	c.changed.Broadcast()
	time.AfterFunc(lastWords, func() { _ = c.end(&Error{cause: lost("write", err)}) })
	return false
}

// sendSource writes the octets of a source. It is called by the writer with mu held and gives it up.
func (c *Conn) sendSource(k *Call, s wire.Source) {
	w := c.transport
	c.mu.Unlock()
	c.trace.add(true, []byte("<"+strconv.FormatInt(s.Size(), 10)+" octets>"))
	switch err := c.copySource(w, k, s); err {
	case nil:
	case errStop:
		return
	case errTakenBack:
		_ = c.end(cancelledWithin(k))
		return
	default:
		_ = c.end(&Error{cause: err, culprit: k})
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.part.source, c.part.inSource = nil, false
	}
}

// errStop: the connection has ended while a source was being sent, or is about to.
var errStop = errors.New("stopped")

// errTakenBack: the call has ended, and its source is not read any more.
var errTakenBack = errors.New("taken back")

// cancelledWithin ends a connection whose server waits for octets that nobody has any more.
func cancelledWithin(k *Call) *Error {
	return &Error{cause: fmt.Errorf("%s was cancelled within its literal: %w", k.spec.Name, ErrClosed)}
}

// errCount: what stands in the buffer beyond the octets that were read must not be sent.
var errCount = errors.New("Read gave a count that it cannot have")

// copySource writes as many octets of the source as were announced. The server reads so many whatever happens: if the source has not got
// them, the connection is of no use any more.
func (c *Conn) copySource(w io.Writer, k *Call, s wire.Source) error {
	buf := chunks.Get().(*[]byte)
	defer chunks.Put(buf)
	r, left := s.Reader(), s.Size()
	read := func(p []byte) (int, error) { return c.readSource(k, r, p) }
	if s.Fixed() {
		read = r.Read
	}
	for left > 0 {
		n, err := read((*buf)[:min(left, int64(len(*buf)))])
		if left -= int64(n); n > 0 && !c.send(w, (*buf)[:n]) {
			return errStop
		}
		if c.progress != nil && n > 0 {
			c.sending(k, int64(n), s.Size()-left, s.Size())
		}
		switch {
		case err == errStop, err == errTakenBack:
			return err
		case err == io.EOF && left > 0:
			return fmt.Errorf("%w of %s ended %d octets early: %w", ErrSource, k.spec.Name, left, io.ErrUnexpectedEOF)
		case err != nil && err != io.EOF:
			return fmt.Errorf("%w of %s failed: %w", ErrSource, k.spec.Name, notEOF(err))
		}
	}
	if s.InMemory() {
		return nil
	}
	switch n, err := read((*buf)[:1]); {
	case err == errStop, err == errTakenBack:
		return err
	case n > 0:
		return fmt.Errorf("%w of %s is longer than %d octets", ErrSource, k.spec.Name, s.Size())
	}
	return nil
}

// readSource reads from the source of a call, unless the call has ended.
func (c *Conn) readSource(k *Call, r io.Reader, buf []byte) (int, error) {
	c.mu.Lock()
	switch {
	case c.err != nil:
		c.mu.Unlock()
		return 0, errStop
	case k.ended:
		c.mu.Unlock()
		return 0, errTakenBack
	}
	c.reading, c.stalls.source = k, c.stalls.clock()
	c.mu.Unlock()
	n, err := 0, error(nil)
	for range 100 {
		if n, err = r.Read(buf); n != 0 || err != nil {
			break
		}
	}
	switch {
	case n < 0 || n > len(buf):
		n, err = 0, errCount
	case n == 0 && err == nil:
		err = io.ErrNoProgress
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.stalls.source = nil, 0
	if k.ended {
		c.release(k)
		return 0, errTakenBack
	}
	return n, err
}

// answerToPart deals with a tagged answer to a command that is perhaps not written to its end. The caller holds mu. It gives false if no
// server may answer so, and the connection has ended.
func (c *Conn) answerToPart(k *Call, cond Condition) bool {
	if k.phase == phaseSent {
		return true
	}
	p := &c.part
	idle := p.k == k && p.waiting == wire.PauseTurn && k.spec.Dialog == DialogIdle
	if cond.Type == ConditionOK && !idle {
		_ = c.endLocked(&Error{cause: violation("OK to %s before it was complete", k.spec.Name)})
		return false
	}
	if p.k == k && p.waiting != wire.PauseNone {
		c.part = part{} // refused: what was to follow would be read as commands
	}
	return true
}
