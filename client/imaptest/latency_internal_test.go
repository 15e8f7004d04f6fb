package imaptest

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Pieces sent one by one are late each, pieces sent together are late once.
func TestLatencyConn(t *testing.T) {
	const late, n = 20 * time.Millisecond, 10
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		var wg sync.WaitGroup
		defer wg.Wait()
		c := newLatencyConn(far, late, &wg)
		defer c.Close()
		piece := make([]byte, 2)
		send := func() {
			_, err := near.Write([]byte("ab"))
			require.NoError(t, err)
		}
		receive := func() {
			_, err := io.ReadFull(c, piece)
			require.NoError(t, err)
			assert.Equal(t, "ab", string(piece))
		}
		begin := time.Now()
		for range n {
			send()
			receive()
		}
		assert.Equal(t, n*late, time.Since(begin))
		begin = time.Now()
		for range n {
			send()
		}
		for range n {
			receive()
		}
		assert.Equal(t, late, time.Since(begin))
	})
}

// Closing ends a reader that waits for a piece to be due, and what carries.
func TestLatencyConnClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		var wg sync.WaitGroup
		c := newLatencyConn(far, time.Hour, &wg)
		_, err := near.Write([]byte("ab"))
		require.NoError(t, err)
		begin := time.Now()
		time.AfterFunc(time.Minute, func() { _ = c.Close() })
		_, err = c.Read(make([]byte, 2))
		require.ErrorIs(t, err, net.ErrClosed)
		assert.Equal(t, time.Minute, time.Since(begin))
		wg.Wait()
	})
}
