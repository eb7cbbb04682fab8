"""A walk through every identity command of the openstack client, as it comes with Debian, in one process. Credentials come from OS_* in
the environment. Prints one line a step; fails at the first command that does not do what it does with Keystone, and at the end when one
was left out."""
import contextlib
import importlib.metadata
import io
import json
import logging
import os
import shlex
import tempfile
import uuid
import warnings

from cliff import lister, show
from openstackclient import shell
from openstackclient.common import clientmanager
from osc_lib import clientmanager as clients

warnings.simplefilter("ignore")
tag = uuid.uuid4().hex[:8]
ADMIN = {key: value for key, value in os.environ.items() if key.startswith("OS_")}
COMMANDS = {point.name.replace("_", " "): point.load() for point in importlib.metadata.entry_points(group="openstack.identity.v3")}
walked = set()


def step(name):
    print(name, flush=True)


def call(line, who):
    """Exit code, what the command made (parsed where it prints a table), and what it said on stderr."""
    argv = shlex.split(line)
    name = next((" ".join(argv[:n]) for n in (4, 3, 2) if " ".join(argv[:n]) in COMMANDS), None)
    walked.add(name)
    if name and issubclass(COMMANDS[name], (show.ShowOne, lister.Lister)):
        argv += ["-f", "json"]
    # The client keeps its sessions in a class, since a process runs one command; here each command is somebody's.
    for manager in (clients.ClientManager, clientmanager.ClientManager):
        for cache in vars(manager).values():
            if isinstance(cache, clients.ClientCache):
                cache._handle = None
    for key in [key for key in os.environ if key.startswith("OS_")]:
        del os.environ[key]
    os.environ.update(who)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        logging.getLogger().handlers.clear()
        try:
            code = shell.main(argv)
        except SystemExit as exit:
            code = exit.code
    text = out.getvalue()
    return code if isinstance(code, int) else 0, json.loads(text) if text[:1] in ("{", "[") else text, err.getvalue()


def run(line, who=ADMIN):
    code, made, said = call(line, who)
    assert code == 0, f"{line}: {said}"
    return made


def refused(text, line, who=ADMIN):
    code, made, said = call(line, who)
    assert code != 0 and text in said, f"{line}: ended with {code}, {made!r}, {said!r}"


def column(line, name, who=ADMIN):
    return [row[name] for row in run(line, who)]


def same(wanted, found):
    assert wanted == found, f"{found!r} is not {wanted!r}"


def has(wanted, found):
    same(wanted, {key: found.get(key) for key in wanted})


def login(user, password, domain, **scope):
    return {"OS_AUTH_URL": ADMIN["OS_AUTH_URL"], "OS_IDENTITY_API_VERSION": "3", "OS_USERNAME": user, "OS_PASSWORD": password,
            "OS_USER_DOMAIN_NAME": domain, **{"OS_" + key.upper(): value for key, value in scope.items()}}


files = tempfile.TemporaryDirectory()


def file(name, content):
    path = os.path.join(files.name, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(content if isinstance(content, str) else json.dumps(content))
    return path


step("domains")
D = f"d-{tag}"
domain = run(f"domain create {D} --description one")["id"]
refused("it is not permitted to have two projects acting as domains with the same name", f"domain create {D}")
same(domain, run(f"domain create {D} --or-show")["id"])
has({"name": D, "description": "one", "enabled": True, "options": {}, "tags": []}, run(f"domain show {D}"))
has({"enabled": False, "options": {"immutable": False}}, run(f"domain create other-{tag} --disable --no-immutable"))
run(f"domain set other-{tag} --name second-{tag} --description two --disable")
has({"name": f"second-{tag}", "description": "two", "enabled": False}, run(f"domain show second-{tag}"))
same([D], column(f"domain list --name {D} --enabled", "Name"))
refused("Cannot delete a domain that is enabled, please disable it first. (HTTP 403)", f"domain delete {D}")
run(f"domain delete second-{tag}")
refused(f"No domain with a name or ID of 'second-{tag}' exists.", f"domain show second-{tag}")

step("projects")
P = f"p-{tag}"
project = run(f"project create {P} --domain {D} --description one --property a=b --tag t1 --tag t2")
has({"name": P, "domain_id": domain, "parent_id": domain, "is_domain": False, "a": "b"}, project)
same(["t1", "t2"], sorted(project["tags"]))
project = project["id"]
same(project, run(f"project create {P} --domain {D} --or-show")["id"])
child = run(f"project create child-{tag} --domain {D} --parent {P} --disable --immutable")["id"]
has({"parent_id": project, "enabled": False, "options": {"immutable": True}}, run(f"project show child-{tag} --domain {D}"))
has({"subtree": {child: None}}, run(f"project show {project} --children"))
has({"parents": {project: {domain: None}}}, run(f"project show {child} --parents"))
refused("since it is not a leaf in the hierarchy", f"project delete {project}")
run(f"project set {child} --no-immutable")
run(f"project set {child} --enable --name kid-{tag} --tag t3 --property c=d")
has({"enabled": True, "name": f"kid-{tag}", "tags": ["t3"], "c": "d"}, run(f"project show {child}"))
K = f"kid-{tag}"
for wanted, filters in [
        ([P], "--tags t1,t2"), ([], "--tags t1,t3"), ([K, P], "--tags-any t1,t3"), ([K], "--not-tags t1,t2"), ([], "--not-tags-any t1,t3"),
        ([K], f"--parent {project}")]:
    same(wanted, sorted(column(f"project list --domain {D} {filters}", "Name")))
same([P, K], column(f"project list --domain {D} --long --sort name:desc", "Name"))
run(f"project set {project} --remove-tag t1 --description two")
has({"tags": ["t2"], "description": "two"}, run(f"project show {project}"))
run(f"project set {project} --clear-tags")
refused("does not match '^[^,/]*$'", f"project create bad-{tag} --tag a/b")
refused("Invalid input for field 'name'", f"project create {'y' * 65}")
run(f"project delete {child}")

step("users and their passwords")
U = f"u-{tag}"
user = run(f"user create {U} --domain {D} --password one --email a@example.org --description one --project {P} --project-domain {D}")
has({"name": U, "domain_id": domain, "default_project_id": project, "email": "a@example.org", "options": {}, "enabled": True}, user)
user = user["id"]
refused(f"Duplicate entry found with name {U} at domain ID {domain}. (HTTP 409)", f"user create {U} --domain {D} --password x")
friend = run(f"user create friend-{tag} --domain {D} --password friend --ignore-lockout-failure-attempts --ignore-password-expiry "
             "--ignore-change-password-upon-first-use --enable-lock-password --enable-multi-factor-auth "
             "--multi-factor-auth-rule password,totp --multi-factor-auth-rule password")
has({"options": {"ignore_change_password_upon_first_use": True, "ignore_lockout_failure_attempts": True, "ignore_password_expiry": True,
                 "lock_password": True, "multi_factor_auth_enabled": True,
                 "multi_factor_auth_rules": [["password", "totp"], ["password"]]}}, friend)
friend = friend["id"]
run(f"user set {friend} --no-ignore-password-expiry --disable-lock-password --disable-multi-factor-auth --disable")
has({"enabled": False, "name": f"friend-{tag}"}, run(f"user show friend-{tag} --domain {D}"))
run(f"user set {friend} --enable --email b@example.org --name pal-{tag}")
same([f"pal-{tag}", U], sorted(column(f"user list --domain {D} --long", "Name")))
run(f"role add member --user {user} --project {project}")
same([U], column(f"user list --project {project}", "Name"))
mine = login(U, "one", D, project_name=P, project_domain_name=D)
refused("(HTTP 401)", "user password set --password two --original-password wrong", mine)
run("user password set --password two --original-password one", mine)
refused("The request you have made requires authentication. (HTTP 401)", "token issue", mine)
mine["OS_PASSWORD"] = "two"
refused("You are not authorized to perform the requested action: identity:list_users. (HTTP 403)", "user list", mine)
same([P], column("project list --my-projects", "Name", mine))

step("groups")
G = f"g-{tag}"
group = run(f"group create {G} --domain {D} --description one")["id"]
same(group, run(f"group create {G} --domain {D} --or-show")["id"])
run(f"group add user {G} {U} pal-{tag} --group-domain {D} --user-domain {D}")
same(f"{U} in group {G}\n", run(f"group contains user {G} {U} --group-domain {D} --user-domain {D}"))
same([G], column(f"group list --domain {D} --user {user}", "Name"))
same([f"pal-{tag}", U], sorted(column(f"user list --group {group}", "Name")))
run(f"group remove user {group} {friend}")
refused(f"User '{friend}' not found in group '{group}' (HTTP 404)", f"group remove user {group} {friend}")
run(f"group set {G} --domain {D} --name gang-{tag} --description two")
has({"name": f"gang-{tag}", "description": "two", "domain_id": domain}, run(f"group show {group}"))

step("roles, implied and given")
R, R2 = f"r-{tag}", f"s-{tag}"
role, implied = (run(f"role create {name} --description one")["id"] for name in (R, R2))
own = run(f"role create own-{tag} --domain {D} --immutable")["id"]
refused('Set resource option "immutable" to false first. (HTTP 403)', f"role set {own} --name x")
run(f"role set own-{tag} --domain {D} --no-immutable")
run(f"role set own-{tag} --domain {D} --description two")
has({"name": f"own-{tag}", "domain_id": domain, "description": "two"}, run(f"role show own-{tag} --domain {D}"))
same([f"own-{tag}"], column(f"role list --domain {D}", "Name"))
assert R in column("role list", "Name")
same({"prior_role": role, "implies": implied}, run(f"implied role create {R} --implied-role {R2}"))
assert {"Prior Role ID": role, "Prior Role Name": R, "Implied Role ID": implied, "Implied Role Name": R2} in run("implied role list")
for whom in (f"--user {user}", f"--group {group}"):
    for where in (f"--project {project}", f"--domain {domain}", f"--project {project} --inherited", f"--domain {domain} --inherited",
                  "--system all"):
        run(f"role add {R} {whom} {where}")
        has({"Role": f"{R}"}, next(row for row in run(f"role assignment list --names --role {R} {whom} {where.replace('--inherited', '')}")
                                   if row["Inherited"] == ("--inherited" in where)))
        run(f"role remove {R} {whom} {where}")
    same([], run(f"role assignment list --role {R} {whom}"))
run(f"role add {R} --group {group} --project {project}")
run(f"role add own-{tag} --role-domain {D} --user {U} --user-domain {D} --project {P} --project-domain {D}")
same(sorted(["member", "reader", R, R2]),
     sorted(column(f"role assignment list --effective --names --user {user} --project {project}", "Role")))
same(sorted(["member", f"own-{tag}"]), sorted(column(f"role assignment list --names --user {user}", "Role")))
assert "admin" in column("role assignment list --names --auth-user --auth-project", "Role")
refused("identity:list_role_assignments. (HTTP 403)", "role assignment list --auth-user", mine)
refused("Could not find role assignment with role", f"role remove {R} --user {user} --project {project}")
run(f"implied role delete {R} --implied-role {R2}")

step("regions, services, endpoints, and whose catalog has them")
run(f"region create reg-{tag} --description one")
run(f"region create sub-{tag} --parent-region reg-{tag}")
same([f"sub-{tag}"], column(f"region list --parent-region reg-{tag}", "Region"))
run(f"region set sub-{tag} --description two")
has({"region": f"sub-{tag}", "description": "two", "parent_region": f"reg-{tag}"}, run(f"region show sub-{tag}"))
service = run(f"service create type-{tag} --name svc-{tag} --description one --disable")["id"]
run(f"service set {service} --enable --description two")
has({"type": f"type-{tag}", "name": f"svc-{tag}", "enabled": True, "description": "two"}, run(f"service show svc-{tag}"))
assert f"type-{tag}" in column("service list --long", "Type")
endpoint = run(f"endpoint create {service} public http://example.org/%(tenant_id)s --region reg-{tag}")["id"]
spare = run(f"endpoint create svc-{tag} internal http://example.org/in --disable")["id"]
refused("Invalid input for field 'url'", f"endpoint create {service} public nowhere")
run(f"endpoint set {spare} --url http://example.org/new --region reg-{tag} --interface admin --enable")
has({"url": "http://example.org/new", "interface": "admin", "region": f"reg-{tag}", "enabled": True}, run(f"endpoint show {spare}"))
same([endpoint], column(f"endpoint list --service svc-{tag} --interface public --region reg-{tag}", "ID"))
shown = {each["id"]: each["url"] for each in run(f"catalog show type-{tag}", mine)["endpoints"]}
same({endpoint: f"http://example.org/{project}", spare: "http://example.org/new"}, shown)
assert "identity" in column("catalog list", "Type", mine)
run(f"endpoint add project {spare} {P} --project-domain {D}")
same([spare], column(f"endpoint list --project {project}", "ID"))
run(f"endpoint remove project {spare} {project}")
chosen = file("filters.json", {"service_id": service, "interface": "public"})
eg = run(f"endpoint group create eg-{tag} {chosen} --description one")["id"]
run(f"endpoint group set eg-{tag} --name set-{tag} --description two --filters {chosen}")
has({"name": f"set-{tag}", "description": "two"}, run(f"endpoint group show {eg}"))
run(f"endpoint group add project {eg} {P} --project-domain {D}")
same([eg], column(f"endpoint group list --project {project}", "ID"))
same([project], column(f"endpoint group list --endpointgroup {eg}", "ID"))
same([f"type-{tag}"], column("catalog list", "Type", mine))
run(f"endpoint group remove project {eg} {project}")
assert eg in column("endpoint group list", "ID")
run(f"endpoint group delete {eg}")

step("limits")
registered = run(f"registered limit create cores --service {service} --default-limit 10 --description one --region reg-{tag}")["id"]
run(f"registered limit set {registered} --default-limit 12 --description two")
has({"default_limit": 12, "description": "two", "region_id": f"reg-{tag}"}, run(f"registered limit show {registered}"))
same([registered], column(f"registered limit list --service {service} --resource-name cores --region reg-{tag}", "ID"))
limit = run(f"limit create cores --project {project} --service {service} --resource-limit 5 --region reg-{tag}")["id"]
refused("(HTTP 403)", f"limit create none --project {project} --service {service} --resource-limit 5")
run(f"limit set {limit} --resource-limit 6 --description two")
has({"resource_limit": 6, "project_id": project, "description": "two"}, run(f"limit show {limit}", mine))
system = login(ADMIN["OS_USERNAME"], ADMIN["OS_PASSWORD"], "Default", system_scope="all")
same([limit], column(f"limit list --project {project} --resource-name cores", "ID", system))
same([], run(f"limit list --project {project}"))  # a token of another project sees that project's
refused("(HTTP 403)", f"registered limit delete {registered}")
run(f"limit delete {limit}")
run(f"registered limit delete {registered}")

step("credentials")
secret = run(f"credential create {user} blob --type cert --project {project}")["id"]
# A Keystone with Debian's security updates takes a new blob alone; the client has no command for that.
run(f"credential set {secret} --user {user} --type other --data blob2")
has({"type": "other", "blob": "blob2", "user_id": user, "project_id": project}, run(f"credential show {secret}"))
same([secret], column(f"credential list --user {user} --type other", "ID"))
run(f"credential delete {secret}")
access = run("ec2 credentials create", mine)["access"]
same([access], column("ec2 credentials list", "Access", mine))
has({"project_id": project, "user_id": user}, run(f"ec2 credentials show {access}", mine))
run(f"ec2 credentials delete {access}", mine)
refused("(HTTP 404)", f"ec2 credentials show {access}", mine)

step("application credentials")
rules = file("rules.json", [{"path": "/v2.1/servers", "method": "GET", "service": "compute"}])
lent = run(f"application credential create ac-{tag} --secret s --role member --unrestricted --expiration 2099-01-01T00:00:00", mine)
has({"name": f"ac-{tag}", "secret": "s", "unrestricted": True, "project_id": project, "roles": "member"}, lent)
ruled = run(f"application credential create ruled-{tag} --restricted --access-rules {rules}", mine)["id"]
same(sorted([f"ac-{tag}", f"ruled-{tag}"]), sorted(column("application credential list", "Name", mine)))
has({"id": lent["id"], "expires_at": "2099-01-01T00:00:00.000000"}, run(f"application credential show ac-{tag}", mine))
robot = {"OS_AUTH_URL": ADMIN["OS_AUTH_URL"], "OS_AUTH_TYPE": "v3applicationcredential", "OS_IDENTITY_API_VERSION": "3",
         "OS_APPLICATION_CREDENTIAL_ID": lent["id"], "OS_APPLICATION_CREDENTIAL_SECRET": "s"}
has({"project_id": project, "user_id": user}, run("token issue", robot))
rule = run("access rule list", mine)[0]["ID"]
has({"path": "/v2.1/servers", "method": "GET", "service": "compute"}, run(f"access rule show {rule}", mine))
refused("(HTTP 403)", f"access rule delete {rule}", mine)
run(f"application credential delete {ruled} ac-{tag}", mine)
run(f"access rule delete {rule}", mine)
refused("(HTTP 40", "token issue", robot)

step("trusts")
member = run("role show member")["id"]  # who may not read roles names them by id
trust = run(f"trust create {user} {friend} --project {project} --role {member} --impersonate --expiration 2099-01-01T00:00:00", mine)
has({"trustor_user_id": user, "trustee_user_id": friend, "project_id": project, "impersonation": True, "roles": "member"}, trust)
assert trust["id"] in column("trust list", "ID")
has({"id": trust["id"]}, run(f"trust show {trust['id']}"))
has({"user_id": user, "project_id": project}, run("token issue", login(f"pal-{tag}", "friend", D, trust_id=trust["id"])))
run(f"trust delete {trust['id']}", mine)
assert trust["id"] not in column("trust list", "ID")

step("OAuth")
consumer = run(f"consumer create --description one-{tag}")
run(f"consumer set {consumer['id']} --description two-{tag}")
has({"description": f"two-{tag}"}, run(f"consumer show {consumer['id']}"))
assert consumer["id"] in column("consumer list", "ID")
run(f"role add member --user {ADMIN['OS_USERNAME']} --project {project}")
keys = f"--consumer-key {consumer['id']} --consumer-secret {consumer['secret']}"
asked = run(f"request token create {keys} --project {project}")
verifier = run(f"request token authorize --request-key {asked['id']} --role member")["oauth_verifier"]
exchange = f"access token create {keys} --request-key {asked['id']} --request-secret {asked['secret']} --verifier"
refused("(HTTP 40", exchange + " wrong")
given = run(f"{exchange} {verifier}")
# This plugin signs the address as it is given.
delegate = {"OS_AUTH_URL": ADMIN["OS_AUTH_URL"] + "/v3", "OS_AUTH_TYPE": "v3oauth1", "OS_IDENTITY_API_VERSION": "3",
            "OS_CONSUMER_KEY": consumer["id"], "OS_CONSUMER_SECRET": consumer["secret"], "OS_ACCESS_KEY": given["id"],
            "OS_ACCESS_SECRET": given["secret"]}
same(project, run("token issue", delegate)["project_id"])
run(f"consumer delete {consumer['id']}")
refused("(HTTP 40", "token issue", delegate)

step("federation")
mapping = file("mapping.json", [{"local": [{"user": {"name": "{0}"}}, {"group": {"id": group}}], "remote": [{"type": "UserName"}]}])
run(f"mapping create m-{tag} --rules {mapping}")
run(f"mapping set m-{tag} --rules {mapping}")
same(group, run(f"mapping show m-{tag}")["rules"][0]["local"][1]["group"]["id"])
assert f"m-{tag}" in column("mapping list", "ID")
refused("(HTTP 400)", f"mapping create bad-{tag} --rules {file('bad.json', [{'local': []}])}")
run(f"identity provider create idp-{tag} --remote-id a-{tag} --remote-id b-{tag} --description one --domain {D}")
run(f"identity provider set idp-{tag} --disable --remote-id-file {file('ids', f'c-{tag}')} --description two")
has({"enabled": False, "remote_ids": [f"c-{tag}"], "domain_id": domain, "description": "two"}, run(f"identity provider show idp-{tag}"))
assert f"idp-{tag}" in column("identity provider list", "ID")
at = f"--identity-provider idp-{tag}"
run(f"federation protocol create pr {at} --mapping m-{tag}")
refused("(HTTP 400)", f"federation protocol set pr {at} --mapping none-{tag}")
run(f"federation protocol set pr {at} --mapping m-{tag}")
same([{"id": "pr", "mapping": f"m-{tag}"}], run(f"federation protocol list {at}"))
same({"id": "pr", "mapping": f"m-{tag}"}, run(f"federation protocol show pr {at}"))
run(f"federation protocol delete pr {at}")
run(f"identity provider delete idp-{tag}")
run(f"mapping delete m-{tag}")
same([P], column("federation project list", "Name", mine))
same([], run("federation domain list", mine))
run(f"service provider create sp-{tag} --auth-url http://sp/auth --service-provider-url http://sp/acs --description one --disable")
run(f"service provider set sp-{tag} --enable --auth-url http://sp/auth2 --service-provider-url http://sp/acs2 --description two")
has({"auth_url": "http://sp/auth2", "sp_url": "http://sp/acs2", "enabled": True, "description": "two",
     "relay_state_prefix": "ss:mem:"}, run(f"service provider show sp-{tag}"))
assert f"sp-{tag}" in column("service provider list", "ID")
run(f"service provider delete sp-{tag}")

step("policies")
policy = run(f"policy create {file('policy', '{}')} --type text/plain")["id"]
run(f"policy set {policy} --type application/json --rules {file('policy2', 'two')}")
has({"type": "application/json", "rules": "two"}, run(f"policy show {policy}"))
assert policy in column("policy list --long", "ID")
run(f"policy delete {policy}")

step("tokens")
run(f"role add admin --user {ADMIN['OS_USERNAME']} --domain default")
for scope, key in [({"system_scope": "all"}, "user_id"), ({"domain_name": "Default"}, "domain_id"), ({}, "user_id")]:
    assert run("token issue", login(ADMIN["OS_USERNAME"], ADMIN["OS_PASSWORD"], "Default", **scope))[key]
run(f"role remove admin --user {ADMIN['OS_USERNAME']} --domain default")
token = run("token issue", mine)["id"]
bearer = {"OS_AUTH_URL": ADMIN["OS_AUTH_URL"], "OS_AUTH_TYPE": "v3token", "OS_IDENTITY_API_VERSION": "3", "OS_TOKEN": token,
          "OS_PROJECT_ID": project}
same(project, run("token issue", bearer)["project_id"])
run(f"token revoke {token}", mine)
refused("(HTTP 404)", f"token revoke {token}")

step("away with it")
run(f"endpoint delete {endpoint} {spare}")
run(f"service delete {service}")
run(f"region delete sub-{tag} reg-{tag}")
run(f"role delete {R} {R2}")
run(f"role delete own-{tag} --domain {D}")
run(f"group delete {group}")
run(f"user delete {U} pal-{tag} --domain {D}")
run(f"project delete {P} --domain {D}")
run(f"domain set {D} --disable")
run(f"domain delete {D}")
assert D not in column("domain list", "Name")
left = sorted(set(COMMANDS) - walked)
assert not left, f"not walked: {left}"
step("done")
