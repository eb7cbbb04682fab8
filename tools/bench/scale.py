#!/usr/bin/env python3
"""What a request costs all processes of a cluster together: shows, pages of lists, creates and updates.

    scale.py --data DIR --silos N --resources N [--seconds S] [--clients N] [--rounds N] [-o FILE]
    scale.py --data DIR --memory | --data DIR --await-nodes N | --compare FILE

Rates depend on what else the machine does; processor time per request hardly. It is read for every process of the data directory (silos,
gateway, nodes, PostgreSQL), so that nothing is cheap only because another process pays. The resources are ports and servers, half each:
the first of a kind is made by a request, the others are copied in the database (scale.sql).
"""
import argparse
import glob
import json
import os
import random
import statistics
import subprocess
import time

from api import Cloud
from load import cpu_seconds, load, memory_mib

TOOLS = os.path.dirname(os.path.abspath(__file__))


class Processes:
    """The processes of one data directory."""

    def __init__(self, data):
        self.data = data

    def members(self):
        found = {}
        for file in glob.glob(os.path.join(self.data, "run", "*.pid")):
            with open(file, encoding="ascii") as pid:
                found[os.path.basename(file)[:-4]] = int(pid.read())
        return found

    def database(self):
        try:
            with open(os.path.join(self.data, "postgres", "server.pid"), encoding="ascii") as pid:
                server = int(pid.read())
            # Those that ended since are in the server's own time.
            with open(f"/proc/{server}/task/{server}/children", encoding="ascii") as children:
                return [server, *map(int, children.read().split())]
        except OSError:
            return []

    def cpu(self):
        """Seconds so far: of the members, and of PostgreSQL."""
        return (sum(cpu_seconds(pid) for pid in self.members().values()),
                sum(cpu_seconds(pid) for pid in self.database()))

    def memory(self):
        rows = {name: memory_mib(pid)[0] for name, pid in self.members().items()}
        rows["postgres (shared counted once)"] = sum(memory_mib(pid)[1] for pid in self.database())
        return rows


class Database:
    """psql, to the PostgreSQL of the data directory."""

    def __init__(self, data):
        self.home = os.path.join(data, "postgres")

    def run(self, *arguments):
        with open(os.path.join(self.home, "password"), encoding="ascii") as password:
            environment = dict(os.environ, PGPASSWORD=password.read().strip())
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", os.path.join(self.home, "run"),
                   "-U", "fabric", "-d", "fabric", *arguments]
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.split()

    def ids(self, kind):
        return self.run("-c", f"SELECT id FROM resource WHERE kind = '{kind}' AND name = 'scale' ORDER BY id")

    def fill(self, kind, pattern, have, want):
        if want > have:
            self.run("-v", f"kind={kind}", "-v", f"id={pattern}", "-v", f"from={have}", "-v", f"to={want}",
                     "-f", os.path.join(TOOLS, "scale.sql"))


class Scale:
    def __init__(self, options):
        self.options, self.cloud = options, Cloud()
        self.processes, self.database = Processes(options.data), Database(options.data)
        self.rows = {}

    def run(self):
        ports, servers = self.fill()
        network = self.network
        chosen = random.Random(7)
        pick = chosen.sample
        some_ports, some_servers = pick(ports, min(len(ports), 2000)), pick(servers, min(len(servers), 2000))
        self.phase("port, shown", "network", lambda number: ("GET", f"/ports/{some_ports[number % len(some_ports)]}", None))
        self.phase("ports, a page of 50", "network",
                   lambda number: ("GET", f"/ports?limit=50&marker={some_ports[number % len(some_ports)]}", None))
        self.phase("port, created", "network", lambda number: ("POST", "/ports", {"port": {"network_id": network, "name": "made"}}))
        self.phase("port, changed", "network",
                   lambda number: ("PUT", f"/ports/{some_ports[number % len(some_ports)]}", {"port": {"description": str(number)}}))
        self.phase("server, shown", "compute", lambda number: ("GET", f"/servers/{some_servers[number % len(some_servers)]}", None))
        self.phase("servers in detail, a page of 50", "compute",
                   lambda number: ("GET", f"/servers/detail?limit=50&marker={some_servers[number % len(some_servers)]}", None))
        self.phase("server, changed", "compute",
                   lambda number: ("PUT", f"/servers/{some_servers[number % len(some_servers)]}",
                                   {"server": {"description": str(number)}}))

    def fill(self):
        cloud, database, half = self.cloud, self.database, self.options.resources // 2
        cloud.ask("PUT", "network", f"/quotas/{cloud.project}", {"quota": {"network": -1, "port": -1}})
        cloud.ask("PUT", "compute", f"/os-quota-sets/{cloud.project}", {"quota_set": {"instances": -1, "cores": -1, "ram": -1}})
        if not database.ids("instance"):
            self.first()
        self.network = database.ids("network")[0]
        for kind in ("port", "instance"):
            ids = database.ids(kind)
            database.fill(kind, ids[0], len(ids), half)
        return database.ids("port"), database.ids("instance")

    def first(self):
        """The patterns: a port without an address, and a server that no node could take, so that no node has anything to do for it."""
        cloud = self.cloud
        network = cloud.ask("POST", "network", "/networks", {"network": {"name": "scale"}})["network"]["id"]
        cloud.ask("POST", "network", "/ports", {"port": {"network_id": network, "name": "scale"}})
        flavor = cloud.ask("POST", "compute", "/flavors",
                           {"flavor": {"name": "scale", "ram": 1 << 30, "vcpus": 1, "disk": 1}})["flavor"]["id"]
        image = cloud.ask("POST", "image", "/images", {"name": "scale", "disk_format": "raw", "container_format": "bare"})["id"]
        cloud.ask("PUT", "image", f"/images/{image}/file", b"\0" * 512, headers=("Content-Type: application/octet-stream",))
        server = cloud.ask("POST", "compute", "/servers", {"server": {
            "name": "scale", "flavorRef": flavor, "imageRef": image, "networks": "none"}})["server"]["id"]
        while cloud.ask("GET", "compute", f"/servers/{server}")["server"]["status"] == "BUILD":
            pass

    def phase(self, name, service, request):
        rounds = [self.measure(service, request) for _ in range(self.options.rounds)]
        row = {key: round(statistics.median(each[key] for each in rounds), 3) for key in ("rate", "cpu", "postgres_cpu", "p50")}
        row["errors"] = sum(len(each["errors"]) for each in rounds)
        self.rows[name] = row
        first = next((f"; {each['errors'][0]}" for each in rounds if each["errors"]), "")
        print(f"{name:34} {row['cpu']:8.3f} ms ours {row['postgres_cpu']:8.3f} ms PostgreSQL "
              f"{row['rate']:6.0f} /s  p50 {row['p50']:7.2f} ms  {row['errors']} errors{first}", flush=True)

    def measure(self, service, request):
        cloud, options = self.cloud, self.options

        def call(connection, number):
            method, path, body = request(number)
            cloud.call(connection, method, service, path, body)
        base = cloud.services[service]
        load(call, base, options.clients, seconds=options.seconds / 2)
        before = self.processes.cpu()
        measured = load(call, base, options.clients, seconds=options.seconds)
        calls = len(measured.latencies) or 1
        ours, theirs = (1000 * (now - then) / calls for now, then in zip(self.processes.cpu(), before))
        return {"rate": measured.rate, "cpu": ours, "postgres_cpu": theirs, "p50": measured.quantile(.5), "errors": measured.errors}


def show_memory(data):
    rows = Processes(data).memory()
    for name, mib in sorted(rows.items()):
        print(f"{name:34} {mib:8.0f} MiB")
    print(f"{'all together':34} {sum(rows.values()):8.0f} MiB", flush=True)


def await_nodes(count, seconds=300):
    """Returns when so many hypervisors are up."""
    cloud, end, up = Cloud(), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        up = cloud.ask("GET", "compute", "/os-hypervisors/statistics")["hypervisor_statistics"]["count"]
        if up >= count:
            return
        time.sleep(1)
    raise SystemExit(f"only {up} of {count} nodes are up after {seconds} s")


def compare(file):
    """Each request's processor time in every measured cluster, and the last in terms of the first."""
    with open(file, encoding="utf-8") as lines:
        runs = [json.loads(line) for line in lines]
    print("| processor time per request, ms (all processes) | "
          + " | ".join(f"{run['silos']} silo(s), {run['resources']:,}" for run in runs) + " | last / first |")
    print("|---|" + "--:|" * (len(runs) + 1))
    for name in runs[0]["phases"]:
        costs = [run["phases"][name]["cpu"] + run["phases"][name]["postgres_cpu"] for run in runs]
        print(f"| {name} | " + " | ".join(f"{cost:.2f}" for cost in costs) + f" | {costs[-1] / (costs[0] or 1):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    option = parser.add_argument
    option("--data", help="the cluster's data directory; its openrc is in the environment")
    option("--silos", type=int, default=1, help="how many there are, for the figures' heading")
    option("--resources", type=int, default=1000)
    option("--seconds", type=float, default=2, help="length of each phase, after half as long to warm up")
    option("--rounds", type=int, default=1, help="of each phase; the median is told")
    option("--clients", type=int, default=4)
    option("--memory", action="store_true", help="print the resident memory of each process")
    option("--await-nodes", type=int, help="return when so many hypervisors are there")
    option("--compare", metavar="FILE", help="print what -o has gathered")
    option("-o", "--output", help="append all figures as one line of JSON")
    options = parser.parse_args()
    if options.compare:
        return compare(options.compare)
    if options.memory:
        return show_memory(options.data)
    if options.await_nodes:
        return await_nodes(options.await_nodes)
    scale = Scale(options)
    scale.run()
    if options.output:
        with open(options.output, "a", encoding="utf-8") as out:
            out.write(json.dumps({"silos": options.silos, "resources": options.resources, "phases": scale.rows}) + "\n")
    return 1 if any(row["errors"] for row in scale.rows.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
