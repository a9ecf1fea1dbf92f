"""Real ZooKeeper servers for tests: the modules behind scripts/zk-ensemble.

sources    where the server's classes come from (Maven, Docker, Debian)
config     zoo.cfg and the logger's configuration
ports      free ports, kept apart from other ensembles
processes  a process known by its id and its start time
ensemble   the folder, its ensemble.json, starting and stopping
"""
