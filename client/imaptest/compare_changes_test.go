package imaptest_test

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// putter takes a value under the name of the act.
type putter = func(where string, v any)

// outcomeOf is an act that runs commands of which only the outcome counts.
func outcomeOf(name string, commands ...func(context.Context, *client.Client) error) act {
	return act{name, func(ctx context.Context, c *client.Client, _ putter) error {
		for _, run := range commands {
			if err := run(ctx, c); err != nil {
				return err
			}
		}
		return nil
	}}
}

// changing changes mailboxes and messages.
func changing() []act { return slices.Concat(mailboxActs(), listActs(), messageActs(), syncActs()) }

func mailboxActs() []act {
	create := func(names ...string) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			for _, name := range names {
				if err := c.Create(ctx, name); err != nil {
					return err
				}
			}
			return nil
		}
	}
	subscribe := func(names ...string) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			for _, name := range names {
				if err := c.Subscribe(ctx, name); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return []act{
		outcomeOf("CREATE", create("cmp", "cmp/a", "cmp/a/b", "cmp/c", "cmp/ä &", "cmp/a/b/deep")),
		outcomeOf("CREATE again", create("cmp/a")),
		outcomeOf("CREATE INBOX", create("inbox")),
		outcomeOf("SUBSCRIBE", subscribe("cmp/a/b", "cmp/c", "INBOX")),
		outcomeOf("RENAME", func(ctx context.Context, c *client.Client) error { return c.Rename(ctx, "cmp/a/b", "cmp/a/renamed") }),
		outcomeOf("RENAME nothing", func(ctx context.Context, c *client.Client) error { return c.Rename(ctx, "cmp/none", "cmp/other") }),
		outcomeOf("RENAME to what exists", func(ctx context.Context, c *client.Client) error { return c.Rename(ctx, "cmp/a", "cmp/c") }),
		outcomeOf("DELETE nothing", func(ctx context.Context, c *client.Client) error { return c.Delete(ctx, "cmp/none") }),
		outcomeOf("DELETE INBOX", func(ctx context.Context, c *client.Client) error { return c.Delete(ctx, "INBOX") }),
		outcomeOf("UNSUBSCRIBE twice", func(ctx context.Context, c *client.Client) error { return c.Unsubscribe(ctx, "cmp/c") },
			func(ctx context.Context, c *client.Client) error { return c.Unsubscribe(ctx, "cmp/c") }),
		{"STATUS", func(ctx context.Context, c *client.Client, put putter) error {
			st, err := c.Status(ctx, "corpus", imap.StatusMessages, imap.StatusUIDNext, imap.StatusUnseen, imap.StatusUIDValidity, imap.StatusHighestmodseq)
			if err == nil {
				s := st.Status
				put("", fmt.Sprint(s.Mailbox, s.Messages, s.UIDNext, s.Unseen, s.UIDValidity != 0, s.HighestModSeq > 1))
			}
			return err
		}},
		outcomeOf("STATUS of nothing", func(ctx context.Context, c *client.Client) error {
			_, err := c.Status(ctx, "cmp/none", imap.StatusMessages)
			return err
		}),
		{"NAMESPACE", func(ctx context.Context, c *client.Client, put putter) error {
			n, err := c.Namespace(ctx)
			if err == nil {
				put("", n.Namespace.Personal)
			}
			return err
		}},
	}
}

// listActs lists with every option.
func listActs() []act {
	var acts []act
	list := func(name string, l imap.List) {
		acts = append(acts, act{"LIST " + name, func(ctx context.Context, c *client.Client, put putter) error {
			rows := client.StartRows(ctx, c, l)
			for m, err := range rows.All() {
				if err != nil {
					return err
				}
				var attrs []string
				for _, a := range m.Attrs {
					if a := strings.ToLower(string(a)); a != `\marked` && a != `\unmarked` { // hints that nobody can rely on
						attrs = append(attrs, a)
					}
				}
				slices.Sort(attrs)
				said := strings.Join(attrs, " ")
				if m.Extended != nil {
					said += fmt.Sprint(m.Extended.ChildInfo)
				}
				put(path.Join(strings.ReplaceAll(m.Mailbox, "/", "."), "attributes"), said)
				put(path.Join(strings.ReplaceAll(m.Mailbox, "/", "."), "delimiter"), string(m.Delim))
			}
			done, err := rows.Result()
			if err != nil {
				return err
			}
			for _, s := range done.Status {
				put(path.Join(strings.ReplaceAll(s.Mailbox, "/", "."), "status"), fmt.Sprint(s.Messages, s.UIDNext))
			}
			return nil
		}})
	}
	list("delimiter", imap.List{Patterns: []string{""}})
	for _, pattern := range []string{"cmp*", "cmp/%", "cmp/%/%", "%/a", "cmp/*ed", "INBOX", "inbox", "none"} {
		list(pattern, imap.List{Patterns: []string{pattern}})
	}
	list("reference", imap.List{Reference: "cmp/", Patterns: []string{"%"}})
	list("patterns", imap.List{Patterns: []string{"cmp/a", "cmp/c", "cmp/a"}})
	list("SUBSCRIBED", imap.List{Select: []imap.ListSelectOpt{imap.ListSelectSubscribed}, Patterns: []string{"cmp*"}})
	list("return SUBSCRIBED", imap.List{Patterns: []string{"cmp*"}, Return: []imap.ListReturnOpt{imap.ListReturnSubscribed}})
	list("return CHILDREN", imap.List{Patterns: []string{"cmp*"}, Return: []imap.ListReturnOpt{imap.ListReturnChildren}})
	list("return STATUS", imap.List{
		Patterns: []string{"corpus", "cmp/c"}, Return: []imap.ListReturnOpt{imap.ListReturnStatus{imap.StatusMessages, imap.StatusUIDNext}},
	})
	list("RECURSIVEMATCH", imap.List{
		Select: []imap.ListSelectOpt{imap.ListSelectSubscribed, imap.ListSelectRecursivematch}, Patterns: []string{"%"},
	})
	list("RECURSIVEMATCH alone", imap.List{Select: []imap.ListSelectOpt{imap.ListSelectRecursivematch}, Patterns: []string{"%"}})
	for _, pattern := range []string{"cmp*", "cmp/%", "%"} {
		acts = append(acts, act{"LSUB " + pattern, func(ctx context.Context, c *client.Client, put putter) error {
			for m, err := range c.Lsub(ctx, "", pattern) {
				if err != nil {
					return err
				}
				put(strings.ReplaceAll(m.Mailbox, "/", "."), slices.Contains(m.Attrs, imap.MailboxNoselect))
			}
			return nil
		}})
	}
	return acts
}

// messageActs changes flags, copies, moves and expunges in the selected mailbox.
func messageActs() []act {
	var acts []act
	store := func(name string, set imap.NumSet, change imap.StoreFlags) {
		acts = append(acts, act{"STORE " + name, func(ctx context.Context, c *client.Client, put putter) error {
			rows := client.StartRows(ctx, c, imap.Store{Set: set, Change: change})
			for m, err := range rows.All() {
				if err != nil {
					return err
				}
				put(fmt.Sprint(m.Seq), m.Flags)
			}
			_, err := rows.Result()
			return err
		}})
	}
	junk := imap.NewFlags("$Junk", imap.FlagFlagged)
	store("adds", imap.UIDRange(1, 4), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: junk})
	store("removes", imap.UIDs(2, 99), imap.StoreFlags{Op: imap.StoreFlagsRemove, Flags: junk})
	store("replaces", imap.UIDs(3), imap.StoreFlags{Flags: imap.NewFlags(imap.FlagSeen)})
	store("nothing", imap.UIDs(4), imap.StoreFlags{})
	store("silently", imap.UIDs(5), imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: junk})
	store("beyond", imap.UIDs(99), imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: junk})
	copied := func(name string, cmd func(context.Context, *client.Client) (*imap.CodeCopyUID, error)) act {
		return act{name, func(ctx context.Context, c *client.Client, put putter) error {
			code, err := cmd(ctx, c)
			if err == nil && code != nil {
				put("", fmt.Sprint(code.Source, " ", code.Dest))
			}
			return err
		}}
	}
	doCopy := func(to string, set imap.NumSet) func(context.Context, *client.Client) (*imap.CodeCopyUID, error) {
		return func(ctx context.Context, c *client.Client) (*imap.CodeCopyUID, error) {
			r, err := client.Do(ctx, c, imap.Copy{Set: set, Mailbox: to})
			if err != nil {
				return nil, err
			}
			return r.CopyUID, nil
		}
	}
	doMove := func(to string, set imap.NumSet) func(context.Context, *client.Client) (*imap.CodeCopyUID, error) {
		return func(ctx context.Context, c *client.Client) (*imap.CodeCopyUID, error) {
			r, err := client.Do(ctx, c, imap.Move{Set: set, Mailbox: to})
			if err != nil {
				return nil, err
			}
			return r.CopyUID, nil
		}
	}
	state := func(name string) act {
		return act{"after " + name, func(ctx context.Context, c *client.Client, put putter) error {
			rows := client.StartRows(ctx, c, imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchFlags}})
			for m, err := range rows.All() {
				if err != nil {
					return err
				}
				put(fmt.Sprint(m.Seq, " is ", m.UID), m.Flags)
			}
			return nil
		}}
	}
	return append(acts,
		copied("COPY", doCopy("cmp/c", imap.UIDs(1, 3, 99))),
		copied("COPY by number", doCopy("cmp/c", imap.Seqs(2))),
		copied("COPY nothing", doCopy("cmp/c", imap.UIDs(99))),
		copied("COPY nowhere", doCopy("cmp/none", imap.UIDs(1))),
		copied("COPY in place", doCopy("corpus", imap.UIDs(2))),
		state("COPY"),
		copied("MOVE", doMove("cmp/c", imap.UIDRange(5, 6))),
		copied("MOVE by number", doMove("cmp/c", imap.Seqs(5))),
		copied("MOVE nowhere", doMove("cmp/none", imap.UIDs(1))),
		state("MOVE"),
		outcomeOf("FETCH beyond the end", func(ctx context.Context, c *client.Client) error {
			rows := client.StartRows(ctx, c, imap.Fetch{Set: imap.Seqs(9999), Items: []imap.FetchAtt{imap.FetchFlags}})
			_, err := rows.Result()
			return err
		}),
		outcomeOf("STORE \\Deleted", func(ctx context.Context, c *client.Client) error {
			_, err := client.Do(ctx, c, imap.Store{Set: imap.UIDs(8, 9, 12, 13), Change: imap.StoreFlags{Op: "+", Silent: true, Flags: imap.NewFlags(imap.FlagDeleted)}})
			return err
		}),
		outcomeOf("UID EXPUNGE", func(ctx context.Context, c *client.Client) error {
			_, err := client.Do(ctx, c, imap.UIDExpunge{Set: imap.UIDRange(9, 12)})
			return err
		}),
		state("UID EXPUNGE"),
		outcomeOf("EXPUNGE", func(ctx context.Context, c *client.Client) error {
			_, err := client.Do(ctx, c, imap.Expunge{})
			return err
		}),
		state("EXPUNGE"),
		outcomeOf("UNSELECT", func(ctx context.Context, c *client.Client) error {
			_, err := client.Do(ctx, c, imap.Unselect{})
			return err
		}),
		act{"MULTIAPPEND", func(ctx context.Context, c *client.Client, put putter) error {
			done, err := c.Append(ctx, "cmp/a", imap.Message(imap.SourceString("Subject: 1\r\n\r\n"), imap.FlagSeen), imap.Message(imap.SourceString("Subject: 2\r\n\r\n")))
			if err == nil {
				put("", done.AppendUID.UIDs)
			}
			return err
		}},
		outcomeOf("APPEND nowhere", func(ctx context.Context, c *client.Client) error {
			_, err := c.Append(ctx, "cmp/none", imap.Message(imap.SourceString("Subject: 1\r\n\r\n")))
			return err
		}),
	)
}
