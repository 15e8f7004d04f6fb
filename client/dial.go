package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// Dial connects to a server and logs in: imaps://host begins with TLS on port 993, imap://host with STARTTLS on port 143; another
// port may be given. It fails where TLS is not to be had. A user and password in the URL are used as Password if Options.Auth is
// not set. The context bounds Dial, not the connection. The error never holds the URL.
func Dial(ctx context.Context, address string, o Options) (*Client, error) {
	t, err := parseURL(address)
	if err != nil {
		return nil, err
	}
	if o.Auth.isZero() {
		if o.Auth = t.auth; t.user && o.Auth.isZero() {
			return nil, errors.New("address: a user without a password needs Options.Auth")
		}
	}
	ctx, cancel := o.Timeouts.toConnect(ctx)
	defer cancel()
	var d Dialer = new(net.Dialer)
	if o.Dialer != nil {
		d = o.Dialer
	}
	nc, err := d.DialContext(ctx, "tcp", net.JoinHostPort(t.host, t.port))
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if t.implicit {
		tc := tls.Client(conn.NewBase(nc), tlsConfig(o.TLS, t.host))
		if err := handshake(ctx, tc, o.Timeouts.Handshake); err != nil {
			return nil, errors.Join(err, nc.Close())
		}
		nc = tc
	}
	return begin(ctx, nc, t, o)
}

// New makes a client of a connection that is open already, or of another stream such as a channel of ssh, and logs in. It takes the
// transport over, and closes it when it fails; Close of the transport must end its Read and Write. A *tls.Conn is used as it is, after
// its handshake; any other begins with STARTTLS, for which Options.TLS must hold a ServerName, unless Options.InsecureNoTLS is set. The
// context bounds New, not the connection.
func New(ctx context.Context, transport io.ReadWriteCloser, o Options) (*Client, error) {
	ctx, cancel := o.Timeouts.toConnect(ctx)
	defer cancel()
	if tc, ok := transport.(*tls.Conn); ok {
		if err := handshake(ctx, tc, o.Timeouts.Handshake); err != nil {
			return nil, errors.Join(err, tc.Close())
		}
	}
	return begin(ctx, transport, target{}, o)
}

// begin makes a client of a transport: greeting, TLS, login. The target is zero if nobody dialled.
func begin(ctx context.Context, transport io.ReadWriteCloser, t target, o Options) (*Client, error) {
	tc, secure := transport.(*tls.Conn)
	c, err := open(ctx, transport, secure, o)
	if err != nil {
		return nil, err
	}
	c.host, c.port = t.host, t.port
	if secure {
		c.secured(tc)
	} else if !o.InsecureNoTLS {
		if err := c.demandTLS(ctx, tlsConfig(o.TLS, t.host)); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if err := c.logIn(ctx, o); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// beginSecure makes a client of a transport that needs no TLS.
func beginSecure(ctx context.Context, transport io.ReadWriteCloser, o Options) (*Client, error) {
	c, err := open(ctx, transport, true, o)
	if err != nil {
		return nil, err
	}
	if err := c.logIn(ctx, o); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// logIn is the rest of making a client, once the connection is secure or need not be.
func (c *Client) logIn(ctx context.Context, o Options) error {
	if err := c.learn(ctx); err != nil {
		return err
	}
	if c.State() == conn.StateNotAuthenticated {
		if err := c.Authenticate(ctx, o.Auth); err != nil {
			return err
		}
	}
	c.identify(ctx)
	if o.Compress && c.Caps().Has(imap.CapCompressDeflate) {
		if err := c.Compress(ctx); err != nil && !refused(err) {
			return err
		}
	}
	return nil
}

// refused tells whether the server said NO or BAD, so that the connection goes on as it was.
func refused(err error) bool {
	var e *conn.Error
	return errors.As(err, &e) && (e.Type == conn.ConditionNO || e.Type == conn.ConditionBAD)
}

// A target is what a URL says.
type target struct {
	host, port string
	implicit   bool // TLS from the first octet
	user       bool // somebody is named
	auth       Auth
}

func parseURL(address string) (target, error) {
	u, err := url.Parse(address)
	if err != nil {
		return target{}, errors.New("address: not a URL") // what url.Parse says may hold a password
	}
	t := target{host: u.Hostname(), port: u.Port()}
	defaultPort := "143"
	switch u.Scheme {
	case "imap":
	case "imaps":
		t.implicit, defaultPort = true, "993"
	default:
		return target{}, errors.New("address: want imap://host or imaps://host")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return target{}, errors.New("address: want nothing after the host and port")
	}
	if t.port == "" {
		t.port = defaultPort
	}
	if t.host == "" {
		t.host = "localhost"
	}
	t.user = u.User != nil
	if password, ok := u.User.Password(); ok {
		t.auth = Password(u.User.Username(), password)
	}
	return t, nil
}
