package conn

import (
	"context"
	"fmt"
)

// Done is closed when the command has ended.
func (k *Call) Done() <-chan struct{} {
	if k == nil {
		return closed
	}
	if done := k.ends(); done != nil {
		return done
	}
	return closed
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// ends gives the channel that is closed when the command has ended; nil if it has.
func (k *Call) ends() <-chan struct{} {
	k.conn.mu.Lock()
	defer k.conn.mu.Unlock()
	if k.released {
		return nil
	}
	k.await()
	f := k.follow()
	if f.done == nil {
		f.done = make(chan struct{})
	}
	return f.done
}

// follow gives the followers, of a call that was not released. The caller holds mu.
func (k *Call) follow() *followers {
	if k.followers == nil {
		k.followers = new(followers)
	}
	return k.followers
}

// Wait waits for the end of the command. The error is a *Error if the server said NO or BAD, if the connection ended, if the
// command could not be sent or if the context of Start ended. If ctx ends first, only this wait ends, with the error of ctx.
func (k *Call) Wait(ctx context.Context) (Condition, error) {
	cond, first, err := k.wait(ctx)
	if first {
		k.conn.spareToken(k.waiter)
	}
	return cond, err
}

// WaitAndFree is Wait for who alone has the call and does not use it again: its memory serves a later command of the connection. With many
// commands in flight, most of what they allocate are calls.
func (k *Call) WaitAndFree(ctx context.Context) (Condition, error) {
	cond, first, err := k.wait(ctx)
	if first && err == nil {
		k.free()
	}
	return cond, err
}

// wait waits for the end of the command. first tells that this is who was told of it by k.waiter, which is empty again.
func (k *Call) wait(ctx context.Context) (cond Condition, first bool, err error) {
	if k == nil {
		return Condition{}, false, nil
	}
	// Nearly always one waits for a command, once: that takes no lock, and its channel serves another command then.
	first = k.waiter != nil && k.waited.CompareAndSwap(false, true)
	done := (<-chan struct{})(k.waiter)
	if !first {
		if done = k.ends(); done == nil {
			return k.cond, false, k.err
		}
	}
	ended := ctx.Done()
	if ended == nil || ended == k.ctx.Done() {
		<-done // the context of the command ends it
		return k.cond, first, k.err
	}
	select {
	case <-done:
	case <-ended:
		if err := k.overdue(ctx); err != nil {
			if first {
				k.waited.Store(false)
			}
			return Condition{}, false, err
		}
		<-done
	}
	return k.cond, first, k.err
}

// overdue deals with the end of the context of a wait. If that of the command has ended too, it is the command that ended
// (nil): its error says whether the command was sent.
func (k *Call) overdue(ctx context.Context) error {
	if k.ctx.Err() == nil {
		return fmt.Errorf("wait for %s: %w", k.spec.Name, cancelled(ctx))
	}
	k.conn.cancel(k)
	return nil
}

// OnDone runs f on a goroutine of its own when the command has ended.
func (k *Call) OnDone(f func()) {
	if k == nil {
		go f()
		return
	}
	c := k.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	k.await()
	if k.released {
		go f()
		return
	}
	all := k.follow()
	all.callbacks = append(all.callbacks, f)
}

// await says that the end of the command is waited for, so that the reader must not pause for its rows. The caller holds mu.
func (k *Call) await() {
	if k.wants.rows && !k.awaited {
		k.awaited = true
		k.conn.changed.Broadcast()
	}
}

// Next gives the next row of a call with CallOptions.Rows; what was not read of a *Begun before it is passed over. After the last one it
// gives nil and the error of the command, nil if it was answered with OK. If ctx ends first, it gives the error of ctx.
func (k *Call) Next(ctx context.Context) (Response, error) {
	if k == nil {
		return nil, nil
	}
	if k.rowQueue == nil {
		_, err := k.Wait(ctx)
		return nil, err
	}
	if k.begun != nil {
		_ = k.used(k.begun, true) // it may have been released
		k.begun = nil
	}
	for {
		if k.loading != nil {
			return k.load(k.loading)
		}
		if k.at < len(k.batch) {
			r := k.batch[k.at]
			k.batch[k.at] = nil
			k.at++
			switch row := r.(type) {
			case *stored:
				return k.load(row)
			case lacking:
				return nil, row.error
			case *Begun:
				k.begun = row
			}
			return r, nil
		}
		borrows := ctx.Done() == nil
		more, err := k.take(borrows)
		if !more || err != nil {
			return nil, err
		}
		if k.at < len(k.batch) {
			continue
		}
		if borrows && k.readOn() {
			continue
		}
		select {
		case <-k.wake:
		case <-ctx.Done():
			if err := k.overdue(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// load reads a row back from the store.
func (k *Call) load(s *stored) (Response, error) {
	r, more, err := s.next()
	if k.loading = s; !more {
		k.loading = nil
	}
	return r, err
}

// readOn borrows the reader; false if it is not to be had.
func (k *Call) readOn() bool {
	k.conn.mu.Lock()
	defer k.conn.mu.Unlock()
	return k.conn.borrow(k)
}

// take moves all rows that are there to the consumer, under one lock for all of them. more is false after the last row.
func (k *Call) take(borrows bool) (more bool, err error) {
	c := k.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(k.rows) > 0 {
		k.batch, k.rows, k.at = k.rows, k.batch[:0], 0
		c.taken(k)
		k.hungry = false
		c.roomMade()
		return true, nil
	}
	k.batch, k.at = k.batch[:0], 0
	if !k.stopped && !k.ended {
		k.hungry, k.borrows = true, borrows
		if !borrows && c.borrower.Load() == k {
			c.borrower.Store(nil)
			c.changed.Broadcast()
		}
		return true, nil
	}
	if k.wake != nil {
		select {
		case <-k.wake:
		default:
		}
		c.spareToken(k.wake)
		k.wake = nil
	}
	if k.stopped {
		return false, nil
	}
	return false, k.err
}

// Stop says that no more rows are wanted; those that still come are dropped. The command goes on to its end.
func (k *Call) Stop() {
	if k == nil {
		return
	}
	c := k.conn
	defer c.trim()
	c.mu.Lock()
	defer c.mu.Unlock()
	k.stopped = true
	c.dropRows(k)
	c.interrupt(k)
	c.changed.Broadcast()
	if k.rowQueue != nil {
		wake(k.wake)
	}
}

// wake leaves a token in a channel of capacity 1. A nil channel has nobody to wake.
func wake(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
