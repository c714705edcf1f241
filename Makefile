# Everything a newcomer or a CI job calls. Each target installs what it needs on Debian and does nothing twice.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Test targets that start programs and wait for them.
REAL_TIME := LiveWorldTests|SlipwayCLITests|RunStoreTests

.PHONY: demo explore test integration grammar grammar-all benchmark language-client install dist fuzz fuzz-planted report-page workflows benchmark-language benchmark-prompt benchmark-idle benchmark-logs benchmark-explore lint build release prerequisites clean

## Build and promote, on a simulated fleet, with nothing at stake.
demo: build
	./.build/debug/slipway rehearse examples/release.runbook

build: prerequisites
	swift build --product slipway

## Every future of the guide's release: each call gone wrong in each way, and PAIRS of two things at once (minutes).
PAIRS := 500
explore: release
	./.build/release/slipway explore examples/release.runbook --pairs $(PAIRS)

## Every test that needs no server.
test: prerequisites
	swift build --build-tests
	# Apart, and one after the other: simulated futures and each other keep every core busy, and real programs have real
	# deadlines.
	swift test --skip-build --no-parallel --filter '$(REAL_TIME)'
	swift test --skip-build --skip '$(REAL_TIME)|IntegrationTests'

## The real git, kubectl and gh against real servers (see Tests/Rig/README.md); they are built once a machine.
integration: prerequisites
	swift build --build-tests
	Tests/Rig/install.sh
	SLIPWAY_RIG_REQUIRED=1 Tests/Rig/rig.sh with -- \
	  swift test --skip-build --filter 'IntegrationTests|KubectlRigTests'

## The grammars of the language beside its parser, with some thousand sentences drawn.
grammar: prerequisites
	swift build --product slipway
	grammar/equivalence/check.sh .build/debug/slipway
	grammar/tree-sitter-slipway/check.sh

## The same with 10,000 sentences of the grammar and 10,000 changed ones.
grammar-all: prerequisites
	swift build --product slipway
	grammar/equivalence/check.sh .build/debug/slipway --sentences 10000 --changed 10000

## Slipway beside the guide's commands by hand, on the rig.
benchmark: prerequisites
	swift build --product slipway
	Tests/Rig/rig.sh with -- Benchmarks/promotion.sh

## `slipway lsp` with a real client (pygls, in a Python environment of its own).
language-client: build
	Tests/LanguageClient/run.sh

## `action.yml` and the example workflows, with GitHub's schemas and as a runner runs them.
workflows: build
	Tests/Workflows/run.sh

## The page of a report in headless Chromium; pictures of it are left in PICTURES, where that names a folder.
PICTURES :=
report-page: build
	Tests/ReportPage/run.sh $(PICTURES)

## Any bytes are parsed, checked and laid out, for FUZZ_SECONDS (SECONDS is a variable of bash's own).
FUZZ_SECONDS := 60
fuzz: prerequisites
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

## Three planted defects are found.
fuzz-planted: prerequisites
	Tests/Fuzz/planted.sh

## The language in MB/s, and whole processes beside just, bash and python (release builds: minutes).
benchmark-language: release
	Benchmarks/startup.sh
	swift package --package-path Benchmarks benchmark --target Language

## Error lines of a log in GB/s, beside grep (a release build: minutes).
benchmark-logs: prerequisites
	swift build --package-path Benchmarks -c release --product Logs
	Benchmarks/.build/release/Logs

## The prompt: start, beside python's, and `status` with 100 simulated services (a release build: minutes).
benchmark-prompt: release
	Benchmarks/prompt.sh

## A live prompt that nobody types at, for MINUTES on the rig.
MINUTES := 20
benchmark-idle: release
	Tests/Rig/rig.sh with -- Benchmarks/idle.sh $(MINUTES)

## Futures a second of an exploration, on one core and on all, and its memory (a release build: minutes).
FUTURES := 100000
benchmark-explore: release
	Benchmarks/explore.sh $(FUTURES)

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

# Where the system has the C libraries as archives they go into the program: a start then loads none of them, and the
# machine that runs it needs no package.
STATIC := $(if $(wildcard /usr/lib/*/libedit.a),$(CURDIR)/Sources/CEditline/static:$(CURDIR)/Sources/CLibYAML/static:$(CURDIR)/Sources/CSQLite/static)
release: prerequisites
	PKG_CONFIG_PATH=$(STATIC) swift build -c release -Xswiftc -static-stdlib -Xswiftc -cross-module-optimization \
	  --product slipway

## Program, manual page and completions below PREFIX (DESTDIR in front of it, for packagers).
PREFIX := /usr/local
SHARE = $(DESTDIR)$(PREFIX)/share
install: release
	mkdir -p "$(DESTDIR)$(PREFIX)/bin" "$(SHARE)/man/man1" "$(SHARE)/bash-completion/completions" "$(SHARE)/zsh/site-functions" \
	  "$(SHARE)/fish/vendor_completions.d"
	install -m 755 .build/release/slipway "$(DESTDIR)$(PREFIX)/bin/slipway"
	./.build/release/slipway manual > "$(SHARE)/man/man1/slipway.1"
	./.build/release/slipway completions bash > "$(SHARE)/bash-completion/completions/slipway"
	./.build/release/slipway completions zsh > "$(SHARE)/zsh/site-functions/_slipway"
	./.build/release/slipway completions fish > "$(SHARE)/fish/vendor_completions.d/slipway.fish"

## The archive of a release, with its checksum, in .build/dist: what `make install` installs, README, licence and changelog.
dist: release
	version=$$(./.build/release/slipway --version); name=slipway-$$version-$$(uname -s | tr A-Z a-z)-$$(uname -m); \
	rm -rf .build/dist; $(MAKE) --no-print-directory install DESTDIR="$(CURDIR)/.build/dist/$$name" PREFIX=; \
	strip "$(CURDIR)/.build/dist/$$name/bin/slipway"; \
	cp README.md LICENSE CHANGELOG.md ".build/dist/$$name/"; \
	tar -C .build/dist --sort=name --owner=0 --group=0 --numeric-owner -czf ".build/dist/$$name.tar.gz" "$$name"; \
	cd .build/dist && sha256sum "$$name.tar.gz" > "$$name.tar.gz.sha256" && cat "$$name.tar.gz.sha256"

prerequisites:
	@.ci/prerequisites

clean:
	rm -rf .build
