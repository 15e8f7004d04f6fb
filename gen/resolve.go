package gen

import (
	"slices"
	"strings"
)

// resolver gives every rule its Go form.
type resolver struct {
	g         *Grammar
	live      []*Rule // those that commands and responses lead to, not terminals alone
	faults    Faults
	names     *namer
	taken     map[string]Pos
	rules     map[*Rule]*ruleInfo
	structs   []*Struct
	tokens    []*Token
	unions    []*UnionInfo
	responses map[*Rule]*Struct
	commands  []*commandInfo
	records   map[*Rule]*recordInfo
	byStruct  map[*Struct]*ruleInfo
	codes     *UnionInfo
	looks     map[string]*look // of rules and terminals
	follow    map[string]*look // what can follow a rule
}

func resolve(g *Grammar) (*resolver, Faults) {
	r := &resolver{g: g, names: &namer{used: map[string]bool{}}, taken: map[string]Pos{}, rules: map[*Rule]*ruleInfo{},
		responses: map[*Rule]*Struct{}, records: map[*Rule]*recordInfo{}, byStruct: map[*Struct]*ruleInfo{}, looks: map[string]*look{}}
	r.findLive()
	for _, rule := range r.live {
		name := rule.As
		if name == "" {
			name = r.names.camel(rule.Name)
		}
		r.rules[rule] = &ruleInfo{rule: rule, Go: name}
	}
	r.forms()
	r.findRecords()
	r.share()
	r.buildUnions()
	for _, rule := range g.Responses {
		name := rule.As
		if name == "" {
			name = r.names.camel(rule.Name)
		}
		s := &Struct{Go: name + "Data", Doc: rule.Doc, Source: rule.Source, Section: rule.Section, alts: rule.Alts, lenient: rule.Lenient, pos: rule.Pos}
		r.claim(s.Go, rule.Pos)
		r.responses[rule] = s
		r.structs = append(r.structs, s)
		r.fill(s)
	}
	for _, c := range g.Commands {
		r.command(c)
	}
	r.heads()
	if len(r.faults) > 0 {
		return r, r.faults
	}
	r.follows()
	return r, r.faults
}

// findLive finds the rules that become Go. Others only say what a terminal looks like.
func (r *resolver) findLive() {
	seen := map[*Rule]bool{}
	var visit func(alts []*Alt)
	visit = func(alts []*Alt) {
		walk(alts, func(t *Term) {
			if t.Kind == Ref && r.g.terminals[t.Text] == nil {
				if rule := r.g.rules[t.Text]; rule != nil && !seen[rule] {
					seen[rule] = true
					visit(rule.all())
				}
			}
		})
	}
	for _, rule := range r.g.Responses {
		visit(rule.all())
	}
	for _, c := range r.g.Commands {
		visit(c.Alts)
	}
	for _, rule := range r.g.Rules {
		if seen[rule] && rule.Name != "SP" && rule.Name != "CRLF" && rule.Name != "DQUOTE" {
			r.live = append(r.live, rule)
		}
	}
}

// handWritten are the exported names of package imap that no grammar gives.
var handWritten = strings.Fields(`
	Body CodeError Codec CodecOptions Completion Condition Date DateTimeLayout Decoder ErrAlreadyExists ErrAuthenticationFailed
	ErrAuthorizationFailed ErrBadCharset ErrCannot ErrCapability ErrClientBug ErrClosed ErrConnectionLost ErrContactAdmin
	ErrCorruption ErrExpired ErrExpungeIssued ErrInUse ErrLimit ErrNoPerm ErrNonExistent ErrNotSaved ErrNumbersMoved ErrOutcomeUnknown
	ErrOverQuota ErrParse ErrPrivacyRequired ErrProtocol ErrServerBug ErrSource ErrState ErrThrottled ErrTooBig ErrTryCreate ErrUnavailable
	ErrUnknownCTE ErrUnread ErrUseAttr Error Flag FlagAnswered FlagDeleted FlagDraft FlagFlagged FlagRecent FlagSeen FlagWildcard
	Flags Limits Message NStr NString NewCodec NewDecoder NewFlags NumRange NumSet ParseFlags Part Recourse RecourseLogin RecourseNone
	RecourseReconnect RecourseRetry SavedResult SeqRange Seqs Source SourceBytes SourceReader SourceString SourceText Spec Text
	UIDRange UIDs UnknownCommand UnknownData Value Warning`)

// claim takes a package-level Go name, which no other definition may have.
func (r *resolver) claim(name string, pos Pos) {
	if slices.Contains(handWritten, name) {
		r.faults.add(pos, "the Go name %s is one that package imap has written by hand: rename this with \"as\" or a label", name)
		return
	}
	if old, ok := r.taken[name]; ok {
		r.faults.add(pos, "the Go name %s is taken by the definition at %s: rename one with \"as\" or a label", name, old)
		return
	}
	r.taken[name] = pos
}

// walk visits every term of the alternatives, groups and options included.
func walk(alts []*Alt, f func(*Term)) {
	for _, a := range alts {
		for _, t := range a.Terms {
			f(t)
			walk(t.Alts, f)
		}
	}
}

// all gives a rule's alternatives of "=" and "~=".
func (rule *Rule) all() []*Alt {
	if rule.Lenient == nil {
		return rule.Alts
	}
	return slices.Concat(rule.Alts, rule.Lenient)
}

func (r *resolver) ref(name string) (*Terminal, *ruleInfo) {
	if t := r.g.terminals[name]; t != nil {
		return t, nil
	}
	if rule := r.g.rules[name]; rule != nil {
		return nil, r.rules[rule]
	}
	return nil, nil
}
