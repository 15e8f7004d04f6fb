package client

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/conn"
)

// A Command is one IMAP command with a result of type R: the command structs of package imap, and those that another module generated.
type Command[R Result] interface {
	conn.Command
	// Result makes the empty result that the answers are collected in.
	Result() R
}

// A RowCommand is a command that answers in rows: FETCH, LIST. Row gives a row's type; its value is not used.
type RowCommand[Row conn.Response, R Result] interface {
	Command[R]
	Row() Row
}

// A Result collects what answers a command; the results of package imap do.
type Result = conn.Result

// A Runner runs commands: a *Client, or a *Mailbox, which runs them only while it is the selected one.
type Runner interface {
	// start queues a command. It returns nil when there is nothing to do.
	start(ctx context.Context, cmd conn.Command, o conn.CallOptions) *conn.Call
	// explain gives an error of a command the meaning that it has here.
	explain(err error) error
	// extensions gives the grammars of other modules that the connection knows.
	extensions() []*imap.Extension
}

// Do runs a command and waits for its result. The error is an *imap.Error when the server said NO or BAD. Rows of a RowCommand are
// dropped: range over StartRows for them.
func Do[R Result](ctx context.Context, on Runner, c Command[R]) (R, error) {
	result, takes := resultOf(on, c)
	if err := await(ctx, on, c, takes); err != nil {
		var none R
		return none, err
	}
	return result, nil
}

// await runs a command to its end. takes collects the answers; nil: nobody wants them.
func await(ctx context.Context, on Runner, c conn.Command, takes conn.Result) error {
	if _, err := on.start(ctx, c, conn.CallOptions{Result: takes}).WaitAndFree(ctx); err != nil {
		return on.explain(err)
	}
	return nil
}

// perform is what the methods do that return no more than an error.
func perform(ctx context.Context, on Runner, c conn.Command) error { return await(ctx, on, c, nil) }

// Start sends a command and returns without waiting for the answer, so that several are on their way at once. The context governs
// the command until it is done.
func Start[R Result](ctx context.Context, on Runner, c Command[R]) *Pending[R] {
	p := startWith(ctx, on, c, conn.CallOptions{})
	return &p
}

// StartRows sends a command that answers in rows, and returns without waiting. The context governs the command until it is done.
func StartRows[Row conn.Response, R Result](ctx context.Context, on Runner, c RowCommand[Row, R]) *Rows[Row, R] {
	r := startRows(ctx, on, c)
	return &r
}

func startRows[Row conn.Response, R Result](ctx context.Context, on Runner, c RowCommand[Row, R]) Rows[Row, R] {
	return Rows[Row, R]{startWith(ctx, on, Command[R](c), conn.CallOptions{Rows: true})}
}

func startWith[R Result](ctx context.Context, on Runner, c Command[R], o conn.CallOptions) Pending[R] {
	result, takes := resultOf(on, c)
	o.Result = takes
	return Pending[R]{on: on, result: result, call: on.start(ctx, c, o)}
}

// resultOf gives the empty result of a command, and what takes the answers for it.
func resultOf[R Result](on Runner, c Command[R]) (result R, takes conn.Result) {
	result = c.Result()
	if extensions := on.extensions(); len(extensions) > 0 {
		return result, extend(result, extensions, c.Spec().Name)
	}
	return result, result
}

// A Pending is a command on its way. It may be used by several goroutines.
type Pending[R Result] struct {
	on     Runner
	call   *conn.Call // nil: there was nothing to do
	result R
}

// Wait waits for the command to end. Its context bounds this wait only: when it ends the command goes on.
func (p *Pending[R]) Wait(ctx context.Context) (R, error) {
	if _, err := p.call.Wait(ctx); err != nil {
		var none R
		return none, p.on.explain(err)
	}
	return p.result, nil
}

// Done is closed when the command has ended.
func (p *Pending[R]) Done() <-chan struct{} { return p.call.Done() }

// Format prints the command for package fmt, without its arguments: they may be secret.
func (p Pending[R]) Format(f fmt.State, _ rune) {
	name := "nothing to do"
	if p.call != nil {
		name = p.call.Command().Spec().Name
	}
	_, _ = io.WriteString(f, name)
}

// OnDone calls f with what Wait returns, once, on a goroutine of its own, when the command has ended. f may run commands.
func (p *Pending[R]) OnDone(f func(R, error)) {
	p.call.OnDone(func() { f(p.Wait(context.Background())) })
}

// Rows are the rows of a command on its way, read once, by one goroutine.
type Rows[Row conn.Response, R Result] struct {
	p Pending[R]
}

// Format prints the command as Pending does.
func (r Rows[Row, R]) Format(f fmt.State, verb rune) { r.p.Format(f, verb) }

// All yields the rows as they come. An error is the last thing it yields. Breaking out of the loop is safe: the rows that were not
// read are dropped.
func (r *Rows[Row, R]) All() iter.Seq2[Row, error] {
	return r.each
}

func (r *Rows[Row, R]) each(yield func(Row, error) bool) {
	defer r.p.call.Stop()
	for {
		resp, err := r.p.call.Next(context.Background())
		if err != nil {
			var none Row
			yield(none, r.p.on.explain(err))
			return
		}
		if resp == nil {
			return
		}
		if row, ok := asRow[Row](r.p.call.Command(), resp); ok && !yield(row, nil) {
			return
		}
	}
}

// A converter is a command that is answered with other data than its rows in another revision of the protocol.
type converter[Row any] interface {
	AsRow(conn.Response) (Row, bool)
}

// asRow gives data as a row of a command, if it is one.
func asRow[Row any](cmd conn.Command, r conn.Response) (row Row, ok bool) {
	if row, ok = r.(Row); !ok {
		if other, may := cmd.(converter[Row]); may {
			return other.AsRow(r)
		}
	}
	return row, ok
}

// Result drops the rows that were not read and waits for the command to end.
func (r *Rows[Row, R]) Result() (R, error) {
	r.p.call.Stop()
	return r.p.Wait(context.Background())
}

// iterate is what the generated methods that return rows do: it sends the command when it is ranged over, each time anew.
func iterate[Row conn.Response, R Result](ctx context.Context, on Runner, c RowCommand[Row, R]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows := startRows(ctx, on, c)
		rows.each(yield)
	}
}

// collect is what the generated methods do that change messages and are told how: it sends the command and collects its rows.
func collect[Row conn.Response, R Result](ctx context.Context, on Runner, c RowCommand[Row, R]) ([]Row, error) {
	rows := &rowsOf[Row]{cmd: c}
	err := await(ctx, on, c, rows)
	rows.mu.Lock()
	defer rows.mu.Unlock()
	return rows.all, err
}

// rowsOf is a result that is nothing but the rows of a command.
type rowsOf[Row conn.Response] struct {
	cmd conn.Command
	mu  sync.Mutex // what comes for a command that is being cancelled
	all []Row
}

// Collect takes a row; all else is for the result proper, which nobody wants.
func (c *rowsOf[Row]) Collect(r conn.Response) {
	if row, ok := asRow[Row](c.cmd, r); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, row)
	}
}

// Complete takes nothing: the error says what the answer was.
func (c *rowsOf[Row]) Complete(conn.Condition) {}
