package workload

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// A Workload is the untagged data that answers one command.
type Workload struct {
	Name      string
	Lines     []byte // every response, line ends included
	Responses int    // how many they are
	Values    int    // what a time is divided by: messages, mailboxes, numbers
	Unit      string // one of Values
	LastUID   uint32 // the highest UID; 0 when there are none
}

// Tag stands in the responses that tell the tag of the command which they answer.
const Tag = "T1"

// For gives the lines as the answer to the command with the tag.
func (w *Workload) For(tag string) [][]byte {
	correlator := []byte(`(TAG "` + Tag + `")`)
	head := w.Lines[:min(len(w.Lines), 64)]
	before, _, ok := bytes.Cut(head, correlator)
	if !ok {
		return [][]byte{w.Lines}
	}
	first := fmt.Appendf(nil, `%s(TAG "%s")`, before, tag)
	return [][]byte{first, w.Lines[len(before)+len(correlator):]}
}

// A maker writes responses.
type maker struct {
	bytes.Buffer
	r *rand.Rand
}

func newMaker(seed uint64) *maker { return &maker{r: rand.New(rand.NewPCG(seed, 603))} }

func (m *maker) printf(format string, args ...any) { fmt.Fprintf(&m.Buffer, format, args...) }

// in tells yes in so many of a hundred cases.
func (m *maker) in(percent int) bool { return m.r.IntN(100) < percent }

func pick[T any](m *maker, from []T) T { return from[m.r.IntN(len(from))] }

// quoted writes a quoted string of octets that need no escape.
func (m *maker) quoted(s string) {
	m.WriteByte('"')
	m.WriteString(s)
	m.WriteByte('"')
}

func (m *maker) literal(s string) { m.printf("{%d}\r\n%s", len(s), s) }

func (m *maker) words(n int) string {
	var b []byte
	for i := range n {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, pick(m, words)...)
	}
	return string(b)
}

var (
	words = []string{
		"minutes", "of", "the", "meeting", "draft", "agenda", "re", "question", "about", "release", "next", "week", "please", "review",
		"and", "invoice", "for", "order", "travel", "plans", "lunch", "on", "Thursday", "new", "version", "working", "group", "last", "call",
	}
	firstNames = []string{"Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Ken", "Radia", "Tim", "Margaret", "John"}
	lastNames  = []string{"Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Allen", "Thompson", "Perlman", "Hamilton"}
	hosts      = []string{"example.org", "mail.example.com", "cac.washington.example", "lists.example.net", "infoods.mit.example"}
	// What RFC 2047 makes of names and subjects that are not ASCII.
	encodedNames    = []string{"=?utf-8?q?J=C3=BCrgen_Gr=C3=B6=C3=9Fe?=", "=?ISO-8859-1?Q?Ren=E9_Nu=F1ez?=", "=?UTF-8?B?5bGx55Sw5aSq6YOO?="}
	encodedSubjects = []string{
		"=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_dem_Norden?= and =?utf-8?q?=C3=BCber_die_Pl=C3=A4ne?=",
		"=?UTF-8?B?44GK55+l44KJ44Gb77ya5Lya6K2w44Gu6K2w5LqL6Yyy?=",
		"=?iso-8859-1?q?R=E9union_du_comit=E9?= =?iso-8859-1?q?_le_3_d=E9cembre?=",
	}
)
