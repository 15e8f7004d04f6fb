package imap_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// TestRareItems makes rows as a server does. An item that was set is present, whatever its value, and is read as it was set.
func TestRareItems(t *testing.T) {
	part := imap.BodyStructure{Type: "TEXT", Subtype: "PLAIN", Encoding: "7BIT", Octets: 3, Lines: 1}
	body := func(s string) *imap.Body { return wire.NewBody([]byte(s)) }
	for _, tt := range []struct {
		name   string
		set    func(m *imap.FetchData)
		item   imap.MsgAttItem
		octets string
		want   any
		get    func(m *imap.FetchData) any
	}{
		{"RFC822", func(m *imap.FetchData) { m.SetRFC822(body("abc")) }, imap.MsgAttItemRFC822, "RFC822 {3}\r\nabc",
			"abc", func(m *imap.FetchData) any { return m.RFC822().String() }},
		{"RFC822 that is NIL", func(m *imap.FetchData) { m.SetRFC822(nil) }, imap.MsgAttItemRFC822, "RFC822 NIL",
			(*imap.Body)(nil), func(m *imap.FetchData) any { return m.RFC822() }},
		{"RFC822.HEADER", func(m *imap.FetchData) { m.SetRFC822Header(body("a: b")) }, imap.MsgAttItemRFC822Header, "RFC822.HEADER {4}\r\na: b",
			"a: b", func(m *imap.FetchData) any { return m.RFC822Header().String() }},
		{"RFC822.TEXT", func(m *imap.FetchData) { m.SetRFC822Text(body("")) }, imap.MsgAttItemRFC822Text, "RFC822.TEXT {0}\r\n",
			"", func(m *imap.FetchData) any { return m.RFC822Text().String() }},
		{"BODY", func(m *imap.FetchData) { m.SetBody(&part) }, imap.MsgAttItemBody, `BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1)`,
			&part, func(m *imap.FetchData) any { return m.Body() }},
		{"BINARY", func(m *imap.FetchData) {
			m.AddBinarySection(imap.MsgAttBinarySection{Part: []uint32{1}, Data: body("x")})
			m.AddBinarySection(imap.MsgAttBinarySection{Part: []uint32{2}})
		}, imap.MsgAttItemBinarySection, "BINARY[1] {1}\r\nx BINARY[2] NIL",
			2, func(m *imap.FetchData) any { return len(m.BinarySection()) }},
		{"BINARY.SIZE", func(m *imap.FetchData) { m.AddBinarySize(imap.MsgAttBinarySize{Part: []uint32{1}, Size: 7}) }, imap.MsgAttItemBinarySize,
			"BINARY.SIZE[1] 7", []imap.MsgAttBinarySize{{Part: []uint32{1}, Size: 7}}, func(m *imap.FetchData) any { return m.BinarySize() }},
		{"X-GM-LABELS", func(m *imap.FetchData) { m.SetGmLabels([]imap.GmLabel{imap.GmInbox, "mine"}) }, imap.MsgAttItemXGmLabels,
			`X-GM-LABELS (\Inbox mine)`, []imap.GmLabel{imap.GmInbox, "mine"}, func(m *imap.FetchData) any { return m.GmLabels() }},
		{"no labels", func(m *imap.FetchData) { m.SetGmLabels(nil) }, imap.MsgAttItemXGmLabels, "X-GM-LABELS ()",
			[]imap.GmLabel(nil), func(m *imap.FetchData) any { return m.GmLabels() }},
		{"X-GM-MSGID", func(m *imap.FetchData) { m.SetGmMsgID(1 << 63) }, imap.MsgAttItemXGmMsgid, "X-GM-MSGID 9223372036854775808",
			uint64(1 << 63), func(m *imap.FetchData) any { return m.GmMsgID() }},
		{"X-GM-THRID", func(m *imap.FetchData) { m.SetGmThreadID(0) }, imap.MsgAttItemXGmThrid, "X-GM-THRID 0",
			uint64(0), func(m *imap.FetchData) any { return m.GmThreadID() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &imap.FetchData{Seq: 1}
			assert.False(t, m.Has(tt.item))
			assert.Empty(t, tt.get(m))
			tt.set(m)
			assert.True(t, m.Has(tt.item))
			assert.Equal(t, tt.want, tt.get(m))

			octets := "1 FETCH (" + tt.octets + ")"
			assert.Equal(t, octets, written(t, m, wire.Mode{Server: true}))
			_, r, err := strictDecoder().Response(frame(t, "* "+octets+"\r\n"), conn.DialogNone)
			require.NoError(t, err)
			assert.True(t, r.(*imap.FetchData).Has(tt.item))
			assert.Equal(t, tt.want, tt.get(r.(*imap.FetchData)))
		})
	}
}

// TestUnknownIsKept: what no grammar has is no item to be written, but a row that is made for a test may hold it.
func TestUnknownIsKept(t *testing.T) {
	var m imap.FetchData
	m.AddUnknown(imap.MsgAttUnknown{Name: "X-GUID", Value: "7"})
	assert.True(t, m.Has(imap.MsgAttItemUnknown))
	assert.Equal(t, []imap.MsgAttUnknown{{Name: "X-GUID", Value: "7"}}, m.Unknown())
	var s imap.StatusData
	assert.Empty(t, s.Unknown())
	s.AddUnknown(imap.StatusAttValUnknown{Name: "X-NEWS", Value: "7"})
	assert.True(t, s.Has(imap.StatusAttValItemUnknown))
	assert.Equal(t, []imap.StatusAttValUnknown{{Name: "X-NEWS", Value: "7"}}, s.Unknown())
}

// TestRowsAreSmall: a row of FLAGS pays one word for all that is rare, however many items later standards add.
func TestRowsAreSmall(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(imap.FetchData{}), uintptr(128))
}
