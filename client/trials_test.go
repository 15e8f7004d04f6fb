package client_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// This file puts a text into every argument of every generated command, one at a time. Both tables are held against the generated
// code by TestEveryCommandIsTried, so that a new extension cannot be forgotten.

// commands are all commands with harmless arguments, each with what the server wants at least.
var commands = []conn.Command{
	imap.Append{Mailbox: "x", Messages: []imap.AppendMessage{imap.Message(imap.SourceString("\r\n"))}},
	imap.Authenticate{Mechanism: "PLAIN"}, imap.Capability{}, imap.Check{}, imap.Close{}, imap.Compress{},
	imap.Copy{Set: imap.UIDs(1), Mailbox: "x"}, imap.Create{Mailbox: "x"}, imap.Delete{Mailbox: "x"}, imap.DeleteACL{Mailbox: "x", Identifier: "x"},
	imap.Enable{Capabilities: []imap.Cap{"X-NONE"}}, imap.Examine{Mailbox: "x"}, imap.Expunge{},
	imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{imap.FetchFlags}}, imap.GetACL{Mailbox: "x"},
	imap.GetAnnotation{Mailbox: "x", Entries: []string{"x"}, Attributes: []string{"x"}}, imap.GetMetadata{Mailbox: "x", Entries: []string{"x"}}, imap.GetQuota{Root: "x"},
	imap.GetQuotaRoot{Mailbox: "x"}, imap.ID{}, imap.Idle{},
	imap.List{Patterns: []string{"x"}}, imap.ListRights{Mailbox: "x", Identifier: "x"}, imap.Login{User: "x", Password: "x"}, imap.Logout{}, imap.Lsub{Pattern: "x"},
	imap.Move{Set: imap.UIDs(1), Mailbox: "x"}, imap.MyRights{Mailbox: "x"}, imap.Namespace{}, imap.Noop{}, imap.ProxyAuth{User: "x"}, imap.Rename{Mailbox: "x", NewName: "y"},
	imap.Search{Keys: []imap.SearchKey{imap.SearchAll}}, imap.Select{Mailbox: "x"},
	imap.SetACL{Mailbox: "x", Identifier: "x", Rights: "lr"},
	imap.SetAnnotation{Mailbox: "x", Entries: []imap.Annotation{{Entry: "x", Attributes: []imap.AnnotationValue{{Attribute: "x"}}}}},
	imap.SetMetadata{Mailbox: "x", Values: []imap.MetadataValue{{Entry: "x"}}}, imap.SetQuota{Root: "x", Limits: []imap.QuotaLimit{{Name: imap.ResourceStorage, Limit: 1 << 20}}},
	imap.Sort{Criteria: []imap.SortCriterion{{Key: imap.SortDate}}, Charset: "UTF-8", Keys: []imap.SearchKey{imap.SearchAll}},
	imap.Starttls{}, imap.Status{Mailbox: "x", Items: []imap.StatusAtt{imap.StatusMessages}},
	imap.Store{Set: imap.UIDs(1), Change: imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)}},
	imap.Subscribe{Mailbox: "x"},
	imap.Thread{Algorithm: imap.ThreadReferences, Charset: "UTF-8", Keys: []imap.SearchKey{imap.SearchAll}},
	imap.UIDExpunge{Set: imap.UIDs(1)}, imap.Unselect{}, imap.Unsubscribe{Mailbox: "x"},
	client.RawCommand{Name: "XFOO"},
}

// alternatives are the values that a union may hold in them.
var alternatives = []any{
	imap.AppendLiteral(imap.SourceString("\r\n")), imap.AppendOther{Name: "x", Value: "x"},
	imap.CreateOther{Name: "x", Value: "x"}, imap.CreateUse{"x"},
	imap.FetchFlags, imap.FetchBinary{}, imap.FetchBinarySize{}, imap.FetchBodySection{Peek: true},
	imap.FetchBodySection{Peek: true, Section: imap.Section{Specifier: imap.SectionHeaderFields, Fields: []string{"x"}}},
	imap.FetchChangedsince(1), imap.FetchModifierName("x"), imap.FetchOther{Name: "x", Value: "x"},
	imap.ListSelectOptName("SUBSCRIBED"), imap.ListSelectOther{Name: "x", Value: "x"},
	imap.ListReturnOptName("CHILDREN"), imap.ListReturnOther{Name: "x", Value: "x"}, imap.ListReturnStatus{imap.StatusMessages},
	imap.MetadataDepth("0"), imap.MetadataMaxSize(1), imap.MetadataOther{Name: "x", Value: "x"},
	imap.RenameOther{Name: "x", Value: "x"}, imap.ReturnOptName("ALL"), imap.ReturnOther{Name: "x", Value: "x"},
	imap.SearchAll, imap.SearchAnd{imap.SearchAll}, imap.SearchBcc("x"), imap.SearchBefore(time.Unix(0, 0)), imap.SearchBody("x"),
	imap.SearchCc("x"), imap.SearchFrom("x"), imap.SearchHeader{Field: "x", Text: "x"}, imap.SearchKeyword("x"), imap.SearchLarger(1),
	imap.SearchModseq{Since: 1}, imap.SearchNot{Key: imap.SearchAll}, imap.SearchOn(time.Unix(0, 0)),
	imap.SearchOr{Left: imap.SearchAll, Right: imap.SearchAll}, imap.SearchSentBefore(time.Unix(0, 0)), imap.SearchSentOn(time.Unix(0, 0)),
	imap.SearchSentSince(time.Unix(0, 0)), imap.SearchSet(imap.Seqs(1)), imap.SearchSince(time.Unix(0, 0)), imap.SearchSmaller(1),
	imap.SearchSubject("x"), imap.SearchText("x"), imap.SearchTo("x"), imap.SearchUID(imap.UIDs(1)), imap.SearchUnkeyword("x"),
	imap.SearchXGmLabels("x"), imap.SearchXGmMsgid(1), imap.SearchXGmRaw("x"), imap.SearchXGmThrid(1),
	imap.SelectOther{Name: "x", Value: "x"}, imap.SelectParamName("x"), imap.SelectQresync{},
	imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: imap.NewFlags(imap.FlagSeen)}, imap.StoreGmLabels{},
	imap.StoreOther{Name: "x", Value: "x"}, imap.StoreUnchangedsince(1),
	client.RawAstring("x"), client.RawAtom("x"), client.RawFlag("x"), client.RawList{client.RawAtom("x")}, client.RawMailbox("x"),
	client.RawNumber(1), client.RawSecret("x"), client.RawSet(imap.UIDs(1)), client.RawString("x"),
}

// A trial is a command with a text in one place.
type trial struct {
	where string // "FETCH.Items.FetchBodySection.Section.Fields"
	cmd   conn.Command
}

// trials gives all commands that can hold the text, with the text in each place where there may be one.
func trials(text string) (all []trial) {
	w := walker{text: text, within: map[reflect.Type]int{}}
	for _, cmd := range commands {
		for _, p := range w.places(cmd.Spec().Name, reflect.ValueOf(cmd)) {
			all = append(all, trial{p.where, p.value.Interface().(conn.Command)})
		}
	}
	return all
}

type place struct {
	where string
	value reflect.Value
}

// A walker looks for the places of a text in values, by their types.
type walker struct {
	text string
	// within counts the unions around a place. A key within a key is tried with two plain ones, not as deep as it goes. A union that
	// was met stays in the map.
	within map[reflect.Type]int
}

var (
	flagsType  = reflect.TypeFor[wire.Flags]()
	sourceType = reflect.TypeFor[wire.Source]()
	textType   = reflect.TypeFor[wire.NString]()
)

// places gives copies of a harmless value with the text in each of its places.
func (w *walker) places(where string, base reflect.Value) (all []place) {
	t := base.Type()
	switch {
	case t == flagsType:
		return []place{{where, reflect.ValueOf(imap.NewFlags(imap.Flag(w.text)))}}
	case t.ConvertibleTo(sourceType) && t.Kind() == reflect.Struct:
		return []place{{where, reflect.ValueOf(imap.SourceString(w.text)).Convert(t)}}
	case t == textType:
		return []place{{where, reflect.ValueOf(wire.NStr(w.text))}}
	}
	switch t.Kind() {
	case reflect.String:
		return []place{{where, reflect.ValueOf(w.text).Convert(t)}}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return []place{{where, reflect.ValueOf([]byte(w.text)).Convert(t)}}
		}
		elem := reflect.Zero(t.Elem())
		if base.Len() > 0 {
			elem = base.Index(0)
		}
		for _, p := range w.places(where, elem) {
			one := reflect.MakeSlice(t, 1, 1)
			one.Index(0).Set(p.value)
			all = append(all, place{p.where, one})
		}
	case reflect.Pointer:
		for _, p := range w.places(where, reflect.Zero(t.Elem())) {
			to := reflect.New(t.Elem())
			to.Elem().Set(p.value)
			all = append(all, place{p.where, to})
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				for _, p := range w.places(where+"."+f.Name, base.Field(i)) {
					whole := reflect.New(t).Elem()
					whole.Set(base)
					whole.Field(i).Set(p.value)
					all = append(all, place{p.where, whole})
				}
			}
		}
	case reflect.Interface:
		of := w.alternatives(t)
		w.within[t]++
		for _, a := range of {
			all = append(all, w.places(where+"."+reflect.TypeOf(a).Name(), reflect.ValueOf(a))...)
		}
		w.within[t]--
	}
	return all
}

// alternatives gives the values that a union may hold.
func (w *walker) alternatives(union reflect.Type) (all []any) {
	for _, a := range alternatives {
		if t := reflect.TypeOf(a); t.Implements(union) && (w.within[union] == 0 || t.Kind() == reflect.String) {
			all = append(all, a)
		}
	}
	if w.within[union] > 0 {
		return []any{all[0], all[len(all)-1]}
	}
	return all
}

// TestEveryCommandIsTried compares the tables with the methods of the generated code.
func TestEveryCommandIsTried(t *testing.T) {
	known := map[string]bool{}
	for _, c := range commands {
		known[reflect.TypeOf(c).Name()] = true
	}
	for _, a := range alternatives {
		known[reflect.TypeOf(a).Name()] = true
	}
	w := walker{within: map[reflect.Type]int{}}
	for _, c := range commands {
		w.places("", reflect.ValueOf(c))
	}
	ofUnion := map[string]bool{}
	for u := range w.within {
		ofUnion["Append"+u.Name()] = true
	}
	files, err := filepath.Glob("../generated/imap/*_gen.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "Result" && !ofUnion[method.Name.Name] {
				continue
			}
			receiver := method.Recv.List[0].Type
			if p, ok := receiver.(*ast.StarExpr); ok {
				receiver = p.X
			}
			name := receiver.(*ast.Ident).Name
			assert.True(t, known[name], "imap.%s is in neither table of trials_test.go", name)
		}
	}
}

// A bare command is run without looking at its result.
type bare struct{ conn.Command }

func (bare) Result() nothing { return nothing{} }

type nothing struct{}

func (nothing) Collect(conn.Response)   {}
func (nothing) Complete(conn.Condition) {}
