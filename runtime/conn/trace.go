package conn

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/parley-go/parley/runtime/wire"
)

// A TraceEvent is a line, or several with their literals, that went over a connection. Secrets are replaced by "***",
// the octets of a source by their number.
type TraceEvent struct {
	Time time.Time
	Sent bool   // by the client
	Text string // without the CRLF at its end; may hold any octet
}

const (
	secretMark  = "***"
	traceLine   = 256  // octets of a line that the ring keeps
	traceOctets = 2048 // octets of all lines in the ring: it is part of what an idle connection costs
)

// A tracer keeps the last lines for errors and passes all of them on to whoever asked.
type tracer struct {
	hook   func(TraceEvent)
	logger *slog.Logger

	mu    sync.Mutex
	limit int          // lines
	ring  []byte       // of traceOctets, allocated with the first line
	start int          // where the oldest line begins in ring
	used  int          // octets of all lines
	lines []tracedLine // from the oldest; shifted, never cut from the front, so that it keeps its storage
}

type tracedLine struct {
	size int
	sent bool
}

// watched tells whether somebody is told of every line at once.
func (t *tracer) watched() bool {
	return t.hook != nil || t.logger.Enabled(context.Background(), slog.LevelDebug)
}

// add takes a line that holds no secret any more. It keeps no part of text.
func (t *tracer) add(sent bool, text []byte) {
	for n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r'); n-- {
		text = text[:n-1]
	}
	if t.limit > 0 {
		t.keep(sent, text)
	}
	if t.hook != nil {
		t.hook(TraceEvent{Time: time.Now(), Sent: sent, Text: string(text)})
	}
	if t.logger.Enabled(context.Background(), slog.LevelDebug) {
		msg := "received"
		if sent {
			msg = "sent"
		}
		t.logger.Debug(msg, "line", wire.QuoteText(string(text)))
	}
}

func (t *tracer) keep(sent bool, text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ring == nil {
		t.ring = make([]byte, traceOctets)
	}
	text = text[:min(len(text), traceLine)]
	for len(t.lines) > 0 && (len(t.lines) == t.limit || t.used+len(text) > len(t.ring)) {
		t.start = (t.start + t.lines[0].size) % len(t.ring)
		t.used -= t.lines[0].size
		t.lines = t.lines[:copy(t.lines, t.lines[1:])]
	}
	at := (t.start + t.used) % len(t.ring)
	copy(t.ring, text[copy(t.ring[at:], text):])
	t.used += len(text)
	t.lines = append(t.lines, tracedLine{len(text), sent})
}

// last gives the lines in the ring, oldest first, with control characters quoted.
func (t *tracer) last() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]string, 0, len(t.lines))
	at := t.start
	for _, l := range t.lines {
		line := make([]byte, 0, l.size)
		for i := range l.size {
			line = append(line, t.ring[(at+i)%len(t.ring)])
		}
		at += l.size
		mark := "S: "
		if l.sent {
			mark = "C: "
		}
		out = append(out, mark+wire.QuoteText(string(line)))
	}
	return out
}

// redact appends octets to dst with the secret ranges replaced. The mark does not tell how long they were.
func redact(dst, octets []byte, secrets []wire.Range) []byte {
	at := 0
	for _, s := range secrets {
		dst = append(dst, octets[at:s.From]...)
		dst = append(dst, secretMark...)
		at = s.To
	}
	return append(dst, octets[at:]...)
}

// Format prints the connection for package fmt: no verb shows what is in it.
func (c *Conn) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "connection: "+c.State().String())
}

// Format prints the command for package fmt, without its arguments.
func (k *Call) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.spec.Name) }
