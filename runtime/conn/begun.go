package conn

import (
	"errors"
	"fmt"

	"github.com/parley-go/parley/runtime/wire"
)

// A Begun is a row of a call with CallOptions.Parts that has long bodies. Next of the call gives it when the first of them begins. Its
// methods are for one goroutine, which is that of the call's Next.
type Begun struct {
	conn *Conn

	// Guarded by conn.mu.
	k      *Call // nil: not known yet
	index  int   // of its returns
	parts  []begunPart
	at     int      // parts given
	over   error    // a body of it must not be read into memory
	row    Response // all of it, nil until it has come
	whole  bool     // it was given
	err    error    // what came cannot be read
	passed bool     // nobody wants it any more
}

// A begunPart is a long body.
type begunPart struct {
	*body
	data *wire.Body
	row  Response // up to and with the body
}

// errPassed: a body is read after another one was asked for, or after the row was left.
var errPassed = errors.New("the body was passed over")

// Kind gives that of the row.
func (s *Begun) Kind() *Kind { return s.Row().Kind() }

// Facts gives those of the row, as far as it has come.
func (s *Begun) Facts() Facts { return s.Row().Facts() }

// Row gives the row as far as it has come: up to and with the body that Next gave, and all of it after the last one.
func (s *Begun) Row() Response {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.whole {
		return s.row
	}
	return s.parts[max(s.at, 1)-1].row
}

// Next waits for the next long body, after the last one for the end of the row: then it gives nil. What was not read of the body before
// is passed over. The shorter bodies are only in the row.
func (s *Begun) Next() (*wire.Body, error) {
	c := s.conn
	defer c.trim()
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.at > 0 {
		s.parts[s.at-1].drop()
	}
	for {
		switch {
		case s.unwanted():
			if s.k.ended && s.k.err != nil {
				return nil, s.k.err
			}
			return nil, errPassed
		case s.at < len(s.parts):
			s.at++
			return s.parts[s.at-1].data, nil
		case s.err != nil:
			return nil, fmt.Errorf("%s: %w", s.k.spec.Name, s.err)
		case s.row != nil:
			s.whole = true
			return nil, nil
		case s.k.ended:
			return nil, s.k.err
		}
		if !c.borrow(s.k) {
			c.arrived.Wait(&c.mu)
		}
	}
}

// unwanted tells that the rest of it is dropped. The caller holds mu.
func (s *Begun) unwanted() bool {
	return s.passed || s.k != nil && (s.k.abandoned || s.k.stopped)
}

// release drops it. The caller holds mu.
func (s *Begun) release() {
	s.passed = true
	for _, p := range s.parts {
		p.drop()
	}
	s.conn.arrived.Broadcast()
}

// large says what becomes of a long literal (wire.Reader.OnLarge). Most are of rows that are read into memory as a whole.
func (c *Conn) large(f *wire.Frame, long *wire.Body, fits bool) bool {
	c.settle()
	c.mu.Lock()
	ask := c.incoming != nil || !fits || c.streams(long.Size())
	c.mu.Unlock()
	if !ask {
		return false
	}
	tag, r, err := c.opts.Codec.Decode(f, DialogNone)
	if err != nil || len(tag) > 0 || !long.Found() {
		return false // it is no body, or not in an item of its own
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.incoming == nil {
		c.incoming = c.attribute(r, long.Size(), fits)
	}
	s := c.incoming
	if s == nil {
		return false
	}
	b := &body{of: s, size: long.Size()}
	long.Stream(b)
	s.parts = append(s.parts, begunPart{b, long, r})
	c.arrived.Broadcast()
	c.filling = b
	return true
}

// A lacking stands for a row that cannot be had, and says why.
type lacking struct{ error }

// Kind makes it a row; nobody asks for it.
func (lacking) Kind() *Kind { return nil }

// Facts makes it a row; nobody asks for them.
func (lacking) Facts() Facts { return Facts{} }

// streams tells whether a literal of this size may be one that is not to be read into memory. The caller holds mu.
func (c *Conn) streams(size int64) bool {
	for k := c.claims.head; k != nil; k = k.amongClaims.next {
		switch {
		case !k.wants.rows:
		case k.abandoned, k.stopped, size > wire.ChunkSize && (k.wants.parts || c.tooMuch(k, size)):
			return true
		}
	}
	return false
}

// attribute finds the call that a row with a long body is for; nil if it is to be read as a whole. One that does not fit into memory
// costs the call that has asked for it its row; if nobody has, it is as any other literal that is too long. The caller holds mu.
func (c *Conn) attribute(r Response, size int64, fits bool) *Begun {
	facts := r.Facts()
	k, index, surest, rivals := c.find(r, &facts, nil)
	s := &Begun{conn: c}
	if k == nil {
		s.passed = true
		if len(c.subs) > 0 || !fits {
			return nil
		}
		return s
	}
	if !fits {
		s.over = fmt.Errorf("%s: a body of %d octets can be had from FetchParts, or with another Limits.Literal: %w",
			k.spec.Name, size, &wire.LimitError{What: "literal", Limit: c.opts.Limits.Literal})
	}
	switch ret := &k.returns[index]; {
	case !k.wants.rows || !ret.Many || ret.Collect:
		if fits {
			return nil
		}
		s.passed = true
		return s
	case surest <= maybe && rivals > 1:
		return s // the UID may come after the body
	case k.abandoned, k.stopped:
	case k.wants.parts:
		k.keep(s)
		c.borrower.Store(k)
		c.deliver(k, []Response{s}, 1, 0, perResponse)
	case !fits:
		s.passed = true
		c.deliver(k, []Response{lacking{s.over}}, 1, 0, perResponse)
	case c.tooMuch(k, size):
		return s
	default:
		return nil
	}
	c.firstData(k)
	s.k, s.index = k, index
	return s
}

// complete ends a row of so many octets that its call has had from its beginning.
func (c *Conn) complete(s *Begun, r Response, octets int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.k != nil {
		s.k.took(octets)
	}
	switch {
	case err != nil:
		s.err = fmt.Errorf("response cannot be read: %w", err)
	case s.k != nil:
		facts := r.Facts()
		s.k.had(s.index, &facts)
		s.row = r
	}
	c.arrived.Broadcast()
}

// storable gives what is queued for a row, and the octets of memory for which it counts: the row, or what stands for it if it is too much
// for memory, or has long bodies of which it was not sure whose they are. It is called by the reader with mu held, and gives it up meanwhile.
func (c *Conn) storable(k *Call, r Response, f *wire.Frame, begun *Begun) (row Response, held int64) {
	c.run.crowded = c.tooMuch(k, f.Len())
	switch {
	case begun == nil && !c.run.crowded:
	case k.abandoned || k.stopped:
		if begun != nil {
			begun.release()
		}
	case begun != nil && k.wants.parts:
		begun.k, begun.row = k, r
		for _, p := range begun.parts {
			k.held += p.held
		}
		k.keep(begun)
		return begun, perResponse
	case begun != nil && begun.over != nil:
		begun.release()
		return lacking{begun.over}, perResponse
	default:
		return c.storeRow(k, r, f, begun)
	}
	return r, rowOctets(f)
}
