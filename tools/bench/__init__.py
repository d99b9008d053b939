"""How long things take and how much they need, as ratios within one run: `make bench`.

Each module measures one thing and answers rows of the table; `python -m bench` prints them.
Nothing here is a test: what must hold on every machine is counted in `make test`.
"""
