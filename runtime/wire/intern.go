package wire

import "strconv"

const maxInterned = 1024 // entries of a table; then it begins anew

// interned gives the same string for equal octets, so that what repeats from response to response is allocated once. A peer that
// sends ever new values costs a table that is emptied now and then.
type interned struct{ m map[string]string }

func (t *interned) get(b []byte) string {
	if s, ok := t.m[string(b)]; ok {
		return s
	}
	if len(b) == 0 {
		return ""
	}
	s := string(b)
	if len(b) > 64 {
		return s
	}
	if t.m == nil {
		t.m = make(map[string]string)
	}
	if len(t.m) >= maxInterned {
		clear(t.m)
	}
	t.m[s] = s
	return s
}

func itoa(n int) string { return strconv.Itoa(n) }
