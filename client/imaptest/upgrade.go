package imaptest

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/tls"
	"errors"
	"fmt"
	"io"

	"github.com/parley-go/parley/generated/imap"
)

// errEarly is STARTTLS with more behind it in clear, as somebody in the middle may put there (RFC 3501 section 6.2.1 lets the
// client send nothing until the answer came).
var errEarly = errors.New("octets in clear behind STARTTLS")

// starttls answers STARTTLS; TLS begins right after the answer.
func (s *session) starttls() answer {
	s.setReady(false)
	a := ok(nil, "begin TLS")
	a.then = func() error {
		if err := s.flush(); err != nil {
			return err
		}
		if len(s.reader.Buffered()) > 0 {
			return errEarly
		}
		defer s.setReady(true)
		return s.startTLS()
	}
	return a
}

// startTLS makes everything go through TLS.
func (s *session) startTLS() error {
	tc := tls.Server(s.nc, &tls.Config{Certificates: []tls.Certificate{s.srv.certificate}, MinVersion: tls.VersionTLS12})
	if err := tc.Handshake(); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	s.secure = true
	s.use(tc)
	return nil
}

// compress answers COMPRESS DEFLATE; what follows the answer, and the command, is compressed (RFC 4978 section 3).
func (s *session) compress() answer {
	if s.compressed {
		return no(imap.CodeCompressionActive, "DEFLATE is active already")
	}
	s.setReady(false)
	a := ok(nil, "begin DEFLATE")
	a.then = func() error {
		if err := s.flush(); err != nil {
			return err
		}
		deflate, err := flate.NewWriter(s.stream, flate.BestSpeed)
		if err != nil {
			return fmt.Errorf("beginning DEFLATE: %w", err)
		}
		begun := bytes.Clone(s.reader.Buffered())
		inflate := flate.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(begun), s.stream)))
		s.compressed = true
		s.source = flushing{s, inflate}
		s.reader.Reset(s.source)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.out.to(deflate)
		s.out.push = deflate.Flush
		s.ready = true
		return nil
	}
	return a
}
