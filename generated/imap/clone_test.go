package imap_test

import (
	"io"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/generated/internal/workload"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// requireClone wants Clone of a response to give the same values, none of them in memory of the response. Every line of the tests and of
// the fuzzers comes here.
func requireClone(t *testing.T, v any) {
	t.Helper()
	clone := reflect.ValueOf(v).MethodByName("Clone")
	if !clone.IsValid() {
		_, command := v.(interface{ Spec() *conn.Spec })
		require.True(t, command, "%T has no Clone", v)
		return
	}
	cloned := clone.Call(nil)[0].Interface()
	require.True(t, reflect.DeepEqual(v, cloned), "%#v and %#v", v, cloned)
	var of [][2]uintptr
	memory(reflect.ValueOf(v), "", func(from, to uintptr, _ string) { of = append(of, [2]uintptr{from, to}) })
	memory(reflect.ValueOf(cloned), "", func(from, to uintptr, where string) {
		shared := slices.ContainsFunc(of, func(o [2]uintptr) bool { return from < o[1] && o[0] < to })
		require.False(t, shared, "%T%s is shared: Detach forgets it, or it is a constant, and memory should know its type", v, where)
	})
}

// memory visits what a value refers to. Not so what is never written to and belongs to no response: lists of flags, which belong to the
// connection, time zones, and constants.
func memory(v reflect.Value, where string, visit func(from, to uintptr, where string)) {
	switch v.Type() {
	case reflect.TypeFor[wire.Flags](), reflect.TypeFor[imap.CodePermanentFlags](), reflect.TypeFor[time.Time](), reflect.TypeFor[imap.CodeName](),
		reflect.TypeFor[imap.SectionSpecifier](), reflect.TypeFor[imap.RespCondStateType](), reflect.TypeFor[imap.CodeMetadataKind](), reflect.TypeFor[imap.CodeAnnotateMore]():
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Pointer(), v.Pointer()+v.Type().Elem().Size(), where)
			memory(v.Elem(), where, visit)
		}
	case reflect.Interface:
		if !v.IsNil() {
			memory(v.Elem(), where, visit)
		}
	case reflect.String:
		at := uintptr(unsafe.Pointer(unsafe.StringData(v.String())))
		visit(at, at+uintptr(v.Len()), where)
	case reflect.Slice:
		visit(v.Pointer(), v.Pointer()+uintptr(v.Len())*v.Type().Elem().Size(), where)
		for i := range v.Len() {
			memory(v.Index(i), where, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			memory(v.Field(i), where+"."+v.Type().Field(i).Name, visit)
		}
	}
}

// TestClonedRows measures what the clone of a response holds in memory when the response and the rest are gone: itself.
func TestClonedRows(t *testing.T) {
	const times = 100
	for _, tt := range []struct {
		*workload.Workload
		kib   float64
		clone func(conn.Response) conn.Response
	}{
		{workload.Envelopes(1, 1000), 2, func(r conn.Response) conn.Response { return r.(*imap.FetchData).Clone() }},
		{workload.Structures(1, 1000), 13, func(r conn.Response) conn.Response { return r.(*imap.FetchData).Clone() }},
		{workload.FlagRows(1, 1000), 1, func(r conn.Response) conn.Response { return r.(*imap.FetchData).Clone() }},
		{workload.Mailboxes(1, 1000), 0.5, func(r conn.Response) conn.Response { return r.(*imap.ListData).Clone() }},
	} {
		t.Run(tt.Name, func(t *testing.T) {
			var kept []conn.Response
			for range times {
				kept = append(kept, tt.clone(middle(t, tt.Workload)))
			}
			got := held(&kept) / times / 1024
			t.Logf("%.1f KiB", got)
			assert.LessOrEqual(t, got, tt.kib)

			of := middle(t, tt.Workload)
			n := testing.AllocsPerRun(10, func() { tt.clone(of) })
			t.Logf("%.0f allocations", n)
		})
	}
}

// TestCloneOfBodies: a clone has its own octets, and is read on from where the original has been read to.
func TestCloneOfBodies(t *testing.T) {
	_, r, err := imap.NewDecoder().Response(frame(t, "* 1 FETCH (BODY[] {5}\r\nhello RFC822.TEXT NIL)\r\n"), conn.DialogNone)
	require.NoError(t, err)
	m := r.(*imap.FetchData)
	_, err = io.ReadFull(m.BodySection[0].Data, make([]byte, 2))
	require.NoError(t, err)
	c := m.Clone()
	m.BodySection[0].Data.Bytes()[4] = '!'
	assert.Equal(t, "hello", c.BodySection[0].Data.String())
	rest, err := io.ReadAll(c.BodySection[0].Data)
	require.NoError(t, err)
	assert.Equal(t, "llo", string(rest))
	rest, err = io.ReadAll(m.BodySection[0].Data)
	require.NoError(t, err)
	assert.Equal(t, "ll!", string(rest))
	assert.Nil(t, c.RFC822Text())
	assert.True(t, c.Has(imap.MsgAttItemRFC822Text))
}

// TestCloneIsIndependent: what is done to a clone is not done to the original, nor the other way round.
func TestCloneIsIndependent(t *testing.T) {
	m := &imap.FetchData{Seq: 1}
	m.SetGmLabels([]imap.GmLabel{"a"})
	m.AddWarnings(wire.Warning{Rule: "msg-att"})
	c := m.Clone()
	c.SetGmMsgID(7)
	c.GmLabels()[0] = "b"
	c.AddWarnings(wire.Warning{Rule: "uid"})
	assert.False(t, m.Has(imap.MsgAttItemXGmMsgid))
	assert.Zero(t, m.GmMsgID())
	assert.Equal(t, []imap.GmLabel{"a"}, m.GmLabels())
	assert.Len(t, m.Warnings(), 1)
	assert.Nil(t, (*imap.FetchData)(nil).Clone())
}
