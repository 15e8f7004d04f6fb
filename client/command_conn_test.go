package client_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// TestAsServer is no test: it is the program that TestDialCommand starts, which is this binary again.
func TestAsServer(t *testing.T) {
	part := os.Getenv("PARLEY_SERVER")
	if part == "" {
		t.Skip("only as a program of TestDialCommand")
	}
	s := newScript(t, stdio{})
	switch part {
	case "polite":
		s.send(preauth("STARTTLS"))
		s.ok("NOOP")
		s.end()
	case "dead":
		os.Exit(3)
	case "dies":
		s.send(preauth())
		s.want("NOOP")
		os.Exit(3)
	case "deaf":
		s.send(preauth())
		select {}
	case "asks":
		s.send(rev1())
		s.send(s.want(`LOGIN ada "x"`) + " OK [CAPABILITY IMAP4rev1] in")
		s.end()
	}
	os.Exit(0)
}

// stdio is stdin and stdout as a connection without deadlines.
type stdio struct{ net.Conn }

func (stdio) Read(b []byte) (int, error)        { return os.Stdin.Read(b) }
func (stdio) Write(b []byte) (int, error)       { return os.Stdout.Write(b) }
func (stdio) SetReadDeadline(_ time.Time) error { return nil }

func program(part string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestAsServer$")
	cmd.Env = append(os.Environ(), "PARLEY_SERVER="+part)
	cmd.Stderr = io.Discard
	return cmd
}

func TestDialCommand(t *testing.T) {
	t.Run("polite", func(t *testing.T) {
		cmd := program("polite")
		c, err := client.DialCommand(t.Context(), cmd, client.Options{})
		require.NoError(t, err)
		assert.Equal(t, conn.StateAuthenticated, c.State())
		_, ok := c.TLS()
		assert.False(t, ok)
		assert.NoError(t, c.Noop(t.Context()))
		assert.NoError(t, c.Close())
		assert.True(t, cmd.ProcessState.Exited())
	})
	t.Run("logs in", func(t *testing.T) {
		c, err := client.DialCommand(t.Context(), program("asks"), client.Options{Auth: client.Password("ada", "x")})
		require.NoError(t, err)
		assert.NoError(t, c.Close())
	})
	t.Run("ends at once", func(t *testing.T) {
		_, err := client.DialCommand(t.Context(), program("dead"), client.Options{})
		require.ErrorIs(t, err, imap.ErrConnectionLost)
		assert.ErrorContains(t, err, "exit status 3")
	})
	t.Run("ends in between", func(t *testing.T) {
		c, err := client.DialCommand(t.Context(), program("dies"), client.Options{})
		require.NoError(t, err)
		err = c.Noop(t.Context())
		require.ErrorIs(t, err, imap.ErrConnectionLost)
		assert.ErrorContains(t, err, "exit status 3")
		assert.NoError(t, c.Close())
	})
	t.Run("does not end by itself", func(t *testing.T) {
		cmd := program("deaf")
		c, err := client.DialCommand(t.Context(), cmd, client.Options{})
		require.NoError(t, err)
		assert.NoError(t, c.Close())
		assert.NotNil(t, cmd.ProcessState)
	})
	t.Run("says nothing", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := client.DialCommand(ctx, exec.Command("sleep", "60"), client.Options{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("is not there", func(t *testing.T) {
		_, err := client.DialCommand(t.Context(), exec.Command("/nonexistent/imapd"), client.Options{})
		assert.ErrorIs(t, err, os.ErrNotExist)
	})
}
