package conn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/runtime/wire"
)

// source gives a source that is read.
func source(s string) wire.Source {
	return wire.SourceReader(io.MultiReader(strings.NewReader(s)), int64(len(s)))
}

func TestSynchronizingLiteral(t *testing.T) {
	for _, tt := range []struct {
		name string
		src  wire.Source
	}{
		{"octets", wire.SourceBytes([]byte("hello"))},
		{"string", wire.SourceString("hello")},
		{"reader", source("hello")},
		{"reader of single octets", wire.SourceReader(iotest.OneByteReader(strings.NewReader("hello")), 5)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{}, func(s *server) {
				tag := s.command("APPEND box {5}")
				s.silent() // nothing else either until "+"
				s.send("+ go")
				s.want("hello")
				b := s.command("NOOP")
				s.send(b+" OK", tag+" OK done")
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				a, b := c.Start(ctx, appendTo("box", tt.src), CallOptions{}), c.Start(ctx, noop, CallOptions{})
				_, err := a.Wait(ctx)
				require.NoError(t, err)
				_, err = b.Wait(ctx)
				require.NoError(t, err)
			})
		})
	}
}

func TestSeveralLiterals(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("NOOP {2}")
		s.send("+")
		s.want("\xe9a {3}")
		s.send("+ ")
		s.want("\xe9bc")
		s.send(tag + " OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		cmd := command{spec: specNoop, write: func(e *wire.Encoder) { word("\xe9a")(e); word("\xe9bc")(e) }}
		_, err := c.Start(ctx, cmd, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
	})
}

func TestRefusedLiteralIsNotSent(t *testing.T) {
	for _, answer := range []string{"NO [TRYCREATE] no such mailbox", "BAD too long"} {
		t.Run(answer, func(t *testing.T) {
			run(t, Options{}, func(s *server) {
				s.send(s.command("APPEND box {16}") + " " + answer)
				s.answer("NOOP") // and not the literal
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				var finished Condition
				a := c.Start(ctx, appendTo("box", source("A1 DELETE INBOX\n")), CallOptions{Result: result{complete: func(c Condition) { finished = c }}})
				b := c.Start(ctx, noop, CallOptions{})
				_, err := a.Wait(ctx)
				require.ErrorContains(t, err, "APPEND: "+answer[:2])
				assert.Contains(t, answer, string(finished.Type))
				_, err = b.Wait(ctx)
				require.NoError(t, err)
			})
		})
	}
}

// TestRefusedAfterAPart: what came before the refusal was one command; what was to follow is not sent.
func TestRefusedAfterAPart(t *testing.T) {
	run(t, Options{}, func(s *server) {
		tag := s.command("NOOP {2}")
		s.send("+")
		s.want("\xe9a {3}")
		s.silent()
		s.send(tag + " NO not that one")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		cmd := command{spec: specNoop, write: func(e *wire.Encoder) { word("\xe9a")(e); word("\xe9bc")(e) }}
		k, after := c.Start(ctx, cmd, CallOptions{}), c.Start(ctx, noop, CallOptions{})
		_, err := k.Wait(ctx)
		require.EqualError(t, err, "imap: NOOP: NO not that one")
		_, err = after.Wait(ctx)
		require.NoError(t, err)
	})
}

func TestNonSynchronizingLiteral(t *testing.T) {
	play(t, "* PREAUTH [CAPABILITY LITERAL+] hi", Options{}, func(s *server) {
		a := s.command("APPEND box {5+}")
		s.want("hello")
		b := s.command("APPEND box {5+}")
		s.want("world")
		s.send(b+" OK", a+" OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		a := c.Start(ctx, appendTo("box", source("hello")), CallOptions{})
		b := c.Start(ctx, appendTo("box", wire.SourceString("world")), CallOptions{})
		for _, k := range []*Call{a, b} {
			_, err := k.Wait(ctx)
			require.NoError(t, err)
		}
	})
}

// TestRefusedWhileItIsSent: RFC 7888 section 4 lets the server refuse a literal before it was read. It is sent to its end, and the
// call ends then.
func TestRefusedWhileItIsSent(t *testing.T) {
	play(t, "* PREAUTH [CAPABILITY LITERAL+] hi", Options{}, func(s *server) {
		tag := s.command("APPEND box {100000+}")
		s.octets(10)
		s.send(tag + " NO [OVERQUOTA] full")
		s.octets(100000 - 10)
		s.want("")
		s.answer("NOOP")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		_, err := c.Start(ctx, appendTo("box", source(strings.Repeat("x", 100000))), CallOptions{}).Wait(ctx)
		require.ErrorContains(t, err, "NO [OVERQUOTA] full")
		_, err = c.Start(ctx, noop, CallOptions{}).Wait(ctx)
		require.NoError(t, err)
	})
}

func TestOKBeforeTheCommandIsComplete(t *testing.T) {
	run(t, Options{}, func(s *server) {
		s.send(s.command("APPEND box {5}") + " OK you need not send it")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		_, err := c.Start(ctx, appendTo("box", source("hello")), CallOptions{}).Wait(ctx)
		require.ErrorIs(t, err, ErrProtocol)
		<-c.Done()
	})
}

func TestSourcesThatLie(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, tt := range []struct {
		name string
		r    io.Reader
		want string
		is   error
	}{
		{"early", strings.NewReader("hell"), "imap: APPEND: source of a literal of APPEND ended 1 octets early: unexpected EOF (outcome unknown)", io.ErrUnexpectedEOF},
		{"long", strings.NewReader("hello!"), "imap: APPEND: source of a literal of APPEND is longer than 5 octets (outcome unknown)", ErrSource},
		{"failing", io.MultiReader(strings.NewReader("he"), iotest.ErrReader(broken)), "imap: APPEND: source of a literal of APPEND failed: disk on fire (outcome unknown)", broken},
		{"of no octets at a time", stuck{}, "imap: APPEND: source of a literal of APPEND failed: multiple Read calls return no data or error (outcome unknown)", io.ErrNoProgress},
		{"below nothing", miscounting(-1), "imap: APPEND: source of a literal of APPEND failed: Read gave a count that it cannot have (outcome unknown)", errCount},
		{"beyond the buffer", miscounting(6), "imap: APPEND: source of a literal of APPEND failed: Read gave a count that it cannot have (outcome unknown)", errCount},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{}, func(s *server) {
				s.command("APPEND box {5}")
				s.send("+ go")
				octets, _ := io.ReadAll(s.r)
				assert.LessOrEqual(t, len(octets), 5)
			}, func(t *testing.T, c *Conn) {
				ctx := t.Context()
				_, err := c.Start(ctx, appendTo("box", wire.SourceReader(tt.r, 5)), CallOptions{}).Wait(ctx)
				require.EqualError(t, err, tt.want)
				require.ErrorIs(t, err, ErrSource)
				require.ErrorIs(t, err, tt.is)
				require.NotErrorIs(t, err, io.EOF)
				<-c.Done()
			})
		})
	}
}

// miscounting is a reader that gives a count of its own.
type miscounting int

func (m miscounting) Read([]byte) (int, error) { return int(m), nil }

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestSourceThatLiesUnderWay: with LITERAL+ nothing can be taken back, and other commands are on their way.
func TestSourceThatLiesUnderWay(t *testing.T) {
	play(t, "* PREAUTH [CAPABILITY LITERAL+] hi", Options{}, func(s *server) {
		s.command("NOOP")
		s.command("APPEND box {100+}")
		_, _ = io.Copy(io.Discard, s.r)
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		before := c.Start(ctx, noop, CallOptions{})
		k := c.Start(ctx, appendTo("box", wire.SourceReader(strings.NewReader("short"), 100)), CallOptions{})
		after := c.Start(ctx, statusOf("a"), CallOptions{})
		_, err := k.Wait(ctx)
		require.EqualError(t, err, "imap: APPEND: source of a literal of APPEND ended 95 octets early: unexpected EOF (outcome unknown)")
		_, err = before.Wait(ctx)
		require.ErrorIs(t, err, ErrOutcomeUnknown)
		_, err = after.Wait(ctx)
		require.ErrorIs(t, err, ErrSource, "it says what was wrong")
		require.ErrorIs(t, err, ErrConnectionLost)
		require.NotErrorIs(t, err, io.ErrUnexpectedEOF, "of a reader that is not its own")
		require.NotErrorIs(t, err, ErrOutcomeUnknown, "it was not sent")
	})
}

// blocking is a source whose Read waits until it is let go, and notes reads after the call has ended.
type blocking struct {
	entered chan struct{}
	free    chan struct{}
}

func (b *blocking) Read(p []byte) (int, error) {
	b.entered <- struct{}{}
	<-b.free
	return copy(p, "x"), nil
}

func TestCancelWhileTheSourceIsRead(t *testing.T) {
	for _, tt := range []struct {
		name  string
		delay time.Duration // until the Read returns
		want  time.Duration // until the call ends
	}{
		{"the call outlasts a Read in progress", 10 * time.Millisecond, 10 * time.Millisecond},
		{"but not one that hangs", time.Hour, sourceGrace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, Options{}, func(s *server) {
				s.command("APPEND box {5}")
				s.send("+ go")
			}, func(t *testing.T, c *Conn) {
				ctx, cancel := context.WithCancel(t.Context())
				src := &blocking{make(chan struct{}), make(chan struct{})}
				k := c.Start(ctx, appendTo("box", wire.SourceReader(src, 5)), CallOptions{})
				<-src.entered
				cancel()
				start := time.Now()
				time.AfterFunc(tt.delay, func() { close(src.free) })
				_, err := k.Wait(ctx)
				assert.Equal(t, tt.want, time.Since(start))
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, ErrOutcomeUnknown)
				<-c.Done()
				require.ErrorContains(t, c.Err(), "APPEND was cancelled within its literal")
				<-src.free
				synctest.Wait() // another Read would be left waiting in the bubble
			})
		})
	}
}

func TestCancelBeforeThePlus(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			tag := s.command("APPEND box {5}")
			time.Sleep(time.Minute)
			s.send(tag + " NO")
			s.answer("NOOP")
		}, func(t *testing.T, c *Conn) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Start(ctx, appendTo("box", source("hello")), CallOptions{}).Wait(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
		})
	})
	t.Run("accepted, and the octets cannot have changed", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			tag := s.command("APPEND box {5}")
			time.Sleep(time.Minute)
			s.send("+ go")
			assert.Equal(s.t, "hello\r\n", s.octets(7))
			s.send(tag + " OK")
			s.answer("NOOP")
		}, func(t *testing.T, c *Conn) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Start(ctx, appendTo("box", wire.SourceString("hello")), CallOptions{}).Wait(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, ErrOutcomeUnknown)
			_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
			require.NoError(t, err)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		run(t, Options{}, func(s *server) {
			s.command("APPEND box {5}")
			time.Sleep(time.Minute)
			s.send("+ go")
		}, func(t *testing.T, c *Conn) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Start(ctx, appendTo("box", source("hello")), CallOptions{}).Wait(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			<-c.Done()
			require.ErrorContains(t, c.Err(), "APPEND was cancelled within its literal")
		})
	})
}

// TestAppendFromAFetch: the body that is appended comes over the same connection.
func TestAppendFromAFetch(t *testing.T) {
	run(t, Options{}, func(s *server) {
		fetched := s.command("UID FETCH 1:*")
		s.send("* 1 FETCH (UID 1 FLAGS ())")
		appended := s.command("APPEND box {26}")
		s.send("+ go")
		for range manyRows {
			s.send("* 2 FETCH (UID 2 FLAGS ())")
		}
		s.send(fetched + " OK")
		s.want("* 2 FETCH (UID 2 FLAGS ())")
		s.send(appended + " OK")
	}, func(t *testing.T, c *Conn) {
		ctx := t.Context()
		k := c.Start(ctx, fetch(all, 0), CallOptions{Rows: true})
		_, err := k.Next(ctx)
		require.NoError(t, err)
		_, err = c.Start(ctx, appendTo("box", wire.SourceReader(&rowReader{k: k, ctx: ctx}, 26)), CallOptions{}).Wait(ctx)
		require.NoError(t, err)
		_, err = k.Wait(ctx)
		require.NoError(t, err)
	})
}

// rowReader reads the text of one row.
type rowReader struct {
	k    *Call
	ctx  context.Context
	text io.Reader
}

func (r *rowReader) Read(p []byte) (int, error) {
	if r.text == nil {
		row, err := r.k.Next(r.ctx)
		if err != nil {
			return 0, err
		}
		r.text = strings.NewReader(row.(*data).text)
	}
	return r.text.Read(p)
}

// TestCancelBehindTheHeader: the header of a literal that waits for nothing is being written while its command is cancelled. The octets of a
// string follow, those of a reader do not.
func TestCancelBehindTheHeader(t *testing.T) {
	const size = 1 << 20
	for _, tt := range []struct {
		name  string
		src   wire.Source
		lives bool
	}{
		{"string", wire.SourceString(strings.Repeat("x", size)), true},
		{"bytes", wire.SourceBytes(bytes.Repeat([]byte("x"), size)), false},
		{"reader", wire.SourceReader(strings.NewReader(strings.Repeat("x", size)), size), false},
	} {
		for when, octets := range map[string]int{"in the header": 5, "in the octets": 200} {
			t.Run(tt.name+", "+when, func(t *testing.T) {
				play(t, "* PREAUTH [CAPABILITY LITERAL+] hi", Options{TagPrefix: "T"}, func(s *server) {
					_, _ = io.ReadFull(s.conn, make([]byte, octets)) // a Write lasts until all of it is read
					time.Sleep(10 * time.Second)
					if !tt.lives {
						_, _ = io.Copy(io.Discard, s.r)
						return
					}
					s.octets(len("T1 APPEND box {1048576+}\r\n") + size + len("\r\n") - octets)
					s.send("T1 OK")
					s.answer("NOOP")
				}, func(t *testing.T, c *Conn) {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := c.Start(ctx, appendTo("box", tt.src), CallOptions{}).Wait(ctx)
					require.ErrorIs(t, err, context.DeadlineExceeded)
					_, err = c.Start(t.Context(), noop, CallOptions{}).Wait(t.Context())
					if tt.lives {
						require.NoError(t, err)
						return
					}
					require.ErrorContains(t, c.Err(), "cancelled within its literal")
				})
			})
		}
	}
}
