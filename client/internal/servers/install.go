package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Root is the directory below which servers are unpacked: $PARLEY_SERVERS, or
// /var/cache/parley for root (whose daemons give up root and could not look into its home directory), or parley/servers
// in the user's cache directory.
func Root() (string, error) {
	if dir := os.Getenv("PARLEY_SERVERS"); dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 {
		return "/var/cache/parley", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	return filepath.Join(dir, "parley", "servers"), nil
}

// Install installs the servers that are missing, out of Debian's packages. It says one line about each.
//
// Dovecot is installed by apt-get, which takes root. The others are unpacked into a directory below Root and never
// configured: the three exclude each other as installed packages ("Conflicts: imap-server"), and none of their daemons
// is wanted at boot. One that cannot be installed does not keep the others from it; the errors are joined.
func Install(ctx context.Context, say func(line string), kinds ...Kind) error {
	var missing []Kind
	for _, k := range kinds {
		where, err := find(k)
		switch {
		case errors.Is(err, ErrNotInstalled):
			missing = append(missing, k)
		case err != nil:
			return err
		default:
			say(fmt.Sprintf("%s: already installed (%s)", k, where.binary))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("installing %v: there is no apt-get here", missing)
	}
	var failed []error
	if os.Geteuid() == 0 {
		// Only worth a word if what follows fails too: one broken source of several spoils the exit status.
		if _, err := apt(ctx, "", "update"); err != nil {
			failed = append(failed, err)
		}
	}
	stale := len(failed)
	for _, k := range missing {
		if err := install(ctx, k); err != nil {
			failed = append(failed, fmt.Errorf("installing %s: %w", k, err))
			continue
		}
		say(fmt.Sprintf("%s: installed", k))
	}
	if len(failed) == stale {
		return nil
	}
	return errors.Join(failed...)
}

func install(ctx context.Context, k Kind) error {
	r := recipes[k]
	if r.system {
		if os.Geteuid() != 0 {
			return errors.New("only root can (apt-get install " + r.packages[0] + ")")
		}
		_, err := apt(ctx, "", append([]string{"install", "-y", "--no-install-recommends"}, r.packages...)...)
		return err
	}
	root, err := Root()
	if err != nil {
		return err
	}
	// The daemons run under accounts of their own, so all of it can be searched by everyone.
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(root, "."+string(k)+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	debs, tree := filepath.Join(tmp, "debs"), filepath.Join(tmp, "tree")
	for _, dir := range []string{debs, tree} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	names, err := needed(ctx, r.packages)
	if err != nil {
		return err
	}
	if _, err := apt(ctx, debs, append([]string{"download"}, names...)...); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := run(ctx, "", "dpkg-deb", "-x", file, tree); err != nil {
			return err
		}
	}
	// Packages may bring a mode for "/": make sure that everyone can look in.
	if err := os.Chmod(tree, 0o755); err != nil {
		return err
	}
	dest := filepath.Join(root, string(k))
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	return os.Rename(tree, dest)
}

// needed gives the packages themselves and what they depend on that this machine does not have, as apt-get would
// install it: so the list fits any release.
func needed(ctx context.Context, packages []string) ([]string, error) {
	out, err := apt(ctx, "", append([]string{"install", "--simulate", "--no-install-recommends"}, packages...)...)
	if err != nil {
		return nil, err
	}
	names := append(slices.Clone(packages), newPackages(out)...)
	slices.Sort(names)
	return slices.Compact(names), nil
}

// newPackages reads what apt-get says it would do.
func newPackages(simulated string) []string {
	var names []string
	for line := range strings.Lines(simulated) {
		// "Inst name (version release [arch])"; an upgrade of what is here has "[old version]" after the name.
		f := strings.Fields(line)
		if len(f) < 3 || f[0] != "Inst" || strings.HasPrefix(f[2], "[") {
			continue
		}
		// Debian's default mail transport agent, which both name and neither needs in order to answer IMAP.
		if strings.HasPrefix(f[1], "exim4-") {
			continue
		}
		names = append(names, f[1])
	}
	return names
}

// apt runs apt-get without questions, waiting for another apt-get to finish, and gives what it printed.
func apt(ctx context.Context, dir string, args ...string) (string, error) {
	return run(ctx, dir, "apt-get", append([]string{
		"-q", "-o", "DPkg::Lock::Timeout=200", "-o", "Acquire::Retries=2", "-o", "APT::Sandbox::User=root",
	}, args...)...)
}

// run runs a program of the system to its end and gives what it printed.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	return output(cmd, "")
}

// output runs a command with input on stdin and gives what it printed. The error carries the last line that it printed
// as an error, which says what went wrong.
func output(cmd *exec.Cmd, input string) (string, error) {
	var failure bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(input), &failure
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(failure.String()), "\n")
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, lines[len(lines)-1])
	}
	return string(out), nil
}
