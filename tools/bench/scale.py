#!/usr/bin/env python3
"""What a request costs all processes of a cluster together: shows, pages of lists, creates, updates, boots.

    scale.py --data DIR [--data DIR ...] --resources N [--seconds S] [--clients N] [--rounds N] [-o FILE]
    scale.py --data DIR --memory | --data DIR --await-nodes N | --compare FILE

Rates depend on what else the machine does; processor time per request hardly. It is read for every process of the data directory (silos,
gateway, nodes, PostgreSQL), so that nothing is cheap only because another process pays. What a cluster does when nobody asks is measured
first and told by itself: it is not taken for a part of requests, of which a slow machine has fewer. Clusters that are compared are asked
in turns, a round here and a round there, so that both see the same machine. The resources are ports and servers, half each: the first of
a kind is made by a request, the others are copied in the database (scale.sql).
"""
import argparse
import glob
import json
import os
import random
import re
import shlex
import statistics
import subprocess
import time

from api import Cloud
from load import Measured, cpu_seconds, load, memory_mib

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


class Cluster:
    """One cluster under measurement."""

    def __init__(self, data, resources):
        data = os.path.abspath(data)
        with open(os.path.join(data, "openrc"), encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("export "):
                    name, _, value = line[7:].strip().partition("=")
                    os.environ[name] = shlex.split(value)[0] if value else ""
        self.cloud, self.processes, self.database = Cloud(), Processes(data), Database(data)
        self.silos = sum(name.startswith("silo-") for name in self.processes.members())
        self.name = f"{self.silos} silo(s), {resources:,}"
        self.idle, self.rows = (0.0, 0.0), {}
        self.fill(resources // 2)

    def fill(self, half):
        cloud, database = self.cloud, self.database
        cloud.ask("PUT", "network", f"/quotas/{cloud.project}", {"quota": {"network": -1, "port": -1}})
        cloud.ask("PUT", "compute", f"/os-quota-sets/{cloud.project}", {"quota_set": {"instances": -1, "cores": -1, "ram": -1}})
        if not database.ids("instance"):
            self.first()
        self.network = database.ids("network")[0]
        for kind in ("port", "instance"):
            ids = database.ids(kind)
            database.fill(kind, ids[0], len(ids), half)
        self.flavor = next(flavor["id"] for flavor in cloud.ask("GET", "compute", "/flavors")["flavors"] if flavor["name"] == "scale-small")
        self.image = cloud.ask("GET", "image", "/images")["images"][0]["id"]
        self.ports, self.servers = self.some("port"), self.some("instance")

    def some(self, kind):
        ids = self.database.ids(kind)
        return random.Random(7).sample(ids, min(len(ids), 2000))

    def first(self):
        """The patterns: a port without an address, and a server that no node could take, so that no node has anything to do for it."""
        cloud = self.cloud
        network = cloud.ask("POST", "network", "/networks", {"network": {"name": "scale"}})["network"]["id"]
        cloud.ask("POST", "network", "/ports", {"port": {"network_id": network, "name": "scale"}})
        large, _ = (cloud.ask("POST", "compute", "/flavors", {"flavor": {"name": name, "ram": ram, "vcpus": 1, "disk": 1}})["flavor"]["id"]
                    for name, ram in (("scale", 1 << 30), ("scale-small", 64)))
        image = cloud.ask("POST", "image", "/images", {"name": "scale", "disk_format": "raw", "container_format": "bare"})["id"]
        cloud.ask("PUT", "image", f"/images/{image}/file", b"\0" * 512, headers=("Content-Type: application/octet-stream",))
        server = cloud.ask("POST", "compute", "/servers", {"server": {
            "name": "scale", "flavorRef": large, "imageRef": image, "networks": "none"}})["server"]["id"]
        while cloud.ask("GET", "compute", f"/servers/{server}")["server"]["status"] == "BUILD":
            time.sleep(0.05)

    def load(self, request, options, seconds=None, total=None):
        """One round. Gives milliseconds a request: of the members, and of PostgreSQL."""
        pace, first = options.pace * self.silos if seconds else 0, time.monotonic()

        def call(connection, number):
            if pace:
                time.sleep(max(0, first + number / pace - time.monotonic()))
            for service, method, path, body in request(self, number):
                answer = self.cloud.call(connection, method, service, path(answer) if callable(path) else path, body)
        began, before = time.monotonic(), self.processes.cpu()
        measured = load(call, self.cloud.services["network"], options.clients, seconds=seconds, total=total)
        return self.cost(began, before, len(measured.latencies), measured)

    def cost(self, began, before, calls, measured):
        took = time.monotonic() - began
        net = [1000 * (now - then - idle * took) / (calls or 1) for now, then, idle in zip(self.processes.cpu(), before, self.idle)]
        return {"cpu": net[0], "postgres_cpu": net[1], "rate": calls / took, "errors": measured.errors}

    def boots(self, count):
        """So many servers at once until all are there, and away again until all are gone; what a server cost for all of that."""
        cloud, measured = self.cloud, Measured()
        began, before = time.monotonic(), self.processes.cpu()

        def make(connection, number):
            return cloud.call(connection, "POST", "compute", "/servers", {"server": {
                "name": "booted", "flavorRef": self.flavor, "imageRef": self.image, "networks": "none"}})["server"]["id"]
        made = load(make, cloud.services["compute"], 4, total=count)
        self.wait(lambda servers: all(server["status"] != "BUILD" for server in servers))
        measured.errors = made.errors + [f"a server is {server['status']}" for server in self.booted() if server["status"] != "ACTIVE"]
        ids = made.values
        load(lambda connection, number: cloud.call(connection, "DELETE", "compute", f"/servers/{ids[number]}"),
             cloud.services["compute"], 4, total=len(ids))
        self.wait(lambda servers: not servers)
        return self.cost(began, before, len(ids), measured)

    def booted(self):
        # They are the newest. To ask for them by name would have all servers looked through.
        newest = self.cloud.ask("GET", "compute", "/servers/detail?limit=100")["servers"]
        return [server for server in newest if server["name"] == "booted"]

    def wait(self, done, seconds=120):
        end = time.monotonic() + seconds
        while not done(self.booted()):
            if time.monotonic() > end:
                raise SystemExit(f"servers of {self.name} do not come to rest")
            time.sleep(0.5)


def of(ids, number):
    return ids[number % len(ids)]


# What is asked: for each, the requests that are one call. A path that is a function gets the answer to the request before.
PHASES = {
    "projects, listed": lambda on, n: [("identity", "GET", "/v3/projects", None)],
    "flavors": lambda on, n: [("compute", "GET", "/flavors", None)],
    "port, shown": lambda on, n: [("network", "GET", f"/ports/{of(on.ports, n)}", None)],
    "ports, a page of 50": lambda on, n: [("network", "GET", f"/ports?limit=50&marker={of(on.ports, n)}", None)],
    "port, created and deleted": lambda on, n: [
        ("network", "POST", "/ports", {"port": {"network_id": on.network, "name": "made"}}),
        ("network", "DELETE", lambda made: f"/ports/{made['port']['id']}", None)],
    "port, changed": lambda on, n: [("network", "PUT", f"/ports/{of(on.ports, n)}", {"port": {"description": str(n)}})],
    "server, shown": lambda on, n: [("compute", "GET", f"/servers/{of(on.servers, n)}", None)],
    "servers in detail, a page of 50": lambda on, n: [("compute", "GET", f"/servers/detail?limit=50&marker={of(on.servers, n)}", None)],
    "server, changed": lambda on, n: [("compute", "PUT", f"/servers/{of(on.servers, n)}", {"server": {"description": str(n)}})],
}
BOOTS = "server, booted and deleted"


def measure_idle(clusters, seconds):
    """Processor time of clusters that nobody asks anything, at one time for all."""
    before = [(time.monotonic(), cluster.processes.cpu()) for cluster in clusters]
    time.sleep(seconds)
    for cluster, (began, then) in zip(clusters, before):
        took = time.monotonic() - began
        cluster.idle = tuple((now - was) / took for now, was in zip(cluster.processes.cpu(), then))
        print(f"{cluster.name:22} at rest: {1000 * cluster.idle[0]:5.1f} ms a second ours, {1000 * cluster.idle[1]:5.1f} PostgreSQL",
              flush=True)


def measure(clusters, options):
    phases = {name: lambda on, request=request: on.load(request, options, options.seconds) for name, request in PHASES.items()}
    if options.boots:
        phases[BOOTS] = lambda on: on.boots(options.boots)
    phases = {name: once for name, once in phases.items() if options.only is None or re.search(options.only, name)}
    for name in phases:
        for cluster in clusters:
            warm_up(cluster, name, options)
    # Now, not before: a process that has just started compiles what it does at rest, too.
    measure_idle(clusters, options.idle)
    for name, once in phases.items():
        run_phase(name, clusters, options, once)


def warm_up(cluster, name, options):
    if name == BOOTS:
        for _ in range(options.warm_up // 10 // options.boots):
            cluster.boots(options.boots)
    else:
        cluster.load(PHASES[name], options, total=options.warm_up)


def run_phase(name, clusters, options, once):
    rounds = {cluster: [] for cluster in clusters}
    for number in range(options.rounds):
        for cluster in clusters if number % 2 else clusters[::-1]:
            rounds[cluster].append(once(cluster))
    for cluster in clusters:
        cluster.rows[name] = row = {key: round(statistics.median(each[key] for each in rounds[cluster]), 3)
                                    for key in ("cpu", "postgres_cpu", "rate")}
        row["rounds"] = [round(each["cpu"], 3) for each in rounds[cluster]]
        errors = [error for each in rounds[cluster] for error in each["errors"]]
        row["errors"] = len(errors)
        print(f"{name:32} {cluster.name:22} {row['cpu']:7.3f} ms ours {row['postgres_cpu']:7.3f} PostgreSQL {row['rate']:6.0f} /s  "
              f"{min(row['rounds']):.2f} to {max(row['rounds']):.2f}{'; ' + errors[0] if errors else ''}", flush=True)


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
    """Each request's processor time in every measured cluster, and each in terms of the first; the clusters of one pace together."""
    with open(file, encoding="utf-8") as lines:
        runs = [json.loads(line) for line in lines]
    for pace in sorted({run["pace"] for run in runs}):
        print(f"\n{pace:.0f} requests a second for each silo:\n" if pace else "As many requests as the clients can:\n")
        compare_runs([run for run in runs if run["pace"] == pace])


def compare_runs(runs):
    def row(name, costs):
        first = sum(costs[0]) or 1
        print(f"| {name} | " + " | ".join(f"{ours:.2f} + {theirs:.2f}" for ours, theirs in costs) + " | "
              + " | ".join(f"{sum(each) / first:.2f}" for each in costs[1:]) + " |")
    print("| ms, ours + PostgreSQL | " + " | ".join(run["cluster"] for run in runs) + " | "
          + " | ".join(f"{run['cluster']} / first" for run in runs[1:]) + " |")
    print("|---|" + "--:|" * (2 * len(runs) - 1))
    for name in runs[0]["phases"]:
        row(name, [(run["phases"][name]["cpu"], run["phases"][name]["postgres_cpu"]) for run in runs])
    row("at rest, a second", [[1000 * each for each in run["idle"]] for run in runs])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    option = parser.add_argument
    option("--data", action="append", help="a cluster's data directory; several are measured in turns")
    option("--resources", type=int, default=1000)
    option("--seconds", type=float, default=2, help="length of each round")
    option("--warm-up", type=int, default=4000,
           help="requests of each kind before any is measured, a tenth as many boots: what is compiled then is not counted")
    option("--rounds", type=int, default=5, help="of each phase and cluster; the median is told")
    option("--clients", type=int, default=4)
    option("--pace", type=float, default=0, help="so many requests a second for each silo of a cluster; 0: as many as the clients can")
    option("--boots", type=int, default=40, help="servers in a round of boots, 100 at most; 0: none")
    option("--idle", type=float, default=15, help="seconds in which nothing is asked, to know what the clusters do by themselves")
    option("--only", help="phases whose names this regular expression finds")
    option("--memory", action="store_true", help="print the resident memory of each process")
    option("--await-nodes", type=int, help="return when so many hypervisors are there")
    option("--compare", metavar="FILE", help="print what -o has gathered")
    option("-o", "--output", help="append all figures, a line of JSON for each cluster")
    options = parser.parse_args()
    if options.compare:
        return compare(options.compare)
    if options.memory:
        return show_memory(options.data[0])
    if options.await_nodes:
        return await_nodes(options.await_nodes)
    clusters = [Cluster(data, options.resources) for data in options.data]
    measure(clusters, options)
    if options.output:
        with open(options.output, "a", encoding="utf-8") as out:
            for cluster in clusters:
                out.write(json.dumps({"cluster": cluster.name, "pace": options.pace, "idle": cluster.idle, "phases": cluster.rows}) + "\n")
    return 1 if any(row["errors"] for cluster in clusters for row in cluster.rows.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
