package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
)

// A witness collects all that a session shows, and then looks for what it must not show.
type witness struct {
	t       *testing.T
	shown   bytes.Buffer
	secrets []string
}

// show prints a value in every way that a program might.
func (w *witness) show(what string, v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&w.shown, what+" "+verb+": "+verb+"\n", v)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&w.shown, nil), slog.NewJSONHandler(&w.shown, nil)} {
		slog.New(h).Info(what, "value", v)
	}
}

// secret adds a secret, in each form that it takes on the wire and in dumps.
func (w *witness) secret(text string) {
	b := []byte(text)
	w.secrets = append(w.secrets, text, base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b), hex.EncodeToString(b),
		strings.Trim(fmt.Sprint(b), "[]"))
}

func (w *witness) check() {
	shown := w.shown.String()
	assert.NotEmpty(w.t, shown)
	for _, s := range w.secrets {
		if at := strings.Index(shown, s); at >= 0 {
			line := strings.LastIndex(shown[:at], "\n") + 1
			w.t.Errorf("%q is shown: %s", s, shown[line:min(line+60, at)])
		}
	}
}

// loginMechanism plays the server's side of a login: after it has taken the credentials, it accepts or refuses them.
func (s *script) loginMechanism(w *witness, accept bool) {
	line := s.line()
	tag, command, _ := strings.Cut(line, " ")
	words := strings.Fields(command)
	answer := func() string {
		text := s.line()
		if text != "*" {
			w.secrets = append(w.secrets, text)
		}
		return text
	}
	answers := 0
	switch {
	case words[0] == "LOGIN":
	case strings.HasPrefix(words[1], "SCRAM"):
		first := words[len(words)-1]
		if len(words) < 3 {
			s.send("+ ")
			first = answer()
		}
		b, err := base64.StdEncoding.DecodeString(first)
		require.NoError(s.t, err)
		_, nonce, _ := strings.Cut(string(b), "r=")
		s.send("+ " + b64("r="+nonce+"x,s="+b64("salt")+",i=4096"))
		_ = answer()
		s.send("+ " + b64("e=invalid-proof"))
		s.wantLine("")
		accept = false
	case words[1] == "LOGIN":
		answers = 2
	case len(words) < 3:
		answers = 1
	default:
		w.secrets = append(w.secrets, words[2])
	}
	for range answers {
		s.send("+ " + b64("challenge"))
		_ = answer()
	}
	if strings.Contains(command, "AUTH2") || strings.Contains(command, "OAUTH") {
		if !accept {
			s.send("+ " + b64(`{"status":"invalid_token"}`))
			s.line()
		}
	}
	if accept {
		s.send(tag + " OK [CAPABILITY IMAP4rev1] in")
	} else {
		s.send(tag + " NO [AUTHENTICATIONFAILED] no")
	}
}

// TestNoSecretIsShown runs a session with each mechanism, accepted and refused, with SASL-IR and without, with passwords of each form
// on the wire, and looks for the secrets in all that it shows: logs, traces, errors, prints of all that a program holds.
func TestNoSecretIsShown(t *testing.T) {
	mechanisms := []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5", "OAUTHBEARER", "XOAUTH2", "the command LOGIN",
		"SASL PLAIN"}
	bits := map[string]client.Mechanisms{"SCRAM-SHA-256-PLUS": client.MechScramSHA256Plus, "SCRAM-SHA-256": client.MechScramSHA256, "SCRAM-SHA-1": client.MechScramSHA1,
		"PLAIN": client.MechPlain, "LOGIN": client.MechLogin, "CRAM-MD5": client.MechCramMD5, "OAUTHBEARER": client.MechOAuthBearer,
		"XOAUTH2": client.MechXOAuth2, "the command LOGIN": client.MechLoginCommand}
	for _, name := range mechanisms {
		for _, ir := range []string{"", "SASL-IR"} {
			for _, accept := range []bool{true, false} {
				t.Run(fmt.Sprint(name, " ", ir, " ", accept), func(t *testing.T) {
					const secret = "s3cr3t-pass\"word"
					w := &witness{t: t}
					w.secret(secret)
					w.secret(strings.ReplaceAll(secret, `"`, `\"`))
					token := strings.ReplaceAll(secret, `"`, "")
					w.secret(token)
					w.secret("\x00ada\x00" + secret)
					w.secret(secret[:8]) // a part of it is too much as well
					var auth client.Auth
					switch {
					case name == "SASL PLAIN":
						m := client.Plain("", "ada", secret)
						w.show("mechanism", m)
						auth = client.SASL(m)
					case bits[name]&(client.MechOAuthBearer|client.MechXOAuth2) != 0:
						auth = client.Token("ada", func(context.Context) (string, error) { return token, nil })
					default:
						auth = client.Password("ada", secret).Only(bits[name])
					}
					var trace record
					o := client.Options{Auth: auth, Trace: &trace, Timeouts: client.Timeouts{Dial: -1}, Progress: func(client.Progress) {},
						Logger: slog.New(slog.NewTextHandler(&trace, &slog.HandlerOptions{Level: slog.LevelDebug}))}
					w.show("auth", auth)
					w.show("options", o)
					w.show("options", &o)
					nc := secured(t, tls.VersionTLS13, func(s *script) {
						s.send(rev1(strings.TrimSpace("AUTH=" + strings.TrimPrefix(name, "SASL ") + " " + ir)))
						s.loginMechanism(w, accept)
						s.hangUp()
					})
					c, err := client.New(t.Context(), nc, o)
					w.show("error", err)
					var e *imap.Error
					if errors.As(err, &e) {
						w.show("*imap.Error", e)
						w.show("imap.Error", *e)
						w.show("trace of the error", e.Trace)
					}
					var refused *client.OAuthError
					if errors.As(err, &refused) {
						w.show("*OAuthError", refused)
					}
					if !strings.HasPrefix(name, "SCRAM") {
						assert.Equal(t, accept, err == nil, "%v", err)
					}
					if c != nil {
						w.show("client", c)
						w.show("capabilities", c.Caps())
						pending := client.Start(t.Context(), c, imap.Login{User: "ada", Password: secret})
						w.show("*Pending", pending)
						w.show("Pending", *pending)
						require.NoError(t, c.Close())
						w.show("why it ended", c.Err())
					}
					assert.Contains(t, trace.String(), "***")
					w.shown.WriteString(trace.String())
					w.check()
				})
			}
		}
	}
}

// Commands print without what the grammar calls secret, and with the rest.
func TestCommandsShowNoSecret(t *testing.T) {
	w := &witness{t: t}
	w.secret("s3cr3t-password")
	login := imap.Login{User: "ada", Password: "s3cr3t-password"}
	authenticate := imap.Authenticate{Mechanism: "PLAIN", Initial: []byte("s3cr3t-password")}
	w.show("LOGIN", login)
	w.show("LOGIN", &login)
	w.show("LOGIN", []any{login, struct{ C imap.Login }{login}})
	w.show("AUTHENTICATE", authenticate)
	w.show("AUTHENTICATE", &authenticate)
	raw := client.RawCommand{Name: "XFOO", Args: []client.RawArg{client.RawAtom("ada"), client.RawList{client.RawSecret("s3cr3t-password")}}}
	w.show("raw", raw)
	w.show("raw", &raw)
	w.show("raw", client.RawSecret("s3cr3t-password"))
	w.check()
	assert.Equal(t, "{Name:XFOO Args:[ada [***]]}", fmt.Sprintf("%+v", raw))
	assert.Equal(t, "{User:ada Password:***}", fmt.Sprintf("%+v", login))
	assert.Equal(t, "{PLAIN [42 42 42] false}", fmt.Sprint(authenticate))
	assert.Equal(t, "s3cr3t-password", login.Password, "only the print is without it")
}
