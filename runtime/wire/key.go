package wire

// Extensible is what can hold the fields of another module's grammar: every response, command and result, by the Ext in it.
type Extensible interface{ Extension() *Ext }

// Extension gives e itself: what embeds an Ext is Extensible.
func (e *Ext) Extension() *Ext { return e }

// A Key reaches one field that the grammar of another module adds to responses or results. Generated code makes them. The field is
// there only if the connection was told of the extension, and the server sent it.
type Key[T any] struct{ id *keyID }

// keyID tells keys apart by its address.
type keyID struct {
	name   string                 // for people
	detach func(any, *Cloner) any // nil if values refer to nothing
}

// NewKey makes the key of a field. The name is for people; detach shows a Cloner what a value refers to, nil if that is nothing.
func NewKey[T any](name string, detach func(*T, *Cloner)) Key[T] {
	id := &keyID{name: name}
	if detach != nil {
		id.detach = func(v any, c *Cloner) any {
			x := v.(T)
			detach(&x, c)
			return x
		}
	}
	return Key[T]{id}
}

// String gives the name of the field.
func (k Key[T]) String() string { return k.id.name }

// Of gives the value of the field in x, and whether it is there.
func (k Key[T]) Of(x Extensible) (v T, ok bool) {
	p := x.Extension().p
	if p == nil {
		return v, false
	}
	for i := range p.values {
		if p.values[i].key == k.id {
			v, ok = p.values[i].value.(T)
			return v, ok
		}
	}
	return v, false
}

// Set gives the field in x a value.
func (k Key[T]) Set(x Extensible, v T) {
	e := x.Extension()
	if e.p == nil {
		e.p = &ext{}
	}
	for i := range e.p.values {
		if e.p.values[i].key == k.id {
			e.p.values[i].value = v
			return
		}
	}
	e.p.values = append(e.p.values, extValue{k.id, v})
}

// extValue is a field of another module's grammar. Its type is that of its key.
type extValue struct {
	key   *keyID
	value any
}
