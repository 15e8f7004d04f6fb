package mood_test

import (
	"bufio"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"

	"example.com/mood"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// serve plays a server that has moods: for each command that it expects, the lines to answer with. @ is the tag.
func serve(t *testing.T, script ...[2]string) net.Conn {
	t.Helper()
	mine, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		fmt.Fprint(theirs, "* PREAUTH [CAPABILITY IMAP4rev1 X-MOOD] ready\r\n")
		in := bufio.NewScanner(theirs)
		for _, step := range script {
			if !in.Scan() {
				t.Error("the client sent nothing where it should have sent", step[0])
				return
			}
			tag, command, _ := strings.Cut(in.Text(), " ")
			if command != step[0] {
				t.Errorf("the client sent %q, not %q", command, step[0])
				return
			}
			fmt.Fprint(theirs, strings.ReplaceAll(step[1], "@", tag))
		}
		for in.Scan() { // LOGOUT and the like
		}
	}()
	t.Cleanup(func() { mine.Close(); <-done })
	return mine
}

func TestMoods(t *testing.T) {
	nc := serve(t,
		[2]string{"SELECT INBOX (XMOODS (HAPPY SAD))", "* FLAGS ()\r\n* 2 EXISTS\r\n* OK [MOODY SAD 7] sigh\r\n@ OK [READ-WRITE] done\r\n"},
		[2]string{"UID FETCH 1:2 (X-MOOD FLAGS)", "* 1 FETCH (UID 1 X-MOOD (HAPPY) FLAGS (\\Seen))\r\n* 2 FETCH (X-MOOD () FLAGS () UID 2)\r\n@ OK done\r\n"},
		[2]string{"UID SEARCH XFEELS SAD", "* SEARCH 2\r\n@ OK done\r\n"},
		[2]string{"UID XMOOD 2 HAPPY BECAUSE \"of you\"", "* XMOODS INBOX (HAPPY 2 GRUMPY 1)\r\n@ OK [XCALM] done\r\n"},
	)
	ctx := t.Context()
	c, err := client.New(ctx, nc, client.Options{InsecureNoTLS: true, Extensions: []*imap.Extension{mood.Extension()}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	// An argument of SELECT, and a field of its result.
	opened, err := client.Do(ctx, c, imap.Select{Mailbox: "INBOX", Params: []imap.SelectParam{mood.SelectXmoods{mood.MoodHappy, mood.MoodSad}}})
	if err != nil {
		t.Fatal(err)
	}
	if code, ok := mood.SelectResultMoody.Of(opened); !ok || code != (mood.CodeMoody{Mood: mood.MoodSad, Count: 7}) {
		t.Errorf("the result of SELECT has the code %v, %v", code, ok)
	}
	box := c.Mailbox()

	// An item of FETCH.
	var moods [][]mood.Mood
	for m, err := range box.Fetch(ctx, imap.UIDs(1, 2), mood.FetchXMood, imap.FetchFlags) {
		if err != nil {
			t.Fatal(err)
		}
		v, ok := mood.Moods.Of(m)
		if !ok || len(m.Warnings()) > 0 {
			t.Errorf("message %d has no moods: %v", m.UID, m.Warnings())
		}
		moods = append(moods, v)
		// A clone has moods of its own.
		cloned, ok := mood.Moods.Of(m.Clone())
		if !ok || !reflect.DeepEqual(cloned, v) || len(v) > 0 && &cloned[0] == &v[0] {
			t.Errorf("the clone of message %d has the moods %v", m.UID, cloned)
		}
	}
	if want := [][]mood.Mood{{mood.MoodHappy}, nil}; !reflect.DeepEqual(moods, want) {
		t.Errorf("the moods are %v", moods)
	}

	// A search key, a command with its response, and a code.
	found, err := box.Search(ctx, mood.SearchXfeels(mood.MoodSad))
	if err != nil || !reflect.DeepEqual(found.Search.IDs, []uint32{2}) {
		t.Errorf("SEARCH found %v, %v", found, err)
	}
	rows := client.StartRows(ctx, box, mood.Xmood{Set: imap.UIDs(2), Mood: mood.MoodHappy, Reason: "of you"})
	for row, err := range rows.All() {
		if err != nil {
			t.Fatal(err)
		}
		if want := []mood.MoodCount{{Mood: mood.MoodHappy, Count: 2}, {Mood: "GRUMPY", Count: 1}}; row.Mailbox != "INBOX" || !reflect.DeepEqual(row.Counts, want) {
			t.Errorf("the row is %+v", row)
		}
	}
	res, err := rows.Result()
	if err != nil || res.Code != mood.CodeXcalm {
		t.Errorf("the result is %+v, %v", res, err)
	}
}

// TestAgain: what may come several times is all kept, in a message and in a result; and what may be absent at the end of an item.
func TestAgain(t *testing.T) {
	nc := serve(t,
		[2]string{"NOOP", "* XTREND UP\r\n* XTREND MIXED (DOWN 3 UP)\r\n@ OK [XHELP LINE] call us\r\n"},
		[2]string{"SELECT INBOX", "* FLAGS ()\r\n* 2 EXISTS\r\n@ OK [READ-WRITE] done\r\n"},
		[2]string{"UID FETCH 1:2 X-MOOD", "* 1 FETCH (X-WHY SAD rain 3 X-WHY HAPPY sun X-LEAST 0 UID 1)\r\n* 2 FETCH (UID 2 X-LEAST NIL)\r\n@ OK done\r\n"},
		[2]string{"RENAME a b (XCALMLY)", "@ OK done\r\n"},
	)
	ctx := t.Context()
	c, err := client.New(ctx, nc, client.Options{InsecureNoTLS: true, Extensions: []*imap.Extension{mood.Extension()}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	done, err := client.Do(ctx, c, imap.Noop{})
	if err != nil {
		t.Fatal(err)
	}
	trends, _ := mood.NoopResultXtrend.Of(done)
	if len(trends) != 2 || trends[0].Trend != mood.XtrendUp || !reflect.DeepEqual(trends[1].Trend, mood.XtrendMixed{mood.XtrendDown(3), mood.XtrendUp}) {
		t.Errorf("the trends are %+v", trends)
	}
	if help, _ := mood.NoopResultXhelp.Of(done); !help {
		t.Errorf("the result is %+v", done)
	}
	box, err := c.Select(ctx, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	wants := [][]mood.WhysValue{{{Mood: mood.MoodSad, Reason: "rain", Day: wire.Some[uint32](3)}, {Mood: mood.MoodHappy, Reason: "sun"}}, nil}
	leasts := []wire.Opt[uint32]{wire.Some[uint32](0), {}}
	for m, err := range box.Fetch(ctx, imap.UIDs(1, 2), mood.FetchXMood) {
		if err != nil {
			t.Fatal(err)
		}
		whys, _ := mood.Whys.Of(m.Clone())
		least, ok := mood.Least.Of(m)
		if !reflect.DeepEqual(whys, wants[m.UID-1]) || !ok || least != leasts[m.UID-1] || len(m.Warnings()) > 0 {
			t.Errorf("message %d: %+v, %v, %v, %v", m.UID, whys, least, ok, m.Warnings())
		}
	}
	if _, err := client.Do(ctx, c, imap.Rename{Mailbox: "a", NewName: "b", Params: []imap.RenameParam{mood.RenameXcalmly}}); err != nil {
		t.Error(err)
	}
}

// TestServer reads the module's commands as a server does.
func TestServer(t *testing.T) {
	d := imap.NewDecoder()
	d.Extend(mood.Extension())
	for line, want := range map[string]any{
		"UID XMOOD 1:3 SAD":                      &mood.Xmood{Set: imap.UIDRange(1, 3), Mood: mood.MoodSad},
		"SELECT INBOX (XMOODS (HAPPY))":          &imap.Select{Mailbox: "INBOX", Params: []imap.SelectParam{mood.SelectXmoods{mood.MoodHappy}}},
		"UID SEARCH OR XFEELS SAD XFEELS GRUMPY": &imap.Search{Keys: []imap.SearchKey{imap.SearchOr{Left: mood.SearchXfeels("SAD"), Right: mood.SearchXfeels("GRUMPY")}}},
		"UID FETCH 1 X-MOOD":                     &imap.Fetch{Set: imap.UIDs(1), Items: []imap.FetchAtt{mood.FetchXMood}},
	} {
		f, err := wire.NewReader(strings.NewReader("a "+line+"\r\n"), wire.Limits{}).Next()
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := d.Command(f); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
}

// TestRecord reads and writes a record of the module's own; what is rare in it is read and set by methods.
func TestRecord(t *testing.T) {
	climate := &mood.XclimateData{Mailbox: "INBOX", Mood: mood.MoodSad, Since: 7}
	climate.Include(mood.ClimateItemItemMood | mood.ClimateItemItemSince)
	climate.SetReason("rain")
	climate.AddOnce(mood.ClimateItemOnce{Mood: mood.MoodHappy, Count: 3})
	if !reflect.DeepEqual(climate.Clone(), climate) {
		t.Errorf("its clone is %+v", climate.Clone())
	}
	forecast := &mood.XforecastData{Since: 8}
	forecast.Include(mood.ClimateItemItemSince)
	forecast.SetReason("sun")
	status := &mood.XstatusData{Mood: mood.MoodHappy, Messages: 3, UIDNext: 9}
	status.Include(imap.StatusAttValItemMessages | imap.StatusAttValItemUIDNext)
	for line, want := range map[string]interface {
		conn.Response
		AppendIMAP(*wire.Encoder) error
	}{
		"XCLIMATE INBOX (MOOD SAD SINCE 7 BECAUSE rain ONCE HAPPY 3)": climate,
		"XFORECAST (SINCE 8 BECAUSE sun)":                             forecast,
		"XSTATUS HAPPY (MESSAGES 3 UIDNEXT 9)":                        status,
	} {
		d := imap.NewDecoder()
		d.Extend(mood.Extension())
		f, err := wire.NewReader(strings.NewReader("* "+line+"\r\n"), wire.Limits{}).Next()
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := d.Response(f, conn.DialogNone)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, conn.Response(want)) {
			t.Errorf("%q is read as %+v", line, got)
		}
		var e wire.Encoder
		e.Begin(wire.Mode{Server: true})
		if err := want.AppendIMAP(&e); err != nil {
			t.Fatal(err)
		}
		var written strings.Builder
		for p := range e.Pieces() {
			written.Write(p.Octets)
		}
		if written.String() != line {
			t.Errorf("%q is written as %q", line, written.String())
		}
	}
}

// TestWithoutExtension: a connection that was not told of moods keeps them raw, and loses nothing.
func TestWithoutExtension(t *testing.T) {
	nc := serve(t,
		[2]string{"SELECT INBOX", "* FLAGS ()\r\n* 1 EXISTS\r\n* OK [MOODY SAD 7] sigh\r\n@ OK done\r\n"},
		[2]string{"UID FETCH 1 FLAGS", "* 1 FETCH (UID 1 X-MOOD (HAPPY) FLAGS (\\Seen))\r\n@ OK done\r\n"},
	)
	c, err := client.New(t.Context(), nc, client.Options{InsecureNoTLS: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	box, err := c.Select(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	for m, err := range box.Fetch(t.Context(), imap.UIDs(1), imap.FetchFlags) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := mood.Moods.Of(m); ok || len(m.Unknown()) != 1 || m.Unknown()[0].Value != "(HAPPY)" || !m.Flags.Has(imap.FlagSeen) {
			t.Errorf("the message is %+v", m)
		}
	}
}
