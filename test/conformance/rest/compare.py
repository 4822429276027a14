#!/usr/bin/env python3
"""compare.py - compare the REST API of a Kafka-Connect-compatible worker with recorded answers.

  compare.py run [--rest URL] [--pg DSN] [--es URL] [--kafka HOST:PORT] [--pg-replica DSN]
              [--record|--check] [--reference] [--dir DIR] [-v] [NAME ...]

DIR holds scenarios/*.json and golden/*.json (default: the folder of this file).
Without --record or --check the steps are run and their normalised answers printed.
Needs Python 3.11 and psycopg2 for scenarios with SQL; confluent_kafka, when importable, is used
only to delete the topics a scenario made.  The format is described in README.md.
"""
import argparse
import hashlib
import http.client
import json
import os
import re
import secrets
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
UNTIL_S = 30
BUSY_S = 40
BUSY = ("conflicting operation", "stale configuration", "no known leader", "rebalance",
        "currently ensuring membership", "is currently reading to the end")
HEADERS = ("Content-Type", "Location", "Allow")
SCRATCH_DB = "conf_rest"
INT_PLACEHOLDERS = {
    "lsn": "<lsn>", "lsn_proc": "<lsn>", "lsn_commit": "<lsn>", "lsn_events_processed": "<int>",
    "txId": "<txId>", "ts_usec": "<ts_usec>", "ts_ms": "<ts_ms>", "last_modified": "<timestamp>",
}


class ScenarioError(Exception):
    pass


# ---------------------------------------------------------------- environment

def parse_dsn(dsn):
    if "://" in dsn:
        u = urllib.parse.urlparse(dsn)
        return {"host": u.hostname or "127.0.0.1", "port": str(u.port or 5432),
                "user": urllib.parse.unquote(u.username or "postgres"),
                "password": urllib.parse.unquote(u.password or ""),
                "dbname": u.path.lstrip("/") or "postgres"}
    out = {"host": "127.0.0.1", "port": "5432", "user": "postgres", "password": "", "dbname": "postgres"}
    for part in dsn.split():
        key, _, value = part.partition("=")
        out[key] = value
    return out


class Env:
    def __init__(self, args):
        self.rest = urllib.parse.urlparse(args.rest)
        self.pg = parse_dsn(args.pg)
        self.replica = parse_dsn(args.pg_replica) if args.pg_replica else None
        self.es = args.es.rstrip("/")
        self.kafka = args.kafka
        self.run = ""
        self.db_ready = False

    def variables(self):
        es = urllib.parse.urlparse(self.es)
        v = {"run": self.run, "es": self.es, "es_hostport": es.netloc,
             "pg_host": self.pg["host"], "pg_port": self.pg["port"], "pg_user": self.pg["user"],
             "pg_password": self.pg["password"], "pg_db": SCRATCH_DB}
        if self.replica:
            v.update(rep_host=self.replica["host"], rep_port=self.replica["port"],
                     rep_user=self.replica["user"], rep_password=self.replica["password"],
                     rep_db=self.replica["dbname"])
        return v

    def connect(self, which, dbname):
        import psycopg2
        c = psycopg2.connect(host=which["host"], port=which["port"], user=which["user"],
                             password=which["password"], dbname=dbname, connect_timeout=10)
        c.autocommit = True
        return c

    def sql(self, statements, which=None):
        if which is None:
            self.need_db()
            conn = self.connect(self.pg, SCRATCH_DB)
        else:
            conn = self.connect(which, which["dbname"])
        try:
            with conn.cursor() as cur:
                for s in statements:
                    cur.execute(s)
                return cur.fetchall() if cur.description else []
        finally:
            conn.close()

    def need_db(self):
        if self.db_ready:
            return
        conn = self.connect(self.pg, self.pg["dbname"])
        try:
            with conn.cursor() as cur:
                cur.execute("SELECT 1 FROM pg_database WHERE datname=%s", (SCRATCH_DB,))
                if not cur.fetchone():
                    cur.execute("CREATE DATABASE " + SCRATCH_DB)
        finally:
            conn.close()
        self.db_ready = True

    def drop_db(self):
        if not self.db_ready:
            return
        conn = self.connect(self.pg, self.pg["dbname"])
        try:
            with conn.cursor() as cur:
                cur.execute("DROP DATABASE IF EXISTS " + SCRATCH_DB + " WITH (FORCE)")
        except Exception as e:
            print("note: could not drop %s: %s" % (SCRATCH_DB, str(e).splitlines()[0]))
        finally:
            conn.close()

    def http(self, method, path, headers=None, body=None, timeout=120):
        cls = http.client.HTTPSConnection if self.rest.scheme == "https" else http.client.HTTPConnection
        conn = cls(self.rest.hostname, self.rest.port or 80, timeout=timeout)
        try:
            conn.putrequest(method, self.rest.path.rstrip("/") + path, skip_accept_encoding=True)
            headers = dict(headers or {})
            data = body.encode("utf-8") if isinstance(body, str) else body
            if data is None and method in ("POST", "PUT", "PATCH"):
                data = b""
            if data is not None:
                headers.setdefault("Content-Length", str(len(data)))
            for k, v in headers.items():
                conn.putheader(k, v)
            conn.endheaders(data if data else None)
            r = conn.getresponse()
            raw = r.read()
            return r.status, {k: v for k, v in r.getheaders()}, raw
        finally:
            conn.close()

    def json_call(self, method, path, obj=None):
        status, _, raw = self.http(method, path, {"Content-Type": "application/json"} if obj is not None else {},
                                   json.dumps(obj) if obj is not None else None)
        try:
            return status, json.loads(raw) if raw else None
        except ValueError:
            return status, None


def expand(value, variables):
    """Replace ${name} in all strings; "${repeat:TEXT:N}" makes long values."""
    if isinstance(value, str):
        value = re.sub(r"\$\{repeat:(.*?):(\d+)\}", lambda m: m.group(1) * int(m.group(2)), value)
        return re.sub(r"\$\{(\w+)\}", lambda m: variables.get(m.group(1), m.group(0)), value)
    if isinstance(value, list):
        return [expand(v, variables) for v in value]
    if isinstance(value, dict):
        return {expand(k, variables): expand(v, variables) for k, v in value.items()}
    return value


# ---------------------------------------------------------------- requests

def build(request, variables):
    req = expand({k: v for k, v in request.items()}, variables)
    body, headers = None, {}
    if "fill" in req:  # {"keys": N, "size": M}: many long config entries merged into json.config
        target = req["json"].setdefault("config", {}) if "config" in req.get("json", {}) else req["json"]
        for i in range(req["fill"]["keys"]):
            target["fill.%04d" % i] = "x" * req["fill"]["size"]
    if "json" in req:
        body = json.dumps(req["json"], ensure_ascii=req.get("ascii", False))
        headers["Content-Type"] = "application/json"
    elif "raw" in req:
        body = req["raw"]
        headers["Content-Type"] = "application/json"
    for k, v in (req.get("headers") or {}).items():
        if v is None:
            headers.pop(k, None)
        else:
            headers[k] = v
    return req["method"], req["path"], headers, body


def lookup(obj, path):
    keys = path if isinstance(path, list) else path.split(".")
    for k in keys:
        if isinstance(obj, dict):
            if k not in obj:
                return None
            obj = obj[k]
        elif isinstance(obj, list):
            if k == "length":
                return len(obj)
            if not str(k).isdigit() or int(k) >= len(obj):
                return None
            obj = obj[int(k)]
        else:
            return None
    return obj


def holds(cond, status, obj):
    if isinstance(cond, list):
        return all(holds(c, status, obj) for c in cond)
    if "status" in cond:
        return status == cond["status"]
    got = lookup(obj, cond["path"])
    if "exists" in cond:
        return (got is not None) == cond["exists"]
    if "at_least" in cond:
        return isinstance(got, (int, float)) and got >= cond["at_least"]
    return got == cond["equals"]


def send(env, step, variables):
    """One request; retried while the worker says a rebalance is in the way, or until `until` holds."""
    method, path, headers, body = build(step["request"], variables)
    until = expand(step.get("until"), variables)
    start = time.monotonic()
    while True:
        status, hdrs, raw = env.http(method, path, headers, body)
        text = raw.decode("utf-8", "replace")
        try:
            obj = json.loads(text) if text else None
            is_json = bool(text)
        except ValueError:
            obj, is_json = None, False
        spent = time.monotonic() - start
        if status in (409, 500, 503) and spent < BUSY_S and any(b in text for b in BUSY) \
                and not step.get("no_retry"):
            time.sleep(0.5)
            continue
        if until is None or holds(until, status, obj):
            return status, hdrs, text, obj, is_json, None
        if spent > step.get("deadline", UNTIL_S):
            return status, hdrs, text, obj, is_json, "condition not met in %d s: %s" % (
                step.get("deadline", UNTIL_S), json.dumps(until))
        time.sleep(0.25)


# ---------------------------------------------------------------- normalising

class Normaliser:
    def __init__(self, env):
        v = env.variables()
        self.texts = [(v["run"], "${run}"), (v["es"], "${es}"), (v["es_hostport"], "${es_hostport}"),
                      (v["pg_host"] + ":" + v["pg_port"], "${pg_host}:${pg_port}")]
        if "rep_host" in v:
            self.texts.append((v["rep_host"] + ":" + v["rep_port"], "${rep_host}:${rep_port}"))
        self.by_key = {
            "database.hostname": [(v["pg_host"], "${pg_host}")],
            "database.port": [(v["pg_port"], "${pg_port}")],
            "database.user": [(v["pg_user"], "${pg_user}")],
            "database.password": [(v["pg_password"], "${pg_password}")],
        }
        if "rep_port" in v:
            self.by_key["database.port"].append((v["rep_port"], "${rep_port}"))
            self.by_key["database.dbname"] = [(v["rep_db"], "${rep_db}")]
            for key, name in (("hostname", "host"), ("user", "user"), ("password", "password")):
                self.by_key["database." + key].append((v["rep_" + name], "${pg_%s}" % name))

    def text(self, s):
        for a, b in self.texts:
            if a:
                s = s.replace(a, b)
        s = re.sub(r"location='[^']*'", "location='<location>'", s)
        # the reference puts the exception's class before this message from the second time on
        s = re.sub(r"^(?:[\w.]+Exception: )+(?=Failed to find any class )", "", s)
        return s

    def exact(self, key, value):
        for a, b in self.by_key.get(key, []):
            if value == a:
                return b
        return None

    def walk(self, value, key=None):
        if isinstance(value, dict):
            return {self.text(k): self.walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.walk(v) for v in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int) and key in INT_PLACEHOLDERS:
            return INT_PLACEHOLDERS[key]
        if isinstance(value, str):
            if key == "worker_id" and re.fullmatch(r"\S+:\d+", value):
                return "<worker_id>"
            if key in ("version", "commit", "kafka_cluster_id") and value.strip():
                return "<%s>" % key
            if key == "trace":
                return self.text(value.split("\n", 1)[0].rstrip())
            return self.exact(key, value) or self.text(value)
        return value

    def property(self, name, value):
        """A value of one property in a validate answer."""
        if isinstance(value, str):
            if name.endswith("plugin.version") and value:
                return "<version>"
            return self.exact(name, value) or self.text(value)
        return value


DESCRIPTIVE = ("documentation", "group", "order_in_group", "width", "display_name")


def reduce_definition(norm, d):
    out = {"type": d.get("type"), "required": d.get("required"),
           # the default port is no placeholder, though the server may have it
           "default_value": d.get("default_value") if d.get("name") == "database.port"
           else norm.property(d.get("name", ""), d.get("default_value")),
           "importance": d.get("importance")}
    out["described_by"] = sorted(k for k in DESCRIPTIVE if d.get(k) not in (None, ""))
    return out


def reduce_body(mode, norm, obj, request_json):
    """Bring an answer into the form in which it is recorded."""
    if mode == "configdef" and isinstance(obj, list):
        return {"configs": {d.get("name"): reduce_definition(norm, d) for d in obj}}
    if mode in ("validate", "validate-errors") and isinstance(obj, dict) and isinstance(obj.get("configs"), list):
        asked = set((request_json or {}).keys())
        configs = {}
        for c in obj["configs"]:
            d, v = c.get("definition") or {}, c.get("value") or {}
            name = v.get("name") or d.get("name")
            value = {"value": norm.property(name, v.get("value")),
                     "errors": sorted(norm.text(e) for e in v.get("errors") or [])}
            if mode == "validate":
                value.update(reduce_definition(norm, d))
                value["visible"] = v.get("visible")
                value["recommended_values"] = sorted(
                    str(norm.property(name, x)) for x in v.get("recommended_values") or [])
            elif name not in asked and not value["errors"]:
                continue
            configs[norm.text(name)] = value
        out = {"name": norm.text(str(obj.get("name"))), "error_count": obj.get("error_count"), "configs": configs}
        if mode == "validate":
            out["groups"] = "<list>" if isinstance(obj.get("groups"), list) else obj.get("groups")
        return out
    if mode == "plugins" and isinstance(obj, list):
        return [{"class": p.get("class"), "type": p.get("type"), "version": "<version>" if p.get("version") else p.get("version")}
                for p in obj]
    if mode == "type":
        return "<%s>" % type(obj).__name__
    if mode == "any":
        return "<any>"
    if mode == "digest":  # for long bodies: their keys are counted, their content hashed
        text = json.dumps(norm.walk(obj), sort_keys=True, ensure_ascii=False)
        return {"keys": len(obj) if isinstance(obj, (dict, list)) else 0, "length": len(text),
                "sha256": hashlib.sha256(text.encode()).hexdigest()}
    return norm.walk(obj)


def answer(step, norm, status, hdrs, text, obj, is_json, variables):
    compare = step.get("compare") or {}
    rec = {"id": step["id"], "status": status, "headers": {}}
    low = {k.lower(): v for k, v in hdrs.items()}
    for h in HEADERS:
        v = low.get(h.lower())
        if v is None:
            continue
        if h == "Content-Type":
            v = v.split(";")[0].strip().lower()
        elif h == "Location":
            u = urllib.parse.urlparse(v)
            v = norm.text(u.path + ("?" + u.query if u.query else ""))
        elif h == "Allow":
            v = ",".join(sorted(x.strip() for x in v.split(",")))
        rec["headers"][h] = v
    if is_json:
        prefix = compare.get("only_prefix")
        if prefix:
            prefix = expand(prefix, variables)
            if isinstance(obj, list):
                obj = sorted(x for x in obj if isinstance(x, str) and x.startswith(prefix))
            elif isinstance(obj, dict) and "error_code" not in obj:
                obj = {k: v for k, v in obj.items() if k.startswith(prefix)}
        req = expand(step["request"].get("json"), variables)
        rec["json"] = reduce_body(compare.get("body", "exact"), norm, obj, req if isinstance(req, dict) else None)
    elif text:
        rec["text"] = norm.text(text) if compare.get("body") != "any" else "<text>"
    return rec


# ---------------------------------------------------------------- comparing

def show(v):
    s = json.dumps(v, ensure_ascii=False, sort_keys=True)
    return s if len(s) <= 900 else s[:900] + "… (%d characters)" % len(s)


# After one of these the text is the runtime's own (Java's regex parser, null-pointer texts, the list of
# installed plugins): it is recorded in full, but a worker in another language need not repeat it.
RUNTIME = re.compile(r'(.*?(?:Cannot invoke "|Invalid regex: |valid regular expressions is expected, but '
                     r'|available connectors are: ))', re.S)
NO_TYPE = re.compile(r"Connector config \{(.*)\} contains no connector type", re.S)
ONE_OF = re.compile(r"(.*must be one of(?: \(case insensitive\))?:? )([^:]*)")


def same_text(exp, act, prefixes):
    if exp == act:
        return True
    e, a = ONE_OF.fullmatch(exp), ONE_OF.fullmatch(act)  # the order of an enumeration has no meaning
    if e and a and e[1] == a[1] and sorted(e[2].split(", ")) == sorted(a[2].split(", ")):
        return True
    e, a = NO_TYPE.fullmatch(exp), NO_TYPE.fullmatch(act)  # nor has that of the entries of a config
    if e and a and sorted(e[1].split(", ")) == sorted(a[1].split(", ")):
        return True
    cut = RUNTIME.match(exp)
    if cut:
        known = cut[1][:-len('Cannot invoke "')] if cut[1].endswith('Cannot invoke "') else cut[1]
        if act.startswith(known) and known.strip():
            return True
    return any(exp.startswith(p) and act.startswith(p) for p in prefixes)


ERR_HEAD = "Connector configuration is invalid and contains"


def diff_text(path, exp, act, prefixes, out):
    if same_text(exp, act, prefixes):
        return
    if exp.startswith(ERR_HEAD) and act.startswith(ERR_HEAD):
        e, a = exp.split("\n"), act.split("\n")
        if e[0] != a[0] or e[-1] != a[-1]:
            out.append("%s: expected %s, got %s" % (path, show([e[0], e[-1]]), show([a[0], a[-1]])))
        rest = a[1:-1]
        for line in e[1:-1]:
            hit = next((x for x in rest if x == line), None) or next((x for x in rest if same_text(line, x, prefixes)), None)
            if hit is None:
                out.append("%s: error line missing: %s" % (path, show(line)))
            else:
                rest.remove(hit)
        for line in rest:
            out.append("%s: error line not expected: %s" % (path, show(line)))
        return
    out.append("%s: expected %s, got %s" % (path, show(exp), show(act)))


def diff(path, exp, act, prefixes, subset, out):
    if isinstance(exp, dict) and isinstance(act, dict):
        for k in sorted(exp):
            if k not in act:
                out.append("%s.%s: missing, expected %s" % (path, k, show(exp[k])))
            else:
                diff("%s.%s" % (path, k), exp[k], act[k], prefixes, subset, out)
        if not subset:
            for k in sorted(set(act) - set(exp)):
                out.append("%s.%s: not expected, got %s" % (path, k, show(act[k])))
    elif isinstance(exp, list) and isinstance(act, list):
        if subset:
            for i, e in enumerate(exp):
                if not any(not _quiet(e, a, prefixes) for a in act):
                    out.append("%s[%d]: no element like %s" % (path, i, show(e)))
            return
        if len(exp) != len(act):
            out.append("%s: expected %d elements %s, got %d %s" % (path, len(exp), show(exp), len(act), show(act)))
            return
        if path.endswith(".errors"):
            left = list(act)
            for e in exp:
                hit = next((a for a in left if isinstance(a, str) and same_text(e, a, prefixes)), None)
                if hit is None:
                    out.append("%s: no error %s among %s" % (path, show(e), show(act)))
                else:
                    left.remove(hit)
            return
        for i, (e, a) in enumerate(zip(exp, act)):
            diff("%s[%d]" % (path, i), e, a, prefixes, subset, out)
    elif isinstance(exp, str) and isinstance(act, str):
        diff_text(path, exp, act, prefixes, out)
    elif type(exp) is not type(act) or exp != act:
        out.append("%s: expected %s, got %s" % (path, show(exp), show(act)))


def _quiet(e, a, prefixes):
    out = []
    diff("", e, a, prefixes, True, out)
    return out


def diff_configs(exp, act, prefixes, out):
    for name in sorted(exp):
        if name not in act:
            if not name.startswith("internal."):
                out.append("property %s: missing" % name)
            continue
        e, a = exp[name], act[name]
        for k in sorted(e):
            p = "property %s.%s" % (name, k)
            if k == "recommended_values":
                if any("." in x and x[0].islower() and x.split(".")[0] in ("org", "io", "com") for x in e[k]):
                    lack = [x for x in e[k] if x.startswith("org.apache.kafka.") and x not in (a.get(k) or [])]
                    if lack:
                        out.append("%s: lacks %s" % (p, show(lack)))
                elif e[k] != a.get(k):
                    out.append("%s: expected %s, got %s" % (p, show(e[k]), show(a.get(k))))
            elif k == "described_by":
                lack = [x for x in e[k] if x not in (a.get(k) or [])]
                if lack:
                    out.append("property %s: has no %s" % (name, ", ".join(lack)))
            else:
                diff(p, e[k], a.get(k), prefixes, False, out)
    for name in sorted(set(act) - set(exp)):
        if act[name].get("errors"):
            out.append("property %s: errors not expected: %s" % (name, show(act[name]["errors"])))
        if act[name].get("required"):
            out.append("property %s: additional properties must not be required" % name)


def diff_step(step, exp, act):
    out = []
    compare = step.get("compare") or {}
    prefixes = compare.get("prefix_only") or []
    mode = compare.get("body", "exact")
    if act["status"] not in compare.get("status_any_of", [exp["status"]]):
        out.append("status: expected %s, got %s" % (exp["status"], act["status"]))
    if compare.get("headers") != "any":
        for h, v in exp["headers"].items():
            if h not in act["headers"] or act["headers"][h] != v:
                out.append("header %s: expected %s, got %s" % (h, show(v), show(act["headers"].get(h))))
        if "Location" in act["headers"] and "Location" not in exp["headers"]:
            out.append("header Location: not expected, got %s" % show(act["headers"]["Location"]))
    if mode == "any":
        return out
    if "json" not in exp and "text" not in exp:
        if "json" in act or "text" in act:
            out.append("body: expected none, got %s" % show(act.get("json", act.get("text"))))
        return out
    if "text" in exp:
        got = act.get("text")
        if got is None:
            out.append("body: expected text %s, got %s" % (show(exp["text"]), show(act.get("json"))))
        elif mode == "words":
            if sorted(re.findall(r"\w+", exp["text"])) != sorted(re.findall(r"\w+", got)):
                out.append("body: expected the words of %s, got %s" % (show(exp["text"]), show(got)))
        else:
            diff_text("body", exp["text"], got, prefixes, out)
        return out
    if "json" not in act:
        out.append("body: expected JSON %s, got %s" % (show(exp["json"]), show(act.get("text"))))
        return out
    e, a = exp["json"], act["json"]
    loose = compare.get("loose") or []  # top-level keys of which only the JSON type counts
    if loose and isinstance(e, dict) and isinstance(a, dict):
        for k in loose:
            if k in e and type(e[k]) is not type(a.get(k)):
                out.append("body.%s: expected a %s, got %s" % (k, type(e[k]).__name__, show(a.get(k))))
        e = {k: v for k, v in e.items() if k not in loose}
        a = {k: v for k, v in a.items() if k not in loose}
    if mode == "plugins" and isinstance(e, list) and isinstance(a, list):
        optional = compare.get("optional") or []
        required = compare.get("required")
        have = {(p["class"], p["type"]) for p in a}
        for p in e:
            need = any(re.fullmatch(r, p["class"]) for r in required) if required else True
            if not need or any(re.fullmatch(r, p["class"]) for r in optional):
                continue
            if (p["class"], p["type"]) not in have:
                out.append("plugin missing: %s %s" % (p["type"], p["class"]))
        allowed = {p["type"] for p in e}
        for p in a:
            if p["type"] not in allowed:
                out.append("plugin of a type not expected here: %s" % show(p))
            if p["version"] != "<version>" and {"class": p["class"], "type": p["type"], "version": p["version"]} not in e \
                    and not any(x["class"] == p["class"] and x["version"] != "<version>" for x in e):
                out.append("plugin without a version: %s" % show(p))
    elif mode in ("validate", "validate-errors", "configdef") and isinstance(e, dict) and "configs" in e \
            and isinstance(a, dict) and "configs" in a:
        diff("body", {k: v for k, v in e.items() if k != "configs"},
             {k: v for k, v in a.items() if k != "configs"}, prefixes, True, out)
        diff_configs(e["configs"], a["configs"], prefixes, out)
    else:
        diff("body", e, a, prefixes, mode == "subset", out)
    return out


# ---------------------------------------------------------------- one scenario

def quote(name):
    return urllib.parse.quote(name, safe="")


def cleanup(env, scenario, variables):
    names = expand(scenario.get("connectors") or [], variables)
    _, listed = env.json_call("GET", "/connectors")
    for n in listed if isinstance(listed, list) else []:
        if n not in names and env.run in n:
            names.append(n)
    for n in names:
        p = "/connectors/" + quote(n)
        for _ in range(40):
            status, _ = env.json_call("PUT", p + "/stop")
            if status != 409:
                break
            time.sleep(0.5)
        if status == 204 and scenario.get("reset_offsets", True):
            for _ in range(40):
                code, body = env.json_call("DELETE", p + "/offsets")
                if code not in (400, 409, 500):
                    break
                time.sleep(0.25)
        for _ in range(40):
            status, _ = env.json_call("DELETE", p)
            if status in (204, 404, 400):
                break
            time.sleep(0.5)
    if names:
        try:
            env_es_delete(env)
        except OSError:
            pass
    if scenario.get("setup_sql") is not None or scenario.get("slots"):
        for slot in expand(scenario.get("slots") or ["rst_${run}"], variables):
            for _ in range(40):
                rows = env.sql(["SELECT active, active_pid FROM pg_replication_slots WHERE slot_name='%s'" % slot])
                if not rows:
                    break
                try:
                    if rows[0][1]:
                        env.sql(["SELECT pg_terminate_backend(%d)" % rows[0][1]])
                        time.sleep(0.2)
                    env.sql(["SELECT pg_drop_replication_slot('%s')" % slot])
                    break
                except Exception:
                    time.sleep(0.25)
        for (pub,) in env.sql(["SELECT pubname FROM pg_publication WHERE pubname LIKE 'rst%'"]):
            env.sql(['DROP PUBLICATION IF EXISTS "%s"' % pub])
        env.sql(expand(scenario.get("teardown_sql") or [], variables))
        for (t,) in env.sql(["SELECT tablename FROM pg_tables WHERE schemaname='public' AND tablename LIKE 'rst%'"]):
            env.sql(['DROP TABLE IF EXISTS "%s" CASCADE' % t])
    if names and env.kafka:
        drop_topics(env)


def env_es_delete(env):
    u = urllib.parse.urlparse(env.es)
    cls = http.client.HTTPSConnection if u.scheme == "https" else http.client.HTTPConnection
    conn = cls(u.hostname, u.port or 9200, timeout=20)
    conn.request("GET", "/_cat/indices/*%s*?h=index&expand_wildcards=all" % env.run)
    r = conn.getresponse()
    names = r.read().decode().split()
    for n in names if r.status == 200 else []:
        conn.request("DELETE", "/" + n)
        conn.getresponse().read()
    conn.close()


def drop_topics(env):
    try:
        import logging
        from confluent_kafka.admin import AdminClient
        log = logging.getLogger("rest.kafka")
        log.addHandler(logging.NullHandler())
        log.propagate = False
        admin = AdminClient({"bootstrap.servers": env.kafka, "socket.timeout.ms": 5000}, logger=log)
        topics = [t for t in admin.list_topics(timeout=5).topics if env.run in t]
        if topics:
            for f in admin.delete_topics(topics).values():
                try:
                    f.result(10)
                except Exception:
                    pass
    except Exception:
        pass


def play(env, scenario):
    """Run one scenario; returns [(step, record, problem)]."""
    env.run = "q" + secrets.token_hex(3)
    variables = env.variables()
    results = []
    seen = set()
    try:
        if scenario.get("setup_sql") is not None:
            env.sql(expand(scenario["setup_sql"], variables) or ["SELECT 1"])
        for i, step in enumerate(scenario["steps"]):
            if "sleep" in step:
                time.sleep(step["sleep"])
                continue
            if "sql" in step:
                env.sql(expand(step["sql"], variables), env.replica if step.get("db") == "replica" else None)
                continue
            if step.setdefault("id", "step%d" % i) in seen:
                raise ScenarioError("two steps called " + step["id"])
            seen.add(step["id"])
            status, hdrs, text, obj, is_json, problem = send(env, step, variables)
            if step.get("record", True):
                rec = answer(step, Normaliser(env), status, hdrs, text, obj, is_json, variables)
                results.append((step, rec, problem))
            elif problem:
                results.append((step, {"id": step["id"], "status": status, "headers": {}, "text": text[:500]}, problem))
    finally:
        try:
            cleanup(env, scenario, variables)
        except Exception as e:
            print("note: cleaning up after %s: %s: %s" % (scenario["name"], type(e).__name__, str(e).strip()[:300]))
    return results


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def run(args):
    env = Env(args)
    sdir, gdir = os.path.join(args.dir, "scenarios"), os.path.join(args.dir, "golden")
    names = args.names or sorted(f[:-5] for f in os.listdir(sdir) if f.endswith(".json"))
    passed = failed = 0
    started = time.monotonic()
    for name in names:
        scenario = load(os.path.join(sdir, name + ".json"))
        if "pg_replica" in scenario.get("needs", []) and not env.replica:
            print("skip  %s (needs --pg-replica)" % name)
            continue
        t0 = time.monotonic()
        problems = []
        try:
            results = play(env, scenario)
        except Exception as e:
            results = []
            problems.append("%s: %s" % (type(e).__name__, str(e).strip()[:500]))
        for step, rec, problem in results:
            if problem:
                problems.append("step %s: %s; last answer %s %s" % (
                    step["id"], problem, rec["status"], show(rec.get("json", rec.get("text")))))
        recorded = [rec for step, rec, _ in results if step.get("record", True)]
        gpath = os.path.join(gdir, name + ".json")
        rpath = os.path.join(gdir, name + ".reference.json")
        if args.record:
            hand = os.path.exists(gpath) and load(gpath).get("hand_written")
            target = rpath if hand else gpath
            if not problems:
                os.makedirs(gdir, exist_ok=True)
                with open(target, "w", encoding="utf-8") as f:
                    json.dump({"name": name, "steps": recorded}, f, ensure_ascii=False, indent=1, sort_keys=True)
                    f.write("\n")
        elif args.check:
            golden = load(rpath if args.reference and os.path.exists(rpath) else gpath)
            if golden.get("hand_written"):
                name += " (golden written by hand: not what the reference does)"
            want = {s["id"]: s for s in golden["steps"]}
            for step, rec, _ in results:
                if not step.get("record", True):
                    continue
                if step["id"] not in want:
                    problems.append("step %s: not in the golden" % step["id"])
                    continue
                problems += ["step %s: %s" % (step["id"], d) for d in diff_step(step, want[step["id"]], rec)]
            for k in want:
                if not any(rec["id"] == k for rec in recorded):
                    problems.append("step %s: did not run" % k)
        else:
            print(json.dumps({"name": name, "steps": recorded}, ensure_ascii=False, indent=1))
        took = time.monotonic() - t0
        if problems:
            failed += 1
            print("FAIL  %s  %.1f s" % (name, took))
            for p in problems:
                print("      " + p)
        else:
            passed += 1
            print("ok    %s  %.1f s" % (name, took))
        sys.stdout.flush()
    env.drop_db()
    if args.verbose:
        print("whole run %.1f s" % (time.monotonic() - started))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest="command", required=True)
    r = sub.add_parser("run", help="play scenarios")
    r.add_argument("--rest", default="http://127.0.0.1:8083")
    r.add_argument("--pg", default="postgresql://postgres:postgres@127.0.0.1:5432/exampledb")
    r.add_argument("--es", default="http://127.0.0.1:9200")
    r.add_argument("--kafka", default="127.0.0.1:9092", help="only to delete topics; empty to leave them")
    r.add_argument("--pg-replica", help="DSN of a PostgreSQL whose wal_level is replica")
    g = r.add_mutually_exclusive_group()
    g.add_argument("--record", action="store_true")
    g.add_argument("--check", action="store_true")
    r.add_argument("--reference", action="store_true", help="use NAME.reference.json where the golden is hand-written")
    r.add_argument("--dir", default=HERE)
    r.add_argument("-v", "--verbose", action="store_true")
    r.add_argument("names", nargs="*", metavar="NAME")
    args = ap.parse_args()
    try:
        sys.exit(run(args))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
