package imaptest_test

import (
	"context"
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
