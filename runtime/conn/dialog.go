package conn

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/parley-go/parley/runtime/wire"
)

// A SASL is the client's side of a login (RFC 4422).
type SASL interface {
	// Next answers a challenge. It runs on the writer and may take its time. An initial response is part of the command and not asked
	// for here; a server that wants none yet sends an empty challenge. An error cancels the login, and is the cause of its Error; the
	// connection lives on.
	Next(challenge []byte) (response []byte, err error)
	// Done is told the server's verdict, OK or not, before it takes effect; Next is not running then and not called again. An error is
	// the cause of the Error of a login that failed. If the server said OK, the server is not to be trusted: the connection closes.
	Done(ok bool) error
}

// maxChallenges bounds a login; no mechanism has more than a few.
const maxChallenges = 64

// dialogue is the state of the SASL dialog of c.barrier.
type dialogue struct {
	asked     bool   // a challenge waits to be answered
	answering bool   // the mechanism is at work
	over      bool   // the server has ended the login
	cancelled bool   // this side has
	text      string // the challenge, in base64
	err       error  // it cannot be read
	rounds    int
	failed    error // why the login was cancelled, or what the mechanism makes of the server's NO
}

// proceed deals with "+": the server wants the next part of a command (RFC 3501 section 7.5).
func (c *Conn) proceed(f *wire.Frame, r Response, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, k := &c.part, c.barrier
	switch {
	case c.err != nil:
	case p.k != nil && p.waiting != wire.PauseNone && !p.open:
		p.open = true
		if p.k.spec.Dialog == DialogIdle {
			p.k.opened, c.idleOver, c.idles = true, false, true
			c.due = c.stalls.clock() + int64(jitter(c.opts.IdleRenew))
			c.rearm()
		}
		if p.k.abandoned && p.takenBack() {
			_ = c.endLocked(cancelledWithin(p.k))
			return
		}
		c.kick()
	case k != nil && k.spec.Dialog == DialogSASL && k.phase == phaseSent && !c.sasl.asked:
		c.sasl.asked, c.sasl.err = true, err
		c.sasl.text = ""
		if cont, ok := r.(ContinueResponse); ok {
			c.sasl.text = cont.Prompt()
		}
		c.kick()
	default:
		c.mu.Unlock()
		c.deviation("continuation request that nothing waits for", line(f))
		c.mu.Lock()
	}
}

// respond answers a challenge. It is called by the writer with mu held and gives it up.
func (c *Conn) respond() {
	k, d := c.barrier, *c.sasl
	c.sasl.asked = false
	c.sasl.rounds++
	if c.sasl.failed != nil {
		_ = c.endLocked(&Error{cause: violation("challenge after the login was cancelled")})
		c.mu.Unlock()
		return
	}
	c.sasl.answering = true
	c.mu.Unlock()
	var response []byte
	var err error
	if k.ctx.Err() == nil {
		response, err = challenge(k.sasl(), d)
	}
	c.mu.Lock()
	c.sasl.answering = false
	c.stalls.turn.Store(c.stalls.clock())
	c.changed.Broadcast()
	if c.sasl.over || c.err != nil {
		c.mu.Unlock() // what was to be said would be read as a command
		return
	}
	if k.ctx.Err() != nil {
		err = cancelled(k.ctx)
	}
	if c.sasl.failed = notEOF(err); err != nil {
		c.sasl.cancelled = true
		c.box.out = append(c.box.out, '*')
	} else {
		c.box.out = base64.StdEncoding.AppendEncode(c.box.out, response)
	}
	c.box.out = append(c.box.out, "\r\n"...)
	c.box.shown = append(c.box.shown, secretMark...)
	c.box.cuts = append(c.box.cuts, len(c.box.shown))
	c.flush()
}

// verdict deals with the tagged answer to a login; the caller holds mu, which is given up meanwhile. An error is why the connection
// must end.
func (c *Conn) verdict(k *Call, ok bool) error {
	switch {
	case ok && c.sasl.failed != nil:
		return violation("OK to a login that was cancelled: %v", c.sasl.failed)
	case ok && (c.sasl.asked || c.sasl.answering):
		return violation("OK to a login before its challenge was answered")
	}
	c.sasl.asked, c.sasl.over = false, true
	for c.sasl.answering && c.err == nil {
		c.changed.Wait(&c.mu)
	}
	if c.err != nil || k.sasl() == nil {
		return nil
	}
	c.mu.Unlock()
	err := notEOF(k.sasl().Done(ok))
	c.mu.Lock()
	if err != nil && ok {
		return fmt.Errorf("%w: OK to a login that is not complete: %w", ErrProtocol, err)
	}
	if c.sasl.failed == nil {
		c.sasl.failed = err
	}
	return nil
}

// challenge asks the mechanism for its response.
func challenge(m SASL, d dialogue) ([]byte, error) {
	switch {
	case m == nil:
		return nil, errors.New("challenge without a mechanism to answer it")
	case d.err != nil:
		return nil, fmt.Errorf("read challenge: %w", d.err)
	case d.rounds >= maxChallenges:
		return nil, fmt.Errorf("more than %d challenges", maxChallenges)
	}
	if d.rounds == 0 && strings.EqualFold(d.text, "go ahead") {
		d.text = "" // what some servers say in the place of an empty challenge
	}
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(d.text, "="))
	if err != nil {
		return nil, fmt.Errorf("read challenge: %w", err)
	}
	response, err := m.Next(text)
	if err != nil {
		return nil, fmt.Errorf("answer challenge: %w", err)
	}
	return response, nil
}

// sasl gives what answers challenges to a command; nil: nothing does.
func (k *Call) sasl() SASL {
	if k.login == nil {
		return nil
	}
	return k.login.SASL
}
