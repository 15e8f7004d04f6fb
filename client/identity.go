package client

import (
	"context"
	"errors"
	"strings"

	"github.com/parley-go/parley/generated/imap"
)

// ownID is what the program is called where it has not said so itself (RFC 2971 section 3.3).
var ownID = []imap.IDParam{{Field: "name", Value: imap.NStr("parley")}}

// identify tells the server who the program is, if it wants to be told. It does not wait: a refusal changes nothing.
func (c *Client) identify(ctx context.Context) {
	if len(c.id) > 0 && c.Caps().Has(imap.CapID) {
		Start(context.WithoutCancel(ctx), c, imap.ID{Params: c.id})
	}
}

// introduced deals with servers that let nobody select a mailbox who has not said who they are, as those of NetEase (163.com,
// 126.com, yeah.net) do, by "NO SELECT Unsafe Login". It tells whether to try again.
func (c *Client) introduced(ctx context.Context, err error) bool {
	var e *imap.Error
	if !errors.As(err, &e) || e.Type != "NO" || !strings.Contains(strings.ToLower(e.Text), "unsafe login") || len(c.id) > 0 {
		return false
	}
	return perform(ctx, c, imap.ID{Params: ownID}) == nil
}
