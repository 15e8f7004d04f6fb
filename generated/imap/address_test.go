package imap_test

import (
	"net/mail"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/parley-go/parley/generated/imap"
)

func TestAddressMail(t *testing.T) {
	text := func(s string) imap.Text { return imap.Text{Raw: s, Valid: true} }
	tests := []struct {
		name string
		from imap.Address
		want *mail.Address
	}{
		{"usual", imap.Address{Name: text("=?utf-8?q?Gr=C3=BC=C3=9Fe?="), Mailbox: imap.NStr("ada"), Host: imap.NStr("example.org")},
			&mail.Address{Name: "Grüße", Address: "ada@example.org"}},
		{"no name", imap.Address{Mailbox: imap.NStr("ada"), Host: imap.NStr("example.org")}, &mail.Address{Address: "ada@example.org"}},
		{"Dovecot without a host", imap.Address{Mailbox: imap.NStr("root"), Host: imap.NStr("MISSING_DOMAIN")}, &mail.Address{Address: "root"}},
		{"UW without a host", imap.Address{Mailbox: imap.NStr("root"), Host: imap.NStr(".MISSING-HOST-NAME.")}, &mail.Address{Address: "root"}},
		{"beginning of a group", imap.Address{Mailbox: imap.NStr("undisclosed-recipients")}, nil},
		{"end of a group", imap.Address{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, tt.from.Mail()) })
	}
}
