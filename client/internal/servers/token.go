package servers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// tokenKey is where Dovecot looks for the key of tokens that name none: by who issued them, the algorithm and the key's name.
const tokenKey = "keys/default/HS256/default"

// writeTokenKey makes the key that tokens are signed with.
func (b *build) writeTokenKey() error {
	if err := b.mkdir(filepath.Dir(tokenKey)); err != nil {
		return err
	}
	key := base64.StdEncoding.AppendEncode(nil, []byte(rand.Text()+rand.Text()))
	return os.WriteFile(b.path(tokenKey), key, 0o644)
}

// Token makes an access token for a user, a JSON Web Token (RFC 7519) that is valid for so long; less than 0 is one that has expired.
// Dovecot alone knows tokens.
func (s *Server) Token(user string, valid time.Duration) (string, error) {
	text, err := os.ReadFile(filepath.Join(s.Dir, tokenKey))
	if err != nil {
		return "", fmt.Errorf("the key of tokens: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return "", fmt.Errorf("the key of tokens: %w", err)
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"sub": user, "iat": now.Add(-time.Hour).Unix(), "nbf": now.Add(-time.Hour).Unix(), "exp": now.Add(valid).Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(token))
	return token + "." + encode(mac.Sum(nil)), nil
}
