package conn

import (
	"math"
	"slices"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// GeneratedV1 is named by code that was generated for this runtime. A change that old generated code would not survive renames it.
const GeneratedV1 = true

// State is a set of the states that RFC 3501 section 3 knows. A connection is in exactly one of them;
// a command names all those in which it may be sent. The zero value is no state.
type State uint8

// The states of a connection.
const (
	StateNotAuthenticated State = 1 << iota
	StateAuthenticated
	StateSelected
	StateLogout

	StateAny = StateNotAuthenticated | StateAuthenticated | StateSelected
)

var stateNames = [...]string{"not authenticated", "authenticated", "selected", "logout"}

// String names the states of the set, joined by "or".
func (s State) String() string {
	var names []string
	for i, name := range stateNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, " or ")
}

// Dialog says how a command goes on after the server's "+".
type Dialog uint8

const (
	DialogNone Dialog = iota
	DialogIdle        // the rest of the command is sent when the connection is wanted for something else (RFC 2177)
	DialogSASL        // challenges and responses in base64, until the tagged answer (RFC 3501 section 6.2.2)
)

// Switch says what lies below the protocol once a command was answered with OK.
type Switch uint8

const (
	SwitchNone    Switch = iota
	SwitchTLS            // RFC 3501 section 6.2.1
	SwitchDeflate        // RFC 4978
)

// A Spec is what the connection knows of a command. There is one per command (and form); it is never changed.
type Spec struct {
	Name   string   // for errors and logs: "UID FETCH"
	In     State    // the states in which it may be sent
	Next   State    // the state after OK; zero: no change
	Else   State    // the state after NO; zero: no change. BAD never changes the state (RFC 9051 section 5.5).
	Needs  []string // capabilities that must all be advertised
	Unless []string // capabilities none of which may be advertised
	Dialog Dialog
	Switch Switch

	Charset      bool // it names the character set of its text
	KeepsNumbers bool // by number, it forbids EXPUNGE while it runs (RFC 3501 section 7.4.1)
	ReadsFlags   bool // what it does depends on the flags of the messages of Scope.Set
	WritesFlags  bool // it changes flags of the messages of Scope.Set, or removes messages

	Returns []Return // the data that answers it
}

// barrier reports whether nothing may be in flight beside the command: all after it depends on its answer.
func (s *Spec) barrier() bool {
	return s.Next != 0 || s.Else != 0 || s.Switch != SwitchNone || s.Dialog != DialogNone
}

// logsIn reports whether the command carries credentials to begin a session with.
func (s *Spec) logsIn() bool { return s.In == StateNotAuthenticated && s.Next == StateAuthenticated }

// identifies reports whether the user is another one after OK: after a login, and after a command that leaves the connection
// authenticated and may be answered with new capabilities.
func (s *Spec) identifies() bool {
	return s.logsIn() || s.Next == StateAuthenticated && slices.ContainsFunc(s.Returns, func(r Return) bool { return r.Code == "CAPABILITY" })
}

// A Return is one kind of data that answers a command.
// Data answers the command if all of Set, Tag and Key that are true hold.
type Return struct {
	Kind *Kind  // of the response; nil if Code is set
	Code string // keyword of a response code in an untagged status response; the codes of the tagged answer go to Result.Complete
	// Untagged, with Code: it comes so as a rule. Else it belongs in the tagged answer, and a command that wants it untagged goes first.
	Untagged bool
	Many     bool // any number of responses, else one
	// Collect, with Many: they are part of the result, not rows.
	Collect bool
	Set     bool  // Facts.Seq or Facts.UID is in Scope.Set, and Facts.Items are among Scope.Items
	Tag     bool  // Facts.Tag is the tag of the command
	With    uint8 // only if Scope.With has this bit: an argument that asks for the data; zero: always
	Unless  uint8 // not if Scope.With has this bit: an argument that asks for other data instead
	Key     bool  // Facts.Key is Scope.Key
	// InForce is the capability under which the command is sent in a form that the data answers; "": in any.
	InForce string
}

// mayAsk tells whether this value of the command collects what the Return says, in one of its forms.
func (k *Call) mayAsk(ret *Return) bool {
	return (ret.With == 0 || ret.With&k.scope.With != 0) && ret.Unless&k.scope.With == 0
}

// asks tells whether it does in the form in which it is sent. The caller holds mu.
func (k *Call) asks(ret *Return) bool {
	return k.mayAsk(ret) && (ret.InForce == "" || k.conn.inForce(ret.InForce))
}

// A Kind identifies a sort of response. It is compared by address.
type Kind struct {
	Name    string // for logs: "FETCH"
	Event   bool   // goes to subscribers even when it answers a command: it tells of the mailbox (EXISTS, EXPUNGE, FLAGS ...)
	Removes bool   // messages are gone, so that sequence numbers mean others (EXPUNGE, VANISHED)
	Unasked uint64 // the bits of Facts.Items that servers also send without being asked (FLAGS, UID, MODSEQ); zero: none
}

// A Scope is what one value of a command touches, and so what tells its data from that of others in flight.
type Scope struct {
	ByNumber    bool        // it names messages by sequence number, or its answer does
	UID         bool        // it is sent in its UID form, during which EXPUNGE may come (RFC 3501 section 6.4.8)
	ReadsFlags  bool        // as in Spec, where it depends on the arguments: SEARCH UNSEEN
	WritesFlags bool        // as in Spec: FETCH BODY[] sets \Seen
	Saves       bool        // what it finds is "$" afterwards (RFC 5182)
	UsesSaved   bool        // it names "$"
	With        uint8       // bits of the arguments that ask for more data or other data, as in Return
	Epoch       uint64      // of the sets that it holds (wire.NumSet.Epoch); zero: none has one
	Set         wire.NumSet // the messages; the zero value: unknown, or all
	Items       uint64      // bits of the data items it asks for; zero: unknown, or any
	Key         string      // the mailbox
}

// Touch notes a set of messages that the value holds.
func (s *Scope) Touch(set wire.NumSet) {
	s.ByNumber = s.ByNumber || set.IsSeq()
	s.UsesSaved = s.UsesSaved || set.IsSaved()
	switch e := set.Epoch(); {
	case e == 0 || e == s.Epoch:
	case s.Epoch == 0:
		s.Epoch = e
	default:
		s.Epoch = math.MaxUint64 // two epochs at once: one is stale for certain
	}
}

// Facts are the parts of a response that tell which command it answers. Zero fields are absent.
type Facts struct {
	Seq, UID uint32
	Items    uint64 // bits of the data items it carries, as in Scope
	Key      string // the mailbox
	Tag      string // the tag of the command it names
}

// A Response is one response of the server, decoded. The generated types implement it.
type Response interface {
	Kind() *Kind
	Facts() Facts
}

// ConditionType is the keyword of a status response (RFC 3501 section 7.1).
type ConditionType string

// The status responses. NO and BAD end a command without effect; PREAUTH and BYE are always untagged.
const (
	ConditionOK      ConditionType = "OK"
	ConditionNO      ConditionType = "NO"
	ConditionBAD     ConditionType = "BAD"
	ConditionBYE     ConditionType = "BYE"
	ConditionPREAUTH ConditionType = "PREAUTH"
)

// A Code is a response code (RFC 3501 section 7.1). The generated types implement it.
type Code interface{ Keyword() string }

// A Condition is what a status response says.
type Condition struct {
	Type ConditionType
	Code Code   // nil if there is none
	Text string // as it came: it may hold control characters, which String escapes
}

// ends tells whether it can be the end of a command.
func (c Condition) ends() bool {
	return c.Type == ConditionOK || c.Type == ConditionNO || c.Type == ConditionBAD
}

// String gives the condition on one line that is safe to print: control characters are escaped. The zero value is "".
func (c Condition) String() string {
	text := string(c.Type)
	if c.Code != nil {
		text += " [" + wire.QuoteShort(c.Code.Keyword()) + "]"
	}
	if c.Text != "" {
		text += " " + wire.QuoteText(c.Text)
	}
	return text
}

// A StatusResponse is a response that carries a condition.
type StatusResponse interface {
	Response
	Condition() Condition
}

// A ContinueResponse is the server's request for the rest of a command: "+" (RFC 3501 section 7.5).
type ContinueResponse interface {
	Response
	Prompt() string // its text; in a SASL dialog the challenge in base64, as it came
}

// A Command is one command with its arguments. The generated types implement it.
// The connection reads it from Start until the command is written.
type Command interface {
	Spec() *Spec
	Scope() Scope
	// AppendIMAP writes what stands between the tag and the CRLF at the end.
	AppendIMAP(*wire.Encoder) error
}

// A Persistent command may be sent once more when the server refuses it. Nobody is told of the refusal then but its Result.
type Persistent interface {
	Command
	// Again is asked at the refusal. It is called with the lock of the connection held: it must neither wait nor call the connection.
	Again(Condition) bool
}

// A Codec decodes responses. It is used by one goroutine at a time and may keep tables between responses.
type Codec interface {
	// Decode reads a response. The tag is empty for untagged data and "+" for a continuation request; it may be a part of the frame.
	// A response that cannot be read is an error, which costs this response only; the tag is given if it could be read.
	Decode(f *wire.Frame, dialog Dialog) (tag []byte, r Response, err error)
	// SetUTF8 tells whether the names of mailboxes come in UTF-8 from now on, and not in modified UTF-7.
	SetUTF8(on bool)
	// Fork gives another Codec for the same connection, for responses that are decoded once more by another goroutine.
	Fork() Codec
	// Rest is called when nothing is expected to come for long: the codec gives back what it only keeps to be fast.
	Rest()
	// Capabilities gives the list that the response carries as data or as a code.
	Capabilities(r Response) ([]string, bool)
	// Including gives the capabilities that include another one: who advertises them can do what that one stands for.
	Including(name string) []string
	// Enabled gives the capabilities that the response says are enabled now (RFC 5161).
	Enabled(r Response) ([]string, bool)
}
