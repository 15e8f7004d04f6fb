package imaptest_test

import (
	"context"
	"fmt"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// syncActs are what CONDSTORE and QRESYNC say (RFC 7162), on a connection that has not heard of them before. Mod-sequences are not
// the same on two servers: what is compared is which messages are named, and in which order the numbers stand.
func syncActs() []act {
	var before uint64 // the highest mod-sequence at a time, on the server that is played
	var validity uint32
	flag := func(set imap.NumSet, modifiers ...imap.StoreModifier) imap.Store {
		return imap.Store{Set: set, Modifiers: modifiers, Change: imap.StoreFlags{Op: "+", Silent: true, Flags: imap.NewFlags("$Synced")}}
	}
	return []act{
		{"SELECT CONDSTORE", func(ctx context.Context, c *client.Client, put putter) error {
			selected, err := client.Do(ctx, c, imap.Select{Mailbox: "corpus", Params: []imap.SelectParam{imap.SelectCondstore}})
			if err == nil {
				before, validity = selected.Highestmodseq, selected.UIDValidity
				put("", fmt.Sprint(selected.Highestmodseq > 1, selected.Nomodseq, selected.Exists.Count, selected.ReadWrite))
			}
			return err
		}},
		{"STORE tells the mod-sequence", func(ctx context.Context, c *client.Client, put putter) error {
			rows := client.StartRows(ctx, c, flag(imap.UIDs(1, 2)))
			for m, err := range rows.All() {
				if err != nil {
					return err
				}
				put(fmt.Sprint(m.UID), m.ModSeq > before)
			}
			return nil
		}},
		{"FETCH CHANGEDSINCE", func(ctx context.Context, c *client.Client, put putter) error {
			rows := client.StartRows(ctx, c, imap.Fetch{
				Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchFlags}, Modifiers: []imap.FetchModifier{imap.FetchChangedsince(before)},
			})
			for m, err := range rows.All() {
				if err != nil {
					return err
				}
				put(fmt.Sprint(m.UID), fmt.Sprint(m.ModSeq > before, m.Flags.Has("$Synced")))
			}
			return nil
		}},
		{"STORE UNCHANGEDSINCE", func(ctx context.Context, c *client.Client, put putter) error {
			done, err := client.Do(ctx, c, flag(imap.UIDRange(1, 4), imap.StoreUnchangedsince(before)))
			if err == nil {
				put("modified", done.Modified)
			}
			return err
		}},
		{"STORE UNCHANGEDSINCE by number", func(ctx context.Context, c *client.Client, put putter) error {
			done, err := client.Do(ctx, c, flag(imap.Seqs(1, 2, 5), imap.StoreUnchangedsince(before)))
			if err == nil {
				put("modified", done.Modified)
			}
			return err
		}},
		{"SEARCH MODSEQ since", func(ctx context.Context, c *client.Client, put putter) error {
			found, err := client.Do(ctx, c, imap.Search{Keys: []imap.SearchKey{imap.SearchModseq{Since: before + 1}}})
			if err == nil {
				put("", fmt.Sprint(found.Search.IDs, found.Search.ModSeq > before))
			}
			return err
		}},
		{"QRESYNC not enabled", func(ctx context.Context, c *client.Client, _ putter) error {
			if err := leave(ctx, c); err != nil { // Dovecot leaves it after BAD as well
				return err
			}
			_, err := client.Do(ctx, c, imap.Select{Mailbox: "corpus", Params: []imap.SelectParam{imap.SelectQresync{UIDValidity: validity, ModSeq: before}}})
			return err
		}},
		{"ENABLE", func(ctx context.Context, c *client.Client, put putter) error {
			if err := leave(ctx, c); err != nil {
				return err
			}
			enabled, err := c.Enable(ctx, imap.CapQresync, "X-NONE")
			if err == nil {
				put("", fmt.Sprint(len(enabled.Enabled.Capabilities)))
			}
			return err
		}},
		{"EXPUNGE under QRESYNC", func(ctx context.Context, c *client.Client, put putter) error {
			if _, err := client.Do(ctx, c, flag(imap.UIDs(14, 15))); err != nil {
				return err
			}
			if _, err := client.Do(ctx, c, imap.Store{Set: imap.UIDs(16, 17), Change: imap.StoreFlags{Op: "+", Silent: true, Flags: imap.NewFlags(imap.FlagDeleted)}}); err != nil {
				return err
			}
			if _, err := client.Do(ctx, c, imap.Expunge{}); err != nil {
				return err
			}
			put("exists", c.Mailbox().Exists())
			return nil
		}},
		{"FETCH VANISHED", func(ctx context.Context, c *client.Client, put putter) error {
			rows := client.StartRows(ctx, c, imap.Fetch{
				Set: imap.UIDRange(13, 0), Items: []imap.FetchAtt{imap.FetchFlags},
				Modifiers: []imap.FetchModifier{imap.FetchChangedsince(before), imap.FetchVanished},
			})
			for m, err := range rows.All() {
				if err != nil {
					return err
				}
				put(fmt.Sprint(m.UID), m.Flags)
			}
			done, err := rows.Result()
			if err == nil {
				put("vanished", vanished(done.Vanished))
			}
			return err
		}},
		{"SELECT QRESYNC", func(ctx context.Context, c *client.Client, put putter) error {
			if err := leave(ctx, c); err != nil {
				return err
			}
			selected, err := client.Do(ctx, c, imap.Select{Mailbox: "corpus", Params: []imap.SelectParam{imap.SelectQresync{UIDValidity: validity, ModSeq: before}}})
			if err != nil {
				return err
			}
			put("vanished", vanished(selected.Vanished))
			for _, m := range selected.Fetch {
				put(fmt.Sprint(m.UID), fmt.Sprint(m.Flags.Has("$Synced"), m.ModSeq > before))
			}
			return nil
		}},
		{"SELECT QRESYNC of another validity", func(ctx context.Context, c *client.Client, put putter) error {
			if err := leave(ctx, c); err != nil {
				return err
			}
			selected, err := client.Do(ctx, c, imap.Select{Mailbox: "corpus", Params: []imap.SelectParam{imap.SelectQresync{UIDValidity: validity + 1, ModSeq: before}}})
			if err == nil {
				put("", fmt.Sprint(len(selected.Vanished), len(selected.Fetch)))
			}
			return err
		}},
	}
}

// leave leaves the selected mailbox: the session selects it again, for commands that want it.
func leave(ctx context.Context, c *client.Client) error {
	_, err := client.Do(ctx, c, imap.Unselect{})
	return err
}

// vanished joins what VANISHED (EARLIER) named; servers part it as they like.
func vanished(list []*imap.VanishedData) string {
	var all imap.NumSet
	for _, v := range list {
		all = all.Union(v.UIDs)
	}
	return all.String()
}
