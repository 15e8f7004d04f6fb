package client

import (
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// This file plugs in the grammars of other modules: their codecs go to the connection, and what they add to the results of commands
// is kept in the Ext of the result, where their keys find it.

// returnsOf gives what extensions add to the data that commands collect.
func returnsOf(extensions []*imap.Extension) map[string][]conn.Return {
	if len(extensions) == 0 {
		return nil
	}
	returns := map[string][]conn.Return{}
	for _, x := range extensions {
		for name, r := range x.Returns {
			returns[name] = append(returns[name], r...)
		}
	}
	return returns
}

// extend gives the result of a command that takes in what extensions add to it as well.
func extend(result conn.Result, extensions []*imap.Extension, name string) conn.Result {
	to, ok := result.(wire.Extensible)
	if !ok {
		return result
	}
	var keep []keeper
	for _, x := range extensions {
		if k := x.Collect[name]; k != nil {
			keep = append(keep, k)
		}
	}
	if keep == nil {
		return result
	}
	return &extended{result, to, keep}
}

// keeper keeps data, or a code, in a result.
type keeper = func(conn.Response, imap.Code, *wire.Ext)

type extended struct {
	conn.Result
	to   wire.Extensible
	keep []keeper
}

func (x *extended) Collect(r conn.Response) {
	x.Result.Collect(r)
	var code imap.Code
	if s, ok := r.(conn.StatusResponse); ok {
		code, _ = s.Condition().Code.(imap.Code)
	}
	for _, keep := range x.keep {
		keep(r, code, x.to.Extension())
	}
}

func (x *extended) Complete(cond conn.Condition) {
	x.Result.Complete(cond)
	if code, ok := cond.Code.(imap.Code); ok {
		for _, keep := range x.keep {
			keep(nil, code, x.to.Extension())
		}
	}
}

func (c *Client) extensions() []*imap.Extension { return c.grammars }

// extensions are those of the connection.
func (b *Mailbox) extensions() []*imap.Extension { return b.c.extensions() }
