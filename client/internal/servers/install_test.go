package servers

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewPackages(t *testing.T) {
	const simulated = `NOTE: This is only a simulation!
Reading package lists...
The following NEW packages will be installed:
  courier-imap gamin
Remv dovecot-imapd [1:2.3.19.1]
Inst libgnutls30 [3.7.9-2+deb12u6] (3.7.9-2+deb12u7 Debian:12.15/oldstable [amd64])
Inst gamin (0.1.10-6 Debian:12.15/oldstable [amd64]) []
Inst exim4-config (4.96-15 Debian:12.15/oldstable [all])
Inst courier-imap (5.0.13+1.0.16 Debian:12.15/oldstable [amd64])
Conf gamin (0.1.10-6 Debian:12.15/oldstable [amd64])
`
	assert.Equal(t, []string{"gamin", "courier-imap"}, newPackages(simulated))
	assert.Empty(t, newPackages("Reading package lists...\n"))
}

func TestInstallNothing(t *testing.T) {
	for _, k := range Kinds() {
		where, err := find(k)
		if err != nil {
			continue
		}
		var said []string
		require.NoError(t, Install(t.Context(), func(line string) { said = append(said, line) }, k))
		assert.Equal(t, []string{string(k) + ": already installed (" + where.binary + ")"}, said)
	}
	assert.ErrorContains(t, Install(t.Context(), func(string) {}, "exchange"), "exchange")
}

func TestRoot(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PARLEY_SERVERS", dir)
	root, err := Root()
	require.NoError(t, err)
	assert.Equal(t, dir, root)

	t.Setenv("PARLEY_SERVERS", "")
	root, err = Root()
	require.NoError(t, err)
	assert.True(t, filepath.IsAbs(root), root)
}
