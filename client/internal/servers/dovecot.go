package servers

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Dovecot runs only where it was built for: its programs look for each other, and for their plugins, below /usr.
var dovecot = recipe{
	system:   true,
	binary:   "usr/sbin/dovecot",
	packages: []string{"dovecot-imapd", "dovecot-core"},
	prepare:  prepareDovecot,
}

func prepareDovecot(ctx context.Context, b *build) (*exec.Cmd, error) {
	// 2.4 renamed most settings.
	version, err := b.tool(ctx, "", "usr/sbin/dovecot", "--version")
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(version, "2.3.") {
		return nil, fmt.Errorf("%w: the configuration is written for Dovecot 2.3, this is %s", ErrUnsupported, strings.TrimSpace(version))
	}
	if err := b.mkdir("run", "state", "home"); err != nil {
		return nil, err
	}
	if err := b.own("home"); err != nil {
		return nil, err
	}
	if err := b.write("dovecot.users", "users", 0o644); err != nil {
		return nil, err
	}
	if err := b.write("dovecot.conf", "dovecot.conf", 0o644); err != nil {
		return nil, err
	}
	if err := b.write("dovecot.oauth2", "oauth2.conf", 0o644); err != nil {
		return nil, err
	}
	if err := b.writeTokenKey(); err != nil {
		return nil, err
	}
	return b.command(b.binary, "-F", "-c", b.path("dovecot.conf"))
}
