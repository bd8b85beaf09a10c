# One flag set for everything, so that build, test and packages share objects.
# no_emoji leaves out 4 MB of a font in Fyne that shows no document's name better.
export GOFLAGS := -trimpath -buildvcs=false -tags=no_emoji
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN   := build/bin
TOOLS := build/tools
STRIP := -ldflags "-s -w"
# The packages that are plain Go: everything but the C library and its tests,
# and the program of the tray app, which alone reaches the libraries of the desktop.
PURE   = ./agent/... ./assets/... ./marketplace/... ./sdkbridge/... $(SCREEN)
SCREEN = $(shell go list ./gui/... | grep -v /gui/cmd/)

# Fyne draws through a package that takes cgo seven minutes to build. This makes
# a trimmed copy, and a workspace in which everything is built with it; go.mod
# is as it was. (make makes an included file before it does anything else.)
TRIMGL := GOWORK=off go run ./gui/internal/trimgl build/gl && echo 'export GOWORK := $$(CURDIR)/build/gl/go.work' >build/gl/workspace.mk
ifneq ($(filter-out help clean deps-%,$(MAKECMDGOALS)),)
include build/gl/workspace.mk
endif
build/gl/workspace.mk: go.mod $(wildcard gui/internal/trimgl/*.go)
	@$(TRIMGL)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps-demo deps-tray deps-test deps-windows deps-packages
deps-demo: ## install what the demo needs and this machine lacks (apt)
	@.ci/install-deps demo
deps-tray: ## install what building the tray app needs and this machine lacks (apt)
	@.ci/install-deps tray
deps-test: ## install what the tests need and this machine lacks (apt)
	@.ci/install-deps test
deps-packages: ## install what making and testing packages needs and this machine lacks (apt)
	@.ci/install-deps packages
deps-windows: ## install what building for Windows needs and this machine lacks (apt)
	@.ci/install-deps windows

.PHONY: build
build: ## the service, the CLI and the marketplace into build/bin (no cgo)
	CGO_ENABLED=0 go build $(STRIP) -o $(BIN)/ ./agent/cmd/iscdeskd ./agent/cmd/iscdesk ./marketplace/cmd/iscmarket

.PHONY: tray
tray: deps-tray ## the tray app into build/bin (cgo: the libraries of the desktop)
	CGO_ENABLED=1 go build $(STRIP) -o $(BIN)/ ./gui/cmd/iscdesk-tray

.PHONY: windows
windows: deps-windows ## the Windows programs into build/windows/bin, with version, icon and manifest
	installer/windows/build.sh

.PHONY: sdk
sdk: deps-demo ## the C SDK into build/sdk: headers, library, pkg-config, CMake, examples, manual
	cgo/package.sh build/sdk

.PHONY: sdk-windows
sdk-windows: deps-windows ## the C SDK for Windows, 64 and 32 bit, into build/sdk-windows: headers, DLLs, import libraries, CMake, examples, manual
	cgo/package-windows.sh build/sdk-windows

.PHONY: demo
demo: deps-demo build ## the main job end to end: licence, open, save, solve, crash, published once
	DOC=no cgo/package.sh build/sdk
	CGO_ENABLED=0 go build $(STRIP) -o build/demo/ ./agent/agenttest/cmd/demo
	build/demo/demo

.PHONY: demo-windows
demo-windows: deps-demo windows ## the same with the Windows programs under Wine, 64 and 32 bit (root)
	CGO_ENABLED=0 go build $(STRIP) -o $(BIN)/ ./marketplace/cmd/iscmarket
	DOC=no cgo/package-windows.sh build/sdk-windows
	CGO_ENABLED=0 go build $(STRIP) -o build/demo/ ./agent/agenttest/cmd/demo
	.ci/wine --session build/demo/demo --limit 10m --wine .ci/wine --sdk build/sdk-windows

.PHONY: packages test-packages
packages: deps-packages ## everything that is shipped into build/packages: deb, rpm, MSI, SDK archives, licences, SHA-256 sums
	installer/packages.sh build/packages

test-packages: deps-packages build sdk test-msi ## deb and rpm on a booted machine, MSI under Wine: install, main job, upgrade, remove, purge, nothing left (root)
	installer/linux/test.sh

.PHONY: test-msi
test-msi: deps-windows build ## the MSI under Wine: install, main job, upgrade during an upload, repair, uninstall, nothing left (root)
	installer/windows/test.sh

.PHONY: test
test: deps-test lint test-tree test-go test-gui test-sdk ## what a newcomer trusts: lint, unit and process tests with -race, C and C++ programs

.PHONY: lint
lint: deps-test $(TOOLS)/golangci-lint ## golangci-lint (gofumpt, staticcheck, depguard ...), shell, C layout, Windows, builds without cgo, generated types
	$(TOOLS)/golangci-lint run --allow-parallel-runners ./...
	shellcheck .ci/run .ci/fuzz .ci/install-deps .ci/wine $$(git ls-files '*.sh')
	clang-format --dry-run --Werror $$(git ls-files 'cgo/*.c' 'cgo/*.h' 'cgo/*.cpp')
	CGO_ENABLED=0 go build $(STRIP) -o build/lint/ ./agent/cmd/... ./marketplace/cmd/...
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go vet $(PURE)
	cp marketplace/agentapi/types.gen.go build/lint/ && go generate ./marketplace/agentapi && diff build/lint/types.gen.go marketplace/agentapi/types.gen.go

.PHONY: test-tree
test-tree: ## the rules about the tree: folders, layers, comments, licences of what is linked
	go test . ./installer/dependencies

.PHONY: test-go
test-go: ## unit and process tests with the race detector
	go test -race $(filter-out iscdesk.dev/gui/guitest iscdesk.dev/gui/guitest/wine,$(PURE))

# They show windows on a display of their own, and need the processor to themselves.
.PHONY: test-gui
test-gui: deps-test sdk ## the tray app in a real window, used with mouse and keyboard
	go test -race ./gui/guitest

.PHONY: test-tray-windows
test-tray-windows: deps-test windows build ## the tray app of Windows in a window of Wine's, with service and CAD program of Windows (root)
	DOC=no cgo/package-windows.sh build/sdk-windows
	installer/tray.sh windows build/windows/guitest/iscdesk-tray.exe -tags guitest,no_emoji
	.ci/wine --session go test -count=1 ./gui/guitest/wine

.PHONY: screenshots
screenshots: deps-test build ## pictures of every screen of the tray app, in both languages and looks, into build/screenshots
	go run ./gui/guitest/cmd/screenshots

.PHONY: test-sdk
test-sdk: deps-test sdk ## C99 and C++ programs against the library, under sanitizers
	go test ./cgo/...

.PHONY: test-windows test-go-windows
test-windows: test-go-windows test-sdk-windows test-tray-windows ## all of it on Windows as Wine has it: Go tests, the SDK's programs, the demo, 64 and 32 bit (root)
	$(MAKE) demo-windows

# Every package of plain Go runs there; what only Linux has is in _linux_test.go files,
# and in gui/guitest, which uses the tray app on a display of Linux. The golden
# files of browse and picker hold widths of a font that Windows does not have.
test-go-windows: deps-windows ## unit, service and process tests under Wine (root)
	GOOS=windows CGO_ENABLED=0 go build -tags crashtest $(STRIP) -o build/windows/crashtest/ ./agent/cmd/iscdeskd ./agent/cmd/iscdesk ./marketplace/cmd/iscmarket
	GOOS=windows CGO_ENABLED=0 ISCDESK_TEST_BINARIES='Z:$(subst /,\,$(CURDIR))\build\windows\crashtest' \
		.ci/wine --session go test -exec "$(CURDIR)/.ci/wine" $(filter-out iscdesk.dev/gui/guitest% iscdesk.dev/gui/screen/browse iscdesk.dev/gui/screen/picker,$(PURE))

.PHONY: test-sdk-windows
test-sdk-windows: deps-test deps-windows ## the same for Windows, 64 and 32 bit, compiled by mingw and clang and run under Wine
	DOC=no cgo/package-windows.sh build/sdk-windows
	cgo/tests/windows/compile.sh build/sdk-windows build/sdk-tests-windows
	GOOS=windows CGO_ENABLED=0 WINE="$(CURDIR)/.ci/wine" .ci/wine --session sh -ec '\
		go test -exec "$$WINE" ./cgo/tests/windows ./sdkbridge; \
		LC_ALL=zh_CN.UTF-8 CODE_PAGE=936 go test -count=1 -run "TestHost/.*code-page|CodePage|HostPath" -exec "$$WINE" ./cgo/tests/windows ./sdkbridge'

.PHONY: bench bench-gui bench-short
bench: deps-demo build sdk bench-gui ## figures of SDK, service and tray app, as ratios beside a peer in the same run
	cgo/bench/run.sh
	go run ./agent/bench

bench-gui: deps-test build ## figures of the tray app beside the least program of its kind
	go run ./gui/bench

bench-short: deps-test build sdk ## all of them, shorter
	cgo/bench/run.sh --short
	go run ./agent/bench --short
	go run ./gui/bench --short

.PHONY: fuzz fuzz-short
fuzz: ## every fuzz target for a minute
	.ci/fuzz 60s
fuzz-short: ## every fuzz target for five seconds
	.ci/fuzz 5s

.PHONY: generate
generate: ## regenerate the agent API's types from marketplace/openapi.yaml
	go generate ./marketplace/agentapi

$(TOOLS)/golangci-lint: go.mod
	@mkdir -p $(TOOLS)
	CGO_ENABLED=0 go build -o $(TOOLS)/ tool

.PHONY: clean
clean: ## remove build/
	rm -rf build
	$(if $(filter-out clean,$(MAKECMDGOALS)),$(TRIMGL))
