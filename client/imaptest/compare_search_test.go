package imaptest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

func on(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// searches are keys of SEARCH, each under a name.
func searches() []named {
	list := []named{
		{"2 and the last", []imap.SearchKey{imap.SearchSet(imap.Seqs(2).Union(imap.SeqRange(0, 0)))}},
		{"18:*", []imap.SearchKey{imap.SearchSet(imap.SeqRange(18, 0))}},
		{"UID 5:9", []imap.SearchKey{imap.SearchUID(imap.UIDRange(5, 9))}},
		{"UID 99:*", []imap.SearchKey{imap.SearchUID(imap.UIDRange(99, 0))}},
		{"SEEN FLAGGED", []imap.SearchKey{imap.SearchSeen, imap.SearchFlagged}},
		{"KEYWORD $work", []imap.SearchKey{imap.SearchKeyword("$work")}},
		{"KEYWORD none", []imap.SearchKey{imap.SearchKeyword("none")}},
		{"UNKEYWORD NonJunk", []imap.SearchKey{imap.SearchUnkeyword("NonJunk")}},
		{"LARGER 700", []imap.SearchKey{imap.SearchLarger(700)}},
		{"SMALLER 300", []imap.SearchKey{imap.SearchSmaller(300)}},
		{"BEFORE", []imap.SearchKey{imap.SearchBefore(on(2024, 2, 4))}},
		{"ON", []imap.SearchKey{imap.SearchOn(on(2024, 2, 4))}},
		{"SINCE", []imap.SearchKey{imap.SearchSince(on(2024, 2, 4))}},
		{"SENTBEFORE", []imap.SearchKey{imap.SearchSentBefore(on(2024, 1, 4))}},
		{"SENTON in its own zone", []imap.SearchKey{imap.SearchSentOn(on(2024, 1, 4))}},
		{"SENTSINCE", []imap.SearchKey{imap.SearchSentSince(on(2024, 1, 10))}},
		{"FROM ada", []imap.SearchKey{imap.SearchFrom("ada")}},
		{"FROM encoded", []imap.SearchKey{imap.SearchFrom("höpper")}},
		{"FROM with a domain", []imap.SearchKey{imap.SearchFrom("EXAMPLE.ORG")}},
		{"TO grace", []imap.SearchKey{imap.SearchTo("grace")}},
		{"TO group", []imap.SearchKey{imap.SearchTo("Friends")}},
		{"TO folded encoded words", []imap.SearchKey{imap.SearchTo("山田太郎")}},
		{"CC bob", []imap.SearchKey{imap.SearchCc("bob")}},
		{"BCC hidden", []imap.SearchKey{imap.SearchBcc("hidden")}},
		{"SUBJECT engine", []imap.SearchKey{imap.SearchSubject("ENGINE")}},
		{"SUBJECT encoded", []imap.SearchKey{imap.SearchSubject("Sonderangebot für Sie")}},
		{"SUBJECT iso-2022-jp", []imap.SearchKey{imap.SearchSubject("漢字")}},
		{"SUBJECT folded", []imap.SearchKey{imap.SearchSubject("goes on over")}},
		{"HEADER X-Priority 3", []imap.SearchKey{imap.SearchHeader{Field: "x-priority", Text: "3"}}},
		{"HEADER that is there", []imap.SearchKey{imap.SearchHeader{Field: "List-Id"}}},
		{"HEADER that is empty", []imap.SearchKey{imap.SearchHeader{Field: "X-Empty"}}},
		{"HEADER Message-ID", []imap.SearchKey{imap.SearchHeader{Field: "Message-ID", Text: "<engine-1@example.org>"}}},
		{"HEADER References", []imap.SearchKey{imap.SearchHeader{Field: "References", Text: "unknown-parent"}}},
		{"HEADER Received", []imap.SearchKey{imap.SearchHeader{Field: "Received", Text: "ESMTP"}}},
		{"BODY plain", []imap.SearchKey{imap.SearchBody("weaves")}},
		{"BODY quoted-printable over a line", []imap.SearchKey{imap.SearchBody("patterns are fine")}},
		{"BODY quoted-printable iso-8859-1", []imap.SearchKey{imap.SearchBody("süsses")}},
		{"BODY base64", []imap.SearchKey{imap.SearchBody("横浜")}},
		{"BODY html in base64", []imap.SearchKey{imap.SearchBody("wenig geld")}},
		{"BODY within a message", []imap.SearchKey{imap.SearchBody("inner html")}},
		{"BODY header within a message", []imap.SearchKey{imap.SearchBody("Inner subject")}},
		{"BODY raw latin1", []imap.SearchKey{imap.SearchBody("grüße")}},
		{"BODY of a digest", []imap.SearchKey{imap.SearchBody("has two lines")}},
		{"BODY not in the header", []imap.SearchKey{imap.SearchBody("X-Priority")}},
		{"TEXT in the header", []imap.SearchKey{imap.SearchText("X-Priority")}},
		{"TEXT in a body", []imap.SearchKey{imap.SearchText("algebraic")}},
		{"TEXT encoded in the header", []imap.SearchKey{imap.SearchText("sonderangebot")}},
		{"TEXT nowhere", []imap.SearchKey{imap.SearchText("no such text")}},
		{"NOT SEEN", []imap.SearchKey{imap.SearchNot{Key: imap.SearchSeen}}},
		{"NOT of a set", []imap.SearchKey{imap.SearchNot{Key: imap.SearchSet(imap.SeqRange(3, 18))}}},
		{"OR SEEN FLAGGED", []imap.SearchKey{imap.SearchOr{Left: imap.SearchSeen, Right: imap.SearchFlagged}}},
		{"OR NOT nested", []imap.SearchKey{imap.SearchOr{
			Left:  imap.SearchAnd{imap.SearchSeen, imap.SearchNot{Key: imap.SearchFrom("ada")}},
			Right: imap.SearchNot{Key: imap.SearchOr{Left: imap.SearchUnflagged, Right: imap.SearchSubject("re")}},
		}}},
		{"MODSEQ 1", []imap.SearchKey{imap.SearchModseq{Since: 1}}},
		{"MODSEQ far", []imap.SearchKey{imap.SearchModseq{Since: 1 << 50}}},
	}
	for _, key := range []imap.SearchKeyName{
		imap.SearchAll, imap.SearchAnswered, imap.SearchDeleted, imap.SearchDraft, imap.SearchFlagged, imap.SearchSeen, imap.SearchUnanswered,
		imap.SearchUndeleted, imap.SearchUndraft, imap.SearchUnflagged, imap.SearchUnseen,
	} {
		list = append(list, named{key.Keyword(), []imap.SearchKey{key}})
	}
	return list
}

type named struct {
	name string
	keys []imap.SearchKey
}

// searching runs a search by number and by UID.
func searching(name string, keys ...imap.SearchKey) act {
	return act{"SEARCH " + name, func(ctx context.Context, c *client.Client, put func(string, any)) error {
		for _, byNumber := range []bool{true, false} {
			found, err := client.Do(ctx, c, imap.Search{ByNumber: byNumber, Keys: keys})
			if err != nil {
				return err
			}
			put(fmt.Sprintf("by number %t", byNumber), found.Search.IDs)
			put(fmt.Sprintf("mod-sequence told %t", byNumber), found.Search.ModSeq != 0)
		}
		return nil
	}}
}

// sorting sorts by every criterion, and asks for what RETURN gives.
func sorting() []act {
	var acts []act
	sort := func(name string, criteria ...imap.SortCriterion) {
		acts = append(acts, act{"SORT " + name, func(ctx context.Context, c *client.Client, put func(string, any)) error {
			found, err := client.Do(ctx, c, imap.Sort{Charset: "UTF-8", Criteria: criteria, Keys: []imap.SearchKey{imap.SearchAll}})
			if err == nil {
				put("", found.Sort.IDs)
			}
			return err
		}})
	}
	for _, key := range []imap.SortKey{imap.SortArrival, imap.SortCc, imap.SortDate, imap.SortFrom, imap.SortSize, imap.SortSubject, imap.SortTo} {
		sort(string(key), imap.SortCriterion{Key: key})
		sort("REVERSE "+string(key), imap.SortCriterion{Key: key, Reverse: true})
	}
	sort("SUBJECT REVERSE DATE", imap.SortCriterion{Key: imap.SortSubject}, imap.SortCriterion{Key: imap.SortDate, Reverse: true})
	sort("FROM SIZE", imap.SortCriterion{Key: imap.SortFrom}, imap.SortCriterion{Key: imap.SortSize})
	for _, returns := range [][]imap.ReturnOpt{
		{}, {imap.ReturnAll}, {imap.ReturnCount}, {imap.ReturnMin}, {imap.ReturnMax}, {imap.ReturnMin, imap.ReturnMax, imap.ReturnCount, imap.ReturnAll},
	} {
		for _, key := range []imap.SearchKey{imap.SearchFlagged, imap.SearchDeleted, imap.SearchModseq{Since: 1}} {
			acts = append(acts, act{fmt.Sprintf("SEARCH RETURN %v %v", returns, key.Keyword()), func(ctx context.Context, c *client.Client, put func(string, any)) error {
				found, err := client.Do(ctx, c, imap.Search{Return: returns, Keys: []imap.SearchKey{key}})
				if err == nil {
					e := found.Esearch
					put("", fmt.Sprint(e.UID, e.Min, e.Max, e.All, e.Count, e.Has(imap.SearchReturnDataItemCount), e.ModSeq != 0, len(found.Search.IDs)))
				}
				return err
			}})
		}
	}
	return acts
}

// threading threads all messages, and some.
func threading() []act {
	var acts []act
	for _, algorithm := range []imap.ThreadAlg{imap.ThreadOrderedsubject, imap.ThreadReferences} {
		for _, key := range []imap.SearchKey{imap.SearchAll, imap.SearchSet(imap.SeqRange(2, 14)), imap.SearchSubject("none such")} {
			acts = append(acts, act{fmt.Sprintf("THREAD %s %T", algorithm, key), func(ctx context.Context, c *client.Client, put func(string, any)) error {
				found, err := client.Do(ctx, c, imap.Thread{Algorithm: algorithm, Charset: "UTF-8", Keys: []imap.SearchKey{key}})
				if err == nil {
					put("", fmt.Sprint(found.Thread.Threads))
				}
				return err
			}})
		}
	}
	return acts
}

// putSaved puts what "$" is, by number and by UID.
func putSaved(ctx context.Context, c *client.Client, put func(string, any)) error {
	saved := imap.SavedResult()
	for where, search := range map[string]imap.Search{
		"set":           {Keys: []imap.SearchKey{imap.SearchSet(saved)}},
		"set by number": {ByNumber: true, Keys: []imap.SearchKey{imap.SearchSet(saved)}},
		"UID":           {Keys: []imap.SearchKey{imap.SearchUID(saved)}},
		"OR":            {Keys: []imap.SearchKey{imap.SearchOr{Left: imap.SearchNot{Key: imap.SearchSet(saved)}, Right: imap.SearchSeen}}},
	} {
		found, err := client.Do(ctx, c, search)
		if err != nil {
			return err
		}
		put(where, found.Search.IDs)
	}
	var uids []uint32
	rows := client.StartRows(ctx, c, imap.Fetch{Set: saved, Items: []imap.FetchAtt{imap.FetchFlags}})
	for m, err := range rows.All() {
		if err != nil {
			return err
		}
		uids = append(uids, m.UID)
	}
	put("FETCH", uids)
	return nil
}

// saving saves what searches find, with every combination of options (RFC 5182 section 2.4), and looks what "$" is then.
func saving() []act {
	acts := []act{{"SAVED nothing", func(ctx context.Context, c *client.Client, put func(string, any)) error {
		if _, err := c.Select(ctx, "corpus"); err != nil {
			return err
		}
		return putSaved(ctx, c, put)
	}}}
	for n := range 1 << 4 {
		returns := []imap.ReturnOpt{imap.ReturnSave}
		for i, o := range []imap.ReturnOpt{imap.ReturnMin, imap.ReturnMax, imap.ReturnCount, imap.ReturnAll} {
			if n&(1<<i) != 0 {
				returns = append(returns, o)
			}
		}
		for _, key := range []imap.SearchKey{imap.SearchFlagged, imap.SearchDeleted} {
			acts = append(acts, act{fmt.Sprintf("SAVED %v %s", returns, key.Keyword()), func(ctx context.Context, c *client.Client, put func(string, any)) error {
				found, err := client.Do(ctx, c, imap.Search{Return: returns, Keys: []imap.SearchKey{key}})
				if err != nil {
					return err
				}
				e := found.Esearch
				put("", fmt.Sprint(e.UID, e.Min, e.Max, e.All, e.Count, e.Has(imap.SearchReturnDataItemCount), len(found.Search.IDs)))
				return putSaved(ctx, c, put)
			}})
		}
	}
	refused := imap.Search{Charset: "X-NONE", Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchAll}}
	return append(acts, act{"SAVED refused", func(ctx context.Context, c *client.Client, put func(string, any)) error {
		save := imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchFlagged}}
		if _, err := client.Do(ctx, c, save); err != nil {
			return err
		}
		_, err := client.Do(ctx, c, refused)
		put("refused", errors.Is(err, imap.ErrBadCharset))
		return putSaved(ctx, c, put)
	}}, act{"SAVED and changed", changingSaved})
}

// changingSaved changes what was saved, and takes some of it away, in a mailbox of its own.
func changingSaved(ctx context.Context, c *client.Client, put func(string, any)) error {
	if !c.Caps().Has(imap.CapSearchres) {
		return imap.ErrCapability
	}
	if err := c.Create(ctx, "saved"); err != nil {
		return err
	}
	m := imap.Message(imap.SourceString("Subject: to be saved\r\n\r\n"))
	if _, err := c.Append(ctx, "saved", m, m, m, m); err != nil {
		return err
	}
	box, err := c.Select(ctx, "saved")
	if err != nil {
		return err
	}
	saved := imap.SavedResult()
	changed := func(set imap.NumSet, flag imap.Flag) error {
		_, err := box.Store(ctx, set, imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: imap.NewFlags(flag)})
		return err
	}
	if _, err := client.Do(ctx, box, imap.Search{Return: []imap.ReturnOpt{imap.ReturnSave}, Keys: []imap.SearchKey{imap.SearchUID(imap.UIDRange(1, 3))}}); err != nil {
		return err
	}
	if err := errors.Join(changed(imap.UIDs(2, 4), imap.FlagDeleted), changed(saved, imap.FlagFlagged)); err != nil {
		return err
	}
	if _, err := box.UIDExpunge(ctx, saved); err != nil {
		return err
	}
	if err := putSaved(ctx, c, put); err != nil {
		return err
	}
	copied, err := box.Copy(ctx, saved, "saved")
	if err != nil {
		return err
	}
	put("copied", copied.CopyUID.Source)
	if _, err := box.Move(ctx, saved, "INBOX"); err != nil {
		return err
	}
	put("moved", box.Exists())
	if _, err := box.Copy(ctx, saved, "saved"); err != nil {
		return err
	}
	put("copied nothing", box.Exists())
	for m, err := range box.Fetch(ctx, imap.UIDRange(1, 0), imap.FetchFlags) {
		if err != nil {
			return err
		}
		put(fmt.Sprint("left ", m.UID), m.Flags)
	}
	return errors.Join(box.Unselect(ctx), c.Delete(ctx, "saved"))
}
