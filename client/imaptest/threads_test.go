package imaptest_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/parley-go/parley/client"
	"github.com/parley-go/parley/client/imaptest"
	"github.com/parley-go/parley/client/internal/servers"
	"github.com/parley-go/parley/generated/imap"
)

// conversation makes messages that answer each other at random: parents that are missing, that come later, that are cut out of
// References, Message-IDs that are missing or there twice, subjects of lists and forwards.
func conversation(r *rand.Rand, n int) []string {
	lost := n%2 == 1 // of some conversations all first messages
	subjects := []string{"lunch", "[list] lunch", "Re: lunch", "Fwd: dinner", "dinner (fwd)", "[fwd: Re: tea]", "tea", "Re[2]: lunch", "Re: ", ""}
	messages := make([]string, n)
	for i := range messages {
		var b strings.Builder
		fmt.Fprintf(&b, "From: u%d@example.org\r\nSubject: %s\r\n", r.IntN(9), subjects[r.IntN(len(subjects))])
		fmt.Fprintf(&b, "Date: %s\r\n", time.Date(2024, 1, 1+r.IntN(28), r.IntN(24), i, 0, 0, time.UTC).Format(time.RFC1123Z))
		if id := i; r.IntN(10) > 0 {
			if r.IntN(12) == 0 {
				id = r.IntN(n)
			}
			fmt.Fprintf(&b, "Message-ID: <%d@example.org>\r\n", id)
		}
		field := "References:"
		if r.IntN(4) == 0 {
			field = "In-Reply-To:"
		}
		if refs := r.IntN(4); refs > 0 {
			b.WriteString(field)
			for range refs {
				id := r.IntN(n + 5)
				if lost {
					id = n + r.IntN(n/2)
				}
				fmt.Fprintf(&b, " <%d@example.org>", id)
			}
			b.WriteString("\r\n")
		}
		b.WriteString("\r\ntext\r\n")
		messages[i] = b.String()
	}
	return messages
}

// threads gives what a server makes of conversations: by both algorithms, and sorted by subject.
func threads(t *testing.T, c *client.Client, seed uint64, messages []string) (all []string) {
	t.Helper()
	ctx := t.Context()
	box := fmt.Sprintf("threads%d", seed)
	require.NoError(t, c.Create(ctx, box))
	for i, m := range messages {
		_, err := client.Do(ctx, c, imap.Append{Mailbox: box, Messages: []imap.AppendMessage{{
			Date: time.Date(2024, 3, 1, 0, i, 0, 0, time.UTC), Data: imap.AppendLiteral(imap.SourceString(m)),
		}}})
		require.NoError(t, err)
	}
	_, err := c.Select(ctx, box)
	require.NoError(t, err)
	for _, algorithm := range []imap.ThreadAlg{imap.ThreadReferences, imap.ThreadOrderedsubject} {
		found, err := client.Do(ctx, c, imap.Thread{Algorithm: algorithm, Charset: "UTF-8", Keys: []imap.SearchKey{imap.SearchAll}})
		require.NoError(t, err)
		for _, thread := range found.Thread.Threads {
			all = append(all, fmt.Sprint(algorithm, thread))
		}
	}
	found, err := client.Do(ctx, c, imap.Sort{Charset: "UTF-8", Criteria: []imap.SortCriterion{{Key: imap.SortSubject}}, Keys: []imap.SearchKey{imap.SearchAll}})
	require.NoError(t, err)
	return append(all, fmt.Sprint("SORT", found.Sort.IDs))
}

// Dovecot and imaptest thread the same messages alike.
func TestThreadsOfRandomMessages(t *testing.T) {
	srv := newServer(t, imaptest.Options{})
	own := dial(t, srv)
	s := servers.Dovecot(t)
	theirs, err := client.Dial(t.Context(), "imap://"+s.Addr, client.Options{Auth: client.Password(s.User, s.Password), TLS: s.TLSConfig()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = theirs.Close() })
	for seed := range uint64(10) {
		messages := conversation(rand.New(rand.NewPCG(seed, 1)), 10+int(seed)*5)
		assert.Equal(t, threads(t, theirs, seed, messages), threads(t, own, seed, messages), "seed %d", seed)
	}
}
