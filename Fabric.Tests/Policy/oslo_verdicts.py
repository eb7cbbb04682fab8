"""What oslo.policy says: for each rule a line of verdicts, one for each caller and target; an error is a no."""
import json
import logging
import sys
import warnings

from oslo_config import cfg
from oslo_context import context
from oslo_policy import policy

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
cases = json.load(open(sys.argv[1]))
conf = cfg.ConfigOpts()
conf([], project="fabric", default_config_files=[], default_config_dirs=[])
enforcer = policy.Enforcer(conf, policy_file="none.yaml", use_conf=False)
enforcer.set_rules(policy.Rules.from_dict(cases["rules"], "default"))


def verdict(rule, caller, target):
    try:
        creds = context.RequestContext(**caller)
        return "1" if enforcer.enforce(rule, dict(target), creds) else "0"
    except Exception:
        return "0"


for name in cases["asked"]:
    print("".join(verdict(name, caller, target) for caller in cases["callers"] for target in cases["targets"]))
