package client_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/generated/imap"
)

// elsewhere, in the environment, makes TestServerElsewhere a server.
const elsewhere = "PARLEY_TEST_SERVER"

// TestServerElsewhere is no test but a server in a process of its own, so that what clients cost can be measured without it.
func TestServerElsewhere(t *testing.T) {
	kind := os.Getenv(elsewhere)
	if kind == "" {
		return
	}
	srv := imaptest.NewServer(imaptest.Options{AllowClear: true})
	if kind == "imaps" {
		srv.Close()
		srv = imaptest.NewTLSServer(imaptest.Options{})
	}
	defer srv.Close()
	fmt.Println(srv.URL)
	_ = pem.Encode(os.Stdout, &pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// serverElsewhere starts a server in another process.
func serverElsewhere(t testing.TB, scheme string) (url string, cfg *tls.Config) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerElsewhere$")
	cmd.Env = append(os.Environ(), elsewhere+"="+scheme)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	r := bufio.NewReader(out)
	url, err = r.ReadString('\n')
	require.NoError(t, err)
	var text strings.Builder
	for !strings.HasSuffix(text.String(), "-----END CERTIFICATE-----\n") {
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		text.WriteString(line)
	}
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM([]byte(text.String())))
	return strings.TrimSpace(url), &tls.Config{RootCAs: pool}
}

// usage is what a process has of what connections cost.
type usage struct {
	heap, stack int64
	goroutines  int
}

func measure() usage {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{int64(m.HeapAlloc), int64(m.StackInuse), runtime.NumGoroutine()}
}

// TestIdleConnectionsAreCheap measures what the library needs for a connection that is logged in, has a mailbox selected and waits in IDLE
// (W7 of PERFORMANCE.md): heap, stacks and goroutines. The goroutines of those who range over Idle are there before, each begins when its
// connection is dialled. The bounds leave room for what the runtime keeps beside; the log says what it was.
func TestIdleConnectionsAreCheap(t *testing.T) {
	for _, tt := range []struct {
		name, scheme string
		compress     bool
		n            int
		kib          float64
	}{
		{"in clear", "imap", false, 1000, 6.5},
		{"TLS", "imaps", false, 1000, 12.5},
		{"COMPRESS", "imap", true, 200, 56},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, cfg := serverElsewhere(t, tt.scheme)
			o := client.Options{Auth: client.Password("ada", "secret"), TLS: cfg, InsecureNoTLS: true, InsecureAuth: true, Compress: tt.compress}
			dial := func() *client.Client {
				c, err := client.Dial(t.Context(), url, o)
				require.NoError(t, err)
				_, err = c.Select(t.Context(), "INBOX")
				require.NoError(t, err)
				return c
			}
			other := dial()
			ctx, cancel := context.WithCancel(t.Context())
			var loops sync.WaitGroup
			all, begin, told := make([]*client.Client, tt.n), make([]sync.Mutex, tt.n), make(chan struct{}, tt.n)
			for i := range all {
				begin[i].Lock()
				loops.Go(func() {
					begin[i].Lock()
					for event, err := range all[i].Idle(ctx) {
						if err != nil {
							return
						}
						if _, ok := event.(*imap.ExistsData); ok {
							told <- struct{}{}
						}
					}
				})
			}
			before := measure()
			for i := range all {
				all[i] = dial()
				begin[i].Unlock()
			}
			for range 2 { // to rest once more, with stacks of the size that the runtime gives to those who rest
				_, err := other.Append(t.Context(), "INBOX", imap.Message(imap.SourceString("Subject: news\r\n\r\n")))
				require.NoError(t, err)
				for range tt.n {
					<-told
				}
				measure()
			}
			after := measure()
			per := func(before, after int64) float64 { return float64(after-before) / float64(tt.n) }
			heap, stack := per(before.heap, after.heap)/1024, per(before.stack, after.stack)/1024
			goroutines := per(int64(before.goroutines), int64(after.goroutines))
			t.Logf("a connection in IDLE: %.1f KiB heap, %.1f KiB stack, %.2f goroutines", heap, stack, goroutines)
			assert.LessOrEqual(t, goroutines, 1.1, "the writer of one may not have ended yet")
			if raceDetector {
				tt.kib *= 2 // its stacks are larger
			}
			assert.LessOrEqual(t, heap+stack, tt.kib)
			cancel()
			loops.Wait()
			for _, c := range append(all, other) {
				assert.NoError(t, c.Close())
			}
		})
	}
}
