//go:build tools

// Package tools names the programs that the Makefile runs, so that go.mod and go.sum pin their versions. Its build tag is
// never set: no program links it.
package tools

import (
	_ "honnef.co/go/tools/cmd/staticcheck"
)
