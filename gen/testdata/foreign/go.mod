module example.com/mood

go 1.26.8

require github.com/parley-go/parley v0.0.0

require golang.org/x/text v0.43.0 // indirect

replace github.com/parley-go/parley => ../../..
