package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/emersion/go-imap/client" // so that it stands in go.mod
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scopes are what the code of other libraries in the tables of the README stands in, by the headings of the columns.
var scopes = map[string]string{
	"go-imap v2": `package migration

import (
	"errors"
	"io"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

func use(...any) {}

func _(c *imapclient.Client, cmd *imapclient.StatusCommand, fetch *imapclient.FetchCommand, idle *imapclient.IdleCommand, msg *imapclient.FetchMessageBuffer,
	set imap.NumSet, options *imap.FetchOptions, saslClient sasl.Client, conn net.Conn, r io.Reader, size int64, addr, user, pass string, err error) {
	use(errors.ErrUnsupported)
%s
}
`,
	"go-imap v1": `package migration

import (
	"crypto/tls"
	"os"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"
	"github.com/emersion/go-imap/responses"
)

func use(...any) {}

func _(c *client.Client, set *imap.SeqSet, items []imap.FetchItem, msg *imap.Message, section *imap.BodySectionName, criteria *imap.SearchCriteria, flags []string,
	mailboxes chan *imap.MailboxInfo, updates chan client.Update, stop chan struct{}, cmdr imap.Commander, handler responses.Handler,
	literal imap.Literal, date time.Time, d time.Duration, cfg *tls.Config, addr, user, pass string) {
	use(os.Stdout)
%s
}
`,
}

// TestMigrationTables compiles the code of other libraries in the README: it says what they have.
func TestMigrationTables(t *testing.T) {
	fset, imports := token.NewFileSet(), exported(t, "github.com/emersion/go-imap/client", "github.com/emersion/go-imap/v2/imapclient", "net", "os")
	compiles := func(scope, code string) error {
		f, err := parser.ParseFile(fset, "migration.go", fmt.Sprintf(scope, code), parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		var first error
		cfg := types.Config{Importer: importer.ForCompiler(fset, "gc", imports), Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) && !e.Soft && first == nil { // soft: something is not used
				first = err
			}
		}}
		_, _ = cfg.Check("migration", fset, []*ast.File{f}, nil)
		return first
	}
	for heading, scope := range scopes {
		pieces := readmeColumn(t, heading)
		assert.Greater(t, len(pieces), 15, heading)
		for _, p := range pieces {
			t.Run(fmt.Sprintf("%s, line %d", heading, p.line), func(t *testing.T) {
				if compiles(scope, "use("+p.text+")") != nil {
					assert.NoError(t, compiles(scope, p.text), p.text)
				}
			})
		}
	}
}

// imaplib2Alone are the names of imaplib2 in the README that Python's imaplib does not have.
var imaplib2Alone = []string{"cert_verify_cb", "certfile", "tls_level", "ca_certs", "debug_file", "debug_buf_lvl", "identifier", "ssl_wrap_socket", "version", "enable_compression",
	"examine", "id", "move", "idle", "pop_untagged_responses", "callback",
	"PROTOCOL_VERSION", "Internaldate2Time"}

// TestImaplibNames asks Python for the names of its imaplib that the README has; imaplib2 has them from there, and some of its own.
func TestImaplibNames(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	const list = `import imaplib
m = imaplib.IMAP4
print(*dir(__builtins__), *dir(imaplib), *dir(m), *dir(imaplib.IMAP4_SSL), *m.__init__.__code__.co_varnames, "state", "mailbox", "is_readonly", "capabilities", "welcome", "debug", "ssl")`
	out, err := exec.CommandContext(t.Context(), python, "-c", list).Output()
	require.NoError(t, err)
	known := append(strings.Fields(string(out)), imaplib2Alone...)
	name := regexp.MustCompile(`^(?:M\.)?([A-Za-z_0-9]+)(?:\(.*\))?$`)
	names := 0
	for _, p := range readmeColumn(t, "imaplib2") {
		if m := name.FindStringSubmatch(p.text); m != nil {
			names++
			assert.True(t, slices.Contains(known, m[1]), "line %d: %s", p.line, m[1])
		}
	}
	assert.Greater(t, names, 70)
}

// A piece is code of the README.
type piece struct {
	line int
	text string
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// readmeColumn gives the code in the first column of the table whose heading it is.
func readmeColumn(t *testing.T, heading string) (pieces []piece) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	within := false
	for i, line := range strings.Split(string(text), "\n") {
		row := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		switch {
		case len(row) < 3:
			within = false
		case strings.TrimSpace(row[1]) == heading:
			within = true
		case within:
			for _, m := range codeSpan.FindAllStringSubmatch(row[1], -1) {
				pieces = append(pieces, piece{i + 1, strings.ReplaceAll(m[1], "\x00", "|")})
			}
		}
	}
	return pieces
}

// exported finds the compiled forms of packages and of all that they import.
func exported(t *testing.T, packages ...string) importer.Lookup {
	cmd := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, packages)...)
	cmd.Stderr = os.Stderr
	list, err := cmd.Output()
	require.NoError(t, err)
	files := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(list)); ; {
		var p struct{ ImportPath, Export string }
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		files[p.ImportPath] = p.Export
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}
