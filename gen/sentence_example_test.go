package gen_test

import (
	"fmt"

	"github.com/parley-go/parley/gen"
)

const moods = `
grammar moods rfc 1

response mood  = "MOOD" SP name:name SP count:number [SP "(" moods:mood *(SP moods:mood) ")"]
mood           = "HAPPY" / "SAD" / name
terminal name   string = 1*ALPHA
terminal number uint32 = 1*DIGIT
`

func moodSentences() *gen.Sentences {
	g, faults := gen.Parse([]gen.File{{Name: "moods.imap", Text: []byte(moods)}})
	if len(faults) > 0 {
		panic(faults)
	}
	return gen.NewSentences(g, gen.SentenceOptions{})
}

// A fuzzer hands its octets over as the tape: each decides one thing, and what is not decided is as short as can be.
func ExampleSentences() {
	sentences := moodSentences()
	for _, tape := range []string{"", "\x00\x02\x00\x00\x00\x03\x00\x00\x00\x07", "\x00\x02\x00\x00\x00\x03\x00\x00\x00\x07\x01\x01\x00\x01\x00\x06"} {
		s, err := sentences.Response("mood", []byte(tape))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q\n", s)
	}
	// Output:
	// "* MOOD a 0\r\n"
	// "* MOOD ada 7\r\n"
	// "* MOOD ada 7 (SAD happy)\r\n"
}

func ExampleSentences_Every() {
	for s := range moodSentences().Every(nil) {
		fmt.Printf("%q\n", s)
	}
	// Output:
	// "* MOOD a 0\r\n"
	// "* MOOD a 0 (SAD)\r\n"
	// "* MOOD a 0 (SAD SAD)\r\n"
	// "* MOOD a 0 (HAPPY)\r\n"
	// "* MOOD a 0 (SAD)\r\n"
	// "* MOOD a 0 (a)\r\n"
}

func ExampleSentences_NearMiss() {
	sentences := moodSentences()
	s, err := sentences.Response("mood", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, tape := range []string{"\x01\x07", "\x05\x05\x01"} {
		miss, _ := sentences.NearMiss(s, []byte(tape), nil)
		fmt.Printf("%q: %s\n", miss.Octets, miss.Change)
	}
	// Output:
	// "* OOD a 0\r\n": "M" lost in "MOOD"
	// "* MOOD a 9999999999\r\n": "9999999999" for "0"
}
