package imaptest_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

func TestOnCommand(t *testing.T) {
	var reply atomic.Pointer[imaptest.Reply]
	var last atomic.Pointer[imaptest.Command]
	srv := newServer(t, imaptest.Options{AllowClear: true, OnCommand: func(c imaptest.Command) imaptest.Reply {
		last.Store(&c)
		if r := reply.Swap(nil); r != nil { // for one command
			return *r
		}
		return imaptest.Reply{}
	}})
	c := loggedIn(t, srv)
	assert.Equal(t, "LOGIN", last.Load().Name())
	assert.Empty(t, last.Load().User)
	c.do("SELECT INBOX")
	selected, is := last.Load().Command.(*imap.Select)
	require.True(t, is)
	assert.Equal(t, "INBOX", selected.Mailbox)
	assert.Equal(t, "ada", last.Load().User)

	reply.Store(&imaptest.Reply{Answer: "NO [OVERQUOTA] full"})
	assert.Equal(t, []string{"NO [OVERQUOTA] full"}, c.do("CREATE x"))
	assert.Equal(t, []string{"INBOX"}, srv.Mailboxes("ada"), "it was not run")
	reply.Store(&imaptest.Reply{Lines: []string{"* OK [ALERT] mind", "* XFOO 7"}})
	assert.Equal(t, []string{"* OK [ALERT] mind", "* XFOO 7", "OK CREATE done"}, c.do("CREATE x"))
	reply.Store(&imaptest.Reply{Lines: []string{"* BYE so long"}, HangUp: true})
	c.send("NOOP")
	assert.Equal(t, "* BYE so long", c.line())
	c.eof()
	assert.Contains(t, loggedIn(t, srv).last("NOOP"), "OK", "the server goes on")
}

func TestPush(t *testing.T) {
	srv, c := ready(t)
	tag := c.send("IDLE")
	require.Equal(t, "+ idling", c.line())
	srv.Push("* OK [ALERT] backup at noon", "* 23 EXISTS")
	assert.Equal(t, "* OK [ALERT] backup at noon", c.line())
	assert.Equal(t, "* 23 EXISTS", c.line())
	c.write("DONE\r\n")
	assert.Equal(t, []string{"OK IDLE done"}, c.until(tag))
	srv.Push("* BYE") // outside of IDLE as well
	assert.Equal(t, "* BYE", c.line())
}

// Lines may be pushed whatever the connections are doing: no octet of them gets into a handshake or into DEFLATE.
func TestPushAtAnyTime(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				srv.Push("* OK still here")
			}
		}
	}()
	for range 10 {
		c := dial(t, srv) // STARTTLS, and COMPRESS
		require.NoError(t, c.Noop(t.Context()))
		require.NoError(t, c.Logout(t.Context()))
	}
	close(stop)
	<-stopped
}
