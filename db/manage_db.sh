#!/bin/sh
# The database for development and for tests. A thin call of `./parley database`, which does the work:
# on the server of DATABASE_URL or, without it, on the embedded database in DATA_DIR.
set -eu

usage() {
    echo "Usage: db/manage_db.sh [OPTIONS] <COMMAND>"
    echo ""
    echo "Options:"
    echo "  --test  - Target the test database (test_business_logic_db)"
    echo "  --dev   - Target the dev database (business_logic_db) [default]"
    echo ""
    echo "Commands:"
    echo "  create  - Create database schema"
    echo "  seed    - Insert seed data (requires WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_ACCESS_TOKEN in .env for dev DB)"
    echo "  drop    - Drop all tables (with confirmation)"
    echo "  reset   - Drop, create, and seed database (full reset)"
    echo "  verify  - Show all tables, their structure, and sample data"
    echo ""
    echo "Examples:"
    echo "  ./manage_db.sh reset             # Reset dev database"
    echo "  ./manage_db.sh --test reset      # Reset test database"
}

target=--dev
command=
for argument in "$@"; do
    shift
    case $argument in
        --test | --dev) target=$argument ;;
        -h | --help | help)
            usage
            exit 0
            ;;
        create | seed | drop | reset | verify)
            if [ -n "$command" ]; then
                echo "manage_db.sh: give one command: $command or $argument" >&2
                exit 2
            fi
            command=$argument
            ;;
        --yes | --json) set -- "$@" "$argument" ;; # for scripts: passed on
        *)
            echo "manage_db.sh: unknown argument: $argument" >&2
            usage >&2
            exit 2
            ;;
    esac
done
if [ -z "$command" ]; then
    usage >&2
    exit 2
fi

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
exec "$root/parley" database "$command" "$target" "$@"
