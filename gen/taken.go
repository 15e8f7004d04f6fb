package gen

import (
	"cmp"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// This file finds Go names that two things of the output have, where claim could not know of it: of functions, methods and fields.

// A declared Go name: Type.Name for a method or field.
type declared struct{ typ, name string }

// takenTwice reports what would not compile for that reason. Only the files of package imap, or of another module, are looked at.
func (e *emitter) takenTwice(out Output) {
	seen := map[declared]bool{}
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if dir := strings.HasPrefix(name, "generated/imap/"); dir != (e.foreign == nil) || strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := goparser.ParseFile(token.NewFileSet(), name, out[name], goparser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range declaredIn(tree) {
			if seen[d] && d.name != "_" {
				e.r.faults.add(e.posOf(d), "%s", d.taken())
			}
			seen[d] = true
		}
	}
}

func (d declared) taken() string {
	if d.typ != "" {
		return "the Go name " + d.name + " is taken in " + d.typ + ": bind another name"
	}
	return "the Go name " + d.name + " is taken: rename this with \"as\" or a label"
}

// declaredIn lists what a file declares for the whole package.
func declaredIn(tree *ast.File) []declared {
	var all []declared
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			x := declared{name: d.Name.Name}
			if d.Recv != nil {
				x.typ = typeName(d.Recv.List[0].Type)
			}
			all = append(all, x)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					all = append(all, declared{name: s.Name.Name})
					if st, ok := s.Type.(*ast.StructType); ok {
						all = append(all, fieldsIn(s.Name.Name, st)...)
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						all = append(all, declared{name: n.Name})
					}
				}
			}
		}
	}
	return all
}

func fieldsIn(typ string, st *ast.StructType) []declared {
	var all []declared
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			all = append(all, declared{typ, n.Name})
		}
		if len(f.Names) == 0 {
			all = append(all, declared{typ, typeName(f.Type)})
		}
	}
	return all
}

func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// posOf is where the grammar gives a Go name: the binding of a field, or the rule of a type or of what reads and writes it.
func (e *emitter) posOf(d declared) Pos {
	structs := slices.Clone(e.r.structs)
	for _, u := range e.r.unions {
		for _, a := range u.Alts {
			if a.Struct != nil {
				structs = append(structs, a.Struct)
			}
		}
	}
	for _, s := range structs {
		if s.Go != d.typ {
			continue
		}
		for _, f := range s.Fields {
			if f.Go == d.name {
				return f.pos
			}
		}
		return s.pos
	}
	for _, prefix := range []string{"", "Append", "Touch", "Detach", "Read", "append", "read", "touch"} {
		rest, ok := strings.CutPrefix(d.name, prefix)
		if pos, there := e.r.taken[rest]; ok && there {
			return pos
		}
	}
	for _, i := range e.r.rules {
		if strings.EqualFold(i.Go, d.name) {
			return i.rule.Pos
		}
	}
	// What is named after neither comes from the newest section.
	return slices.MaxFunc(e.r.g.Sections, func(a, b *Section) int {
		return cmp.Or(cmp.Compare(a.age(), b.age()), comparePos(a.Pos, b.Pos))
	}).Pos
}
