package client

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// A Progress is one step of a command, for Options.Progress. Its Call ties the steps of one command together.
type Progress = conn.Progress

// The steps of a command. It is started and done exactly once; the others come where they apply.
const (
	StepStarted   = conn.StepStarted   // it was queued
	StepWritten   = conn.StepWritten   // all of it was written, or answered before that
	StepData      = conn.StepData      // the first response came that answers it
	StepSending   = conn.StepSending   // Octets of Size of a message that is being appended were written
	StepReceiving = conn.StepReceiving // Octets of Size of a body of more than 4 KiB came
	StepDone      = conn.StepDone      // it has ended, with Err
)

// traceTo writes each line of the connection to w: time, direction, octets with control characters quoted. Secrets are gone already.
// A backslash is left as it is: every flag begins with one, and people look for \Seen.
func traceTo(w io.Writer) func(conn.TraceEvent) {
	if w == nil {
		return nil
	}
	var mu sync.Mutex
	var line bytes.Buffer
	return func(ev conn.TraceEvent) {
		mu.Lock()
		defer mu.Unlock()
		line.Reset()
		line.WriteString(ev.Time.Format(time.TimeOnly + ".000"))
		if ev.Sent {
			line.WriteString(" C: ")
		} else {
			line.WriteString(" S: ")
		}
		line.WriteString(strings.ReplaceAll(wire.QuoteText(ev.Text), `\\`, `\`))
		line.WriteByte('\n')
		_, _ = w.Write(line.Bytes()) // a trace that cannot be written is no reason to fail
	}
}
