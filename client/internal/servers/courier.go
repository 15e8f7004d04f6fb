package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var courier = recipe{
	binary:   "usr/sbin/couriertcpd",
	packages: []string{"courier-imap", "courier-base", "courier-authlib", "courier-authdaemon", "courier-authlib-userdb"},
	prepare:  prepareCourier,
}

// prepareCourier builds a small root file system. The paths /etc/courier, /run/courier and /usr/lib/courier-authlib are
// compiled into Courier, so it runs in a root of its own, mounted together in a mount namespace that nobody else sees.
func prepareCourier(ctx context.Context, b *build) (*exec.Cmd, error) {
	if !b.Root {
		return nil, fmt.Errorf("%w: it needs root, for a mount namespace", ErrUnsupported)
	}
	if _, err := run(ctx, "", "unshare", "--mount", "--pid", "--fork", "mount", "--make-rprivate", "/"); err != nil {
		return nil, fmt.Errorf("%w: it needs a mount namespace: %w", ErrUnsupported, err) // a container may forbid it
	}
	err := b.mkdir("root/usr", "root/lib", "root/lib64", "root/unpacked", "root/dev", "root/tmp", "root/home",
		"root/etc/courier", "root/run/courier/authdaemon")
	if err != nil {
		return nil, err
	}
	for name, dest := range map[string]string{
		"run.sh": "run.sh", "environment": "environment",
		"passwd": "root/etc/passwd", "group": "root/etc/group", "authdaemonrc": "root/etc/courier/authdaemonrc",
	} {
		if err := b.write("courier/"+name, dest, 0o644); err != nil {
			return nil, err
		}
	}

	// couriertls reads the key after it has become the user "courier" of etc/passwd.
	both, err := os.ReadFile(b.Certs.Both)
	if err != nil {
		return nil, err
	}
	key := b.path("root/etc/courier/imapd.pem")
	if err := os.WriteFile(key, both, 0o600); err != nil {
		return nil, err
	}
	if err := os.Chown(key, b.UID, b.GID); err != nil {
		return nil, err
	}

	if err := b.courierUsers(ctx); err != nil {
		return nil, err
	}
	if err := b.own("root/home"); err != nil {
		return nil, err
	}
	cmd := exec.Command("unshare", "--mount", "--pid", "--fork", "sh", b.path("run.sh"))
	cmd.Dir = b.Dir
	return cmd, nil
}

// courierUsers makes the mail directories and the two databases that makeuserdb would make: what is known of a user,
// and, for root only, the passwords.
func (b *build) courierUsers(ctx context.Context) error {
	var users, shadow strings.Builder
	for _, a := range b.Accounts {
		mail := b.path("root/home", a.User, "Maildir")
		if err := b.mkdir(filepath.Join("root/home", a.User)); err != nil {
			return err
		}
		if _, err := b.tool(ctx, "", "usr/bin/maildirmake.courier", mail); err != nil {
			return err
		}
		for _, folder := range []string{"Drafts", "Sent", "Trash"} {
			if _, err := b.tool(ctx, "", "usr/bin/maildirmake.courier", "-f", folder, mail); err != nil {
				return err
			}
		}
		crypted, err := b.tool(ctx, a.Password+"\n", "usr/sbin/userdbpw", "-md5")
		if err != nil {
			return err
		}
		challenge, err := b.tool(ctx, a.Password+"\n", "usr/sbin/userdbpw", "-hmac-md5")
		if err != nil {
			return err
		}
		fmt.Fprintf(&users, "%s\thome=/home/%[1]s|mail=/home/%[1]s/Maildir|uid=%d|gid=%d\n", a.User, b.UID, b.GID)
		fmt.Fprintf(&shadow, "%s\tsystempw=%s|hmac-md5pw=%s\n", a.User, strings.TrimSpace(crypted), strings.TrimSpace(challenge))
	}
	for name, lines := range map[string]string{"userdb": users.String(), "userdbshadow": shadow.String()} {
		dest := b.path("root/etc/courier", name)
		if _, err := b.tool(ctx, lines+".\n", "usr/lib/courier/courier-authlib/makedatprog", "-", dest+".tmp", dest+".dat"); err != nil {
			return err
		}
	}
	return os.Chmod(b.path("root/etc/courier/userdbshadow.dat"), 0o600)
}

// LibraryPath is where the programs find their libraries inside Courier's root: those of its packages; the
// machine's are in /lib, where they are looked for anyway.
func (b *build) LibraryPath() (string, error) {
	dirs, err := b.libraries()
	if err != nil {
		return "", err
	}
	for i, dir := range dirs {
		dirs[i] = strings.TrimPrefix(dir, b.Prefix)
		if rest, ok := strings.CutPrefix(dirs[i], "/lib/"); ok {
			dirs[i] = "/unpacked/" + rest // its /lib is the machine's
		}
	}
	return strings.Join(dirs, ":"), nil
}
