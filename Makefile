# One flag set for everything, so that build, test and packages share objects.
export GOFLAGS := -trimpath -buildvcs=false
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN   := build/bin
TOOLS := build/tools
STRIP := -ldflags "-s -w"
# The packages that are plain Go: everything but the C library and its tests.
PURE  := ./agent/... ./assets/... ./marketplace/... ./sdkbridge/...

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps-demo deps-test
deps-demo:
	@.ci/install-deps demo
deps-test:
	@.ci/install-deps test

.PHONY: build
build: ## the service, the CLI and the marketplace into build/bin (no cgo)
	CGO_ENABLED=0 go build $(STRIP) -o $(BIN)/ ./agent/cmd/iscdeskd ./agent/cmd/iscdesk ./marketplace/cmd/iscmarket

.PHONY: sdk
sdk: deps-demo ## the C SDK into build/sdk: headers, library, pkg-config, CMake, examples, manual
	cgo/package.sh build/sdk

.PHONY: demo
demo: deps-demo build ## the main job end to end: licence, open, save, solve, crash, published once
	DOC=no cgo/package.sh build/sdk
	CGO_ENABLED=0 go build $(STRIP) -o build/demo/ ./agent/agenttest/cmd/demo
	build/demo/demo

.PHONY: generate
generate: ## regenerate the agent API's types from marketplace/openapi.yaml
	go generate ./marketplace/agentapi

$(TOOLS)/golangci-lint: go.mod
	@mkdir -p $(TOOLS)
	CGO_ENABLED=0 go build -o $(TOOLS)/ tool

.PHONY: clean
clean: ## remove build/
	rm -rf build
