package client_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/runtime/conn"
)

// A pair is a stream that is no net.Conn: a channel of ssh, the pipes of a program.
type pair struct {
	io.Reader
	io.WriteCloser
}

func TestNewOverAStream(t *testing.T) {
	cfg, ours := configs(t, "mail.example.org")
	ours.ServerName = "mail.example.org"
	for name, o := range map[string]client.Options{"as it is": inClear, "with TLS": {TLS: ours}} {
		t.Run(name, func(t *testing.T) {
			nc := pipe(t, func(s *script) {
				s.send(rev1("STARTTLS"))
				if o.TLS != nil {
					s.startTLS(cfg)
					s.ok("CAPABILITY", "* CAPABILITY IMAP4rev1")
				}
				s.ok("NOOP")
				s.hangUp()
			})
			c, err := client.New(t.Context(), pair{nc, nc}, o)
			require.NoError(t, err)
			assert.Equal(t, conn.StateNotAuthenticated, c.State())
			require.NoError(t, c.Noop(t.Context()))
			require.NoError(t, c.Close())
		})
	}
}
