package imaptest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// What the server can do, as it says before and after the login.
var (
	early = []imap.Cap{imap.CapIMAP4rev1, imap.CapLiteralPlus, imap.CapLiteralMinus, imap.CapSaslIr, imap.CapID}
	late  = []imap.Cap{
		imap.CapIMAP4rev1, imap.CapLiteralPlus, imap.CapLiteralMinus, imap.CapID, imap.CapEnable, imap.CapIdle, imap.CapNamespace,
		imap.CapUIDPlus, imap.CapUnselect, imap.CapMove, imap.CapMultiAppend, imap.CapBinary, imap.CapEsearch, imap.CapSearchres,
		imap.CapSort, imap.CapThreadOrderedsubject, imap.CapThreadReferences, imap.CapListExtended, imap.CapListStatus, imap.CapSpecialUse,
		imap.CapCreateSpecialUse, imap.CapCondstore, imap.CapQresync, imap.CapCompressDeflate, imap.CapXGmExt1,
	}
	// onRequest are those that Options.With adds: most programs do something else where they see them.
	onRequest = []imap.Cap{imap.CapLiteralMinus, imap.CapXGmExt1}
	// rests are those that make no sense without others.
	rests = map[imap.Cap][]imap.Cap{
		imap.CapQresync:    {imap.CapCondstore, imap.CapEnable}, // RFC 7162 section 3.2.3
		imap.CapListStatus: {imap.CapListExtended},              // RFC 5819 section 2
		imap.CapSearchres:  {imap.CapEsearch},                   // RFC 5182 section 2.1
	}
)

// checkCapabilities refuses what the server can never do: whoever asks for it would test nothing.
func checkCapabilities(o Options) error {
	for _, c := range o.With {
		if !hasCap(onRequest, c) {
			return fmt.Errorf("Options.With: %s is not among %v", c, onRequest)
		}
	}
	return nil
}

// can reports whether the options let the server do something.
func (o *Options) can(c imap.Cap) bool {
	switch {
	case hasCap(o.Without, c):
		return false
	case hasCap(onRequest, c):
		return hasCap(o.With, c)
	case c == imap.CapLiteralPlus && hasCap(o.With, imap.CapLiteralMinus):
		return false // RFC 7888 section 5: one of them
	}
	return !slices.ContainsFunc(rests[c], func(base imap.Cap) bool { return !o.can(base) })
}

// capabilities are what the server can do in the present state of the session (RFC 3501 section 6.1.1).
func (s *session) capabilities() imap.CodeCapability {
	list := slices.Clone(late)
	if s.user == nil {
		list = slices.Clone(early)
		clear := s.secure || s.srv.options.AllowClear
		if !s.secure && !s.compressed {
			list = append(list, imap.CapStarttls)
		}
		if clear {
			list = append(list, "AUTH=PLAIN")
		} else {
			list = append(list, imap.CapLoginDisabled)
		}
	}
	return slices.DeleteFunc(list, func(c imap.Cap) bool { return !s.srv.options.can(c) })
}

// offers reports whether the server says that it can do something. The base, which has no name, it always can.
func (s *session) offers(c imap.Cap) bool { return c == "" || hasCap(s.capabilities(), c) }

// hasCap reports whether a capability is in a list, in any case.
func hasCap(list []imap.Cap, c imap.Cap) bool {
	return slices.ContainsFunc(list, func(x imap.Cap) bool { return strings.EqualFold(string(x), string(c)) })
}

func (s *session) capability() answer {
	s.untagged(&imap.CapabilityData{Capabilities: s.capabilities()})
	return ok(nil, "CAPABILITY done")
}

// namespace is NAMESPACE (RFC 2342): all mailboxes are the user's own.
func (s *session) namespace() answer {
	s.untagged(&imap.NamespaceData{Personal: []imap.NamespaceDescr{{Delim: delimiter}}})
	return ok(nil, "NAMESPACE done")
}

// id is ID (RFC 2971). What the client says of itself is not kept; Options.OnCommand sees it.
func (s *session) id() answer {
	s.untagged(&imap.IDData{Params: []imap.IDParam{{Field: "name", Value: imap.NStr("parley imaptest")}}})
	return ok(nil, "ID done")
}

// enable is ENABLE (RFC 5161). What is not known or has nothing to be enabled is passed over.
func (s *session) enable(c *imap.Enable) answer {
	data := &imap.EnabledData{}
	for _, name := range c.Capabilities {
		switch {
		case hasCap([]imap.Cap{imap.CapCondstore}, name) && s.offers(imap.CapCondstore):
			data.Capabilities = append(data.Capabilities, imap.CapCondstore)
			s.enableModSeq()
		case hasCap([]imap.Cap{imap.CapQresync}, name) && s.offers(imap.CapQresync):
			data.Capabilities = append(data.Capabilities, imap.CapQresync)
			s.enableModSeq()
			s.aware.vanished = true
		}
	}
	s.untagged(data)
	return ok(nil, "ENABLE done")
}
