package conn

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// A Recourse is what may help after an Error.
type Recourse uint8

// The ways to go on after an Error. Whether a command may be repeated at all is another matter: one that matches ErrOutcomeUnknown may
// have taken effect.
const (
	RecourseNone      Recourse = iota // the same again fails again
	RecourseRetry                     // the same later, on this connection; not before RetryAfter
	RecourseReconnect                 // the same on a new connection; not before RetryAfter
	RecourseLogin                     // log in with other credentials: the user must be asked, or a fresh token got
)

// String names what to do.
func (r Recourse) String() string {
	if int(r) < len(recourseNames) {
		return recourseNames[r]
	}
	return "none"
}

var recourseNames = [...]string{"none", "retry", "reconnect", "log in anew"}

// recourses go by the response code (RFC 5530 section 3). A code that is not here, such as NOPERM or CANNOT, gives no hope.
var recourses = map[string]Recourse{
	"UNAVAILABLE":   RecourseRetry,
	"INUSE":         RecourseRetry,
	"SERVERBUG":     RecourseRetry, // nothing is wrong with the command
	"EXPUNGEISSUED": RecourseRetry,
	"TEMPFAIL":      RecourseRetry, // RFC 5259
	"THROTTLED":     RecourseRetry, // Gmail

	"AUTHENTICATIONFAILED": RecourseLogin,
	"AUTHORIZATIONFAILED":  RecourseLogin,
	"EXPIRED":              RecourseLogin,
	"WEBALERT":             RecourseLogin, // Gmail: with a browser
}

// Recourse tells what may help: by the response code, by what is known of how servers put it without one, and by what has become of the
// connection.
func (e *Error) Recourse() Recourse {
	switch {
	case errors.Is(e.cause, ErrProtocol):
		return RecourseNone
	case e.Type == ConditionBYE, errors.Is(e.cause, ErrConnectionLost), errors.Is(e.cause, ErrClosed), errors.Is(e.cause, ErrSource):
		return RecourseReconnect
	case e.Type != ConditionNO && e.Type != ConditionBAD:
		return RecourseNone
	case e.throttled():
		return RecourseRetry
	case saysAny(e.Text, detached):
		return RecourseReconnect
	}
	keyword := e.keyword()
	switch r, known := recourses[keyword]; {
	case known:
		return r
	case keyword == "LIMIT" && e.login:
		return RecourseRetry // of connections
	case keyword == "" && e.login && e.Type == ConditionNO:
		return RecourseLogin // RFC 5530: no code says as much as AUTHENTICATIONFAILED, or less
	}
	return RecourseNone
}

// RetryAfter gives how long the server asked to be left alone; 0 if it named no time. An error that matches ErrThrottled without a time
// needs one that grows with each attempt.
func (e *Error) RetryAfter() time.Duration {
	_, rest, ok := strings.Cut(strings.ToLower(e.Text), "backoff time:")
	if !ok {
		return 0
	}
	words := strings.Fields(rest)
	if len(words) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(words[0], 10, 31)
	if err != nil {
		return 0
	}
	for _, u := range backoffUnits {
		if strings.HasPrefix(words[1], u.name) {
			return time.Duration(n) * u.is
		}
	}
	return 0
}

var backoffUnits = []struct {
	name string
	is   time.Duration
}{{"millisecond", time.Millisecond}, {"second", time.Second}, {"minute", time.Minute}}

// What servers say without a code, in lower case.
var (
	// Exchange and Office 365; Gmail; Yahoo.
	throttles = []string{"is throttled", "backoff time:", "[throttled]", "rate limit", "too many simultaneous connections",
		"exceeded command or bandwidth limits"}
	// Exchange and Office 365: the login was taken, and the mailbox behind it is not there. It passes.
	detached = []string{"authenticated but not connected"}
)

// throttled tells whether the server turns away what it would do at another time, because there was too much of it.
func (e *Error) throttled() bool {
	return e.keyword() == "THROTTLED" || e.Type != ConditionOK && e.Type != "" && saysAny(e.Text, throttles)
}

func (e *Error) keyword() string {
	if e.Code == nil {
		return ""
	}
	return strings.ToUpper(e.Code.Keyword())
}

func saysAny(text string, phrases []string) bool {
	text = strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}
