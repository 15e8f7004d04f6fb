package conn

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/parley-go/parley/runtime/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The items of FETCH in these tests.
const (
	itemUID = 1 << iota
	itemFlags
	itemBody
	itemEnvelope
)

var (
	kindState      = &Kind{Name: "status"}
	kindContinue   = &Kind{Name: "+"}
	kindCapability = &Kind{Name: "CAPABILITY"}
	kindEnabled    = &Kind{Name: "ENABLED"}
	kindExists     = &Kind{Name: "EXISTS", Event: true}
	kindExpunge    = &Kind{Name: "EXPUNGE", Event: true}
	kindStatus     = &Kind{Name: "STATUS"}
	kindFetch      = &Kind{Name: "FETCH", Unasked: itemUID | itemFlags}
	kindSearch     = &Kind{Name: "SEARCH"}
	kindVanished   = &Kind{Name: "VANISHED", Event: true}
	kindEsearch    = &Kind{Name: "ESEARCH"}
	kindList       = &Kind{Name: "LIST"}
	kindLsub       = &Kind{Name: "LSUB"}
	kindUnknown    = &Kind{Name: "unknown"}
)

// data is every response of these tests.
type data struct {
	kind  *Kind
	facts Facts
	text  string

	bodies []*wire.Body // that bodyCodec has found
}

func (d *data) Kind() *Kind    { return d.kind }
func (d *data) Facts() Facts   { return d.facts }
func (d *data) Prompt() string { return d.text }

type code string

func (c code) Keyword() string { k, _, _ := strings.Cut(string(c), " "); return k }

type status struct {
	data
	cond Condition
}

func (s *status) Condition() Condition { return s.cond }

// codec reads what the scripts send. Lines that begin with "bad" cannot be read.
type codec struct{}

var fetchItem = map[string]uint64{"UID": itemUID, "FLAGS": itemFlags, "BODY[]": itemBody, "ENVELOPE": itemEnvelope}

func (codec) Decode(f *wire.Frame, _ Dialog) ([]byte, Response, error) {
	tag, r, err := read(f)
	return []byte(tag), r, err
}

func read(f *wire.Frame) (string, Response, error) {
	text := strings.TrimRight(string(f.Text()), "\r\n")
	tag, rest, _ := strings.Cut(text, " ")
	if tag == "+" {
		return tag, &data{kind: kindContinue, text: rest}, nil
	}
	if tag == "*" {
		tag = ""
	}
	word, args, _ := strings.Cut(rest, " ")
	switch word {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		s := &status{data: data{kind: kindState, text: rest}, cond: Condition{Type: ConditionType(word), Text: args}}
		if c, after, ok := strings.Cut(args, "] "); ok && strings.HasPrefix(c, "[") {
			s.cond.Code, s.cond.Text = code(c[1:]), after
		}
		return tag, s, nil
	case "CAPABILITY":
		return tag, &data{kind: kindCapability, text: args}, nil
	case "ENABLED":
		return tag, &data{kind: kindEnabled, text: args}, nil
	case "SEARCH":
		return tag, &data{kind: kindSearch, text: args}, nil
	case "ESEARCH":
		d := &data{kind: kindEsearch, text: args}
		if _, tag, ok := strings.Cut(args, `TAG "`); ok {
			d.facts.Tag, _, _ = strings.Cut(tag, `"`)
		}
		return tag, d, nil
	case "LIST":
		return tag, &data{kind: kindList, text: args}, nil
	case "LSUB":
		return tag, &data{kind: kindLsub, text: args}, nil
	case "VANISHED":
		return tag, &data{kind: kindVanished, text: args}, nil
	case "XNEW":
		return tag, &data{kind: kindUnknown, text: args}, nil
	case "STATUS":
		name, items, _ := strings.Cut(args, " ")
		return tag, &data{kind: kindStatus, facts: Facts{Key: name}, text: items}, nil
	}
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil {
		return tag, nil, fmt.Errorf("unknown response %q", word)
	}
	switch word, args, _ := strings.Cut(args, " "); word {
	case "EXISTS":
		return tag, &data{kind: kindExists, text: rest}, nil
	case "EXPUNGE":
		return tag, &data{kind: kindExpunge, text: rest}, nil
	case "FETCH":
		d := &data{kind: kindFetch, facts: Facts{Seq: uint32(n)}, text: text}
		words := strings.Fields(strings.Trim(args, "()"))
		for i, w := range words {
			d.facts.Items |= fetchItem[w]
			if w == "UID" {
				uid, _ := strconv.Atoi(words[i+1])
				d.facts.UID = uint32(uid)
			}
		}
		return tag, d, nil
	}
	return tag, nil, fmt.Errorf("unknown response %q", word)
}

func (codec) Fork() Codec  { return codec{} }
func (codec) Rest()        {}
func (codec) SetUTF8(bool) {}

func (codec) Capabilities(r Response) ([]string, bool) {
	switch r := r.(type) {
	case *data:
		if r.kind == kindCapability {
			return strings.Fields(r.text), true
		}
	case *status:
		if c, ok := r.cond.Code.(code); ok && c.Keyword() == "CAPABILITY" {
			return strings.Fields(string(c))[1:], true
		}
	}
	return nil, false
}

func (codec) Including(name string) []string {
	if strings.EqualFold(name, "LITERAL-") {
		return []string{"IMAP4rev2"}
	}
	return nil
}

func (codec) Enabled(r Response) ([]string, bool) {
	if d, ok := r.(*data); ok && d.kind == kindEnabled {
		return strings.Fields(d.text), true
	}
	return nil, false
}

// command is every command of these tests.
type command struct {
	spec  *Spec
	scope Scope
	write func(*wire.Encoder)
}

func (c command) Spec() *Spec  { return c.spec }
func (c command) Scope() Scope { return c.scope }
func (c command) AppendIMAP(e *wire.Encoder) error {
	e.Keyword(c.spec.Name)
	if c.write != nil {
		c.write(e)
	}
	return e.Err()
}

const loggedIn = StateAuthenticated | StateSelected

var (
	specNoop       = &Spec{Name: "NOOP", In: StateAny}
	specLogout     = &Spec{Name: "LOGOUT", In: StateAny, Next: StateLogout}
	specCapability = &Spec{Name: "CAPABILITY", In: StateAny, Returns: []Return{{Kind: kindCapability}}}
	specStarttls   = &Spec{Name: "STARTTLS", In: StateNotAuthenticated, Needs: []string{"STARTTLS"}, Switch: SwitchTLS}
	specCompress   = &Spec{Name: "COMPRESS", In: StateAny, Switch: SwitchDeflate}
	specLogin      = &Spec{Name: "LOGIN", In: StateNotAuthenticated, Next: StateAuthenticated, Unless: []string{"LOGINDISABLED"}}
	specAuth       = &Spec{Name: "AUTHENTICATE", In: StateNotAuthenticated, Next: StateAuthenticated, Dialog: DialogSASL}
	specSelect     = &Spec{Name: "SELECT", In: loggedIn, Next: StateSelected, Else: StateAuthenticated, Returns: []Return{{Kind: kindExists}, {Code: "UIDNEXT"}}}
	specStatus     = &Spec{Name: "STATUS", In: loggedIn, Returns: []Return{{Kind: kindStatus, Key: true}}}
	specAppend     = &Spec{Name: "APPEND", In: loggedIn}
	specExpunge    = &Spec{Name: "EXPUNGE", In: loggedIn, WritesFlags: true, Returns: []Return{{Kind: kindExpunge, Many: true}, {Kind: kindVanished, Many: true, Collect: true}}}
	specFetch      = &Spec{Name: "FETCH", In: loggedIn, KeepsNumbers: true, ReadsFlags: true, Returns: []Return{{Kind: kindFetch, Many: true, Set: true}}}
	specUIDFetch   = &Spec{Name: "UID FETCH", In: loggedIn, KeepsNumbers: true, ReadsFlags: true, Returns: []Return{{Kind: kindFetch, Many: true, Set: true}}}
	specStore      = &Spec{Name: "UID STORE", In: loggedIn, KeepsNumbers: true, WritesFlags: true, Returns: []Return{{Kind: kindFetch, Many: true, Set: true}}}
	specSearch     = &Spec{Name: "UID SEARCH", In: loggedIn, KeepsNumbers: true, Returns: []Return{{Kind: kindSearch}}}
	specIdle       = &Spec{Name: "IDLE", In: loggedIn, Needs: []string{"IDLE"}, Dialog: DialogIdle}

	noop   = command{spec: specNoop}
	logout = command{spec: specLogout}
	idle   = command{spec: specIdle, write: func(e *wire.Encoder) { e.Turn(); e.Keyword("DONE") }}
)

func word(s string) func(*wire.Encoder) {
	return func(e *wire.Encoder) { e.SP(); e.Astring(s) }
}

func login(password string) command {
	return command{spec: specLogin, write: func(e *wire.Encoder) {
		e.Keyword(" ada ")
		e.Secret()
		e.AstringQuoted(password)
		e.EndSecret()
	}}
}

// fetch is a FETCH or UID FETCH by the kind of the set.
func fetch(set wire.NumSet, items uint64) command {
	c := command{spec: specUIDFetch, scope: Scope{UID: true, Set: set, Items: items}}
	if set.IsSeq() {
		c.spec, c.scope.UID = specFetch, false
	}
	c.scope.Touch(set)
	c.write = func(e *wire.Encoder) { e.SP(); e.SequenceSet(set) }
	return c
}

func store(set wire.NumSet) command {
	c := command{spec: specStore, scope: Scope{UID: true, Set: set}, write: func(e *wire.Encoder) { e.SP(); e.SequenceSet(set) }}
	c.scope.Touch(set)
	return c
}

func statusOf(mailbox string) command {
	return command{spec: specStatus, scope: Scope{Key: mailbox}, write: word(mailbox)}
}

func appendTo(mailbox string, s wire.Source) command {
	return command{spec: specAppend, write: func(e *wire.Encoder) {
		word(mailbox)(e)
		e.SP()
		e.AppendSource(s)
	}}
}

// result is a Result of functions, which may be nil.
type result struct {
	collect  func(Response)
	complete func(Condition)
}

func (r result) Collect(x Response) {
	if r.collect != nil {
		r.collect(x)
	}
}

func (r result) Complete(cond Condition) {
	if r.complete != nil {
		r.complete(cond)
	}
}

// rows reads all rows of a call.
func rows(ctx context.Context, k *Call) (out []string, err error) {
	for {
		r, err := k.Next(ctx)
		if r == nil || err != nil {
			return out, err
		}
		out = append(out, r.(*data).text)
	}
}

// collected collects all that is traced.
type collected struct {
	mu    sync.Mutex
	lines []string
}

func (l *collected) add(e TraceEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	dir := "S: "
	if e.Sent {
		dir = "C: "
	}
	l.lines = append(l.lines, dir+e.Text)
}

var tagPattern = regexp.MustCompile(`^([CS]: )[A-P]{4}\d+`)

// text gives the lines with their tags made equal.
func (l *collected) text() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]string, len(l.lines))
	for i, s := range l.lines {
		out[i] = tagPattern.ReplaceAllString(s, "${1}TAG")
	}
	return out
}
