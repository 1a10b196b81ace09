"""Integer-exact twins of the contracts, on the standard library alone."""
