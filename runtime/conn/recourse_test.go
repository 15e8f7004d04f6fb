package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRecourse(t *testing.T) {
	said := func(typ ConditionType, keyword, text string) *Error {
		e := &Error{Condition: Condition{Type: typ, Text: text}, Command: "X"}
		if keyword != "" {
			e.Code = code(keyword)
		}
		return e
	}
	login := func(e *Error) *Error {
		e.login = true
		return e
	}
	because := func(err error) *Error { return &Error{cause: err} }
	const backoff = "Request is throttled. Suggested Backoff Time: 92415 milliseconds"
	tests := []struct {
		e         *Error
		want      Recourse
		throttled bool
		after     time.Duration
	}{
		{said(ConditionNO, "UNAVAILABLE", "later"), RecourseRetry, false, 0},
		{said(ConditionNO, "unavailable", "later"), RecourseRetry, false, 0},
		{said(ConditionNO, "INUSE", "locked"), RecourseRetry, false, 0},
		{said(ConditionNO, "SERVERBUG", "oops"), RecourseRetry, false, 0},
		{said(ConditionBAD, "SERVERBUG", "oops"), RecourseRetry, false, 0},
		{said(ConditionNO, "AUTHENTICATIONFAILED", "no"), RecourseLogin, false, 0},
		{said(ConditionNO, "EXPIRED", "old"), RecourseLogin, false, 0},
		{said(ConditionNO, "WEBALERT https://example.org", "visit"), RecourseLogin, false, 0},
		{login(said(ConditionNO, "", "LOGIN failed")), RecourseLogin, false, 0},
		{login(said(ConditionBAD, "", "what?")), RecourseNone, false, 0},
		{login(said(ConditionNO, "CONTACTADMIN", "call us")), RecourseNone, false, 0},
		{login(said(ConditionNO, "PRIVACYREQUIRED", "TLS")), RecourseNone, false, 0},
		{login(said(ConditionNO, "LIMIT", "Maximum number of connections")), RecourseRetry, false, 0},
		{said(ConditionNO, "LIMIT", "At most 32 flags"), RecourseNone, false, 0},
		{said(ConditionNO, "LIMIT", "UID FETCH Rate limit hit"), RecourseRetry, true, 0},
		{said(ConditionNO, "", "CREATE failed"), RecourseNone, false, 0},
		{said(ConditionNO, "NOPERM", "no"), RecourseNone, false, 0},
		{said(ConditionNO, "CANNOT", "never"), RecourseNone, false, 0},
		{said(ConditionNO, "OVERQUOTA", "full"), RecourseNone, false, 0},
		{said(ConditionNO, "OVERQUOTA", "Account exceeded command or bandwidth limits. (Failure)"), RecourseRetry, true, 0},
		{said(ConditionNO, "ALERT", "Too many simultaneous connections. (Failure)"), RecourseRetry, true, 0},
		{said(ConditionNO, "THROTTLED", "slowly"), RecourseRetry, true, 0},
		{said(ConditionBAD, "", backoff), RecourseRetry, true, 92415 * time.Millisecond},
		{said(ConditionBYE, "", backoff), RecourseReconnect, true, 92415 * time.Millisecond},
		{said(ConditionBAD, "", "Suggested Backoff Time: 5 minutes"), RecourseRetry, true, 5 * time.Minute},
		{said(ConditionBAD, "", "Backoff time: soon"), RecourseRetry, true, 0},
		{said(ConditionBAD, "", "Backoff time:"), RecourseRetry, true, 0},
		{said(ConditionBAD, "", "Backoff time: -5 seconds"), RecourseRetry, true, 0},
		{said(ConditionBAD, "", "Backoff time: 99999999999999999999 milliseconds"), RecourseRetry, true, 0},
		{said(ConditionBAD, "", "User is authenticated but not connected."), RecourseReconnect, false, 0},
		{said(ConditionBAD, "", "syntax"), RecourseNone, false, 0},
		{said(ConditionBYE, "", "Autologout; idle for too long"), RecourseReconnect, false, 0},
		{said(ConditionBYE, "UNAVAILABLE", "going down"), RecourseReconnect, false, 0},
		{because(lost("read", io.EOF)), RecourseReconnect, false, 0},
		{because(ErrClosed), RecourseReconnect, false, 0},
		{because(fmt.Errorf("%w of APPEND ended early", ErrSource)), RecourseReconnect, false, 0},
		{because(violation("nonsense")), RecourseNone, false, 0},
		{because(fmt.Errorf("%w: X", ErrState)), RecourseNone, false, 0},
		{because(context.Canceled), RecourseNone, false, 0},
		{new(Error), RecourseNone, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.e.Error(), func(t *testing.T) {
			assert.Equal(t, tt.want.String(), tt.e.Recourse().String())
			assert.Equal(t, tt.throttled, errors.Is(tt.e, ErrThrottled))
			assert.Equal(t, tt.after, tt.e.RetryAfter())
			assert.NotErrorIs(t, tt.e, io.EOF)
		})
	}
}

func TestCodeError(t *testing.T) {
	var err error = &Error{Condition: Condition{Type: ConditionNO, Code: code("BADCHARSET (UTF-8)")}, Command: "SEARCH"}
	err = fmt.Errorf("look for it: %w", err)
	assert.ErrorIs(t, err, CodeError("BADCHARSET"))
	assert.ErrorIs(t, err, CodeError("badcharset"))
	assert.NotErrorIs(t, err, CodeError("PARSE"))
	assert.NotErrorIs(t, &Error{}, CodeError(""))
	assert.Equal(t, `response code X\x1b`, CodeError("X\x1b").Error())
}

// The trace is printed by %+v alone, and text of the server never moves the cursor.
func TestErrorFormat(t *testing.T) {
	e := &Error{Condition: Condition{Type: ConditionNO, Code: code("X\x1b[2J"), Text: "no\r\n* OK \x1b]0;owned\a\u202e"}, Command: "X",
		Trace: []string{"C: a X", "S: a NO"}}
	const want = `imap: X: NO [X\x1b[2J] no\r\n* OK \x1b]0;owned\x07\u{202e}`
	for _, verb := range []string{"%v", "%s", "%#v"} {
		assert.Equal(t, want, fmt.Sprintf(verb, e), verb)
	}
	assert.Equal(t, want+"\n\tC: a X\n\tS: a NO", fmt.Sprintf("%+v", e))
	assert.Equal(t, `"`+strings.ReplaceAll(want, `\`, `\\`)+`"`, fmt.Sprintf("%q", e))
	assert.NotContains(t, fmt.Sprintf("%v %+v %s", *e, *e, *e), "\x1b")
	assert.Equal(t, `NO [X\x1b[2J] no\r\n* OK \x1b]0;owned\x07\u{202e}`, fmt.Sprint(e.Condition))
	assert.Empty(t, Condition{}.String())
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "err", e)
	assert.NotContains(t, log.String(), "C: a X", "one line is enough for a log")
	assert.NotContains(t, log.String(), "\x1b")
}
