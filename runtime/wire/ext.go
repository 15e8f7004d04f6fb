package wire

// An Ext is embedded in every response, command and result. It holds what few of them have: the deviations of the response from the
// grammar. The zero value is empty and costs one word. It is for one goroutine at a time.
type Ext struct{ p *ext }

type ext struct {
	warnings []Warning
	values   []extValue
}

// Warnings gives the deviations from the grammar that were read over.
func (e *Ext) Warnings() []Warning {
	if e.p == nil {
		return nil
	}
	return e.p.warnings
}

// AddWarnings adds to the warnings.
func (e *Ext) AddWarnings(w ...Warning) {
	if len(w) == 0 {
		return
	}
	if e.p == nil {
		e.p = &ext{}
	}
	e.p.warnings = append(e.p.warnings, w...)
}
