package servers

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// recipe is what is special about one server.
type recipe struct {
	system   bool     // an installed package; the others are unpacked into a directory, their prefix
	binary   string   // below "/" or the prefix
	packages []string // Debian's; what they depend on comes along
	// prepare writes the configuration and gives the command that runs the server in the foreground.
	prepare func(context.Context, *build) (*exec.Cmd, error)
}

var recipes = map[Kind]recipe{
	KindDovecot: dovecot,
	KindCyrus:   cyrus,
	KindCourier: courier,
}

// location is where a server was found.
type location struct {
	prefix string // "" for an installed package
	binary string
}

// find looks for a server.
func find(k Kind) (location, error) {
	r, ok := recipes[k]
	if !ok {
		return location{}, fmt.Errorf("no such server: %q", k)
	}
	var where location
	if !r.system {
		root, err := Root()
		if err != nil {
			return location{}, err
		}
		where.prefix = filepath.Join(root, string(k))
	}
	where.binary = filepath.Join("/", where.prefix, r.binary)
	if _, err := os.Stat(where.binary); err != nil {
		return location{}, fmt.Errorf("%w (make servers installs it)", ErrNotInstalled)
	}
	return where, nil
}

// build is a server being put together: what its templates are written from.
type build struct {
	Dir     string // the server's own directory
	Prefix  string // "" or where its package was unpacked
	Port    int
	TLSPort int
	Certs   *certFiles
	Root    bool   // the daemons start as root and change to User
	User    string // the account that the mail belongs to
	Group   string
	UID     int // of User
	GID     int // of Group
	// Accounts are the users to make. All servers have the first two.
	Accounts []Account

	binary string
}

// accounts are those that all servers have.
func accounts() []Account { return []Account{{"alice", "secret"}, {"bob", "secret2"}} }

func newBuild(dir string, where location, certs *certFiles, port, tlsPort int) (*build, error) {
	b := &build{
		Dir: dir, Prefix: where.prefix, binary: where.binary, Port: port, TLSPort: tlsPort, Certs: certs,
		Root:     os.Geteuid() == 0,
		Accounts: accounts(),
	}
	owner, err := user.Current()
	if b.Root {
		owner, err = user.Lookup("mail") // there on every Debian, and all that these servers need
	}
	if err != nil {
		return nil, err
	}
	group, err := user.LookupGroupId(owner.Gid)
	if err != nil {
		return nil, err
	}
	b.User, b.Group = owner.Username, group.Name
	if b.UID, err = strconv.Atoi(owner.Uid); err != nil {
		return nil, err
	}
	b.GID, err = strconv.Atoi(owner.Gid)
	return b, err
}

// path names a file of the server's directory.
func (b *build) path(elem ...string) string {
	return filepath.Join(append([]string{b.Dir}, elem...)...)
}

// mkdir makes directories of the server's directory.
func (b *build) mkdir(names ...string) error {
	for _, name := range names {
		if err := os.MkdirAll(b.path(name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// write writes a template out, named from below templates/.
func (b *build) write(name, dest string, mode os.FileMode) error {
	t, err := template.New(filepath.Base(name)).Option("missingkey=error").ParseFS(templates, "templates/"+name)
	if err != nil {
		return err
	}
	var out strings.Builder
	if err := t.Execute(&out, b); err != nil {
		return err
	}
	return os.WriteFile(b.path(dest), []byte(out.String()), mode)
}

// own gives what lies below a directory to the account of the daemons. Only root has to.
func (b *build) own(name string) error {
	if !b.Root {
		return nil
	}
	return filepath.WalkDir(b.path(name), func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, b.UID, b.GID)
	})
}

// libraries lists the directories of shared libraries in the prefix.
func (b *build) libraries() ([]string, error) {
	var dirs []string
	for _, pattern := range []string{"usr/lib", "usr/lib/*-linux-gnu*", "lib/*-linux-gnu*"} {
		found, err := filepath.Glob(filepath.Join(b.Prefix, pattern))
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, found...)
	}
	return dirs, nil
}

// command is a program of the server, which finds the libraries in its prefix.
func (b *build) command(name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = b.Dir
	if b.Prefix == "" {
		return cmd, nil
	}
	dirs, err := b.libraries()
	if err != nil {
		return nil, err
	}
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(dirs, ":"))
	return cmd, nil
}

// tool runs a program of the server to its end, with input on stdin, and gives what it printed.
func (b *build) tool(ctx context.Context, input, name string, args ...string) (string, error) {
	made, err := b.command(filepath.Join("/", b.Prefix, name), args...)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, made.Path, args...)
	cmd.Dir, cmd.Env = made.Dir, made.Env
	return output(cmd, input)
}
