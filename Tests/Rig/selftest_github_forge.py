"""What happens on the forge beside requests: pushes, the reviewer, faults, fleets. Run by selftest_github.py."""

import os
import sys
import threading
import time

from selftest_github import ALL, HERE, ONE, equal, failed, has


def test_pushes(rig):
    pull = rig.open()
    rig.git("checkout", "-q", "--detach", "origin/main")
    rig.git("merge", "-q", "--no-ff", "-m", "by hand", pull["head"]["sha"])
    rig.git("push", "-q", "origin", "HEAD:main")
    found = rig.graphql(ONE, n=pull["number"])["data"]["repository"]["pullRequest"]
    main = rig.inside("rev-parse", "main")
    equal((found["state"], found["mergeCommit"]), ("MERGED", {"oid": main}), "merged by a push")
    gone = rig.open()
    rig.git("push", "-q", "origin", ":" + gone["head"]["ref"])
    equal(rig.graphql(ONE, n=gone["number"])["data"]["repository"]["pullRequest"]["state"], "CLOSED", "branch deleted")


def test_reviewer(rig):
    for method, parents in (("merge", 2), ("squash", 1), ("rebase", 1)):
        rig.control({"after": 0.3, "action": "merge", "method": method})
        found = rig.until(rig.open()["number"], "MERGED")
        equal(found["mergedBy"], {"login": "reviewer"}, "merged by")
        commit = rig.inside("rev-list", "--parents", "-1", found["mergeCommit"]["oid"]).split()
        equal(len(commit) - 1, parents, f"parents of a {method}")
    rig.control({"after": 0, "action": "close"})
    rig.until(rig.open()["number"], "CLOSED")
    rig.control({"after": 0, "action": "merge", "method": "squash",
                 "edit": {"path": "values.yaml", "find": "replicas: 2", "replace": "replicas: 9"}})
    found = rig.until(rig.open()["number"], "MERGED")
    has(rig.inside("show", found["mergeCommit"]["oid"] + ":values.yaml"), "replicas: 9")
    rig.control({"after": 0, "action": "merge",
                 "edit": {"path": "values.yaml", "find": "replicas: 9", "replace": "replicas: 2"}})
    rig.until(rig.open(text="image:\n  tag: back\nreplicas: 9\n")["number"], "MERGED")
    rig.control()
    pull = rig.open(path="later.yaml", text="a: 1\n")
    equal(rig.get(pull["number"])["state"], "open", "nobody reviews")
    rig.control({"action": "approve"}, required_review=True)
    for _ in range(50):
        found = rig.graphql(ONE, n=pull["number"])["data"]["repository"]["pullRequest"]
        if found["reviewDecision"] == "APPROVED":
            break
        time.sleep(0.1)
    equal(found["reviewDecision"], "APPROVED", "an open request when the script changed")


def test_faults(rig):
    head = rig.branch()
    create = ("repos/acme/shop/pulls", "-f", "base=main", "-f", "title=x", "-f", f"head={head}")
    rig.control(fail=[{"match": "POST /repos/.*/pulls", "status": 502, "times": 1}])
    failed(rig.api(*create), "HTTP 502")
    listing = ("-X", "GET", "repos/acme/shop/pulls", "-f", f"head=acme:{head}")
    equal(rig.api(*listing).json(), [], "no effect before the fault")
    rig.control(fail=[{"match": "POST /repos/.*/pulls", "status": 502, "times": 1, "after_effect": True}])
    failed(rig.api(*create), "HTTP 502")
    equal(len(rig.api(*listing).json()), 1, "the effect stands")
    failed(rig.api(*create), "already exists")
    rig.control(fail=[{"match": "GET /repos/.*/pulls", "status": 0}])
    failed(rig.api(*listing), "EOF")
    rig.control(fail=[{"match": "POST /graphql .*repository", "status": 200, "message": "Something went wrong"}])
    has(rig.api("graphql", "-f", "query=" + ONE, "-F", "n=1").err, "Something went wrong")
    rig.control(fail=[{"match": "GET /repos/.*/pulls", "status": 403, "message": "secondary rate limit",
                       "headers": {"Retry-After": 7}}])
    done = rig.api("-i", *listing)
    has(done.out, "Retry-After: 7")
    failed(done, "HTTP 403")
    rig.control(latency=0.4)
    began = time.time()
    rig.api("repos/acme/shop")
    assert time.time() - began >= 0.4, "no latency"
    rig.control(required_label="release")
    number = rig.api(*listing).json()[0]["number"]
    failed(rig.api("-X", "PUT", f"repos/acme/shop/pulls/{number}/merge"), "HTTP 405", "release")
    failed(rig.pr("merge", str(number), "--merge"), "the base branch policy prohibits the merge")
    rig.api(f"repos/acme/shop/issues/{number}/labels", "-f", "labels[]=release")
    equal(rig.pr("merge", str(number), "--merge").code, 0, "with its label")


def test_rules_of_the_base(rig):
    old = rig.open(path="behind.yaml", text="a: 1\n")
    rig.api("-X", "PUT", f"repos/acme/shop/pulls/{rig.open(path='ahead.yaml', text='a: 1')['number']}/merge")
    rig.control(strict=True)
    failed(rig.pr("merge", str(old["number"]), "--merge"), "not up to date with the base branch")
    rig.control(mergeable_after=600)
    equal(rig.get(old["number"])["mergeable"], None, "mergeable while GitHub computes it")
    equal(rig.graphql(ONE, n=old["number"])["data"]["repository"]["pullRequest"]["mergeable"], "UNKNOWN", "GraphQL")
    rig.control(delete_branch_on_merge=True, squash_merge_commit_title="COMMIT_OR_PR_TITLE",
                squash_merge_commit_message="COMMIT_MESSAGES")
    done = rig.api("-X", "PUT", f"repos/acme/shop/pulls/{old['number']}/merge", "-f", "merge_method=squash")
    equal(rig.inside("log", "-1", "--format=%B", done.json()["sha"]), f"change 0 (#{old['number']})", "squash message")
    failed(rig.api(f"repos/acme/shop/git/ref/heads/{old['head']['ref']}"), "HTTP 404")
    head = rig.branch()
    done = rig.pr("create", "--head", head, "--base", "main", "--title", "x", "--body", "y", "--draft")
    number = done.out.strip().split("/")[-1]
    failed(rig.api("-X", "PUT", f"repos/acme/shop/pulls/{number}/merge"), "still a draft")
    rig.control(fail=[{"match": "closePullRequest", "status": 502}])
    failed(rig.pr("close", number), "502 Bad Gateway")
    equal(rig.get(number)["state"], "open", "a mutation that failed before its effect")


def test_foreign_pushes_while_merging(rig):
    """The base moves all the time: no foreign commit is lost and every merge lands."""
    before = int(rig.inside("rev-list", "--count", "main"))
    pulls = [rig.open(path=f"file{number}.yaml", text="a: 1\n") for number in range(4)]
    stop, pushed = threading.Event(), []

    def push():
        while not stop.is_set():
            old = rig.inside("rev-parse", "main")
            tree = rig.inside("rev-parse", old + "^{tree}")
            new = rig.inside("commit-tree", tree, "-p", old, "-m", f"foreign {len(pushed)}")
            if rig.run(["git", "--git-dir", rig.bare, "update-ref", "refs/heads/main", new, old]).code == 0:
                pushed.append(new)
            time.sleep(0.02)

    thread = threading.Thread(target=push)
    thread.start()
    try:
        for pull in pulls:
            done = rig.api("-X", "PUT", f"repos/acme/shop/pulls/{pull['number']}/merge")
            assert done.code == 0, done
    finally:
        stop.set()
        thread.join()
    line = rig.inside("rev-list", "main").split()
    equal([one for one in pushed if one not in line], [], "lost foreign commits")
    equal(len(line), before + len(pushed) + 2 * len(pulls), "commits")


def test_fleets_log_and_query(rig):
    other = os.path.join(rig.folder, "other.git")
    rig.run(["git", "clone", "-q", "--bare", rig.bare, other])
    path = os.path.join(rig.state, "fleets", "other.json")
    rig.put(path, {"name": "other", "repo": other, "github": "acme/other", "namespaces": {}, "control": None})
    equal(rig.api("repos/acme/other").json()["full_name"], "acme/other", "registered while running")
    os.remove(path)
    failed(rig.api("repos/acme/other"), "HTTP 404")
    shown = rig.run([sys.executable, "-m", "rig.github_query", "--state", rig.state, "acme/shop"], folder=HERE)
    equal(len(shown.json()["pulls"]), rig.graphql(ALL, owner="acme", name="shop")["data"]["repository"]["pullRequests"][
        "nodes"][0]["number"], "pulls of github_query")
    entries = rig.log()
    equal([one for one in entries if one.get("event") == "error"], [], "errors of the emulator")
    found = [one for one in entries if one.get("operation") == "PullRequestCreate"]
    assert found and found[0]["status"] == 200 and found[0]["path"] == "/graphql", found[:1]
    equal(os.stat(os.path.join(rig.state, "gh")).st_mode & 0o777, 0o700, "mode of the socket's folder")


def test_ends_with_its_parent(rig):
    state = os.path.join(rig.folder, "orphan")
    script = ("import subprocess,sys;p=subprocess.Popen([sys.executable,'-m','rig.github','--state',sys.argv[1]],"
              "stdout=subprocess.PIPE);p.stdout.readline();print(p.pid)")
    done = rig.run([sys.executable, "-c", script, state], folder=HERE)
    pid = int(done.out)
    for _ in range(50):
        if not os.path.exists(f"/proc/{pid}") or open(f"/proc/{pid}/stat").read().split()[2] == "Z":
            return
        time.sleep(0.1)
    raise AssertionError(f"{pid} outlived its parent")


def test_types_are_githubs(_rig):
    """Every type, field, argument and value that the forge knows is in GitHub's published schema, of the same type."""
    path = os.environ.get("SLIPWAY_GITHUB_SCHEMA")
    if not path:
        return "SLIPWAY_GITHUB_SCHEMA is not set"
    import graphql
    from rig.github_graphql import written
    from rig.github_schema import TYPES
    with open(path, encoding="utf-8") as file:
        schema = graphql.build_schema(file.read(), assume_valid_sdl=True)
    wrong = []
    for name, one in TYPES.items():
        theirs = schema.type_map.get(name)
        if name.startswith("__") or theirs is None:
            wrong += [] if name.startswith("__") else [name]
            continue
        for field, (kind, arguments) in one["fields"].items():
            known = theirs.fields.get(field)
            if not field.startswith("__") and (known is None or str(known.type) != written(kind)):
                wrong.append(f"{name}.{field}")
            elif not field.startswith("__"):
                wrong += [f"{name}.{field}({each})" for each in arguments if each not in known.args]
        # Newer than the schema's last publication.
        wrong += [f"{name}.{value}" for value in one["values"] if value not in theirs.values
                  and not value.startswith("ISSUE_")]
    equal(wrong, [], "not GitHub's")
    return None
