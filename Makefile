# `make test` is everything CI runs. What it needs beyond Rust it finds, installs (Debian, as root) or names in one line.

.PHONY: test fmt lint unit postgres mariadb clients web recipes tree openapi reference env-example demo bench bench-limits bench-growth bench-storage capacity

test: tools fmt lint unit postgres mariadb clients web recipes tree

demo:
	cargo run -- demo

fmt:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --locked --features munjigi-bench/limits -- -D warnings
	cargo clippy --locked --no-default-features --lib --bins -- -D warnings
	python3 bench/capacity.py --check

# Everything once on SQLite: unit tests, the mock, the gateway as its users meet it, drift, architecture.
unit:
	cargo test --workspace --locked

# The gateway once more on PostgreSQL, which the tests start themselves.
postgres:
	MUNJIGI_TEST_ENGINE=postgres cargo test --locked --test api

# And once more on MariaDB.
mariadb:
	MUNJIGI_TEST_ENGINE=mariadb cargo test --locked --test api

# The mock as other people's Kakao clients see it, from npm and PyPI. The flags are those of `unit`: nothing is built again.
clients:
	cargo test --workspace --locked --no-run --quiet
	MUNJIGI_BIN="$${CARGO_TARGET_DIR:-target}/debug/munjigi" mock-kakao/clients/check

# The npm package: types, tests, drift against openapi/munjigi.json, sizes, the gateway of `unit` itself. The demo: tests, drift
# of its script. Then all of it in a browser.
web:
	cargo test --workspace --locked --no-run --quiet
	MUNJIGI_BIN="$${CARGO_TARGET_DIR:-target}/debug/munjigi" web/check

# The code of docs/{ko,en}, as it is printed, against the gateway of `unit`: Next.js, Express, FastAPI, Django, HTTP clients.
recipes:
	cargo test --workspace --locked --no-run --quiet
	MUNJIGI_BIN="$${CARGO_TARGET_DIR:-target}/debug/munjigi" docs/recipes/check

# One crypto provider, no OpenSSL, and no mock in a production build.
tree:
	@if cargo tree --locked --workspace -e normal,build --prefix none | grep -E '^(ring|openssl-sys|native-tls|rsa) v'; then \
		echo "there is to be one crypto provider, aws-lc, and no OpenSSL"; exit 1; fi
	@if cargo tree --locked -p munjigi --no-default-features -e normal --prefix none | grep '^mock-kakao v'; then \
		echo "a build without default features links the mock"; exit 1; fi
	@echo "dependency tree: one crypto provider, no mock without default features"

# jose 6 and Next.js 16 want as much.
NODE_SUITS = { node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 9) ? 0 : 1)' && npm --version; }
PYTHON_SUITS = python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
CHROMIUM_IS_THERE = for one in "$${CHROMIUM:-chromium}" /usr/bin/chromium google-chrome; do command -v "$$one" && break; done >/dev/null
# Without one Korean is drawn as boxes, which is neither how wide it is nor how it looks.
KOREAN_IS_DRAWN = fc-list :lang=ko family 2>/dev/null | grep -q .

.PHONY: tools
tools:
	@command -v cargo >/dev/null || { echo "Rust is missing: https://rustup.rs (1.94 or newer)"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing: apt-get install gcc"; exit 1; }
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; } || \
		{ echo "PostgreSQL is missing: apt-get install postgresql (the tests start their own)"; exit 1; }
	@command -v redis-server >/dev/null || command -v valkey-server >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server; } || \
		{ echo "Redis is missing: apt-get install redis-server (the tests start their own)"; exit 1; }
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; command -v mariadbd >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mariadb-server; } || \
		{ echo "MariaDB is missing: apt-get install mariadb-server (the tests start their own)"; exit 1; }
	@$(NODE_SUITS) >/dev/null 2>&1 || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm && $(NODE_SUITS); } || \
		{ echo "Node.js 20.9 or newer with npm is missing: https://nodejs.org, or Debian 13's nodejs and npm"; exit 1; }
	@$(CHROMIUM_IS_THERE) || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium && $(CHROMIUM_IS_THERE); } || \
		{ echo "Chromium is missing: apt-get install chromium, or set CHROMIUM (the browser tests run in it)"; exit 1; }
	@$(KOREAN_IS_DRAWN) || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq fontconfig fonts-noto-cjk && $(KOREAN_IS_DRAWN); } || \
		{ echo "A Korean font is missing: apt-get install fontconfig fonts-noto-cjk"; exit 1; }
	@$(PYTHON_SUITS) 2>/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv && $(PYTHON_SUITS); } || \
		{ echo "Python 3.11 or newer with venv is missing: apt-get install python3-venv"; exit 1; }

openapi:
	cargo run -q -- openapi > openapi/munjigi.json

# The pages below docs/*/reference.
reference:
	cargo run -q -- reference docs

env-example:
	cargo run -q -- check-config --example > .env.example

# How fast it is, beside others: bench/README.md. For a quiet machine; not part of `test`.
bench:
	cargo build --profile $${BENCH_PROFILE:-release} --locked -p munjigi -p munjigi-bench
	python3 bench/run.py bench

bench-limits:
	cargo build --profile $${BENCH_PROFILE:-release} --locked -p munjigi -p munjigi-bench --features munjigi-bench/limits
	python3 bench/run.py limits

bench-growth:
	cargo build --profile $${BENCH_PROFILE:-release} --locked -p munjigi -p munjigi-bench
	python3 bench/run.py growth

bench-storage:
	cargo build --profile $${BENCH_PROFILE:-release} --locked -p munjigi -p munjigi-bench
	python3 bench/run.py storage

# The tables of docs/*/operate/capacity.md, from bench/RESULTS.json.
capacity:
	python3 bench/capacity.py --write
