package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xdg-go/scram"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// secured is a connection with TLS of a version, whose other side plays a script.
func secured(t *testing.T, version uint16, play func(*script)) *tls.Conn {
	server, ours := configs(t, "mail.example.org")
	server.MaxVersion = version
	ours.ServerName = "mail.example.org"
	return tls.Client(pipe(t, func(s *script) {
		s.upgrade(server)
		play(s)
	}), ours)
}

// unbase64 decodes a line from the client.
func (s *script) unbase64() string {
	line := s.line()
	text, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		s.fail("not base64: %q", line)
	}
	return string(text)
}

// scramServer plays a server that knows ada with the password s3cr3t. The login is bound to binding where there is one.
func (s *script) scramServer(hash scram.HashGeneratorFcn, binding scram.ChannelBinding) *scram.ServerConversation {
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
		if user != "ada" {
			return scram.StoredCredentials{}, errors.New("unknown user")
		}
		c, err := hash.NewClient("ada", "s3cr3t", "")
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return c.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt", Iters: 4096})
	})
	require.NoError(s.t, err)
	if binding.Type == scram.ChannelBindingNone {
		return server.NewConversation()
	}
	return server.NewConversationWithChannelBinding(binding)
}

// scram plays a login by SCRAM to its end, and tells whether it succeeded.
func (s *script) scram(name string, conv *scram.ServerConversation) bool {
	tag := s.want("AUTHENTICATE " + name)
	s.send("+ ")
	for range 2 {
		text, err := conv.Step(s.unbase64())
		if err != nil && !strings.HasPrefix(text, "e=") {
			s.send(tag + " NO " + err.Error())
			return false
		}
		s.send("+ " + b64(text))
		if err != nil {
			break
		}
	}
	s.wantLine("")
	if !conv.Valid() {
		s.send(tag + " NO [AUTHENTICATIONFAILED] no")
		return false
	}
	s.send(tag + " OK [CAPABILITY IMAP4rev1 X] in")
	return true
}

var (
	hashes   = map[string]scram.HashGeneratorFcn{"SCRAM-SHA-1": scram.SHA1, "SCRAM-SHA-256": scram.SHA256, "SCRAM-SHA-512": scram.SHA512}
	password = client.Password("ada", "s3cr3t")
)

// Each member of the family, bound to TLS 1.3 by tls-exporter, to TLS 1.2 by tls-unique or by tls-server-end-point, and not bound.
func TestScram(t *testing.T) {
	binding := map[string]func(*tls.ConnectionState) (scram.ChannelBinding, error){
		"tls-exporter":         scram.NewTLSExporterBinding,
		"tls-server-end-point": scram.NewTLSServerEndpointBinding,
		"tls-unique": func(state *tls.ConnectionState) (scram.ChannelBinding, error) {
			return scram.NewTLSUniqueBinding(state.TLSUnique), nil
		},
		"none": func(*tls.ConnectionState) (scram.ChannelBinding, error) { return scram.ChannelBinding{}, nil },
	}
	for name, hash := range hashes {
		for _, test := range []struct {
			binding string
			version uint16
			refuses string // another type of binding, so that the client takes the next
		}{
			{"tls-exporter", tls.VersionTLS13, ""}, {"tls-unique", tls.VersionTLS12, ""},
			{"tls-server-end-point", tls.VersionTLS13, "NO"}, {"tls-server-end-point", tls.VersionTLS12, "NO"},
			{"tls-server-end-point", tls.VersionTLS13, "e="},
			{"none", tls.VersionTLS13, ""}, {"none", tls.VersionTLS12, ""},
		} {
			t.Run(name+" "+test.binding+" "+tls.VersionName(test.version)+" "+test.refuses, func(t *testing.T) {
				nc := secured(t, test.version, func(s *script) {
					state := s.nc.(*tls.Conn).ConnectionState()
					state.PeerCertificates = []*x509.Certificate{s.leaf} // as the client sees it
					b, err := binding[test.binding](&state)
					require.NoError(t, err)
					offer := name
					if b.Type != scram.ChannelBindingNone {
						offer += "-PLUS"
					}
					s.send(rev1("AUTH=PLAIN", "AUTH=CRAM-MD5", "AUTH="+offer))
					if test.refuses != "" {
						tag := s.want("AUTHENTICATE " + offer)
						s.send("+ ")
						assert.NotContains(t, s.unbase64(), test.binding)
						if test.refuses == "e=" {
							s.send("+ " + b64("e=unsupported-channel-binding-type"))
							s.wantLine("")
						}
						s.send(tag + " NO bad protocol / cancel")
					}
					assert.True(t, s.scram(offer, s.scramServer(hash, b)))
					s.end()
				})
				c, err := client.New(t.Context(), nc, client.Options{Auth: password})
				require.NoError(t, err)
				assert.Equal(t, conn.StateAuthenticated, c.State())
				assert.NoError(t, c.Close())
			})
		}
	}
}

// The strongest mechanism that is offered and allowed is taken, and it is the only one.
func TestStrongest(t *testing.T) {
	token := client.Token("ada", func(context.Context) (string, error) { return "s3cr3t", nil })
	tests := []struct {
		name    string
		offered string
		auth    client.Auth
		want    string // command; "": refused here
		err     error
	}{
		{"all", "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-512-PLUS", password, "SCRAM-SHA-512-PLUS", nil},
		{"binding before hash", "SCRAM-SHA-512 SCRAM-SHA-1-PLUS", password, "SCRAM-SHA-1-PLUS", nil},
		{"hash", "SCRAM-SHA-1 SCRAM-SHA-256", password, "SCRAM-SHA-256", nil},
		{"any letter case", "scram-sha-1 plain", password, "SCRAM-SHA-1", nil},
		{"PLAIN in TLS", "CRAM-MD5 LOGIN PLAIN", password, "PLAIN", nil},
		{"CRAM-MD5 by name", "CRAM-MD5 LOGIN PLAIN SCRAM-SHA-256", password.Only(client.MechCramMD5), "CRAM-MD5", nil},
		{"LOGIN by name", "CRAM-MD5 LOGIN PLAIN", password.Only(client.MechLogin), "LOGIN", nil},
		{"what is allowed", "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN", password.Only(client.MechScramSHA256 | client.MechPlain), "SCRAM-SHA-256", nil},
		{"nothing that is allowed", "SCRAM-SHA-256 PLAIN", password.Only(client.MechScramPlus), "", client.ErrNotOffered},
		{"a downgrade", "PLAIN LOGIN CRAM-MD5", password.Only(client.MechScram), "", client.ErrNotOffered},
		{"no downgrade by LOGIN", "", password.Only(client.MechScram), "", client.ErrNotOffered},
		{"as another", "CRAM-MD5 PLAIN", password.As("bob"), "PLAIN", nil},
		{"as another, with nothing to say so", "CRAM-MD5 LOGIN", password.As("bob"), "", client.ErrNotOffered},
		{"LOGINDISABLED", "PLAIN LOGIN LOGINDISABLED", password, "", client.ErrLoginDisabled},
		{"LOGINDISABLED, PLAIN by name", "PLAIN LOGINDISABLED", password.Only(client.MechPlain), "PLAIN", nil},
		{"LOGINDISABLED, LOGIN by name", "PLAIN LOGINDISABLED", password.Only(client.MechLoginCommand), "", client.ErrLoginDisabled},
		{"LOGINDISABLED, and a proof", "PLAIN CRAM-MD5 LOGINDISABLED", password, "CRAM-MD5", nil},
		{"OAUTHBEARER", "XOAUTH2 OAUTHBEARER PLAIN", token, "OAUTHBEARER", nil},
		{"XOAUTH2", "XOAUTH2 PLAIN", token, "XOAUTH2", nil},
		{"XOAUTH2 by name", "XOAUTH2 OAUTHBEARER", token.Only(client.MechXOAuth2), "XOAUTH2", nil},
		{"no token", "PLAIN", token, "", client.ErrNotOffered},
		{"EXTERNAL", "EXTERNAL PLAIN", client.External(), "EXTERNAL", nil},
		{"no EXTERNAL", "PLAIN", client.External(), "", client.ErrNotOffered},
		{"ANONYMOUS", "ANONYMOUS", client.Anonymous("parley"), "ANONYMOUS", nil},
		{"nothing allowed", "PLAIN", password.Only(0), "", nil},
		{"nothing in common", "PLAIN", client.Anonymous("").Only(client.MechPlain), "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			nc := secured(t, tls.VersionTLS13, func(s *script) {
				var caps []string
				for _, m := range strings.Fields(test.offered) {
					if m != "LOGINDISABLED" {
						m = "AUTH=" + m
					}
					caps = append(caps, m)
				}
				s.send(rev1(caps...))
				if test.want != "" {
					tag := s.want("AUTHENTICATE " + test.want)
					s.send(tag + " NO [AUTHENTICATIONFAILED] no")
				}
				s.end() // and nothing else is tried
			})
			_, err := client.New(t.Context(), nc, client.Options{Auth: test.auth})
			require.Error(t, err)
			if test.want != "" {
				assert.ErrorIs(t, err, imap.ErrAuthenticationFailed)
			} else if test.err != nil {
				assert.ErrorIs(t, err, test.err)
			}
		})
	}
}

// Where the connection cannot be bound to, the error says so.
func TestNothingToBindTo(t *testing.T) {
	o := insecure
	o.Auth = password.Only(client.MechScramPlus)
	_, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(rev1("AUTH=SCRAM-SHA-256-PLUS"))
		s.end()
	}), o)
	assert.ErrorIs(t, err, client.ErrNotOffered)
	assert.ErrorContains(t, err, "can be bound")
}

// In clear, where InsecureAuth allows it, CRAM-MD5 comes before what shows the password.
func TestStrongestInClear(t *testing.T) {
	o := insecure
	o.Auth = password
	c, err := client.New(t.Context(), pipe(t, func(s *script) {
		s.send(rev1("AUTH=PLAIN", "AUTH=CRAM-MD5", "AUTH=SCRAM-SHA-256-PLUS"))
		tag := s.want("AUTHENTICATE CRAM-MD5")
		s.send("+ " + b64("<1@example.org>"))
		assert.True(t, strings.HasPrefix(s.unbase64(), "ada "))
		s.send(tag + " OK [CAPABILITY IMAP4rev1] in")
		s.end()
	}), o)
	require.NoError(t, err)
	assert.NoError(t, c.Close())
}

// What the client says about channel binding (RFC 5802 section 6).
func TestChannelBindingFlag(t *testing.T) {
	for _, test := range []struct {
		name, offered string
		auth          client.Auth
		secure        bool
		want          string
	}{
		{"hidden by somebody in between", "SCRAM-SHA-256", password, true, "y,,n=ada,r="},
		{"offered and not allowed", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", password.Only(client.MechScramSHA256), true, "n,,n=ada,r="},
		{"in clear", "SCRAM-SHA-256", password, false, "n,,n=ada,r="},
		{"bound", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", password, true, "p=tls-exporter,,n=ada,r="},
		{"as another", "SCRAM-SHA-256-PLUS", password.As("b,=b"), true, "p=tls-exporter,a=b=2C=3Db,n=ada,r="},
		{"Cyrus", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", password, true, "n,,n=ada,r="},
	} {
		t.Run(test.name, func(t *testing.T) {
			play := func(s *script) {
				greeting := rev1(strings.Fields("AUTH=" + strings.ReplaceAll(test.offered, " ", " AUTH="))...)
				if test.name == "Cyrus" {
					greeting = strings.ReplaceAll(greeting, "hello", "mail Cyrus IMAP 3.6.1 server ready")
				}
				s.send(greeting)
				line := s.line()
				tag, _, _ := strings.Cut(line, " ")
				s.send("+ ")
				assert.True(t, strings.HasPrefix(s.unbase64(), test.want))
				s.send(tag + " NO [UNAVAILABLE] later")
				s.end()
			}
			var nc net.Conn
			o := insecure
			if test.secure {
				nc = secured(t, tls.VersionTLS13, play)
			} else {
				nc = pipe(t, play)
			}
			o.Auth = test.auth
			_, err := client.New(t.Context(), nc, o)
			assert.ErrorIs(t, err, imap.ErrUnavailable)
		})
	}
}

// An initial response of no octets is "=" (RFC 4959 section 3), and without SASL-IR an empty line.
func TestEmptyInitialResponse(t *testing.T) {
	for _, caps := range [][]string{{"AUTH=EXTERNAL", "SASL-IR"}, {"AUTH=EXTERNAL"}} {
		o := insecure
		o.Auth = client.External()
		c, err := client.New(t.Context(), pipe(t, func(s *script) {
			s.send(rev1(caps...))
			if len(caps) == 2 {
				s.send(s.want("AUTHENTICATE EXTERNAL =") + " OK [CAPABILITY IMAP4rev1] in")
			} else {
				tag := s.want("AUTHENTICATE EXTERNAL")
				s.send("+ ")
				s.wantLine("")
				s.send(tag + " OK [CAPABILITY IMAP4rev1] in")
			}
			s.end()
		}), o)
		require.NoError(t, err)
		assert.NoError(t, c.Close())
	}
}
