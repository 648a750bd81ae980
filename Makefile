# Pollux. `make` lists the commands.

# Options of `pollux serve`, for `make serve`.
ARGS ?=
# What `make bench` measures: quick, all, or what else scripts/bench.sh takes.
BENCH ?= quick
# Tools that lie beside the checkout and are no part of it; what is not there is left out aloud.
CONFORMANCE_DIR ?= ../shared/conformance
BENCH_DIR ?= ../shared/bench

export CONFORMANCE_DIR BENCH_DIR

.DEFAULT_GOAL := help
.PHONY: help serve test check format bench bench-tls bench-keys instructions instructions-requests self-deployed release faults

help: ## List the commands
	@sed -n 's/^\([a-z-]*\): ## \(.*\)/  make \1 | \2/p' Makefile | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z-]*\): ## \(.*\)/  make \1: \2/p' Makefile

serve: ## Build what has changed and start the gateway on 127.0.0.1:8080; ARGS="--port 9000"
	@scripts/serve.sh $(ARGS)

test: ## Build and run every test: Swift, OpenAI's Python client, the examples, conformance; PROGRAM=release: of the release build
	@scripts/test.sh

check: ## Format, warnings, imports, lengths of files
	@scripts/check.sh

format: ## Format the sources in place
	swift format --in-place --recursive Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Keys/Sources Examples/swift Snippets Package.swift

release: ## Build the program that is shipped: one stripped file, .build/pollux
	@scripts/release.sh

self-deployed: ## Drive real servers of self-deployed models through the gateway (installs them)
	@scripts/self-deployed.sh

bench-tls: ## Measure what TLS to the upstream costs, beside nginx
	@Benchmarks/TLS/run.sh

bench-keys: ## Measure what keys, limits, usage and metrics cost a request
	@Benchmarks/Keys/cost.py

faults: ## Try every fault against the release build, and print the table of docs/reliability.md
	@scripts/faults.sh

instructions-requests: ## Count the instructions of whole requests, with the benchmark harness
	@Benchmarks/Requests/instructions.sh

bench: ## Measure the release build beside nginx; BENCH=all for everything
	@scripts/bench.sh $(BENCH)

instructions: ## Count the core's instructions and compare them with Benchmarks/instructions.txt
	@scripts/instructions.sh
