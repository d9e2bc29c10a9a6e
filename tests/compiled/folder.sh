# Where the compiled program and what it is made from are kept. Sourced by setup.sh and run.sh.

# The newest release whose base is to be had in a package.
DENO_RELEASE=2.6.10
COMPILED_PROGRAM=bids-validator-deno==2.4.1
COMPILED="${XDG_CACHE_HOME:-$HOME/.cache}/wsgi-express-compiled/$DENO_RELEASE"
