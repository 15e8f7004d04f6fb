package imap

import (
	"net/mail"
	"strings"
)

// noHosts are what servers write in the place of a host that is not there: Dovecot, UW IMAP and Exchange.
var noHosts = [...]string{"MISSING_DOMAIN", ".MISSING-HOST-NAME."}

// Mail gives the address in the form of net/mail: the name decoded, and "mailbox@host", or "mailbox" alone where the message has no
// host. It is nil for the beginning and the end of a group, which have no address (RFC 3501 section 7.4.2).
func (a Address) Mail() *mail.Address {
	if !a.Host.Valid {
		return nil
	}
	m := &mail.Address{Name: a.Name.String(), Address: a.Mailbox.Value}
	for _, h := range noHosts {
		if strings.EqualFold(a.Host.Value, h) {
			return m
		}
	}
	if a.Host.Value != "" {
		m.Address += "@" + a.Host.Value
	}
	return m
}
