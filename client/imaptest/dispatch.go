package imaptest

import (
	"io"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// dispatch runs a command that may be given now. An error ends the session.
func (s *session) dispatch(cmd conn.Command) (answer, error) {
	switch c := cmd.(type) {
	case *imap.Capability:
		return s.capability(), nil
	case *imap.Noop:
		return ok(nil, "NOOP done"), nil // what is new is told with every answer
	case *imap.Logout:
		return s.logout(), nil
	case *imap.Starttls:
		return s.starttls(), nil
	case *imap.Compress:
		return s.compress(), nil
	case *imap.Login:
		return s.login(c.User, c.Password), nil
	case *imap.Authenticate:
		return s.authenticate(c)
	case *imap.ID:
		return s.id(), nil
	case *imap.Namespace:
		return s.namespace(), nil
	case *imap.Enable:
		return s.enable(c), nil
	case *imap.Select:
		return s.open(c.Mailbox, c.Params, false), nil
	case *imap.Examine:
		return s.open(c.Mailbox, c.Params, true), nil
	case *imap.Create:
		return s.create(c), nil
	case *imap.Delete:
		return s.remove(c.Mailbox), nil
	case *imap.Rename:
		return s.rename(c.Mailbox, c.NewName), nil
	case *imap.Subscribe:
		return s.subscribe(c.Mailbox, true), nil
	case *imap.Unsubscribe:
		return s.subscribe(c.Mailbox, false), nil
	case *imap.List:
		return s.list(c), nil
	case *imap.Lsub:
		return s.lsub(c.Reference, c.Pattern), nil
	case *imap.Status:
		return s.statusOf(c), nil
	case *imap.Append:
		return s.append(c)
	case *imap.Check:
		return ok(nil, "CHECK done"), nil // nothing here is ever unsaved, or saved
	case *imap.Close:
		return s.close(), nil
	case *imap.Unselect:
		s.unselect()
		return ok(nil, "UNSELECT done"), nil
	case *imap.Expunge:
		return s.expunge(func(*message) bool { return true }), nil
	case *imap.UIDExpunge:
		return s.expungeSet(c.Set), nil
	case *imap.Search:
		return s.search(c), nil
	case *imap.Sort:
		return s.sort(c), nil
	case *imap.Thread:
		return s.thread(c), nil
	case *imap.Fetch:
		return s.fetch(c), nil
	case *imap.Store:
		return s.store(c), nil
	case *imap.Copy:
		return s.copy(c), nil
	case *imap.Move:
		return s.move(c), nil
	case *imap.Idle:
		return s.idle()
	case *imap.UnknownCommand:
		return bad("there is no command " + c.Name), nil
	}
	return bad("this server has no command " + cmd.Spec().Name), nil
}

// logout says BYE before the answer, and ends the session after it (RFC 3501 section 6.1.3).
func (s *session) logout() answer {
	s.untagged(bye("see you"))
	a := ok(nil, "LOGOUT done")
	a.then = func() error { return io.EOF }
	return a
}
