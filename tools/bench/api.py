#!/usr/bin/env python3
"""Measures an OpenStack API from outside: tokens, reads, networks and ports, boots and deletes one by one and in a storm.

    api.py [--pid PID] [--limit-url URL] [--disk DIR] [--servers N] [--clients N] [--seconds S] [-o FILE]

The cloud is named by the usual OS_* variables; endpoints come from the token's catalog. Two limits are measured in the same run, so that
a figure can be judged on any machine: a bare JSON endpoint of the same web server (--limit-url), and the disk's rate of fsyncs (--disk).
"""
import argparse
import json
import os
import sys
import time
import uuid
from urllib.parse import urlsplit

from load import Connection, Measured, Refused, cpu_seconds, fsyncs_per_second, load, memory_mib


class Cloud:
    """One project of a cloud: a token, and where each service is."""

    def __init__(self):
        env = os.environ
        self.auth = env["OS_AUTH_URL"].rstrip("/")
        if not self.auth.endswith("/v3"):
            self.auth += "/v3"
        domain = {"name": env.get("OS_USER_DOMAIN_NAME", "Default")}
        self.password = json.dumps({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": env.get("OS_USERNAME", "admin"), "domain": domain, "password": env["OS_PASSWORD"]}}},
            "scope": {"project": {"name": env.get("OS_PROJECT_NAME", "admin"),
                                  "domain": {"name": env.get("OS_PROJECT_DOMAIN_NAME", "Default")}}}}}).encode()
        status, headers, body = Connection(self.auth).request("POST", urlsplit(self.auth).path + "/auth/tokens", self.password)
        if status != 201:
            raise SystemExit(f"no token: {status} {body[:300]!r}")
        token = json.loads(body)["token"]
        self.token, self.project = headers["x-subject-token"], token["project"]["id"]
        self.services = {service["type"]: endpoint["url"].rstrip("/") for service in token["catalog"]
                         for endpoint in service["endpoints"] if endpoint["interface"] == "public"}
        for kind, version in (("image", "/v2"), ("network", "/v2.0")):
            if kind in self.services and not self.services[kind].endswith(version):
                self.services[kind] += version
        self.headers = (f"X-Auth-Token: {self.token}", "Accept: application/json", "X-OpenStack-Nova-API-Version: 2.37")
        self.connections = {}

    def call(self, connection, method, service, path, body=None, expect=(200, 201, 202, 204), headers=()):
        """One request to a service on the given connection; the body as JSON."""
        base = self.services[service]
        status, _, answer = connection.request(method, urlsplit(base).path + path, body, (*self.headers, *headers))
        if status not in expect:
            raise Refused(f"{method} {service}{path}: {status} {answer[:200]!r}")
        return json.loads(answer) if answer and status != 404 else None

    def ask(self, method, service, path, body=None, **more):
        """The same on this process's own connection."""
        base = self.services[service]
        connection = self.connections.setdefault(base, Connection(base))
        return self.call(connection, method, service, path, body, **more)

    def get(self, service, path):
        """A phase's call: the same GET again and again, its bytes not looked into (a client's JSON parser is not the server's cost)."""
        url, headers = urlsplit(self.services[service]).path + path, self.headers

        def once(connection, _):
            status, _, answer = connection.request("GET", url, None, headers)
            if status != 200:
                raise Refused(f"GET {url}: {status} {answer[:200]!r}")
        return once


class Bench:
    def __init__(self, cloud, options):
        self.cloud, self.options, self.rows = cloud, options, []
        self.mark = uuid.uuid4().hex[:6]

    # ---- phases -------------------------------------------------------------------------------------------------
    def run(self):
        self.limits()
        self.note_memory("memory at rest")
        self.tokens()
        self.prepare()
        for name, service, path in (("flavors", "compute", "/flavors"), ("images", "image", "/images")):
            self.read(name, service, path)
        if "network" in self.cloud.services:
            self.networks()
        self.boot_one_by_one()
        self.storm()
        self.note_memory("memory at the end")

    def limits(self):
        if self.options.disk:
            self.row("limit: fsyncs of the disk", {"rate": round(fsyncs_per_second(self.options.disk))})
        if self.options.limit_url:
            path = urlsplit(self.options.limit_url).path or "/"

            def bare(connection, _):
                if connection.request("GET", path)[0] != 200:
                    raise Refused("the bare endpoint does not answer")
            self.measure("limit: bare JSON endpoint", bare, self.options.limit_url,
                         clients=self.options.clients, seconds=self.options.seconds)

    def tokens(self):
        path = urlsplit(self.cloud.auth).path + "/auth/tokens"

        def issue(connection, _):
            status, _, answer = connection.request("POST", path, self.cloud.password)
            if status != 201:
                raise Refused(f"{status} {answer[:200]!r}")

        def validate(connection, _):
            status, _, answer = connection.request("GET", path, None, (*self.cloud.headers, f"X-Subject-Token: {self.cloud.token}"))
            if status != 200:
                raise Refused(f"{status} {answer[:200]!r}")
        for name, call in (("token_issue", issue), ("token_validate", validate)):
            self.pair(name, call, self.cloud.auth)

    def read(self, name, service, path):
        self.pair(name, self.cloud.get(service, path), self.cloud.services[service])

    def prepare(self):
        """A flavor, an image, and quotas that let a storm pass (where the cloud has quotas)."""
        cloud, flavor = self.cloud, f"bench-{self.mark}"
        body = {"flavor": {"name": flavor, "ram": 64, "vcpus": 1, "disk": 1}}
        self.flavor = cloud.ask("POST", "compute", "/flavors", body)["flavor"]["id"]
        image = cloud.ask("POST", "image", "/images", {"name": flavor, "disk_format": "raw", "container_format": "bare"})
        cloud.ask("PUT", "image", f"/images/{image['id']}/file", os.urandom(1024), headers=("Content-Type: application/octet-stream",))
        self.image = image["id"]
        quotas = {"quota_set": {"instances": -1, "cores": -1, "ram": -1}}
        cloud.ask("PUT", "compute", f"/os-quota-sets/{cloud.project}", quotas, expect=(200, 403, 404, 501))
        quotas = {"quota": {"network": -1, "port": -1, "subnet": -1}}
        if "network" in cloud.services:
            cloud.ask("PUT", "network", f"/quotas/{cloud.project}", quotas, expect=(200, 403, 404, 501))

    def networks(self):
        options, cloud, base = self.options, self.cloud, self.cloud.services["network"]

        def network(connection, number):
            body = {"network": {"name": f"n-{self.mark}-{number}"}}
            return cloud.call(connection, "POST", "network", "/networks", body)["network"]["id"]
        networks = self.measure("networks_create", network, base, clients=options.clients, total=options.networks).values

        def port(connection, number):
            body = {"port": {"network_id": networks[number % len(networks)], "name": f"p-{self.mark}-{number}"}}
            return cloud.call(connection, "POST", "network", "/ports", body)["port"]["id"]
        ports = self.measure("ports_create", port, base, clients=options.clients, total=2 * len(networks)).values
        self.read("networks_list", "network", "/networks")
        for kind, ids in (("ports", ports), ("networks", networks)):
            self.measure(f"{kind}_delete", lambda connection, number, kind=kind, ids=ids: cloud.call(
                connection, "DELETE", "network", f"/{kind}/{ids[number]}"), base, clients=options.clients, total=len(ids))

    def server(self, name):
        return {"server": {"name": name, "flavorRef": self.flavor, "imageRef": self.image, "networks": "none"}}

    def boot_one_by_one(self):
        boots, gone = Measured(), Measured()
        began, cpu = time.monotonic(), self.cpu()
        for number in range(self.options.boots + 1):
            start = time.monotonic()
            server = self.cloud.ask("POST", "compute", "/servers", self.server(f"b-{self.mark}-{number}"))["server"]["id"]
            status = self.wait_status(server)
            booted = time.monotonic()
            self.cloud.ask("DELETE", "compute", f"/servers/{server}")
            while self.cloud.ask("GET", "compute", f"/servers/{server}", expect=(200, 404)) is not None:
                time.sleep(0.005)
            if status != "ACTIVE":
                boots.errors.append(f"server {server} is {status}")
            elif number > 0:       # the first one warms up
                boots.latencies.append(booted - start)
                gone.latencies.append(time.monotonic() - booted)
        boots.seconds = gone.seconds = time.monotonic() - began
        self.result("boot.c1", boots, cpu)
        self.result("delete_until_gone.c1", gone, None)

    def wait_status(self, server, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.cloud.ask("GET", "compute", f"/servers/{server}")["server"]["status"]
            if status in ("ACTIVE", "ERROR"):
                return status
            time.sleep(0.005)
        return "late"

    def storm(self):
        options, cloud, base = self.options, self.cloud, self.cloud.services["compute"]

        def boot(connection, number):
            return cloud.call(connection, "POST", "compute", "/servers", self.server(f"s-{self.mark}-{number}"))["server"]["id"]
        cpu, began = self.cpu(), time.monotonic()
        posts = load(boot, base, options.storm_clients, total=options.servers)
        wanted = set(posts.values)
        active = self.wait_list(lambda: len(wanted & self.ids("&status=ACTIVE")), len(wanted),
                                lambda: len(wanted & self.ids("&status=ERROR")))
        self.storm_row(f"boot_storm.{options.servers}", active, options.servers, began, cpu, posts)
        self.pair(f"servers_detail.{options.servers}", cloud.get("compute", "/servers/detail?limit=1000"), base)
        self.note_memory(f"memory with {active} servers")
        ids, cpu, began = sorted(wanted), self.cpu(), time.monotonic()
        deletes = load(lambda connection, number: cloud.call(connection, "DELETE", "compute", f"/servers/{ids[number]}"),
                       base, options.storm_clients, total=len(ids))
        gone = self.wait_list(lambda: len(wanted - self.ids()), len(wanted), lambda: 0)
        self.storm_row(f"delete_storm.{options.servers}", gone, len(ids), began, cpu, deletes)

    def ids(self, query=""):
        found, marker = set(), ""
        while True:
            page = self.cloud.ask("GET", "compute", f"/servers?limit=1000{query}{marker}")["servers"]
            found.update(server["id"] for server in page)
            if len(page) < 1000:
                return found
            marker = f"&marker={page[-1]['id']}"

    def wait_list(self, count, wanted, failed):
        end = time.monotonic() + self.options.deadline
        while (reached := count()) < wanted and reached + failed() < wanted and time.monotonic() < end:
            time.sleep(0.25)
        return reached

    # ---- what was seen ------------------------------------------------------------------------------------------
    def cpu(self):
        return cpu_seconds(self.options.pid) if self.options.pid else 0.0

    def pair(self, name, call, base):
        self.measure(f"{name}.c1", call, base, clients=1, seconds=self.options.seconds)
        self.measure(f"{name}.c{self.options.clients}", call, base, clients=self.options.clients, seconds=self.options.seconds)

    def measure(self, name, call, base, **how):
        cpu = self.cpu()
        measured = load(call, base, **how)
        self.result(name, measured, None if name.startswith("limit:") else cpu)
        return measured

    def result(self, name, measured, cpu):
        row = {"rate": round(measured.rate, 1), "calls": len(measured.latencies), "errors": len(measured.errors)}
        for key, share in (("p50", .5), ("p95", .95), ("p99", .99)):
            row[key] = round(measured.quantile(share), 2)
        if cpu is not None and self.options.pid and measured.latencies:
            row["cpu"] = round(1000 * (self.cpu() - cpu) / len(measured.latencies), 3)
        if measured.errors:
            row["first error"] = measured.errors[0]
        self.row(name, row)

    def storm_row(self, name, reached, asked, began, cpu, calls):
        seconds = time.monotonic() - began
        row = {"rate": round(reached / seconds, 1), "calls": reached, "errors": asked - reached, "seconds": round(seconds, 2),
               "p50": round(calls.quantile(.5), 2), "p95": round(calls.quantile(.95), 2), "p99": round(calls.quantile(.99), 2)}
        if self.options.pid and reached:
            row["cpu"] = round(1000 * (self.cpu() - cpu) / reached, 3)
        if calls.errors:
            row["first error"] = calls.errors[0]
        self.row(name, row)

    def note_memory(self, name):
        if self.options.pid:
            resident, proportional = memory_mib(self.options.pid)
            self.row(name, {"rss_mib": round(resident), "pss_mib": round(proportional)})

    def row(self, name, row):
        self.rows.append((name, row))
        print(f"{name:28} {json.dumps(row)}", file=sys.stderr, flush=True)

    def table(self):
        lines = ["| phase | per second | p50 ms | p95 ms | p99 ms | errors | server CPU ms/op |", "|---|--:|--:|--:|--:|--:|--:|"]
        for name, row in self.rows:
            if "rss_mib" in row:
                lines.append(f"| {name} | {row['rss_mib']} MiB resident, {row['pss_mib']} MiB proportional | | | | | |")
            else:
                cells = (str(row.get(key, "")) for key in ("rate", "p50", "p95", "p99", "errors", "cpu"))
                lines.append(f"| {name} | " + " | ".join(cells) + " |")
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    option = parser.add_argument
    option("--pid", type=int, help="the server's process: its CPU time and memory are noted")
    option("--limit-url", help="a bare JSON endpoint of the same web server")
    option("--disk", help="a folder on the disk that the server writes to")
    option("--clients", type=int, default=8)
    option("--seconds", type=float, default=5, help="length of each read phase")
    option("--networks", type=int, default=40)
    option("--boots", type=int, default=10, help="boots one after another")
    option("--servers", type=int, default=100, help="size of the storm")
    option("--storm-clients", type=int, default=16)
    option("--deadline", type=float, default=300, help="seconds that a storm may take")
    option("-o", "--output", help="write all figures as JSON here")
    bench = Bench(Cloud(), parser.parse_args())
    bench.run()
    print(bench.table())
    if bench.options.output:
        with open(bench.options.output, "w", encoding="utf-8") as out:
            json.dump({"cpus": os.cpu_count(), "kernel": os.uname().release, "phases": dict(bench.rows)}, out, indent=1)
    sys.exit(1 if any(row.get("errors") for _, row in bench.rows) else 0)


if __name__ == "__main__":
    main()
