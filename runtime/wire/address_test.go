package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddressName(t *testing.T) {
	tests := []struct {
		name, octets string
		want         Text
		rest         string
		warned       bool
	}{
		{"four fields", `"n" NIL "m" "h")`, Text{Raw: "n", Valid: true}, ` NIL "m" "h")`, false},
		{"NIL", `NIL NIL "m" "h")`, Text{}, ` NIL "m" "h")`, false},
		{"a literal", "{1}\r\nn NIL \"m\" \"h\")", Text{Raw: "n", Valid: true}, ` NIL "m" "h")`, false},
		{"three fields", `"n" "m" "h")`, Text{Raw: "n", Valid: true}, ` "m" "h")`, false},
		{"an atom too many", `abc "n" NIL "m" "h")`, Text{Raw: "abc n", Valid: true}, ` NIL "m" "h")`, true},
		{"many words", `"a"  b c "d" NIL "m" "h")`, Text{Raw: "a b c d", Valid: true}, ` NIL "m" "h")`, true},
		{"a literal that ends too early", "{2}\r\nn\xc3\xa4m NIL \"m\" \"h\")", Text{Raw: "n\xc3 \xa4m", Valid: true}, ` NIL "m" "h")`, true},
		{"braces that are none", `{x "n" NIL "m" "h")`, Text{Raw: "{x n", Valid: true}, ` NIL "m" "h")`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := decoder(t, tt.octets+"\r\n")
			assert.Equal(t, tt.want, d.AddressName())
			require.NoError(t, d.Err())
			assert.Equal(t, tt.rest+"\r\n", d.rest())
			assert.Equal(t, tt.warned, len(d.TakeWarnings()) > 0)
			if tt.warned {
				d = decoder(t, tt.octets+"\r\n")
				d.SetStrict(true)
				d.AddressName()
				require.Error(t, d.Err())
			}
		})
	}
	d := decoder(t, "\r\n")
	d.AddressName()
	require.Error(t, d.Err())
}

func TestMailboxText(t *testing.T) {
	tests := []struct{ name, mailbox, want string }{
		{"a name", "Entwürfe & mehr", "Entwürfe & mehr"},
		{"modified UTF-7 that is a name", "&-", "&-"},
		{"& in base64", RawMailbox("&BBAEMQQyACYEMwQ0BDU-"), "Абв&где"},
		{"a lone &", RawMailbox("A&B"), "A&B"},
		{"no base64", RawMailbox("A&B!-C"), "A&B!-C"},
		{"UTF-8", RawMailbox("INBOX.Entwürfe"), "INBOX.Entwürfe"},
		{"Latin-1", RawMailbox("INBOX.Entw\xfcrfe"), "INBOX.Entwürfe"},
		{"a control", RawMailbox("INBOX/Da\tOggetto"), "INBOX/Da\ufffdOggetto"},
		{"a control in base64", RawMailbox("x&AA0ACg-y"), "x\ufffd\ufffdy"},
		{"half a pair", RawMailbox("&2D0-"), "\ufffd"},
		{"an escaped &", RawMailbox("a&-b&"), "a&b&"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, MailboxText(tt.mailbox))
		})
	}
}
