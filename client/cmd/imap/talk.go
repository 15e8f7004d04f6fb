package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/parley-go/parley/runtime/wire"
)

// talk is what the demo prints. The trace comes from other goroutines.
type talk struct {
	mu    sync.Mutex
	w     io.Writer
	n     int // steps so far
	quiet bool
}

// step begins a numbered step.
func (t *talk) step(title string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
	fmt.Fprintf(t.w, "\n%d. %s\n", t.n, title)
}

// explain says in plain words what the step is about; each line is indented.
func (t *talk) explain(text string) { t.lines("   ", text) }

// show prints what came out.
func (t *talk) show(format string, args ...any) { t.lines("   > ", fmt.Sprintf(format, args...)) }

func (t *talk) lines(prefix, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(text) {
		fmt.Fprintln(t.w, strings.TrimRight(prefix+line, "\r\n "))
	}
}

// traceLine bounds what is shown of a line of the trace.
const traceLine = 160

// Write takes lines of the trace. They are safe to print: control characters are quoted and passwords left out.
func (t *talk) Write(trace []byte) (int, error) {
	t.mu.Lock()
	quiet := t.quiet
	t.mu.Unlock()
	if quiet {
		return len(trace), nil
	}
	for line := range strings.Lines(string(trace)) {
		line = strings.TrimRight(line, "\n")
		if r := []rune(line); len(r) > traceLine {
			line = string(r[:traceLine]) + " ..."
		}
		t.lines("       | ", line)
	}
	return len(trace), nil
}

// mute stops the trace, and starts it again.
func (t *talk) mute(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.quiet = on
}

// safe is text of a server for a terminal: control characters are shown as escapes. Backslashes stand as they are, for flags have them.
func safe(s string) string { return strings.ReplaceAll(wire.QuoteText(s), `\\`, `\`) }

// width is how long lines of many words get.
const width = 90

// wrap breaks text into lines between words.
func wrap(text string) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
