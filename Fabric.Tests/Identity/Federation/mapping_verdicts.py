"""What Keystone makes of drawn mappings: lines of JSON, each a case and its outcome. Arguments: seed, how many of each kind; those of
Documents/mappings.jsonl are 1 and 220.

The order of values that a set let through is Python's whim; here it is that of the assertion."""
import json
import logging
import random
import sys

from keystone import exception
from keystone.federation import utils

logging.disable(logging.CRITICAL)
random.seed(int(sys.argv[1]))
pick, chance = random.choice, lambda share: random.random() < share


class Processor(utils.RuleProcessor):
    def _evaluate_requirement(self, values, assertion_values, eval_type, regex):
        kept = super()._evaluate_requirement(values, assertion_values, eval_type, regex)
        is_set = isinstance(kept, list) and not (regex and eval_type == "whitelist")
        return sorted(kept, key=assertion_values.index) if is_set else kept


TYPES = ["name", "mail", "teams", "kind", "absent"]
VALUES = ["ada", "bob", "dev", "ops", "team-a", "team-b", "codename", "my domain name", "Zoë", "a'b", 'a"b', "a'b\"c", "back\\slash",
          "tab\there", "line\nbreak", "{0}", "['x', 'y']", "[1, 2]", "", " ", "\u200b", "日本", "[]", "['q\\x41']", "['a' 'b']", "('a',)",
          "JSON:{\"name\": \"g\", \"domain\": {\"name\": \"D\"}}", "JSON:{\"name\": \"g\"}", "JSON:[\"domain\", \"name\"]",
          "JSON:{\"name\": \"h\", \"domain\": {\"id\": \"d1\"}}", "JSON:", "1234", "x;y", "ada@idp.test"]
PATTERNS = ["^a", "b$", "team-[ab]", "(?i)DEV", ".*", "^$", "[", "(?P<n>a)(?P=n)?", r"\d+", r"\Z", "a{,2}b", r"\p{L}", "(?<n>a)", "a++", "x|",
            "[[a]", r"\w+@\w+\.test$", "(?s:.)", "a(?i)b", r"\N", "(a)(?(1)d|x)", "[^a-z]"]
FORMATS = ["{0}", "{1}", "{2}", "{}", "{} {}", "{0} {1}", "x-{0}", "{0[0]}", "{0[1]}", "{1[0]}", "{0!r}", "{0!s}", "{1!a}", "{0:>8}", "{0:*^9}",
           "{0:.2}", "{0:10}", "{0:d}", "{{0}}", "{0", "}", "{name}", "{0}{}", "plain", "codename", "", "{0[x]}", "{-1}", "{0:{1}}", "{ 0 }",
           "{00}", "{0[-1]}", "['{0}', 'z']", "{0[0]", "{0!x}", "{0:5s}", "{0:=5}", "{0:05}"]


def texts(pool, most=3):
    return [pick(pool) for _ in range(random.randint(1, most))]


def remote():
    rule = {"type": pick(TYPES[:4]) if chance(.93) else "absent"}
    if chance(.5):
        kind = pick(["any_one_of", "not_any_of", "blacklist", "whitelist", "whitelist", "blacklist"])
        if chance(.3):
            rule[kind], rule["regex"] = texts(PATTERNS), pick([True, True, True, False])
        else:
            rule[kind] = texts(VALUES)
        if chance(.04):
            rule[kind].append(pick([1, None, {"a": 1}, True]))
    return rule


def domain():
    return pick([{"id": "d1"}, {"name": "D"}, {"name": "{0}"}, {"id": "d1", "name": "D"}, {}]) if chance(.4) else {"name": "D"}


def form():
    return pick(FORMATS) if chance(.5) else pick(FORMATS[:6])


def local():
    made = {}
    if chance(.6):
        made["user"] = {key: form() for key in ("id", "name", "email") if chance(.5)}
        if chance(.3):
            made["user"]["domain"] = domain()
        if chance(.3):
            made["user"]["type"] = pick(["local", "ephemeral"])
    if chance(.3):
        made["group"] = {"id": form()} if chance(.4) else {"name": form(), "domain": domain()}
    if chance(.3):
        made["groups"] = form()
    if chance(.3):
        made["group_ids"] = form()
    if "groups" in made and chance(.8):
        made["domain"] = domain()
    if chance(.15):
        made["projects"] = [{"name": form(), "roles": [{"name": form()} for _ in range(random.randint(0, 2))]} for _ in range(2)]
        if chance(.1):
            made["projects"][0]["roles"].append({"name": "member", "more": pick([1, ["x"], None])})
    return made


def engine_case():
    said = {kind: ";".join(texts(VALUES, 4)) if chance(.6) else pick(VALUES[:6]) for kind in TYPES[:4] if chance(.95)}
    rules = [{"local": [local() for _ in range(random.randint(1, 2))], "remote": [remote() for _ in range(random.randint(1, 3))]}
             for _ in range(random.randint(1, 3))]
    try:
        utils.validate_mapping_structure({"rules": rules})
    except exception.ValidationError:
        return engine_case()
    case = {"rules": json.loads(json.dumps(rules)), "said": said}
    try:
        made = Processor("m", rules).process(said)
        for group in made["group_names"]:
            # Keystone asks its database for a number as for a text.
            group["name"], _ = str(group["name"]), group["domain"].get("id")
        made["group_ids"] = sorted({str(each) for each in made["group_ids"]})
        case["made"] = made
    except Exception:
        case["made"] = None
    return case


JUNK = [1, 1.5, True, None, "x", [], {}, ["a"], {"id": 1}, [{}], "it's", {"a": [1, None]}]


def spoiled(node, depth):
    if chance(.12):
        return pick(JUNK)
    if isinstance(node, dict):
        made = {key: spoiled(value, depth + 1) for key, value in node.items() if chance(.96)}
        if chance(.08):
            made[pick(["more", "type", "id", "name", "additionalProperties", "regex", "whitelist"])] = pick(JUNK)
        return made
    return [spoiled(each, depth + 1) for each in node] if isinstance(node, list) else node


def schema_case():
    mapping = spoiled({"rules": [{"local": [local() for _ in range(random.randint(1, 2))], "remote": [remote() for _ in range(1, 3)]}
                                 for _ in range(random.randint(0, 2))]}, 0)
    case = {"mapping": json.loads(json.dumps(mapping)), "error": None}
    try:
        utils.validate_mapping_structure(mapping)
    except exception.ValidationError as error:
        case["error"] = str(error)
    return case


for _ in range(int(sys.argv[2])):
    for made_case in (engine_case(), schema_case()):
        print(json.dumps(made_case, ensure_ascii=True))
