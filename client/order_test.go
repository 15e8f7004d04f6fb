package client_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// silent checks that the client sends nothing, once all goroutines have nothing more to do.
func (s *script) silent() {
	synctest.Wait()
	_ = s.nc.SetReadDeadline(time.Now().Add(time.Millisecond))
	if b, err := s.r.Peek(1); err == nil {
		line, _ := s.r.ReadString('\n')
		s.fail("want nothing, have %q", string(b)+line)
	}
}

// A starter sends a command and gives what waits for it.
type starter func(context.Context, client.Runner) func(context.Context) error

func starts[R client.Result](c client.Command[R]) starter {
	return func(ctx context.Context, on client.Runner) func(context.Context) error {
		p := client.Start(ctx, on, c)
		return func(ctx context.Context) error {
			_, err := p.Wait(ctx)
			return err
		}
	}
}

// TestCommandOrder: which commands of the grammar are in flight together (RFC 3501 and RFC 9051 section 5.5), in either order.
func TestCommandOrder(t *testing.T) {
	uid, seq := imap.UIDs, imap.Seqs
	fetch := func(set imap.NumSet, items ...imap.FetchAtt) starter {
		return starts(imap.Fetch{Set: set, Items: items})
	}
	store := func(set imap.NumSet) starter {
		return starts(imap.Store{Set: set, Change: imap.StoreFlags{Op: "+", Silent: true, Flags: imap.NewFlags(imap.FlagSeen)}})
	}
	search := func(keys ...imap.SearchKey) starter { return starts(imap.Search{Keys: keys}) }
	counts := func(keys ...imap.SearchKey) starter {
		return starts(imap.Search{Return: []imap.ReturnOpt{imap.ReturnOptName("COUNT")}, Keys: keys})
	}
	status := func(name string) starter {
		return starts(imap.Status{Mailbox: name, Items: []imap.StatusAtt{imap.StatusMessages}})
	}
	body, peek := imap.FetchBodySection{}, imap.FetchBodySection{Peek: true}
	unseen := imap.SearchNot{Key: imap.SearchOr{Left: imap.SearchAll, Right: imap.SearchAnd{imap.SearchUnseen}}}
	noop, expunge := starts(imap.Noop{}), starts(imap.Expunge{})
	for _, tt := range []struct {
		name   string
		a, b   starter
		beside bool
	}{
		{"the example of section 5.5: FETCH sets \\Seen, SEARCH UNSEEN", fetch(uid(1), body), search(unseen), false},
		{"FETCH with PEEK beside SEARCH UNSEEN", fetch(uid(1), peek), search(unseen), true},
		{"FETCH that sets \\Seen beside SEARCH of texts", fetch(uid(1), body), search(imap.SearchFrom("ada")), true},
		{"FETCH that sets \\Seen beside FETCH of its flags", fetch(uid(1), body), fetch(uid(1), imap.FetchFlags), false},
		{"FETCH that sets \\Seen beside FETCH of others", fetch(uid(1), body), fetch(uid(2), imap.FetchFlags), true},
		{"FETCH RFC822 beside SEARCH UNSEEN", fetch(uid(1), imap.FetchRFC822), search(unseen), false},
		{"FETCH RFC822.HEADER beside SEARCH UNSEEN", fetch(uid(1), imap.FetchRFC822Header), search(unseen), true},
		{"FETCH BODY beside SEARCH UNSEEN", fetch(uid(1), imap.FetchBody), search(unseen), true},
		{"FETCH BINARY beside SEARCH UNSEEN", fetch(uid(1), imap.FetchBinary{}), search(unseen), false},
		{"STORE beside SEARCH UNSEEN", store(uid(1)), search(unseen), false},
		{"STORE beside SEARCH of texts", store(uid(1)), search(imap.SearchFrom("ada")), true},
		{"STORE beside SORT", store(uid(1)), starts(imap.Sort{Criteria: []imap.SortCriterion{{Key: imap.SortDate}}, Charset: "UTF-8", Keys: []imap.SearchKey{imap.SearchAll}}), false},
		{"STORE beside COPY", store(uid(1)), starts(imap.Copy{Set: uid(1), Mailbox: "a"}), false},
		{"STORE beside COPY of others", store(uid(1)), starts(imap.Copy{Set: uid(2), Mailbox: "a"}), true},
		{"STORE beside EXPUNGE", store(uid(1)), expunge, false},
		{"STORE beside UID EXPUNGE of others", store(uid(1)), starts(imap.UIDExpunge{Set: uid(2)}), true},
		{"FETCH beside EXPUNGE", fetch(uid(1), peek), expunge, false},
		{"FETCH beside MOVE", fetch(uid(1), peek), starts(imap.Move{Set: uid(1), Mailbox: "a"}), false},
		{"FETCH beside MOVE of others", fetch(uid(1), peek), starts(imap.Move{Set: uid(2), Mailbox: "a"}), true},
		{"MOVE beside UID EXPUNGE", starts(imap.Move{Set: uid(1), Mailbox: "a"}), starts(imap.UIDExpunge{Set: uid(2)}), false},
		{"COPY beside COPY", starts(imap.Copy{Set: uid(1), Mailbox: "a"}), starts(imap.Copy{Set: uid(1), Mailbox: "b"}), true},
		{"COPY beside COPY by number", starts(imap.Copy{Set: seq(1), Mailbox: "a"}), starts(imap.Copy{Set: seq(2), Mailbox: "a"}), false},
		{"FETCH beside STORE by number", fetch(seq(1), imap.FetchUID), store(seq(2)), true},
		{"FETCH by number beside NOOP", fetch(seq(1), imap.FetchUID), noop, false},
		{"FETCH by number beside CHECK", fetch(seq(1), imap.FetchUID), starts(imap.Check{}), false},
		{"FETCH by number beside UID FETCH", fetch(seq(1), imap.FetchUID), fetch(uid(1), imap.FetchUID), false},
		{"FETCH by number beside a SEARCH by number", fetch(seq(1), imap.FetchUID), starts(imap.Search{ByNumber: true, Keys: []imap.SearchKey{imap.SearchAll}}), true},
		{"FETCH by number beside a UID SEARCH", fetch(seq(1), imap.FetchUID), search(imap.SearchAll), false},
		{"UID FETCH beside a UID SEARCH with numbers", fetch(uid(1), imap.FetchUID), search(imap.SearchSet(seq(1))), false},
		{"two SEARCHes", search(imap.SearchAll), search(imap.SearchAll), false},
		{"two SEARCHes with RETURN", counts(imap.SearchAll), counts(imap.SearchAll), true},
		{"SEARCH beside SEARCH with RETURN", search(imap.SearchAll), counts(imap.SearchAll), true},
		{"STORE of what SEARCH saved beside FETCH", store(imap.SavedResult()), fetch(uid(1), peek), false},
		{"two LISTs", starts(imap.List{Patterns: []string{"*"}}), starts(imap.List{Patterns: []string{"%"}}), false},
		{"LIST beside LSUB", starts(imap.List{Patterns: []string{"*"}}), starts(imap.Lsub{Pattern: "*"}), true},
		{"STATUS of two mailboxes", status("a"), status("b"), true},
		{"STATUS of one mailbox", status("INBOX"), status("inbox"), false},
		{"STATUS of the selected mailbox beside FETCH", status("INBOX"), fetch(uid(1), peek), true},
		{"STATUS beside LIST that returns STATUS", status("a"), starts(imap.List{Patterns: []string{"*"},
			Return: []imap.ListReturnOpt{imap.ListReturnStatus{imap.StatusMessages}}}), false},
		{"CAPABILITY beside CAPABILITY", starts(imap.Capability{}), starts(imap.Capability{}), false},
		{"a raw command beside STORE", starts(client.RawCommand{Name: "XFOO"}), store(uid(1)), false},
		{"a raw command beside FETCH", starts(client.RawCommand{Name: "XFOO"}), fetch(uid(1), peek), false},
		{"a raw command beside NOOP", starts(client.RawCommand{Name: "XFOO"}), noop, true},
		{"CLOSE beside NOOP", noop, starts(imap.Close{}), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i, order := range [][2]starter{{tt.a, tt.b}, {tt.b, tt.a}} {
				if i == 1 && tt.name == "CLOSE beside NOOP" {
					break // NOOP behind it is for another state
				}
				synctest.Test(t, func(t *testing.T) { besides(t, order[0], order[1], tt.beside) })
			}
		})
	}
}

// What is saved may be used at once, whatever flags both are about (RFC 5182 section 2.3); it is not changed while it is used.
func TestOrderOfSaved(t *testing.T) {
	saved := imap.SavedResult()
	search := func(keys ...imap.SearchKey) starter { return starts(imap.Search{Keys: keys}) }
	save := func(keys ...imap.SearchKey) starter {
		return starts(imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: keys})
	}
	fetch := starts(imap.Fetch{Set: saved, Items: []imap.FetchAtt{imap.FetchFlags}})
	store := starts(imap.Store{Set: saved, Change: imap.StoreFlags{Op: "+", Silent: true, Flags: imap.NewFlags(imap.FlagSeen)}})
	for _, tt := range []struct {
		name   string
		a, b   starter
		beside bool
	}{
		{"FETCH of what was saved", save(imap.SearchFrom("ada")), fetch, true},
		{"STORE of the flags that it was found by", save(imap.SearchUnseen), store, true},
		{"MOVE of what was found by flags", save(imap.SearchUnseen), starts(imap.Move{Set: saved, Mailbox: "a"}), true},
		{"SEARCH in what was saved", save(imap.SearchFrom("ada")), search(imap.SearchSet(saved)), true},
		{"SEARCH that saves what it finds in what was saved", save(imap.SearchUnseen), save(imap.SearchNot{Key: imap.SearchUID(saved)}), true},
		{"the later SEARCH decides", save(imap.SearchFrom("ada")), save(imap.SearchFrom("bob")), true},
		{"STORE of others beside a SEARCH by flags", save(imap.SearchUnseen), starts(imap.Store{Set: imap.UIDs(1), Change: imap.StoreFlags{}}), false},
		{"STORE of what was saved by a SEARCH before", search(imap.SearchUnseen), store, false},
		{"another result while the first is used", fetch, save(imap.SearchFrom("ada")), false},
		{"another result while a SEARCH is within the first", search(imap.SearchOr{Left: imap.SearchSet(saved), Right: imap.SearchAll}), save(imap.SearchFrom("ada")), false},
		{"another SEARCH while it is used", fetch, search(imap.SearchFrom("ada")), true},
		{"two uses of the same items", fetch, fetch, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { besides(t, tt.a, tt.b, tt.beside) })
		})
	}
}

func besides(t *testing.T, a, b starter, beside bool) {
	c := session(t, func(s *script) {
		s.selected("INBOX", 10)
		tag := func() string { return s.line()[:5] }
		first := tag()
		if beside {
			second := tag()
			s.send(second+" OK done", first+" OK done")
		} else {
			s.silent()
			s.send(first + " OK done")
			s.send(tag() + " OK done")
		}
		s.end()
	}, "UIDPLUS", "MOVE", "ESEARCH", "SEARCHRES", "SORT", "BINARY", "LIST-EXTENDED", "LIST-STATUS", "UNSELECT")
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	first := a(t.Context(), box)
	second := b(t.Context(), box)
	assert.NoError(t, first(t.Context()))
	assert.NoError(t, second(t.Context()))
	assert.NoError(t, c.Close())
}
