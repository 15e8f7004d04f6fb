package gen

// Unreached gives the places of the alternatives that no sentence of Every takes: no command or response leads to them, as with
// what only terminals are made of, or the options do not allow it.
func (s *Sentences) Unreached() []Pos {
	var places []Pos
	for _, to := range s.goals() {
		if _, ok := s.towards(to, nil); !ok {
			places = append(places, to.alt.Pos)
		}
	}
	return places
}
