package imap_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/generated/imap"
	"github.com/parley-go/parley/runtime/wire"
)

// FuzzResponse: whatever a server sends, reading it ends without a panic and without looking beyond the frame.
func FuzzResponse(f *testing.F) { fuzzLines(f, false) }

// FuzzCommand: the same for what a client sends.
func FuzzCommand(f *testing.F) { fuzzLines(f, true) }

// fuzzLines reads streams of lines. What is read strictly is read the same leniently, without a warning, and can be written so that
// it is read as the same again.
func fuzzLines(f *testing.F, command bool) {
	for _, l := range examples {
		if l.command == command {
			f.Add([]byte(l.octets))
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := wire.NewReader(bytes.NewReader(stream), wire.Limits{Response: 1 << 16, Literal: 1 << 16})
		for range 10 {
			frame, err := r.Next()
			if err != nil {
				return
			}
			fuzzFrame(t, line{octets: string(stream), command: command}, frame)
		}
	})
}

func fuzzFrame(t *testing.T, l line, f *wire.Frame) {
	lenient, lenientErr := l.decode(f, false)
	strict, err := l.decode(f, true)
	if lenientErr == nil {
		if lenient.value != nil {
			requireClone(t, lenient.value)
		}
		// With nothing behind the frame: what is read does not depend on what comes after it.
		whole, err := l.decode(aloneFrame(t, f), false)
		require.NoError(t, err)
		require.True(t, sameReading(lenient, whole), "%q: %v, alone: %v", f.Text(), lenient.value, whole.value)
	}
	if err != nil {
		if lenientErr == nil && !l.command {
			require.NotEmpty(t, lenient.warnings, "%q: %v", f.Text(), err)
		}
		return
	}
	require.NoError(t, lenientErr, "%q", f.Text())
	strict.requireSame(t, lenient, "%q", f.Text())
	out, err := strict.encode(l.modes()[0])
	if _, ok := strict.value.(*imap.UnknownCommand); ok {
		require.Error(t, err)
		return
	}
	if bytes.IndexByte(f.Text(), 0) >= 0 {
		return // a literal is read with NUL in it, as it came, but never written so
	}
	require.NoError(t, err, "%q", f.Text())
	again, err := l.decode(frame(t, out), true)
	require.NoError(t, err, "%q was written as %q", f.Text(), out)
	strict.fillIn(again)
	strict.requireSame(t, again, "%q was written as %q", f.Text(), out)
}

// aloneFrame cuts the octets of a frame, without long literals, from a stream of their own.
func aloneFrame(t *testing.T, f *wire.Frame) *wire.Frame {
	if int64(len(f.Text())) != f.Len() {
		return f
	}
	return frame(t, string(f.Text()))
}
