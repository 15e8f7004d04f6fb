package client_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// realMechanisms are those that the servers have as they are configured here, besides the command LOGIN.
var realMechanisms = map[servers.Kind]client.Mechanisms{
	servers.KindDovecot: client.MechScramSHA256 | client.MechScramSHA1 | client.MechPlain | client.MechLogin | client.MechCramMD5,
	servers.KindCyrus: client.MechScramSHA512 | client.MechScramSHA256 | client.MechScramSHA1 | client.MechScramPlus | client.MechPlain |
		client.MechLogin | client.MechCramMD5,
	servers.KindCourier: client.MechPlain | client.MechCramMD5,
}

// Each mechanism for passwords, with the right one, with a wrong one, and after the wrong one with the right one.
func realPasswords(t *testing.T, r real) {
	for m := client.MechScramSHA512Plus; m <= client.MechCramMD5; m <<= 1 {
		if realMechanisms[r.Kind]&m == 0 && m != client.MechLoginCommand {
			continue
		}
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel() // Courier takes 5 s to say no
			cfg := r.TLSConfig()
			if m&client.MechScramPlus != 0 {
				cfg.MaxVersion = tls.VersionTLS12 // Cyrus 3.6 knows no binding to TLS 1.3
			}
			c, err := client.Dial(t.Context(), "imap://"+r.Addr, client.Options{TLS: cfg})
			require.NoError(t, err)
			defer c.Close()
			err = c.Authenticate(t.Context(), client.Password(r.User, "wrong").Only(m))
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, imap.RecourseLogin, e.Recourse(), "%v", err)
			require.NoError(t, c.Authenticate(t.Context(), client.Password(r.User, r.Password).Only(m)))
			_, err = c.Select(t.Context(), "INBOX")
			assert.NoError(t, err)
			assert.NoError(t, c.Logout(t.Context()))
		})
	}
	t.Run("the strongest", func(t *testing.T) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			cfg := r.TLSConfig()
			cfg.MaxVersion, cfg.MinVersion = version, version
			c, err := client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: cfg, Auth: client.Password(r.User, r.Password)})
			require.NoError(t, err, tls.VersionName(version))
			assert.NoError(t, c.Logout(t.Context()))
		}
	})
	t.Run("not below what is allowed", func(t *testing.T) {
		missing := (client.MechScram | client.MechLogin) &^ realMechanisms[r.Kind]
		if missing == 0 {
			missing = client.MechOAuthBearer
		}
		auth := client.Password(r.User, r.Password).Only(missing)
		_, err := client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: r.TLSConfig(), Auth: auth})
		assert.Error(t, err)
	})
}

func realAnonymous(t *testing.T, r real) {
	c, err := client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: r.TLSConfig(), Auth: client.Anonymous("parley")})
	require.NoError(t, err)
	if c.State() != conn.StateAuthenticated {
		require.ErrorContains(t, c.Err(), "assertion failed") // of Cyrus 3.6: at LOGOUT always, and sometimes at once
	}
	assert.NoError(t, c.Close())
}

// An administrator reads somebody else's mail.
func realAsAnother(t *testing.T, r real) {
	for _, m := range []client.Mechanisms{client.MechScramSHA256, client.MechPlain} {
		auth := client.Password("cyrus", "admin").As(r.User).Only(m)
		c, err := client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: r.TLSConfig(), Auth: auth})
		require.NoError(t, err, m)
		_, err = c.Select(t.Context(), "INBOX")
		assert.NoError(t, err)
		assert.NoError(t, c.Logout(t.Context()))
		_, err = client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: r.TLSConfig(),
			Auth: client.Password(r.User, r.Password).As("cyrus").Only(m)})
		assert.Error(t, err)
	}
}

// Tokens of OAuth, valid and not, and a client certificate.
func realTokens(t *testing.T, r real) {
	for m, name := range map[client.Mechanisms]string{client.MechOAuthBearer: "OAUTHBEARER", client.MechXOAuth2: "XOAUTH2"} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			auth := client.Token(r.User, func(context.Context) (string, error) {
				asked++
				return r.Token(r.User, time.Hour)
			}).Only(m)
			for range 2 {
				c, err := client.Dial(t.Context(), "imap://"+r.Addr, client.Options{TLS: r.TLSConfig(), Auth: auth})
				require.NoError(t, err)
				_, err = c.Select(t.Context(), "INBOX")
				assert.NoError(t, err)
				assert.NoError(t, c.Logout(t.Context()))
			}
			assert.Equal(t, 2, asked, "once for each connection")

			var trace record
			var token string
			expired := client.Token(r.User, func(context.Context) (_ string, err error) {
				token, err = r.Token(r.User, -time.Minute)
				return token, err
			}).Only(m)
			c, err := client.Dial(t.Context(), "imap://"+r.Addr, client.Options{TLS: r.TLSConfig(), Trace: &trace})
			require.NoError(t, err)
			defer c.Close()
			err = c.Authenticate(t.Context(), expired)
			var refused *client.OAuthError
			require.ErrorAs(t, err, &refused)
			assert.NotEmpty(t, refused.Status)
			assert.NotEmpty(t, refused.JSON)
			var e *imap.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, imap.RecourseLogin, e.Recourse())
			assert.NotContains(t, trace.String()+fmt.Sprintf("%+v", e), token)
			require.NoError(t, c.Authenticate(t.Context(), auth), "the session lives")
			assert.NoError(t, c.Logout(t.Context()))
		})
	}
	t.Run("EXTERNAL", func(t *testing.T) {
		cfg := r.TLSConfig()
		cfg.Certificates = []tls.Certificate{r.ClientCertificate()}
		c, err := client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: cfg, Auth: client.External()})
		require.NoError(t, err)
		_, err = c.Select(t.Context(), "INBOX")
		assert.NoError(t, err)
		assert.NoError(t, c.Logout(t.Context()))
		_, err = client.Dial(t.Context(), "imaps://"+r.TLSAddr, client.Options{TLS: r.TLSConfig(), Auth: client.External()})
		assert.Error(t, err, "without the certificate")
	})
}
