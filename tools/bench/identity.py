#!/usr/bin/env python3
"""Measures an identity service from outside: logins, validation of tokens, the catalog, long lists.

    identity.py [--pids PID,...] [--metrics URL] [--rows N] [--tokens N] [--seconds S] [--only REGEX] [--label TEXT] [--clean] [-o FILE]

The cloud is named by the usual OS_* variables. What the lists need (N users, N assignments of a role to 100 of them on N/100 projects) is
made by the API where it is not there yet, and found again by the next run; --clean removes it instead. Short requests are sent by wrk, so
that the client is not the limit; those that take long by load.py, a number of them, so that none is cut off. Beside the rates stands the
processor time of all processes named by --pids for one request: on a machine that does other work too it is what can be compared.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import tempfile
import time
from urllib.parse import urlsplit
from urllib.request import urlopen

from load import Connection, Refused, cpu_seconds, load

PREFIX = "bench-identity-"
ACTORS = 100
SLOW = 0.15
SCRIPT = """
local requests, at = {}, 0
local raw = io.open(os.getenv("BENCH_REQUESTS"), "rb"):read("*a")
for one in raw:gmatch("([^\\1]+)") do requests[#requests + 1] = one end
function request() at = at % #requests + 1 return requests[at] end
function done(summary, latency)
  -- A server that ends each body with its connection is counted by wrk among those that cannot be read from.
  local bad = summary.errors.connect + summary.errors.status + summary.errors.timeout
  print(string.format('RESULT {"calls": %d, "seconds": %f, "errors": %d, "p50": %f, "p95": %f}', summary.requests,
    summary.duration / 1e6, bad, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3))
end
"""


class Identity:
    """The service, a token of its admin, and requests as bytes."""

    def __init__(self):
        env = os.environ
        self.base = env["OS_AUTH_URL"].rstrip("/")
        if not self.base.endswith("/v3"):
            self.base += "/v3"
        parts = urlsplit(self.base)
        self.host, self.path = f"{parts.hostname}:{parts.port or 80}", parts.path
        self.login = json.dumps({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": env.get("OS_USERNAME", "admin"), "domain": {"name": env.get("OS_USER_DOMAIN_NAME", "Default")},
                "password": env["OS_PASSWORD"]}}},
            "scope": {"project": {"name": env.get("OS_PROJECT_NAME", "admin"),
                                  "domain": {"name": env.get("OS_PROJECT_DOMAIN_NAME", "Default")}}}}}).encode()
        self.connection = Connection(self.base)
        self.token = self.new_token()

    def new_token(self, scoped_by=None):
        body = self.login if scoped_by is None else json.dumps({"auth": {
            "identity": {"methods": ["token"], "token": {"id": scoped_by}},
            "scope": {"project": {"name": os.environ.get("OS_PROJECT_NAME", "admin"),
                                  "domain": {"name": os.environ.get("OS_PROJECT_DOMAIN_NAME", "Default")}}}}}).encode()
        status, headers, answer = self.connection.request("POST", self.path + "/auth/tokens", body)
        if status != 201:
            raise SystemExit(f"no token: {status} {answer[:300]!r}")
        return headers["x-subject-token"]

    def call(self, connection, method, path, body=None, expect=(200, 201, 204)):
        status, _, answer = connection.request(method, self.path + path, body, (f"X-Auth-Token: {self.token}",))
        if status not in expect:
            raise Refused(f"{method} {path}: {status} {answer[:200]!r}")
        return json.loads(answer) if answer and status < 300 else {}

    def ask(self, method, path, body=None, **more):
        return self.call(self.connection, method, path, body, **more)

    def raw(self, method, path, body=b"", headers=()):
        lines = [f"{method} {self.path}{path} HTTP/1.1", f"Host: {self.host}", *headers]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def get(self, path, *headers):
        return self.raw("GET", path, headers=(f"X-Auth-Token: {self.token}", *headers))


class Rows:
    """Users, projects and assignments for long lists."""

    def __init__(self, identity, count):
        self.identity, self.count = identity, count
        self.role = identity.ask("GET", "/roles?name=member")["roles"][0]["id"]

    def ensure(self):
        users = self.made("users", "user", self.count)[:ACTORS]
        projects = self.made("projects", "project", max(1, self.count // ACTORS))
        there = {(line["user"]["id"], line["scope"]["project"]["id"]) for line in self.assignments() if "project" in line["scope"]}
        missing = [(user, project) for project in projects for user in users if (user, project) not in there]
        self.many(missing, lambda connection, pair: self.identity.call(
            connection, "PUT", f"/projects/{pair[1]}/users/{pair[0]}/roles/{self.role}"))
        print(f"{self.count} users, {len(users) * len(projects)} assignments: {len(missing)} of them new", flush=True)

    def assignments(self):
        return [line for line in self.identity.ask("GET", f"/role_assignments?role.id={self.role}")["role_assignments"] if "user" in line]

    def made(self, collection, member, count):
        known = self.found(collection)
        names = [f"{PREFIX}{number:06}" for number in range(count)]
        missing = [name for name in names if name not in known]
        self.many(missing, lambda connection, name: self.identity.call(
            connection, "POST", f"/{collection}", {member: {"name": name, "domain_id": "default"}}))
        if missing:
            known = self.found(collection)
        return [known[name] for name in names]

    def found(self, collection):
        found = self.identity.ask("GET", f"/{collection}?domain_id=default")[collection]
        return {one["name"]: one["id"] for one in found if one["name"].startswith(PREFIX)}

    def clean(self):
        for collection in ("projects", "users"):
            ids = list(self.found(collection).values())
            self.many(ids, lambda connection, one, kind=collection: self.identity.call(connection, "DELETE", f"/{kind}/{one}"))
            print(f"{len(ids)} {collection} removed", flush=True)

    def many(self, items, call):
        """Calls for each item, by four clients; the values are not of interest."""
        if not items:
            return
        measured = load(lambda connection, number: call(connection, items[number]) and None, self.identity.base, 4, total=len(items))
        if measured.errors:
            raise SystemExit(f"{len(measured.errors)} of {len(items)} failed: {measured.errors[0]}")


class Bench:
    def __init__(self, identity, options):
        self.identity, self.options, self.rows, self.rest = identity, options, {}, 0.0

    def run(self):
        self.measure_rest()
        one, options = self.identity, self.options
        login = one.raw("POST", "/auth/tokens", one.login)
        self.phase(options.label + "token_issue", [login], 201)
        if options.metrics:
            self.outside_the_hash(login)
        self.phase("token_validate", [one.get("/auth/tokens", f"X-Subject-Token: {one.token}")])
        self.phase(f"token_validate.{options.tokens}_tokens", self.subjects)
        self.phase("catalog", [one.get("/auth/catalog")])
        if not options.rows:
            return
        for name, path in (("assignments", "/role_assignments"), ("assignments.names", "/role_assignments?include_names"),
                           ("assignments.effective", "/role_assignments?effective"), ("users", "/users")):
            self.phase(f"{name}.{options.rows}", [one.get(path)])

    def subjects(self):
        """Requests that validate a token each, all different."""
        tokens = [self.identity.new_token(self.identity.token) for _ in range(self.options.tokens)]
        return [self.identity.get("/auth/tokens", f"X-Subject-Token: {token}") for token in tokens]

    def phase(self, name, requests, status=200):
        if self.options.only and not re.search(self.options.only, name):
            return
        requests = requests() if callable(requests) else requests
        began = time.monotonic()
        answer = Connection(self.identity.base).exchange(requests[0])
        if answer[0] != status:
            raise SystemExit(f"{name}: {answer[0]} {answer[2][:300]!r}")
        slow = time.monotonic() - began > SLOW
        for clients in (1, 8):
            if slow:
                row = self.counted(requests[0], status, clients)
            else:
                self.warm_up(requests, clients)
                row = self.timed(requests, clients, self.options.seconds)
            self.row(f"{name}.c{clients}", row)

    def warm_up(self, requests, clients):
        """A runtime that compiles as it goes is warm after a number of requests, which takes longer where others are at work too."""
        calls, rounds = 0, 0
        while rounds < 10 and (rounds == 0 or calls < self.options.warm_calls):
            calls, rounds = calls + self.timed(requests, clients, self.options.warm_up)["calls"], rounds + 1

    def timed(self, requests, clients, seconds):
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in ("script.lua", "requests")]
            for name, content in zip(names, (SCRIPT.encode(), b"\1".join(requests))):
                with open(name, "wb") as file:
                    file.write(content)
            cpu, began = self.cpu(), time.monotonic()
            found = subprocess.run(
                ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "-s", names[0], f"http://{self.identity.host}"],
                env={**os.environ, "BENCH_REQUESTS": names[1]}, capture_output=True, text=True, check=True)
            row = json.loads(re.search(r"RESULT (.*)", found.stdout).group(1))
            return self.with_rates(row, cpu, began)

    def counted(self, request, status, clients):
        """So many that it takes about the time asked for, and three for each client at least."""
        def call(connection, _):
            answer = connection.exchange(request)
            if answer[0] != status:
                raise Refused(f"{answer[0]} {answer[2][:200]!r}")
        first = load(call, self.identity.base, 1, total=2)
        total = max(3 * clients, min(200, int(self.options.seconds / (first.quantile(.5) / 1000))))
        cpu, began = self.cpu(), time.monotonic()
        found = load(call, self.identity.base, clients, total=total)
        return self.with_rates({"calls": len(found.latencies), "seconds": found.seconds, "errors": len(found.errors),
                                "p50": found.quantile(.5), "p95": found.quantile(.95)}, cpu, began)

    def with_rates(self, row, cpu, began):
        row["rate"] = round(row["calls"] / row["seconds"], 2)
        if self.options.pids and row["calls"]:
            row["cpu"] = round(1000 * self.spent(cpu, began) / row["calls"], 4)
        return {key: round(value, 3) if key in ("p50", "p95", "seconds") else value for key, value in row.items()}

    def measure_rest(self, seconds=6):
        """What the service does when nobody asks, in its quietest second: no part of what a request costs."""
        if self.options.pids:
            seen = []
            for _ in range(seconds):
                cpu = self.cpu()
                time.sleep(1)
                seen.append(self.cpu() - cpu)
            self.rest = min(seen)
            self.row("at rest", {"rate": 0, "cpu_of_a_second": round(1000 * self.rest, 2)})

    def spent(self, cpu, began):
        return max(0.0, self.cpu() - cpu - self.rest * (time.monotonic() - began))

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.options.pids)

    def outside_the_hash(self, login):
        """What of a login's processor time is not the hash: by what the server says that hashes took, and by hashing here."""
        before, cpu, began, count = self.hashes(), self.cpu(), time.monotonic(), 20
        load(lambda connection, _: connection.exchange(login) and None, self.identity.base, 1, total=count)
        spent, after = self.spent(cpu, began), self.hashes()
        done, seconds = after[0] - before[0], after[1] - before[1]
        row = {"rate": 0, "calls": count, "hashes": done, "cpu": round(1000 * spent / count, 3)}
        if done:
            began = time.process_time()
            for _ in range(20):
                hashlib.pbkdf2_hmac("sha512", b"secret", b"0123456789abcdef", self.options.rounds, 64)
            row["hash here, ms"] = round(1000 * (time.process_time() - began) / 20, 3)
            row["hash there, ms"] = round(1000 * seconds / done, 3)
            row["outside, %"] = round(100 * (1 - row["hash here, ms"] / row["cpu"]), 1)
        self.row(self.options.label + "login beside its hash", row)

    def hashes(self):
        with urlopen(self.options.metrics) as page:
            text = page.read().decode()
        values = [re.search(rf"^fabric_identity_password_hash_duration_seconds_{part}(?:{{[^}}]*}})? (\S+)", text, re.M)
                  for part in ("count", "sum")]
        return tuple(float(value.group(1)) if value else 0.0 for value in values)

    def row(self, name, row):
        self.rows[name] = row
        print(f"{name:<36}{json.dumps(row)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pids", type=lambda text: [int(pid) for pid in re.split(r"[ ,]+", text) if pid], default=[])
    parser.add_argument("--metrics", help="where the server says how long its hashes took")
    parser.add_argument("--rounds", type=int, default=210_000, help="of the server's hash")
    parser.add_argument("--rows", type=int, default=10_000, help="0: no lists")
    parser.add_argument("--tokens", type=int, default=1_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--warm-calls", type=int, default=0, help="how many calls at least before each phase, within ten warm-ups")
    parser.add_argument("--only", help="phases whose names match")
    parser.add_argument("--label", default="", help="before the names of logins: cold or warm")
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()
    identity = Identity()
    rows = Rows(identity, options.rows)
    if options.clean:
        rows.clean()
        return
    if options.rows:
        rows.ensure()
    bench = Bench(identity, options)
    bench.run()
    if options.output:
        known = {}
        if os.path.exists(options.output):
            with open(options.output, encoding="utf-8") as file:
                known = json.load(file)["phases"]
        with open(options.output, "w", encoding="utf-8") as file:
            json.dump({"phases": {**known, **bench.rows}}, file, indent=1)


if __name__ == "__main__":
    main()
