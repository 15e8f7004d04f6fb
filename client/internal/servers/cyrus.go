package servers

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
)

var cyrus = recipe{
	binary: "usr/lib/cyrus/bin/master",
	// The SASL library and its mechanisms come along even if the machine has them: the mechanisms must fit the library.
	packages: []string{"cyrus-imapd", "cyrus-common", "sasl2-bin", "libsasl2-2", "libsasl2-modules", "libsasl2-modules-db"},
	prepare:  prepareCyrus,
}

func prepareCyrus(ctx context.Context, b *build) (*exec.Cmd, error) {
	b.Accounts = append(b.Accounts, Account{"cyrus", "admin"}) // an administrator, for SETQUOTA and the like
	err := b.mkdir("spool", "search", "var/db", "var/proc", "var/lock", "var/socket", "var/log", "var/msg", "var/user",
		"var/quota", "var/sieve")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"imapd.conf", "cyrus.conf", "annotations"} {
		if err := b.write("cyrus/"+name, name, 0o644); err != nil {
			return nil, err
		}
	}
	for _, a := range b.Accounts {
		_, err := b.tool(ctx, a.Password, "usr/sbin/saslpasswd2", "-p", "-f", b.path("sasldb2"), "-u", "localhost", "-c", a.User)
		if err != nil {
			return nil, err
		}
	}
	if err := b.own("."); err != nil {
		return nil, err
	}
	cmd, err := b.command(b.binary, "-C", b.path("imapd.conf"), "-M", b.path("cyrus.conf"), "-p", b.path("master.pid"))
	if err != nil {
		return nil, err
	}
	plugins, err := filepath.Glob(filepath.Join(b.Prefix, "usr/lib/*/sasl2"))
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, "SASL_PATH="+strings.Join(plugins, ":"))
	return cmd, nil
}
