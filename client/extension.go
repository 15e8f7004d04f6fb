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
	returns := map[string][]conn.Return{}
	for _, x := range extensions {
		for name, r := range x.Returns {
			returns[name] = append(returns[name], r...)
		}
	}
	return returns
}

// extend makes a command's result take in what extensions add to it.
func extend(o *conn.CallOptions, extensions []*imap.Extension, name string, result any) {
	to, ok := result.(wire.Extensible)
	if !ok {
		return
	}
	for _, x := range extensions {
		keep := x.Collect[name]
		if keep == nil {
			continue
		}
		collect, complete := o.Collect, o.Finish
		o.Collect = func(r conn.Response) {
			collect(r)
			var code imap.Code
			if s, ok := r.(conn.StatusResponse); ok {
				code, _ = s.Condition().Code.(imap.Code)
			}
			keep(r, code, to.Extension())
		}
		o.Finish = func(ok conn.Condition) {
			complete(ok)
			if code, is := ok.Code.(imap.Code); is {
				keep(nil, code, to.Extension())
			}
		}
	}
}

func (c *Client) extensions() []*imap.Extension { return c.opts.Extensions }

// extensions are those of the connection.
func (b *Mailbox) extensions() []*imap.Extension { return b.c.extensions() }
