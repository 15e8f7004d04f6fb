package gen

import (
	"go/token"
	"strings"
	"unicode"
)

// words are the parts of names whose Go spelling cannot be derived: initialisms, and the RFCs' run-together keywords.
// The key is the word in lower case. A row that no name of the grammar uses is a fault, when the whole grammar is generated.
var words = map[string]string{
	"acl":                  "ACL",
	"adl":                  "Adl",
	"alreadyexists":        "AlreadyExists",
	"annotatemore":         "AnnotateMore",
	"appenduid":            "AppendUID",
	"authenticationfailed": "AuthenticationFailed",
	"authorizationfailed":  "AuthorizationFailed",
	"badcharset":           "BadCharset",
	"bodystructure":        "BodyStructure",
	"clientbug":            "ClientBug",
	"compressionactive":    "CompressionActive",
	"contactadmin":         "ContactAdmin",
	"copyuid":              "CopyUID",
	"expungeissued":        "ExpungeIssued",
	"id":                   "ID",
	"ids":                  "IDs",
	"internaldate":         "InternalDate",
	"inuse":                "InUse",
	"listrights":           "ListRights",
	"logindisabled":        "LoginDisabled",
	"longentries":          "LongEntries",
	"maxsize":              "MaxSize",
	"md5":                  "MD5",
	"mime":                 "MIME",
	"multiappend":          "MultiAppend",
	"myrights":             "MyRights",
	"nonexistent":          "NonExistent",
	"noperm":               "NoPerm",
	"noprivate":            "NoPrivate",
	"notsaved":             "NotSaved",
	"ok":                   "OK",
	"overquota":            "OverQuota",
	"permanentflags":       "PermanentFlags",
	"privacyrequired":      "PrivacyRequired",
	"quotaroot":            "QuotaRoot",
	"rfc822":               "RFC822",
	"sentbefore":           "SentBefore",
	"senton":               "SentOn",
	"sentsince":            "SentSince",
	"serverbug":            "ServerBug",
	"toobig":               "TooBig",
	"toomany":              "TooMany",
	"trycreate":            "TryCreate",
	"uid":                  "UID",
	"uidnext":              "UIDNext",
	"uidnotsticky":         "UIDNotSticky",
	"uidplus":              "UIDPlus",
	"uids":                 "UIDs",
	"uidvalidity":          "UIDValidity",
}

// namer makes Go names and remembers which rows of words it used.
type namer struct{ used map[string]bool }

// camel gives the exported Go name of kebab-case or keyword text: "uid-next" is UIDNext, "RFC822.SIZE" RFC822Size,
// `\Noinferiors` Noinferiors, "IMAP4rev1" IMAP4rev1.
func (n *namer) camel(text string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		b.WriteString(n.word(w))
	}
	s := b.String()
	if strings.HasSuffix(text, "+") {
		s += "Plus"
	} else if strings.HasSuffix(text, "-") {
		s += "Minus"
	}
	return s
}

func (n *namer) word(w string) string {
	low := strings.ToLower(w)
	if s, ok := words[low]; ok {
		n.used[low] = true
		return s
	}
	if w != low && w != strings.ToUpper(w) { // the RFC's own mixed case
		return strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.ToUpper(low[:1]) + low[1:]
}

// prefix is what the alternatives of a union or keyword set are named with: the Go name of the rule less its last word
// (fetch-att: Fetch), or all of it when it is one word.
func prefix(goName string) string {
	last := 0
	for i, r := range goName {
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(rune(goName[i-1])) {
			last = i
		}
	}
	if last == 0 {
		return goName
	}
	return goName[:last]
}

// unexported gives the name with a lower-case first word: UIDExpunge is uidExpunge.
func unexported(name string) string {
	i := 0
	for i < len(name) && unicode.IsUpper(rune(name[i])) {
		i++
	}
	if i > 1 && i < len(name) && name[i:] != "s" {
		i--
	}
	if i == 0 {
		return name
	}
	s := strings.ToLower(name[:i]) + name[i:]
	if token.IsKeyword(s) {
		s += "_"
	}
	return s
}
