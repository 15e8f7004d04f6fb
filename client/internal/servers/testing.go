package servers

import (
	"errors"
	"testing"
)

// Dovecot starts a Dovecot for a test, and stops it when the test ends. Where it cannot run, the test is skipped.
func Dovecot(t testing.TB) *Server { t.Helper(); return forTest(t, KindDovecot) }

// Cyrus starts a Cyrus for a test, and stops it when the test ends. Where it cannot run, the test is skipped.
func Cyrus(t testing.TB) *Server { t.Helper(); return forTest(t, KindCyrus) }

// Courier starts a Courier for a test, and stops it when the test ends. Where it cannot run, the test is skipped; it
// needs root.
func Courier(t testing.TB) *Server { t.Helper(); return forTest(t, KindCourier) }

// Each runs a subtest for each server, named after it, with a server of its own.
func Each(t *testing.T, f func(t *testing.T, s *Server)) {
	t.Helper()
	for _, k := range Kinds() {
		t.Run(string(k), func(t *testing.T) { f(t, forTest(t, k)) })
	}
}

func forTest(t testing.TB, k Kind) *Server {
	t.Helper()
	s, err := Start(t.Context(), k)
	if errors.Is(err, ErrNotInstalled) || errors.Is(err, ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log of %s ends: %s", k, tail(s.Log(), 4000))
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}
