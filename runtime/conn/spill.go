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
	mu       sync.Mutex // not held while the file is read or written
	*spilled            // nil: nothing was
}

// spilled is a SpillFile that was opened.
type spilled struct {
	file  SpillFile
	end   int64
	live  int64 // octets that may be read
	stale bool  // the file is longer than end
}

// write lets f write n octets, and gives where they are.
func (s *spillStore) write(open Spill, n int64, f func(io.Writer) error) (off int64, err error) {
	s.trim(false)
	s.mu.Lock()
	if s.spilled == nil {
		file, err := open()
		if err != nil {
			s.mu.Unlock()
			return 0, fmt.Errorf("spill: %w", err)
		}
		s.spilled = &spilled{file: file}
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
	if s.spilled == nil {
		return
	}
	if s.live -= n; s.live == 0 && s.end > 0 {
		s.end, s.stale = 0, true
	}
}

// trim gives back the room of what is not wanted any more, and the file once nothing more will be written. Nobody waits for what fails.
func (s *spillStore) trim(over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.spilled == nil || s.live > 0:
	case over:
		_ = s.file.Close()
		s.spilled = nil
	case s.stale:
		_ = s.file.Truncate(0)
		s.stale = false
	}
}

// trim is that of the store. What was written can be read after the connection has ended.
func (c *Conn) trim() { c.store.trim(c.over.Load()) }

// A stored is a row in the store, or several rows one behind the other, which takes little memory for each.
type stored struct {
	k      *Call
	kept   *wire.Kept // of a row with long literals; else nil
	begun  *Begun     // has its streamed bodies, nil if it has none
	off, n int64

	// Guarded by conn.mu until nothing is added any more.
	open bool     // what comes may be added
	rows []uint32 // octets of rows without long literals

	// Only Next of the call.
	read int   // of rows
	at   int64 // where the next of rows is
}

// Kind makes it a row; nobody asks for it.
func (*stored) Kind() *Kind { return nil }

// Facts makes it a row; nobody asks for them.
func (*stored) Facts() Facts { return Facts{} }

// next reads a row back, and tells whether there are more. It runs on who reads the rows.
func (s *stored) next() (r Response, more bool, err error) {
	c := s.k.conn
	c.mu.Lock()
	s.open = false
	c.mu.Unlock()
	kept, off, n := s.kept, s.off, s.n
	if kept == nil {
		n = int64(s.rows[s.read])
		kept, off = wire.KeptText(int(n)), s.off+s.at
		s.read, s.at = s.read+1, s.at+n
		more = s.read < len(s.rows)
	}
	f, err := kept.Frame(c.store.reader(off, n))
	more = more && err == nil
	if err := s.k.used(s, !more); err != nil {
		return nil, false, err
	}
	if err == nil {
		_, r, err = s.k.codec.Decode(f, DialogNone)
	}
	if err != nil {
		return nil, more, fmt.Errorf("%s: %w", s.k.spec.Name, err)
	}
	return r, more, nil
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

// What a row in the store counts for: it takes some memory.
const (
	storedRow  = 256
	storedMore = 8 // behind another one
)

// storeRow moves a row to the store, and gives what stands for it, and for how many octets of memory; nil, if it was added to what stands
// for the row before. If it cannot, calls fail. It is called by the reader with mu held, and gives it up meanwhile.
func (c *Conn) storeRow(k *Call, r Response, f *wire.Frame, begun *Begun) (Response, int64) {
	if k.codec == nil {
		k.codec = c.opts.Codec.Fork()
	}
	s := &stored{k: k, n: f.InMemory(), begun: begun, open: begun == nil && f.Len() == int64(len(f.Text()))}
	c.mu.Unlock()
	var kept *wire.Kept
	var err error
	s.off, err = c.store.write(c.opts.Spill, s.n, func(w io.Writer) (err error) {
		kept, err = f.Keep(w)
		return err
	})
	c.mu.Lock()
	switch last := c.run.stored; {
	case err == nil && !k.abandoned && !k.stopped:
		if s.open {
			if last != nil && last.k == k && last.open && last.off+last.n == s.off {
				last.rows, last.n = append(last.rows, uint32(s.n)), last.n+s.n
				return nil, storedMore
			}
			s.rows = []uint32{uint32(s.n)}
		} else {
			s.kept = kept
		}
		c.run.stored = s
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
	return r, rowOctets(f)
}

// failMost fails the call with the most unread data, and gives it. The caller holds mu.
func (c *Conn) failMost(err error) (most *Call) {
	for k := range c.flying.all() {
		if !k.ended && k.wants.rows && (most == nil || k.octets+k.held > most.octets+most.held) {
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

// used says that something was read, and releases it if that was the last of it. An error is why it had been released before: what was
// read may be anything.
func (k *Call) used(x kept, last bool) error {
	c := k.conn
	defer c.trim()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch _, ok := k.kept[x]; {
	case !ok && k.err != nil:
		return k.err
	case !ok:
		return fmt.Errorf("%s: %w", k.spec.Name, errPassed)
	case last:
		delete(k.kept, x)
		x.release()
	}
	return nil
}

// dropRows drops what was not read. The caller holds mu.
func (c *Conn) dropRows(k *Call) {
	if k.rowQueue == nil {
		return
	}
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
