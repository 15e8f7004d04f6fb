package imaptest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// act is one thing that the session does: it runs commands and puts what they gave.
type act struct {
	name string
	run  func(ctx context.Context, c *client.Client, put func(where string, v any)) error
}

// session is all that is compared, in order. The names are those of the messages.
func session(names []string) []act {
	var acts []act
	for _, item := range []imap.FetchAtt{
		imap.FetchEnvelope, imap.FetchBody, imap.FetchBodyStructure, imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size,
	} {
		acts = append(acts, fetching(names, item.Keyword(), item))
	}
	acts = append(acts, sections(names)...)
	for _, s := range searches() {
		acts = append(acts, searching(s.name, s.keys...))
	}
	acts = append(acts, sorting()...)
	acts = append(acts, threading()...)
	acts = append(acts, saving()...)
	return append(acts, changing()...)
}

// fetching fetches an item of all messages.
func fetching(names []string, name string, item imap.FetchAtt) act {
	return act{"FETCH " + name, func(ctx context.Context, c *client.Client, put func(string, any)) error {
		fetch := client.StartRows(ctx, c, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{item}})
		for m, err := range fetch.All() {
			if err != nil {
				return err
			}
			put(names[m.UID-1], fetched(m, item))
		}
		return nil
	}}
}

// fetched is the value of the item that was asked for.
func fetched(m *imap.FetchData, item imap.FetchAtt) any {
	switch item {
	case imap.FetchEnvelope:
		return m.Envelope
	case imap.FetchBody:
		return m.Body()
	case imap.FetchBodyStructure:
		return m.BodyStructure
	case imap.FetchFlags:
		return m.Flags
	case imap.FetchInternalDate:
		return m.InternalDate
	case imap.FetchRFC822Size:
		return m.Size
	case imap.FetchRFC822:
		return m.RFC822()
	case imap.FetchRFC822Header:
		return m.RFC822Header()
	case imap.FetchRFC822Text:
		return m.RFC822Text()
	}
	switch {
	case len(m.BodySection) == 1:
		return m.BodySection[0].Data
	case len(m.BinarySection()) == 1:
		return m.BinarySection()[0].Data
	case len(m.BinarySize()) == 1:
		return m.BinarySize()[0].Size
	}
	return nil
}

// sections fetches parts of all messages.
func sections(names []string) []act {
	acts := []act{
		fetching(names, "RFC822", imap.FetchRFC822), fetching(names, "RFC822.HEADER", imap.FetchRFC822Header),
		fetching(names, "RFC822.TEXT", imap.FetchRFC822Text),
	}
	for _, s := range []struct {
		name    string
		section imap.Section
	}{
		{"[]", imap.Section{}},
		{"[HEADER]", imap.Section{Specifier: imap.SectionHeader}},
		{"[TEXT]", imap.Section{Specifier: imap.SectionText}},
		{"[HEADER.FIELDS (subject FROM X-None)]", imap.Section{Specifier: imap.SectionHeaderFields, Fields: []string{"subject", "FROM", "X-None"}}},
		{"[HEADER.FIELDS.NOT (Subject To Received)]", imap.Section{Specifier: imap.SectionHeaderFields, Not: true, Fields: []string{"Subject", "To", "Received"}}},
		{"[1]", imap.Section{Part: []uint32{1}}},
		{"[1.MIME]", imap.Section{Part: []uint32{1}, Specifier: imap.SectionMIME}},
		{"[1.HEADER]", imap.Section{Part: []uint32{1}, Specifier: imap.SectionHeader}},
		{"[1.TEXT]", imap.Section{Part: []uint32{1}, Specifier: imap.SectionText}},
		{"[1.1]", imap.Section{Part: []uint32{1, 1}}},
		{"[1.2.1]", imap.Section{Part: []uint32{1, 2, 1}}},
		{"[2]", imap.Section{Part: []uint32{2}}},
		{"[2.MIME]", imap.Section{Part: []uint32{2}, Specifier: imap.SectionMIME}},
		{"[2.HEADER]", imap.Section{Part: []uint32{2}, Specifier: imap.SectionHeader}},
		{"[2.TEXT]", imap.Section{Part: []uint32{2}, Specifier: imap.SectionText}},
		{"[2.HEADER.FIELDS (Subject)]", imap.Section{Part: []uint32{2}, Specifier: imap.SectionHeaderFields, Fields: []string{"Subject"}}},
		{"[2.1]", imap.Section{Part: []uint32{2, 1}}},
		{"[2.1.MIME]", imap.Section{Part: []uint32{2, 1}, Specifier: imap.SectionMIME}},
		{"[2.2]", imap.Section{Part: []uint32{2, 2}}},
		{"[3]", imap.Section{Part: []uint32{3}}},
		{"[7.7]", imap.Section{Part: []uint32{7, 7}}},
	} {
		acts = append(acts, fetching(names, "BODY"+s.name, imap.FetchBodySection{Peek: true, Section: s.section}))
	}
	for _, p := range []imap.Partial{{Offset: 0, Count: 10}, {Offset: 5, Count: 1 << 20}, {Offset: 99999, Count: 5}} {
		name := fmt.Sprintf("[TEXT] from %d, %d octets", p.Offset, p.Count)
		acts = append(acts, fetching(names, "BODY"+name, imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionText}, Partial: &p}))
		acts = append(acts, one(names, "BINARY"+strings.Replace(name, "[TEXT]", "[1]", 1), func(n []uint32) imap.FetchAtt { return imap.FetchBinary{Peek: true, Part: n, Partial: &p} }, []uint32{1})...)
	}
	for _, part := range [][]uint32{nil, {1}, {2}, {2, 1}, {9}} {
		name := strings.Join(strings.Fields(fmt.Sprint(part)), ".")
		acts = append(acts, one(names, "BINARY"+name, func(n []uint32) imap.FetchAtt { return imap.FetchBinary{Peek: true, Part: n} }, part)...)
		acts = append(acts, one(names, "BINARY.SIZE"+name, func(n []uint32) imap.FetchAtt { return imap.FetchBinarySize(n) }, part)...)
	}
	return acts
}

// one fetches an item of one message at a time: BINARY of a part that cannot be decoded fails for all that are fetched with it.
func one(names []string, name string, item func([]uint32) imap.FetchAtt, part []uint32) []act {
	var acts []act
	for i, message := range names {
		acts = append(acts, act{"FETCH " + name + " of " + message, func(ctx context.Context, c *client.Client, put func(string, any)) error {
			fetch := client.StartRows(ctx, c, imap.Fetch{Set: imap.UIDs(uint32(i + 1)), Items: []imap.FetchAtt{item(part)}})
			for m, err := range fetch.All() {
				if err != nil {
					return err
				}
				put("", fetched(m, item(part)))
			}
			return nil
		}})
	}
	return acts
}
