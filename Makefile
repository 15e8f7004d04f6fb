# Two commands are for everybody: `make demo` and `make test`. `make` alone lists the others.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
URL ?=
CA ?=
FUZZTIME ?= 20s
BENCH ?= .
SEEDS ?= 2000
SERVERS := $(GO) run ./client/internal/servers/cmd/imapserver

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.* ## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

.PHONY: demo
demo: ## a session with a server in memory, or with URL=imaps://user:password@host (CA=file to trust)
	@$(GO) run ./client/cmd/imap demo $(if $(CA),--ca '$(CA)') $(if $(URL),'$(URL)')

.PHONY: test
test: compiler servers-wanted fmt vet staticcheck check-generated ## everything that CI checks
	$(GO) test -race -count=1 -timeout=15m ./...

.PHONY: generate
generate: ## write the Go code of the grammar: generated/ and client/commands_gen.go
	@$(GO) run ./gen/cmd/imapgen

.PHONY: servers
servers: ## install Dovecot, Cyrus and Courier for the integration tests (Debian)
	@$(SERVERS) install

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME
	@grep -rE --include='*_test.go' '^func Fuzz[A-Z]' . | \
	sed -E 's|/[^/:]*:func (Fuzz[A-Za-z0-9_]*).*| \1|' | \
	while read -r package target; do \
		echo "$$package $$target"; \
		$(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) "$$package" </dev/null; \
	done

.PHONY: model
model: ## run SEEDS seeds of the model of order and attribution under the race detector
	$(GO) test -race -run='^TestModel$$' -timeout=60m ./runtime/conn -seeds $(SEEDS)

.PHONY: bench
bench: ## run the benchmarks named by BENCH
	$(GO) test -run='^$$' -bench='$(BENCH)' -benchmem ./...

.PHONY: peers
peers: ## compare with another client: equal values first, then CPU and allocations in the same run
	cd generated/peers && $(GO) test -run 'Equal|Migration|Imaplib' -bench .

# The parts of `make test`.

.PHONY: compiler
compiler: ## the race detector wants a C compiler
	@command -v "$$($(GO) env CC)" >/dev/null || { \
		echo "installing a C compiler, which the race detector needs"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && apt-get -qq -o DPkg::Lock::Timeout=200 install -y --no-install-recommends gcc libc6-dev >/dev/null; \
	} || { echo "the race detector needs a C compiler: install gcc"; exit 1; }

.PHONY: servers-wanted
servers-wanted: ## like servers, but what cannot be installed is not tested
	@$(SERVERS) install -optional

.PHONY: fmt
fmt: ## all Go files are formatted
	@files=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .); [ -z "$$files" ] || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; }

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: staticcheck
staticcheck: ## staticcheck, of the version in go.mod
	$(GO) run honnef.co/go/tools/cmd/staticcheck ./...

# In a copy, so that the tree stays as it is and need not be committed.
.PHONY: check-generated
check-generated: ## what is generated is what the grammar gives
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	mkdir "$$tmp/before"; \
	cp -R go.mod go.sum Makefile grammar gen generated runtime client "$$tmp/before"; \
	cp -R "$$tmp/before" "$$tmp/after"; \
	$(MAKE) --no-print-directory -C "$$tmp/after" generate; \
	(cd "$$tmp" && diff -ru before after) || { echo "the generated code is out of date: make generate"; exit 1; }; \
	echo "make generate changes nothing"
