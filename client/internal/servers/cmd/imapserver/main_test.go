package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/parley-go/parley/client/internal/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUsage(t *testing.T) {
	for _, args := range []string{"", "start", "start dovecot cyrus", "stop", "install -all"} {
		t.Run(args, func(t *testing.T) {
			assert.ErrorIs(t, run(t.Context(), io.Discard, strings.Fields(args)), errUsage)
		})
	}
	assert.ErrorContains(t, run(t.Context(), io.Discard, []string{"start", "exchange"}), "exchange")
}

func TestInstallOptional(t *testing.T) {
	var out strings.Builder
	assert.Error(t, run(t.Context(), &out, []string{"install", "exchange"}))
	require.NoError(t, run(t.Context(), &out, []string{"install", "-optional", "exchange"}))
	assert.Equal(t, "no such server: \"exchange\" (its tests will be skipped)\n", out.String())
}

func TestStart(t *testing.T) {
	for _, k := range servers.Kinds() {
		t.Run(string(k), func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			r, w := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				err := run(ctx, w, []string{"start", string(k)})
				w.CloseWithError(err)
				ended <- err
			}()

			var authority string
			lines := bufio.NewScanner(r)
			for lines.Scan() {
				f := strings.Fields(lines.Text())
				if len(f) == 2 && f[0] == "authority" {
					authority = f[1]
				}
				if strings.HasPrefix(lines.Text(), "Interrupt") {
					assert.FileExists(t, authority)
					interrupt()
				}
			}
			err := <-ended
			if errors.Is(err, servers.ErrNotInstalled) || errors.Is(err, servers.ErrUnsupported) {
				t.Skip(err)
			}
			require.NoError(t, err)
			_, err = os.Stat(authority)
			assert.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}
