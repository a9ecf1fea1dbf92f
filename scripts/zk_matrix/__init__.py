"""The release matrix: the modules behind scripts/matrix.

plan      what is run, in which order, and about how long it takes
servers   ensembles of scripts/zk-ensemble, the client and zkprobe, for one cell
checks    zkprobe check against one server
together  servers of two releases elect, lose their leader and take it back; with a zkprobe member too
rolling   three servers upgraded one after another, release by release
results   what came out: text, JUnit, JSON
page      the same as one HTML page
"""
