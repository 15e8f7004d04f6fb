package imap

import "github.com/parley-go/parley/runtime/conn"

// A Completion is what the tagged OK of a command said. Every result embeds one.
type Completion struct {
	Code Code   // nil when there was none
	Text string // for people
}

// Complete takes in the tagged OK; the connection calls it.
func (c *Completion) Complete(ok conn.Condition) {
	c.Code, _ = ok.Code.(Code)
	c.Text = ok.Text
}
