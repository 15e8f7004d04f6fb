package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// tlsConfig gives the configuration for a server: with its name set, and TLS 1.2 or better (RFC 8997).
func tlsConfig(base *tls.Config, host string) *tls.Config {
	cfg := new(tls.Config)
	if base != nil {
		cfg = base.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = host
	}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	return cfg
}

// handshake begins TLS on a connection.
func handshake(ctx context.Context, tc *tls.Conn, limit time.Duration) error {
	ctx, cancel := within(ctx, limit, handshakeTimeout, "TLS handshake")
	defer cancel()
	err := tc.HandshakeContext(ctx)
	switch cause := context.Cause(ctx); {
	case err == nil:
		return nil
	case cause != nil && cause != err:
		return fmt.Errorf("TLS handshake: %w: %w", err, cause)
	}
	return fmt.Errorf("TLS handshake: %w", err)
}

// StartTLS begins TLS on a connection in clear (RFC 3501 section 6.2.1), which Dial and New do by themselves unless InsecureNoTLS is
// set. The configuration needs a ServerName. What the server said before is forgotten. If the server refuses, the connection is still
// in clear; if the handshake fails, it is closed.
func (c *Client) StartTLS(ctx context.Context, cfg *tls.Config) error {
	if c.isSecure() {
		return errors.New("STARTTLS: the connection is secure already")
	}
	if err := c.learn(ctx); err != nil {
		return err
	}
	if !c.Caps().Has(imap.CapStarttls) {
		return fmt.Errorf("STARTTLS: %w", ErrNotOffered)
	}
	cfg = tlsConfig(cfg, "")
	upgrade := func(ctx context.Context, nc net.Conn) (net.Conn, error) {
		tc := tls.Client(nc, cfg)
		if err := handshake(ctx, tc, c.handshake); err != nil {
			return nil, err
		}
		c.secured(tc)
		return tc, nil
	}
	p := startWith(ctx, c, imap.Starttls{}, conn.CallOptions{Upgrade: upgrade})
	if _, err := p.Wait(ctx); err != nil {
		return err
	}
	return c.learn(ctx)
}

func (c *Client) secured(tc *tls.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secure, c.tls = true, tc
}

// demandTLS makes a connection in clear one with TLS, or fails.
func (c *Client) demandTLS(ctx context.Context, cfg *tls.Config) error {
	if c.State() != conn.StateNotAuthenticated {
		if err := c.Err(); err != nil {
			return err // it has ended already
		}
		// PREAUTH: STARTTLS is not allowed any more, and whoever is on the way may have said so for that reason.
		return fmt.Errorf("the server greeted with PREAUTH in clear: %w", ErrTLSRequired)
	}
	if err := c.StartTLS(ctx, cfg); err != nil {
		return fmt.Errorf("%w: %w", ErrTLSRequired, err)
	}
	return nil
}
