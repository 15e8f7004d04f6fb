package imaptest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The rules of RFC 5256 section 2.1, one by one.
func TestBaseSubject(t *testing.T) {
	for _, tt := range []struct {
		subject, base string
		reply         bool
	}{
		{"Lunch", "Lunch", false},
		{"Re: Lunch", "Lunch", true},
		{"RE : Lunch", "Lunch", true},
		{"Fwd: FW: re: Lunch", "Lunch", true},
		{"Re[2]: Lunch", "Lunch", true},
		{"[list] Re: Lunch", "Lunch", true},
		{"[list] [other] Lunch", "Lunch", false},
		{"Re: [list] Re: Lunch (fwd) (FWD) ", "Lunch", true},
		{"[list]", "[list]", false},
		{"Re: [list]", "[list]", true},
		{"[fwd: Lunch]", "Lunch", true},
		{"[Fwd: Re: [list] Lunch (fwd)]", "Lunch", true},
		{"Reply", "Reply", false},
		{"Re", "Re", false},
		{"a \t  b", "a b", false},
		{"Re: ", "", true},
		{"", "", false},
		{"(fwd)", "", true},
	} {
		base, reply := baseSubject(tt.subject)
		assert.Equal(t, tt.base, base, "%q", tt.subject)
		assert.Equal(t, tt.reply, reply, "%q", tt.subject)
	}
}

func TestMessageIDs(t *testing.T) {
	header := []byte("References: <a@b> (comment) <\"c\"@d>\r\n <\"e f\"@g> none <h>\r\n\r\n")
	assert.Equal(t, []string{"a@b", "c@d", "e f@g"}, messageIDs(header, "references"))
}
