module example.com/mood

go 1.26.8

require github.com/parley-go/parley v0.0.0

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/alecthomas/participle/v2 v2.1.4 // indirect
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/xdg-go/scram v1.4.0 // indirect
	github.com/xdg-go/stringprep v1.0.4 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/parley-go/parley => ../../..

tool github.com/parley-go/parley/gen/cmd/imapgen
