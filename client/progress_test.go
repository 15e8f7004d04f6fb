package client_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// steps collects what Progress tells, and says when a command is done.
type steps struct {
	mu   sync.Mutex
	all  []client.Progress
	done chan client.Progress
}

func (s *steps) add(p client.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, p)
	if p.Step == client.StepDone {
		s.done <- p
	}
}

// names gives the steps of a command.
func (s *steps) names(call uint64) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.all {
		if n := p.Step.String(); p.Call == call && (len(names) == 0 || names[len(names)-1] != n) {
			names = append(names, n)
		}
	}
	return names
}

// last gives the last step of a kind.
func (s *steps) last(step client.Progress) client.Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	var last client.Progress
	octets := int64(0)
	for _, p := range s.all {
		if p.Step == step.Step && p.Call == step.Call {
			if last = p; p.Octets < octets {
				return client.Progress{} // it never goes back
			}
			octets = p.Octets
		}
	}
	return last
}

func TestProgress(t *testing.T) {
	const size = 300_000
	body := strings.Repeat("x", size)
	s := &steps{done: make(chan client.Progress, 10)}
	o := inClear
	o.Progress = s.add
	c, err := client.New(t.Context(), pipe(t, func(srv *script) {
		srv.send(preauth("UIDPLUS"))
		srv.selected("INBOX", 1)
		tag := srv.want("UID FETCH 1 BODY.PEEK[]")
		srv.send("* 1 EXISTS")
		srv.sendRaw(fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n", size, body))
		srv.send(tag + " OK done")
		tag = srv.want(fmt.Sprintf("APPEND Sent () {%d}", size))
		srv.send("+ go on")
		_, err := io.CopyN(io.Discard, srv.r, size)
		require.NoError(t, err)
		srv.wantLine("")
		srv.send(tag + " OK done")
		srv.send(srv.want("CREATE x") + " NO [ALREADYEXISTS] there")
		srv.end()
	}), o)
	require.NoError(t, err)
	box, err := c.Select(t.Context(), "INBOX")
	require.NoError(t, err)
	for _, err := range box.Fetch(t.Context(), imap.UIDs(1), imap.FetchBodySection{Peek: true}) {
		require.NoError(t, err)
	}
	_, err = c.Append(t.Context(), "Sent", imap.Message(imap.SourceReader(strings.NewReader(body), size)))
	require.NoError(t, err)
	assert.Error(t, c.Create(t.Context(), "x"))

	for i, name := range []string{"SELECT", "FETCH", "APPEND", "CREATE"} {
		done := <-s.done
		assert.Equal(t, name, done.Command)
		assert.Equal(t, uint64(i+1), done.Call)
		assert.Equal(t, name == "CREATE", done.Err != nil)
		switch name {
		case "FETCH":
			assert.Greater(t, done.Received, int64(size))
		case "APPEND":
			assert.Equal(t, int64(size), done.Sent)
		case "CREATE":
			assert.ErrorIs(t, done.Err, imap.ErrAlreadyExists)
		}
	}
	assert.Equal(t, []string{"started", "written", "data", "done"}, s.names(1))
	assert.Equal(t, []string{"started", "written", "receiving", "data", "done"}, s.names(2))
	assert.Equal(t, []string{"started", "sending", "written", "done"}, s.names(3))
	assert.Equal(t, []string{"started", "written", "done"}, s.names(4))
	for call, step := range map[uint64]client.Progress{2: {Step: client.StepReceiving}, 3: {Step: client.StepSending}} {
		step.Call = call
		last := s.last(step)
		assert.Equal(t, int64(size), last.Octets)
		assert.Equal(t, int64(size), last.Size)
		assert.False(t, last.Time.IsZero())
	}
	require.NoError(t, c.Close())
}

// The steps of a command that is never sent.
func TestProgressOfNothing(t *testing.T) {
	s := &steps{done: make(chan client.Progress, 1)}
	o := inClear
	o.Progress = s.add
	c, err := client.New(t.Context(), pipe(t, func(srv *script) {
		srv.send(rev1())
		srv.end()
	}), o)
	require.NoError(t, err)
	assert.ErrorIs(t, c.Create(t.Context(), "x"), imap.ErrState)
	assert.ErrorIs(t, (<-s.done).Err, imap.ErrState)
	assert.Equal(t, []string{"started", "done"}, s.names(1))
	require.NoError(t, c.Close())
}

// A message goes and comes, under TLS and, where the server has it, DEFLATE.
func realProgress(t *testing.T, r real) {
	s := &steps{done: make(chan client.Progress, 100)}
	c := r.dial(t, func(o *client.Options) { o.Progress, o.Compress = s.add, true })
	message := letter(1) + strings.Repeat("0123456789012345678901234567890123456789012345678901234567890\r\n", 5000)
	name := r.folder("progress")
	require.NoError(t, c.Create(t.Context(), name))
	_, err := c.Append(t.Context(), name, imap.Message(imap.SourceReader(strings.NewReader(message), int64(len(message)))))
	require.NoError(t, err)
	box, err := c.Select(t.Context(), name)
	require.NoError(t, err)
	for m, err := range box.Fetch(t.Context(), imap.UIDRange(1, 0), imap.FetchBodySection{Peek: true}) {
		require.NoError(t, err)
		assert.Equal(t, int64(len(message)), m.BodySection[0].Data.Size())
	}
	for done := range s.done {
		assert.NoError(t, done.Err)
		switch done.Command {
		case "APPEND":
			assert.Equal(t, int64(len(message)), done.Sent)
			assert.Equal(t, int64(len(message)), s.last(client.Progress{Step: client.StepSending, Call: done.Call}).Octets)
		case "FETCH":
			assert.Greater(t, done.Received, int64(len(message)))
			assert.Equal(t, int64(len(message)), s.last(client.Progress{Step: client.StepReceiving, Call: done.Call}).Octets)
			return
		}
	}
}
