package conn

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/parley-go/parley/runtime/wire"
)

// A SpillFile holds what was received and not read beyond Options.UnreadLimit. *os.File is one.
type SpillFile interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Close() error
}

// A Spill makes the SpillFile of a connection, when it is needed first.
type Spill func() (SpillFile, error)

// ErrUnread: more data was not read than may be kept, while the connection was needed for something else.
var ErrUnread = errors.New("too much data was not read")

// SpillNone keeps nothing: the command with the most unread data fails instead, with ErrUnread.
func SpillNone() (SpillFile, error) {
	return nil, errors.New("it must not be written to a file (SpillNone)")
}

// spillFile is a temporary file without a name, so that nobody else can open it and nothing is left behind.
func spillFile() (SpillFile, error) {
	f, err := os.CreateTemp("", "parley-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return namedFile{f}, nil // a system where what is open keeps its name
	}
	return f, nil
}

type namedFile struct{ *os.File }

func (f namedFile) Close() error { return errors.Join(f.File.Close(), os.Remove(f.Name())) }

// A spillStore is the SpillFile of a connection. What is written is appended; once nothing in it is wanted any more it begins anew.
type spillStore struct {
	open Spill

	mu    sync.Mutex // not held while the file is read or written
	file  SpillFile
	end   int64
	live  int64 // octets that may be read
	stale bool  // the file is longer than end
	over  bool  // the connection has ended
}

// write lets f write n octets, and gives where they are.
func (s *spillStore) write(n int64, f func(io.Writer) error) (off int64, err error) {
	s.trim()
	s.mu.Lock()
	if s.file == nil {
		if s.file, err = s.open(); err != nil {
			s.file = nil
			s.mu.Unlock()
			return 0, fmt.Errorf("spill: %w", err)
		}
	}
	off = s.end
	s.end += n
	s.live += n
	file := s.file
	s.mu.Unlock()
	if err := f(io.NewOffsetWriter(file, off)); err != nil {
		s.release(n)
		return 0, fmt.Errorf("spill: %w", err)
	}
	return off, nil
}

// reader gives what was written.
func (s *spillStore) reader(off, n int64) io.Reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return io.NewSectionReader(s.file, off, n)
}

// release says that so many octets are not wanted any more.
func (s *spillStore) release(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live -= n; s.live == 0 && s.end > 0 {
		s.end, s.stale = 0, true
	}
}

// trim gives back the room of what is not wanted any more, and the file when the connection has ended. Nobody waits for what fails.
func (s *spillStore) trim() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file == nil || s.live > 0:
	case s.over:
		_ = s.file.Close()
		s.file = nil
	case s.stale:
		_ = s.file.Truncate(0)
		s.stale = false
	}
}

// close says that nothing more will be written; what was can be read.
func (s *spillStore) close() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.trim()
}

// A stored is a row in the store.
type stored struct {
	k      *Call
	kept   *wire.Kept
	begun  *Begun // has its streamed bodies, nil if it has none
	off, n int64
}

// Kind makes it a row; nobody asks for it.
func (*stored) Kind() *Kind { return nil }

// Facts makes it a row; nobody asks for them.
func (*stored) Facts() Facts { return Facts{} }

// load reads it back. It runs on who reads the rows.
func (s *stored) load() (Response, error) {
	c := s.k.conn
	f, err := s.kept.Frame(c.store.reader(s.off, s.n))
	if !s.k.forget(s) {
		err = errPassed
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.k.spec.Name, err)
	}
	_, r, err := s.k.codec.Decode(f, DialogNone)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.k.spec.Name, err)
	}
	return r, nil
}

// release drops it. The caller holds mu.
func (s *stored) release() {
	s.k.conn.store.release(s.n)
	if s.begun != nil {
		s.begun.release()
	}
}

// tooMuch tells whether so many octets more must not be kept in memory for a call. While it is alone they may, for then the reader
// pauses; and while it waits for rows, for then they are taken at once. The caller holds mu.
func (c *Conn) tooMuch(k *Call, n int64) bool {
	return c.unread+n > c.opts.UnreadLimit && (k == nil || !k.hungry && !c.alone(k))
}

// storedRow is what a row in the store counts for: it takes some memory.
const storedRow = 256

// storeRow moves a row to the store, and gives what stands for it, and for how many octets. If it cannot, calls fail. It is called by the
// reader with mu held, and gives it up meanwhile.
func (c *Conn) storeRow(k *Call, r Response, f *wire.Frame, begun *Begun) (Response, int64) {
	if k.codec == nil {
		k.codec = c.codec.Fork()
	}
	s := &stored{k: k, n: f.InMemory(), begun: begun}
	c.mu.Unlock()
	var err error
	s.off, err = c.store.write(s.n, func(w io.Writer) (err error) {
		s.kept, err = f.Keep(w)
		return err
	})
	c.mu.Lock()
	switch {
	case err == nil && !k.abandoned && !k.stopped:
		k.keep(s)
		return s, storedRow
	case err == nil:
		c.store.release(s.n)
	case begun != nil:
		c.abandon(k, unread(err))
	default:
		for c.tooMuch(k, f.Len()) && !k.abandoned && c.failMost(err) != nil {
		}
	}
	if begun != nil {
		begun.release()
	}
	return r, f.Len()
}

// failMost fails the call with the most unread data, and gives it. The caller holds mu.
func (c *Conn) failMost(err error) (most *Call) {
	for k := range c.flying.all() {
		if !k.ended && k.opts.Rows && (most == nil || k.octets+k.held > most.octets+most.held) {
			most = k
		}
	}
	if most != nil {
		c.abandon(most, unread(err))
	}
	return most
}

func unread(err error) error { return fmt.Errorf("%w: %w", ErrUnread, notEOF(err)) }

// kept is what is released when nobody wants the rows of a call any more.
type kept interface{ release() }

// keep notes that a call has something to be released. The caller holds mu.
func (k *Call) keep(x kept) {
	if k.kept == nil {
		k.kept = map[kept]struct{}{}
	}
	k.kept[x] = struct{}{}
}

// forget releases something, unless that was done.
func (k *Call) forget(x kept) bool {
	c := k.conn
	defer c.store.trim()
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := k.kept[x]
	if ok {
		delete(k.kept, x)
		x.release()
	}
	return ok
}

// dropRows drops what was not read. The caller holds mu.
func (c *Conn) dropRows(k *Call) {
	c.taken(k)
	k.rows = nil
	for x := range k.kept {
		x.release()
	}
	k.kept = nil
}

// taken says that no rows of a call are unread any more. The caller holds mu.
func (c *Conn) taken(k *Call) {
	if !k.ended {
		c.unread -= k.octets // the rows of one that has ended do not grow: they are the caller's
	}
	k.octets = 0
}
