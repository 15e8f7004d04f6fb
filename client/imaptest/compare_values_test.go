package imaptest_test

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// put takes a value apart: each of its fields stands under its own name. What is the same in any case is put in lower case.
func (all values) put(where string, v any) {
	switch v := v.(type) {
	case nil:
		all[where] = "nothing"
	case string:
		all[where] = v
	case wire.Ext, imap.Completion:
	case imap.Text:
		all.put(where, imap.NString{Value: v.String(), Valid: v.Valid})
	case imap.Date:
		all.put(where, imap.NString{Value: v.Raw, Valid: v.Valid})
	case imap.NString:
		all[where] = "NIL"
		if v.Valid {
			all[where] = "=" + v.Value
		}
	case *imap.Body:
		all[where] = "NIL"
		if v != nil {
			all[where] = "=" + v.String()
		}
	case imap.Flags:
		var list []string
		for f := range v.All() {
			if !f.Is(imap.FlagRecent) { // a matter of which connection was first
				list = append(list, strings.ToLower(string(f)))
			}
		}
		slices.Sort(list)
		all[where] = strings.Join(list, " ")
	case time.Time:
		all[where] = v.UTC().Format(time.RFC3339)
	case *imap.BodyStructure:
		all.structure(where, v)
	case imap.Disposition:
		all[path.Join(where, "Type")] = strings.ToLower(v.Type)
		all.params(where, v.Params)
	case fmt.Stringer:
		all[where] = v.String()
	default:
		all.parts(where, reflect.ValueOf(v))
	}
}

// parts takes a structure or a list apart.
func (all values) parts(where string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			all[where] = "nothing"
			return
		}
		all.put(where, v.Elem().Interface())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				all.put(path.Join(where, f.Name), v.Field(i).Interface())
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint32 || v.Type().Elem().Kind() == reflect.String {
			all[where] = fmt.Sprint(v.Interface())
			return
		}
		all[where] = fmt.Sprint(v.Len())
		for i := range v.Len() {
			all.put(path.Join(where, fmt.Sprint(i+1)), v.Index(i).Interface())
		}
	default:
		all[where] = fmt.Sprint(v.Interface())
	}
}

// structure takes the structure of a body apart.
func (all values) structure(where string, b *imap.BodyStructure) {
	if b == nil {
		all[where] = "nothing"
		return
	}
	all[path.Join(where, "Media")] = b.MediaType()
	all.params(where, b.Params)
	if b.Extension != nil {
		all.put(path.Join(where, "Disposition"), b.Extension.Disposition)
		all[path.Join(where, "Language")] = strings.ToLower(strings.Join(b.Extension.Language, " "))
		all.put(path.Join(where, "Location"), b.Extension.Location)
	}
	if len(b.Parts) > 0 {
		for i := range b.Parts {
			all.structure(path.Join(where, fmt.Sprint(i+1)), &b.Parts[i])
		}
		return
	}
	all.put(path.Join(where, "ID"), b.ID)
	all.put(path.Join(where, "Description"), b.Description)
	all.put(path.Join(where, "MD5"), b.MD5)
	all[path.Join(where, "Encoding")] = b.TransferEncoding()
	all[path.Join(where, "Octets")] = fmt.Sprint(b.Octets)
	all[path.Join(where, "Lines")] = fmt.Sprint(b.Lines)
	if b.Envelope != nil {
		all.put(path.Join(where, "Envelope"), b.Envelope)
		all.structure(path.Join(where, "Body"), b.Body)
	}
}

// params takes parameters apart, in their order.
func (all values) params(where string, list []imap.Param) {
	for i, p := range list {
		all[path.Join(where, fmt.Sprintf("Param%d", i+1))] = strings.ToLower(p.Name) + "=" + p.Value
	}
}
