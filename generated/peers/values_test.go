package peers

import "time"

// The values of a workload as both libraries can tell them. What one of them leaves out is left out: go-imap has no route of an
// address, no MD5 of a part, and NIL is an empty string to it. Everything else must be equal.
type (
	message struct {
		Seq, UID     uint32
		Flags        []string
		ModSeq       uint64
		InternalDate moment
		Size         uint64
		Envelope     *envelope
		Structure    *part
	}
	// A moment is a time and its zone. A time.Time holds a pointer as well.
	moment struct {
		Unix   int64
		Offset int
	}
	envelope struct {
		Date                               moment
		Subject                            string
		From, Sender, ReplyTo, To, Cc, Bcc []address
		InReplyTo, MessageID               string
	}
	address struct{ Name, Mailbox, Host string }
	part    struct {
		Type, Subtype             string
		Params                    map[string]string
		ID, Description, Encoding string
		Octets, Lines             uint64
		Envelope                  *envelope
		Parts                     []*part // of a multipart; of a message its body
		Disposition               string
		DispositionParams         map[string]string
		Language                  []string
		Location                  string
	}
	mailbox struct {
		Attrs []string
		Delim rune
		Name  string
	}
	span struct{ First, Last uint32 }
)

// values are all that a workload gives.
type values struct {
	Messages  []message
	Mailboxes []mailbox
	Numbers   []span // ranges, none of which touch
}

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	_, offset := t.Zone()
	return moment{t.Unix(), offset}
}

// number adds a number to ranges in ascending order.
func (v *values) number(n uint32) {
	if last := len(v.Numbers) - 1; last >= 0 && v.Numbers[last].Last == n-1 {
		v.Numbers[last].Last = n
		return
	}
	v.Numbers = append(v.Numbers, span{n, n})
}
