package imapjson

import (
	"errors"
	"strings"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// AppendResponse appends the object of a response. The tag is what imap.Decoder gives: "" for untagged data, "+" for a continuation
// request.
func AppendResponse(b []byte, tag string, r conn.Response) []byte {
	b = responseHead(b, tag)
	if v, ok := r.(*imap.UnknownData); ok {
		if v.Name != "" {
			b = str(key(b, "name"), v.Name)
		}
		if v.Number != 0 {
			b = number(key(b, "n"), v.Number)
		}
		b = str(key(b, "raw"), v.Raw)
	} else {
		b = responseFields(b, r)
	}
	if w, ok := r.(interface{ Warnings() []wire.Warning }); ok {
		b = warnings(b, w.Warnings())
	}
	return append(b, '}')
}

// AppendCommand appends the object of a command.
func AppendCommand(b []byte, tag string, c conn.Command, w []wire.Warning) []byte {
	b = commandHead(b, tag)
	if v, ok := c.(*imap.UnknownCommand); ok {
		name, args := v.Name, v.Args
		if name == "UID" {
			word, rest, _ := strings.Cut(string(args), " ")
			name, args = strings.ToUpper(word), wire.Value(rest)
		}
		b = str(key(b, "name"), name)
		if v.Name == "UID" {
			b = yes(key(b, "uid"))
		}
		b = str(key(b, "raw"), args)
	} else {
		b = str(key(b, "name"), strings.TrimPrefix(c.Spec().Name, "UID "))
		if c.Scope().UID {
			b = yes(key(b, "uid"))
		}
		b = commandFields(b, c)
	}
	return append(warnings(b, w), '}')
}

// AppendContinuation appends the object of what a client sends for a command after the server's "+", apart from literals: its type is
// continuation, and octets are null for "*", which ends the exchange.
func AppendContinuation(b []byte, tag, command string, sent []byte) []byte {
	b = str(key(append(b, '{'), "type"), "continuation")
	b = str(key(b, "tag"), tag)
	b = str(key(b, "name"), command)
	return append(octets(key(b, "octets"), sent), '}')
}

// AppendRefused appends the object of a response that was refused.
func AppendRefused(b []byte, tag string, err error) []byte {
	return append(failure(responseHead(b, tag), err), '}')
}

// AppendRefusedCommand appends the object of a command that was refused.
func AppendRefusedCommand(b []byte, tag string, err error) []byte {
	return append(failure(commandHead(b, tag), err), '}')
}

func responseHead(b []byte, tag string) []byte {
	b = key(append(b, '{'), "type")
	switch tag {
	case "":
		return str(b, "untagged")
	case "+":
		return str(b, "continue")
	}
	return str(key(str(b, "tagged"), "tag"), tag)
}

func commandHead(b []byte, tag string) []byte {
	b = str(key(append(b, '{'), "type"), "command")
	if tag != "" {
		b = str(key(b, "tag"), tag)
	}
	return b
}

func warnings(b []byte, list []wire.Warning) []byte {
	if len(list) == 0 {
		return b
	}
	return array(key(b, "warnings"), list, deviation)
}

// failure appends an error. One that is not of the syntax has nothing but what was wanted.
func failure(b []byte, err error) []byte {
	b = key(b, "error")
	var syntax *wire.SyntaxError
	if errors.As(err, &syntax) {
		return deviation(b, wire.Warning(*syntax))
	}
	return append(str(key(append(b, '{'), "want"), err.Error()), '}')
}

func deviation(b []byte, w wire.Warning) []byte {
	b = str(key(append(b, '{'), "rule"), w.Rule)
	b = number(key(b, "offset"), w.Offset)
	b = str(key(b, "want"), w.Want)
	return append(str(key(b, "octets"), w.Octets), '}')
}
