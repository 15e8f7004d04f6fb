package client_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
	"github.com/parley-go/parley/runtime/wire"
)

// A long session is recorded with the server of package imaptest. Then the record is played to clients whose connection is cut, or stalls,
// at every octet in either direction: each call ends and says what happened, and nothing is reported as done that was not.

var everyOctet = flag.Bool("every-octet", false, "cut connections at every octet, not at some")

// A turn is what one side says until the other speaks.
type turn struct {
	client bool
	octets []byte
}

// A recorder notes what goes over a connection.
type recorder struct {
	net.Conn
	mu    sync.Mutex
	turns []turn
}

func (r *recorder) note(client bool, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.turns); n == 0 || r.turns[n-1].client != client {
		r.turns = append(r.turns, turn{client: client})
	}
	last := &r.turns[len(r.turns)-1]
	last.octets = append(last.octets, b...)
}

func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.note(false, b[:n])
	return n, err
}

func (r *recorder) Write(b []byte) (int, error) {
	r.note(true, b)
	return r.Conn.Write(b)
}

// came counts the octets from the server.
func (r *recorder) came() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return total(r.turns, false)
}

// total counts the octets of one side.
func total(turns []turn, client bool) (n int) {
	for _, x := range turns {
		if x.client == client {
			n += len(x.octets)
		}
	}
	return n
}

// replay plays the server's part of a record. Tags differ from session to session, in their letters only.
func replay(nc net.Conn, turns []turn) {
	defer nc.Close()
	var recorded, now []byte
	for _, x := range turns {
		if !x.client {
			if _, err := nc.Write(bytes.ReplaceAll(x.octets, recorded, now)); err != nil {
				return
			}
			continue
		}
		said := make([]byte, len(x.octets))
		if _, err := io.ReadFull(nc, said); err != nil {
			return
		}
		if now == nil {
			recorded, now = x.octets[:4], said[:4]
		}
	}
	_, _ = io.Copy(io.Discard, nc)
}

// A step is one call of the session. It tells what it saw.
type step struct {
	name string
	run  func(context.Context, *client.Client) (string, error)
}

// do is a step that runs a command.
func do(cmd conn.Command) step {
	return step{cmd.Spec().Name, func(ctx context.Context, c *client.Client) (string, error) {
		_, err := client.Do(ctx, c, bare{cmd})
		return "", err
	}}
}

// ranged is a step that reads rows and shows them.
func ranged[Row conn.Response, R client.Result](cmd client.RowCommand[Row, R]) step {
	return step{cmd.Spec().Name + " in rows", func(ctx context.Context, c *client.Client) (saw string, last error) {
		for row, err := range client.StartRows(ctx, c, cmd).All() {
			if last = err; err == nil {
				saw += show(row) + "\n"
			}
		}
		return saw, last
	}}
}

// show writes a response as a server would.
func show(r conn.Response) string {
	var e wire.Encoder
	e.Begin(wire.Mode{Server: true, Literal8: true})
	if err := r.(interface{ AppendIMAP(*wire.Encoder) error }).AppendIMAP(&e); err != nil {
		return err.Error()
	}
	return string(e.Bytes())
}

// session steps through all commands of trials_test.go, in an order that most of them make sense in, and more.
func longSession() (steps []step) {
	message := "From: a@example.org\r\nSubject: =?utf-8?q?=C3=A9t=C3=A9?=\r\n\r\n" + strings.Repeat("line\r\n", 20)
	append3 := imap.Append{Mailbox: "INBOX", Messages: []imap.AppendMessage{imap.Message(imap.SourceString(message), imap.FlagSeen)}}
	steps = []step{do(append3), do(append3), do(append3), do(imap.Create{Mailbox: "x"}), do(imap.Create{Mailbox: "Entwürfe"}), do(imap.Select{Mailbox: "INBOX"}),
		ranged(imap.List{Patterns: []string{"*"}}),
		ranged(imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchFlags, imap.FetchEnvelope, imap.FetchBodyStructure}}),
		ranged(imap.Fetch{Set: imap.UIDRange(1, 0), Items: []imap.FetchAtt{imap.FetchBodySection{Peek: true}}}),
		{"IDLE", func(ctx context.Context, c *client.Client) (string, error) {
			for ev, err := range c.Idle(ctx) {
				if err != nil {
					return "", err
				}
				return show(ev), nil
			}
			return "", nil
		}},
		{"APPEND from a reader", func(ctx context.Context, c *client.Client) (string, error) {
			r, err := c.Append(ctx, "INBOX", imap.Message(imap.SourceReader(strings.NewReader(message), int64(len(message)))))
			if err != nil {
				return "", err
			}
			return fmt.Sprint(r.Code), nil
		}},
		{"two at once", func(ctx context.Context, c *client.Client) (string, error) {
			a := client.Start(ctx, c, imap.Status{Mailbox: "x", Items: []imap.StatusAtt{imap.StatusMessages}})
			b := client.Start(ctx, c, imap.Search{Keys: []imap.SearchKey{imap.SearchSubject("été")}})
			_, err := b.Wait(ctx)
			if _, err := a.Wait(ctx); err != nil {
				return "", err
			}
			return "", err
		}},
		{"Raw", func(ctx context.Context, c *client.Client) (string, error) {
			_, err := c.Raw(ctx, "XFOO", client.RawString("a\r\nb"))
			return "", err
		}},
	}
	var last []step
	for _, cmd := range commands {
		switch cmd.(type) {
		case imap.Authenticate, imap.Login, imap.Starttls, imap.Compress, imap.Idle: // they have methods, or change what lies below
		case imap.Close, imap.Unselect, imap.Examine, imap.Delete, imap.Rename:
			last = append(last, do(imap.Select{Mailbox: "INBOX"}), do(cmd))
		case imap.Logout:
			defer func() { steps = append(steps, do(cmd)) }()
		default:
			steps = append(steps, do(cmd))
		}
	}
	return append(steps, last...)
}

// begin connects and logs in.
func begin(ctx context.Context, nc net.Conn) (*client.Client, error) {
	return client.New(ctx, nc, client.Options{InsecureNoTLS: true, InsecureAuth: true, Timeouts: client.Timeouts{Dial: -1}, Auth: client.Password("ada", "secret")})
}

// recorded is a session with the server in memory.
type recorded struct {
	turns []turn
	at    []int // how many octets had come from the server at the end of the login and of each step
	saw   []string
	errs  []error
}

// recordSession plays the session with the server in memory.
func recordSession(t *testing.T) (r recorded) {
	srv := imaptest.NewServer(imaptest.Options{AllowClear: true})
	defer srv.Close()
	nc, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "imap://"))
	require.NoError(t, err)
	wire := &recorder{Conn: nc}
	c, err := begin(t.Context(), wire)
	require.NoError(t, err)
	for _, x := range longSession() {
		r.at = append(r.at, wire.came())
		if x.name == "IDLE" {
			_, err := srv.Append("ada", "INBOX", imap.Flags{}, time.Unix(1, 0), []byte("Subject: news\r\n\r\n"))
			require.NoError(t, err)
		}
		saw, err := x.run(t.Context(), c)
		r.saw, r.errs = append(r.saw, saw), append(r.errs, err)
	}
	r.at = append(r.at, wire.came())
	r.turns = wire.turns
	return r
}

// delivered tells how many octets of the server reach a client over a flawed connection.
func (r recorded) delivered(f flaw) (octets int) {
	if f.reads >= 0 {
		return f.reads
	}
	left := f.writes
	for _, x := range r.turns {
		if !x.client {
			octets += len(x.octets)
		} else if left -= len(x.octets); f.writes >= 0 && left < 0 {
			break
		}
	}
	return octets
}

// hasSaid tells whether a line that begins so is among the first octets of the server.
func (r recorded) hasSaid(line string, octets int) bool {
	var said []byte
	for _, x := range r.turns {
		if !x.client {
			said = append(said, x.octets...)
		}
	}
	_, rest, found := bytes.Cut(said[:octets], []byte(line))
	return found && bytes.IndexByte(rest, '\n') >= 0
}

// replay plays the session to a client over a flawed connection, and judges what it makes of it.
func (r recorded) replay(t *testing.T, f flaw) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go replay(theirs, r.turns)
		delivered := r.delivered(f)
		nc := newFlawed(ours, f)
		defer nc.Close()
		limit := func() (context.Context, context.CancelFunc) { return context.WithTimeout(t.Context(), 100*time.Hour) }
		ctx, cancel := limit()
		defer cancel()
		c, err := begin(ctx, nc)
		if delivered < r.at[0] {
			r.judge(t, f, "login", err)
			return
		}
		require.NoError(t, err, "%s", f)
		defer func() {
			began := time.Now()
			_ = c.Close()
			assert.Less(t, time.Since(began), 10*time.Second, "%s: Close", f)
		}()
		failed := 0
		for i, x := range longSession() {
			ctx, cancel := limit()
			saw, err := x.run(ctx, c)
			cancel()
			switch {
			case delivered >= r.at[i+1] && failed == 0:
				require.Equal(t, r.saw[i], saw, "%s: %s", f, x.name)
				require.Equal(t, r.errs[i] == nil, err == nil, "%s: %s: %v", f, x.name, err)
			case x.name == "LOGOUT" && !f.stalls && r.hasSaid("* BYE", delivered), x.name == "IDLE" && r.hasSaid("* 4 EXISTS", delivered):
				// Neither waits for the tagged answer.
				require.NoError(t, err, "%s: %s", f, x.name)
			case r.at[i] == r.at[i+1]:
				require.Error(t, err, "%s: %s, which was not sent", f, x.name)
			default:
				require.True(t, strings.HasPrefix(r.saw[i], saw), "%s: %s saw %q", f, x.name, saw)
				r.judge(t, f, x.name, err)
				if failed++; failed == 2 {
					return
				}
			}
		}
	})
}

// judge wants an error that says what happened.
func (r recorded) judge(t *testing.T, f flaw, where string, err error) {
	t.Helper()
	require.Error(t, err, "%s: %s is reported as done", f, where)
	assert.NotErrorIs(t, err, io.EOF, "%s: %s", f, where)
	if f.stalls && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, imap.ErrClosed)) {
		return // the call that waited, and those after it if it had to be closed within a literal
	}
	assert.ErrorIs(t, err, imap.ErrConnectionLost, "%s: %s", f, where)
}

// TestCutAtEveryOctet cuts the connection, in either direction.
func TestCutAtEveryOctet(t *testing.T) {
	r := recordSession(t)
	step := 1
	if !*everyOctet {
		step = 23 // a prime, so that each kind of place is met
	}
	n := 0
	from := func(end int, flawAt func(octets int) flaw) {
		for at := rand.IntN(step); at <= end; at += step {
			n++
			r.replay(t, flawAt(at))
			if t.Failed() {
				return
			}
		}
	}
	fromServer, fromClient := total(r.turns, false), total(r.turns, true)
	from(fromServer, func(at int) flaw { return flaw{reads: at, writes: -1, hidden: at%2 == 0} })
	from(fromClient, func(at int) flaw { return flaw{reads: -1, writes: at, hidden: at%2 == 0} })
	from(fromServer, func(at int) flaw { return flaw{reads: at, writes: -1, stalls: true} })
	from(fromClient, func(at int) flaw { return flaw{reads: -1, writes: at, stalls: true} })
	t.Logf("%d connections", n)
}

// TestOneOctetAtATime plays the session undisturbed, in single octets and with pauses.
func TestOneOctetAtATime(t *testing.T) {
	r := recordSession(t)
	f := sound
	f.octetwise = true
	t.Run("octets", func(t *testing.T) { r.replay(t, f) })
	t.Run("pauses", func(t *testing.T) {
		f.delays = rand.New(rand.NewPCG(3501, 9051))
		r.replay(t, f)
	})
}
