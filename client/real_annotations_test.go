package client_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// realMetadata sets entries of a mailbox and of the server, and reads them (RFC 5464).
func realMetadata(t *testing.T, r real) {
	c, box := r.fill(t, "metadata", 0)
	ctx := t.Context()
	if !c.Caps().Has(imap.CapMetadata) {
		_, err := c.GetMetadata(ctx, box.Name(), "/private/comment")
		require.ErrorIs(t, err, imap.ErrCapability)
		t.Skip("the server has no METADATA")
	}
	const note, long = "/private/comment", "/private/vendor/example/text"
	text := strings.Repeat("two\r\nlines: Grüße\r\n", 9)
	require.NoError(t, c.SetMetadata(ctx, box.Name(),
		imap.MetadataValue{Entry: note, Value: imap.NStr(`mine "and" only mine`)}, imap.MetadataValue{Entry: long, Value: imap.NStr(text)}))
	values := func(mailbox string, entries ...string) map[string]imap.NString {
		all, err := c.GetMetadata(ctx, mailbox, entries...)
		require.NoError(t, err)
		return valuesOf(t, mailbox, all)
	}
	assert.Equal(t, map[string]imap.NString{note: imap.NStr(`mine "and" only mine`), long: imap.NStr(text)}, values(box.Name(), note, long))

	small := client.StartRows(ctx, c, imap.GetMetadata{
		Mailbox: box.Name(), Entries: []string{"/private"}, Options: []imap.MetadataOption{imap.MetadataMaxSize(100), imap.MetadataDepth(imap.DepthInfinity)}})
	var rows []*imap.MetadataData
	for m, err := range small.All() {
		require.NoError(t, err)
		rows = append(rows, m)
	}
	assert.Equal(t, imap.NStr(`mine "and" only mine`), valuesOf(t, box.Name(), rows)[note])
	assert.False(t, valuesOf(t, box.Name(), rows)[long].Valid, "it is longer")
	result, err := small.Result()
	require.NoError(t, err)
	assert.Equal(t, &imap.CodeMetadata{Kind: imap.CodeMetadataLongEntries, Octets: uint32(len(text))}, result.Metadata)

	require.NoError(t, c.SetMetadata(ctx, box.Name(), imap.MetadataValue{Entry: note}))
	assert.False(t, values(box.Name(), note)[note].Valid, "it is removed")
	require.NoError(t, c.SetMetadata(ctx, "", imap.MetadataValue{Entry: note, Value: imap.NStr("of the server")}))
	assert.Equal(t, imap.NStr("of the server"), values("", note)[note])
	require.Error(t, c.SetMetadata(ctx, box.Name(), imap.MetadataValue{Entry: "nowhere", Value: imap.NStr("x")}))
}

// valuesOf gives the values by their entries.
func valuesOf(t *testing.T, mailbox string, all []*imap.MetadataData) map[string]imap.NString {
	values := map[string]imap.NString{}
	for _, m := range all {
		assert.Equal(t, mailbox, m.Mailbox)
		for _, v := range m.Values {
			values[v.Entry] = v.Value
		}
	}
	return values
}

// realAnnotations does the same with what Cyrus had before METADATA.
func realAnnotations(t *testing.T, r real) {
	c, box := r.fill(t, "annotations", 0)
	ctx := t.Context()
	if !c.Caps().Has(imap.CapAnnotateMore) {
		_, err := c.GetAnnotation(ctx, box.Name(), []string{"value.priv"}, "/comment")
		require.ErrorIs(t, err, imap.ErrCapability)
		t.Skip("the server has no ANNOTATEMORE")
	}
	for _, value := range []imap.NString{imap.NStr("mine \"and\"\r\nonly mine"), imap.NStr("another"), {}} {
		require.NoError(t, c.SetAnnotation(ctx, box.Name(), imap.Annotation{
			Entry: "/comment", Attributes: []imap.AnnotationValue{{Attribute: "value.priv", Value: value}}}))
		all, err := c.GetAnnotation(ctx, box.Name(), []string{"value.priv"}, "/comment")
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.Equal(t, box.Name(), all[0].Mailbox)
		assert.Equal(t, []imap.Annotation{{Entry: "/comment", Attributes: []imap.AnnotationValue{{Attribute: "value.priv", Value: value}}}}, all[0].Entries)
	}
	all, err := c.GetAnnotation(ctx, box.Name(), []string{"value.shared", "size.shared"}, "*")
	require.NoError(t, err)
	assert.Greater(t, len(all), 5)
}
