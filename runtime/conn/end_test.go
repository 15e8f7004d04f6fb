package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

func TestGreeting(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       error
		text       string
	}{
		{"BYE", "* BYE [UNAVAILABLE] try later", ErrConnectionLost, "imap: greeting: connection lost: BYE [UNAVAILABLE] try later"},
		{"NO", "* NO way", ErrProtocol, "imap: protocol violation: greeting: NO way"},
		{"SMTP", "421 Server is busy\x1b[2J", ErrProtocol, `imap: protocol violation: greeting: 421 Server is busy\x1b[2J`},
		{"data", "* 3 EXISTS", ErrProtocol, "imap: protocol violation: greeting: * 3 EXISTS"},
		{"tagged", "A1 OK hi", ErrProtocol, "imap: protocol violation: greeting: A1 OK hi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, far := net.Pipe()
			go func() {
				_, _ = io.WriteString(far, tt.line+"\r\n")
				_, _ = io.Copy(io.Discard, far) // until New has closed it
			}()
			_, err := New(t.Context(), near, Options{Codec: codec{}})
			require.EqualError(t, err, tt.text)
			require.ErrorIs(t, err, tt.want)
			_, err = near.Write(nil)
			require.ErrorIs(t, err, io.ErrClosedPipe)
		})
	}
	t.Run("none", func(t *testing.T) {
		near, far := net.Pipe()
		require.NoError(t, far.Close())
		_, err := New(t.Context(), near, Options{Codec: codec{}})
		require.ErrorIs(t, err, ErrConnectionLost)
		require.NotErrorIs(t, err, io.EOF)
	})
	t.Run("too late", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			near, _ := net.Pipe()
			start := time.Now()
			_, err := New(t.Context(), near, Options{Codec: codec{}})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 30*time.Second, time.Since(start))
		})
	})
	t.Run("states", func(t *testing.T) {
		play(t, "* OK hi", Options{}, nil, func(t *testing.T, c *Conn) {
			assert.Equal(t, StateNotAuthenticated, c.State())
			assert.False(t, c.Capabilities().Known())
			assert.Equal(t, "hi", c.Greeting().Text)
		})
		play(t, "* PREAUTH hi", Options{}, nil, func(t *testing.T, c *Conn) {
			assert.Equal(t, StateAuthenticated, c.State())
		})
	})
}

// TestEndsEveryCall: whatever ends the connection, every call ends and says why.
func TestEndsEveryCall(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(*server) // after the first command was read
		close  bool
		want   error
		text   string
	}{
		{"BYE", func(s *server) { s.send("* BYE [UNAVAILABLE] going\x07 down") }, false, ErrConnectionLost,
			`connection lost: BYE [UNAVAILABLE] going\x07 down`},
		{"end of stream", func(s *server) { _ = s.conn.Close() }, false, ErrConnectionLost, "read: connection lost: unexpected EOF"},
		{"end within a response", func(s *server) { _, _ = io.WriteString(s.w, "* 1 FET"); _ = s.conn.Close() }, false, io.ErrUnexpectedEOF,
			"read: connection lost: read frame: unexpected EOF"},
		{"end within a literal", func(s *server) { _, _ = io.WriteString(s.w, "* 1 FETCH (BODY[] {5}\r\nhel"); _ = s.conn.Close() }, false,
			io.ErrUnexpectedEOF, "connection lost"},
		{"Close", nil, true, ErrClosed, "connection closed"},
		{"a tag that was never sent", func(s *server) { s.send("Server Unavailable. 15") }, false, ErrProtocol,
			"protocol violation: answer with a tag that was never sent: Server Unavailable. 15"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{}, func(s *server) {
				s.command("NOOP")
				if tt.script != nil {
					tt.script(s)
				}
				_, _ = io.Copy(io.Discard, s.r)
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				sub := c.Subscribe(0)
				var calls []*Call
				var done int
				finished := make(chan struct{}, 100)
				for range 100 {
					k := c.Start(ctx, noop, CallOptions{})
					k.OnDone(func() { finished <- struct{}{} })
					calls = append(calls, k)
				}
				sel := c.Start(ctx, command{spec: specSelect}, CallOptions{}) // never sent: it waits for the others
				if tt.close {
					synctest.Wait()
					require.NoError(t, c.Close())
				}
				for _, k := range calls {
					<-finished
					_, err := k.Wait(ctx)
					require.ErrorIs(t, err, tt.want)
					require.ErrorContains(t, err, "imap: NOOP: ")
					require.ErrorContains(t, err, tt.text)
					require.NotErrorIs(t, err, io.EOF)
					done++
				}
				_, err := sel.Wait(ctx)
				require.ErrorIs(t, err, tt.want)
				require.NotErrorIs(t, err, ErrOutcomeUnknown)
				for err = nil; err == nil; { // a BYE is an event, too
					_, _, err = sub.Next(ctx)
				}
				require.ErrorIs(t, err, tt.want)
				<-c.Done()
				require.ErrorIs(t, c.Err(), tt.want)
				assert.Equal(t, StateLogout, c.State())
				_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
				require.ErrorIs(t, err, tt.want, "a command after the end")
				require.NotErrorIs(t, err, ErrOutcomeUnknown)
				assert.Equal(t, 100, done)
				require.NoError(t, c.Close())
			})
		})
	}
}

func TestTagThatWasNeverSentByItsNumber(t *testing.T) {
	run(t, Options{TagPrefix: "T"}, func(s *server) {
		s.command("NOOP")
		s.send("T2 OK", "T1 OK")
	}, func(t *testing.T, c *Conn) {
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.ErrorIs(t, err, ErrProtocol)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
	})
}

func TestTaggedOKBeforeTheCommand(t *testing.T) {
	play(t, "* OK hi", Options{TagPrefix: "T"}, func(s *server) {
		s.send("T1 OK begin TLS now")
	}, func(t *testing.T, c *Conn) {
		<-c.Done()
		require.ErrorIs(t, c.Err(), ErrProtocol)
	})
}

func TestDeviations(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
	}{
		{"response that cannot be read", []string{"* bad data"}},
		{"answer that came before", []string{"T1 OK again"}},
		{"continuation request for nobody", []string{"+ what"}},
	} {
		script := func(s *server) {
			s.answer("NOOP")
			s.send(append(tt.lines, s.command("NOOP")+" OK")...)
		}
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{TagPrefix: "T"}, script, func(t *testing.T, c *Conn) {
				for range 2 {
					_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
					require.NoError(t, err)
				}
			})
		})
		t.Run(tt.name+", strict", func(t *testing.T) {
			run(t, Options{TagPrefix: "T", Strict: true}, script, func(t *testing.T, c *Conn) {
				_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
				require.NoError(t, err)
				_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
				require.ErrorIs(t, err, ErrProtocol)
			})
		})
	}
}

func TestAnswerThatCannotBeRead(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.send(s.command("NOOP") + " bad answer")
		s.answer("NOOP")
		s.send(s.command("SELECT") + " bad answer")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		_, err := c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrProtocol)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err, "the connection lives")
		_, err = c.Start(ctx, command{spec: specSelect}, CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrProtocol)
		<-c.Done() // which mailbox is selected cannot be known
	})
}

func TestLogout(t *testing.T) {
	t.Run("with an answer", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			s.send("* BYE bye", s.command("LOGOUT")+" OK bye")
		}, func(t *testing.T, c *Conn) {
			_, err := c.Start(t.Context(), logout, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
			<-c.Done()
			require.ErrorIs(t, c.Err(), ErrClosed)
		})
	})
	t.Run("without one", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			s.command("LOGOUT")
			s.send("* BYE bye")
			_ = s.conn.Close()
		}, func(t *testing.T, c *Conn) {
			var finished Condition
			cond, err := c.Start(t.Context(), logout, CallOptions{Result: result{complete: func(c Condition) { finished = c }}}).Wait(t.Context())
			require.NoError(t, err)
			assert.Equal(t, Condition{Type: ConditionBYE, Text: "bye"}, cond)
			assert.Equal(t, cond, finished)
			require.ErrorIs(t, c.Err(), ErrClosed)
		})
	})
}

func TestCancelBeforeTheWrite(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("SELECT")
		s.silent()
		time.Sleep(time.Minute)
		s.send(tag + " OK")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		sel := c.Start(t.Context(), command{spec: specSelect}, CallOptions{})
		ctx, cancel := context.WithCancelCause(t.Context())
		k := c.Start(ctx, statusOf("never"), CallOptions{})
		last := c.Start(t.Context(), noop, CallOptions{})
		why := errors.New("changed my mind")
		cancel(why)
		_, err := k.Wait(t.Context())
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, why)
		require.NotErrorIs(t, err, ErrOutcomeUnknown)
		require.EqualError(t, err, "imap: STATUS: context canceled: changed my mind")
		_, err = sel.Wait(t.Context())
		require.NoError(t, err)
		_, err = last.Wait(t.Context())
		require.NoError(t, err)
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(t.Context())
		require.ErrorIs(t, err, context.Canceled, "started with a context that has ended")
	})
}

func TestCancelAfterTheWrite(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("UID FETCH 1:*")
		s.send("* 1 FETCH (UID 1 FLAGS ())")
		time.Sleep(time.Minute)
		sendRows(s, tag, manyRows)
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		k := c.Start(ctx, fetch(all, 0), CallOptions{Rows: true})
		_, err := rows(ctx, k)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		_, err = k.Wait(ctx)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		assert.Equal(t, time.Second, time.Since(start), "at once")
		_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		require.NoError(t, err, "the connection lives")
	})
}

func TestCancelledBarrierStillTakesEffect(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("SELECT")
		time.Sleep(time.Minute)
		s.send("* 3 EXISTS", tag+" OK")
	}, func(t *testing.T, c *Conn) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var collected, finished bool
		_, err := c.Start(ctx, command{spec: specSelect}, CallOptions{
			Result: result{func(Response) { collected = true }, func(Condition) { finished = true }},
		}).Wait(ctx)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		time.Sleep(2 * time.Minute)
		assert.Equal(t, StateSelected, c.State())
		assert.True(t, collected && finished)
	})
}

func TestStalledWrite(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.command("NOOP")
		// The next command is not read; what the server says gets through all the same.
		s.send("* 5 EXISTS")
		time.Sleep(time.Hour)
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		sub := c.Subscribe(0)
		c.Start(ctx, noop, CallOptions{})
		synctest.Wait()
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		stalled := c.Start(ctx, command{spec: specNoop, write: word(strings.Repeat("x", 900))}, CallOptions{})
		synctest.Wait()
		queued := c.Start(short, noop, CallOptions{})
		r, _, err := sub.Next(ctx)
		require.NoError(t, err)
		assert.Equal(t, "5 EXISTS", r.(*data).text)
		_, err = queued.Wait(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, ErrOutcomeUnknown)
		require.NoError(t, c.Close())
		_, err = stalled.Wait(ctx)
		require.ErrorIs(t, err, ErrClosed)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
	})
}

func TestCloseFromEverywhere(t *testing.T) {
	for _, where := range []string{"Observe", "Collect", "Complete", "Check", "Trace", "OnDone"} {
		t.Run(where, func(t *testing.T) {
			var conn *Conn
			here := func(at string) {
				if at == where {
					assert.NoError(t, conn.Close())
				}
			}
			run(t, Options{
				Observe: func(Response, *Call) { here("Observe") },
				Trace: func(e TraceEvent) {
					if e.Sent {
						here("Trace")
					}
				},
			}, func(s *server) {
				_, err := s.r.ReadString('\n')
				if err == nil {
					_, _ = io.WriteString(s.w, "* 3 EXISTS\r\nT1 OK\r\n")
				}
			}, func(t *testing.T, c *Conn) {
				c.opts.TagPrefix = "T"
				conn = c
				k := c.Start(t.Context(), command{spec: specSelect}, CallOptions{
					Result: result{func(Response) { here("Collect") }, func(Condition) { here("Complete") }},
					Check:  func(*Call) error { here("Check"); return nil },
				})
				done := make(chan struct{})
				k.OnDone(func() { here("OnDone"); close(done) })
				<-done
				<-k.Done()
				require.NoError(t, c.Close())
			})
		})
	}
}

func TestUntaggedBADIsAnEvent(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.command("NOOP")
		s.send("* BAD [ALERT] Please enable IMAP access")
	}, func(t *testing.T, c *Conn) {
		sub := c.Subscribe(0)
		c.Start(t.Context(), noop, CallOptions{})
		r, _, err := sub.Next(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "ALERT", r.(StatusResponse).Condition().Code.Keyword())
	})
}

func TestLimits(t *testing.T) {
	run(t, Options{Limits: wire.Limits{Response: 100}}, func(s *server) {
		s.command("NOOP")
		_, _ = io.WriteString(s.w, "* 1 FETCH (BODY[] "+strings.Repeat("x", 200))
	}, func(t *testing.T, c *Conn) {
		_, err := c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
		var limit *wire.LimitError
		require.ErrorAs(t, err, &limit)
	})
}
