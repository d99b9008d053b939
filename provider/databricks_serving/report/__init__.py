"""SAY it: one report of neutral findings, thin renderings of it, exit codes from it."""
