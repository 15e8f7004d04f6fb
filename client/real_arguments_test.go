package client_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// Whatever the arguments hold, the server sees one command, and the victim stays.
func realArguments(t *testing.T, r real) {
	texts := hostileTexts(r.folder("victim"))
	strict := r.Kind == servers.KindDovecot
	if !strict {
		texts = texts[:2] // Cyrus takes half a minute for all
	}
	sent, endings := tryEverything(t, func() *client.Client { return r.dial(t) }, r.folder, texts)
	t.Logf("%d commands sent", sent)
	for where, err := range endings {
		if strict {
			t.Errorf("%s: the connection ended: %v", where, err)
			continue
		}
		// Courier repeats the names of header fields as they are, so that one answer becomes two; to hang up is right.
		t.Logf("%s: the connection ended: %v", where, err)
	}
	if strict { // the others let one wait after each login that failed
		tryLogins(t, func() (*client.Client, error) {
			return client.Dial(t.Context(), "imap://"+r.Addr, client.Options{TLS: r.TLSConfig()})
		}, texts)
	}
}

// TestHostileArguments does the same where no real server is at hand.
func TestHostileArguments(t *testing.T) {
	srv := imaptest.NewServer(imaptest.Options{})
	defer srv.Close()
	dial := func() *client.Client {
		c, err := client.Dial(t.Context(), srv.URL, client.Options{TLS: srv.TLSConfig(), Auth: client.Password("ada", "secret")})
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	sent, endings := tryEverything(t, dial, func(name string) string { return name }, hostileTexts("victim"))
	assert.NotZero(t, sent)
	assert.Empty(t, endings)
}

// hostileTexts are what the arguments are tried with: each wants to end its argument, its line or its command and to delete the victim.
func hostileTexts(victim string) []string {
	attack := "A1 DELETE " + victim
	return []string{
		"x\r\n" + attack + "\r\n", "x\"\r\n" + attack + "\r\n", "x)\r\n" + attack, "x]\n" + attack + "\n", "{5+}\r\n" + attack + "\r\n",
		"x {3+}\r\n" + attack, strings.Repeat("x", 5000) + "\r\n" + attack + "\r\n",
		"{5+}", "{5}", "~{5+}", "\r", "\n", "\x00", "a\x00b", `"`, `\`, `\"`, `"x`, "ü", "\xff\xfe", "ü\r\n\t", "\x7f",
		") (", ")", "(", "]", "*", "%", " ", "a b", "\t", "", "NIL", "&", "&-", "+", "$",
	}
}

// tryEverything runs every command with every text in every argument. What the server sees must be one command or none: the victim stays,
// and the answer to the next command is that of the next command. It gives how many were sent, and why connections ended.
func tryEverything(t *testing.T, dial func() *client.Client, folder func(string) string, texts []string) (sent int, endings map[string]error) {
	ctx := t.Context()
	victim, scratch := folder("victim"), folder("scratch")
	c := dial()
	for _, name := range []string{victim, scratch} {
		require.NoError(t, c.Create(ctx, name))
		for i := range 2 {
			_, err := c.Append(ctx, name, imap.Message(imap.SourceString(letter(i+1))))
			require.NoError(t, err)
		}
	}
	endings = map[string]error{}
	for _, text := range texts {
		for _, x := range trials(text) {
			if x.cmd.Spec().In&conn.StateAuthenticated == 0 && x.cmd.Spec().In&conn.StateSelected == 0 {
				continue // a login: tryLogins
			}
			if c.Err() != nil {
				c = dial()
			}
			if c.State() != conn.StateSelected {
				_, err := c.Select(ctx, scratch)
				require.NoError(t, err)
			}
			_, err := client.Do(ctx, c, bare{x.cmd})
			var e *imap.Error
			if err == nil || errors.As(err, &e) && e.Type != "" {
				sent++
			}
			st, after := c.Status(ctx, victim, imap.StatusMessages)
			if c.Err() != nil {
				endings[fmt.Sprintf("%s = %.40q", x.where, text)] = c.Err()
				continue
			}
			require.NoError(t, after, "after %s = %.40q: %v", x.where, text, err)
			require.Equal(t, uint32(2), st.Status.Messages)
		}
	}
	if c.Err() != nil {
		c = dial()
	}
	st, err := c.Status(ctx, victim, imap.StatusMessages)
	require.NoError(t, err)
	assert.Equal(t, uint32(2), st.Status.Messages)
	require.NoError(t, c.Logout(ctx))
	return sent, endings
}

// A mechanism of any name says anything.
type babble struct{ name, text string }

func (m babble) Start() (string, []byte, error)           { return m.name, []byte(m.text), nil }
func (m babble) Next([]byte) (response []byte, err error) { return []byte(m.text), nil }

// tryLogins logs in with every text as name, password and identity, and as name and message of a SASL mechanism, all at the same time.
// None of it may succeed, or be more than one command.
func tryLogins(t *testing.T, dial func() (*client.Client, error), texts []string) {
	ctx := t.Context()
	var wg sync.WaitGroup
	try := func(where string, login func(*client.Client) error) {
		wg.Go(func() {
			c, err := dial()
			if !assert.NoError(t, err) {
				return
			}
			defer c.Close()
			assert.Error(t, login(c), where)
			var e *imap.Error
			if err := c.Noop(ctx); err != nil && (!errors.As(c.Err(), &e) || e.Type != conn.ConditionBYE) {
				t.Errorf("after %s: %v", where, err)
			}
		})
	}
	for _, text := range texts {
		try(fmt.Sprintf("user %.40q", text), func(c *client.Client) error { return c.Login(ctx, text, "x") })
		try(fmt.Sprintf("password %.40q", text), func(c *client.Client) error { return c.Login(ctx, "x", text) })
		for _, m := range []client.Mechanism{
			client.Plain(text, "x", "x"), client.Plain("", text, "x"), client.Plain("", "x", text), babble{text, "x"}, babble{"PLAIN", text},
		} {
			try(fmt.Sprintf("SASL %T %.40q", m, text), func(c *client.Client) error { return c.Authenticate(ctx, client.SASL(m)) })
		}
	}
	wg.Wait()
}
