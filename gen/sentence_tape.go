package gen

// A sentenceTape gives decisions out of octets. At its end every decision is the first.
type sentenceTape struct {
	octets []byte
	at     int
}

func (t *sentenceTape) done() bool { return t.at >= len(t.octets) }

// pick gives a number below n. It takes one octet if that is enough, so that a change of the tape changes one decision.
func (t *sentenceTape) pick(n int) int {
	if n <= 1 {
		return 0
	}
	v := t.next()
	for m := n - 1; m > 0xFF; m >>= 8 {
		v = v<<8 | t.next()
	}
	return v % n
}

func (t *sentenceTape) next() int {
	if t.done() {
		return 0
	}
	t.at++
	return int(t.octets[t.at-1])
}
