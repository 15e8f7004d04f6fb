package conn

import (
	"io"
	"time"
)

// A Step is how far a command has come.
type Step uint8

// The steps of a command. Data and the two of literals may be missing; a command that was never sent has but the first and the last.
const (
	StepStarted   Step = iota // it was queued
	StepWritten               // all of it was written, or answered before that
	StepData                  // the first response came that answers it
	StepSending               // octets of a literal that is read from a source were written
	StepReceiving             // octets of a literal of more than 4 KiB came
	StepDone                  // it has ended
)

// String names the step.
func (s Step) String() string {
	if int(s) < len(stepNames) {
		return stepNames[s]
	}
	return "unknown"
}

var stepNames = [...]string{"started", "written", "data", "sending", "receiving", "done"}

// A Progress tells of one step of a command, for metrics and progress bars.
type Progress struct {
	Step    Step
	Time    time.Time
	Call    uint64 // which command of the connection, from 1; 0: a literal comes, and it is not certain for which of several
	Command string // its name, as in Spec: "FETCH" for UID FETCH, too

	Octets int64 // StepSending, StepReceiving: of the literal, so far
	Size   int64 // StepSending, StepReceiving: of the literal

	Sent     int64 // StepDone: octets of its literals from sources
	Received int64 // StepDone: octets of the data that answered it
	Err      error // StepDone
}

// progress passes on what a connection does, in order and on a goroutine of its own, which lasts as long as there is something to
// pass on: so nobody waits for Options.Progress. All but coming is guarded by Conn.mu.
type progress struct {
	calls   uint64
	queue   []Progress
	telling bool
	coming  coming
}

// told is what was told of a call. It is guarded by Conn.mu.
type told struct {
	id             uint64
	written        bool
	data           bool
	sent, received int64 // octets
}

// took counts the octets of data that answers a call. The caller holds mu.
func (k *Call) took(octets int64) {
	if k.told != nil {
		k.told.received += octets
	}
}

// coming is the literal that is being read. It belongs to the reader.
type coming struct{ octets, size int64 }

const (
	longLiteral = 4 << 10
	readAhead   = 256 << 10 // octets of a literal that may have been buffered when it began, and so are not counted
)

// note tells of a step of a call. The caller holds mu.
func (c *Conn) note(step Step, k *Call, octets, size int64) {
	p := c.progress
	if p == nil || k != nil && k.wants.internal {
		return
	}
	e := Progress{Step: step, Time: time.Now(), Octets: octets, Size: size}
	if k != nil {
		if k.told == nil {
			p.calls++
			k.told = &told{id: p.calls}
		}
		e.Call, e.Command = k.told.id, k.spec.Name
		if step == StepDone {
			e.Sent, e.Received, e.Err = k.told.sent, k.told.received, k.err
		}
	}
	if last := len(p.queue) - 1; last >= 0 && (step == StepSending || step == StepReceiving) {
		if l := &p.queue[last]; l.Step == step && l.Call == e.Call && l.Size == size && l.Octets <= octets {
			*l = e // nobody has seen it yet
			return
		}
	}
	p.queue = append(p.queue, e)
	if !p.telling {
		p.telling = true
		go c.tell()
	}
}

// wrote tells that calls were written. It is called by the writer without mu.
func (c *Conn) wrote(calls []*Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range calls {
		c.written(k)
	}
}

// written tells so of one call, once; the caller holds mu.
func (c *Conn) written(k *Call) {
	if t := k.told; t != nil && !t.written && k.phase == phaseSent {
		t.written = true
		c.note(StepWritten, k, 0, 0)
	}
}

// sending tells of n more octets of a source.
func (c *Conn) sending(k *Call, n, octets, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k.ended {
		return
	}
	if k.told != nil {
		k.told.sent += n
	}
	c.note(StepSending, k, octets, size)
}

// firstData tells of the first response that answers a call; the caller holds mu.
func (c *Conn) firstData(k *Call) {
	if t := k.told; t != nil && !t.data {
		t.data = true
		c.written(k)
		c.note(StepData, k, 0, 0)
	}
}

// tell passes on what there is.
func (c *Conn) tell() {
	p := c.progress
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(p.queue) > 0 {
		events := p.queue
		p.queue = nil
		c.mu.Unlock()
		for _, e := range events {
			c.opts.Progress(e)
		}
		c.mu.Lock()
	}
	p.telling = false
}

// metered counts the octets of long literals in what is read, if anybody wants to know.
func (c *Conn) metered(r io.Reader) io.Reader {
	if c.progress == nil {
		return r
	}
	c.reader.OnLiteral(func(size int64, _ bool) error {
		c.came()
		c.progress.coming = coming{size: size}
		return nil
	})
	return &meter{r, c}
}

// A meter is the stream of a connection with progress.
type meter struct {
	io.Reader
	c *Conn
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if l := &m.c.progress.coming; n > 0 && l.size > longLiteral {
		l.octets = min(l.octets+int64(n), l.size)
		m.c.receiving()
	}
	return n, err
}

// came ends the literal that was read last: the frame goes on, or is complete.
func (c *Conn) came() {
	if l := &c.progress.coming; l.size > longLiteral && l.octets < l.size && l.size-l.octets <= readAhead {
		l.octets = l.size
		c.receiving()
	}
	c.progress.coming = coming{}
}

func (c *Conn) receiving() {
	l := c.progress.coming
	c.mu.Lock()
	defer c.mu.Unlock()
	var k *Call
	if c.flying.n == 1 {
		k = c.flying.head
		c.written(k) // it is answered: the writer may not have come to say so
	}
	c.note(StepReceiving, k, l.octets, l.size)
}
