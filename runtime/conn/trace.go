package conn

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/parley-go/parley/runtime/wire"
)

// A TraceEvent is a line, or several with their literals, that went over a connection. Secrets are replaced by "***",
// the octets of a source by their number. What is longer than 4 KiB is cut, and ends with " ...".
type TraceEvent struct {
	Time time.Time
	Sent bool   // by the client
	Text string // without the CRLF at its end; may hold any octet
}

const (
	secretMark  = "***"
	traceShown  = 4096 // octets of a line that are shown at once
	traceLine   = 255  // octets of a line that the ring keeps
	traceOctets = 2048 // octets of the ring
	traceIdle   = 128  // and while the connection idles: what came last before says most
)

// A tracer keeps the last lines for errors and passes all of them on to whoever asked.
type tracer struct {
	opts *Options

	mu    sync.Mutex
	ring  []byte // of traceOctets, or of traceIdle. A line is behind two octets: who sent it, and its length
	start int    // where the oldest line begins in ring
	used  int    // octets of all lines
	lines int
}

// watched tells whether somebody is told of every line at once.
func (t *tracer) watched() bool {
	return t.opts.Trace != nil || t.opts.Logger.Enabled(context.Background(), slog.LevelDebug)
}

// add takes a line that holds no secret any more. It keeps no part of text.
func (t *tracer) add(sent bool, text []byte) {
	for n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r'); n-- {
		text = text[:n-1]
	}
	if t.opts.TraceLines > 0 {
		t.keep(sent, text)
	}
	if !t.watched() {
		return
	}
	shown := string(hideURLs(text[:min(len(text), traceShown)]))
	if len(text) > traceShown {
		shown += " ..."
	}
	if t.opts.Trace != nil {
		t.opts.Trace(TraceEvent{Time: time.Now(), Sent: sent, Text: shown})
	}
	if t.opts.Logger.Enabled(context.Background(), slog.LevelDebug) {
		msg := "received"
		if sent {
			msg = "sent"
		}
		t.opts.Logger.Debug(msg, "line", wire.QuoteText(shown))
	}
}

// urlToken finds the URLs that let in whoever has them: ";URLAUTH=" access ":" mechanism ":" token (RFC 5092 section 11). GENURLAUTH makes
// them, and a server may name one anywhere.
var urlToken = regexp.MustCompile(`(?i)(;urlauth=[^:"\s]+:[-.a-z0-9]+:)[^"\s]+`)

// hideURLs gives a line without the tokens of such URLs.
func hideURLs(line []byte) []byte {
	if bytes.IndexByte(line, ';') < 0 {
		return line
	}
	return urlToken.ReplaceAll(line, []byte("${1}"+secretMark))
}

func (t *tracer) keep(sent bool, text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text = text[:min(len(text), traceLine)]
	if t.used+2+len(text) > len(t.ring) {
		t.resize(traceOctets)
	}
	for t.lines > 0 && (t.lines == t.opts.TraceLines || t.used+2+len(text) > len(t.ring)) {
		t.drop()
	}
	var mark byte = 'S'
	if sent {
		mark = 'C'
	}
	t.put([]byte{mark, byte(len(text))})
	t.put(text)
	t.lines++
}

// rest makes the ring small.
func (t *tracer) rest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.resize(traceIdle)
}

// resize makes the ring so large, and drops the oldest lines that have no room in it.
func (t *tracer) resize(size int) {
	if len(t.ring) == size {
		return
	}
	for t.used > size {
		t.drop()
	}
	ring := make([]byte, size)
	for i := range t.used {
		ring[i] = t.octet(t.start + i)
	}
	t.ring, t.start = ring, 0
}

// drop forgets the oldest line.
func (t *tracer) drop() {
	n := 2 + int(t.octet(t.start+1))
	t.start = (t.start + n) % len(t.ring)
	t.used -= n
	t.lines--
}

// put adds octets to the ring, where they have room.
func (t *tracer) put(octets []byte) {
	at := (t.start + t.used) % len(t.ring)
	copy(t.ring, octets[copy(t.ring[at:], octets):])
	t.used += len(octets)
}

// octet gives what is in the ring at a place, which may be beyond its end.
func (t *tracer) octet(at int) byte { return t.ring[at%len(t.ring)] }

// last gives the lines in the ring, oldest first, with control characters quoted.
func (t *tracer) last() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]string, 0, t.lines)
	for at := t.start; len(out) < t.lines; {
		line := make([]byte, t.octet(at+1))
		for i := range line {
			line[i] = t.octet(at + 2 + i)
		}
		out = append(out, string(t.octet(at))+": "+wire.QuoteText(string(hideURLs(line))))
		at += 2 + len(line)
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
