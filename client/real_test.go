package client_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
)

// A real server, and what tests need to know of it.
type real struct{ *servers.Server }

// folder gives the name of a mailbox at the top of the user's hierarchy.
func (r real) folder(name string) string {
	if r.Kind == servers.KindCourier {
		return "INBOX." + name
	}
	return name
}

func (r real) options() client.Options {
	return client.Options{TLS: r.TLSConfig(), Auth: client.Password(r.User, r.Password)}
}

func (r real) dial(t *testing.T, change ...func(*client.Options)) *client.Client {
	t.Helper()
	o := r.options()
	for _, f := range change {
		f(&o)
	}
	c, err := client.Dial(t.Context(), "imap://"+r.Addr, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// fill creates a mailbox with n messages and selects it on a fresh connection.
func (r real) fill(t *testing.T, name string, n int) (*client.Client, *client.Mailbox) {
	t.Helper()
	c := r.dial(t)
	name = r.folder(name)
	require.NoError(t, c.Create(t.Context(), name))
	for i := range n {
		_, err := c.Append(t.Context(), name, imap.Message(imap.SourceString(letter(i+1))))
		require.NoError(t, err)
	}
	box, err := c.Select(t.Context(), name)
	require.NoError(t, err)
	require.Equal(t, uint32(n), box.Exists())
	return c, box
}

func letter(i int) string {
	return fmt.Sprintf("From: Ada <ada@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= %d\r\nMessage-ID: <%d@example.org>\r\n\r\nbody %d\r\n", i, i, i)
}

func TestRealServers(t *testing.T) {
	servers.Each(t, func(t *testing.T, s *servers.Server) {
		r := real{s}
		type step struct {
			name string
			test func(*testing.T, real)
		}
		tests := []step{
			{"log in", realLogin},
			{"passwords", realPasswords},
			{"a session", realSession},
			{"bodies", realBodies},
			{"parts", realParts},
			{"idle", realIdle},
			{"compress", realCompress},
			{"progress", realProgress},
			{"in flight", realInFlight},
			{"saved", realSaved},
			{"hostile arguments", realArguments},
			{"rights", realRights},
			{"quota", realQuota},
			{"metadata", realMetadata},
			{"annotations", realAnnotations},
			{"cancellation", realCancellation},
			{"many goroutines", realGoroutines},
		}
		if s.Kind == servers.KindDovecot {
			tests = append(tests, step{"by a command", realCommand}, step{"tokens", realTokens})
		}
		if s.Kind == servers.KindCyrus {
			tests = append(tests, step{"as another", realAsAnother})
		}
		if s.Kind != servers.KindCourier {
			tests = append(tests, step{"anonymous", realAnonymous})
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				test.test(t, r)
				if t.Failed() {
					t.Log(s.Log())
				}
			})
		}
	})
}
