# shellcheck shell=bash
command_demo() { parse_options "$@"; die "not there yet"; }
