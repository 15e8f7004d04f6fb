package client

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xdg-go/scram"
)

// scramOf is a mechanism with a nonce that is known.
func scramOf(t *testing.T, name string, hash scram.HashGeneratorFcn, nonce string) *scramMech {
	c, err := hash.NewClient("user", "pencil", "")
	require.NoError(t, err)
	c.WithNonceGenerator(func() string { return nonce })
	return &scramMech{name: name, conv: c.NewConversation()}
}

// made makes the mechanism of an Auth.
func made(t *testing.T, a Auth, m Mechanisms, name string) Mechanism {
	at := attempt{c: &Client{host: "server.example.com", port: "143"}, identity: a.identity}
	at.bit, at.name = m, name
	mech, err := a.begin(context.Background(), at)
	require.NoError(t, err)
	return mech
}

// The examples of the RFCs, challenge by challenge.
func TestMechanismVectors(t *testing.T) {
	token := func(context.Context) (string, error) { return "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", nil }
	tests := []struct {
		name  string
		m     Mechanism
		first string
		turns [][2]string // challenge, response
	}{
		{"RFC 5802 section 5", scramOf(t, "SCRAM-SHA-1", scram.SHA1, "fyko+d2lbbFgONRv9qkxdawL"),
			"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", [][2]string{
				{"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
					"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="},
				{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", ""},
			}},
		{"RFC 7677 section 3", scramOf(t, "SCRAM-SHA-256", scram.SHA256, "rOprNGfwEbeRWgbNEkqO"),
			"n,,n=user,r=rOprNGfwEbeRWgbNEkqO", [][2]string{
				{"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
					"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="},
				{"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", ""},
			}},
		{"RFC 4616 section 4", made(t, Password("tim", "tanstaaftanstaaf"), MechPlain, "PLAIN"), "\x00tim\x00tanstaaftanstaaf", nil},
		{"RFC 4616 section 4, as another", made(t, Password("Kurt", "xipj3plmq").As("Ursel"), MechPlain, "PLAIN"),
			"Ursel\x00Kurt\x00xipj3plmq", nil},
		{"RFC 2195 section 2", made(t, Password("tim", "tanstaaftanstaaf"), MechCramMD5, "CRAM-MD5"), "-",
			[][2]string{{"<1896.697170952@postoffice.reston.mci.net>", "tim b913a602c7eda7a495b4e6e7334d3890"}}},
		{"LOGIN", made(t, Password("tim", "pass"), MechLogin, "LOGIN"), "-",
			[][2]string{{"User Name\x00", "tim"}, {"Password\x00", "pass"}}},
		{"RFC 4505 section 4", made(t, Anonymous("sirhc"), MechAnonymous, "ANONYMOUS"), "sirhc", nil},
		{"RFC 4422 appendix A", made(t, External(), MechExternal, "EXTERNAL"), "", nil},
		{"RFC 4422 appendix A, as another", made(t, External().As("fred@example.com"), MechExternal, "EXTERNAL"), "fred@example.com", nil},
		{"RFC 7628 section 4.1", made(t, Token("user@example.com", token), MechOAuthBearer, "OAUTHBEARER"),
			unbase64(t, "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI"+
				"HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"), nil},
		{"RFC 7628 section 4.3", made(t, Token("user@example.com", token), MechOAuthBearer, "OAUTHBEARER"), "*",
			[][2]string{{`{"status":"invalid_token"}`, "\x01"}}},
		{"XOAUTH2", made(t, Token("user@example.com", token), MechXOAuth2, "XOAUTH2"),
			"user=user@example.com\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01",
			[][2]string{{`{"status":"400"}`, ""}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, ir, err := test.m.Start()
			require.NoError(t, err)
			switch test.first {
			case "-":
				assert.Nil(t, ir)
			case "*":
			default:
				assert.Equal(t, test.first, string(ir))
				assert.NotNil(t, ir)
			}
			for _, turn := range test.turns {
				response, err := test.m.Next([]byte(turn[0]))
				require.NoError(t, err)
				assert.Equal(t, turn[1], string(response))
			}
			if v, ok := test.m.(verifier); ok && !strings.Contains(test.name, "4.3") && test.name != "XOAUTH2" {
				assert.NoError(t, v.done(true))
			}
			for range 2 { // the first may be a complaint about a token
				_, err = test.m.Next([]byte("one more"))
			}
			assert.Error(t, err, "no mechanism has challenges without end")
		})
	}
}

func unbase64(t *testing.T, s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	require.NoError(t, err)
	return string(b)
}

// What a server says instead of what it should, and what the client answers: an error sends "*".
func TestScramAttacks(t *testing.T) {
	const (
		nonce = "fyko+d2lbbFgONRv9qkxdawL"
		first = "r=" + nonce + "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
	)
	tests := []struct {
		name       string
		challenges []string
		want       string // of the last
	}{
		{"nothing", []string{""}, "malformed"},
		{"another nonce", []string{"r=xxx,s=QSXCR+Q6sek8bf92,i=4096"}, "nonce"},
		{"a shorter nonce", []string{"r=" + nonce[:10] + ",s=QSXCR+Q6sek8bf92,i=4096"}, "nonce"},
		{"too few rounds", []string{"r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=4095"}, "iteration count"},
		{"no rounds", []string{"r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=0"}, "iteration count"},
		{"less than none", []string{"r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=-1"}, "iteration count"},
		{"too many rounds", []string{"r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=1000001"}, "iteration count"},
		{"2^31-1 rounds", []string{"r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=2147483647"}, "iteration count"},
		{"2^64 rounds", []string{"r=" + nonce + "x,s=QSXCR+Q6sek8bf92,i=18446744073709551616"}, "iteration count"},
		{"a mandatory extension", []string{"m=x," + first}, "malformed"},
		{"no salt", []string{"r=" + nonce + "x,i=4096"}, "malformed"},
		{"a salt that is not base64", []string{"r=" + nonce + "x,s=!,i=4096"}, "decoding"},
		{"fields out of order", []string{"s=QSXCR+Q6sek8bf92,r=" + nonce + "x,i=4096"}, "malformed"},
		{"a proof that is wrong", []string{first, "v=rmF9pqV8S7suAoZWja4dJRkFsKx="}, "server"},
		{"a proof that is empty", []string{first, "v="}, "server"},
		{"no proof", []string{first, ""}, "malformed"},
		{"an escape in the place of a proof", []string{first, "\x1b[2J"}, "malformed"},
		{"more after the proof", []string{first, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", ""}, "more challenges"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := scramOf(t, "SCRAM-SHA-1", scram.SHA1, nonce)
			_, _, err := m.Start()
			require.NoError(t, err)
			for i, c := range test.challenges {
				var response []byte
				response, err = m.Next([]byte(c))
				if i < len(test.challenges)-1 {
					require.NoError(t, err)
					continue
				}
				assert.Nil(t, response)
			}
			assert.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "\x1b")
			if test.name != "more after the proof" {
				assert.Error(t, m.done(true))
			}
		})
	}
	t.Run("an error in the place of the proof", func(t *testing.T) {
		m := scramOf(t, "SCRAM-SHA-1", scram.SHA1, nonce)
		_, _, err := m.Start()
		require.NoError(t, err)
		assert.Error(t, m.done(true), "OK before any challenge")
		assert.NoError(t, m.done(false))
		_, err = m.Next([]byte(first))
		require.NoError(t, err)
		assert.Error(t, m.done(true), "OK without a proof")
		response, err := m.Next([]byte("e=invalid-proof\x1b[2J"))
		require.NoError(t, err)
		assert.Empty(t, response)
		assert.NotNil(t, response, "an empty answer, so that the server can say NO")
		assert.EqualError(t, m.done(false), `SCRAM-SHA-1: the server says invalid-proof\x1b[2J`)
		assert.Error(t, m.done(true))
	})
}

// What cannot be sent is refused before anything is.
func TestMechanismsRefuse(t *testing.T) {
	token := func(text string, err error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return text, err }
	}
	offline := errors.New("offline")
	for name, test := range map[string]struct {
		a Auth
		m mechanism
	}{
		"SCRAM, a password that SASLprep forbids": {Password("ada", "s3cr3t\u0007"), mechanism{MechScramSHA256, "SCRAM-SHA-256"}},
		"PLAIN, NUL in the password":              {Password("ada", "s3cr3t\x00"), mechanism{MechPlain, "PLAIN"}},
		"PLAIN, NUL in the identity":              {Password("ada", "s3cr3t").As("\x00"), mechanism{MechPlain, "PLAIN"}},
		"EXTERNAL, NUL in the identity":           {External().As("\x00"), mechanism{MechExternal, "EXTERNAL"}},
		"ANONYMOUS, a long trace":                 {Anonymous(strings.Repeat("ä", 256)), mechanism{MechAnonymous, "ANONYMOUS"}},
		"no token":                                {Token("ada", token("", nil)), mechanism{MechOAuthBearer, "OAUTHBEARER"}},
		"a token with a line":                     {Token("ada", token("s3cr3t\r\n", nil)), mechanism{MechXOAuth2, "XOAUTH2"}},
		"a token with ^A":                         {Token("ada", token("s3cr3t\x01user=bob", nil)), mechanism{MechOAuthBearer, "OAUTHBEARER"}},
		"a user with ^A":                          {Token("ada\x01auth=x", token("s3cr3t", nil)), mechanism{MechXOAuth2, "XOAUTH2"}},
		"a token that is not to be had":           {Token("ada", token("", offline)), mechanism{MechXOAuth2, "XOAUTH2"}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := test.a.begin(t.Context(), attempt{mechanism: test.m, c: &Client{}, identity: test.a.identity})
			if err == nil {
				_, _, err = m.Start()
			}
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "s3cr3t")
			assert.Equal(t, strings.Contains(name, "not to be had"), errors.Is(err, offline))
		})
	}
}
