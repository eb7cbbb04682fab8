"""keystonemiddleware's auth_token, which guards every OpenStack service, as it comes with Debian, in front of a small application and with
the cloud as its Keystone. Credentials come from OS_* in the environment, and TOKEN_SECONDS: how long the cloud's tokens live when it is to
be seen what becomes of one that is over. Prints one line a step, and fails at the first answer that is not as with Keystone."""
import json
import logging
import os
import time
import uuid
import warnings

import webob
from keystoneauth1 import session
from keystoneauth1.identity import v3
from keystoneclient.v3 import client
from keystonemiddleware import auth_token

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
tag = uuid.uuid4().hex[:8]
url = os.environ["OS_AUTH_URL"] + "/v3"
lifetime = int(os.environ.get("TOKEN_SECONDS", "0"))


def step(name):
    print(name, flush=True)


def by(plugin):
    return client.Client(session=session.Session(auth=plugin), interface="public")


def token(plugin):
    return session.Session(auth=plugin).get_token()


def app(environ, start):
    """Answers with what the middleware told it of the caller."""
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({key: value for key, value in environ.items() if key.startswith(("HTTP_X_", "HTTP_OPENSTACK_"))}).encode()]


def guard(**options):
    return auth_token.AuthProtocol(app, {
        "auth_type": "password", "auth_url": url, "username": guardian.name, "password": "guard", "user_domain_id": "default",
        "project_name": services.name, "project_domain_id": "default", "www_authenticate_uri": url, "interface": "public",
        "service_type": "compute", "service_token_roles": "service", "service_token_roles_required": "True", "token_cache_time": "-1",
        **options})


def asked(token, path="/v2.1/servers", method="GET", service=None, at=None):
    headers = {"X-Auth-Token": token, "X-Service-Token": service}
    request = webob.Request.blank(path, method=method, headers={key: value for key, value in headers.items() if value})
    return request.get_response(at or strict)


def let_in(token, **request):
    answer = asked(token, **request)
    assert answer.status_int == 200, answer
    return answer.json


def turned_away(token, **request):
    answer = asked(token, **request)
    assert answer.status_int == 401 and answer.headers["WWW-Authenticate"] == f'Keystone uri="{url}"', answer


def has(wanted, found):
    found = {key: found.get("HTTP_" + key) for key in wanted}
    assert wanted == found, f"{found} is not {wanted}"


admin = by(v3.Password(
    url, username=os.environ["OS_USERNAME"], password=os.environ["OS_PASSWORD"], project_name=os.environ["OS_PROJECT_NAME"],
    user_domain_id="default", project_domain_id="default"))
roles = {role.name: role for role in admin.roles.list()}
role = roles.get("service") or admin.roles.create("service")
services = admin.projects.create(f"services-{tag}", "default")
guardian = admin.users.create(f"guard-{tag}", domain="default", password="guard")
for each in (role, roles["admin"]):
    admin.roles.grant(each, user=guardian, project=services)
project = admin.projects.create(f"mine-{tag}", "default")
user = admin.users.create(f"me-{tag}", domain="default", password="me")
admin.roles.grant(roles["member"], user=user, project=project)
strict = guard()


def mine(**scope):
    return v3.Password(url, user_id=user.id, password="me", **(scope or {"project_id": project.id}))


def guards():
    return v3.Password(url, user_id=guardian.id, password="guard", project_id=services.id)


if lifetime:
    step("a token that is over")
    old = token(mine())
    let_in(old)
    time.sleep(lifetime + 1)
    turned_away(old)
    let_in(old, service=token(guards()))
    turned_away(old, service=token(mine()))
    step("done")
    raise SystemExit

step("who the caller is")
turned_away(None)
turned_away("nonsense")
has({"X_IDENTITY_STATUS": "Confirmed", "X_PROJECT_ID": project.id, "X_PROJECT_NAME": project.name, "X_PROJECT_DOMAIN_ID": "default",
     "X_USER_ID": user.id, "X_USER_NAME": user.name, "X_USER_DOMAIN_NAME": "Default", "X_ROLES": "member,reader",
     "X_DOMAIN_ID": None}, let_in(token(mine())))
assert json.loads(let_in(token(mine()))["HTTP_X_SERVICE_CATALOG"])
has({"X_PROJECT_ID": None, "X_USER_ID": user.id, "X_ROLES": "", "X_SERVICE_CATALOG": None}, let_in(token(mine(unscoped=True))))
admin.roles.grant(roles["member"], user=user, domain="default")
has({"X_DOMAIN_ID": "default", "X_DOMAIN_NAME": "Default", "X_PROJECT_ID": None}, let_in(token(mine(domain_id="default"))))
admin.roles.grant(roles["reader"], user=user, system="all")
has({"OPENSTACK_SYSTEM_SCOPE": "all", "X_PROJECT_ID": None, "X_ROLES": "reader"}, let_in(token(mine(system_scope="all"))))

step("service tokens")
seen = let_in(token(mine()), service=token(guards()))
has({"X_USER_ID": user.id, "X_SERVICE_IDENTITY_STATUS": "Confirmed", "X_SERVICE_USER_NAME": guardian.name}, seen)
assert "service" in seen["HTTP_X_SERVICE_ROLES"].split(","), seen
turned_away(token(mine()), service=token(mine()))

step("what ends a token")
forgetful, revoked = guard(token_cache_time="300"), token(mine())
let_in(revoked)
let_in(revoked, at=forgetful)
admin.tokens.revoke_token(revoked)
turned_away(revoked)
let_in(revoked, at=forgetful)  # a cache's price, with Keystone too
for ends, begins in [
        (lambda: admin.users.update(user, enabled=False), lambda: admin.users.update(user, enabled=True)),
        (lambda: admin.projects.update(project, enabled=False), lambda: admin.projects.update(project, enabled=True)),
        (lambda: admin.roles.revoke(roles["member"], user=user, project=project),
         lambda: admin.roles.grant(roles["member"], user=user, project=project))]:
    held = token(mine())
    let_in(held)
    ends()
    turned_away(held)
    begins()

step("application credentials and their access rules")
me = by(mine())
lent = me.application_credentials.create(f"lent-{tag}", secret="s", access_rules=[
    {"service": "compute", "method": "GET", "path": "/v2.1/servers"}, {"service": "compute", "method": "GET", "path": "/v2.1/servers/*"},
    {"service": "image", "method": "GET", "path": "/v2/images/**"}])
held = token(v3.ApplicationCredential(url, application_credential_id=lent.id, application_credential_secret="s"))
has({"X_USER_ID": user.id, "X_PROJECT_ID": project.id}, let_in(held))
let_in(held, path="/v2.1/servers/1")
turned_away(held, path="/v2.1/servers/1/ips")
turned_away(held, method="POST")
turned_away(held, path="/v2/images/1")
let_in(held, path="/v2/images/1/file", at=guard(service_type="image"))
let_in(held, method="POST", service=token(guards()))  # a service goes on with what the user was let begin
turned_away(held, at=guard(service_type=""))
me.application_credentials.delete(lent.id)
turned_away(held)

step("trusts")
trust = me.trusts.create(guardian.id, user.id, project=project.id, role_names=["member"], impersonation=True)
held = token(v3.Password(url, user_id=guardian.id, password="guard", trust_id=trust.id))
has({"X_USER_ID": user.id, "X_PROJECT_ID": project.id, "X_ROLES": "member,reader"}, let_in(held))
me.trusts.delete(trust.id)
turned_away(held)

step("delete")
for each in (user, guardian):
    admin.users.delete(each)
for each in (project, services):
    admin.projects.delete(each)
step("done")
